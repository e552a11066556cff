"""ACT: one batch of a plan. Intent is written before the deed, outcome after it; after a crash we find first."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sendoff.engine.deeds import in_use, one_deed
from sendoff.engine.fence import Fence, fenced_calls
from sendoff.engine.going import Going
from sendoff.engine.judging import stored_deeds
from sendoff.engine.look import connectors
from sendoff.engine.tray import Tray
from sendoff.model.case import Case
from sendoff.model.digest import Digest, canonical, merkle_root
from sendoff.model.errors import Refused
from sendoff.model.event import Acted, Body, Sealed, Tried
from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.people import ROBOT
from sendoff.model.plan import SURPRISES, Action, Again, Deed, Outcome, Plan, Receipt, once
from sendoff.model.step import Step
from sendoff.ports import Connector, Ports, Work
from sendoff.rules.holding import forbidden
from sendoff.rules.judging import outcomes, surprises_in_a_row
from sendoff.rules.outside import refused_recipient
from sendoff.rules.surprising import IN_A_ROW
from sendoff.rules.watching import disabled

COMPARED = frozenset({Kind.SECRET, Kind.SECRET_LIST})
"""Kinds whose export is a comparison with what was sealed."""
NOT_AS_SEALED = "NotAsSealed"
PASSES = 5
"""How often a batch goes over what was refused because something else still used it."""


def batches(plan: Plan, hands: Mapping[System, Connector], most: int) -> tuple[tuple[int, tuple[Action, ...]], ...]:
    """The plan in batches of one rank, system and key each, of at most so many actions, in order: the number of a batch
    is its place here, and so `most` is what the event of the plan says."""
    made: list[tuple[int, tuple[Action, ...]]] = []
    for run in plan.runs:
        at = 0
        while at < len(run):
            batch = run[at : at + _size(run[at], hands, most)]
            made.append((batch[0].rank, batch))
            at += len(batch)
    return tuple(made)


def _size(action: Action, hands: Mapping[System, Connector], most: int) -> int:
    hand = hands.get(action.system)
    ability = hand.able.get((action.kind, action.verb)) if hand else None
    return (ability.batch if ability else 0) or most


def act(ports: Ports, case: Case, step: Step, plan: Plan, work: Work, *, fence: Fence | None = None) -> None:
    """Do one batch from intent to outcome."""
    fence = fence or Fence(ports, work)
    fence.begin()
    again = work.batch in dict(case.steps[step.id].tried)
    with fenced_calls(fence):
        hands = connectors(ports, case, step.systems)
        made = batches(plan, hands, case.steps[step.id].batch)
        actions = made[work.batch][1]
        sealing = any(action.verb is Verb.DISCLOSE for action in actions)
        comparing = any(action.verb is Verb.EXPORT and action.kind in COMPARED for action in actions)
        if not sealing and not comparing:
            actions = (*actions, *_stuck(ports, case, step, [group for _, group in made], work.batch))
        _write_intent(ports, case, step, actions, work)
        if sealing:
            extra = _sealed_batch(ports, case, plan, actions, hands, fence)
        elif comparing:
            extra = _compared_batch(ports, case, actions, hands, fence)
        else:
            extra = _plain_batch(ports, case, actions, hands, fence, again)
    ports.journal.append(case.id, None, extra, actor=ROBOT, at=ports.clock.now(), work=work)


def _stuck(ports: Ports, case: Case, step: Step, groups: Sequence[Sequence[Action]], batch: int) -> tuple[Action, ...]:
    """With the last batch of a plan, what an earlier one was refused since something else still used it: what used it
    may be gone by now. It is written down once more before it is tried once more."""
    standing = case.steps[step.id]
    others, acted = [number for number, _ in enumerate(groups) if number != batch], frozenset(standing.acted)
    if any(number not in acted for number in others):
        return ()
    used = {(deed.ref, deed.verb) for deed in stored_deeds(ports, case, step) if in_use(deed.receipt)}
    return tuple(one for number in others for one in groups[number] if (one.ref, one.verb) in used)


def _write_intent(ports: Ports, case: Case, step: Step, actions: Sequence[Action], work: Work) -> None:
    blob, root = _kept(ports, case, actions)
    tried = Tried(step=step.id, batch=work.batch, attempt=work.attempt, deeds=blob, count=len(actions), root=root)
    ports.journal.append(case.id, None, (tried,), actor=ROBOT, at=ports.clock.now(), work=work)


def _kept(ports: Ports, case: Case, rows: Sequence[Action] | Sequence[Deed]) -> tuple[Digest, Digest]:
    return ports.store.put(case.id, canonical(rows)), merkle_root(canonical(row) for row in rows)


def _acted(ports: Ports, case: Case, fence: Fence, deeds: Sequence[Deed], tray: Tray) -> Acted:
    blob, root = _kept(ports, case, deeds)
    return Acted(
        step=fence.work.step,
        batch=fence.work.batch,
        deeds=blob,
        count=len(deeds),
        root=root,
        outcomes=outcomes(deeds),
        row=surprises_in_a_row(deeds),
        files=ports.store.put(case.id, canonical(tray.files)) if tray.files else None,
        disabled=disabled(deeds),
    )


def _plain_batch(
    ports: Ports,
    case: Case,
    actions: Sequence[Action],
    hands: Mapping[System, Connector],
    fence: Fence,
    again: bool,
) -> tuple[Body, ...]:
    sealed = {f"parcel:{step}": parcel.digest for step, parcel in case.parcels.items()}
    tray = Tray(ports.store, case.id, sealed=sealed)
    deeds = _deeds(case, actions, hands, tray, fence, again)
    return (_acted(ports, case, fence, deeds, tray),)


def _deeds(
    case: Case,
    actions: Sequence[Action],
    hands: Mapping[System, Connector],
    tray: Tray,
    fence: Fence,
    again: bool,
) -> list[Deed]:
    """A first pass over every action, then more over what something else still used, while each pass brings us on."""
    receipts = _pass(case, actions, hands, tray, fence, again)
    for _ in range(PASSES):
        stuck = [action for action in actions if in_use(receipts.get(once(case.id, action)))]
        freed = _ended(receipts)
        if not stuck or not freed or fence.called_off():
            break
        receipts |= _pass(case, stuck, hands, tray, fence, again)
        if freed == _ended(receipts):
            break
    names = {once(case.id, action): action for action in actions}
    return [
        Deed(once=name, ref=action.ref, verb=action.verb, name=action.name, receipt=receipts[name])
        for name, action in names.items()
        if name in receipts
    ]


def _ended(receipts: Mapping[str, Receipt]) -> int:
    """How many are done, by us or by somebody who was faster."""
    return sum(one.outcome in (Outcome.DONE, Outcome.FOUND) for one in receipts.values())


def _pass(
    case: Case,
    actions: Sequence[Action],
    hands: Mapping[System, Connector],
    tray: Tray,
    fence: Fence,
    again: bool,
) -> dict[str, Receipt]:
    """Begin every action, and ask in between after what goes on at the vendor: it holds no place. Three surprises in a
    row, or a no of ours, and nothing more is begun."""
    names = {once(case.id, action): action for action in actions}
    going, row = Going(hands, tray, fence), 0
    for name, action in names.items():
        fence.check()
        if fence.called_off():
            break
        hold = forbidden(case.facts, action)
        if hold is not None:
            going.done[name] = Receipt(outcome=Outcome.REFUSED, code="ByUs", said=(("why", hold.said),))
            break
        answer = going.begin(name, action, again)
        if answer is not None:
            row = row + 1 if answer.outcome in SURPRISES else 0
        if row >= IN_A_ROW:
            break
        going.ask()
    going.to_the_end()
    return {str(name): receipt for name, receipt in going.done.items()}


def _sealed_batch(
    ports: Ports,
    case: Case,
    plan: Plan,
    actions: Sequence[Action],
    hands: Mapping[System, Connector],
    fence: Fence,
) -> tuple[Body, ...]:
    """One pass: read, put into the parcel in memory, seal. A crash before the end reads again; nothing was given."""
    why, recipient = refused_recipient(case.facts), case.facts.recipient
    if why or recipient is None:
        raise Refused(why)
    with ports.sealer.open_parcel(recipient.age_key, case=case.id) as parcel:
        tray = Tray(ports.store, case.id, parcel=parcel)
        deeds = _deeds(case, actions, hands, tray, fence, False)
        for left in plan.left:
            parcel.withhold(left.item.name, left.why)
        sealed, manifest = parcel.seal()
    withheld = len(plan.left)
    complete = tray.disclosed == len(actions)
    found: list[Body] = [_acted(ports, case, fence, deeds, tray)]
    if complete:
        found.append(
            Sealed(
                step=fence.work.step,
                parcel=ports.store.put(case.id, sealed),
                manifest=ports.store.put(case.id, manifest),
                recipient=recipient.mail,
                vault=len(actions) + withheld,
                inside=tray.disclosed,
                withheld=withheld,
            )
        )
    return tuple(found)


def _compared_batch(
    ports: Ports, case: Case, actions: Sequence[Action], hands: Mapping[System, Connector], fence: Fence
) -> tuple[Body, ...]:
    """H7: every secret is read again and its mark compared with those in the sealed parcel; nothing of it is kept."""
    recipient, sealed = case.facts.recipient, case.parcel
    if recipient is None or sealed is None:
        raise Refused("there is no parcel to compare the vault with; export the secrets first")
    inside = frozenset(json.loads(ports.store.get(case.id, sealed.manifest))["records"])
    deeds = []
    with ports.sealer.open_parcel(recipient.age_key, case=case.id) as parcel:
        tray = Tray(ports.store, case.id, parcel=parcel)
        for action in actions:
            fence.check()
            read = replace(action, verb=Verb.DISCLOSE)
            answer = one_deed(hands[action.system], read, once(case.id, read), tray, False)
            same = isinstance(answer, Receipt) and answer.outcome is Outcome.DONE and parcel.marks()[-1] in inside
            receipt = Receipt(outcome=Outcome.DONE, code="same") if same else _another(answer)
            name = once(case.id, action)
            deeds.append(Deed(once=name, ref=action.ref, verb=action.verb, name=action.name, receipt=receipt))
    return (_acted(ports, case, fence, deeds, tray),)


def _another(answer: Receipt | Again) -> Receipt:
    if isinstance(answer, Receipt) and answer.outcome is not Outcome.DONE:
        return answer
    if isinstance(answer, Again):
        return Receipt(outcome=Outcome.UNKNOWN, code="NotRead")
    return Receipt(outcome=Outcome.CHANGED, code=NOT_AS_SEALED)
