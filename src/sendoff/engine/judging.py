"""The second look of one step: every target read again directly, every list read again, and a verdict on each."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sendoff.engine.look import Sight, connectors, looked, parallel, reread, scan, sight
from sendoff.engine.tray import Tray
from sendoff.model.case import Case
from sendoff.model.digest import canonical
from sendoff.model.event import Body, Judged, Proven
from sendoff.model.inventory import Cell, System, Target, Verb
from sendoff.model.plan import Action, Deed, Outcome, Plan
from sendoff.model.proof import Grade, ProofKind
from sendoff.model.shape import shaped
from sendoff.model.state import Move
from sendoff.model.step import Step
from sendoff.ports import Connector, Ports
from sendoff.rules.judging import LASTING, Reread, judge_others, judge_removals, judge_rest, residue, verdict_of

Hands = Mapping[System, Connector]


def judged(ports: Ports, case: Case, step: Step, plan: Plan) -> tuple[Body, ...]:
    """The events of a second look after everything of a plan was done."""
    hands = connectors(ports, case, step.systems)
    tray = Tray(ports.store, case.id)
    deeds = stored_deeds(ports, case, step)
    removed = tuple(action for action in plan.actions if action.verb in LASTING)
    used = frozenset(action.key for action in removed)
    seen = sight(case, scan(hands, tray, step.covers | step.looks_at, avoid=used))
    rereads = _second_reads(hands, removed, tray)
    found = (
        *judge_removals(plan, rereads, {deed.ref: deed for deed in deeds if deed.verb in LASTING}),
        *judge_others(
            plan, {deed.ref: deed for deed in deeds}, _seen_refs(case, plan, deeds, hands), "looked up again"
        ),
        *judge_rest(plan, seen.owned, seen.inventory.blind, residue(case, seen.owned, step.covers)),
    )
    move, why = verdict_of(found)
    result = Judged(
        step=step.id,
        judgements=ports.store.put(case.id, canonical(found)),
        verdicts=tuple(sorted(Counter(str(one.verdict) for one in found).items())),
        move=move,
        why=why,
        same_identity=any(one.how.endswith(f"by {key}") for one in found for key in used),
    )
    look = looked(ports, case, seen, f"after {step.id}", step.id)
    return (look, result, *_proof(case, step, result))


def stored_deeds(ports: Ports, case: Case, step: Step) -> tuple[Deed, ...]:
    """What became of every action of a step, from the evidence store."""
    blobs = [json.loads(ports.store.get(case.id, blob)) for blob in case.steps[step.id].deeds]
    return tuple(shaped(Deed, row, where=f"deeds of {step.id}") for blob in blobs for row in blob)


def _second_reads(hands: Hands, removed: Sequence[Action], tray: Tray) -> dict[str, Reread]:
    """Each target read directly, by another key than the one that removed it where a connector has one."""
    others = _other_keys(hands)
    targets = [_by_other_key(action.at, others) for action in removed]
    answers = parallel(lambda target: reread(hands, target, tray), targets)
    return {action.ref: answer for action, answer in zip(removed, answers, strict=True)}


def _other_keys(hands: Hands) -> Mapping[tuple[System, str, str], tuple[Cell, ...]]:
    found: dict[tuple[System, str, str], tuple[Cell, ...]] = {}
    for hand in hands.values():
        for cell in hand.cells():
            place = (cell.system, str(cell.kind), cell.scope)
            found[place] = (*found.get(place, ()), cell)
    return found


def _by_other_key(target: Target, others: Mapping[tuple[System, str, str], tuple[Cell, ...]]) -> Target:
    for cell in others.get((target.system, str(target.kind), target.scope), ()):
        if cell.key is not target.key:
            return replace(target, key=cell.key)
    return target


def _seen_refs(case: Case, plan: Plan, deeds: Sequence[Deed], hands: Hands) -> frozenset[str]:
    """What was made or sent and is found again; exports and parcels are seen in our own evidence store."""
    tried = {deed.ref: deed for deed in deeds}
    done = {ref for ref, deed in tried.items() if deed.receipt.outcome in (Outcome.DONE, Outcome.FOUND)}
    seen = set()
    for action in plan.actions:
        if action.verb in (Verb.SEND, Verb.CREATE) and action.ref in tried:
            # Also when the answer was lost: what is found was sent.
            found = hands[action.system].find(action, once=tried[action.ref].once)
            seen |= {action.ref} if found is not None else set()
        if action.verb is Verb.EXPORT and action.ref in done and case.steps[plan.step].files:
            seen.add(action.ref)
        if action.verb is Verb.DISCLOSE and action.ref in done and case.parcel is not None:
            seen.add(action.ref)
    return frozenset(seen)


def _proof(case: Case, step: Step, result: Judged) -> tuple[Proven, ...]:
    """What the end of this step proves to gates, observed by us."""
    if not step.gives or result.move is not Move.CLEAN:
        return ()
    standing = case.steps[step.id]
    evidence = standing.files[-1] if standing.files else result.judgements
    return (
        Proven(
            kind=ProofKind(step.gives),
            grade=Grade.OBSERVED,
            evidence=evidence,
            count=sum(count for _, count in result.verdicts),
            note=result.why,
            step=step.id,
        ),
    )


__all__ = ["Sight", "judged", "stored_deeds"]
