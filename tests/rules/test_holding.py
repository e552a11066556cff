"""What a legal hold is over: the thing, and all that it lies in, whatever the net of places looks like."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.told import told
from sendoff.model.digest import Digest
from sendoff.model.facts import Facts
from sendoff.model.hold import LegalHold
from sendoff.model.inventory import Item, Kind, System
from sendoff.model.key import Key
from sendoff.rules.holding import holds_over


@pytest.fixture(autouse=True, scope="module")
def a_story() -> None:
    """Told before anything is measured: the first one to ask for it waits."""
    told()


def held_at(*on: str) -> Facts:
    holds = (LegalHold(on=one, since=date(2027, 1, 1), by="a court", reason=f"case {one}") for one in on)
    return replace(told().case.facts, holds=tuple(holds))


def item(ident: str, *, kind: Kind = Kind.RESOURCE, system: System = System.AZURE, parent: str = "") -> Item:
    return Item(
        system=system,
        kind=kind,
        id=ident,
        name=ident,
        scope="/s",
        key=Key.LIGHTHOUSE,
        image=Digest("sha256:" + "0" * 64),
        detail=(("parent", parent),) if parent else (),
    )


def lies_in(inner: Item, outer: Item) -> bool:
    """The rule in words: below it by its id, or the other is its scope or its parent; nothing lies in a tag."""
    if inner.system is not outer.system or inner.ref == outer.ref or outer.kind is Kind.TAG:
        return False
    place = outer.id.lower()
    below = inner.id.lower().startswith(place + "/")
    return below or place in (inner.scope.lower(), inner.fact("parent").lower())


IDS = st.lists(st.sampled_from("abB"), min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))
ITEMS = st.builds(
    lambda ident, kind, system, parent: item(ident, kind=kind, system=system, parent=parent),
    IDS | st.just("/s"),
    st.sampled_from([Kind.RESOURCE, Kind.GROUP, Kind.TAG]),
    st.sampled_from([System.AZURE, System.PRTG]),
    IDS | st.just(""),
)


@given(st.lists(ITEMS, max_size=8, unique_by=lambda one: one.ref), IDS | st.just("all"))
def test_it_is_over_exactly_what_it_is_on_and_what_that_lies_in(items: list[Item], on: str) -> None:
    below = on.lower() + "/"
    wanted = {
        one.ref for one in items if on == "all" or one.id.lower() == on.lower() or one.id.lower().startswith(below)
    }
    for _ in items:
        wanted |= {outer.ref for outer in items for inner in items if inner.ref in wanted and lies_in(inner, outer)}

    assert set(holds_over(held_at(on), items)) == wanted


def test_of_a_thing_it_says_which_held_thing_lies_in_it() -> None:
    found = holds_over(held_at("/s/group/disk"), [item("/s/group"), item("/s/group/disk"), item("/s/other")])

    said = "legal hold by a court since 2027-01-01: case /s/group/disk"
    assert found == {
        "azure|resource|/s/group/disk": said,
        "azure|resource|/s/group": f"/s/group/disk lies in it: {said}",
    }
