"""Graph and the sign-in, played: tokens, users, guards, mail and meetings."""

from sandbox_callers import ARM, GRAPH, LEAVES, code, estate

from sendoff.sandbox.wire import Obj, arr, dig, obj, text

MARK = "String {00020329-0000-0000-C000-000000000046} Name sendoff"


def test_an_unknown_secret_an_unknown_app_and_a_wrong_scope_are_refused() -> None:
    world = estate()
    tenant, app = text(world.customer(), "tenant_id"), text(world.customer(), "app", "client_id")
    form = {"grant_type": "client_credentials", "client_id": app, "client_secret": "wrong", "scope": ARM}
    refused = world.token(tenant, form)
    assert refused.status == 401 and b"AADSTS7000215" in refused.body
    assert b"AADSTS700016" in world.token(text(world.known, "msp", "tenant_id"), form).body
    assert b"AADSTS70011" in world.token(tenant, {**form, "scope": "https://elsewhere/.default"}).body


def test_a_token_of_another_tenant_or_audience_opens_nothing() -> None:
    world = estate()
    url = f"/subscriptions/{world.subscription()}?api-version=2022-12-01"
    assert code(world.arm("GET", url, world.app(slug="meerzicht"))) == "InvalidAuthenticationTokenTenant"
    assert code(world.arm("GET", url, world.app(GRAPH))) == "InvalidAuthenticationTokenAudience"
    assert world.graph("GET", "/users", world.lighthouse(GRAPH)).status == 403
    assert world.graph("GET", "/users", world.house()).status == 403


def test_users_come_in_pages_and_ends_with_needs_the_advanced_query() -> None:
    world = estate()
    key = world.app(GRAPH)
    assert len(world.pages("graph", "/v1.0/users", key, "@odata.nextLink")) > 20
    asked = "/users?$filter=endsWith(userPrincipalName,'@vandermeer.example')"
    assert code(world.graph("GET", asked, key)) == "Request_UnsupportedQuery"
    assert world.graph("GET", f"{asked}&$count=true", key, consistencylevel="eventual").status == 200
    guests = world.graph("GET", "/users?$filter=userType eq 'Guest'&$select=id,mail", key).json()
    assert {text(one, "mail") for one in arr(dig(guests, "value"))} >= {"carla@intercept.example"}


def test_a_deleted_user_waits_thirty_days_and_then_is_gone() -> None:
    world = estate()
    key = world.app(GRAPH)
    one = text(world.graph("GET", "/users/erik.jansen@vandermeer.example", key).json(), "id")
    assert world.graph("DELETE", f"/users/{one}", key).status == 204
    assert world.graph("GET", f"/users/{one}", key).status == 404
    assert world.graph("GET", f"/directory/deletedItems/{one}", key).status == 200
    world.control("POST", "/clock", {"now": "2027-01-05T09:00:00+01:00"})
    assert world.graph("GET", f"/directory/deletedItems/{one}", key).status == 404


def test_the_clock_moves_forwards_only() -> None:
    world = estate()
    world.control("POST", "/clock", {"now": "2026-12-01T00:00:00+01:00"})
    assert "error" in obj(world.control("POST", "/clock", {"now": "2026-11-30T00:00:00+01:00"}))


def test_the_last_global_administrator_stays() -> None:
    world = estate()
    key = world.app(GRAPH)
    role = "/directoryRoles/roleTemplateId=62e90394-69f5-4237-9190-012177145e10/members"
    admins = [text(one, "id") for one in arr(dig(world.graph("GET", role, key).json(), "value"))]
    answers = [world.graph("DELETE", f"/users/{one}", key) for one in admins]
    assert [one.status for one in answers[:-1]] == [204] * (len(admins) - 1)
    assert code(answers[-1]) == "Request_BadRequest"


def test_a_sent_draft_is_found_again_by_its_marker_and_reaches_the_customer() -> None:
    world = estate()
    key, box = world.house(), "/users/offboarding@intercept.example"
    draft: Obj = {
        "subject": "Export manifest",
        "body": {"contentType": "text", "content": "see manifest"},
        "toRecipients": [{"emailAddress": {"address": "anna@vandermeer.example"}}],
        "singleValueExtendedProperties": [{"id": MARK, "value": "once-1"}],
    }
    made = world.graph("POST", f"{box}/messages", key, draft)
    assert made.status == 201
    assert world.graph("POST", f"{box}/messages/{text(made.json(), 'id')}/send", key).status == 202
    asked = f"singleValueExtendedProperties/Any(ep: ep/id eq '{MARK}' and ep/value eq 'once-1')"
    sent = world.graph("GET", f"{box}/mailFolders/sentitems/messages?$filter={asked}", key).json()
    assert len(arr(dig(sent, "value"))) == 1
    did = [text(one, "did") for one in arr(dig(world.control("POST", "/cast/act"), "did"))]
    assert "accepted the export" in did
    inbox = world.graph("GET", f"{box}/mailFolders/inbox/messages", key).json()
    assert "accepted" in text(arr(dig(inbox, "value"))[0], "body", "content")


def test_when_the_cast_is_switched_off_nobody_answers() -> None:
    world = estate()
    for who in ("customer", "new-msp"):
        world.control("POST", "/cast/switch", {"who": who, "on": False})
    assert dig(world.control("POST", "/cast/act"), "did") == []


def test_a_mail_header_must_begin_with_x() -> None:
    world = estate()
    message: Obj = {"internetMessageHeaders": [{"name": "In-Reply-To", "value": "1"}]}
    made = world.graph("POST", "/users/offboarding@intercept.example/messages", world.house(), message)
    assert code(made) == "InvalidInternetMessageHeader"


def test_the_same_transaction_id_gives_the_same_event_and_the_customer_accepts_it() -> None:
    world = estate()
    key, box = world.house(), "/users/offboarding@intercept.example/events"
    event: Obj = {
        "subject": "Exit meeting",
        "transactionId": "once-2",
        "isOnlineMeeting": True,
        "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "Europe/Amsterdam"},
        "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "Europe/Amsterdam"},
        "attendees": [{"emailAddress": {"address": "bram@vandermeer.example"}, "type": "required"}],
    }
    first, again = (world.graph("POST", box, key, event) for _ in range(2))
    assert text(first.json(), "id") == text(again.json(), "id")
    assert code(world.graph("GET", f"{box}?$filter=transactionId eq 'once-2'", key)) == "ErrorInvalidProperty"
    world.control("POST", "/cast/act")
    seen = world.graph("GET", f"{box}/{text(first.json(), 'id')}", key).json()
    assert text(arr(dig(seen, "attendees"))[0], "status", "response") == "accepted"


def test_the_house_app_opens_no_mailbox_of_the_customer() -> None:
    world = estate()
    assert world.graph("GET", "/users/anna@vandermeer.example/messages", world.house()).status == 403
    assert world.graph("GET", "/users/anna@vandermeer.example/messages", world.app(GRAPH)).status == 403


def test_the_new_administrator_redeems_the_invitation_and_signs_in_with_mfa() -> None:
    world = estate()
    made = world.control("POST", "/hands", {"do": "graph.create-admin", "customer": LEAVES})
    guest = text(arr(dig(made, "touched"))[0]).rsplit(":", 1)[1]
    key, asked = world.app(GRAPH), f"/auditLogs/signIns?$filter=userId eq '{guest}'"
    assert arr(dig(world.graph("GET", asked, key).json(), "value")) == []
    world.control("POST", "/cast/act")
    rows = arr(dig(world.graph("GET", asked, key).json(), "value"))
    assert text(rows[0], "authenticationRequirement") == "multiFactorAuthentication"
    assert (
        text(world.graph("GET", f"/users/{guest}?$select=externalUserState", key).json(), "externalUserState")
        == "Accepted"
    )


def test_when_our_app_is_deleted_by_the_customer_its_token_opens_nothing() -> None:
    world = estate()
    graph, arm = world.app(GRAPH), world.app()
    world.control("POST", "/hands", {"do": "graph.delete-app", "customer": LEAVES})
    assert world.graph("GET", "/users", graph).status == 403
    assert world.arm("GET", f"/subscriptions/{world.subscription()}?api-version=2022-12-01", arm).status == 403
    assert world.app(GRAPH) == ""


def test_the_first_round_of_changes_tells_of_everybody_and_ends_with_a_link_for_the_next() -> None:
    world = estate()
    key = world.app(GRAPH)
    world.control("POST", "/habits", {"rows": 7})
    everybody = {text(one, "id") for one in world.pages("graph", "/v1.0/users", key, "@odata.nextLink")}
    told, path = set[str](), "/users/delta?$select=id,userType"
    while path:
        page = world.graph("GET", path, key).json()
        told |= {text(one, "id") for one in arr(dig(page, "value"))}
        following = text(page, "@odata.nextLink")
        assert bool(following) is not bool(text(page, "@odata.deltaLink"))
        path = following.partition("/v1.0")[2]
    assert told == everybody and len(told) > 7
    again = text(page, "@odata.deltaLink").partition("/v1.0")[2]
    assert world.graph("GET", again, key).status == 410
    assert code(world.graph("GET", "/users/delta?$top=5", key)) == "Request_UnsupportedQuery"
    assert world.graph("GET", "/users/delta", world.house()).status == 403
