"""Events about one step -> where that step stands: the part of the fold that the life table rules."""

from dataclasses import replace

from sendoff.model.case import Approval, Case, Standing, WaiverWish
from sendoff.model.envelope import Event
from sendoff.model.errors import Refused
from sendoff.model.event import Acted, Approved, Judged, Planned, StepAdded, StepMoved, Tried, WaiverAsked
from sendoff.model.proof import Grade, Proof, ProofKind
from sendoff.model.state import SETTLED, Move, State, StepId
from sendoff.rules.life import moved


def with_standing(case: Case, standing: Standing) -> Case:
    return replace(case, steps={**case.steps, standing.step: standing})


def standing_of(case: Case, step: StepId) -> Standing:
    standing = case.steps.get(step)
    if standing is None:
        raise Refused(f"case {case.id} has no step {step}")
    return standing


def step_moved(case: Case, event: Event, body: StepMoved) -> Case:
    standing = standing_of(case, body.step)
    state = moved(standing.state, body.move)
    changed = replace(standing, state=state, reason=body.reason or standing.reason)
    if body.move in (Move.ATTEST, Move.SKIP, Move.WAIVE, Move.CARRY_ON):
        changed = _by_word(changed, event, body)
    if body.move in (Move.REFUSE, Move.EXPIRE, Move.STOP, Move.RESUME):
        changed = replace(changed, approval=None, plan=None, plan_blob=None, settled_at=None)
    case = with_standing(case, changed)
    if body.move is Move.ATTEST and body.proof:
        proof = Proof(
            seq=event.seq,
            kind=ProofKind(body.proof),
            at=event.at,
            by=event.actor,
            grade=Grade.ATTESTED,
            evidence=body.evidence[0],
        )
        case = replace(case, proofs=(*case.proofs, proof))
    return case


def _by_word(one: Standing, event: Event, body: StepMoved) -> Standing:
    """Settled by what persons say. What goes on elsewhere keeps neither a plan nor a date here."""
    settled = replace(
        one,
        by=event.actor,
        second=body.second,
        until=body.until,
        evidence=one.evidence + body.evidence,
        settled_at=event.at,
        settled_seq=event.seq,
        waiver_asked=None,
    )
    if body.move is Move.CARRY_ON:
        return replace(settled, held_until=None, approval=None, plan=None, plan_blob=None)
    return settled


def waiver_asked(case: Case, event: Event, body: WaiverAsked) -> Case:
    wish = WaiverWish(by=event.actor, reason=body.reason, until=body.until)
    return with_standing(case, replace(standing_of(case, body.step), waiver_asked=wish))


def step_added(case: Case, event: Event, body: StepAdded) -> Case:
    known = case.steps.get(body.step)
    if known is not None and not known.added:
        standing = replace(known, state=State.WAITING, added=True, reason=body.reason, refs=body.refs)
        return with_standing(case, standing)
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
    return with_standing(case, standing)


def many_actions(count: int) -> str:
    """`1 action waits`, `2 actions wait`."""
    return "1 action waits" if count == 1 else f"{count:,} actions wait"


def planned(case: Case, event: Event, body: Planned) -> Case:
    standing = standing_of(case, body.step)
    return with_standing(
        case,
        replace(
            standing,
            state=moved(standing.state, Move.PLAN),
            plan=body.plan,
            plan_blob=body.blob,
            reason=f"{many_actions(body.actions)} for a second person's yes",
            proposer=event.actor,
            planned=body.actions,
            irreversible=body.irreversible,
            belt=body.belt,
            looked_at=body.looked_at,
            approval=None,
            tried=(),
            acted=(),
            batch=body.batch,
            row=0,
            acted_at=None,
            held_until=None,
            deeds=(),
            files=(),
            outcomes=(),
            reworded=body.reworded,
            laid_by=body.laid_by,
        ),
    )


def approved(case: Case, event: Event, body: Approved) -> Case:
    standing = standing_of(case, body.step)
    if standing.plan != body.plan:
        raise Refused(f"{body.step}: the approval names another plan than the one that lies there")
    approval = Approval(plan=body.plan, by=event.actor, at=event.at, until=body.until, over_belt=body.over_belt)
    reason = "approved; it begins when its gates are open"
    state = moved(standing.state, Move.APPROVE)
    return with_standing(case, replace(standing, state=state, approval=approval, reason=reason))


def tried(case: Case, event: Event, body: Tried) -> Case:
    standing = standing_of(case, body.step)
    # What was left or stopped meanwhile is not begun by a worker that looked a moment earlier.
    state = standing.state if standing.state is State.RUNNING else moved(standing.state, Move.BEGIN)
    open_batches = dict(standing.tried) | {body.batch: body.deeds}
    return with_standing(case, replace(standing, state=state, tried=tuple(open_batches.items()), held_until=None))


def acted(case: Case, event: Event, body: Acted) -> Case:
    standing = standing_of(case, body.step)
    tried = tuple(row for row in standing.tried if row[0] != body.batch)
    outcomes = dict(standing.outcomes)
    for name, count in body.outcomes:
        outcomes[name] = outcomes.get(name, 0) + count
    changed = replace(
        standing,
        tried=tried,
        deeds=(*standing.deeds, body.deeds),
        acted=(*standing.acted, body.batch),
        row=max(standing.row, body.row),
        acted_at=event.at,
        files=(*standing.files, body.files) if body.files else standing.files,
        outcomes=tuple(outcomes.items()),
    )
    watched = {**case.watched, **dict.fromkeys(body.disabled, event.at)}
    return with_standing(replace(case, watched=watched) if body.disabled else case, changed)


def judged(case: Case, event: Event, body: Judged) -> Case:
    standing = standing_of(case, body.step)
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
        settled_seq=event.seq if state in SETTLED else 0,
    )
    if body.move is Move.UNLOCK:
        changed = replace(changed, plan=None, plan_blob=None, approval=None)
    return with_standing(case, changed)
