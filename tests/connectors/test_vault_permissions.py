"""What our people may on the customer's lists: told by a report, taken away row by row, and never guessed."""

import json
from dataclasses import replace

import pytest
from connector_hands import VAULT_URL, cells

from fakes.connector_desk import ONCE, Desk, deed
from sendoff.connectors.passwordstate.client import VaultDoor
from sendoff.connectors.passwordstate.connector import PasswordstateConnector
from sendoff.model.errors import Confusing, Denied, Refused
from sendoff.model.inventory import Item, Kind, Verb, Whose
from sendoff.model.plan import Outcome, Receipt
from sendoff.model.secret import Secret
from sendoff.rules.provenance import owned
from sendoff.sandbox.wire import Json, arr, dig, text

STAFF = ("Intercept *", "INTERCEPT\\*")


def hand(desk: Desk, staff: tuple[str, ...] = STAFF) -> PasswordstateConnector:
    ours = dig(desk.known, "msp", "passwordstate")
    door = VaultDoor(url=VAULT_URL, system_key=Secret(text(ours, "api_key")), staff=staff)
    return PasswordstateConnector(desk.facts, door, clients=desk.clients, limits=desk.limits)


def found(desk: Desk) -> dict[str, Item]:
    connector = hand(desk)
    return {one.id: one for cell in cells(connector, Kind.SECRET_ACCESS) for one in connector.look(cell, desk.tray)}


def rows(desk: Desk, ident: str) -> list[Json]:
    held = desk.sandbox.world.get("vault", "list", ident)
    assert held is not None
    return arr(held.raw["Permissions"])


def test_without_names_of_staff_nothing_is_looked_for() -> None:
    desk = Desk()
    assert not [cell for cell in hand(desk, ()).cells() if cell.kind is Kind.SECRET_ACCESS]


def test_each_row_on_the_customers_own_lists_is_told_with_its_level() -> None:
    desk = Desk()
    told = found(desk)
    assert {one.split("/")[0] for one in told} == {"101", "102", "103"}
    assert told["101/group/Intercept engineers"].fact("level") == "admin"
    assert told["101/group/Intercept service desk"].fact("level") == "view"
    assert told["101/user/INTERCEPT/svc-sendoff"].fact("level") == "modify"


def test_who_is_not_named_as_ours_is_nobodys_to_take_away() -> None:
    desk = Desk()
    rows(desk, "101").append({"UserID": "VDM\\anna", "Permission": "V"})
    said = {one.item.id: one.provenance.whose for one in owned(list(found(desk).values()), desk.facts, {})}
    assert said["101/user/VDM/anna"] is Whose.UNKNOWN
    assert said["101/group/Intercept service desk"] is Whose.OURS


def test_a_right_is_taken_away_and_seen_gone_and_nobody_else_loses_one() -> None:
    desk = Desk()
    before, item = desk.others(), found(desk)["101/group/Intercept service desk"]
    receipt = hand(desk).apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
    sent = next(one for one in desk.wire.seen if one.method == "DELETE")
    assert json.loads(sent.content) == {
        "PasswordListID": 101,
        "ApplyPermissionsForSecurityGroupName": "Intercept service desk",
    }
    assert hand(desk).read(item.target, desk.tray) is None and item.id not in found(desk)
    assert len(rows(desk, "101")) == 2 and len(rows(desk, "102")) == 3 and desk.others() == before
    again = hand(desk).apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert isinstance(again, Receipt) and again.outcome is Outcome.FOUND


def test_who_administers_a_list_keeps_that_and_another_customers_list_is_out_of_reach() -> None:
    desk = Desk()
    item = found(desk)["101/group/Intercept engineers"]
    with pytest.raises(Refused, match="keeps that until the list is gone"):
        hand(desk).apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)
    view = found(desk)["101/group/Intercept service desk"]
    theirs = replace(deed(view, Verb.REMOVE), target="301/group/Intercept service desk")
    assert hand(desk).apply(theirs, once=ONCE, out=desk.tray) == Receipt(outcome=Outcome.FOUND, code="Not Found")
    with pytest.raises(Refused, match="is not the folder"):
        hand(desk).apply(replace(theirs, scope="\\Customers\\Meerzicht"), once=ONCE, out=desk.tray)
    assert desk.wire.calls("DELETE", "") == 0 and len(rows(desk, "301")) == 3


def test_a_report_that_may_not_be_read_or_leaves_a_list_out_is_never_nobody() -> None:
    desk = Desk()
    item = found(desk)["101/group/Intercept service desk"]
    for status in (401, 403, 404):
        desk.trouble(do="status", vendor="passwordstate", path="reporting/23", status=status)
        with pytest.raises(Denied, match="no report tells"):
            hand(desk).read(item.target, desk.tray)
        desk.calm()
    rows(desk, "102").clear()
    with pytest.raises(Confusing, match="nobody for list 102"):
        hand(desk).read(item.target, desk.tray)


def test_a_report_with_other_columns_says_nothing() -> None:
    desk = Desk()
    item = found(desk)["101/group/Intercept service desk"]
    desk.wire.edit = lambda _, body: body.replace(b'"SecurityGroupName"', b'"GroupName"')
    with pytest.raises(Denied, match="does not say whom"):
        hand(desk).read(item.target, desk.tray)


def test_a_right_on_a_list_that_is_gone_is_gone() -> None:
    desk = Desk()
    item = found(desk)["101/group/Intercept engineers"]
    held = desk.sandbox.world.get("vault", "list", "101")
    assert held is not None
    desk.sandbox.world.remove(held)
    assert hand(desk).read(item.target, desk.tray) is None


def test_the_vendor_wants_exactly_one_name_and_a_list() -> None:
    desk = Desk()
    key = {"APIKey": text(desk.known, "msp", "passwordstate", "api_key")}
    user, group = "ApplyPermissionsForUserID", "ApplyPermissionsForSecurityGroupName"
    for body in ({}, {"PasswordListID": 101}, {user: "a"}, {"PasswordListID": 101, user: "a", group: "b"}):
        url = f"{VAULT_URL}/api/passwordlistpermissions"
        assert desk.client.request("DELETE", url, headers=key, json=body).status_code == 400
