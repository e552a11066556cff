"""Engineer >> Export all secrets from Passwordstate."""

from sendoff.model.inventory import Kind, System
from sendoff.model.people import Role
from sendoff.model.proof import ProofKind
from sendoff.model.step import Step, StepId

EXPORT_SECRETS = Step(
    id=StepId("export-secrets"),
    line="Export all secrets from Passwordstate",
    role=Role.ENGINEER,
    aliases=(
        "Create export off all secrets in Passwordstate",
        "Create export of all secrets in Passwordstate",
        "Create an export of all secrets in Passwordstate",
    ),
    systems=frozenset({System.PASSWORDSTATE}),
    looks_at=frozenset({Kind.SECRET, Kind.SECRET_LIST}),
    after=frozenset({StepId("notice"), StepId("confirm-termination")}),
    gives=ProofKind.SECRETS_SEALED,
)
