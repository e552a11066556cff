"""Engineer >> Export all resources."""

from sendoff.model.inventory import Kind, System
from sendoff.model.people import Role
from sendoff.model.proof import ProofKind
from sendoff.model.step import Step, StepId

EXPORT_RESOURCES = Step(
    id=StepId("export-resources"),
    line="Export all resources",
    role=Role.ENGINEER,
    aliases=(
        "Create export of all resources",
        "Create an export of all resources",
    ),
    systems=frozenset({System.AZURE}),
    looks_at=frozenset(
        {
            Kind.RESOURCE,
            Kind.GROUP,
            Kind.POLICY_EXEMPTION,
            Kind.POLICY_ASSIGNMENT,
            Kind.POLICY_SET,
            Kind.POLICY_DEFINITION,
            Kind.DIAGNOSTIC_SETTING,
            Kind.BUDGET,
            Kind.LOCK,
        }
    ),
    after=frozenset({StepId("notice"), StepId("confirm-termination")}),
    gives=ProofKind.EXPORTED,
)
