"""Our core serves many customers: what is another's too is never removed, and what nobody can tell is asked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from connector_hands import PRTG_URL, prtg, seen

from fakes.connector_desk import ONCE, Desk, deed
from sendoff.connectors.prtg.client import PrtgDoor
from sendoff.connectors.prtg.connector import PrtgConnector
from sendoff.model.errors import Confusing, ConnectorError, Denied, Refused
from sendoff.model.facts import Destination
from sendoff.model.inventory import Inventory, Item, Kind, Target, Verb, Whose
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.model.secret import Secret
from sendoff.model.situation import Owned, Proposal, Situation
from sendoff.model.step import Step
from sendoff.ports import Connector
from sendoff.rules.provenance import owned
from sendoff.sandbox.wire import Obj, text
from sendoff.sandbox.world import Thing
from sendoff.steps.remove_from_prtg import REMOVE_FROM_PRTG
from sendoff.steps.remove_prtg_probe import REMOVE_PRTG_PROBE

WATCHED = (Kind.PRTG_GROUP, Kind.PRTG_DEVICE, Kind.PRTG_SENSOR, Kind.PRTG_PROBE, Kind.PRTG_OBJECT)


def leaver() -> Desk:
    """The desk of a customer of whom nothing stays with us."""
    desk = Desk()
    rows = tuple(replace(row, destination=Destination.LEAVES) for row in desk.facts.scope)
    desk.facts = replace(desk.facts, scope=rows)
    return desk


def put(desk: Desk, kind: str, ident: int, parent: int, tags: str, *, name: str = "", owner: str = "meerzicht") -> str:
    """Another object in the core."""
    blank: Obj = dict.fromkeys(("message", "lastvalue", "host", "location", "comments"), "")
    raw: Obj = {"objid": ident, "name": name or f"{kind} {ident}", "tags": tags, "parentid": str(parent)}
    desk.sandbox.world.add(Thing("prtg", kind, str(ident), owner, {**blank, **raw, "pausedas": 0, "state": 3}))
    return str(ident)


def there(desk: Desk, kind: str, ident: str) -> bool:
    return desk.sandbox.world.get("prtg", kind, ident) is not None


def told(desk: Desk, *, others: tuple[str, ...] = ()) -> dict[str, Owned]:
    """Everything a look finds, with whose it is, by id."""
    connector = with_others(desk, others) if others else prtg(desk)
    found = [item for cell in connector.cells() for item in connector.look(cell, desk.tray)]
    return {one.item.id: one for one in owned(found, desk.facts, {})}


def with_others(desk: Desk, others: tuple[str, ...]) -> PrtgConnector:
    token = Secret(text(desk.known, "msp", "prtg", "apitoken"))
    door = PrtgDoor(url=PRTG_URL, token=token, others=others)
    return PrtgConnector(desk.facts, door, clients=desk.clients, limits=desk.limits)


def planned(desk: Desk, step: Step, rows: Sequence[Owned]) -> Proposal:
    assert step.plan is not None
    inventory = Inventory(read=(), blind=(), items=tuple(one.item for one in rows))
    at = datetime(2027, 1, 4, tzinfo=UTC)
    return step.plan(Situation(case="L1", facts=desk.facts, inventory=inventory, owned=tuple(rows), at=at))


def at(desk: Desk, kind: Kind, ident: str, verb: Verb = Verb.REMOVE) -> Action:
    """A deed on an object that no look showed."""
    item = seen(prtg(desk), desk, Kind.PRTG_GROUP)[0]
    return replace(deed(item, verb), kind=kind, target=ident)


def settled(connector: Connector, desk: Desk, action: Action) -> Receipt:
    answer = connector.apply(action, once=ONCE, out=desk.tray)
    while isinstance(answer, Again):
        answer = connector.follow(action, answer.operation)
    return answer


def test_a_device_of_another_customer_right_below_the_probe_is_not_seen_and_not_touched() -> None:
    desk = leaver()
    mine = put(desk, "device", 2700, 2000, "", owner="vandermeer")
    theirs = put(desk, "device", 2800, 2000, "customer-meerzicht")
    found = told(desk)
    assert found[mine].provenance.whose is Whose.UNKNOWN, "an untagged one: the probe serves others too"
    assert theirs not in found
    for verb in (Verb.DISABLE, Verb.REMOVE):
        with pytest.raises(Refused, match="another customer's tag"):
            prtg(desk).apply(at(desk, Kind.PRTG_DEVICE, theirs, verb), once=ONCE, out=desk.tray)
    assert there(desk, "device", theirs) and desk.wire.calls("GET", "pause.htm") == 0


def test_a_probe_that_serves_several_customers_is_shared_and_only_this_ones_groups_go() -> None:
    desk = leaver()
    alone = told(desk)
    assert alone["2000"].provenance.whose is Whose.OURS, "the same probe, while it serves one"
    put(desk, "group", 2900, 2000, "customer-meerzicht")
    found = told(desk)
    assert found["2000"].provenance.whose is Whose.SHARED
    assert "customer-meerzicht" in found["2000"].provenance.reasons[0]
    assert not planned(desk, REMOVE_PRTG_PROBE, [*found.values()]).actions
    goes = {one.target for one in planned(desk, REMOVE_FROM_PRTG, [*found.values()]).actions if one.verb is Verb.REMOVE}
    assert {"2001", "2100"} <= goes and "2000" not in goes and "2900" not in goes
    with pytest.raises(Refused, match="holds group 2900"):
        prtg(desk).apply(deed(found["2000"].item, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert there(desk, "probe", "2000")


def test_a_sensor_of_another_customer_deep_inside_makes_a_group_shared() -> None:
    desk = leaver()
    put(desk, "sensor", 2950, 2011, "customer-meerzicht http")
    group = told(desk)["2001"]
    assert group.provenance.whose is Whose.SHARED
    with pytest.raises(Refused, match="sensor 2950"):
        prtg(desk).apply(deed(group.item, Verb.REMOVE), once=ONCE, out=desk.tray)


@pytest.mark.parametrize("tag", ["meerzicht", "customer-meerzicht"])
def test_a_plain_slug_of_a_customer_that_we_know_is_their_tag(tag: str) -> None:
    desk = leaver()
    put(desk, "device", 2960, 2001, tag)
    assert told(desk, others=("meerzicht", "vandermeer"))["2001"].provenance.whose is Whose.SHARED
    assert told(desk, others=("meerzicht", "vandermeer"))["2100"].provenance.whose is Whose.OURS


def test_a_group_of_another_customer_that_somebody_typed_into_the_facts_is_refused() -> None:
    desk = leaver()
    empty = put(desk, "group", 4900, 4000, "customer-meerzicht")
    desk.facts = replace(desk.facts, places=replace(desk.facts.places, prtg_groups=("2001", empty)))
    found = told(desk)
    assert found[empty].provenance.whose is Whose.SHARED
    with pytest.raises(Refused):
        prtg(desk).apply(deed(found[empty].item, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert there(desk, "group", empty)


def test_a_group_in_the_facts_that_the_core_does_not_confirm_is_unknown() -> None:
    desk = leaver()
    ident = put(desk, "group", 5900, 1, "", name="Kantoor")
    named = put(desk, "group", 5901, 1, "", name=f"Oud: {desk.facts.customer.name}")
    desk.facts = replace(desk.facts, places=replace(desk.facts.places, prtg_groups=(ident, named)))
    found = told(desk)
    assert found[ident].provenance.whose is Whose.UNKNOWN
    assert found[named].provenance.whose is Whose.OURS
    goes = {one.target for one in planned(desk, REMOVE_FROM_PRTG, [*found.values()]).actions}
    assert named in goes and ident not in goes


def test_a_sensor_of_the_customer_on_a_device_of_several_goes_and_the_device_stays() -> None:
    desk = leaver()
    found = told(desk)
    sensor = found["61"]
    assert sensor.item.kind is Kind.PRTG_SENSOR and sensor.provenance.whose is Whose.OURS
    assert "60" not in found and "62" not in found
    acts = [one for one in planned(desk, REMOVE_FROM_PRTG, [*found.values()]).actions if one.target == "61"]
    assert [one.verb for one in sorted(acts, key=lambda one: one.rank)] == [Verb.DISABLE, Verb.EXPORT, Verb.REMOVE]
    others = desk.others()
    assert settled(prtg(desk), desk, deed(sensor.item, Verb.REMOVE)).outcome is Outcome.DONE
    assert not there(desk, "sensor", "61") and there(desk, "sensor", "62") and there(desk, "device", "60")
    assert desk.others() == others


@pytest.mark.parametrize("ident", ["62", "3012", "41"])
def test_a_sensor_that_is_not_the_customers_is_refused(ident: str) -> None:
    desk = leaver()
    with pytest.raises(Refused):
        prtg(desk).apply(at(desk, Kind.PRTG_SENSOR, ident), once=ONCE, out=desk.tray)
    assert desk.wire.calls("GET", "deleteobject") == 0


@pytest.mark.parametrize(("kind", "ident"), [(Kind.PRTG_GROUP, "2001"), (Kind.PRTG_PROBE, "2000")])
def test_f6_a_sensor_made_inside_after_the_approval_is_another_image(kind: Kind, ident: str) -> None:
    desk = leaver()
    before = next(one for one in seen(prtg(desk), desk, kind) if one.id == ident)
    assert prtg(desk).read(before.target, desk.tray) == before
    put(desk, "sensor", 2990, 2011, "customer-vandermeer ping", owner="vandermeer")
    after = prtg(desk).read(before.target, desk.tray)
    assert after is not None and after.image != before.image


def test_an_object_is_not_gone_while_something_of_it_is_still_there() -> None:
    desk = leaver()
    connector = prtg(desk)
    group = next(one for one in seen(connector, desk, Kind.PRTG_GROUP) if one.id == "2001")
    desk.sandbox.world.remove(thing) if (thing := desk.sandbox.world.get("prtg", "group", "2001")) else None
    assert connector.find(deed(group, Verb.REMOVE), once=ONCE) is None, "its devices still show"
    for one in desk.sandbox.world.all("prtg", "device"):
        if one.raw["parentid"] == "2001":
            desk.sandbox.world.remove(one)
    found = connector.find(deed(group, Verb.REMOVE), once=ONCE)
    assert found is not None and found.code == "absent"


def test_a_delete_of_which_half_happened_is_never_called_done() -> None:
    desk = leaver()
    group = next(one for one in seen(prtg(desk), desk, Kind.PRTG_GROUP) if one.id == "2001")
    desk.trouble(do="partial-delete", vendor="prtg", path="deleteobject")
    with pytest.raises(ConnectorError):
        prtg(desk).apply(deed(group, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert there(desk, "group", "2001")
    desk.calm()
    again = prtg(desk).read(group.target, desk.tray)
    assert again is not None and again.image != group.image, "half of it is gone: it is not what was approved"


def test_a_page_that_is_sent_again_never_hides_a_row() -> None:
    desk = leaver()
    connector = prtg(desk)
    desk.wire.edit = lambda request, body: body.replace(b'"objid": 2100', b'"objid": 2001').replace(
        b'"objid_raw": 2100', b'"objid_raw": 2001'
    )
    with pytest.raises(Confusing, match="twice"):
        connector.read(Target(system=connector.system, kind=Kind.PRTG_DEVICE, id="2011", scope="core", key=Key.PRTG),
                       desk.tray)  # fmt: skip


def test_without_its_own_id_nobody_calls_a_probe_gone_for_good() -> None:
    desk = leaver()
    desk.facts = replace(desk.facts, places=replace(desk.facts.places, prtg_probe_gid=""))
    probe = seen(prtg(desk), desk, Kind.PRTG_PROBE)[0]
    assert settled(prtg(desk), desk, deed(probe, Verb.REMOVE)).outcome is Outcome.DONE
    with pytest.raises(Denied, match="prtg_probe_gid"):
        seen(prtg(desk), desk, Kind.PRTG_PROBE)


# ---- measurements and what lies beside the tree --------------------------------------------------------------------


def test_measurements_are_kept_in_parts_and_a_sensor_without_any_is_named() -> None:
    desk = leaver()
    found = told(desk)
    acts = [one for one in planned(desk, REMOVE_FROM_PRTG, [*found.values()]).actions if one.verb is Verb.EXPORT]
    parts = [one for one in acts if one.kind is Kind.PRTG_MEASUREMENTS and one.target.startswith("2001/")]
    assert [one.target for one in parts] == ["2001/1 of 1"] and len({one.ref for one in acts}) == len(acts)
    desk.trouble(do="status", vendor="prtg", status=400, path="historicdata", nth=3, times=1)
    receipt = prtg(desk).apply(parts[0], once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
    assert dict(receipt.said) | {"manifest": ""} == {
        "sensors": "25", "with-history": "24", "without": "1", "days": "365", "manifest": "",
    }  # fmt: skip
    files = [name for name in desk.tray.files if name.startswith("prtg/2001/history/") and name.endswith(".csv")]
    assert len(files) == 24 and all(desk.tray.files[one].count(b"\r\n") > 300 for one in files)
    manifest = desk.tray.files["prtg/2001/history/part-1.json"]
    assert b'"without": [\n    "2014"\n  ]' in manifest and b'"until": "2027-01-01"' in manifest


def test_measurements_of_another_customers_sensor_that_came_after_the_yes_are_not_kept() -> None:
    desk = leaver()
    acts = planned(desk, REMOVE_FROM_PRTG, [*told(desk).values()]).actions
    part = next(one for one in acts if one.kind is Kind.PRTG_MEASUREMENTS and one.target.startswith("2001/"))
    put(desk, "sensor", 2950, 2011, "customer-meerzicht http")
    with pytest.raises(Refused, match="sensor 2950"):
        prtg(desk).apply(part, once=ONCE, out=desk.tray)
    assert desk.wire.calls("GET", "historicdata") == 0


def test_five_requests_for_measurements_a_minute_have_a_bucket_of_their_own() -> None:
    desk = leaver()
    acts = planned(desk, REMOVE_FROM_PRTG, [*told(desk).values()]).actions
    part = next(one for one in acts if one.kind is Kind.PRTG_MEASUREMENTS)
    desk.limits.taken.clear()
    prtg(desk).apply(part, once=ONCE, out=desk.tray)
    assert desk.limits.taken.count("prtg|vandermeer|prtg|core|history") == desk.wire.calls("GET", "historicdata")


@pytest.mark.parametrize("target", ["2001/2 of 1", "2001/", "2001/0 of 1", "3001/1 of 1", "0/1 of 1", "2001"])
def test_a_part_that_is_none_and_another_customers_are_refused(target: str) -> None:
    desk = leaver()
    with pytest.raises(Refused):
        prtg(desk).apply(at(desk, Kind.PRTG_MEASUREMENTS, target, Verb.EXPORT), once=ONCE, out=desk.tray)
    assert desk.wire.calls("GET", "historicdata") == 0


def test_a_page_in_place_of_measurements_is_not_kept() -> None:
    desk = leaver()
    acts = planned(desk, REMOVE_FROM_PRTG, [*told(desk).values()]).actions
    part = next(one for one in acts if one.kind is Kind.PRTG_MEASUREMENTS)
    desk.trouble(do="errormsg", vendor="prtg", path="historicdata")
    with pytest.raises(ConnectorError):
        prtg(desk).apply(part, once=ONCE, out=desk.tray)
    assert not [name for name in desk.tray.files if "/history/" in name]


def beside(desk: Desk) -> list[Item]:
    return seen(prtg(desk), desk, Kind.PRTG_OBJECT)


def test_templates_and_maps_that_the_facts_name_are_found_by_name_and_removed_last() -> None:
    desk = leaver()
    assert {(one.fact("type"), one.id) for one in beside(desk)} == {("notification", "2500"), ("map", "2510")}
    acts = planned(desk, REMOVE_FROM_PRTG, [*told(desk).values()]).actions
    ranks = {one.rank for one in acts if one.kind is Kind.PRTG_OBJECT}
    assert ranks == {max(one.rank for one in acts)} == {3}
    others = desk.others()
    for item in beside(desk):
        assert settled(prtg(desk), desk, deed(item, Verb.REMOVE)).outcome is Outcome.DONE
        assert prtg(desk).read(item.target, desk.tray) is None
    assert beside(desk) == [] and desk.others() == others


@pytest.mark.parametrize("told_as", ["user:100", "notification:300", "map:-3", "2510", "device:2011", "map:02510"])
def test_what_comes_with_the_core_is_never_a_customers(told_as: str) -> None:
    desk = leaver()
    item = beside(desk)[1]
    desk.facts = replace(desk.facts, places=replace(desk.facts.places, prtg_objects=(told_as,)))
    with pytest.raises(Refused):
        beside(desk)
    with pytest.raises(Refused):
        prtg(desk).apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)


def test_a_template_whose_name_says_nothing_is_unknown() -> None:
    desk = leaver()
    put(desk, "notification", 2600, 0, "", name="Mail naar iedereen")
    places = replace(desk.facts.places, prtg_objects=("notification:2600", "map:2510"))
    desk.facts = replace(desk.facts, places=places)
    found = told(desk)
    assert found["2600"].provenance.whose is Whose.UNKNOWN and found["2510"].provenance.whose is Whose.OURS


def test_a_core_that_fails_never_says_that_a_map_is_gone() -> None:
    desk = leaver()
    item = next(one for one in beside(desk) if one.fact("type") == "map")
    desk.trouble(do="status", vendor="prtg", status=500, path="getobjectproperty")
    with pytest.raises(ConnectorError):
        prtg(desk).read(item.target, desk.tray)
    desk.calm()
    desk.trouble(do="status", vendor="prtg", status=400, path="getobjectproperty")
    desk.trouble(do="status", vendor="prtg", status=403, path="status.json")
    with pytest.raises(Denied):
        prtg(desk).read(item.target, desk.tray)
