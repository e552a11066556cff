"""The sandbox is as strict as Graph, Partner Center and everybody's limits: points 7, 10 and 11 of the twelve."""

from sandbox_callers import GRAPH, Estate, code, estate

from sendoff.sandbox import Response
from sendoff.sandbox.wire import Obj, arr, dig, obj, text

V = "api-version"
GLOBAL_ADMIN = "62e90394-69f5-4237-9190-012177145e10"
PC = "https://api.partnercenter.microsoft.com/user_impersonation"
GDAP = "/tenantRelationships/delegatedAdminRelationships"


def _bucket(world: Estate, vendor: str, capacity: int, path: str = "") -> None:
    fault: Obj = {"do": "bucket", "vendor": vendor, "capacity": capacity, "rate": 0, "path": path}
    world.control("POST", "/trouble", fault)


def test_point_7_arm_counts_down_and_then_says_when_to_come_back() -> None:
    world = estate()
    url, key = f"/subscriptions/{world.subscription()}/resourcegroups?{V}=2025-04-01", world.lighthouse()
    _bucket(world, "arm", 3)
    said = [world.arm("GET", url, key) for _ in range(4)]
    assert [one.status for one in said] == [200, 200, 200, 429]
    left = [one.headers["x-ms-ratelimit-remaining-subscription-reads"] for one in said]
    assert left == ["2", "1", "0", "0"] and said[-1].headers["Retry-After"] == "1"


def test_point_7_resource_graph_tells_its_own_quota() -> None:
    world = estate()
    url, key = f"/providers/Microsoft.ResourceGraph/resources?{V}=2021-03-01", world.lighthouse()
    _bucket(world, "arm", 2, "resourcegraph")
    said = [world.arm("POST", url, key, {"query": "resources | project id"}) for _ in range(3)]
    assert [one.status for one in said] == [200, 200, 429]
    assert [one.headers["x-ms-user-quota-remaining"] for one in said] == ["1", "0", "0"]
    assert said[-1].headers["x-ms-user-quota-resets-after"].count(":") == 2


def test_point_7_graph_counts_in_units_and_warns_when_it_is_near() -> None:
    world = estate()
    key = world.app(GRAPH)
    for url, units in (("/users", 2), ("/users?$select=id", 1), ("/users?$expand=manager", 3), ("/contracts", 3)):
        assert world.graph("GET", url, key).headers["x-ms-resource-unit"] == str(units), url
    _bucket(world, "graph", 10)
    said = [world.graph("GET", "/users", key) for _ in range(6)]
    near = [one.headers.get("x-ms-throttle-limit-percentage", "") for one in said]
    assert [one.status for one in said] == [200] * 5 + [429] and near == ["", "", "", "", "1.0", "1.0"]
    assert said[-1].headers["x-ms-throttle-scope"] and said[-1].headers["Retry-After"]


def test_point_7_partner_center_throttles_in_a_shape_of_its_own() -> None:
    world = estate()
    world.control("POST", "/trouble", {"do": "throttle", "vendor": "partner-center", "seconds": 7})
    said = world.call("partner-center", "GET", "/v1/customers", _source(world))
    body = obj(said.json())
    assert (said.status, said.headers["Retry-After"], dig(body, "statusCode")) == (429, "7", 429)
    assert text(body, "message") == "Rate limit is exceeded. Try again in 7 seconds."


def test_point_10_a_new_object_is_not_there_at_once_when_it_is_told_to() -> None:
    world = estate()
    key = world.app(GRAPH)
    world.control("POST", "/habits", {"unsettled": 2})
    guest: Obj = {"invitedUserEmailAddress": "new@elsewhere.example", "inviteRedirectUrl": "https://elsewhere.example"}
    made = world.graph("POST", "/invitations", key, guest)
    one = text(made.json(), "invitedUser", "id")
    assert made.status == 201
    assert [world.graph("GET", f"/users/{one}", key).status for _ in range(3)] == [404, 404, 200]


def test_point_10_the_last_administrator_stays_and_a_pass_is_shown_once() -> None:
    world = estate()
    key = world.app(GRAPH)
    held = world.pages("graph", "/v1.0/roleManagement/directory/roleAssignments", key, "@odata.nextLink")
    users = {text(one, "id") for one in world.pages("graph", "/v1.0/users", key, "@odata.nextLink")}
    admins = [text(one, "principalId") for one in held if text(one, "roleDefinitionId") == GLOBAL_ADMIN]
    said = [world.graph("DELETE", f"/users/{one}", key) for one in admins if one in users]
    assert said[-1].status == 400 and {one.status for one in said[:-1]} <= {204}
    assert "Global Administrator" in text(said[-1].json(), "error", "message")

    passes = f"/users/{sorted(users - set(admins))[0]}/authentication/temporaryAccessPassMethods"
    made = world.graph("POST", passes, key, {"lifetimeInMinutes": 60, "isUsableOnce": True}).json()
    again = arr(dig(world.graph("GET", passes, key).json(), "value"))
    assert text(made, "temporaryAccessPass") and dig(again[0], "temporaryAccessPass") is None


def test_point_10_a_role_is_not_ended_within_five_minutes() -> None:
    world = estate()
    key, url = world.app(GRAPH), "/roleManagement/directory/roleEligibilityScheduleRequests"
    users = world.pages("graph", "/v1.0/users", key, "@odata.nextLink")
    asked: Obj = {"principalId": text(users[-1], "id"), "roleDefinitionId": GLOBAL_ADMIN, "directoryScopeId": "/"}
    assert world.graph("POST", url, key, {**asked, "action": "adminAssign"}).status == 201
    assert code(world.graph("POST", url, key, {**asked, "action": "adminRemove"})) == "ActiveDurationTooShort"
    world.control("POST", "/clock", {"now": "2026-11-23T09:05:00+01:00"})
    assert world.graph("POST", url, key, {**asked, "action": "adminRemove"}).status == 201


def _agent(world: Estate, audience: str = GRAPH) -> str:
    """The token of our administration agent, in our own tenant."""
    form = {"grant_type": "urn:sendoff:cast", "scope": audience, "assertion": world.sandbox.world.cast_secret}
    links = world.sandbox.world.all("graph", "membership")
    group = text(world.known, "msp", "admin_group_id")
    member = next(text(one.raw, "memberId") for one in links if text(one.raw, "groupId") == group)
    user = world.sandbox.world.get("graph", "user", member)
    assert user is not None
    form["username"] = text(user.raw, "userPrincipalName")
    return text(world.token(text(world.known, "msp", "tenant_id"), form).json(), "access_token")


def test_point_10_a_delegated_administration_ends_in_steps_and_not_by_an_app() -> None:
    world = estate()
    agent = _agent(world)
    mine = text(world.customer(), "tenant_id")
    rows = world.pages("graph", f"/v1.0{GDAP}", agent, "@odata.nextLink")
    one = next(text(row, "id") for row in rows if text(row, "customer", "tenantId") == mine)
    asked, end = f"{GDAP}/{one}/requests", {"action": "terminate"}
    assert world.graph("POST", asked, world.house(), {**end}).status == 403
    assert world.graph("POST", asked, agent, {"action": "approve"}).status == 400
    world.control("POST", "/habits", {"ending": 10})
    made = world.graph("POST", asked, agent, {**end})
    assert (made.status, text(made.json(), "status")) == (201, "created") and made.headers["Location"]
    (kept,) = arr(dig(world.graph("GET", asked, agent).json(), "value"))
    assert kept == made.json()
    states = [text(world.graph("GET", f"{GDAP}/{one}", agent).json(), "status")]
    for minute in (10, 20):
        world.control("POST", "/clock", {"now": f"2026-11-23T09:{minute}:00+01:00"})
        states.append(text(world.graph("GET", f"{GDAP}/{one}", agent).json(), "status"))
    assert states == ["terminationRequested", "terminating", "terminated"]
    assert world.graph("POST", asked, agent, {**end}).status == 400


def test_point_10_a_mail_is_accepted_and_has_no_id() -> None:
    world = estate()
    box = "offboarding@intercept.example"
    to: Obj = {"emailAddress": {"address": "anna@vandermeer.example"}}
    mail: Obj = {"message": {"subject": "x", "body": {"contentType": "Text", "content": "y"}, "toRecipients": [to]}}
    said = world.graph("POST", f"/users/{box}/sendMail", world.house(), mail)
    assert (said.status, said.body) == (202, b"")


# ---- point 11: Partner Center ----------------------------------------------------------------------------------------


def _source(world: Estate) -> str:
    keys = obj(dig(world.known, "msp", "partner_center"))
    form = {"grant_type": "refresh_token", "scope": PC, "refresh_token": text(keys, "refresh_token")}
    form |= {"client_id": text(keys, "client_id"), "client_secret": text(keys, "client_secret")}
    return text(world.token(text(world.known, "msp", "tenant_id"), form).json(), "access_token")


def _target(world: Estate) -> str:
    form = {"grant_type": "urn:sendoff:cast", "username": "sanne@noordzeecloud.example", "scope": PC}
    form["assertion"] = world.sandbox.world.cast_secret
    return text(world.token(text(world.customer(), "new_supplier", "tenant_id"), form).json(), "access_token")


def _transfers(world: Estate, method: str, token: str, rest: str = "", body: Obj | None = None) -> Response:
    return world.call(
        "partner-center",
        method,
        f"/v1/customers/{text(world.customer(), 'tenant_id')}/transfers{rest}",
        token,
        body,
    )


def _asked(world: Estate) -> Obj:
    return {
        "sourcePartnerTenantId": text(world.known, "msp", "tenant_id"),
        "sourcePartnerName": "Intercept",
        "customerEmailId": "anna@vandermeer.example",
        "transferType": "5",
        "targetProductTypes": ["AzureSubscription"],
    }


def test_point_11_the_target_asks_the_source_accepts_within_limits_and_nobody_cancels_then() -> None:
    world = estate()
    assert _transfers(world, "POST", _source(world), body=_asked(world)).status >= 400
    one = f"/{text(_transfers(world, 'POST', _target(world), body=_asked(world)).json(), 'id')}"
    line: Obj = {"subscriptionId": world.subscription()}
    accept: Obj = {"id": one[1:], "status": "Accept", "lineItems": [line] * 26}
    many = _transfers(world, "PATCH", _source(world), one, accept)
    assert many.status == 400 and {"code", "description"} <= set(obj(many.json()))
    accept["lineItems"] = [line]
    accepted = _transfers(world, "PATCH", _source(world), one, accept)
    assert accepted.status == 200, accepted.body
    assert text(_transfers(world, "GET", _source(world), one).json(), "status") != "Completed"
    assert _transfers(world, "PATCH", _target(world), one, {"id": one[1:], "status": "Cancel"}).status >= 400
    world.control("POST", "/clock", {"now": "2026-11-23T09:15:00+01:00"})
    assert text(_transfers(world, "GET", _source(world), one).json(), "status") == "Completed"


def test_point_11_it_lapses_after_thirty_days_and_wants_the_claim_of_a_second_factor() -> None:
    world = estate()
    one = f"/{text(_transfers(world, 'POST', _target(world), body=_asked(world)).json(), 'id')}"
    world.control("POST", "/clock", {"now": "2026-12-24T09:00:00+01:00"})
    assert text(_transfers(world, "GET", _source(world), one).json(), "status") == "Expired"
    world.control("POST", "/mfa", {"on": False})
    refused = _transfers(world, "GET", _source(world), one)
    assert (refused.status, dig(refused.json(), "code")) == (401, 900421)
