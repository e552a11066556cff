"""Faults of our own systems that no other file meets: a key that only reads, another language, a dropped body."""

from dataclasses import replace

import pytest
from connector_hands import prtg, prtg_v2, removal, seen, vault
from house_hands import archiving, found, topdesk

from fakes.connector_desk import ONCE, Desk, deed
from sendoff.model.errors import ConnectorError, Denied
from sendoff.model.inventory import Kind, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Outcome, Receipt


@pytest.mark.parametrize("build", [prtg, prtg_v2])
@pytest.mark.parametrize("only", ["", "ReadOnlyUser"])
def test_a_key_that_only_reads_is_told_on_day_0_and_proves_no_absence(build: type, only: str) -> None:
    desk = Desk()
    connector = build(desk)
    connector.probe(Key.PRTG)
    group = seen(connector, desk, Kind.PRTG_GROUP)[0]
    if only:
        desk.wire.edit = lambda _, body: body.replace(b'"ReadOnlyUser": ""', b'"ReadOnlyUser": "1"')
    else:
        desk.trouble(do="read-only", vendor="prtg")
    with pytest.raises(Denied):
        connector.probe(Key.PRTG)
    with pytest.raises(Denied):
        connector.read(replace(group.target, id="2999"), desk.tray)


def test_in_a_core_of_another_language_an_unknown_property_is_nobodys_gid() -> None:
    desk = Desk()
    there = desk.sandbox.world.get("prtg", "probe", "2000")
    assert there is not None
    gid = there.raw["gid"]
    again = replace(there, id="2999", raw={**there.raw, "objid": 2999, "name": "Sonde", "gid": gid})
    desk.sandbox.world.add(again)
    assert "2999" in {one.id for one in seen(prtg(desk), desk, Kind.PRTG_PROBE)}, "the same question does find it"
    del again.raw["gid"]
    desk.trouble(do="localised", vendor="prtg")
    assert "2999" not in {one.id for one in seen(prtg(desk), desk, Kind.PRTG_PROBE)}
    assert any(b"Eigenschaft nicht gefunden" in answer.content for _, answer in desk.wire.answered)


@pytest.mark.parametrize("do", ["cut-off", "empty-list"])
def test_a_table_that_is_cut_off_is_never_a_shorter_one(do: str) -> None:
    desk = Desk()
    connector = prtg(desk)
    assert seen(connector, desk, Kind.PRTG_GROUP)
    desk.trouble(do=do, vendor="prtg", path="table")
    for cell in connector.cells():
        with pytest.raises(ConnectorError):
            list(connector.look(cell, desk.tray))


def test_an_archiving_whose_body_a_proxy_dropped_is_no_deed() -> None:
    desk = Desk()
    connector = topdesk(desk)
    action = archiving(desk, connector)
    desk.trouble(do="body-dropped", vendor="topdesk", path="/archive")
    refused = connector.apply(action, once=ONCE, out=desk.tray)
    assert isinstance(refused, Receipt) and refused.outcome is Outcome.REFUSED
    desk.calm()
    assert connector.find(action, once=ONCE) is None
    assert action.target in {one.id for one in found(connector, desk, Kind.CONTACT_PERSON)}
    receipt = connector.apply(action, once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE


def test_what_a_call_without_a_body_does_is_not_spoiled_by_a_proxy_that_drops_bodies() -> None:
    desk = Desk()
    connector = vault(desk)
    action = removal(Kind.SECRET, "account 1002")(desk, connector)
    desk.trouble(do="body-dropped", vendor="passwordstate")
    receipt = connector.apply(action, once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
    assert connector.read(action.at, desk.tray) is None


@pytest.mark.parametrize("name", ["pause", "delete"])
def test_an_error_body_in_xml_is_a_no_although_json_was_asked_for(name: str) -> None:
    desk = Desk()
    connector = prtg(desk)
    group = seen(connector, desk, Kind.PRTG_GROUP)[0]
    desk.trouble(do="status", status=400, vendor="prtg", path="pause.htm|deleteobject")
    with pytest.raises(ConnectorError):
        connector.apply(deed(group, Verb.DISABLE if name == "pause" else Verb.REMOVE), once=ONCE, out=desk.tray)
    desk.calm()
    assert connector.read(group.target, desk.tray) is not None
