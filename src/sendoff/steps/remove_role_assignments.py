"""Engineer: remove role assignments of ours in Azure; not on the checklist, added when a look finds them."""

from sendoff.model.inventory import Kind, System
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.planning import removals, unlocked

_ID = StepId("remove-role-assignments")


def plan(now: Situation) -> Proposal:
    """Every role assignment that gives rights to a principal of ours, except the one this program works with, and what
    a lock of the customer covers: their platform stops our app there (F9)."""
    return unlocked(now, removals(now, _ID, {Kind.ROLE_ASSIGNMENT: 0}))


REMOVE_ROLE_ASSIGNMENTS = Step(
    id=_ID,
    line="Remove the role assignments of %provider% in Azure",
    role=Role.ENGINEER,
    systems=frozenset({System.AZURE}),
    covers=frozenset({Kind.ROLE_ASSIGNMENT}),
    looks_at=frozenset({Kind.LOCK}),
    needs=frozenset({Key.APP}),
    after=frozenset({StepId("confirm-termination"), StepId("remove-policies"), StepId("remove-resources")}),
    plan=plan,
    on_checklist=False,
)
