"""Graph's paths, played: $count, type casts, alternate keys and sorting, as Microsoft's own client writes them."""

from sandbox_callers import GRAPH, LEAVES, Estate, code, estate

from sendoff.sandbox.wire import Obj, arr, dig, obj, text
from sendoff.sandbox.world import Thing


def _rows(world: Estate, url: str) -> list[Obj]:
    return world.pages("graph", f"/v1.0{url}", world.app(GRAPH), "@odata.nextLink")


def test_a_count_is_a_bare_number_and_only_for_an_advanced_query() -> None:
    world = estate()
    key = world.app(GRAPH)
    said = world.graph("GET", "/users/$count", key, consistencylevel="eventual")
    assert said.headers["Content-Type"].startswith("text/plain") and int(said.body) == len(_rows(world, "/users"))
    assert code(world.graph("GET", "/users/$count", key)) == "Request_BadRequest"
    one = text(_rows(world, "/users")[0], "id")
    assert world.graph("GET", f"/users/{one}/$count", key, consistencylevel="eventual").status == 400


def test_members_are_narrowed_by_either_name_of_a_type() -> None:
    world = estate()
    groups = [text(one, "id") for one in _rows(world, "/groups")]
    full = next(one for one in groups if _rows(world, f"/groups/{one}/members"))
    users = _rows(world, f"/groups/{full}/members/microsoft.graph.user")
    assert users and users == _rows(world, f"/groups/{full}/members/graph.user")
    assert _rows(world, f"/groups/{full}/members/graph.device") == []
    refused = world.graph("GET", f"/groups/{full}/members/graph.nothing", world.app(GRAPH))
    assert (refused.status, code(refused)) == (400, "BadRequest")


def test_members_of_members_are_transitive_once_each_and_a_circle_ends() -> None:
    world = estate()
    groups = [text(one, "id") for one in _rows(world, "/groups")]
    inner = next(one for one in groups if _rows(world, f"/groups/{one}/members"))
    outer = next(one for one in groups if one != inner)
    before = {text(one, "id") for one in _rows(world, f"/groups/{outer}/transitiveMembers")}
    for group, member in ((outer, inner), (inner, outer)):
        link: Obj = {"groupId": group, "memberId": member, "rel": "members"}
        world.sandbox.world.add(Thing("graph", "membership", f"{group}.{member}", LEAVES, link))
    inside = {text(one, "id") for one in _rows(world, f"/groups/{inner}/members")}
    found = [text(one, "id") for one in _rows(world, f"/groups/{outer}/transitiveMembers")]
    assert set(found) >= before | inside and len(found) == len(set(found)) and inside


def test_an_application_is_found_by_its_alternate_key() -> None:
    world = estate()
    key, mine = world.app(GRAPH), text(world.customer(), "app", "client_id")
    app = world.graph("GET", f"/applications(appId='{mine}')", key).json()
    assert text(obj(app), "appId") == mine
    twin = world.graph("GET", f"/servicePrincipals(appId='{mine}')/appRoleAssignments", key)
    assert twin.status == 200 and arr(dig(twin.json(), "value"))
    none = mine.replace(mine[:8], "00000000")
    assert world.graph("GET", f"/servicePrincipals(appId='{none}')", key).status == 404


def test_rows_are_sorted_and_with_a_filter_only_by_an_advanced_query() -> None:
    world = estate()
    key = world.app(GRAPH)
    down = [text(one, "displayName").lower() for one in _rows(world, "/users?$orderby=displayName desc")]
    assert down == sorted(down, reverse=True) and len(set(down)) > 5
    asked = "/users?$orderby=displayName&$filter=userType eq 'Guest'"
    assert code(world.graph("GET", asked, key)) == "Request_UnsupportedQuery"
    assert world.graph("GET", f"{asked}&$count=true", key, consistencylevel="eventual").status == 200


def test_what_has_no_such_relation_says_so() -> None:
    world = estate()
    group = text(_rows(world, "/groups")[0], "id")
    assert world.graph("GET", f"/groups/{group}/nonsense", world.app(GRAPH)).status == 400
    assert world.graph("GET", "/nonsense", world.app(GRAPH)).status == 400
