"""When no transfer comes in time: may the CSP part go on in a case of its own, and what does that case begin with?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sendoff.model.case import Case
from sendoff.model.event import StepMoved
from sendoff.model.facts import Facts, LeavesCsp
from sendoff.model.people import PersonId
from sendoff.model.proof import Proof, ProofKind
from sendoff.model.state import SETTLED, Move, State, StepId
from sendoff.model.template import Tier
from sendoff.rules.life import allows

ACCEPT = StepId("accept-transfer")
DETAILS = StepId("migration-details")
PASSED = (ACCEPT, StepId("stop-renewals"))
"""Steps that go on in the tail as a whole. Others of the CSP part end here what is not needed for it any more."""
ANEW = tuple(
    StepId(step) for step in ("remove-articles", "end-relationships", "disable-reassure", "terminate-contract")
)
"""Steps of which a plan that lies ready was made before the tail: they need a new one."""
CARRIED = (ProofKind.PERMISSION, ProofKind.COSTS_KEPT)
"""Facts of the world that the tail begins with."""


def in_the_way_of_a_tail(case: Case, until: date, today: date) -> tuple[str, ...]:
    """Why the CSP part cannot go on in a case of its own; empty when it can."""
    facts, standing, details = case.facts, case.standing(ACCEPT), case.standing(DETAILS)
    why = []
    if facts.tail_of:
        why.append(f"this case is itself the tail of {facts.tail_of}: change its dates with `case change`")
    if facts.leaves_csp is not LeavesCsp.YES:
        why.append("the customer does not leave our CSP")
    if standing is None or standing.state in SETTLED:
        why.append("no transfer is waited for here")
    elif standing.state is State.RUNNING:
        why.append("the transfer is being accepted right now")
    if details is not None and details.state not in SETTLED:
        why.append("first migration-details: what the subscriptions cost is kept by a key that goes")
    if until <= today:
        why.append(f"{until} has passed")
    return tuple(why)


def tail_facts(case: Case, until: date) -> Facts:
    """The facts of the tail: the same customer and scope, dates of its own, and nothing that the first case covers."""
    return replace(
        case.facts,
        ending=Tier.CSP,
        remaining=None,
        access_until=until,
        transfer_on=None,
        record=(),
        tail="",
        tail_of=case.id,
    )


def passed_on(case: Case, tail: str, until: date, second: PersonId, reason: str) -> tuple[StepMoved, ...]:
    """How the steps of the first case move: some go on, and plans that the tail makes untrue are taken back."""
    said = f"goes on in tail case {tail}: {reason}"
    going = [one.step for one in case.steps.values() if one.step in PASSED and allows(one.state, Move.CARRY_ON)]
    stale = [
        one.step for one in case.steps.values() if one.step in ANEW and one.state in (State.PLANNED, State.APPROVED)
    ]
    return (
        *(StepMoved(step=step, move=Move.CARRY_ON, reason=said, until=until, second=second) for step in going),
        *(StepMoved(step=step, move=Move.REFUSE, reason=f"it was planned before tail case {tail}") for step in stale),
    )


def carried(case: Case) -> Sequence[Proof]:
    """What the first case knows of the world and the tail stands on."""
    found = (case.proven(kind) for kind in CARRIED)
    return [proof for proof in found if proof is not None]
