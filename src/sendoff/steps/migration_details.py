"""Engineer >> Give the new supplier the details for the CSP migration."""

from sendoff.model.inventory import Kind, System
from sendoff.model.people import Role
from sendoff.model.state import StepId
from sendoff.model.step import Step

MIGRATION_DETAILS = Step(
    id=StepId("migration-details"),
    line="Give the new supplier the details for the CSP migration",
    role=Role.ENGINEER,
    aliases=(
        "Provide details for migration CSP to new MSP",
        "Provide the details for the CSP migration to the new MSP",
    ),
    systems=frozenset({System.AZURE, System.OFFICE}),
    looks_at=frozenset({Kind.MAIL, Kind.RESOURCE, Kind.GROUP}),
    after=frozenset({StepId("notice"), StepId("confirm-termination")}),
)
