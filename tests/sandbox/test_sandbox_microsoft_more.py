"""The rest of Microsoft: who signs in how, the new administrator, what onboarding changed, and the outsiders' deeds."""

import base64
import hashlib
import io
import json
import zipfile

import pyrage
import pytest
from sandbox_callers import GRAPH, Estate, code, estate

from sendoff.sandbox import Request, Response
from sendoff.sandbox.wire import Json, Obj, arr, dig, obj, text

V = "api-version"
CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
MANAGE = "https://management.azure.com/user_impersonation offline_access"
DESK = "offboarding@intercept.example"
READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
USER_ADMIN = "fe930be7-5e62-47db-91af-98c3a49a38b1"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def started(world: Estate, tenant: str) -> Obj:
    body = f"client_id={CLI}&scope={MANAGE.replace(' ', '+')}".encode()
    asked = Request(method="POST", path=f"/{tenant}/oauth2/v2.0/devicecode", body=body)
    return obj(world.sandbox.answer("login", asked).json())


def polled(world: Estate, tenant: str, device: str) -> Response:
    return world.token(tenant, {"grant_type": DEVICE, "client_id": CLI, "device_code": device})


def msp(world: Estate) -> str:
    return text(world.known, "msp", "tenant_id")


def erik(world: Estate) -> Obj:
    """Erik's token for ARM, as the device-code flow gives it."""
    begun = started(world, msp(world))
    world.control("POST", "/cast/device", {"user_code": text(begun, "user_code"), "person": "erik@intercept.example"})
    return obj(polled(world, msp(world), text(begun, "device_code")).json())


def test_the_device_code_flow_waits_for_the_person_and_ends_after_a_quarter_of_an_hour() -> None:
    world = estate()
    begun = started(world, msp(world))
    device = text(begun, "device_code")
    assert text(polled(world, msp(world), device).json(), "error") == "authorization_pending"
    assert text(polled(world, msp(world), device).json(), "error") == "slow_down"
    stranger: Obj = {"user_code": text(begun, "user_code"), "person": "sanne@noordzeecloud.example"}
    assert "AADSTS50020" in text(world.control("POST", "/cast/device", stranger), "error")
    world.control("POST", "/clock", {"now": "2026-11-23T09:15:00+01:00"})
    assert text(polled(world, msp(world), device).json(), "error") == "expired_token"
    got = erik(world)
    assert text(got, "access_token") and text(got, "refresh_token")


def test_an_engineer_reaches_the_delegated_subscriptions_through_the_group_and_no_others() -> None:
    world = estate()
    token = text(erik(world), "access_token")
    seen = {text(one, "subscriptionId") for one in world.list_arm(f"/subscriptions?{V}=2022-12-01", token)}
    assert {world.subscription(0), world.subscription(1)} <= seen and world.subscription(2) not in seen
    form = {"grant_type": "urn:sendoff:cast", "username": "paul@intercept.example", "scope": MANAGE}
    form["assertion"] = world.sandbox.world.cast_secret
    lead = text(world.token(msp(world), form).json(), "access_token")
    assert world.list_arm(f"/subscriptions?{V}=2022-12-01", lead) == []


def test_a_refresh_token_opens_another_audience_but_no_tenant_where_the_person_is_unknown() -> None:
    world = estate()
    form = {"grant_type": "refresh_token", "client_id": CLI, "refresh_token": text(erik(world), "refresh_token")}
    graph = world.token(msp(world), {**form, "scope": "https://graph.microsoft.com/User.Read"})
    assert world.graph("GET", "/me", text(graph.json(), "access_token")).status == 200
    away = world.token(text(world.customer(), "tenant_id"), {**form, "scope": MANAGE})
    assert away.status == 400 and b"AADSTS50020" in away.body
    wrong = world.token(msp(world), {**form, "refresh_token": "made up", "scope": MANAGE})
    assert text(wrong.json(), "error") == "invalid_grant"


def account(world: Estate, **more: Json) -> Response:
    body: Obj = {
        "accountEnabled": True,
        "displayName": "Sanne Visser (Noordzee Cloud)",
        "mailNickname": "sanne.noordzee",
        "userPrincipalName": "sanne.noordzee@vandermeer.example",
        "passwordProfile": {"password": "not told to anyone 1!", "forceChangePasswordNextSignIn": True},
        **more,
    }
    return world.graph("POST", "/users", world.app(GRAPH), body)


def test_the_new_administrator_is_made_once_and_its_pass_is_seen_once() -> None:
    world = estate()
    key = world.app(GRAPH)
    assert account(world, mailNickname=None).status == 400
    assert account(world, userPrincipalName="sanne@noordzeecloud.example").status == 400
    made = account(world)
    who = text(made.json(), "id")
    assert made.status == 201 and account(world).status == 400
    role: Obj = {"principalId": who, "roleDefinitionId": USER_ADMIN, "directoryScopeId": "/"}
    assert world.graph("POST", "/roleManagement/directory/roleAssignments", key, role).status == 201
    assert world.graph("POST", "/roleManagement/directory/roleAssignments", key, role).status == 400
    url = f"/users/{who}/authentication/temporaryAccessPassMethods"
    assert world.graph("POST", url, key, {"lifetimeInMinutes": 5}).status == 400
    values = [
        text(world.graph("POST", url, key, {"lifetimeInMinutes": 60, "isUsableOnce": True}).json(), passes)
        for passes in ("temporaryAccessPass", "temporaryAccessPass")
    ]
    assert all(values) and values[0] != values[1]
    held = arr(dig(world.graph("GET", url, key).json(), "value"))
    assert len(held) == 1 and dig(held[0], "temporaryAccessPass") is None
    assert values[0] not in json.dumps(world.sandbox.world.record.rows)


def test_registrations_and_eligible_roles_can_be_read_and_a_newcomer_has_no_second_factor_yet() -> None:
    world = estate()
    key = world.app(GRAPH)
    who = text(account(world).json(), "id")
    url = "/v1.0/reports/authenticationMethods/userRegistrationDetails"
    mfa = {text(one, "id"): one["isMfaRegistered"] for one in world.pages("graph", url, key, "@odata.nextLink")}
    assert mfa[who] is False and sum(one is True for one in mfa.values()) == len(mfa) - 1
    world.control("POST", "/hands", {"do": "graph.sign-in", "customer": "vandermeer", "mail": who})
    row = world.graph("GET", f"{url.removeprefix('/v1.0')}?$filter=id eq '{who}'", key).json()
    assert dig(arr(dig(row, "value"))[0], "isMfaRegistered") is True
    url = "/roleManagement/directory/roleEligibilityScheduleInstances?$expand=principal,roleDefinition"
    rows = [obj(one) for one in arr(dig(world.graph("GET", url, key).json(), "value"))]
    mails = {text(one, "principal", "mail"): text(one, "roleDefinition", "displayName") for one in rows}
    assert mails["emma@intercept.example"] == "Global Reader" and len(mails) == 2


def test_the_house_app_reads_gdap_of_one_customer_and_nothing_else_of_the_directory() -> None:
    world = estate()
    tenant = text(world.customer(), "tenant_id")
    url = f"/tenantRelationships/delegatedAdminRelationships?$filter=customer/tenantId eq '{tenant}'"
    rows = arr(dig(world.graph("GET", url, world.house()).json(), "value"))
    assert [text(one, "customer", "tenantId") for one in rows] == [tenant]
    assert world.graph("GET", "/groups", world.house()).status == 403


def test_an_invitation_by_the_apps_key_reaches_the_new_supplier_who_then_signs_in() -> None:
    world = estate()
    asked: Obj = {"invitedUserEmailAddress": "sanne@noordzeecloud.example", "sendInvitationMessage": True}
    asked["inviteRedirectUrl"] = "https://portal.azure.com"
    made = world.graph("POST", "/invitations", world.app(GRAPH), asked)
    guest = text(made.json(), "invitedUser", "id")
    assert (
        world.graph("POST", f"/users/{guest}/authentication/temporaryAccessPassMethods", world.app(GRAPH)).status == 400
    )
    deeds = arr(dig(world.control("POST", "/cast/act"), "did"))
    assert "redeemed the invitation and signed in with MFA" in [text(one, "did") for one in deeds]
    rows = arr(
        dig(world.graph("GET", f"/auditLogs/signIns?$filter=userId eq '{guest}'", world.app(GRAPH)).json(), "value")
    )
    assert text(rows[0], "authenticationRequirement") == "multiFactorAuthentication"


def sent(world: Estate, to: str, subject: str, body: str, **files: bytes) -> Response:
    attached: list[Json] = [
        {
            "@odata.type": "#microsoft.graph.fileAttachment",
            "name": name.replace("__", ".").replace("_", "-"),
            "contentBytes": base64.b64encode(data).decode(),
        }
        for name, data in files.items()
    ]
    to_whom: list[Json] = [{"emailAddress": {"address": to}}]
    message: Obj = {"subject": subject, "body": {"contentType": "text", "content": body}, "toRecipients": to_whom}
    whole: Obj = {"message": {**message, "attachments": attached}}
    return world.graph("POST", f"/users/{DESK}/sendMail", world.house(), whole)


def did(world: Estate) -> list[str]:
    return [text(one, "did") for one in arr(dig(world.control("POST", "/cast/act"), "did"))]


def inbox(world: Estate, sender: str) -> list[Obj]:
    asked = f"$filter=receivedDateTime ge 2026-11-01T00:00:00Z and from/emailAddress/address eq '{sender}'"
    url = f"/users/{DESK}/mailFolders/inbox/messages?{asked}"
    return [obj(one) for one in arr(dig(world.graph("GET", url, world.house()).json(), "value"))]


def test_more_than_three_megabytes_hang_on_no_mail() -> None:
    world = estate()
    assert sent(world, "bram@vandermeer.example", "big", "", big__bin=b"x" * (3 * 1024 * 1024 + 3)).status == 413
    key = world.house()
    draft = text(world.graph("POST", f"/users/{DESK}/messages", key, {"subject": "draft"}).json(), "id")
    url = f"/users/{DESK}/messages/{draft}/attachments"
    half = base64.b64encode(b"y" * (2 * 1024 * 1024)).decode()
    one: Obj = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "half.bin", "contentBytes": half}
    assert world.graph("POST", url, key, one).status == 201
    assert world.graph("POST", url, key, one).status == 413
    assert world.graph("POST", url, key, {"name": "no type", "contentBytes": "AA=="}).status == 400
    rows = arr(dig(world.graph("GET", url, key).json(), "value"))
    assert len(rows) == 1 and text(rows[0], "contentBytes") == half


def parcel(world: Estate) -> bytes:
    secret = b"title,password\nrouter,x\n"
    listed: list[Json] = [{"name": "secrets.csv", "sha256": hashlib.sha256(secret).hexdigest()}]
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as box:
        box.writestr("manifest.json", json.dumps({"records": 1, "files": listed}))
        box.writestr("secrets.csv", secret)
    recipient = pyrage.x25519.Recipient.from_str(text(world.customer(), "age_key"))
    sealed: bytes = pyrage.encrypt(inner.getvalue(), [recipient])
    return sealed


def test_a_parcel_is_opened_checked_and_acknowledged_and_never_taken_for_the_export() -> None:
    world = estate()
    sealed = parcel(world)
    sent(world, "bram@vandermeer.example", "Your secrets, see the manifest", "", secrets__zip__age=sealed)
    deeds = did(world)
    assert "received and opened a parcel" in deeds and "accepted the export" not in deeds
    found = inbox(world, "bram@vandermeer.example")
    said = text(found[0], "body", "content")
    assert len(found) == 1 and f"received and opened sha256:{hashlib.sha256(sealed).hexdigest()}, 1 records" in said
    sent(world, "bram@vandermeer.example", "Again", "", secrets__zip__age=sealed[:-1] + b"?")
    assert "could not open a parcel" in did(world)


def test_a_parcel_that_reaches_the_new_supplier_is_written_down() -> None:
    world = estate()
    sent(world, "sanne@noordzeecloud.example", "For the customer", "", secrets__zip__age=parcel(world))
    assert "received a parcel" in did(world)


def test_permission_is_given_with_its_own_text() -> None:
    world = estate()
    sent(world, "anna@vandermeer.example", "Uw toestemming", "Wij sturen Noordzee Cloud de lijst.")
    assert "permitted" in did(world)
    said = text(inbox(world, "anna@vandermeer.example")[0], "body", "content")
    assert said.startswith("permitted") and "> Wij sturen Noordzee Cloud de lijst." in said


def test_a_second_administrator_is_made_by_the_customer_and_signs_in() -> None:
    world = estate()
    sent(world, "bram@vandermeer.example", "Please make a second administrator", "")
    assert "made a second administrator, who signed in with MFA" in did(world)
    made = [one for one in world.sandbox.world.record.since(0, "effect") if text(one, "kind") == "graph.roleAssignment"]
    assert len(made) == 1


def test_the_new_supplier_asks_for_the_transfer_that_the_details_describe() -> None:
    world = estate()
    details = {"customer": {"tenant": text(world.customer(), "tenant_id")}, "subscriptions": [], "partner": {}}
    details["partner"] = {"tenant": msp(world), "name": "Intercept"}
    sent(world, "sanne@noordzeecloud.example", "Details", "", migration_details__json=json.dumps(details).encode())
    assert "requested the transfer" in did(world)
    assert len(world.sandbox.world.all("partner-center", "transfer")) == 1


ASKS = {
    "accept-export": ("anna@vandermeer.example", "see the manifest", "accepted the export"),
    "accept-protections": ("anna@vandermeer.example", "protections that end", "accepted the loss of protections"),
    "permit": ("anna@vandermeer.example", "your permission", "permitted"),
    "make-administrator": ("anna@vandermeer.example", "tweede beheerder", "made a second administrator"),
    "sign-in": ("anna@vandermeer.example", "", "signed in with MFA"),
}


@pytest.mark.parametrize("deed", [*ASKS])
def test_every_deed_can_be_switched_off_alone(deed: str) -> None:
    world = estate()
    to, subject, said = ASKS[deed]
    assert dig(world.control("POST", "/cast/switch", {"deed": deed, "on": False}), deed) is False
    sent(world, to, subject, "")
    assert not [one for one in did(world) if one.startswith(said)]
    if deed == "sign-in":
        assert world.sandbox.world.all("graph", "signIn")[0].place != text(world.customer(), "tenant_id")


def test_the_customer_ends_our_access_only_when_that_deed_is_switched_on() -> None:
    world = estate()
    sent(world, "anna@vandermeer.example", "Verwijder onze app-registratie", "")
    assert "deleted the app registration" not in did(world)
    world.control("POST", "/cast/switch", {"deed": "end-access", "on": True})
    sent(world, "anna@vandermeer.example", "Verwijder onze app-registratie", "")
    assert "deleted the app registration" in did(world)


def plan(world: Estate, name: str = "VirtualMachines") -> str:
    return f"/subscriptions/{world.subscription()}/providers/Microsoft.Security/pricings/{name}"


def test_a_defender_plan_is_put_back_but_never_deleted_from_a_subscription() -> None:
    world = estate()
    key, at = world.lighthouse(), f"?{V}=2024-01-01"
    rows = arr(dig(world.arm("GET", f"{plan(world).rsplit('/', 1)[0]}{at}", key).json(), "value"))
    assert {text(one, "name") for one in rows if text(one, "properties", "pricingTier") == "Standard"} == {
        "VirtualMachines",
        "KeyVaults",
        "StorageAccounts",
    }
    assert world.arm("PUT", plan(world) + at, key, {"properties": {"pricingTier": "Gold"}}).status == 400
    assert world.arm("PUT", plan(world) + at, key, {"properties": {"pricingTier": "Free"}}).status == 200
    assert text(world.arm("GET", plan(world) + at, key).json(), "properties", "pricingTier") == "Free"
    assert world.arm("DELETE", plan(world) + at, key).status == 400
    assert world.arm("PUT", plan(world) + at, text(erik(world), "access_token"), {"properties": {}}).status == 403


@pytest.mark.parametrize("tier", ["full-stack", "premium", "csp"])
def test_what_onboarding_changed_is_on_the_record_with_what_was_there_before(tier: str) -> None:
    world = estate(tier)
    rows = {text(one, "id"): obj(one) for one in arr(world.customer()["onboarding"]) if "before" in obj(one)}
    assert rows[plan(world)]["before"] == "Free" and rows[plan(world)]["kind"] == "microsoft.security/pricings"
    contact = f"/subscriptions/{world.subscription()}/providers/Microsoft.Security/securityContacts/default"
    assert rows[contact]["before"] == "it@vandermeer.example"
    now = world.arm("GET", f"{contact}?{V}=2023-12-01-preview", world.lighthouse()).json()
    assert "oncall@intercept.example" in text(now, "properties", "emails")
    assert sum(one["kind"] == "tag" for one in rows.values()) == 6
    assert bool(text(world.customer(), "prtg", "probe_host")) == (tier != "csp")


def test_exactly_one_tag_is_taken_off_and_nothing_else_of_the_thing_changes() -> None:
    world = estate()
    key, at = world.lighthouse(), f"/providers/Microsoft.Resources/tags/default?{V}=2025-04-01"
    machine = text(world.customer(), "prtg", "probe_host")
    assert dig(world.arm("GET", machine + at, key).json(), "properties", "tags") == {
        "owner": "vdm",
        "managedBy": "intercept",
    }
    wrong: Obj = {"operation": "Delete", "properties": {"tags": {"managedBy": "someone"}}}
    assert "managedBy" in obj(dig(world.arm("PATCH", machine + at, key, wrong).json(), "properties", "tags"))
    right: Obj = {"operation": "Delete", "properties": {"tags": {"managedBy": "intercept"}}}
    assert dig(world.arm("PATCH", machine + at, key, right).json(), "properties", "tags") == {"owner": "vdm"}
    assert world.arm("PATCH", machine + at, key, {"operation": "Forget"}).status == 400
    whole = world.arm("GET", f"{machine}?{V}=2024-07-01", key).json()
    assert dig(whole, "tags") == {"owner": "vdm"} and text(whole, "properties", "hardwareProfile", "vmSize")
    assert world.arm("DELETE", machine + at, key).status == 200


ASK = "if (Get-Service -Name PRTGProbeService -ErrorAction SilentlyContinue) { 'present' } else { 'absent' }"


def ran(world: Estate, script: str, key: str = "") -> str:
    """What a script printed, polled at the operation."""
    key = key or world.lighthouse()
    url = f"{text(world.customer(), 'prtg', 'probe_host')}/runCommand?{V}=2024-07-01"
    begun = world.arm("POST", url, key, {"commandId": "RunPowerShellScript", "script": [*script.splitlines()]})
    assert begun.status == 202, begun.body
    assert world.finish(begun, key) == "Succeeded"
    body = world.arm("GET", begun.headers["Azure-AsyncOperation"], key).json()
    whole = arr(dig(body, "properties", "output", "value"))
    final = world.arm("GET", begun.headers["Location"], key)
    assert final.status == 200 and dig(final.json(), "value") == whole
    return text(whole[0], "message")


def test_a_script_that_looks_changes_nothing_and_one_that_uninstalls_removes_the_service() -> None:
    world = estate()
    before = world.sandbox.world.digests()["vandermeer"]
    assert ran(world, ASK) == "present" and "PRTGProbeService" in ran(world, "Get-Service PRTG*")
    assert before == world.sandbox.world.digests()["vandermeer"]
    remove = f"Stop-Service PRTGProbeService\nsc.exe delete PRTGProbeService\n{ASK}"
    assert ran(world, remove) == "absent" and ran(world, ASK) == "absent"
    gone = [text(one, "kind") for one in world.sandbox.world.record.since(0, "effect")]
    assert gone == ["arm.probeservice"]
    assert ran(world, "Get-Service PRTGProbeService -ErrorAction SilentlyContinue") == ""


def test_a_machine_that_does_not_run_runs_no_command() -> None:
    world = estate()
    machine = text(world.customer(), "prtg", "probe_host")
    world.control("POST", "/hands", {"do": "arm.stop-machine", "customer": "vandermeer", "id": machine})
    url, body = f"{machine}/runCommand?{V}=2024-07-01", {"commandId": "RunPowerShellScript", "script": [ASK]}
    refused = world.arm("POST", url, world.lighthouse(), json.loads(json.dumps(body)))
    assert refused.status == 409 and code(refused) == "OperationNotAllowed"
    states = world.arm("GET", f"{machine}/instanceView?{V}=2024-07-01", world.lighthouse()).json()
    assert "PowerState/deallocated" in [text(one, "code") for one in arr(dig(states, "statuses"))]
    again = {"do": "arm.stop-machine", "customer": "vandermeer", "id": machine, "running": True}
    world.control("POST", "/hands", json.loads(json.dumps(again)))
    assert ran(world, ASK) == "present"
