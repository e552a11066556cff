"""Graph's groups: who is in them, who owns them, and who may delete them.

Vendor's pages: learn.microsoft.com/graph/api for group-list-members, group-list-owners, group-delete.
"""

from sendoff.sandbox import graph_guard
from sendoff.sandbox.graph_filter import error, listing, not_found
from sendoff.sandbox.wire import Json, Obj, Request, Response, plain, text
from sendoff.sandbox.world import Identity, Thing, World

RELATIONS = frozenset({"members", "owners"})
MOST = 20
"""How many objects $expand gives at most."""


def links(world: World, group: str, relation: str) -> list[Thing]:
    """The memberships or ownerships of a group."""
    return [
        one
        for one in world.all("graph", "membership")
        if text(one.raw, "groupId") == group and text(one.raw, "rel") == relation
    ]


def related(world: World, group: Thing, rest: list[str], request: Request) -> Response:
    """Answer a call below /groups/{id}/members or owners. Errors: 400 a count that was not asked for right, 404."""
    found = links(world, group.id, rest[0])
    if request.method == "DELETE" and len(rest) == 3:
        gone = [one for one in found if text(one.raw, "memberId") == rest[1]]
        for one in gone:
            world.remove(one)
        return Response(204) if gone else not_found(rest[1])
    rows = [graph_guard.any_object(world, text(one.raw, "memberId")) for one in found]
    if not request.path.startswith("/beta/"):
        # Known issue of v1.0, on the vendor's page: service principals are not listed.
        rows = [one for one in rows if text(one, "@odata.type") != "#microsoft.graph.servicePrincipal"]
    rows = [one for one in rows if one]
    return _count(len(rows), request) if rest[1:] == ["$count"] else listing(rows, request, "directoryObjects")


def _count(number: int, request: Request) -> Response:
    if request.headers.get("consistencylevel", "").lower() != "eventual":
        return error(400, "Request_BadRequest", "$count is not currently supported.")
    return plain(200, str(number), "text/plain")


def expanded(world: World, group: Thing, request: Request) -> Obj:
    """The group as $expand asks: with its first members or owners, whatever they are."""
    relation = request.ask("$expand").partition("(")[0]
    if relation not in RELATIONS:
        return group.raw
    found = [graph_guard.any_object(world, text(one.raw, "memberId")) for one in links(world, group.id, relation)]
    inner: list[Json] = [one for one in found if one]
    return {**group.raw, relation: inner[:MOST]}


def refused(world: World, who: Identity, group: Thing) -> Response | None:
    """Why this caller may not delete a group: it comes from the customer's own Active Directory (that it is this answer
    is unverified), or it is role-assignable and the caller neither owns it nor may manage roles."""
    if group.raw.get("onPremisesSyncEnabled") is True:
        return graph_guard.denied()
    owns = any(text(one.raw, "memberId") == who.principal for one in links(world, group.id, "owners"))
    if group.raw.get("isAssignableToRole") is True and not owns and not graph_guard.manages_roles(world, who):
        return graph_guard.denied()
    return None
