"""The whole look: everything of a case, over all systems. It adds the steps nobody thought of, and reopens the ones
that were called done while something of ours is still there."""

import json
from collections.abc import Sequence
from dataclasses import replace

from sendoff.engine.kept import Kept
from sendoff.engine.look import Sight, connectors, looked, looked_at, scan, sight, with_images
from sendoff.engine.secondlook import completed
from sendoff.engine.tray import Tray
from sendoff.model.case import Case
from sendoff.model.digest import Digest
from sendoff.model.event import Body, StepMoved
from sendoff.model.inventory import Inventory, Kind, System
from sendoff.model.key import Key
from sendoff.model.shape import shaped
from sendoff.model.situation import Owned
from sendoff.model.state import Move, State, StepId
from sendoff.model.step import Step
from sendoff.ports import Ports
from sendoff.rules.adding import added, covering
from sendoff.rules.judging import is_residue
from sendoff.steps import EVERY

RESIDUE_KINDS = frozenset(Kind) - {Kind.ADMINISTRATOR, Kind.NEW_ADMINISTRATOR, Kind.MAIL, Kind.MEETING}
"""Administrators are read when the lock-out gate asks: their sign-ins are a report with five calls in ten seconds."""


def everything(
    ports: Ports,
    case: Case,
    *,
    systems: Sequence[System] = (),
    avoid: frozenset[Key] = frozenset(),
    keep: bool = True,
    kinds: frozenset[Kind] = RESIDUE_KINDS,
    twice: bool = False,
) -> Sight:
    """Look at every cell of these systems, or of all that this case is about; `twice`: by another list as well, where
    there is one. What is ours is read again directly: a lagging list accuses nobody."""
    hands = connectors(ports, case, systems or looked_at(case))
    tray = Tray(ports.store, case.id, keep=keep)
    seen = scan(hands, tray, kinds, avoid=avoid)
    seen = completed(hands, tray, seen, kinds)[0] if twice else seen
    return sight(case, with_images(case, hands, tray, seen, frozenset(Kind)))


def not_configured(ports: Ports, case: Case, systems: Sequence[System] = ()) -> tuple[System, ...]:
    """Systems where nothing can be looked at, because nobody configured them."""
    wanted = systems or looked_at(case)
    hands = connectors(ports, case, wanted)
    return tuple(system for system in wanted if system not in hands)


def whole_look(
    ports: Ports,
    case: Case,
    purpose: str,
    *,
    systems: Sequence[System] = (),
    avoid: frozenset[Key] = frozenset(),
) -> tuple[Body, ...]:
    """The events of a whole look: the look, added steps, and settled steps that are not settled after all."""
    kinds = RESIDUE_KINDS | {Kind.ADMINISTRATOR} if purpose == "preflight" else RESIDUE_KINDS
    seen = everything(ports, case, systems=systems, avoid=avoid, kinds=kinds, twice=purpose == "final")
    look = looked(ports, case, seen, purpose)
    absent = tuple(f"{system}: not configured" for system in not_configured(ports, case, systems))
    return (
        replace(look, blind=(*look.blind, *absent)),
        *added(case, seen.owned, EVERY),
        *_reopened(case, seen.owned),
    )


_LOOKS: Kept[Inventory] = Kept(4)
"""What a page asks for several times while it is drawn."""


def seen_in(ports: Ports, case: Case, inventory: Digest) -> tuple[Owned, ...]:
    """A stored inventory, with whose everything is by the decisions taken since."""
    return sight(case, stored_look(ports, case, inventory)).owned


def stored_look(ports: Ports, case: Case, inventory: Digest) -> Inventory:
    """What a look saw, read back from the evidence store. The bytes are hashed each time, and understood once."""
    found = ports.store.get(case.id, inventory)
    name = f"{case.id} {inventory}"
    return _LOOKS.or_made(name, None, lambda: shaped(Inventory, json.loads(found), where=f"inventory of {case.id}"))


def _reopened(case: Case, owned: Sequence[Owned]) -> tuple[StepMoved, ...]:
    """Steps called done or attested while something that they make an end to is still there."""
    left: dict[StepId, list[str]] = {}
    if case.withdrawn:
        return ()
    for one in owned:
        step = covering(one.item, case.facts, EVERY)
        if step is not None and is_residue(case, one) and _claims(case, step):
            left.setdefault(step.id, []).append(one.item.name)
    return tuple(
        StepMoved(step=step, move=Move.LEAVE, reason=f"a later look found {len(names)} of ours: {names[0]}")
        for step, names in left.items()
    )


def _claims(case: Case, step: Step) -> bool:
    standing = case.standing(step.id)
    return standing is not None and standing.state in (State.DONE, State.ATTESTED)
