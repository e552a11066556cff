"""Engineer >> Remove all resources of %provider%."""

from sendoff.model.inventory import Kind, System
from sendoff.model.people import Role
from sendoff.model.step import Step, StepId

REMOVE_RESOURCES = Step(
    id=StepId("remove-resources"),
    line="Remove all resources of %provider%",
    role=Role.ENGINEER,
    aliases=(
        "Remove all Intercept Resources",
        "Remove all our resources",
    ),
    systems=frozenset({System.AZURE}),
    covers=frozenset({Kind.RESOURCE, Kind.GROUP, Kind.DIAGNOSTIC_SETTING, Kind.BUDGET, Kind.LOCK}),
    after=frozenset(
        {
            StepId("notice"),
            StepId("confirm-termination"),
            StepId("export-resources"),
            StepId("export-secrets"),
            StepId("create-administrator"),
            StepId("remove-policies"),
        }
    ),
)
