"""Engineer >> Remove all policies of %provider%."""

from sendoff.model.inventory import Kind, System
from sendoff.model.people import Role
from sendoff.model.step import Step, StepId

REMOVE_POLICIES = Step(
    id=StepId("remove-policies"),
    line="Remove all policies of %provider%",
    role=Role.ENGINEER,
    aliases=(
        "Remove all Intercept Policies",
        "Remove all our policies",
    ),
    systems=frozenset({System.AZURE}),
    covers=frozenset({Kind.POLICY_EXEMPTION, Kind.POLICY_ASSIGNMENT, Kind.POLICY_SET, Kind.POLICY_DEFINITION}),
    after=frozenset(
        {
            StepId("notice"),
            StepId("confirm-termination"),
            StepId("export-resources"),
            StepId("export-secrets"),
            StepId("create-administrator"),
        }
    ),
)
