"""The second look of one step: every target read again directly, every list read again, and a verdict on each."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sendoff.engine.deeds import seen_done
from sendoff.engine.look import Sight, around, beside, connectors, looked, reread, scan, sight
from sendoff.engine.secondlook import Again, Log, completed, remembered, told
from sendoff.engine.tray import Tray
from sendoff.engine.undoing import as_before
from sendoff.model.case import Case
from sendoff.model.digest import canonical_parts
from sendoff.model.errors import ConnectorError
from sendoff.model.event import Body, Judged, Proven
from sendoff.model.inventory import Cell, Kind, System, Target, Verb
from sendoff.model.plan import AGAIN, Action, Deed, Outcome, Plan, once
from sendoff.model.proof import Grade, ProofKind
from sendoff.model.shape import shaped
from sendoff.model.state import Move
from sendoff.model.step import Step
from sendoff.model.verdict import Judgement, Verdict
from sendoff.ports import Connector, Ports, Repeat
from sendoff.rules.deadlines import look_again
from sendoff.rules.judging import (
    Reread,
    judge_others,
    judge_removals,
    judge_rest,
    lasting,
    of_step,
    residue,
    verdict_of,
)
from sendoff.rules.watching import OVER, THE_WATCH, Watch, judge_watches, resting, with_rights

Hands = Mapping[System, Connector]
Told = Mapping[tuple[str, Verb], str]
Keys = Mapping[tuple[System, str, str], tuple[Cell, ...]]
"""The cells of one place, a key each."""


def judged(ports: Ports, case: Case, step: Step, plan: Plan) -> tuple[Body, ...]:
    """The events of a second look after everything of a plan was done."""
    hands = connectors(ports, case, step.systems)
    tray = Tray(ports.store, case.id)
    deeds = stored_deeds(ports, case, step)
    removed = lasting(plan)
    used = frozenset(action.key for action in removed)
    newest = {(deed.ref, deed.verb): deed for deed in deeds}
    keys = _other_keys(hands)
    with beside(lambda one: _read_again(hands, _by_other_key(one.at, keys), tray), removed) as answers:
        found_now = scan(hands, tray, step.covers | step.looks_at | step.takes_along, avoid=used)
        found_now, lists = completed(hands, tray, found_now, step.covers)
        seen = sight(case, found_now, around(case, hands, tray).items)
        logs = _logs(case, step, hands, removed, keys)
    again = zip(removed, answers.result(), strict=True)
    rereads = _compared(ports, case, removed, {one.ref: told(answer, one, lists, logs) for one, answer in again})
    owned, blind = of_step(step, seen.owned, seen.inventory.blind)
    others, unseen, partly = _seen(case, plan, newest, hands, tray)
    left = residue(case, owned, step.covers)
    rest = resting(case, plan, owned, left)
    found = (
        *judge_watches(tuple(rest.values()), ports.clock.now()),
        *judge_removals(plan, rereads, newest),
        *judge_others(plan, newest, others, unseen, partly),
        *judge_rest(plan, owned, blind, left - with_rights(owned, rest)),
    )
    found = (*found, *_watched(case, step, found, ports.clock.now()))
    move, why = verdict_of(found)
    if move is Move.CLEAN and left & set(rest):
        move, why = Move.UNLOCK, f"{len(left & set(rest))} of ours: {OVER}; plan their removal"
    result = Judged(
        step=step.id,
        judgements=ports.store.put_parts(case.id, lambda: canonical_parts(found)),
        verdicts=tuple(sorted(Counter(str(one.verdict) for one in found).items())),
        move=move,
        why=why,
        until=_until(case, step, found, rest, ports.clock.now()) if move is Move.HOLD else None,
        same_identity=any(one.how.partition(";")[0].endswith(f"by {key}") for one in found for key in used),
    )
    look = looked(ports, case, seen, f"after {step.id}", step.id)
    return (look, result, *_uninstalled(case, step, removed, found, result), *_proof(case, step, result))


def stored_deeds(ports: Ports, case: Case, step: Step) -> tuple[Deed, ...]:
    """What became of every action of a step, from the evidence store."""
    blobs = [json.loads(ports.store.get(case.id, blob)) for blob in case.steps[step.id].deeds]
    return tuple(shaped(Deed, row, where=f"deeds of {step.id}") for blob in blobs for row in blob)


def _logs(case: Case, step: Step, hands: Hands, removed: Sequence[Action], others: Keys) -> Mapping[Log, Again]:
    """What the vendors' logs say since the look of the plan, read by other keys than those that removed."""
    since = case.steps[step.id].looked_at
    gone = [_by_other_key(action.at, others) for action in removed if action.verb is Verb.REMOVE]
    return remembered(hands, gone, since) if since is not None else {}


def _compared(
    ports: Ports, case: Case, removed: Sequence[Action], rereads: Mapping[str, Reread]
) -> Mapping[str, Reread]:
    """The same, saying of what was put back whether it is as its before-image tells."""
    found = dict(rereads)
    for action in removed:
        one = rereads[action.ref]
        if action.said(AGAIN) and action.before is not None and one.item is not None:
            same = as_before(ports, case, action.before, one.item.image)
            found[action.ref] = replace(one, as_before=same)
    return found


def _read_again(hands: Hands, targets: Sequence[Target], tray: Tray) -> Reread:
    """By the first key that reads; one of them may be what was taken away."""
    answers = (reread(hands, target, tray) for target in targets)
    first = next(answers)
    return first if not first.failed else next((one for one in answers if not one.failed), first)


def _other_keys(hands: Hands) -> Keys:
    found: dict[tuple[System, str, str], tuple[Cell, ...]] = {}
    for hand in hands.values():
        for cell in hand.cells():
            place = (cell.system, str(cell.kind), cell.scope)
            found[place] = (*found.get(place, ()), cell)
    return found


def _by_other_key(target: Target, others: Keys) -> tuple[Target, ...]:
    """The target by other keys than the one that removed it, where a connector has some."""
    cells = others.get((target.system, str(target.kind), target.scope), ())
    keys = dict.fromkeys(cell.key for cell in cells if cell.key is not target.key)
    return tuple(replace(target, key=key) for key in keys) or (target,)


def _watched(case: Case, step: Step, found: Sequence[Judgement], now: datetime) -> tuple[Judgement, ...]:
    """What must stay away for a while before it counts as gone (H16)."""
    since = case.steps[step.id].acted_at
    gone = [one for one in found if one.verdict is Verdict.GONE]
    if not step.watch or not gone or since is None or now >= since + step.watch:
        return ()
    why = f"gone, and watched until {since + step.watch:%Y-%m-%d %H:%M} UTC: it could come back"
    return (replace(gone[0], ref=f"{gone[0].ref}|watch", verdict=Verdict.HELD, how=THE_WATCH, why=why),)


def _until(case: Case, step: Step, found: Sequence[Judgement], rest: Mapping[str, Watch], now: datetime) -> datetime:
    since = case.steps[step.id].acted_at
    people = any(one.verdict is Verdict.HELD and one.how != THE_WATCH for one in found)
    if people or since is None:
        return look_again(case.steps[step.id], now)
    return max([since + step.watch, *(one.ends for one in rest.values())])


def _seen(
    case: Case, plan: Plan, newest: Mapping[tuple[str, Verb], Deed], hands: Hands, tray: Tray
) -> tuple[Told, Told, Told]:
    """How what was made, sent or done by a person is seen now, why what could not be looked for was not, and what went
    in part; exports and parcels are seen in our own store."""
    seen, unseen, partly = {}, {}, {}
    for action in plan.actions:
        deed = newest.get((action.ref, action.verb))
        try:
            half = _in_part(case, action, hands, tray)
            if half:
                partly[action.ref, action.verb] = half
                continue
            how = _how(case, plan, action, deed, hands, tray)
        except ConnectorError as failed:
            unseen[action.ref, action.verb] = str(failed)
            continue
        if how:
            seen[action.ref, action.verb] = how
    return seen, unseen, partly


def _in_part(case: Case, action: Action, hands: Hands, tray: Tray) -> str:
    """What a vendor says of something that a person accepted and that went in part, or of a letter that came back;
    empty when it did not."""
    if action.verb is not Verb.SEND and not (action.verb is Verb.ACCEPT and action.by_person):
        return ""
    found = seen_done(hands[action.system], action, once(case.id, action), tray)
    said = dict(found.said) if found is not None else {}
    return f"{found.code}: {said.get('missing', '')}" if found is not None and found.outcome is Outcome.PARTLY else ""


def _how(case: Case, plan: Plan, action: Action, deed: Deed | None, hands: Hands, tray: Tray) -> str:
    done = deed is not None and deed.receipt.outcome in (Outcome.DONE, Outcome.FOUND)
    if action.verb is Verb.EXPORT and done:
        compared = action.kind in (Kind.SECRET, Kind.SECRET_LIST) and action.system is System.PASSWORDSTATE
        return "compared with the sealed parcel" if compared else _kept(case, plan)
    if action.verb is Verb.DISCLOSE:
        return "sealed in our evidence store" if done and plan.step in case.parcels else ""
    if action.verb in (Verb.SEND, Verb.CREATE, Verb.ACCEPT):
        # Also when the answer was lost: what is found was sent.
        hand, name = hands[action.system], once(case.id, action)
        if action.by_person:
            return "looked for, and seen" if seen_done(hand, action, name, tray) is not None else ""
        if hand.find(action, once=name) is not None:
            return "looked up again"
        ability = hand.able.get((action.kind, action.verb))
        blind = ability is not None and ability.repeat is Repeat.NONE
        return "the vendor took it; it cannot be looked up" if done and blind else ""
    return ""


def _kept(case: Case, plan: Plan) -> str:
    return "kept in our evidence store" if case.steps[plan.step].files else ""


def _uninstalled(
    case: Case, step: Step, removed: Sequence[Action], found: Sequence[Judgement], result: Judged
) -> tuple[Proven, ...]:
    """A probe's service that we saw gone from its host stays a fact when the rest of the plan did not end well: a later
    plan, which does not uninstall it again, may then remove its node (H16)."""
    services = {action.ref for action in removed if action.kind is Kind.PROBE_SERVICE}
    verdicts = [one.verdict for one in found if one.ref in services]
    if not verdicts or set(verdicts) != {Verdict.GONE} or case.proven(ProofKind.PROBE_UNINSTALLED) is not None:
        return ()
    return (
        Proven(
            kind=ProofKind.PROBE_UNINSTALLED,
            grade=Grade.OBSERVED,
            evidence=result.judgements,
            count=len(verdicts),
            note="the service is gone from its host, by a direct look",
            step=step.id,
        ),
    )


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
