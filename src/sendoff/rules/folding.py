"""Events -> Case: the fold. A case is this and nothing else."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from sendoff.model.case import Case, FactsWish, LastLook, LastPreflight, Parcel, Standing, TailWish, WithdrawalWish
from sendoff.model.envelope import Entry, Event
from sendoff.model.errors import BadInput, Broken, Refused, TooNew
from sendoff.model.event import (
    BODIES,
    Acted,
    Approved,
    Body,
    Certified,
    ClockMoved,
    Decided,
    FactsAsked,
    FactsChanged,
    Halted,
    Judged,
    Looked,
    Mirrored,
    Opened,
    Planned,
    Preflighted,
    Proven,
    Sealed,
    StepAdded,
    StepMoved,
    Tried,
    WaiverAsked,
)
from sendoff.model.facts import Facts
from sendoff.model.inventory import Decision
from sendoff.model.proof import Proof, ProofKind
from sendoff.model.runbook import OpenedStep
from sendoff.model.shape import shaped
from sendoff.model.state import SETTLED, Move, State
from sendoff.model.tail import TailAsked, TailOpened
from sendoff.model.withdrawal import WithdrawalAsked, Withdrawn
from sendoff.rules.life import moved
from sendoff.rules.stepping import (
    acted,
    approved,
    judged,
    planned,
    step_added,
    step_moved,
    tried,
    waiver_asked,
)


def body_of(entry: Entry) -> Body:
    """The body of an entry as its noun; Broken when it was erased, since an open case needs every body. TooNew when a
    newer program wrote more than this one knows: nothing is left out in silence."""
    event = entry.event
    if entry.body is None:
        raise Broken(f"{event.case} event {event.seq}: its body was erased")
    try:
        return shaped(BODIES[event.kind], entry.body)
    except BadInput as unknown:
        raise TooNew(
            f"{event.case} event {event.seq}, {event.kind}: {unknown}. A newer program wrote it: the case is left as "
            "it is; install the newer program"
        ) from unknown


def fold(entries: Iterable[Entry]) -> Case:
    """The case that these events tell, in order."""
    case: Case | None = None
    for entry in entries:
        case = after(case, entry.event, body_of(entry))
    if case is None:
        raise Refused("there are no events")
    return case


def after(case: Case | None, event: Event, body: Body) -> Case:
    """The case after one more event. An event that the life table does not allow raises Refused."""
    if isinstance(body, Opened):
        changed = _opened(event, body)
    elif case is None:
        raise Broken(f"{event.case}: the first event is {event.kind}, not opened")
    else:
        changed = _ARROWS[type(body)](case, event, body)
    sealed = replace(changed, seq=event.seq, head=event.digest, at=event.at)
    return _unlocked(sealed)


def _opened(event: Event, body: Opened) -> Case:
    return Case(
        id=event.case,
        world=body.world,
        facts=body.facts,
        template=body.template,
        runbook=body.runbook,
        version=body.version,
        title=body.title,
        tier=body.tier,
        opened_at=event.at,
        opened_by=event.actor,
        steps={row.step: _stands(row) for row in body.steps},
        others=body.others,
        head=event.digest,
        at=event.at,
    )


def _stands(row: OpenedStep) -> Standing:
    return Standing(
        step=row.step,
        line=row.line,
        section=row.section,
        text=row.text,
        role=row.role,
        major=row.major,
        state=State.WAITING if row.applicable else State.NOT_APPLICABLE,
        after=row.after,
        gives=row.gives,
        reason=row.reason,
        by_hand=row.by_hand,
        removed=row.removed,
    )


def _unlocked(case: Case) -> Case:
    """Waiting steps whose predecessors are settled become ready, and ready ones whose predecessors are not, wait."""
    changed = {}
    for standing in case.steps.values():
        if standing.state not in (State.WAITING, State.READY):
            continue
        free = all(case.steps[step].state in SETTLED for step in standing.after if step in case.steps)
        if free is (standing.state is State.WAITING):
            move = Move.UNLOCK if free else Move.LOCK
            changed[standing.step] = replace(standing, state=moved(standing.state, move))
    return replace(case, steps={**case.steps, **changed}) if changed else case


def _facts_asked(case: Case, event: Event, body: FactsAsked) -> Case:
    return replace(case, facts_asked=FactsWish(by=event.actor, facts=body.facts))


def _tail_asked(case: Case, event: Event, body: TailAsked) -> Case:
    return replace(case, tail_asked=TailWish(by=event.actor, until=body.until, reason=body.reason))


def _tail_opened(case: Case, event: Event, body: TailOpened) -> Case:
    return replace(case, tail_asked=None, tail_until=body.until, facts=replace(case.facts, tail=body.tail))


def _facts_changed(case: Case, event: Event, body: FactsChanged) -> Case:
    if not body.frozen_changed:
        return replace(case, facts=body.facts, facts_asked=None)
    steps = {step: _resealed(case, body.facts, _void(one)) for step, one in case.steps.items()}
    return replace(case, facts=body.facts, facts_asked=None, steps=steps)


def _resealed(case: Case, facts: Facts, one: Standing) -> Standing:
    """A parcel that is sealed to somebody else must be made anew, while it has not been handed over (H45)."""
    if one.gives != ProofKind.SECRETS_SEALED or one.state is not State.DONE or case.parcel is None:
        return one
    if case.facts.recipient == facts.recipient or case.proven(ProofKind.HANDED_OVER) is not None:
        return one
    why = f"the parcel is sealed to {case.parcel.recipient}, who does not receive it any more"
    return replace(one, state=moved(one.state, Move.LEAVE), reason=why, settled_at=None, settled_seq=0)


def _void(one: Standing) -> Standing:
    """Without its yes: what waits begins anew, what is under way stops after the action it is at."""
    if one.state in (State.PLANNED, State.APPROVED):
        return replace(one, state=State.READY, plan=None, plan_blob=None, approval=None)
    if one.state in (State.RUNNING, State.HELD):
        why = "a frozen fact changed while it ran: it needs a new plan"
        return replace(one, state=moved(one.state, Move.STOP), reason=why, plan=None, plan_blob=None, approval=None)
    return one


def _looked(case: Case, event: Event, body: Looked) -> Case:
    look = LastLook(
        at=event.at,
        seq=event.seq,
        inventory=body.inventory,
        cells=body.cells,
        blind=body.blind,
        items=body.items,
        ours=body.ours,
    )
    return replace(case, looks={**case.looks, body.purpose: look})


def _preflighted(case: Case, event: Event, body: Preflighted) -> Case:
    return replace(case, preflight=LastPreflight(at=event.at, by=event.actor, findings=body.findings))


def _decided(case: Case, event: Event, body: Decided) -> Case:
    decision = Decision(ref=body.ref, whose=body.whose, reason=body.reason, by=event.actor)
    return replace(case, decisions={**case.decisions, body.ref: decision})


def _proven(case: Case, event: Event, body: Proven) -> Case:
    proof = Proof(
        kind=body.kind,
        seq=event.seq,
        at=event.at,
        by=event.actor,
        grade=body.grade,
        evidence=body.evidence,
        count=body.count,
        about=body.about,
    )
    return replace(case, proofs=(*case.proofs, proof))


def _sealed(case: Case, event: Event, body: Sealed) -> Case:
    parcel = Parcel(
        digest=body.parcel,
        manifest=body.manifest,
        recipient=body.recipient,
        vault=body.vault,
        inside=body.inside,
        withheld=body.withheld,
        at=event.at,
    )
    return replace(case, parcels={**case.parcels, body.step: parcel})


def _withdrawal_asked(case: Case, event: Event, body: WithdrawalAsked) -> Case:
    return replace(case, withdrawal_asked=WithdrawalWish(by=event.actor, reason=body.reason))


def _withdrawn(case: Case, event: Event, body: Withdrawn) -> Case:
    """What is open is not done any more; what is under way must be stopped first, and what is settled stays so."""
    if any(one.state is State.RUNNING for one in case.steps.values()):
        raise Refused("a step is under way: stop it first")
    why = f"the termination was withdrawn: {body.reason}"
    ended = {
        step: replace(
            one,
            state=State.NOT_APPLICABLE,
            reason=why,
            approval=None,
            plan=None,
            plan_blob=None,
            held_until=None,
            by=event.actor,
            second=body.asked_by,
            settled_at=event.at,
            settled_seq=event.seq,
        )
        for step, one in case.steps.items()
        if one.state not in SETTLED
    }
    return replace(case, withdrawn=body.reason, withdrawal_asked=None, steps={**case.steps, **ended})


def _halted(case: Case, event: Event, body: Halted) -> Case:
    return replace(case, halted=body.reason if body.on else "")


def _clock_moved(case: Case, event: Event, body: ClockMoved) -> Case:
    return case


def _mirrored(case: Case, event: Event, body: Mirrored) -> Case:
    return replace(case, mirrored={**case.mirrored, **dict(body.lines)})


def _certified(case: Case, event: Event, body: Certified) -> Case:
    return replace(case, certificate=body.certificate, outcome=body.outcome)


_ARROWS: dict[type[Body], Callable[..., Case]] = {
    FactsAsked: _facts_asked,
    FactsChanged: _facts_changed,
    TailAsked: _tail_asked,
    TailOpened: _tail_opened,
    StepMoved: step_moved,
    WaiverAsked: waiver_asked,
    StepAdded: step_added,
    Looked: _looked,
    Preflighted: _preflighted,
    Decided: _decided,
    Planned: planned,
    Approved: approved,
    Tried: tried,
    Acted: acted,
    Judged: judged,
    Proven: _proven,
    Sealed: _sealed,
    WithdrawalAsked: _withdrawal_asked,
    Withdrawn: _withdrawn,
    Halted: _halted,
    ClockMoved: _clock_moved,
    Mirrored: _mirrored,
    Certified: _certified,
}
