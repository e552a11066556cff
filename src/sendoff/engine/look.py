"""LOOK: read every cell, in parallel; what fails becomes a blind spot and never 'nothing there'."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event
from typing import TypeVar

from sendoff.engine.alike import Alike
from sendoff.engine.tray import Tray
from sendoff.model.case import Case
from sendoff.model.digest import canonical_parts
from sendoff.model.errors import ConnectorError, Denied
from sendoff.model.event import Looked
from sendoff.model.inventory import BlindSpot, Cell, Inventory, Item, Kind, System, Target, Whose
from sendoff.model.key import Key
from sendoff.model.situation import Owned
from sendoff.model.state import StepId
from sendoff.ports import Connector, Ports
from sendoff.rules.holding import holds_over
from sendoff.rules.judging import Reread
from sendoff.rules.provenance import owned

READERS = 16
"""Cells read at the same time; of one vendor no more than its circuit has places for."""
PORTION = 600
"""Things handed to the readers at once: what waits for its turn takes room, too."""
T = TypeVar("T")
R = TypeVar("R")

LOOKED_AT = (
    System.AZURE,
    System.ENTRA,
    System.PARTNER_CENTER,
    System.PRTG,
    System.PASSWORDSTATE,
    System.TOPDESK,
    System.REASSURE,
)
"""Systems where something of ours can be left at the customer, or something of theirs with us."""


LOOKED_AT_IN_A_TAIL = (System.PARTNER_CENTER, System.TOPDESK, System.REASSURE)
"""Where our CSP part is: the rest was looked at, and certified, by the case of which it is the tail."""


def looked_at(case: Case) -> tuple[System, ...]:
    """The systems that a whole look at this case reads."""
    return LOOKED_AT_IN_A_TAIL if case.facts.tail_of else LOOKED_AT


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A look with its answers to: whose is it?"""

    inventory: Inventory
    owned: tuple[Owned, ...]

    def ours(self) -> tuple[Owned, ...]:
        """What is ours, in the order of the refs."""
        return tuple(one for one in self.owned if one.provenance.whose is Whose.OURS)


def connectors(ports: Ports, case: Case, systems: Iterable[System]) -> Mapping[System, Connector]:
    """Our hands in these systems; one that is not configured is missing here."""
    found = {system: ports.world.connector(case.facts, system) for system in sorted(systems)}
    return {system: hand for system, hand in found.items() if hand is not None}


def parallel(function: Callable[[T], R], values: Sequence[T]) -> list[R]:
    """The answers in the order of the values."""
    if len(values) < 2:
        return [function(value) for value in values]
    portions = (values[at : at + PORTION] for at in range(0, len(values), PORTION))
    with ThreadPoolExecutor(READERS, thread_name_prefix="look") as pool:
        return [answer for portion in portions for answer in pool.map(function, portion)]


@contextmanager
def beside(function: Callable[[T], R], values: Sequence[T]) -> Iterator[Future[list[R]]]:
    """The answers in the order of the values, asked for while the body asks for something else. A body that fails ends
    the asking, too."""
    failed = Event()

    def one(value: T) -> R:
        if failed.is_set():
            raise CancelledError
        return function(value)

    with ThreadPoolExecutor(1, thread_name_prefix="beside") as pool:
        try:
            yield pool.submit(parallel, one, values)
        except BaseException:
            failed.set()
            raise


def scan(
    hands: Mapping[System, Connector],
    tray: Tray,
    kinds: frozenset[Kind] | None = None,
    *,
    avoid: frozenset[Key] = frozenset(),
) -> Inventory:
    """Read every cell of these kinds (all when None); what failed for another reason than a clear no is read once more.
    Keys in `avoid` are tried last, so that a second look is made with another identity where there is one."""
    groups: dict[tuple[System, Kind, str], list[Cell]] = {}
    for hand in hands.values():
        for cell in hand.cells():
            if kinds is None or cell.kind in kinds:
                groups.setdefault((cell.system, cell.kind, cell.scope), []).append(cell)
    ordered = [sorted(cells, key=lambda cell: cell.key in avoid) for cells in groups.values()]
    alike = Alike()
    answers = parallel(lambda cells: _read_twice(hands[cells[0].system], cells, tray, alike), ordered)
    items = [item for answer in answers if isinstance(answer, tuple) for item in answer[1]]
    return Inventory(
        read=tuple(answer[0] for answer in answers if isinstance(answer, tuple)),
        blind=tuple(answer for answer in answers if isinstance(answer, BlindSpot)),
        items=tuple(sorted(items, key=lambda item: item.ref)),
    )


def _read_twice(
    hand: Connector, cells: Sequence[Cell], tray: Tray, alike: Alike
) -> tuple[Cell, list[Item]] | BlindSpot:
    found = _read_first(hand, cells, tray, alike)
    return _read_first(hand, cells, tray, alike) if isinstance(found, BlindSpot) and not found.denied else found


def _read_first(
    hand: Connector, cells: Sequence[Cell], tray: Tray, alike: Alike
) -> tuple[Cell, list[Item]] | BlindSpot:
    """The first alternative that reads; blind with every reason when none does."""
    reasons, code, denied = [], "", True
    for cell in cells:
        try:
            return cell, [alike.item(item) for item in hand.look(cell, tray)]
        except ConnectorError as failed:
            reasons.append(f"{cell.key}: {failed}")
            code = code or failed.code
            denied = denied and isinstance(failed, Denied)
    return BlindSpot(cell=cells[0], reason="; ".join(reasons), code=code, denied=denied)


def sight(case: Case, inventory: Inventory, around: Sequence[Item] = ()) -> Sight:
    """Whose everything is, and what may not go: a legal hold is also over what a held thing lies in. `around` are
    things that this look is not about, and that may lie in what it is about."""
    rows = owned(inventory.items, case.facts, case.decisions)
    if case.facts.holds:
        over = holds_over(case.facts, (*inventory.items, *around))
        rows = tuple(replace(one, hold=over.get(one.item.ref, "")) for one in rows)
    return Sight(inventory=inventory, owned=rows)


def around(case: Case, hands: Mapping[System, Connector], tray: Tray) -> Inventory:
    """While there is a legal hold, everything in these systems; else nothing, for nobody asks."""
    return scan(hands, tray) if case.facts.holds else Inventory(read=(), blind=(), items=())


def with_images(
    case: Case, hands: Mapping[System, Connector], tray: Tray, seen: Inventory, kinds: frozenset[Kind]
) -> Inventory:
    """The same inventory in which everything of ours of these kinds was read again directly, with its children: its
    before-image. What is gone by now drops out; what cannot be read directly makes its cell blind."""
    mine = [one.provenance.whose is Whose.OURS and one.item.kind in kinds for one in sight(case, seen).owned]
    alike = Alike()
    ours = [item for item, chosen in zip(seen.items, mine, strict=True) if chosen]
    again = iter(parallel(lambda item: _read_again(hands, item, tray, alike), ours))
    items, blind = [], list(seen.blind)
    for item, chosen in zip(seen.items, mine, strict=True):
        found = next(again) if chosen else item
        if isinstance(found, BlindSpot):
            blind.append(found)
        elif found is not None:
            items.append(found)
    return Inventory(read=seen.read, blind=tuple(blind), items=tuple(items))


def _read_again(hands: Mapping[System, Connector], listed: Item, tray: Tray, alike: Alike) -> Item | BlindSpot | None:
    """The thing as a direct read has it; None when it is gone, a blind spot when it could not be read."""
    again = reread(hands, listed.target, tray)
    if again.failed:
        cell = Cell(system=listed.system, kind=listed.kind, scope=listed.scope, key=listed.key)
        return BlindSpot(cell=cell, reason=f"{listed.name} could not be read directly: {again.failed}")
    return alike.item(_merged(listed, again.item), listed) if again.item is not None else None


def _merged(listed: Item, direct: Item) -> Item:
    """What the direct read says, with signs, uses and facts that only the list shows."""
    return replace(
        direct,
        signs=tuple(dict.fromkeys((*direct.signs, *listed.signs))),
        uses=tuple(dict.fromkeys((*direct.uses, *listed.uses))),
        detail=tuple({**dict(listed.detail), **dict(direct.detail)}.items()),
        holds_data=direct.holds_data or listed.holds_data,
    )


def reread(hands: Mapping[System, Connector], target: Target, tray: Tray) -> Reread:
    """One direct read: there, not there, or, when it failed twice or was a clear no, not readable."""
    hand = hands.get(target.system)
    how, why = f"direct read by {target.key}", ""
    if hand is None:
        return Reread(item=None, failed=f"{target.system} is not configured", how=how)
    for _ in range(2):
        try:
            return Reread(item=hand.read(target, tray), how=how)
        except ConnectorError as failed:
            why = str(failed)
            if isinstance(failed, Denied):
                break
    return Reread(item=None, failed=why, how=how)


def looked(ports: Ports, case: Case, seen: Sight, purpose: str, step: StepId | None = None) -> Looked:
    """The event of a look; the inventory itself becomes a blob."""
    blob = ports.store.put_parts(case.id, lambda: canonical_parts(seen.inventory))
    return Looked(
        purpose=purpose,
        step=step,
        inventory=blob,
        cells=len(seen.inventory.read) + len(seen.inventory.blind),
        blind=tuple(sorted({f"{spot.cell.name}: {spot.reason}" for spot in seen.inventory.blind})),
        items=len(seen.inventory.items),
        ours=len(seen.ours()),
    )
