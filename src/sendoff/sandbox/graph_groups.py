"""Graph's groups: who is in them, who owns them, and who may delete them.

Vendor's pages: learn.microsoft.com/graph/api for group-list-members, group-list-owners, group-delete.
"""

from sendoff.sandbox import graph_guard
from sendoff.sandbox.graph_filter import listing, not_found, segment
from sendoff.sandbox.graph_path import cast, is_cast
from sendoff.sandbox.wire import Json, Obj, Request, Response, text
from sendoff.sandbox.world import Identity, Thing, World

RELATIONS = frozenset({"members", "owners"})
TRANSITIVE = "transitivemembers"
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
    """Answer a call below /groups/{id}/members, transitiveMembers or owners. Errors: 400, 404."""
    through = rest[0].lower() == TRANSITIVE
    found = _all_links(world, group.id) if through else links(world, group.id, rest[0])
    if request.method == "DELETE" and len(rest) == 3:
        gone = [one for one in found if text(one.raw, "memberId") == rest[1]]
        for one in gone:
            world.remove(one)
        return Response(204) if gone else not_found(rest[1])
    if rest[1:] and not is_cast(rest[1:]):
        return segment(rest[1])
    names = dict.fromkeys(text(one.raw, "memberId") for one in found)
    rows = [graph_guard.any_object(world, one) for one in names]
    if not request.path.startswith("/beta/"):
        # Known issue of v1.0, on the vendor's page: service principals are not listed.
        rows = [one for one in rows if text(one, "@odata.type") != "#microsoft.graph.servicePrincipal"]
    return listing(cast([one for one in rows if one], rest[1:]), request, "directoryObjects")


def _all_links(world: World, group: str) -> list[Thing]:
    """The memberships of a group and of the groups in it, each group once."""
    found, seen, todo = [], set(), [group]
    while todo:
        at = todo.pop(0)
        if at not in seen:
            seen.add(at)
            inner = links(world, at, "members")
            found += inner
            todo += [text(one.raw, "memberId") for one in inner]
    return found


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
