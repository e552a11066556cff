"""Hostile texts through a whole look and export of every connector: nothing is lost, and all come out as they are."""

import json
from collections.abc import Callable

import pytest
from connector_hands import azure, entra, prtg, prtg_v2, seen, vault
from house_hands import act, found, reassure, topdesk
from test_hostile_texts import HOSTILE

from fakes.connector_desk import ONCE, SLUG, Desk, deed
from sendoff.model.inventory import Item, Kind, Verb
from sendoff.model.plan import Outcome, Receipt
from sendoff.ports import Connector
from sendoff.sandbox.wire import arr, obj, text

PLACES = {
    "prtg": ("prtg", ("group", "device", "sensor", "probe", "notification", "map"), ("name", "comments", "host")),
    "vault": ("vault", ("password",), ("Title", "UserName", "HostName", "Description", "Notes", "URL", "Password")),
    "entra": ("graph", ("user", "group", "servicePrincipal"), ("displayName", "jobTitle", "description")),
    "topdesk": ("topdesk", ("incident", "person", "asset", "change"), ("briefDescription", "request", "name")),
    "reassure": ("reassure", ("article", "report", "user"), ("name", "content", "project")),
}
"""Of which vendor which kinds of things of the customer get the text, and in which fields."""
BUILD: dict[str, Callable[[Desk], Connector]] = {
    "prtg": prtg,
    "prtg-v2": prtg_v2,
    "vault": vault,
    "entra": entra,
    "topdesk": topdesk,
    "reassure": reassure,
    "azure": azure,
}
named = pytest.mark.parametrize("name", HOSTILE)


def spoiled(desk: Desk, house: str, said: str) -> int:
    """Write the text into everything of the customer; how many fields."""
    if house == "azure":
        return _in_azure(desk, said)
    vendor, kinds, fields = PLACES[house.removesuffix("-v2")]
    count = 0
    for kind in kinds:
        for one in desk.sandbox.world.all(vendor, kind):
            if one.owner == SLUG:
                # What is called like us is looked at for its name: that stays in it.
                more = {field: f" {text(one.raw, field)}" if house == "entra" else "" for field in fields}
                told = {field: f"{said}{more[field]}" for field in fields if field in one.raw}
                one.raw |= told
                count += len(told)
    return count


def _in_azure(desk: Desk, said: str) -> int:
    count = 0
    for one in desk.sandbox.world.each("arm"):
        if one.owner == SLUG and "properties" in one.raw:
            inside = obj(one.raw["properties"])
            if "displayName" in inside:
                one.raw["properties"] = {**inside, "displayName": said}
                count += 1
            if isinstance(one.raw.get("tags"), dict):
                one.raw["tags"] = {**obj(one.raw["tags"]), "note": said}
                count += 1
    return count


def whole(desk: Desk, connector: Connector) -> list[Item]:
    return [item for cell in connector.cells() for item in connector.look(cell, desk.tray)]


@named
@pytest.mark.parametrize("house", BUILD)
def test_a_whole_look_loses_nothing_and_each_thing_is_read_again_as_it_is(house: str, name: str) -> None:
    plain, desk, said = Desk(), Desk(), HOSTILE[name]
    before = {item.ref for item in whole(plain, BUILD[house](plain))}
    assert before and spoiled(desk, house, said) > 0
    others = desk.others()

    items = whole(desk, BUILD[house](desk))

    assert {item.ref for item in items} == before
    for item in items[:40]:
        again = BUILD[house](desk).read(item.target, desk.tray)
        assert again is not None and again.ref == item.ref
        assert again.image == item.image or house == "azure", "a list of Azure shows less than a direct read"
    assert desk.others() == others


@named
@pytest.mark.parametrize("house", ["prtg", "prtg-v2"])
def test_the_export_of_a_group_holds_each_text_word_for_word(house: str, name: str) -> None:
    desk, said = Desk(), HOSTILE[name]
    spoiled(desk, house, said)
    connector = BUILD[house](desk)
    group = seen(connector, desk, Kind.PRTG_GROUP)[0]
    receipt = connector.apply(deed(group, Verb.EXPORT), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE and group.name == said
    rows = json.loads(desk.tray.files[f"prtg/{group.id}/sensors.json"])
    assert rows and {row["name"] for row in rows} == {said}
    assert all(name.startswith(f"prtg/{group.id}/") for name in desk.tray.files)


@named
def test_a_secret_goes_into_the_parcel_word_for_word(name: str) -> None:
    desk, said = Desk(), HOSTILE[name]
    spoiled(desk, "vault", said)
    connector = vault(desk)
    item = seen(connector, desk, Kind.SECRET)[3]
    receipt = connector.apply(deed(item, Verb.DISCLOSE), once=ONCE, out=desk.tray)
    (row, hidden) = desk.tray.secrets[0]
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
    assert row["Title"] == said and hidden["Password"].reveal() == said and said not in repr(receipt)


@named
def test_the_export_of_the_service_desk_holds_each_call_word_for_word(name: str) -> None:
    desk, said = Desk(), HOSTILE[name]
    spoiled(desk, "topdesk", said)
    connector = topdesk(desk)
    branch = found(connector, desk, Kind.BRANCH)[0]
    receipt = connector.apply(
        act(connector, Kind.CALL, Verb.EXPORT, branch.scope, branch.scope), once=ONCE, out=desk.tray
    )
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
    kept = [data for file, data in desk.tray.files.items() if file.endswith(".json")]
    assert any(said in {text(one) for one in _texts(json.loads(data))} for data in kept)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [one for part in inner for one in _texts(part)]


def test_the_texts_are_those_that_the_issue_names() -> None:
    joined = "".join(HOSTILE.values())
    assert "'" in joined and '"' in joined and "<script>" in joined and "\n" in joined
    assert max(map(len, HOSTILE.values())) >= 10_000 and "數" in joined and arr(["x"])
