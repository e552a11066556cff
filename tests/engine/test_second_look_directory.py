"""The second look at a directory finds what the list of the remover lost, by another list and other code."""

import json
from collections.abc import Mapping

import httpx2
import pytest

from fakes.connector_desk import Desk
from sendoff.connectors.entra.client import EntraDoors
from sendoff.connectors.entra.connector import EntraConnector
from sendoff.connectors.wire.body import rows, text
from sendoff.engine.look import scan
from sendoff.engine.secondlook import completed
from sendoff.model.inventory import Inventory, Kind, System
from sendoff.ports import SecondList

PATHS: Mapping[Kind, str] = {
    Kind.USER: "/v1.0/users",
    Kind.GUEST: "/v1.0/users",
    Kind.SERVICE_PRINCIPAL: "/v1.0/servicePrincipals",
}
"""The list of the remover for each kind that has another way."""


def looked(desk: Desk, kind: Kind) -> tuple[Inventory, Inventory]:
    """The first look, and the same after the second way."""
    doors = EntraDoors(app=desk.app())
    hand = EntraConnector(desk.facts, doors, clients=desk.clients, limits=desk.limits)
    assert isinstance(hand, SecondList)
    first = scan({System.ENTRA: hand}, desk.tray, frozenset({kind}))  # type: ignore[arg-type]
    return first, completed({System.ENTRA: hand}, desk.tray, first, frozenset({kind}))[0]  # type: ignore[arg-type]


def forgetful(desk: Desk, kind: Kind, ident: str) -> None:
    """From now on the list of the remover does not show it, and counts without it."""

    def lost(request: httpx2.Request, body: bytes) -> bytes:
        if request.method != "GET" or request.url.path != PATHS[kind]:
            return body
        page = json.loads(body)
        kept = [row for row in rows(page, "value") if text(row, "id") != ident]
        # Every page of accounts carries the count of all; each question for apps has a list of its own.
        less = len(rows(page, "value")) - len(kept) if kind is Kind.SERVICE_PRINCIPAL else 1
        count = {"@odata.count": int(page["@odata.count"]) - less} if "@odata.count" in page else {}
        return json.dumps({**page, **count, "value": kept}).encode()

    desk.wire.edit = lost


def shows(seen: Inventory, ident: str) -> bool:
    return ident in {item.id for item in seen.items}


@pytest.mark.parametrize("kind", PATHS)
def test_what_the_removers_list_lost_is_found_by_another_way(kind: Kind) -> None:
    desk = Desk()
    before = looked(desk, kind)
    ident = before[0].items[0].id
    assert before[0] == before[1], "while nothing is lost both see the same"
    forgetful(desk, kind, ident)

    first, whole = looked(desk, kind)

    assert first.whole and not shows(first, ident), "the first list is sure that it read everything"
    assert whole.whole and shows(whole, ident)
    assert {item.id for item in whole.items} == {item.id for item in before[0].items}, "and nothing else by it"


def test_the_other_way_goes_on_to_its_last_page() -> None:
    desk = Desk()
    first, _ = looked(desk, Kind.USER)
    last = first.items[-1].id
    desk.control("POST", "/habits", {"rows": 2})
    forgetful(desk, Kind.USER, last)

    assert shows(looked(desk, Kind.USER)[1], last)
    assert desk.wire.calls("GET", "/users/delta") > 10


def test_who_comes_again_with_less_is_who_they_were_and_who_went_is_not_told() -> None:
    desk = Desk()
    guests, users = ({one.id for one in looked(desk, kind)[0].items} for kind in (Kind.GUEST, Kind.USER))
    again, went = sorted(guests)[0], sorted(users)[0]

    def told(request: httpx2.Request, body: bytes) -> bytes:
        if not request.url.path.endswith("/users/delta"):
            return body
        page = json.loads(body)
        more = [{"id": again}, {"id": went, "@removed": {"reason": "changed"}}]
        return json.dumps({**page, "value": [*page["value"], *more]}).encode()

    desk.wire.edit = told
    hand = EntraConnector(desk.facts, EntraDoors(app=desk.app()), clients=desk.clients, limits=desk.limits)
    cells = {cell.kind: cell for cell in hand.cells()}

    assert set(hand.again(cells[Kind.GUEST]) or ()) == guests
    assert set(hand.again(cells[Kind.USER]) or ()) == users - {went}


def test_a_round_that_does_not_end_is_no_second_list() -> None:
    desk = Desk()
    first, _ = looked(desk, Kind.USER)

    def endless(request: httpx2.Request, body: bytes) -> bytes:
        if not request.url.path.endswith("/users/delta"):
            return body
        page = json.loads(body)
        return json.dumps({name: value for name, value in page.items() if name != "@odata.deltaLink"}).encode()

    desk.wire.edit = endless
    hand = EntraConnector(desk.facts, EntraDoors(app=desk.app()), clients=desk.clients, limits=desk.limits)
    whole, said = completed({System.ENTRA: hand}, desk.tray, first, frozenset({Kind.USER}))  # type: ignore[arg-type]

    assert whole == first
    assert ["the round did not end" in one.failed for one in said.values()] == [True]
