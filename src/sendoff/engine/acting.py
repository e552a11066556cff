"""ACT: one batch of a plan. Intent is written before the deed, outcome after it; after a crash we find first."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sendoff.engine.deeds import one_deed, waited_for
from sendoff.engine.fence import Fence, fenced_calls
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
from sendoff.rules.judging import outcomes
from sendoff.rules.outside import refused_recipient

SHORT = 120.0
"""Seconds for which a batch waits by itself: a longer job of the vendor is looked for again like a person's deed."""
ROW_OF_SURPRISES = 3
"""So many in a row stop the step within the batch."""


def batches(plan: Plan, hands: Mapping[System, Connector]) -> tuple[tuple[int, tuple[Action, ...]], ...]:
    """The plan in batches of one rank, system and key each, in order: the number of a batch is its place here."""
    made: list[tuple[int, tuple[Action, ...]]] = []
    for run in plan.runs:
        at = 0
        while at < len(run):
            batch = run[at : at + _size(run[at], hands)]
            made.append((batch[0].rank, batch))
            at += len(batch)
    return tuple(made)


def _size(action: Action, hands: Mapping[System, Connector]) -> int:
    hand = hands.get(action.system)
    ability = hand.able.get((action.kind, action.verb)) if hand else None
    return ability.batch if ability else 50


def act(ports: Ports, case: Case, step: Step, plan: Plan, work: Work, *, fence: Fence | None = None) -> None:
    """Do one batch from intent to outcome."""
    fence = fence or Fence(ports, work)
    fence.begin()
    again = work.batch in dict(case.steps[step.id].tried)
    with fenced_calls(fence):
        hands = connectors(ports, case, step.systems)
        actions = batches(plan, hands)[work.batch][1]
        _write_intent(ports, case, step, actions, work)
        if any(action.verb is Verb.DISCLOSE for action in actions):
            extra = _sealed_batch(ports, case, plan, actions, hands, fence)
        elif any(action.verb is Verb.EXPORT and action.kind is Kind.SECRET for action in actions):
            extra = _compared_batch(ports, case, actions, hands, fence)
        else:
            extra = _plain_batch(ports, case, actions, hands, fence, again)
    ports.journal.append(case.id, None, extra, actor=ROBOT, at=ports.clock.now(), work=work)


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
        files=ports.store.put(case.id, canonical(tray.files)) if tray.files else None,
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
    """Start every action, then wait for the long ones together; a pending operation holds no place."""
    receipts: dict[str, Receipt] = {}
    pending: dict[str, tuple[Action, Again]] = {}
    row = 0
    for action in actions:
        name = once(case.id, action)
        fence.check()
        if fence.called_off():
            break
        hold = forbidden(case.facts, action)
        if hold is not None:
            receipts[name] = Receipt(outcome=Outcome.REFUSED, code="ByUs", said=(("why", hold.said),))
            break
        answer = one_deed(hands[action.system], action, name, tray, again)
        if isinstance(answer, Again) and answer.seconds <= SHORT:
            pending[name] = (action, answer)
            continue
        if isinstance(answer, Again):
            answer = Receipt(outcome=Outcome.ASKED, code="under way")
        receipts[name] = answer
        row = row + 1 if answer.outcome in SURPRISES else 0
        if row >= ROW_OF_SURPRISES:
            break
    receipts |= waited_for(pending, hands, fence)
    done = [(action, once(case.id, action)) for action in actions]
    return [
        Deed(once=name, ref=action.ref, verb=action.verb, name=action.name, receipt=receipts[name])
        for action, name in done
        if name in receipts
    ]


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
    return Receipt(outcome=Outcome.CHANGED, code="NotAsSealed")
