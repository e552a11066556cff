"""Our core: exact tags, ids that are never touched, and no belief in a 200."""

import json
from dataclasses import replace

import httpx2
import pytest
from connector_hands import PRTG_URL, prtg, seen

from fakes.connector_desk import ONCE, Desk, deed
from sendoff.connectors.prtg.client import PrtgDoor
from sendoff.connectors.prtg.connector import PrtgConnector
from sendoff.model.errors import Confusing, Denied, Refused
from sendoff.model.inventory import Kind, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Again, Outcome, Receipt
from sendoff.model.secret import Secret
from sendoff.sandbox.wire import text


def target(desk: Desk, ident: str, kind: Kind = Kind.PRTG_GROUP) -> Target:
    return replace(seen(prtg(desk), desk, Kind.PRTG_GROUP)[0].target, id=ident, kind=kind)


@pytest.mark.parametrize("ident", ["0", "1", "40", "-3", "040", "2001,3001", "", "50", "60", "3001", "3900"])
def test_the_core_itself_and_other_customers_are_never_touched(ident: str) -> None:
    desk = Desk()
    connector = prtg(desk)
    group = seen(connector, desk, Kind.PRTG_GROUP)[0]
    others = desk.others()
    for verb in (Verb.REMOVE, Verb.DISABLE):
        for kind in (Kind.PRTG_GROUP, Kind.PRTG_DEVICE, Kind.PRTG_PROBE):
            try:
                receipt = connector.apply(replace(deed(group, verb), target=ident, kind=kind), once=ONCE, out=desk.tray)
            except Refused:
                continue
            assert isinstance(receipt, Receipt) and receipt.code == "absent"
    assert desk.wire.calls("GET", "deleteobject") == desk.wire.calls("GET", "pause.htm") == 0
    assert desk.others() == others


def test_a_configured_group_that_holds_another_customers_objects_is_refused() -> None:
    desk = Desk()
    desk.facts = replace(desk.facts, places=replace(desk.facts.places, prtg_probe="3000"))
    connector = prtg(desk)
    probe = seen(connector, desk, Kind.PRTG_PROBE)[0]
    with pytest.raises(Refused):
        connector.apply(deed(probe, Verb.REMOVE), once=ONCE, out=desk.tray)


def test_a_forgotten_group_is_found_by_its_tag_and_a_similar_tag_is_not() -> None:
    desk = Desk(tier="csp")
    assert [one.id for one in seen(prtg(desk), desk, Kind.PRTG_GROUP)] == ["2001"]


def test_pausing_does_not_change_the_image() -> None:
    desk = Desk()
    connector = prtg(desk)
    group = seen(connector, desk, Kind.PRTG_GROUP)[0]
    connector.apply(deed(group, Verb.DISABLE), once=ONCE, out=desk.tray)
    after = connector.read(group.target, desk.tray)
    assert after is not None and after.fact("paused") == "yes" and after.image == group.image


def test_a_slow_delete_is_asked_after_until_it_is_gone() -> None:
    desk = Desk()
    connector = prtg(desk)
    group = seen(connector, desk, Kind.PRTG_GROUP)[0]
    desk.trouble(do="slow-delete", vendor="prtg", polls=8)
    answer = connector.apply(deed(group, Verb.REMOVE), once=ONCE, out=desk.tray)
    asked = 0
    while isinstance(answer, Again):
        answer, asked = connector.follow(deed(group, Verb.REMOVE), answer.operation), asked + 1
    assert asked and answer.outcome is Outcome.DONE


def test_a_delete_that_never_happens_ends_as_unknown() -> None:
    desk = Desk()
    connector = prtg(desk)
    group = seen(connector, desk, Kind.PRTG_GROUP)[0]
    desk.trouble(do="lie", vendor="prtg")
    answer = connector.apply(deed(group, Verb.REMOVE), once=ONCE, out=desk.tray)
    while isinstance(answer, Again):
        answer = connector.follow(deed(group, Verb.REMOVE), answer.operation)
    assert answer.outcome is Outcome.UNKNOWN


def test_a_200_that_shows_an_error_page_is_an_error() -> None:
    desk = Desk()
    connector = prtg(desk)
    group = seen(connector, desk, Kind.PRTG_GROUP)[0]
    desk.trouble(do="errormsg", vendor="prtg", path="deleteobject")
    with pytest.raises(Confusing):
        connector.apply(deed(group, Verb.REMOVE), once=ONCE, out=desk.tray)


def test_a_key_that_does_not_see_everything_proves_no_absence() -> None:
    desk = Desk()
    connector = prtg(desk)
    gone = target(desk, "2999")
    assert connector.read(gone, desk.tray) is None
    desk.wire.edit = lambda request, body: body.replace(b'"IsAdminUser": true', b'"IsAdminUser": false')
    with pytest.raises(Denied):
        connector.read(gone, desk.tray)


def test_a_core_without_tls_is_refused() -> None:
    desk = Desk()
    door = PrtgDoor(url="http://prtg.intercept.example", token=Secret("planted"))
    with pytest.raises(Refused):
        PrtgConnector(desk.facts, door, clients=desk.clients, limits=desk.limits).probe(Key.PRTG)
    assert not desk.wire.seen


@pytest.mark.parametrize(("days", "said"), [(365, "in history/"), (0, "not exported")])
def test_the_export_of_a_group_says_whether_measurements_are_kept(days: int, said: str) -> None:
    desk = Desk()
    token = Secret(text(desk.known, "msp", "prtg", "apitoken"))
    door = PrtgDoor(url=PRTG_URL, token=token, history_days=days)
    connector = PrtgConnector(desk.facts, door, clients=desk.clients, limits=desk.limits)
    group = seen(connector, desk, Kind.PRTG_GROUP)[0]
    assert group.fact("history") == ("1" if days else "")
    receipt = connector.apply(deed(group, Verb.EXPORT), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and dict(receipt.said)["measurements"] == said
    assert dict(receipt.said)["sensors"] == "25" and f"prtg/{group.id}/manifest.json" in desk.tray.files


def test_a_device_below_a_tagged_group_goes_with_its_group() -> None:
    assert seen(prtg(desk := Desk(tier="csp")), desk, Kind.PRTG_DEVICE) == []


def test_a_probe_is_denied_before_its_node_is_deleted() -> None:
    desk = Desk()
    connector = prtg(desk)
    probe = seen(connector, desk, Kind.PRTG_PROBE)[0]
    receipt = connector.apply(deed(probe, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and dict(receipt.said) == {"gid-denied": "yes"}
    calls = [one.url.path for one in desk.wire.seen if "probestate" in one.url.path or "deleteobject" in one.url.path]
    assert calls == ["/api/probestate.htm", "/api/deleteobject.htm"]


def test_a_slow_removal_of_a_probe_still_says_whether_it_was_denied() -> None:
    desk = Desk()
    connector = prtg(desk)
    action = deed(seen(connector, desk, Kind.PRTG_PROBE)[0], Verb.REMOVE)
    desk.trouble(do="slow-delete", vendor="prtg", polls=8)
    answer = connector.apply(action, once=ONCE, out=desk.tray)
    assert isinstance(answer, Again)
    while isinstance(answer, Again):
        answer = prtg(desk).follow(action, answer.operation)
    assert dict(answer.said) == {"gid-denied": "yes"}


@pytest.mark.parametrize("answer", [b"(Property not found)", b"(Eigenschaft nicht gefunden)", b"1", b""])
def test_a_denial_that_the_core_does_not_show_is_not_claimed(answer: bytes) -> None:
    desk = Desk()
    connector = prtg(desk)
    action = deed(seen(connector, desk, Kind.PRTG_PROBE)[0], Verb.REMOVE)
    result = b"<prtg><version>1</version><result>" + answer + b"</result></prtg>"
    desk.wire.edit = lambda request, body: result if request.url.params.get("name") == "authorized" else body
    receipt = connector.apply(action, once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and dict(receipt.said) == {"gid-denied": "no"}


def test_a_probe_that_comes_back_under_another_number_is_seen_and_can_be_removed() -> None:
    desk = Desk()
    connector = prtg(desk)
    connector.apply(deed(seen(connector, desk, Kind.PRTG_PROBE)[0], Verb.REMOVE), once=ONCE, out=desk.tray)
    assert seen(connector, desk, Kind.PRTG_PROBE) == []
    desk.control("POST", "/hands", {"do": "prtg.probe-reconnects", "customer": "vandermeer"})
    back = seen(prtg(desk), desk, Kind.PRTG_PROBE)
    assert [one.fact("came-back") for one in back] == ["yes"] and back[0].id != desk.facts.places.prtg_probe
    others = desk.others()
    receipt = prtg(desk).apply(deed(back[0], Verb.REMOVE), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
    assert seen(prtg(desk), desk, Kind.PRTG_PROBE) == [] and desk.others() == others


def test_a_probe_that_only_the_log_still_tells_of_is_seen() -> None:
    desk = Desk()
    connector = prtg(desk)
    known, gid = desk.facts.places.prtg_probe, desk.facts.places.prtg_probe_gid
    connector.apply(deed(seen(connector, desk, Kind.PRTG_PROBE)[0], Verb.REMOVE), once=ONCE, out=desk.tray)
    rows = [(known, 502, 2.0, "gone"), (known, 612, 1.0, "before"), ("9100", 710, 3.0, f"New probe {gid}"),
            ("9200", 710, 3.0, "New probe {SOMEBODY-ELSE}"), ("9300", 710, 3.0, f"New probe {gid}"),
            ("9300", 502, 4.0, "gone")]  # fmt: skip

    def told(request: httpx2.Request, body: bytes) -> bytes:
        if request.url.params.get("content") != "messages":
            return body
        names = ("objid", "status", "datetime", "message")
        raw = [{f"{name}_raw": value for name, value in zip(names, row, strict=True)} for row in rows]
        return json.dumps({"treesize": len(raw), "messages": raw}).encode()

    desk.wire.edit = told
    assert [(one.id, one.fact("came-back")) for one in seen(connector, desk, Kind.PRTG_PROBE)] == [("9100", "yes")]


def test_a_probe_with_another_gid_is_refused() -> None:
    desk = Desk()
    connector = prtg(desk)
    action = deed(seen(connector, desk, Kind.PRTG_PROBE)[0], Verb.REMOVE)
    with pytest.raises(Refused):
        connector.apply(replace(action, target="3000"), once=ONCE, out=desk.tray)
    assert desk.wire.calls("GET", "probestate") == 0


def test_a_probe_is_exported_like_a_group() -> None:
    desk = Desk()
    connector = prtg(desk)
    probe = seen(connector, desk, Kind.PRTG_PROBE)[0]
    receipt = connector.apply(deed(probe, Verb.EXPORT), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and dict(receipt.said)["probe"] == "1"
    assert f"prtg/{probe.id}/probe.json" in desk.tray.files
