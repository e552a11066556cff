"""Engineer >> Remove the customer from PRTG."""

from sendoff.model.inventory import Kind, System
from sendoff.model.people import Role
from sendoff.model.step import Step, StepId

REMOVE_FROM_PRTG = Step(
    id=StepId("remove-from-prtg"),
    line="Remove the customer from PRTG",
    role=Role.ENGINEER,
    aliases=("Remove customer from PRTG",),
    systems=frozenset({System.PRTG}),
    covers=frozenset({Kind.PRTG_GROUP, Kind.PRTG_DEVICE}),
    after=frozenset(
        {StepId("notice"), StepId("confirm-termination"), StepId("export-resources"), StepId("export-secrets")}
    ),
)
