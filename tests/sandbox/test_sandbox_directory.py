"""Graph's groups and roles, played: members, deletions, the right that roles need, and eligibility by request."""

from sandbox_callers import GRAPH, LEAVES, Estate, code, estate

from sendoff.sandbox.wire import Obj, arr, dig, obj, text
from sendoff.sandbox.world import Thing

ROLES = "/roleManagement/directory/roleAssignments"
REQUESTS = "/roleManagement/directory/roleEligibilityScheduleRequests"
INSTANCES = "/roleManagement/directory/roleEligibilityScheduleInstances"
READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"


def groups(world: Estate) -> dict[str, str]:
    """Names and ids of the leaver's groups."""
    rows = arr(dig(world.graph("GET", "/groups", world.app(GRAPH)).json(), "value"))
    return {text(one, "displayName"): text(one, "id") for one in rows}


def unprivileged(world: Estate) -> str:
    """Our app's token, after the permission to manage roles was taken from it."""
    for one in world.sandbox.world.all("graph", "appRoleAssignment"):
        world.sandbox.world.remove(one)
    return world.app(GRAPH)


def change(world: Estate, group: str, **more: bool) -> None:
    """Set members of a group, as the customer's own administrator would."""
    found = world.sandbox.world.get("graph", "group", group)
    assert found is not None
    world.sandbox.world.change(found, {**more})


def test_a_deleted_group_waits_thirty_days_and_can_be_put_back() -> None:
    world = estate()
    key, ident = world.app(GRAPH), groups(world)["Intercept operators"]
    members = world.graph("GET", f"/groups/{ident}/members", key).json()
    assert world.graph("DELETE", f"/groups/{ident}", key).status == 204
    assert world.graph("GET", f"/groups/{ident}", key).status == 404
    assert world.graph("DELETE", f"/groups/{ident}", key).status == 404
    assert world.graph("POST", f"/directory/deletedItems/{ident}/restore", key).status == 200
    assert world.graph("GET", f"/groups/{ident}/members", key).json() == members
    world.graph("DELETE", f"/groups/{ident}", key)
    world.control("POST", "/clock", {"now": "2027-01-05T09:00:00+01:00"})
    assert world.graph("GET", f"/directory/deletedItems/{ident}", key).status == 404


def test_a_group_from_the_customers_own_active_directory_is_not_deleted_here() -> None:
    world = estate()
    ident = groups(world)["Intercept on-premises"]
    refused = world.graph("DELETE", f"/groups/{ident}", world.app(GRAPH))
    assert (refused.status, code(refused)) == (403, "Authorization_RequestDenied")


def test_a_role_assignable_group_needs_the_right_or_its_owner() -> None:
    world = estate()
    ident = groups(world)["Intercept operators"]
    change(world, ident, isAssignableToRole=True)
    key = unprivileged(world)
    assert world.graph("DELETE", f"/groups/{ident}", key).status == 403
    owner = text(world.customer(), "app", "service_principal_id")
    link: Obj = {"groupId": ident, "memberId": owner, "rel": "owners"}
    tenant = text(world.customer(), "tenant_id")
    world.sandbox.world.add(Thing("graph", "membership", f"{ident}.{owner}", LEAVES, link, tenant))
    assert world.graph("DELETE", f"/groups/{ident}", key).status == 204


def test_members_are_counted_only_when_asked_for_right() -> None:
    world = estate()
    key, ident = world.app(GRAPH), groups(world)["Intercept servicedesk"]
    assert code(world.graph("GET", f"/groups/{ident}/members/$count", key)) == "Request_BadRequest"
    counted = world.graph("GET", f"/groups/{ident}/members/$count", key, consistencylevel="eventual")
    rows = arr(dig(world.graph("GET", f"/groups/{ident}/members", key).json(), "value"))
    assert (counted.status, counted.body) == (200, str(len(rows)).encode()) and len(rows) == 4


def test_service_principals_are_members_that_only_expand_shows() -> None:
    world = estate()
    key, ident = world.app(GRAPH), groups(world)["Intercept operators"]
    app = text(world.customer(), "app", "service_principal_id")
    link: Obj = {"groupId": ident, "memberId": app, "rel": "members"}
    tenant = text(world.customer(), "tenant_id")
    world.sandbox.world.add(Thing("graph", "membership", f"{ident}.{app}", LEAVES, link, tenant))
    listed = arr(dig(world.graph("GET", f"/groups/{ident}/members", key).json(), "value"))
    shown = arr(dig(world.graph("GET", f"/groups/{ident}?$expand=members", key).json(), "members"))
    assert app not in [text(one, "id") for one in listed]
    assert len(shown) == len(listed) + 1 and app in [text(one, "id") for one in shown]


def test_a_role_is_taken_and_given_only_by_who_may_manage_roles() -> None:
    world = estate()
    key = world.app(GRAPH)
    ours = text(world.graph("GET", "/users/erik.jansen@vandermeer.example", key).json(), "id")
    held = arr(dig(world.graph("GET", f"{ROLES}?$filter=principalId eq '{ours}'", key).json(), "value"))
    one, body = text(held[0], "id"), {**obj(held[0])}
    key = unprivileged(world)
    assert world.graph("DELETE", f"{ROLES}/{one}", key).status == 403
    assert world.graph("POST", ROLES, key, body).status == 403
    person = world.person(scope=GRAPH)
    assert world.graph("DELETE", f"{ROLES}/{one}", person).status == 204
    assert world.graph("GET", f"{ROLES}/{one}", person).status == 404


def test_an_eligible_role_is_given_and_ended_by_a_request_and_not_within_five_minutes() -> None:
    world = estate()
    key = world.app(GRAPH)
    who = text(world.graph("GET", "/users/erik.jansen@vandermeer.example", key).json(), "id")
    asked: Obj = {"principalId": who, "roleDefinitionId": READER, "directoryScopeId": "/"}
    made = world.graph("POST", REQUESTS, key, {"action": "adminAssign", **asked})
    assert (made.status, text(made.json(), "status")) == (201, "Provisioned")
    assert code(world.graph("POST", REQUESTS, key, {"action": "adminAssign", **asked})) == "RoleAssignmentExists"
    gone: Obj = {"action": "adminRemove", **asked}
    assert code(world.graph("POST", REQUESTS, key, gone)) == "ActiveDurationTooShort"
    world.control("POST", "/clock", {"now": "2026-11-23T09:06:00+01:00"})
    ended = world.graph("POST", REQUESTS, key, gone)
    assert (ended.status, text(ended.json(), "status")) == (201, "Revoked")
    assert code(world.graph("POST", REQUESTS, key, gone)) == "RoleAssignmentDoesNotExist"
    rows = arr(dig(world.graph("GET", INSTANCES, key).json(), "value"))
    assert who not in [text(one, "principalId") for one in rows]
    assert world.graph("POST", REQUESTS, unprivileged(world), gone).status == 403
