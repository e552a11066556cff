"""Engineer >> Remove all named and generic accounts of %provider%."""

from sendoff.model.inventory import Kind, System
from sendoff.model.people import Role
from sendoff.model.step import Step, StepId

REMOVE_ACCOUNTS = Step(
    id=StepId("remove-accounts"),
    line="Remove all named and generic accounts of %provider%",
    role=Role.ENGINEER,
    aliases=(
        "Remove all named and generic Intercept accounts",
        "Remove all our named and generic accounts",
    ),
    systems=frozenset({System.ENTRA, System.AZURE}),
    covers=frozenset({Kind.USER, Kind.GUEST, Kind.SERVICE_PRINCIPAL, Kind.ROLE_ASSIGNMENT}),
    looks_at=frozenset({Kind.ADMINISTRATOR}),
    # The accounts go after all that may still be done with them; the seed order, accounts first, is mended and listed.
    after=frozenset(
        {
            StepId("notice"),
            StepId("confirm-termination"),
            StepId("export-resources"),
            StepId("export-secrets"),
            StepId("create-administrator"),
            StepId("hand-over-secrets"),
            StepId("remove-policies"),
            StepId("remove-resources"),
        }
    ),
)
