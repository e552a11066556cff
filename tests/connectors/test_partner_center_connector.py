"""Partner Center: who asks for what, what is never done for the vendor, and what its odd answers mean."""

import json
import uuid
from dataclasses import replace

import httpx2
import pytest

from fakes.connector_desk import ONCE, SLUG, Desk, deed
from fakes.microsoft_hands import (
    PARTNER,
    all_ended,
    app_user,
    asked,
    partner_center,
    requested,
    unrelating,
    with_supplier,
)
from sendoff.connectors.partner_center.client import PartnerCenterDoors
from sendoff.connectors.partner_center.connector import PartnerCenterConnector
from sendoff.connectors.partner_center.items import product_of, status_of
from sendoff.model.errors import Confusing, Denied, Refused
from sendoff.model.inventory import Item, Kind, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.ports import Connector
from sendoff.sandbox.wire import arr, dig, text


def items(connector: Connector, desk: Desk, kind: Kind) -> list[Item]:
    return [item for cell in connector.cells() if cell.kind is kind for item in connector.look(cell, desk.tray)]


def accepting(desk: Desk, ident: str, *content: tuple[str, str], key: Key = Key.PARTNER_CENTER) -> Action:
    return asked(None, Kind.TRANSFER, Verb.ACCEPT, ident, desk.facts.customer.tenant, *content, key=key)


def moving(desk: Desk) -> tuple[tuple[str, str], ...]:
    return tuple(("subscription", row.id) for row in desk.facts.leaving)


def test_what_was_bought_is_seen_with_its_term_and_whether_it_renews() -> None:
    desk = Desk()
    found = items(partner_center(desk), desk, Kind.COMMITMENT)
    assert {one.fact("product") for one in found} == {"azure-plan", "reservation", "savings-plan", "licence"}
    assert all((one.fact("ended") == "yes") == (one.fact("renews") == "no") for one in found)
    reservation = next(one for one in found if one.fact("product") == "reservation")
    assert reservation.fact("term-end")[:4] == "2027" and reservation.fact("quantity") == "2"


def test_a_person_accepts_the_transfer_and_we_see_when_they_have() -> None:
    desk = Desk()
    ident, connector = requested(desk), partner_center(desk)
    action = accepting(desk, ident, key=Key.PERSON)
    assert connector.find(action, once=ONCE) is None
    with pytest.raises(Refused):
        connector.apply(action, once=ONCE, out=desk.tray)
    thing = desk.sandbox.world.get(PARTNER, "transfer", ident)
    assert thing is not None and desk.wire.calls("PATCH", "") == 0
    desk.sandbox.world.change(thing, {"status": "Completed"})
    found = connector.find(action, once=ONCE)
    assert found is not None and found.outcome is Outcome.FOUND


def test_a_request_says_who_asks_and_when_it_lapses() -> None:
    desk = Desk()
    requested(desk)
    (item,) = items(partner_center(desk), desk, Kind.TRANSFER)
    assert (item.fact("status"), item.fact("target-name"), item.fact("lines")) == ("pending", "Noordzee Cloud", "0")
    assert item.fact("expires").startswith("2026-12-20")


def test_where_the_door_is_open_the_transfer_is_accepted_once_with_the_lines_of_the_plan() -> None:
    desk = Desk()
    desk.facts = with_supplier(desk)
    ident, connector = requested(desk), partner_center(desk, accept_by_api=True)
    action = accepting(desk, ident, *moving(desk))
    answer = connector.apply(action, once=ONCE, out=desk.tray)
    assert isinstance(answer, Again)
    assert isinstance(connector.follow(action, answer.operation), Again)
    sent = [one for one in desk.wire.seen if one.method == "PATCH"]
    assert sent[0].headers["MS-RequestId"] == str(uuid.uuid5(uuid.NAMESPACE_URL, ONCE))
    assert [text(one, "subscriptionId") for one in arr(dig(json.loads(sent[0].content), "lineItems"))] == [
        row.id for row in desk.facts.leaving
    ]
    desk.control("POST", "/clock", {"now": "2026-11-23T12:00:00Z"})
    done = connector.follow(action, answer.operation)
    assert isinstance(done, Receipt) and done.outcome is Outcome.DONE and len(sent) == 1


def test_a_transfer_to_somebody_else_is_never_accepted() -> None:
    desk = Desk()
    desk.facts = with_supplier(desk)
    ident = requested(desk, target="11111111-2222-4333-8444-555555555555")
    with pytest.raises(Refused, match="new supplier"):
        partner_center(desk, accept_by_api=True).apply(accepting(desk, ident, *moving(desk)), once=ONCE, out=desk.tray)
    assert desk.wire.calls("PATCH", "") == 0


def test_what_stays_is_never_moved() -> None:
    desk = Desk()
    desk.facts = with_supplier(desk)
    stays = next(row for row in desk.facts.scope if row not in desk.facts.leaving)
    action = accepting(desk, requested(desk), ("subscription", stays.id))
    with pytest.raises(Refused, match="does not leave"):
        partner_center(desk, accept_by_api=True).apply(action, once=ONCE, out=desk.tray)
    assert desk.wire.calls("PATCH", "") == 0


def test_the_relationship_is_not_ended_while_something_is_active() -> None:
    desk = Desk()
    connector = partner_center(desk)
    (item,) = items(connector, desk, Kind.RELATIONSHIP)
    with pytest.raises(Refused, match="active"):
        connector.apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert desk.wire.calls("PATCH", "") == 0


def test_the_relationship_is_not_ended_while_a_transfer_waits() -> None:
    desk = Desk()
    connector = partner_center(desk)
    action = unrelating(desk, connector)
    requested(desk)
    with pytest.raises(Refused, match="transfers"):
        connector.apply(action, once=ONCE, out=desk.tray)
    assert desk.wire.calls("PATCH", "") == 0


def test_after_the_relationship_ended_nothing_of_it_is_found_and_nothing_is_blind() -> None:
    desk = Desk()
    connector = partner_center(desk)
    action = unrelating(desk, connector)
    receipt = connector.apply(action, once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
    assert connector.read(action.at, desk.tray) is None
    assert items(connector, desk, Kind.RELATIONSHIP) == []
    for kind in (Kind.TRANSFER, Kind.COMMITMENT):
        items(connector, desk, kind)


def test_a_person_switches_renewal_off_and_we_see_when_they_have() -> None:
    desk = Desk()
    connector = partner_center(desk)
    renewing = next(one for one in items(connector, desk, Kind.COMMITMENT) if one.fact("renews") == "yes")
    action = replace(deed(renewing, Verb.END), key=Key.PERSON)
    assert connector.find(action, once=ONCE) is None
    thing = desk.sandbox.world.get(PARTNER, "subscription", renewing.id)
    assert thing is not None
    desk.sandbox.world.change(thing, {"autoRenewEnabled": False})
    after = connector.read(renewing.target, desk.tray)
    assert connector.find(action, once=ONCE) is not None
    assert after is not None and after.fact("ended") == "yes" and after.image == renewing.image


def test_a_delegated_relationship_is_read_in_our_tenant_and_a_person_ends_it() -> None:
    desk = Desk()
    connector = partner_center(desk)
    (item,) = items(connector, desk, Kind.GDAP)
    action = replace(deed(item, Verb.END), key=Key.PERSON)
    assert item.key is Key.HOUSE and connector.find(action, once=ONCE) is None
    thing = desk.sandbox.world.get("graph", "delegatedAdminRelationship", item.id)
    assert thing is not None and thing.owner == SLUG
    desk.sandbox.world.change(thing, {"status": "terminated"})
    assert connector.find(action, once=ONCE) is not None and items(connector, desk, Kind.GDAP) == []


def test_a_token_without_the_mfa_claim_says_what_to_do() -> None:
    desk = Desk()
    connector = partner_center(desk)

    class Refuses(httpx2.BaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            if request.url.host != "api.partnercenter.microsoft.com":
                return desk.wire.handle_request(request)
            body = {"code": 900421, "description": "no", "data": [], "source": "PartnerFD"}
            return httpx2.Response(401, json=body, request=request)

    desk.client = httpx2.Client(transport=Refuses())
    for go in (lambda: connector.probe(Key.PARTNER_CENTER), lambda: items(connector, desk, Kind.COMMITMENT)):
        with pytest.raises(Denied, match=r"MFA.*900421"):
            go()


def test_a_rotated_refresh_token_is_used_and_shown_nowhere() -> None:
    desk = Desk()
    connector = partner_center(desk)
    connector.probe(Key.PARTNER_CENTER)
    connector.probe(Key.PARTNER_CENTER)
    asked_for = [one.content.decode() for one in desk.wire.seen if one.url.host == "login.microsoftonline.com"]
    assert len(asked_for) == 2 and all("grant_type=refresh_token" in one for one in asked_for)
    tokens = [*desk.sandbox.world.tokens, app_user(desk).refresh_token.reveal()]
    entrance = vars(connector)["_entrance"]
    assert len(tokens) > 1 and not [one for one in tokens if one in repr((vars(connector), vars(entrance)))]


def test_pages_are_followed_by_the_vendors_link_and_counted() -> None:
    desk = Desk()
    connector = partner_center(desk)
    whole = items(connector, desk, Kind.COMMITMENT)

    def paged(request: httpx2.Request, body: bytes) -> bytes:
        if not request.url.path.endswith("/subscriptions"):
            return body
        page, at = json.loads(body), int(request.headers.get("MS-ContinuationToken", "0"))
        link = {"uri": request.url.path.removeprefix("/v1") + "?seekOperation=Next", "method": "GET"}
        more = {"links": {"next": {**link, "headers": [{"key": "MS-ContinuationToken", "value": str(at + 2)}]}}}
        return json.dumps(
            {**page, "items": page["items"][at : at + 2], **(more if at + 2 < len(whole) else {})}
        ).encode()

    desk.wire.edit = paged
    assert [one.ref for one in items(connector, desk, Kind.COMMITMENT)] == [one.ref for one in whole]
    desk.wire.edit = lambda request, body: paged(request, body).replace(b'"links"', b'"lost"')
    with pytest.raises(Confusing):
        items(connector, desk, Kind.COMMITMENT)


def test_a_key_of_another_tenant_is_refused() -> None:
    desk = Desk()
    doors = PartnerCenterDoors(app_user=replace(app_user(desk), tenant=desk.facts.customer.tenant))
    connector = PartnerCenterConnector(desk.facts, doors, clients=desk.clients, limits=desk.limits)
    with pytest.raises(Refused):
        connector.probe(Key.PARTNER_CENTER)
    assert not desk.wire.seen


def test_without_a_key_every_cell_stays_and_is_denied() -> None:
    desk = Desk()
    connector = PartnerCenterConnector(desk.facts, PartnerCenterDoors(), clients=desk.clients, limits=desk.limits)
    assert len(connector.cells()) == 4
    for cell in connector.cells():
        with pytest.raises(Denied):
            list(connector.look(cell, desk.tray))


@pytest.mark.parametrize(
    ("said", "means"),
    [("Active", "pending"), ("In Progress", "in progress"), ("Completed", "complete"), ("Cancel", "cancelled"),
     ("Reject", "rejected"), ("Expired", "expired"), ("CompletedWithErrors", "complete in part"), ("Odd", "Odd")],
)  # fmt: skip
def test_the_vendors_word_for_a_transfer_is_read_tolerantly(said: str, means: str) -> None:
    assert status_of({"status": said}) == means


def test_an_unknown_product_is_a_licence() -> None:
    assert product_of({"productType": {"id": "Software"}}) == "software"
    assert product_of({"offerName": "Something"}) == "licence"


def test_nothing_of_it_touches_the_customers_who_stay() -> None:
    desk = Desk()
    others, connector = desk.others(), partner_center(desk)
    all_ended(desk)
    connector.apply(unrelating(desk, connector), once=ONCE, out=desk.tray)
    assert desk.others() == others
