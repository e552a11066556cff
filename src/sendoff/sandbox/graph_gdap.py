"""Granular delegated administration: a relationship ends by a request, and takes its time.

Vendor's page: learn.microsoft.com/graph/api/delegatedadminrelationship-post-requests. An app alone may not.
"""

from datetime import timedelta

from sendoff.sandbox import graph_guard
from sendoff.sandbox.entra import utc
from sendoff.sandbox.graph_filter import BASE, error, listing
from sendoff.sandbox.record import VENDOR
from sendoff.sandbox.wire import Obj, Request, Response, answer, text
from sendoff.sandbox.world import Identity, Thing, World

KIND = "delegatedAdminRelationship"
REQUEST = "delegatedAdminRelationshipRequest"
STATES = ("terminationRequested", "terminating", "terminated")


def serve(world: World, who: Identity, thing: Thing, request: Request) -> Response:
    """GET or POST …/{id}/requests. Errors: 400 another action or state, 403 an app or no admin agent, 405."""
    if request.method == "GET":
        held = [one.raw for one in world.all("graph", REQUEST) if text(one.raw, "relationship") == thing.id]
        rows: list[Obj] = [{key: value for key, value in one.items() if key != "relationship"} for one in held]
        return listing(rows, request, "requests")
    if request.method != "POST":
        return error(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
    if who.kind != "person" or not agent(world, who):
        return graph_guard.denied()
    if text(request.json(), "action") != "terminate" or text(thing.raw, "status") != "active":
        return error(400, "BadRequest", "The action is not valid for the relationship in its present status.")
    ident = world.fresh("gdap-request")
    raw: Obj = {"id": ident, "action": "terminate", "status": "created", "createdDateTime": utc(world)}
    row: Obj = {**raw, "relationship": thing.id}
    world.add(Thing("graph", REQUEST, ident, thing.owner, row, thing.place))
    world.change(thing, {"status": STATES[0]})
    world.slow.ending[thing.id] = world.now
    settle(world)
    at = f"{BASE}/tenantRelationships/delegatedAdminRelationships/{thing.id}/requests/{ident}"
    return answer(201, raw, {"Location": at})


def agent(world: World, who: Identity) -> bool:
    """Whether a person is one of the partner's administration agents."""
    group = text(world.msp, "admin_group_id")
    links = [one.raw for one in world.all("graph", "membership") if text(one.raw, "groupId") == group]
    return any(text(one, "memberId") == who.principal for one in links)


def settle(world: World) -> None:
    """Bring each ending relationship to the state that the clock says."""
    for ident, since in list(world.slow.ending.items()):
        thing = world.get("graph", KIND, ident)
        pause = timedelta(minutes=world.habits.ending)
        state = STATES[2] if world.now >= since + 2 * pause else STATES[1] if world.now >= since + pause else STATES[0]
        if thing is None or state == STATES[2]:
            del world.slow.ending[ident]
        if thing is not None and text(thing.raw, "status") != state:
            with world.record.by(VENDOR):
                world.change(thing, {"status": state})
