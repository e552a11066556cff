"""The second look by another way: what a list lost is found by another list, and what is gone is gone in both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sendoff.engine.look import parallel, reread
from sendoff.engine.tray import Tray
from sendoff.model.errors import ConnectorError
from sendoff.model.inventory import BlindSpot, Cell, Inventory, Item, Kind, System, Target
from sendoff.model.plan import Action
from sendoff.ports import Connector, SecondList
from sendoff.rules.judging import Reread

Hands = Mapping[System, Connector]
Place = tuple[System, Kind, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What the other way says of one cell: the ids it shows, in lower case, or why it says nothing."""

    ids: frozenset[str] = frozenset()
    failed: str = ""


def completed(
    hands: Hands, tray: Tray, seen: Inventory, kinds: frozenset[Kind]
) -> tuple[Inventory, Mapping[Place, Again]]:
    """The look, with what only the other way shows and a direct read confirms. The index lags: what it still shows and
    is not there any more is no find; what could not be read directly makes its cell blind."""
    cells = [cell for cell in seen.read if cell.kind in kinds and isinstance(hands[cell.system], SecondList)]
    answers = parallel(lambda cell: _asked(hands, cell), cells)
    known = {item.ref for item in seen.items}
    missed = [target for cell, ids in zip(cells, answers, strict=True) for target in _missed(cell, ids, known)]
    again = parallel(lambda target: reread(hands, target, tray), missed)
    found = [one.item for one in again if one.item is not None]
    blind = [_blind(target, one) for target, one in zip(missed, again, strict=True) if one.failed]
    places = {_place(cell): _again(ids) for cell, ids in zip(cells, answers, strict=True) if ids is not None}
    whole = replace(seen, items=_sorted((*seen.items, *found)), blind=(*seen.blind, *blind))
    return whole, places


def told(reread_: Reread, action: Action, places: Mapping[Place, Again]) -> Reread:
    """The direct read of a target, with what the other list says of it. The direct read decides."""
    other = places.get((action.system, action.kind, action.scope.lower()))
    if other is None:
        return reread_
    said = "the second list no longer shows it"
    if other.failed:
        said = f"no second list: {other.failed}"
    elif action.target.lower() in other.ids:
        said = "the second list still shows it" + (", and lags" if reread_.item is None and not reread_.failed else "")
    return replace(reread_, how=f"{reread_.how}; {said}")


def _asked(hands: Hands, cell: Cell) -> Sequence[str] | str | None:
    """The ids, or why there are none; None when the vendor has no other way."""
    hand = hands[cell.system]
    try:
        return hand.again(cell) if isinstance(hand, SecondList) else None
    except ConnectorError as failed:
        return str(failed)


def _missed(cell: Cell, ids: Sequence[str] | str | None, known: set[str]) -> list[Target]:
    if ids is None or isinstance(ids, str):
        return []
    targets = [Target(system=cell.system, kind=cell.kind, id=one, scope=cell.scope, key=cell.key) for one in ids]
    return [one for one in targets if f"{one.system}|{one.kind}|{one.id.lower()}" not in known]


def _again(ids: Sequence[str] | str) -> Again:
    return Again(failed=ids) if isinstance(ids, str) else Again(ids=frozenset(one.lower() for one in ids))


def _place(cell: Cell) -> Place:
    return cell.system, cell.kind, cell.scope.lower()


def _blind(target: Target, one: Reread) -> BlindSpot:
    cell = Cell(system=target.system, kind=target.kind, scope=target.scope, key=target.key)
    return BlindSpot(cell=cell, reason=f"only a second list shows {target.id}, and it could not be read: {one.failed}")


def _sorted(items: Sequence[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda item: item.ref))
