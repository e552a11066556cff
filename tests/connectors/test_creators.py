"""Who made a thing, by the activity log: asked for what carries our tag alone, and silent after 90 days."""

from datetime import timedelta

import pytest
from test_azure_connector import cell

from fakes.connector_desk import Desk
from sendoff.connectors.azure.client import AzureDoors
from sendoff.connectors.azure.connector import AzureConnector
from sendoff.model.errors import ConnectorError
from sendoff.model.inventory import Item, Kind, SignKind, Whose
from sendoff.rules.provenance import owned
from sendoff.sandbox.wire import obj, text

TAGGED = "microsoft.insights/metricalerts"
ERIK = "person:erik@intercept.example"


def azure(desk: Desk) -> AzureConnector:
    """Our hands with the sandbox's time."""
    doors = AzureDoors(lighthouse=desk.ours("lighthouse"), app=desk.app())
    now = desk.sandbox.world.now
    return AzureConnector(desk.facts, doors, clients=desk.clients, limits=desk.limits, now=lambda: now)


def made(desk: Desk, caller: str, days: int, verb: str = "created", name: str = "intercept-late") -> str:
    """A tagged alert that nobody recorded, and a line of the log: who made or changed it, and how long ago."""
    world = desk.sandbox.world
    plan = {"system": "arm", "kind": "resource", "name": name, "customer": "vandermeer"}
    with world.record.by("control"):
        planted = text(obj(desk.control("POST", "/plant", {**plan})), "key")
    ident = planted.removeprefix("arm:resource:")
    world.record.forget(ident)
    with world.record.by(caller):
        world.record.effect((world.now - timedelta(days=days)).isoformat(), verb, f"arm.{TAGGED}", ident, "vandermeer")
    return ident


def look(desk: Desk, ident: str) -> Item:
    """The thing as a look at the resources shows it."""
    connector = azure(desk)
    found = connector.look(cell(connector, Kind.RESOURCE), desk.tray)
    everything = [
        *found,
        *connector.look([one for one in connector.cells() if one.kind is Kind.RESOURCE][-1], desk.tray),
    ]
    return next(item for item in everything if item.id.lower() == ident.lower())


def creators(item: Item) -> list[str]:
    return [sign.value for sign in item.signs if sign.kind is SignKind.CREATOR]


def whose(desk: Desk, item: Item) -> tuple[Whose, tuple[str, ...]]:
    found = owned((item,), desk.facts, {})[0].provenance
    return found.whose, found.reasons


def test_a_tag_and_a_creator_of_ours_make_it_ours() -> None:
    desk = Desk()
    item = look(desk, made(desk, ERIK, 3))
    assert creators(item) == ["erik@intercept.example"]
    assert (
        whose(desk, item)[0] is Whose.OURS and whose(desk, item)[1][0] == "erik@intercept.example made it, who is ours"
    )


@pytest.mark.parametrize(
    ("caller", "days", "verb"),
    [(ERIK, 91, "created"), (ERIK, 3, "changed"), (ERIK, 3, "removed")],
    ids=["older than the log", "we only changed it", "we removed another of its name"],
)
def test_without_a_line_that_says_who_made_it_there_is_no_sign_and_it_stays_unknown(
    caller: str, days: int, verb: str
) -> None:
    desk = Desk()
    item = look(desk, made(desk, caller, days, verb))
    assert creators(item) == [] and whose(desk, item)[0] is Whose.UNKNOWN


def test_a_creator_at_the_customer_leaves_a_tag_unknown_and_is_not_named() -> None:
    desk = Desk()
    item = look(desk, made(desk, "person:bram@vandermeer.example", 3))
    assert creators(item) == ["@vandermeer.example"]
    said, why = whose(desk, item)
    assert said is Whose.UNKNOWN and "somebody else made it: @vandermeer.example" in why


def test_who_made_it_last_counts_when_it_was_made_twice() -> None:
    desk = Desk()
    ident = made(desk, ERIK, 30)
    world = desk.sandbox.world
    with world.record.by("person:bram@vandermeer.example"):
        world.record.effect(world.at(), "created", f"arm.{TAGGED}", ident, "vandermeer")
    assert creators(look(desk, ident)) == ["@vandermeer.example"]


def test_only_what_carries_our_tag_and_no_record_is_asked_for_page_by_page() -> None:
    desk = Desk()
    ident = made(desk, ERIK, 80)
    world = desk.sandbox.world
    for _ in range(25):
        with world.record.by(ERIK):
            world.record.effect(world.at(), "changed", f"arm.{TAGGED}", ident, "vandermeer")
    before = len(desk.wire.seen)
    item = look(desk, ident)
    asked = [one for one in desk.wire.seen[before:] if "/eventtypes/" in one.url.path]
    about = [one for one in asked if ident in one.url.params["$filter"]]
    assert creators(item) == ["erik@intercept.example"] and len(about) == 3, "three pages"
    recorded = [row.id for row in desk.facts.record]
    assert not [one for one in asked if any(f"'{row}'" in one.url.params["$filter"] for row in recorded)]


def test_a_log_that_may_not_be_read_says_so_and_decides_nothing() -> None:
    desk = Desk()
    ident = made(desk, ERIK, 3)
    desk.trouble(do="status", status=403, code="AuthorizationFailed", vendor="arm", path="/eventtypes/")
    item = look(desk, ident)
    said, why = whose(desk, item)
    assert (
        said is Whose.UNKNOWN and creators(item) == [] and any("the activity log may not be read" in one for one in why)
    )


def test_a_log_that_fails_is_no_answer() -> None:
    desk = Desk()
    ident = made(desk, ERIK, 3)
    desk.trouble(do="status", status=500, code="InternalServerError", vendor="arm", path="/eventtypes/")
    with pytest.raises(ConnectorError):
        look(desk, ident)
