"""A record that others use too, what the API does not give, and a vault that answers badly."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from connector_hands import VAULT_URL, seen, vault

from fakes.connector_desk import ONCE, Desk, deed
from sendoff.connectors.passwordstate.client import VaultDoor
from sendoff.connectors.passwordstate.connector import PasswordstateConnector
from sendoff.model.errors import Confusing, ConnectorError, Denied, Refused
from sendoff.model.inventory import Inventory, Item, Kind, Verb, Whose
from sendoff.model.plan import Receipt
from sendoff.model.secret import Secret
from sendoff.model.situation import Owned, Proposal, Situation
from sendoff.model.step import Step
from sendoff.rules.provenance import owned
from sendoff.sandbox.wire import Json, dig, obj, text
from sendoff.sandbox.world import Thing
from sendoff.steps.erase_secrets import ERASE_SECRETS
from sendoff.steps.export_secrets import EXPORT_SECRETS


def record(desk: Desk, ident: str, **more: Json) -> Thing:
    """A record of the vault with something more in it."""
    found = desk.sandbox.world.get("vault", "password", ident)
    assert found is not None
    found.raw.update(more)
    return found


def by_lists(desk: Desk, *, system: bool = False, days: int | None = None) -> PasswordstateConnector:
    """Our hands with a key for each list, and the system-wide one only where it is wanted."""
    ours = dig(desk.known, "msp", "passwordstate")
    keys = {ident: Secret(text(key)) for ident, key in obj(dig(ours, "list_keys")).items()}
    everything = Secret(text(ours, "api_key")) if system else None
    door = VaultDoor(url=VAULT_URL, list_keys=keys, system_key=everything, backup_days=days)
    return PasswordstateConnector(
        desk.facts, door, clients=desk.clients, limits=desk.limits, now=lambda: datetime(2027, 1, 5, tzinfo=UTC)
    )


def told(desk: Desk, connector: PasswordstateConnector | None = None) -> dict[str, Owned]:
    hand = connector or vault(desk)
    found = [one for cell in hand.cells() for one in hand.look(cell, desk.tray)]
    return {one.item.ref.partition("|")[2]: one for one in owned(found, desk.facts, {})}


def planned(desk: Desk, step: Step, rows: dict[str, Owned]) -> Proposal:
    assert step.plan is not None
    inventory = Inventory(read=(), blind=(), items=tuple(one.item for one in rows.values()))
    at = datetime(2027, 1, 4, tzinfo=UTC)
    return step.plan(Situation(case="L1", facts=desk.facts, inventory=inventory, owned=tuple(rows.values()), at=at))


def of(desk: Desk, ident: str) -> Item:
    return next(one for one in seen(vault(desk), desk, Kind.SECRET) if one.id == ident)


# ---- shared --------------------------------------------------------------------------------------------------------


def test_a_record_that_lies_in_another_customers_list_too_is_withheld_and_never_erased() -> None:
    desk = Desk()
    before = told(desk)["secret|1002"]
    assert before.provenance.whose is Whose.CUSTOMERS, "the same record, while it is theirs alone"
    record(desk, "1002", Links=["301"])
    rows = told(desk)
    assert rows["secret|1002"].provenance.whose is Whose.SHARED
    assert "list 301" in rows["secret|1002"].provenance.reasons[0]
    export, erase = planned(desk, EXPORT_SECRETS, rows), planned(desk, ERASE_SECRETS, rows)
    assert "1002" not in {one.target for one in (*export.actions, *erase.actions)}
    assert "rotate it" in next(one.why for one in export.left if one.item.id == "1002")
    assert "101" not in {one.target for one in erase.actions if one.kind is Kind.SECRET_LIST}, "its list stays too"
    for verb in (Verb.DISCLOSE, Verb.REMOVE):
        with pytest.raises(Refused, match="is shared"):
            vault(desk).apply(deed(before.item, verb), once=ONCE, out=desk.tray)
    assert desk.tray.secrets == [] and desk.wire.calls("DELETE", "") == 0


def test_a_record_that_is_linked_only_within_the_customers_own_lists_is_theirs() -> None:
    desk = Desk()
    record(desk, "1002", Links=["102"])
    desk.sandbox.world.get("vault", "list", "102").raw["TotalPasswords"] = 9  # type: ignore[union-attr]
    rows = told(desk)
    assert rows["secret|1002"].provenance.whose is Whose.CUSTOMERS


def test_a_record_that_says_itself_that_it_is_shared_is_withheld() -> None:
    desk = Desk()
    record(desk, "1002", GenericField1="shared=meerzicht")
    rows = told(desk)
    assert rows["secret|1002"].provenance.whose is Whose.SHARED
    assert "1002" not in {one.target for one in planned(desk, EXPORT_SECRETS, rows).actions}


def test_by_keys_of_single_lists_nobody_claims_that_a_record_lies_nowhere_else() -> None:
    desk = Desk()
    record(desk, "1002", Links=["301"])
    desk.facts = replace(desk.facts, places=replace(desk.facts.places, vault_lists=("101",)))
    hand = by_lists(desk)
    found = [one for cell in hand.cells() if cell.scope == "101" for one in hand.look(cell, desk.tray)]
    assert {one.fact("sharing") for one in found} == {"no report says whether it lies in other lists too"}
    assert not any(
        one.headers.get("apikey") == text(desk.known, "msp", "passwordstate", "api_key") for one in desk.wire.seen
    )


# ---- what goes along -----------------------------------------------------------------------------------------------


def test_every_field_goes_along_also_one_that_nobody_foresaw_and_hidden() -> None:
    desk = Desk()
    record(desk, "1002", WebPassword_ID="field-x", Tomorrow="a secret of next year", Seed="JBSWY3DP", UserID="erik")
    receipt = vault(desk).apply(deed(of(desk, "1002"), Verb.DISCLOSE), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt)
    row, hidden = desk.tray.secrets[0]
    assert hidden["Tomorrow"].reveal() == "a secret of next year" and "WebPassword_ID" in hidden
    assert "Tomorrow" not in row and "UserID" not in {*row, *hidden}


def test_a_record_that_makes_one_time_codes_says_that_it_must_be_enrolled_anew() -> None:
    desk = Desk()
    held = desk.sandbox.world.get("vault", "list", "103")
    assert held is not None
    held.raw["OneTimePasswords"] = True
    rows = told(desk)
    codes = [one for one in rows.values() if one.item.fact("one-time-code") == "yes"]
    assert len(codes) == 6 and all(one.item.scope == "103" for one in codes)
    receipt = vault(desk).apply(deed(codes[0].item, Verb.DISCLOSE), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and "enrol it anew" in dict(receipt.said)["one-time-code"]
    assert "OTP" not in {**desk.tray.secrets[0][0], **desk.tray.secrets[0][1]}
    erased = [one for one in planned(desk, ERASE_SECRETS, rows).actions if one.verb is Verb.REMOVE]
    assert {one.target for one in erased if one.said("one-time-code")} == {one.item.id for one in codes}


def test_documents_that_hang_on_a_list_are_a_record_of_the_parcel() -> None:
    desk = Desk()
    held = desk.sandbox.world.get("vault", "list", "102")
    assert held is not None
    assert not [one for one in planned(desk, EXPORT_SECRETS, told(desk)).actions if one.kind is Kind.SECRET_LIST]
    held.raw["Documents"] = [{"DocumentID": 9, "DocumentName": "netwerk <b>.vsdx", "Content": "AAECAw=="}]
    rows = told(desk)
    (act,) = (one for one in planned(desk, EXPORT_SECRETS, rows).actions if one.kind is Kind.SECRET_LIST)
    assert act.target == "102"
    receipt = vault(desk).apply(act, once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and dict(receipt.said)["documents"] == "1"
    row, hidden = desk.tray.secrets[0]
    assert (
        row["Title"].startswith("Documents of") and hidden["Document netwerk <b>.vsdx (base64)"].reveal() == "AAECAw=="
    )


def test_documents_that_hang_on_a_folder_go_along_with_one_list_and_those_of_others_do_not() -> None:
    desk = Desk()
    mine, theirs = (
        next(one for one in desk.sandbox.world.all("vault", "folder") if one.owner == slug)
        for slug in ("vandermeer", "meerzicht")
    )
    mine.raw["Documents"] = [{"DocumentID": 77, "DocumentName": "plan.pdf", "Content": "AAECAw=="}]
    theirs.raw["Documents"] = [{"DocumentID": 78, "DocumentName": "other.pdf", "Content": "BBBB"}]
    (act,) = (one for one in planned(desk, EXPORT_SECRETS, told(desk)).actions if one.kind is Kind.SECRET_LIST)
    assert act.target == "101", "the list with the lowest number carries them"
    receipt = vault(desk).apply(act, once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and dict(receipt.said)["documents"] == "1"
    _, hidden = desk.tray.secrets[0]
    assert {name: one.reveal() for name, one in hidden.items()} == {"Folder document 77 plan.pdf (base64)": "AAECAw=="}


@pytest.mark.parametrize(
    ("days", "said"), [(90, "may hold it until 2027-04-05"), (None, "for as long as they are kept")]
)
def test_what_is_erased_is_not_called_destroyed_while_backups_live(days: int | None, said: str) -> None:
    desk = Desk()
    receipt = by_lists(desk, system=True, days=days).apply(
        deed(of(desk, "1002"), Verb.REMOVE), once=ONCE, out=desk.tray
    )
    assert isinstance(receipt, Receipt) and said in dict(receipt.said)["backups"]


# ---- a vault that answers badly --------------------------------------------------------------------------------------


@pytest.mark.parametrize("do", ["general-error", "wrong-key", "cut-off"])
@pytest.mark.parametrize("path", [r"/passwords/\d+$", "/passwordlists", "/passwordhistory/"])
def test_a_vault_that_answers_badly_is_neither_empty_nor_done(do: str, path: str) -> None:
    desk = Desk()
    item = of(desk, "1002")
    desk.trouble(do=do, vendor="passwordstate", path=path)
    with pytest.raises(ConnectorError):
        vault(desk).apply(deed(item, Verb.DISCLOSE), once=ONCE, out=desk.tray)
    assert desk.tray.secrets == []
    if "history" not in path:
        with pytest.raises(ConnectorError):
            seen(vault(desk), desk, Kind.SECRET)


def test_a_reason_that_a_proxy_dropped_is_a_no_and_not_an_empty_list() -> None:
    desk = Desk()
    assert [one for one in seen(vault(desk), desk, Kind.SECRET) if one.scope == "103"]
    desk.trouble(do="stripped", vendor="passwordstate")
    with pytest.raises(Denied):
        seen(vault(desk), desk, Kind.SECRET)


def test_a_list_that_became_private_is_not_called_gone() -> None:
    desk = Desk()
    held = desk.sandbox.world.get("vault", "list", "102")
    assert held is not None and seen(vault(desk), desk, Kind.SECRET)
    held.raw["PrivatePasswordList"] = True
    hand = by_lists(desk)
    with pytest.raises(Denied):
        list(hand.look(next(one for one in hand.cells() if one.scope == "102"), desk.tray))


def test_a_password_that_is_reset_between_two_reads_is_another_parcel() -> None:
    desk = Desk()
    item = of(desk, "1002")
    desk.trouble(do="rotates", vendor="passwordstate", path=r"/passwords/1002$")
    for _ in range(2):
        vault(desk).apply(deed(item, Verb.DISCLOSE), once=ONCE, out=desk.tray)
    first, second = (hidden["Password"].reveal() for _, hidden in desk.tray.secrets)
    assert first != second


def test_a_history_of_another_record_never_goes_along() -> None:
    desk = Desk()
    item = of(desk, "1002")
    desk.wire.edit = lambda request, body: (
        body.replace(b'"PasswordID": 1002', b'"PasswordID": 1003') if "passwordhistory" in request.url.path else body
    )
    with pytest.raises(Confusing):
        vault(desk).apply(deed(item, Verb.DISCLOSE), once=ONCE, out=desk.tray)
    assert desk.tray.secrets == []


def test_a_history_that_is_told_to_be_absent_is_none_and_an_unknown_address_is_not() -> None:
    desk = Desk()
    item = of(desk, "1002")
    desk.trouble(do="status", vendor="passwordstate", status=404, code="Not Found", path="passwordhistory")
    receipt = vault(desk).apply(deed(item, Verb.DISCLOSE), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and dict(receipt.said)["history"] == "0"
    desk.calm()
    desk.trouble(do="html", vendor="passwordstate", status=404, path="passwordhistory")
    with pytest.raises(ConnectorError):
        vault(desk).apply(deed(item, Verb.DISCLOSE), once=ONCE, out=desk.tray)
