"""PLAN: look, ask the step what it intends, store the plan, and say what the size belt thinks of it."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sendoff.engine.knownplans import KnownPlans
from sendoff.engine.letters import letters_for
from sendoff.engine.look import Sight, around, connectors, looked, scan, sight, with_images
from sendoff.engine.tray import Tray
from sendoff.engine.wholelook import stored_look
from sendoff.model.case import Case
from sendoff.model.digest import Digest, canonical_parts
from sendoff.model.errors import Broken, Refused
from sendoff.model.event import Approved, Body, Judged, Planned
from sendoff.model.inventory import Inventory
from sendoff.model.order import Solved
from sendoff.model.plan import Action, Plan
from sendoff.model.shape import shaped
from sendoff.model.situation import Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.ports import Ports
from sendoff.rules.folding import body_of
from sendoff.rules.gates import IRREVERSIBLE
from sendoff.rules.holding import unheld, unseen
from sendoff.rules.inuse import of_kinds
from sendoff.rules.judging import judge_rest, of_step, residue, verdict_of
from sendoff.rules.planning import belt


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A plan as drawn, with the look it rests on."""

    plan: Plan
    seen: Sight


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What all steps of a case would do today, and which of them cannot be planned yet, with the reason."""

    drawn: tuple[Drawn, ...]
    not_yet: tuple[tuple[StepId, str], ...]
    solved: Solved
    """Every open step of the case in its order, with the reason of each wait."""


def forecast(ports: Ports, case: Case, steps: Sequence[Step], *, order: Solved) -> Forecast:
    """Draw each of these steps, and keep nothing. A step that waits for something of the world, such as a transfer
    request that nobody made yet, says so and hides no other."""
    made: list[Drawn] = []
    waits: list[tuple[StepId, str]] = []
    for step in steps:
        try:
            made.append(drawn(ports, case, step, keep=False))
        except Refused as no:
            waits.append((step.id, str(no)))
    return Forecast(drawn=tuple(made), not_yet=tuple(waits), solved=order)


def drawn(ports: Ports, case: Case, step: Step, *, keep: bool = True, undo: tuple[Action, ...] = ()) -> Drawn:
    """Look and plan one step. Reads only; with `keep=False` nothing goes into the evidence store. Refused when nothing
    can be planned: also when what the plan would rest on could not be read just now. `undo` is what we have done, for
    a step that undoes."""
    if step.plan is None:
        raise Refused(f"{step.id} is done by a person: `sendoff case attest` with evidence")
    tray = Tray(ports.store, case.id, keep=keep, children=True)
    seen = _seen(ports, case, step, tray)
    _not_guessed(step, seen)
    wide = around(case, connectors(ports, case, step.systems), tray)
    lost = unseen(case.facts, wide)
    if lost:
        raise Refused(f"{step.id}: {lost}")
    now = Situation(
        case=case.id,
        facts=case.facts,
        inventory=seen,
        owned=sight(case, seen, wide.items).owned,
        proofs=case.proofs,
        letters=letters_for(ports, case, step.letters, seen, tray.image),
        recalled=_recalled(ports, case, step),
        at=ports.clock.now(),
        watched=case.watched,
        undo=undo,
    )
    proposal = unheld(now, step.plan(now))
    plan = Plan(
        case=case.id,
        world=case.world,
        step=step.id,
        scope=case.facts.scope_digest,
        facts=case.facts.frozen_digest,
        actions=tuple(sorted(proposal.actions, key=lambda act: (act.rank, act.system, act.kind, act.target, act.verb))),
        left=proposal.left,
        seen=tuple(sorted(Counter(str(item.kind) for item in seen.items).items())),
    )
    return Drawn(plan=plan, seen=Sight(inventory=seen, owned=now.owned))


def _recalled(ports: Ports, case: Case, step: Step) -> Inventory | None:
    """What the whole look of day 0 saw of the kinds that the step recalls."""
    look = case.looks.get("preflight")
    if not step.recalls or look is None:
        return None
    return of_kinds(stored_look(ports, case, look.inventory), step.recalls)


def look_behind(ports: Ports, case: Case, step: Step) -> Sight:
    """The look that a plan of this step rests on, without the plan."""
    return sight(case, _seen(ports, case, step, Tray(ports.store, case.id, children=True)))


def _seen(ports: Ports, case: Case, step: Step, tray: Tray) -> Inventory:
    hands = connectors(ports, case, step.systems)
    missing = sorted(set(step.systems) - set(hands))
    if missing:
        raise Refused(f"{step.id}: {', '.join(missing)} is not configured; do it by hand and attest it")
    seen = scan(hands, tray, step.covers | step.looks_at | step.takes_along | step.consults)
    return with_images(case, hands, tray, seen, step.covers | step.takes_along)


def _not_guessed(step: Step, seen: Inventory) -> None:
    """Law 1: what a plan only rests on, such as the secrets it gives away, must have been read. What it makes an end to
    shows again in the second look; and where our key may not look, it may not later either, and the step ends there."""
    rests_on = step.looks_at | (step.consults - step.covers)
    spots = [spot for spot in seen.blind if spot.cell.kind in rests_on and not spot.denied]
    if spots:
        why = f"{spots[0].cell.name}: {spots[0].reason}"
        raise Refused(f"{step.id}: could not look at {why}; nothing is planned on a guess, look again")


def planned(ports: Ports, case: Case, step: Step, now: datetime, undo: tuple[Action, ...] = ()) -> tuple[Body, ...]:
    """The events of a new plan. With nothing to do the look itself is the proof, or says what is in the way."""
    made = drawn(ports, case, step, undo=undo)
    look = looked(ports, case, made.seen, f"plan {step.id}", step.id)
    if made.plan.actions:
        blob = ports.store.put_parts(case.id, lambda: canonical_parts(made.plan))
        counted = Planned(
            step=step.id,
            plan=made.plan.digest,
            blob=blob,
            actions=len(made.plan.actions),
            irreversible=sum(action.verb in IRREVERSIBLE for action in made.plan.actions),
            left=len(made.plan.left),
            belt=belt(made.plan, made.seen.inventory.items),
            looked_at=now,
            batch=made.plan.batch,
        )
        return look, counted
    owned, blind = of_step(step, made.seen.owned, made.seen.inventory.blind)
    spots = [spot for spot in blind if spot.cell.kind not in step.consults]
    rest = judge_rest(made.plan, owned, spots, residue(case, owned, step.covers))
    move, why = verdict_of(rest)
    kept = ports.store.put_parts(case.id, lambda: canonical_parts(rest))
    return look, Judged(step=step.id, judgements=kept, verdicts=(), move=move, why=why)


def stored_plan(ports: Ports, case: Case, step: Step) -> Plan | None:
    """The plan that lies ready for a step, read back from the evidence store and hashed again."""
    standing = case.steps[step.id]
    if standing.plan_blob is None:
        return None
    plan = understood(ports, case, standing.plan_blob, step.id)
    if plan.digest != standing.plan:
        raise Broken(f"the stored plan of {step.id} is not the one that was announced")
    return plan


_KNOWN = KnownPlans()


def understood(ports: Ports, case: Case, blob: Digest, step: StepId) -> Plan:
    """The plan of a blob. A step asks for its plan at every move and every desk door; the bytes are read and hashed
    each time, of a very large plan once a minute, and the same bytes are the same plan."""
    plan = _KNOWN.get(blob)
    if plan is not None and _KNOWN.lately(blob):
        return plan
    if plan is None or not ports.store.has(case.id, blob):
        plan = shaped(Plan, json.loads(ports.store.get(case.id, blob)), where=f"plan of {step}")
    _KNOWN.keep(blob, plan)
    return plan


def approved_plans(ports: Ports, case: Case) -> tuple[Plan, ...]:
    """Every plan that a second person approved, in order, from the journal."""
    planned: dict[Digest, Digest] = {}
    found = []
    for entry in ports.journal.entries(case.id):
        body = body_of(entry)
        if isinstance(body, Planned):
            planned[body.plan] = body.blob
        elif isinstance(body, Approved):
            found.append(understood(ports, case, planned[body.plan], body.step))
    return tuple(found)
