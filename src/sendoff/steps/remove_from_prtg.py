"""Engineer >> Remove the customer from PRTG."""

from sendoff.model.inventory import Kind, System
from sendoff.model.people import Role
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.planning import removals

_ID = StepId("remove-from-prtg")


def plan(now: Situation) -> Proposal:
    """Groups and devices are paused first, so that nobody is woken, and removed after."""
    return removals(now, _ID, {Kind.PRTG_GROUP: 1, Kind.PRTG_DEVICE: 1}, disable=True)


REMOVE_FROM_PRTG = Step(
    id=_ID,
    line="Remove the customer from PRTG",
    role=Role.ENGINEER,
    aliases=("Remove customer from PRTG",),
    systems=frozenset({System.PRTG}),
    covers=frozenset({Kind.PRTG_GROUP, Kind.PRTG_DEVICE}),
    after=frozenset(
        {StepId("notice"), StepId("confirm-termination"), StepId("export-resources"), StepId("export-secrets")}
    ),
    plan=plan,
)
