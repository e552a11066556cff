"""Our vault: one folder, every call with its reason, and no belief in an empty answer."""

from dataclasses import replace

import pytest
from connector_hands import seen, vault

from fakes.connector_desk import ONCE, Desk, deed
from sendoff.model.errors import Confusing, ConnectorError, Refused, Unreachable
from sendoff.model.inventory import Kind, SignKind, Verb
from sendoff.model.plan import Receipt


def test_every_call_gives_its_reason_and_none_suppresses_auditing() -> None:
    desk = Desk()
    connector = vault(desk)
    for cell in connector.cells():
        list(connector.look(cell, desk.tray))
    assert desk.wire.seen and all("vandermeer" in one.headers["reason"] for one in desk.wire.seen)
    assert not [one for one in desk.wire.seen if "preventauditing" in str(one.url).lower()]


def test_a_look_opens_no_secret() -> None:
    desk = Desk()
    before = len(desk.sandbox.world.record.rows)
    seen(vault(desk), desk, Kind.SECRET)
    assert not [one for one in desk.sandbox.world.record.rows[before:] if one.get("verb") == "disclosed"]


def test_an_empty_list_is_empty_only_when_the_list_says_so() -> None:
    desk = Desk()
    connector = vault(desk)
    for item in seen(connector, desk, Kind.SECRET):
        connector.apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert seen(vault(desk), desk, Kind.SECRET) == []
    desk.trouble(do="status", vendor="passwordstate", status=404, path="passwordlists")
    with pytest.raises(ConnectorError):
        seen(vault(desk), desk, Kind.SECRET)


def test_a_list_that_says_more_than_came_is_confusing() -> None:
    desk = Desk()
    desk.trouble(do="empty-list", vendor="passwordstate", path=r"/passwords/\d+$")
    with pytest.raises(Confusing):
        seen(vault(desk), desk, Kind.SECRET)


def test_a_folder_whose_name_only_begins_the_same_is_another_customers() -> None:
    desk = Desk()
    desk.facts = replace(desk.facts, places=replace(desk.facts.places, vault_folder="\\Customers\\Van der Meer"))
    with pytest.raises(Refused):
        seen(vault(desk), desk, Kind.SECRET)


def test_a_list_in_the_folder_that_is_not_on_file_is_looked_at_too() -> None:
    desk = Desk()
    everything = {one.ref for one in seen(vault(desk), desk, Kind.SECRET)}
    desk.facts = replace(desk.facts, places=replace(desk.facts.places, vault_lists=("101",)))
    assert {one.ref for one in seen(vault(desk), desk, Kind.SECRET)} == everything


def test_a_record_that_says_it_is_ours_shows_that_field() -> None:
    desk = Desk()
    found = seen(vault(desk), desk, Kind.SECRET)
    ours = next(one for one in found if one.name == "RMM agent key")
    assert "GenericField1=owner=intercept" in [one.value for one in ours.signs if one.kind is SignKind.METADATA]


def test_documents_and_history_go_into_the_parcel_and_the_names_of_our_people_do_not() -> None:
    desk = Desk()
    connector = vault(desk)
    item = next(one for one in seen(connector, desk, Kind.SECRET) if one.id == "1003")
    record = desk.sandbox.world.get("vault", "password", "1003")
    assert record is not None
    record.raw["History"] = [{"Password": "the first", "DateChanged": "1-2-2024 09:00:00"}, {"Password": "the second"}]
    receipt = connector.apply(deed(item, Verb.DISCLOSE), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt)
    assert dict(receipt.said).items() >= {"history": "2", "documents": "1", "audited": "3"}.items()
    row, hidden = desk.tray.secrets[0]
    told = {**row, **{name: value.reveal() for name, value in hidden.items()}}
    assert told["History 1 Password"] == "the first" and told["History 1 DateChanged"] == "1-2-2024 09:00:00"
    assert told["History 2 Password"] == "the second" and told["Document certificate.pem (base64)"]
    assert told["GenericField1 is"] == "Label"
    assert not [value for value in told.values() if "erik" in value.lower() or "jansen" in value.lower()]
    answers = [body.content for request, body in desk.wire.answered if "passwordhistory" in request.url.path]
    assert b"Jansen" in answers[0], "the vault did tell it"


def test_a_gateways_page_never_goes_into_the_parcel_as_a_document() -> None:
    desk = Desk()
    connector = vault(desk)
    item = next(one for one in seen(connector, desk, Kind.SECRET) if one.id == "1003")
    desk.trouble(do="html", vendor="passwordstate", path="/api/document/", status=200)
    with pytest.raises(Unreachable, match="a page for people came instead"):
        connector.apply(deed(item, Verb.DISCLOSE), once=ONCE, out=desk.tray)
    assert desk.tray.secrets == []


def test_the_free_text_of_a_record_travels_hidden() -> None:
    desk = Desk()
    connector = vault(desk)
    item = next(one for one in seen(connector, desk, Kind.SECRET) if one.id == "1000")
    connector.apply(deed(item, Verb.DISCLOSE), once=ONCE, out=desk.tray)
    row, hidden = desk.tray.secrets[0]
    assert "Notes" in hidden and "kept by Intercept" not in repr(row)


def test_a_removed_record_is_erased_and_not_only_moved_to_the_recycle_bin() -> None:
    desk = Desk()
    connector = vault(desk)
    item = seen(connector, desk, Kind.SECRET)[0]
    connector.apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert desk.sandbox.world.get("vault", "recycled", item.id) is None
    assert connector.read(item.target, desk.tray) is None
