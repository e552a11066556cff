"""Events -> Case: the fold. A case is this and nothing else."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from sendoff.model.case import Approval, Case, FactsWish, LastLook, Parcel, Standing, WaiverWish
from sendoff.model.errors import Broken, Refused
from sendoff.model.event import (
    BODIES,
    Acted,
    Approved,
    Body,
    Certified,
    ClockMoved,
    Decided,
    Entry,
    Event,
    FactsAsked,
    FactsChanged,
    Halted,
    Judged,
    Looked,
    Opened,
    OpenedStep,
    Planned,
    Proven,
    Sealed,
    StepAdded,
    StepMoved,
    Tried,
    WaiverAsked,
)
from sendoff.model.inventory import Decision
from sendoff.model.plan import SURPRISES
from sendoff.model.proof import Grade, Proof, ProofKind
from sendoff.model.shape import shaped
from sendoff.model.step import SETTLED, Move, State, StepId
from sendoff.rules.life import moved


def body_of(entry: Entry) -> Body:
    """The body of an entry as its noun; Broken when it was erased, since an open case needs every body."""
    if entry.body is None:
        raise Broken(f"{entry.event.case} event {entry.event.seq}: its body was erased")
    return shaped(BODIES[entry.event.kind], entry.body)


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


def _with(case: Case, standing: Standing) -> Case:
    return replace(case, steps={**case.steps, standing.step: standing})


def _of(case: Case, step: StepId) -> Standing:
    standing = case.steps.get(step)
    if standing is None:
        raise Refused(f"case {case.id} has no step {step}")
    return standing


def _unlocked(case: Case) -> Case:
    """Waiting steps whose predecessors are settled become ready, and ready ones whose predecessors are not, wait."""
    changed = dict(case.steps)
    for standing in case.steps.values():
        free = all(case.steps[step].state in SETTLED for step in standing.after if step in case.steps)
        if standing.state is State.WAITING and free:
            changed[standing.step] = replace(standing, state=moved(standing.state, Move.UNLOCK))
        elif standing.state is State.READY and not free:
            changed[standing.step] = replace(standing, state=moved(standing.state, Move.LOCK))
    return replace(case, steps=changed)


def _facts_asked(case: Case, event: Event, body: FactsAsked) -> Case:
    return replace(case, facts_asked=FactsWish(by=event.actor, facts=body.facts))


def _facts_changed(case: Case, event: Event, body: FactsChanged) -> Case:
    if not body.frozen_changed:
        return replace(case, facts=body.facts, facts_asked=None)
    back = {State.PLANNED, State.APPROVED}
    steps = {
        step: replace(one, state=State.READY, plan=None, plan_blob=None, approval=None) if one.state in back else one
        for step, one in case.steps.items()
    }
    return replace(case, facts=body.facts, facts_asked=None, steps=steps)


def _step_moved(case: Case, event: Event, body: StepMoved) -> Case:
    standing = _of(case, body.step)
    state = moved(standing.state, body.move)
    changed = replace(standing, state=state, reason=body.reason or standing.reason)
    if body.move in (Move.ATTEST, Move.SKIP, Move.WAIVE):
        changed = replace(
            changed,
            by=event.actor,
            second=body.second,
            until=body.until,
            evidence=standing.evidence + body.evidence,
            settled_at=event.at,
            waiver_asked=None,
        )
    if body.move in (Move.REFUSE, Move.EXPIRE, Move.STOP, Move.RESUME):
        changed = replace(changed, approval=None, plan=None, plan_blob=None, settled_at=None)
    case = _with(case, changed)
    if body.move is Move.ATTEST and body.proof:
        proof = Proof(
            kind=ProofKind(body.proof),
            at=event.at,
            by=event.actor,
            grade=Grade.ATTESTED,
            evidence=body.evidence[0],
        )
        case = replace(case, proofs=(*case.proofs, proof))
    return case


def _waiver_asked(case: Case, event: Event, body: WaiverAsked) -> Case:
    wish = WaiverWish(by=event.actor, reason=body.reason, until=body.until)
    return _with(case, replace(_of(case, body.step), waiver_asked=wish))


def _step_added(case: Case, event: Event, body: StepAdded) -> Case:
    known = case.steps.get(body.step)
    if known is not None and not known.added:
        standing = replace(known, state=State.WAITING, added=True, reason=body.reason, refs=body.refs)
        return _with(case, standing)
    standing = Standing(
        step=body.step,
        line=0,
        section="not on your checklist",
        text=body.text,
        role=body.role,
        major=body.major,
        state=State.WAITING,
        after=body.after,
        reason=body.reason,
        added=True,
        refs=body.refs,
    )
    return _with(case, standing)


def _looked(case: Case, event: Event, body: Looked) -> Case:
    look = LastLook(
        at=event.at, inventory=body.inventory, cells=body.cells, blind=body.blind, items=body.items, ours=body.ours
    )
    return replace(case, looks={**case.looks, body.purpose: look})


def _decided(case: Case, event: Event, body: Decided) -> Case:
    decision = Decision(ref=body.ref, whose=body.whose, reason=body.reason, by=event.actor)
    return replace(case, decisions={**case.decisions, body.ref: decision})


def _planned(case: Case, event: Event, body: Planned) -> Case:
    standing = _of(case, body.step)
    return _with(
        case,
        replace(
            standing,
            state=moved(standing.state, Move.PLAN),
            plan=body.plan,
            plan_blob=body.blob,
            proposer=event.actor,
            planned=body.actions,
            irreversible=body.irreversible,
            belt=body.belt,
            looked_at=body.looked_at,
            approval=None,
            tried=(),
            acted=(),
            deeds=(),
            files=(),
            outcomes=(),
        ),
    )


def _approved(case: Case, event: Event, body: Approved) -> Case:
    standing = _of(case, body.step)
    if standing.plan != body.plan:
        raise Refused(f"{body.step}: the approval names another plan than the one that lies there")
    approval = Approval(plan=body.plan, by=event.actor, at=event.at, until=body.until, over_belt=body.over_belt)
    return _with(case, replace(standing, state=moved(standing.state, Move.APPROVE), approval=approval))


def _tried(case: Case, event: Event, body: Tried) -> Case:
    standing = _of(case, body.step)
    state = moved(standing.state, Move.BEGIN) if standing.state is State.APPROVED else standing.state
    open_batches = dict(standing.tried) | {body.batch: body.deeds}
    return _with(case, replace(standing, state=state, tried=tuple(open_batches.items())))


def _acted(case: Case, event: Event, body: Acted) -> Case:
    standing = _of(case, body.step)
    tried = tuple(row for row in standing.tried if row[0] != body.batch)
    outcomes = dict(standing.outcomes)
    for name, count in body.outcomes:
        outcomes[name] = outcomes.get(name, 0) + count
    changed = replace(
        standing,
        tried=tried,
        deeds=(*standing.deeds, body.deeds),
        acted=(*standing.acted, body.batch),
        files=(*standing.files, body.files) if body.files else standing.files,
        outcomes=tuple(outcomes.items()),
    )
    return _with(case, changed)


def _judged(case: Case, event: Event, body: Judged) -> Case:
    standing = _of(case, body.step)
    state = moved(standing.state, body.move)
    changed = replace(
        standing,
        state=state,
        judgements=body.judgements,
        verdicts=body.verdicts,
        reason=body.why,
        held_until=body.until,
        same_identity=body.same_identity,
        settled_at=event.at if state in SETTLED else None,
    )
    return _with(case, changed)


def _proven(case: Case, event: Event, body: Proven) -> Case:
    proof = Proof(
        kind=body.kind, at=event.at, by=event.actor, grade=body.grade, evidence=body.evidence, count=body.count
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
    return replace(case, parcel=parcel)


def _halted(case: Case, event: Event, body: Halted) -> Case:
    return replace(case, halted=body.reason if body.on else "")


def _clock_moved(case: Case, event: Event, body: ClockMoved) -> Case:
    return case


def _certified(case: Case, event: Event, body: Certified) -> Case:
    return replace(case, certificate=body.certificate, outcome=body.outcome)


_ARROWS: dict[type[Body], Callable[..., Case]] = {
    FactsAsked: _facts_asked,
    FactsChanged: _facts_changed,
    StepMoved: _step_moved,
    WaiverAsked: _waiver_asked,
    StepAdded: _step_added,
    Looked: _looked,
    Decided: _decided,
    Planned: _planned,
    Approved: _approved,
    Tried: _tried,
    Acted: _acted,
    Judged: _judged,
    Proven: _proven,
    Sealed: _sealed,
    Halted: _halted,
    ClockMoved: _clock_moved,
    Certified: _certified,
}


def surprises(standing: Standing) -> int:
    """How many actions of a step did not end as approved."""
    return sum(count for name, count in standing.outcomes if name in {str(one) for one in SURPRISES})
