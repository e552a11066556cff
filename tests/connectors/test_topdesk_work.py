"""What runs on in the service desk: changes, activities, assets, and the history that the customer takes along."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from house_hands import act, archiving, found, topdesk
from test_topdesk_connector import answers

from fakes.connector_desk import ONCE, Desk
from sendoff.connectors.topdesk.client import TopdeskDoor
from sendoff.connectors.topdesk.connector import TopdeskConnector
from sendoff.model.errors import Confusing, ConnectorError, Refused
from sendoff.model.inventory import Item, Kind, Target, Verb
from sendoff.model.plan import Outcome, Receipt
from sendoff.model.secret import Secret
from sendoff.sandbox.wire import Json, Obj, arr, obj, text, whole
from sendoff.sandbox.world import Thing

RUNS_ON = {Kind.CHANGE: "change", Kind.ACTIVITY: "activity", Kind.ASSET: "asset"}


def things(desk: Desk, kind: Kind, slug: str) -> list[Thing]:
    """What the sandbox has of a kind at a customer."""
    return [one for one in desk.sandbox.world.all("topdesk", RUNS_ON[kind]) if one.owner == slug]


def names(items: list[Item]) -> set[str]:
    return {one.name for one in items}


def test_only_what_runs_on_for_this_customer_is_listed() -> None:
    desk = Desk()
    connector = topdesk(desk)

    assert names(found(connector, desk, Kind.CHANGE)) == {"Replace the firewall"}
    assert names(found(connector, desk, Kind.ACTIVITY)) == {"Monthly patching"}
    assert len(found(connector, desk, Kind.ASSET)) == 3, "two laptops, and the contract as an asset"
    assert all(len(things(desk, kind, slug)) >= 2 for kind in RUNS_ON for slug in ("vandermeer", "meerzicht"))


def test_where_contracts_are_assets_the_contract_is_no_asset_besides() -> None:
    desk = Desk()
    connector = topdesk(desk, mode="asset", template="Contract")

    assets, contracts = found(connector, desk, Kind.ASSET), found(connector, desk, Kind.CONTRACT)

    assert len(assets) == 2 and len(contracts) == 1 and not {one.id for one in assets} & {one.id for one in contracts}


@pytest.mark.parametrize("kind", RUNS_ON)
def test_a_direct_read_gives_the_same_image_as_the_look(kind: Kind) -> None:
    desk = Desk()
    connector = topdesk(desk)

    for one in found(connector, desk, kind):
        read = connector.read(one.target, desk.tray)
        assert read is not None and (read.image, read.name, read.detail) == (one.image, one.name, one.detail)


@pytest.mark.parametrize("kind", RUNS_ON)
def test_what_is_another_customers_is_refused(kind: Kind) -> None:
    desk = Desk()
    connector = topdesk(desk)
    stranger = things(desk, kind, "meerzicht")[0]
    mine = found(connector, desk, kind)[0]

    with pytest.raises(Refused, match=r"is not VDM-001's"):
        connector.read(replace(mine.target, id=stranger.id), desk.tray)


@pytest.mark.parametrize("kind", RUNS_ON)
def test_none_counts_only_after_the_control_read(kind: Kind) -> None:
    desk = Desk()
    for one in things(desk, kind, "vandermeer"):
        desk.sandbox.world.remove(one)

    assert found(topdesk(desk), desk, kind) == []
    asked = [str(one.url) for one in desk.wire.seen]
    assert kind is Kind.CHANGE or any("operators/current" in one for one in asked)


def test_an_asset_that_is_somebody_elses_as_well_is_told_and_never_archived() -> None:
    desk = Desk()
    connector = topdesk(desk)
    other = next(one for one in desk.sandbox.world.all("topdesk", "branch") if one.owner == "meerzicht")
    laptop = next(one for one in things(desk, Kind.ASSET, "vandermeer") if "laptop" in text(one.raw, "name").lower())
    link: Obj = {"linkId": "l-2", "type": "branch", "id": other.id, "name": text(other.raw, "name")}
    laptop.raw["assignments"] = [*arr(laptop.raw["assignments"]), link]

    item = next(one for one in found(connector, desk, Kind.ASSET) if one.id == laptop.id)

    assert item.fact("stays") == "it is assigned to 1 other branch as well"
    with pytest.raises(Refused, match="somebody else's as well"):
        connector.apply(act(connector, Kind.ASSET, Verb.END, item.id, item.scope, before=item.image), once=ONCE,
                        out=desk.tray)  # fmt: skip
    assert laptop.raw["archived"] is False


def test_an_asset_is_archived_once_and_found_afterwards() -> None:
    desk = Desk()
    connector = topdesk(desk)
    others = desk.others()
    item = found(connector, desk, Kind.ASSET)[0]
    action = act(connector, Kind.ASSET, Verb.END, item.id, item.scope, before=item.image)

    first, second = (connector.apply(action, once=ONCE, out=desk.tray) for _ in range(2))

    assert isinstance(first, Receipt) and first.outcome is Outcome.DONE
    assert isinstance(second, Receipt) and second.outcome is Outcome.FOUND
    assert connector.find(action, once=ONCE) is not None
    assert item.id not in {one.id for one in found(connector, desk, Kind.ASSET)}
    now = connector.read(item.target, desk.tray)
    assert now is not None and now.fact("ended") == "yes" and now.image == item.image
    assert desk.others() == others


def edited(desk: Desk, part: str, change: Callable[[Obj], Obj]) -> None:
    """Answers to calls with this in their path are changed on the way."""
    desk.wire.edit = lambda request, body: (
        json.dumps(change(json.loads(body))).encode() if part in str(request.url) and body else body
    )


def test_a_filter_that_was_not_applied_is_confusing() -> None:
    desk = Desk()
    elsewhere: Json = [{"id": "somebody-else"}]
    edited(desk, "/operationalActivities", lambda body: {
        **body, "item": [{**obj(one), "linkedBranches": elsewhere} for one in arr(body["item"])],
    })  # fmt: skip

    with pytest.raises(Confusing, match="not linked to the branch"):
        found(topdesk(desk), desk, Kind.ACTIVITY)


@pytest.mark.parametrize(
    ("kind", "part", "member"),
    [(Kind.ACTIVITY, "/operationalActivities", "item"), (Kind.CHANGE, "/operatorChanges?", "results")],
)
def test_a_list_that_goes_round_in_circles_is_confusing_and_ends(kind: Kind, part: str, member: str) -> None:
    desk = Desk()
    first: list[Obj] = []

    def circle(body: Obj) -> Obj:
        first.extend([] if first else [body])
        return first[0]

    edited(desk, part, circle)
    with pytest.raises(Confusing, match="a page repeats"):
        found(topdesk(desk), desk, kind)
    assert arr(first[0][member])


def test_assets_that_are_fewer_than_the_vendors_count_are_confusing() -> None:
    desk = Desk()
    edited(desk, "/assetmgmt/assets?", lambda body: {**body, "count": whole(body["count"]) + 1})

    with pytest.raises(Confusing, match=r"3 of 4 came"):
        found(topdesk(desk), desk, Kind.ASSET)


def test_a_service_desk_without_a_module_is_not_asked_for_it() -> None:
    desk = Desk()
    told = desk.known["msp"]
    door = TopdeskDoor(
        url="https://intercept.topdesk.example",
        login=text(told, "topdesk", "login"),
        password=Secret(text(told, "topdesk", "password")),
        changes=False,
        activities=False,
        assets=False,
    )
    connector = TopdeskConnector(desk.facts, door, clients=desk.clients, limits=desk.limits)

    assert {cell.kind for cell in connector.cells()} == {Kind.BRANCH, Kind.CONTACT_PERSON, Kind.CONTRACT, Kind.CALL}
    scope = connector.cells()[0].scope
    connector.apply(act(connector, Kind.CALL, Verb.EXPORT, scope, scope), once=ONCE, out=desk.tray)
    asked = [one.url.path for one in desk.wire.seen]
    assert not [one for one in asked if "Activities" in one or "Changes" in one or "assetmgmt" in one]


def exported(desk: Desk) -> tuple[Receipt, dict[str, Json]]:
    """The export, and its tables by name."""
    connector = topdesk(desk)
    scope = connector.cells()[0].scope
    receipt = connector.apply(act(connector, Kind.CALL, Verb.EXPORT, scope, scope), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt)
    tables = {name: json.loads(data) for name, data in desk.tray.files.items() if name.endswith(".json")}
    return receipt, {name.removeprefix("topdesk/").removesuffix(".json"): rows for name, rows in tables.items()}


def test_the_export_holds_every_call_with_its_trail_and_its_attachments() -> None:
    desk = Desk()

    receipt, tables = exported(desk)

    said = dict(receipt.said)
    assert {name: said[name] for name in ("calls", "trail", "attachments", "withheld", "changes", "activities")} == {
        "calls": "4", "trail": "4", "attachments": "4", "withheld": "4", "changes": "2", "activities": "2",
    }  # fmt: skip
    assert said["assets"] == "3"
    for one in arr(tables["attachments"]):
        file = text(one, "file")
        assert desk.tray.files[file] == f"picture of {text(one, 'call')}".encode()
        assert text(one, "name") == "schermafbeelding <1>.png" and file.isascii() and "<" not in file


def test_notes_for_our_own_eyes_and_names_of_our_people_stay_with_us() -> None:
    desk = Desk()

    exported(desk)

    told = b"".join(desk.tray.files.values())
    assert b"Graag spoed" in told
    assert b"Zeurt vaak" not in told and b"Jansen, Erik" not in told


@pytest.mark.parametrize("name", ["O'Brien; Sons", 'a"b\\', "<b>&</b>", "line\nbreak", "數據 😀 عربى", "x" * 10_000])
def test_hostile_names_and_long_texts_go_through_unharmed(name: str) -> None:
    desk = Desk()
    for thing in desk.sandbox.world.each("topdesk"):
        if thing.owner == "vandermeer":
            for member in {"name", "briefDescription", "request", "surName"} & set(thing.raw):
                thing.raw[member] = name
            for one in arr(thing.raw.get("trail")):
                obj(one)["memoText"] = name
            for one in arr(thing.raw.get("files")):
                obj(one)["fileName"] = f"../{name}"
    connector = topdesk(desk)

    seen = [one for cell in connector.cells() for one in connector.look(cell, desk.tray)]
    _, tables = exported(desk)

    assert len(seen) == 1 + 6 + 1 + 1 + 1 + 1 + 3
    assert {one.name for one in seen if one.kind in (Kind.CALL, Kind.CHANGE, Kind.ACTIVITY)} == {name}
    assert name in json.dumps(tables, ensure_ascii=False).replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")
    assert all(".." not in file for file in desk.tray.files)


def test_a_reference_with_quotes_and_semicolons_is_asked_for_as_it_is() -> None:
    desk = Desk()
    hostile = 'O\'Brien; Sons "(NL)" \\'
    branch = next(one for one in desk.sandbox.world.all("topdesk", "branch") if one.owner == "vandermeer")
    branch.raw["clientReferenceNumber"] = hostile
    desk.facts = replace(desk.facts, places=replace(desk.facts.places, topdesk_branch=hostile))

    assert [one.id for one in found(topdesk(desk), desk, Kind.BRANCH)] == [branch.id]
    assert len(found(topdesk(desk), desk, Kind.CONTACT_PERSON)) == 6


def test_an_id_that_is_none_is_refused_before_anything_is_asked() -> None:
    desk = Desk()
    connector = topdesk(desk)
    cell = next(one for one in connector.cells() if one.kind is Kind.CHANGE)
    target = Target(system=cell.system, kind=cell.kind, id="../branches", scope=cell.scope, key=cell.key)

    with pytest.raises(Refused, match="not an id"):
        connector.read(target, desk.tray)


DIALECTS = {
    "an array of messages": (400, [{"message": "Can not archive admins"}], "400"),
    "errors with codes": (400, {"errors": [{"errorCode": "BRANCH_IN_USE", "errorMessage": "x"}]}, "BRANCH_IN_USE"),
    "errors with codes in an array": (400, [{"errors": [{"errorCode": "IN_USE", "errorMessage": "x"}]}], "IN_USE"),
    "nothing": (400, None, "400"),
}
"""How this vendor says no, and the code that is kept of it."""


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_no_is_a_no_in_each_of_the_vendors_dialects(dialect: str) -> None:
    status, body, code = DIALECTS[dialect]
    desk = Desk()
    connector = topdesk(desk)
    action = archiving(desk, connector)
    answers(desk, f"{action.target}/archive", status, body)

    receipt = connector.apply(action, once=ONCE, out=desk.tray)

    assert isinstance(receipt, Receipt) and (receipt.outcome, receipt.code) == (Outcome.REFUSED, code)


def test_a_page_for_people_is_no_yes() -> None:
    desk = Desk()
    connector = topdesk(desk)
    action = archiving(desk, connector)
    desk.trouble(do="html", vendor="topdesk", status=200, path="archive")

    with pytest.raises(ConnectorError):
        connector.apply(action, once=ONCE, out=desk.tray)


def laptop(desk: Desk, name: str, *people: str) -> str:
    """A laptop that only persons have."""
    links: list[Json] = [
        {"linkId": f"l{at}", "type": "person", "id": one, "name": "x"} for at, one in enumerate(people)
    ]
    raw: Obj = {"name": name, "templateId": "t", "assignments": links, "archived": False, "archivingReason": None}
    desk.sandbox.world.add(Thing("topdesk", "asset", name, "vandermeer", raw))
    return name


def person_of(desk: Desk, owner: str) -> str:
    return next(one.id for one in desk.sandbox.world.all("topdesk", "person") if one.owner == owner)


def test_an_asset_that_hangs_on_a_person_alone_is_found_and_read_again_as_it_is() -> None:
    desk = Desk()
    alone = laptop(desk, "laptop-alone", person_of(desk, "vandermeer"))
    connector = topdesk(desk)
    assets = {one.id: one for one in found(connector, desk, Kind.ASSET)}
    assert alone in assets and len(assets) == 4 and not assets[alone].fact("stays")
    again = connector.read(assets[alone].target, desk.tray)
    assert again is not None and again.image == assets[alone].image
    ends = act(connector, Kind.ASSET, Verb.END, alone, assets[alone].scope, before=assets[alone].image)
    receipt = connector.apply(ends, once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE


def test_an_asset_that_somebody_of_another_branch_has_as_well_is_never_archived() -> None:
    desk = Desk()
    both = laptop(desk, "laptop-both", person_of(desk, "vandermeer"), person_of(desk, "meerzicht"))
    connector = topdesk(desk)
    one = next(one for one in found(connector, desk, Kind.ASSET) if one.id == both)
    assert "other branch" in one.fact("stays")
    with pytest.raises(Refused, match="somebody else's as well"):
        connector.apply(
            act(connector, Kind.ASSET, Verb.END, both, one.scope, before=one.image), once=ONCE, out=desk.tray
        )


def test_an_asset_of_a_person_of_somebody_else_is_neither_seen_nor_read() -> None:
    desk = Desk()
    theirs = laptop(desk, "laptop-theirs", person_of(desk, "meerzicht"))
    connector = topdesk(desk)
    mine = found(connector, desk, Kind.ASSET)
    assert theirs not in {one.id for one in mine}
    with pytest.raises(Refused):
        connector.read(replace(mine[0].target, id=theirs), desk.tray)
