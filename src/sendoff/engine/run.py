"""RUN: the next move of one piece of work. A move is short, does one bounded thing, and ends in one commit."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sendoff.engine.acting import act, batches
from sendoff.engine.administrators import administrators_seen, still_admitted
from sendoff.engine.barrier import barred, sealed_anew
from sendoff.engine.fence import Fence
from sendoff.engine.judging import judged
from sendoff.engine.look import connectors, looked
from sendoff.engine.planning import look_behind, stored_plan
from sendoff.engine.wholelook import whole_look
from sendoff.model.case import Case, Standing
from sendoff.model.event import Body, StepMoved
from sendoff.model.gate import Shut
from sendoff.model.inventory import System, Verb
from sendoff.model.people import ROBOT
from sendoff.model.plan import Plan
from sendoff.model.proof import ProofKind
from sendoff.model.state import Move, State
from sendoff.model.step import Step
from sendoff.ports import Ports, Work
from sendoff.rules.asking import Question
from sendoff.rules.gates import gates, shut, still
from sendoff.rules.surprising import halts_itself
from sendoff.steps import by_id

HANDED_OUT = 64
"""Batches handed out at once: more than all workers together hold. Each batch that ends hands out the next."""
STALE = timedelta(hours=24)
"""How old the look behind a plan may be when the plan begins."""


class Next(StrEnum):
    """What becomes of a piece of work after a move."""

    DONE = "done"
    AGAIN = "again"
    LATER = "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The answer of a move: what next, until when, and a line for people."""

    next: Next
    until: datetime | None = None
    said: str = ""


def move(ports: Ports, work: Work, fence: Fence | None = None) -> Moved:
    """One move of a step, or of a batch of it. `fence` is kept by the worker's beat while a call takes long."""
    case = ports.journal.load(work.case)
    standing = case.steps.get(work.step)
    if standing is None or case.halted:
        return Moved(next=Next.DONE, said="halted" if case.halted else "")
    step = by_id(work.step)
    plan = stored_plan(ports, case, step)
    if plan is None or step.major != standing.major:
        return Moved(next=Next.DONE, said=parked(step, standing))
    if work.batch >= 0:
        return _batch(ports, case, step, plan, work, fence)
    if standing.state is State.APPROVED:
        return _begin(ports, case, step, standing, plan)
    if standing.held_until is not None and ports.clock.now() < standing.held_until:
        return Moved(next=Next.LATER, until=standing.held_until)
    if standing.state in (State.RUNNING, State.HELD):
        return _go_on(ports, case, step, standing, plan, work)
    return Moved(next=Next.DONE)


def parked(step: Step, standing: Standing) -> str:
    """Why this build leaves a step alone; empty when it does not."""
    if step.major == standing.major:
        return ""
    return f"{step.id} needs version {standing.major} of its code; this build has {step.major}: it waits, unchanged"


def _batch(ports: Ports, case: Case, step: Step, plan: Plan, work: Work, fence: Fence | None) -> Moved:
    standing = case.steps[step.id]
    if work.batch in standing.acted or standing.state not in (State.APPROVED, State.RUNNING, State.HELD):
        return Moved(next=Next.DONE)
    if halts_itself(standing) and work.batch not in dict(standing.tried):
        return Moved(next=Next.DONE)
    act(ports, case, step, plan, work, fence=fence)
    ports.dispatch.ready(case.id, step.id)
    return Moved(next=Next.DONE, said=f"{step.id}: batch {work.batch + 1} done")


def _begin(ports: Ports, case: Case, step: Step, standing: Standing, plan: Plan) -> Moved:
    """Open the gates or wait at them; then hand out the first rank."""
    closed = shut(gates(question(ports, case, standing, plan)))
    if not closed and standing.looked_at is not None and ports.clock.now() - standing.looked_at > STALE:
        case = _fresh_look(ports, case, step)
    case, closed = _looked_again(ports, case, step, plan, closed)
    if not closed:
        case, closed = _let_in(ports, case, step, plan)
    now = case.steps[step.id]
    if (now.state, now.plan) != (standing.state, standing.plan):
        # Another worker moved the step while we looked: what lies between two ranks must be asked as well.
        return Moved(next=Next.AGAIN)
    if not closed:
        return _hand_out(ports, case, step, now, plan)
    first = closed[0]
    if first.until is not None:
        return Moved(next=Next.LATER, until=first.until, said=f"{step.id} waits: {first.reason}")
    if standing.approval is not None and ports.clock.now() >= standing.approval.until:
        expired = StepMoved(step=step.id, move=Move.EXPIRE, reason="the approval expired; a timer never says yes")
        ports.journal.append(case.id, case.seq, (expired,), actor=ROBOT, at=ports.clock.now())
    return Moved(next=Next.DONE, said=f"{step.id} waits: {first.reason}")


def question(ports: Ports, case: Case, standing: Standing, plan: Plan | None) -> Question:
    """All that the gates of one step read, gathered."""
    accepted = case.proven(ProofKind.EXPORTED)
    return Question(
        case=case,
        standing=standing,
        plan=plan,
        now=ports.clock.now(),
        needs={one.step: by_id(one.step).needs for one in case.steps.values() if not one.by_hand},
        by_hand=_by_hand(standing) if plan is None else frozenset(),
        people={person.id: person for person in ports.identity.people()},
        intact=accepted is None or ports.store.has(case.id, accepted.evidence),
    )


def _by_hand(standing: Standing) -> frozenset[Verb]:
    step = by_id(standing.step) if not standing.by_hand else None
    return done_by_hand(step) if step is not None and step.plan is None else frozenset()


def done_by_hand(step: Step) -> frozenset[Verb]:
    """What a person does who does this step: the dates of these verbs hold for a person as they do for a machine."""
    return step.verbs | (frozenset({Verb.REMOVE}) if step.covers else frozenset())


def _fresh_look(ports: Ports, case: Case, step: Step) -> Case:
    """The look behind the plan is old: look again. What is unchanged runs under the same approval; what changed is
    left by the direct read before each deed; what is new waits for a new plan, and the second look reports it."""
    body = looked(ports, case, look_behind(ports, case, step), f"again {step.id}", step.id)
    return ports.journal.append(case.id, None, (body,), actor=ROBOT, at=ports.clock.now())


def _looked_again(
    ports: Ports, case: Case, step: Step, plan: Plan, closed: tuple[Shut, ...]
) -> tuple[Case, tuple[Shut, ...]]:
    """When only a gate is shut that a look can open, make that look now: such proofs grow old."""
    names = {gate.gate for gate in closed}
    bodies: tuple[Body, ...] = ()
    if names and names <= {"administrators", "sign-in"}:
        bodies = administrators_seen(ports, case)
    elif names == {"last key out"}:
        bodies = whole_look(ports, case, "before-last-key", systems=(System.AZURE,))
    if not bodies:
        return case, closed
    # A look is a fact whatever the rest of the case did meanwhile: it decides nothing by itself.
    case = ports.journal.append(case.id, None, bodies, actor=ROBOT, at=ports.clock.now())
    return case, shut(gates(question(ports, case, case.steps[step.id], plan)))


def _let_in(ports: Ports, case: Case, step: Step, plan: Plan) -> tuple[Case, tuple[Shut, ...]]:
    """H50: before a step begins that counts on others coming in, look whether they still can."""
    bodies, closed = still_admitted(ports, case, step)
    if not bodies:
        return case, closed
    case = ports.journal.append(case.id, None, bodies, actor=ROBOT, at=ports.clock.now())
    return case, shut(gates(question(ports, case, case.steps[step.id], plan)))


def _hand_out(ports: Ports, case: Case, step: Step, standing: Standing, plan: Plan) -> Moved:
    """The first open batches of the next rank that is not done yet, or Moved to judging when none is left."""
    made = batches(plan, connectors(ports, case, step.systems), standing.batch)
    done = frozenset(standing.acted)
    open_ones = [number for number, _ in enumerate(made) if number not in done]
    if halts_itself(standing) and standing.tried:
        return Moved(next=Next.DONE)  # batches under way come to their end first
    if not open_ones or halts_itself(standing):
        return Moved(next=Next.AGAIN)
    rank = made[open_ones[0]][0]
    next_ones = [number for number in open_ones[:HANDED_OUT] if made[number][0] == rank]
    ports.dispatch.ready(case.id, step.id, batches=next_ones)
    return Moved(next=Next.DONE)


def _go_on(ports: Ports, case: Case, step: Step, standing: Standing, plan: Plan, work: Work) -> Moved:
    """Hand out the next rank, or look again and judge. Between ranks the lasting gates are asked again."""
    closed = still(question(ports, case, standing, plan))
    if closed:
        stop = StepMoved(step=step.id, move=Move.STOP, reason=f"stopped between two ranks: {closed[0].reason}")
        ports.journal.append(case.id, None, (stop,), actor=ROBOT, at=ports.clock.now(), work=work)
        return Moved(next=Next.DONE, said=f"{step.id}: {stop.reason}")
    barrier = barred(ports, case, step, plan)
    if barrier is not None:
        bodies: tuple[Body, ...] = (barrier, *sealed_anew(ports, case, step))
        after = ports.journal.append(case.id, None, bodies, actor=ROBOT, at=ports.clock.now(), work=work)
        return Moved(next=Next.DONE, said=f"{step.id}: {after.steps[step.id].state}, {barrier.why}")
    handed = _hand_out(ports, case, step, standing, plan)
    if handed.next is Next.DONE:
        return handed
    seen = judged(ports, case, step, plan)
    after = ports.journal.append(case.id, None, seen, actor=ROBOT, at=ports.clock.now(), work=work)
    return Moved(next=Next.DONE, said=f"{step.id}: {after.steps[step.id].state}, {after.steps[step.id].reason}")
