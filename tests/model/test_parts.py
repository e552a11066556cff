"""Canonical bytes in parts: whatever the value, they are the bytes of the whole."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendoff.model.digest import ROWS, Json, canonical, canonical_parts, digest, digest_parts
from sendoff.model.inventory import BlindSpot, Cell, Inventory, Item, Kind, Sign, SignKind, System
from sendoff.model.key import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """A noun without fields."""


def cell(scope: str) -> Cell:
    return Cell(system=System.AZURE, kind=Kind.RESOURCE, scope=scope, key=Key.LIGHTHOUSE)


def item(number: int, name: str) -> Item:
    return Item(
        system=System.AZURE,
        kind=Kind.RESOURCE,
        id=f"/things/{number}",
        name=name,
        scope="s",
        key=Key.LIGHTHOUSE,
        image=digest(number),
        signs=(Sign(kind=SignKind.TAG, value=name),),
    )


def whole(value: object) -> bytes:
    return b"".join(canonical_parts(value))


@pytest.mark.parametrize("many", [0, 1, ROWS - 1, ROWS, ROWS + 1, 2 * ROWS, 2 * ROWS + 7])
def test_an_inventory_of_any_length_has_the_same_bytes_in_parts(many: int) -> None:
    seen = Inventory(
        read=(cell("a"),),
        blind=(BlindSpot(cell=cell("b"), reason='"no", it said\n'),),
        items=tuple(item(one, "ÿ 😀 \x00") for one in range(many)),
    )

    assert whole(seen) == canonical(seen)
    assert digest_parts(canonical_parts(seen)) == digest(seen)
    assert whole(list(seen.items)) == canonical(seen.items)


def test_a_long_list_does_come_in_parts_of_which_none_holds_it_all() -> None:
    seen = Inventory(read=(), blind=(), items=tuple(item(one, "n") for one in range(10 * ROWS)))

    parts = list(canonical_parts(seen))

    assert len(parts) > 10
    assert max(len(part) for part in parts) < len(canonical(seen)) / 9


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(values)
def test_any_json_has_the_same_bytes_in_parts(value: Json) -> None:
    assert whole(value) == canonical(value)


def test_a_noun_without_fields_has_the_same_bytes_in_parts() -> None:
    assert whole(Nothing()) == canonical(Nothing()) == b"{}"
