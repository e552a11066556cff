"""Partner Center as the sandbox plays it: who may ask, who may accept, and what the civil clock does."""

import importlib.util
import json
import os
from pathlib import Path
from types import ModuleType

import pytest
from sandbox_callers import Estate, estate

from sendoff.sandbox import Response
from sendoff.sandbox.trouble import local
from sendoff.sandbox.wire import Json, Obj, arr, dig, loads, obj, text

PC = "https://api.partnercenter.microsoft.com/user_impersonation"
NOBODY = "00000000-0000-4000-8000-00000000dead"


def source(world: Estate) -> str:
    """The access token of our own partner tenant, app and user, by its refresh token."""
    keys = obj(dig(world.known, "msp", "partner_center"))
    form = {"grant_type": "refresh_token", "scope": PC, "refresh_token": text(keys, "refresh_token")}
    form |= {"client_id": text(keys, "client_id"), "client_secret": text(keys, "client_secret")}
    return text(world.token(text(world.known, "msp", "tenant_id"), form).json(), "access_token")


def target(world: Estate) -> str:
    """The access token of the new supplier's own partner tenant."""
    form = {"grant_type": "urn:sendoff:cast", "username": "sanne@noordzeecloud.example", "scope": PC}
    form["assertion"] = world.sandbox.world.cast_secret
    return text(world.token(text(world.customer(), "new_supplier", "tenant_id"), form).json(), "access_token")


def call(world: Estate, method: str, url: str, token: str, body: Obj | None = None, **head: str) -> Response:
    headers = {key.replace("_", "-"): value for key, value in head.items()}
    return world.call("partner-center", method, f"/v1{url}", token, body, **headers)


def ours(world: Estate) -> str:
    return f"/customers/{text(world.customer(), 'tenant_id')}"


def asked_for(world: Estate, *products: str) -> Obj:
    kinds: list[Json] = [*products]
    body: Obj = {
        "sourcePartnerTenantId": text(world.known, "msp", "tenant_id"),
        "sourcePartnerName": "Intercept",
        "customerEmailId": "anna@vandermeer.example",
        "transferType": "5",
    }
    return {**body, "targetProductTypes": kinds} if kinds else body


def pending(world: Estate, *products: str) -> str:
    made = call(world, "POST", f"{ours(world)}/transfers", target(world), asked_for(world, *products))
    assert made.status == 201, made.body
    return text(made.json(), "id")


def accepting(world: Estate, transfer: str, subscriptions: list[str]) -> Obj:
    items: list[Json] = [{"subscriptionId": one} for one in subscriptions]
    return {"id": transfer, "status": "Accept", "lineItems": items}


def active(world: Estate) -> list[Obj]:
    rows = arr(dig(call(world, "GET", f"{ours(world)}/subscriptions", source(world)).json(), "items"))
    return [obj(one) for one in rows if text(one, "status") == "active"]


def code(response: Response) -> int:
    found = dig(response.json(), "code")
    assert isinstance(found, int), response.body
    return found


def later(world: Estate, moment: str) -> None:
    world.control("POST", "/clock", {"now": moment})


def test_customers_come_page_by_page_with_a_continuation_header() -> None:
    world = estate()
    key = source(world)
    first = call(world, "GET", "/customers", key).json()
    rest = dig(first, "links", "next")
    path, query = local(f"/v1{text(rest, 'uri')}")
    head = {text(one, "key").lower(): text(one, "value") for one in arr(dig(rest, "headers"))}
    onward = f"{path}?size=2&{query[-1][0]}={query[-1][1]}"
    second = world.call("partner-center", "GET", onward, key, None, **head).json()
    names = [text(one, "companyProfile", "companyName") for page in (first, second) for one in arr(dig(page, "items"))]
    assert len(names) == 3 and len(set(names)) == 3 and dig(second, "links", "next") is None


def test_without_the_claim_of_multi_factor_sign_in_nothing_is_answered() -> None:
    world = estate()
    good = call(world, "GET", ours(world), source(world), validatemfa="true")
    world.control("POST", "/mfa", {"on": False})
    bad = call(world, "GET", ours(world), source(world), validatemfa="true")
    assert good.status == 200 and good.headers["isMfaCompliant"] == "true"
    assert bad.status == 401 and code(bad) == 900421 and bad.headers["isMfaCompliant"] == "false"


def test_a_customer_of_another_partner_is_refused_with_its_own_code() -> None:
    world = estate()
    refused = call(world, "GET", f"/customers/{NOBODY}/subscriptions", source(world))
    assert refused.status == 403 and code(refused) == 20002
    assert set(obj(refused.json())) == {"code", "description", "data", "source"}
    other = text(world.customer("meerzicht"), "tenant_id")
    assert call(world, "GET", f"/customers/{other}/transfers", target(world)).status == 403


def test_only_the_target_asks_and_only_once() -> None:
    world = estate()
    assert code(call(world, "POST", f"{ours(world)}/transfers", source(world), asked_for(world))) == 900102
    incomplete = call(world, "POST", f"{ours(world)}/transfers", target(world), {"sourcePartnerName": "Intercept"})
    assert incomplete.status == 400
    pending(world)
    again = call(world, "POST", f"{ours(world)}/transfers", target(world), asked_for(world))
    assert again.status == 409 and code(again) == 900101
    both = [call(world, "GET", f"{ours(world)}/transfers", key(world)).json() for key in (source, target)]
    assert isinstance(both[0], list) and both[0] == both[1]


def test_an_accepted_transfer_completes_after_a_quarter_of_an_hour_and_leaves_the_rights_alone() -> None:
    world = estate()
    before = {key for key in world.sandbox.world.objects("vandermeer") if "roleassignments" in key}
    transfer = pending(world, "AzureSubscription")
    url, chosen = f"{ours(world)}/transfers/{transfer}", [world.subscription(0), world.subscription(1)]
    done = call(world, "PATCH", url, source(world), accepting(world, transfer, chosen))
    assert done.status == 200 and text(done.json(), "status") == "InProgress"
    assert set(chosen) <= {text(one, "id") for one in active(world)}
    later(world, "2026-11-23T09:15:00+01:00")
    assert text(call(world, "GET", url, source(world)).json(), "status") == "Completed"
    assert not set(chosen) & {text(one, "id") for one in active(world)}
    rows = arr(dig(call(world, "GET", f"{ours(world)}/subscriptions", target(world)).json(), "items"))
    assert {text(one, "id") for one in rows} == {*chosen}
    assert before == {key for key in world.sandbox.world.objects("vandermeer") if "roleassignments" in key}


def test_what_the_source_may_not_accept_is_refused() -> None:
    world = estate()
    transfer = pending(world, "AzureSubscription")
    url, key = f"{ours(world)}/transfers/{transfer}", source(world)
    licence = next(text(one, "id") for one in active(world) if text(one, "productType", "id") == "OnlineServicesNCE")
    assert code(call(world, "PATCH", url, key, accepting(world, transfer, [licence]))) == 800078
    assert code(call(world, "PATCH", url, key, accepting(world, transfer, []))) == 900102
    assert code(call(world, "PATCH", url, key, accepting(world, transfer, [world.subscription()] * 26))) == 900102
    assert call(world, "PATCH", url, target(world), accepting(world, transfer, [world.subscription()])).status == 400
    assert code(call(world, "GET", f"{ours(world)}/transfers/{NOBODY}", key)) == 900100
    yes = accepting(world, transfer, [world.subscription()])
    assert call(world, "PATCH", url, key, yes).status == 200
    twice = call(world, "PATCH", url, key, yes)
    assert twice.status == 409 and code(twice) == 900104


def test_only_the_target_cancels_and_only_while_it_is_pending() -> None:
    world = estate()
    transfer = pending(world)
    url, cancel = f"{ours(world)}/transfers/{transfer}", {"id": transfer, "status": "Cancel"}
    assert call(world, "PATCH", url, source(world), {**cancel}).status == 400
    assert text(call(world, "PATCH", url, target(world), {**cancel}).json(), "status") == "Cancel"
    second = pending(world)
    url = f"{ours(world)}/transfers/{second}"
    call(world, "PATCH", url, source(world), accepting(world, second, [world.subscription()]))
    assert call(world, "PATCH", url, target(world), {"id": second, "status": "Cancel"}).status == 400


def test_a_pending_transfer_expires_after_thirty_days() -> None:
    world = estate()
    transfer = pending(world)
    url = f"{ours(world)}/transfers/{transfer}"
    later(world, "2026-12-23T08:59:59+01:00")
    assert text(call(world, "GET", url, source(world)).json(), "status") == "Active"
    later(world, "2026-12-23T09:00:00+01:00")
    assert text(call(world, "GET", url, source(world)).json(), "status") == "Expired"


def test_the_relationship_stays_while_anything_is_active() -> None:
    world = estate()
    end: Obj = {"relationshipToPartner": "none", "attributes": {"objectType": "Customer"}}
    assert call(world, "PATCH", ours(world), source(world), end).status == 400
    transfer = pending(world)
    everything = [text(one, "id") for one in active(world)]
    url = f"{ours(world)}/transfers/{transfer}"
    call(world, "PATCH", url, source(world), accepting(world, transfer, everything))
    assert call(world, "PATCH", ours(world), source(world), end).status == 400
    later(world, "2026-11-23T10:00:00+01:00")
    done = call(world, "PATCH", ours(world), source(world), end)
    assert done.status == 200 and text(done.json(), "relationshipToPartner") == "none"
    assert code(call(world, "GET", ours(world), source(world))) == 20002
    assert text(call(world, "GET", url, source(world)).json(), "status") == "Completed"


def test_terms_end_or_renew_by_the_civil_clock() -> None:
    world = estate()
    kinds = {text(one, "productType", "id"): one for one in active(world)}
    assert set(kinds) == {"AzureSubscription", "AzureReservation", "AzureSavingsPlan", "OnlineServicesNCE"}
    ours_here = f"{ours(world)}/subscriptions/{text(kinds['OnlineServicesNCE'], 'id')}"
    off: Obj = {"id": text(kinds["OnlineServicesNCE"], "id"), "autoRenewEnabled": False}
    assert dig(call(world, "PATCH", ours_here, source(world), off).json(), "autoRenewEnabled") is False
    later(world, "2027-06-01T09:00:00+02:00")
    assert text(call(world, "GET", ours_here, source(world)).json(), "status") == "expired"
    reserved = f"{ours(world)}/subscriptions/{text(kinds['AzureReservation'], 'id')}"
    assert text(call(world, "GET", reserved, source(world)).json(), "commitmentEndDate") == "2028-05-30T00:00:00Z"


def test_the_same_request_id_gets_the_first_answer_and_the_correlation_comes_back() -> None:
    world = estate()
    key, once = target(world), {"ms_requestid": NOBODY, "ms_correlationid": NOBODY}
    answers = [call(world, "POST", f"{ours(world)}/transfers", key, asked_for(world), **once) for _ in range(2)]
    assert [one.status for one in answers] == [201, 201] and answers[0].body == answers[1].body
    assert answers[0].headers["MS-CorrelationId"] == NOBODY == answers[0].headers["MS-RequestId"]


def test_throttling_has_a_shape_of_its_own() -> None:
    world = estate()
    key = source(world)
    world.control("POST", "/trouble", {"do": "throttle", "vendor": "partner-center", "seconds": 7})
    slow = call(world, "GET", "/customers", key)
    assert slow.status == 429 and slow.headers["Retry-After"] == "7"
    assert slow.json() == {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 7 seconds."}


def test_writes_stand_in_the_audit_records() -> None:
    world = estate()
    pending(world)
    assert call(world, "GET", "/auditrecords", target(world)).status == 400
    rows = arr(dig(call(world, "GET", "/auditrecords?startDate=2026-11-23", target(world)).json(), "items"))
    assert [text(one, "operationType") for one in rows] == ["post_transfers"]


def test_hands_accept_a_transfer_and_switch_renewal_off() -> None:
    world = estate()
    assert dig(world.control("POST", "/hands", {"do": "partner-center.accept-transfer", **LEAVER}), "touched") == []
    off = arr(dig(world.control("POST", "/hands", {"do": "partner-center.renewal-off", **LEAVER}), "touched"))
    assert len(off) == 2 and not any(one.get("autoRenewEnabled") for one in active(world))
    transfer = pending(world)
    world.control("POST", "/hands", {"do": "partner-center.accept-transfer", **LEAVER})
    later(world, "2026-11-23T10:00:00+01:00")
    found = call(world, "GET", f"{ours(world)}/transfers/{transfer}", source(world)).json()
    assert text(found, "status") == "Completed" and active(world) == []


LEAVER: Obj = {"customer": "vandermeer"}


def _checker() -> tuple[ModuleType, Path]:
    folder = Path(os.environ.get("SENDOFF_SHARED", "")) / "contracts" / "microsoft"
    if not os.environ.get("SENDOFF_SHARED") or not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("SENDOFF_SHARED does not lead to the contracts")
        pytest.skip("SENDOFF_SHARED does not lead to the contracts")
    found = importlib.util.spec_from_file_location("check_request", folder / "tools" / "check_request.py")
    assert found is not None and found.loader is not None
    made = importlib.util.module_from_spec(found)
    found.loader.exec_module(made)
    return made, folder / "partner-center" / "partner-center-transfers.openapi.json"


def test_a_hand_ends_every_commitment_of_this_customer_and_then_the_relationship_may_end() -> None:
    world = estate()
    deed: Obj = {"do": "partner-center.end-commitments", "customer": "vandermeer"}
    stays = world.control("GET", "/world/objects?customer=meerzicht")
    suspended = next(one for one in stock(world) if text(one, "status") == "active")
    call(world, "PATCH", f"{ours(world)}/subscriptions/{text(suspended, 'id')}", source(world), {"status": "suspended"})
    touched = arr(dig(world.control("POST", "/hands", deed), "touched"))
    rows = stock(world)
    ends = {bool(text(one, "commitmentEndDate")): text(one, "status") for one in rows}
    assert ends == {True: "expired", False: "deleted"} and len(touched) == len(rows) - 1
    assert {one["autoRenewEnabled"] for one in rows} == {False}
    assert dig(world.control("POST", "/hands", deed), "touched") == []
    end: Obj = {"relationshipToPartner": "none", "attributes": {"objectType": "Customer"}}
    assert call(world, "PATCH", ours(world), source(world), end).status == 200
    assert world.control("GET", "/world/objects?customer=meerzicht") == stays


def stock(world: Estate) -> list[Obj]:
    return [
        obj(one) for one in arr(dig(call(world, "GET", f"{ours(world)}/subscriptions", source(world)).json(), "items"))
    ]


def test_requests_and_answers_fit_the_contract() -> None:
    made, contract = _checker()
    world = estate()
    checker = made.Checker(str(contract))
    transfer = pending(world)
    one, sold = f"{ours(world)}/transfers/{transfer}", f"{ours(world)}/subscriptions"
    tour: list[tuple[str, str, Obj | None]] = [
        ("GET", "/customers", None),
        ("GET", ours(world), None),
        ("GET", sold, None),
        ("GET", f"{sold}/{world.subscription()}", None),
        ("GET", f"{sold}/{NOBODY}", None),
        ("GET", f"{ours(world)}/relationships", None),
        ("GET", f"{ours(world)}/transfers", None),
        ("GET", one, None),
        ("GET", f"{ours(world)}/transferseligibility?transferType=3", None),
        ("PATCH", ours(world), {"relationshipToPartner": "none", "attributes": {"objectType": "Customer"}}),
        ("PATCH", one, accepting(world, transfer, [world.subscription()])),
        ("GET", "/auditrecords?startDate=2026-11-23", None),
    ]
    for method, url, body in tour:
        got = call(world, method, url, source(world), body)
        base = "https://api.partnercenter.microsoft.com/v1"
        assert checker.check(method, f"{base}{url}", body, got.status, loads(got.body)) == [], (method, url)
    asked = asked_for(estate(), "AzureSubscription")
    fresh = estate()
    made_one = call(fresh, "POST", f"{ours(fresh)}/transfers", target(fresh), asked)
    assert checker.check("POST", f"https://x/v1{ours(fresh)}/transfers", asked, 201, json.loads(made_one.body)) == []
