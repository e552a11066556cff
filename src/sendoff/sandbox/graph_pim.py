"""Graph's Privileged Identity Management: an administrator makes somebody eligible for a role, or no longer.

Vendor's page: learn.microsoft.com/graph/api/rbacapplication-post-roleeligibilityschedulerequests. Played: the answer to
POST with adminAssign and adminRemove; requests are not kept. The codes of its refusals are unverified.
"""

from datetime import datetime, timedelta

from sendoff.sandbox import graph_guard
from sendoff.sandbox.entra import utc
from sendoff.sandbox.graph_filter import error
from sendoff.sandbox.wire import Obj, Request, Response, answer, text
from sendoff.sandbox.world import Identity, Thing, World

KIND = "roleEligibilitySchedule"
SHORTEST = timedelta(minutes=5)


def serve(world: World, who: Identity, request: Request) -> Response:
    """POST: 201 with the status. Errors: 400 no such eligibility, too young, or one too many; 403; 405."""
    if request.method != "POST":
        return error(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
    if not graph_guard.manages_roles(world, who):
        return graph_guard.denied()
    asked = request.json()
    match text(asked, "action"):
        case "adminAssign":
            return _assign(world, who, asked)
        case "adminRemove":
            return _remove(world, who, asked)
        case _:
            return error(400, "InvalidAction", "The action is not supported for this request.")


def _held(world: World, who: Identity, asked: Obj) -> Thing | None:
    same = ("principalId", "roleDefinitionId", "directoryScopeId")
    return next(
        (
            one
            for one in world.all("graph", KIND)
            if one.place == who.tenant and all(text(one.raw, name) == text(asked, name) for name in same)
        ),
        None,
    )


def _assign(world: World, who: Identity, asked: Obj) -> Response:
    if _held(world, who, asked) is not None:
        return error(400, "RoleAssignmentExists", "The Role assignment already exists.")
    holder = graph_guard.any_object(world, text(asked, "principalId"))
    role = world.get("graph", "roleDefinition", text(asked, "roleDefinitionId"))
    if not holder or role is None:
        return error(400, "Request_BadRequest", "principalId and a known roleDefinitionId are required.")
    owner = next((one.slug for one in world.customers.values() if one.tenant == who.tenant), "msp")
    ident = world.fresh("eligible")
    raw: Obj = {
        "id": ident,
        "principalId": text(asked, "principalId"),
        "roleDefinitionId": text(asked, "roleDefinitionId"),
        "directoryScopeId": text(asked, "directoryScopeId"),
        "appScopeId": None,
        "startDateTime": utc(world),
        "endDateTime": None,
        "memberType": "Direct",
        "roleEligibilityScheduleId": ident,
        "status": "Provisioned",
    }
    world.add(Thing("graph", KIND, ident, owner, raw, who.tenant))
    return _made(world, asked, "Provisioned")


def _remove(world: World, who: Identity, asked: Obj) -> Response:
    held = _held(world, who, asked)
    if held is None:
        return error(400, "RoleAssignmentDoesNotExist", "The Role assignment does not exist.")
    since = datetime.fromisoformat(text(held.raw, "startDateTime").replace("Z", "+00:00"))
    if world.now - since < SHORTEST:
        return error(400, "ActiveDurationTooShort", "The active duration is too short. Minimum required is 5 minutes.")
    world.remove(held)
    return _made(world, asked, "Revoked")


def _made(world: World, asked: Obj, status: str) -> Response:
    names = ("action", "principalId", "roleDefinitionId", "directoryScopeId", "justification")
    body: Obj = {name: asked.get(name) for name in names}
    return answer(201, {"id": world.fresh("request"), "status": status, "createdDateTime": utc(world), **body})
