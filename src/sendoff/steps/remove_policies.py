"""Engineer >> Remove all policies of %provider%."""

from sendoff.model.inventory import Kind, System
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.planning import removals

_ID = StepId("remove-policies")


def plan(now: Situation) -> Proposal:
    """What refers goes before what is referred to: exemptions, assignments, sets, definitions."""
    return removals(
        now, _ID, {Kind.POLICY_EXEMPTION: 0, Kind.POLICY_ASSIGNMENT: 1, Kind.POLICY_SET: 2, Kind.POLICY_DEFINITION: 3}
    )


REMOVE_POLICIES = Step(
    id=_ID,
    line="Remove all policies of %provider%",
    role=Role.ENGINEER,
    aliases=(
        "Remove all Intercept Policies",
        "Remove all our policies",
    ),
    systems=frozenset({System.AZURE}),
    covers=frozenset({Kind.POLICY_EXEMPTION, Kind.POLICY_ASSIGNMENT, Kind.POLICY_SET, Kind.POLICY_DEFINITION}),
    needs=frozenset({Key.LIGHTHOUSE}),
    after=frozenset(
        {
            StepId("notice"),
            StepId("confirm-termination"),
            StepId("export-resources"),
            StepId("export-secrets"),
            StepId("create-administrator"),
        }
    ),
    plan=plan,
)
