"""The second look by other ways: what a list lost is found by another list, what is gone is gone in both, and where the
vendor keeps a log, the log tells of the delete."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sendoff.engine.look import parallel, reread
from sendoff.engine.tray import Tray
from sendoff.model.errors import ConnectorError
from sendoff.model.inventory import BlindSpot, Cell, Inventory, Item, Kind, System, Target, Verb
from sendoff.model.plan import Action
from sendoff.ports import Connector, LogReader, SecondList
from sendoff.rules.judging import Reread

Hands = Mapping[System, Connector]
Place = tuple[System, Kind, str]
Log = tuple[System, str]


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


def remembered(hands: Hands, targets: Sequence[Sequence[Target]], since: datetime) -> Mapping[Log, Again]:
    """What the vendors' logs say was deleted since then, once for each place; each target by the keys that may read."""
    places = {(ways[0].system, ways[0].scope.lower()): ways for ways in targets}
    answers = parallel(lambda ways: _remembered(hands, ways, since), list(places.values()))
    return {place: answer for place, answer in zip(places, answers, strict=True) if answer is not None}


def told(reread_: Reread, action: Action, places: Mapping[Place, Again], logs: Mapping[Log, Again]) -> Reread:
    """The direct read of a target, with what the other list and the log say of it. The direct read decides."""
    said = [_listed(reread_, action, places.get((action.system, action.kind, action.scope.lower())))]
    if action.verb is Verb.REMOVE and reread_.item is None and not reread_.failed:
        said.append(_logged(action, logs.get((action.system, action.scope.lower()))))
    return replace(reread_, how="; ".join([reread_.how, *(one for one in said if one)]))


def _listed(reread_: Reread, action: Action, other: Again | None) -> str:
    if other is None:
        return ""
    if other.failed:
        return f"no second list: {other.failed}"
    if action.target.lower() not in other.ids:
        return "the second list no longer shows it"
    return "the second list still shows it" + (", and lags" if reread_.item is None and not reread_.failed else "")


def _logged(action: Action, log: Again | None) -> str:
    """A log comes late and forgets after its days: only that it tells is a word."""
    if log is None or (not log.failed and action.target.lower() not in log.ids):
        return ""
    return f"no log: {log.failed}" if log.failed else "the vendor's log tells of its delete"


def _remembered(hands: Hands, ways: Sequence[Target], since: datetime) -> Again | None:
    """By the first key that may read the log; why not when none may; None when there is no log."""
    hand, failed = hands.get(ways[0].system), ""
    if not isinstance(hand, LogReader):
        return None
    for target in ways:
        try:
            ids = hand.deleted(target, since)
            return None if ids is None else Again(ids=frozenset(one.lower() for one in ids))
        except ConnectorError as no:
            failed = str(no)
    return Again(failed=failed)


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
