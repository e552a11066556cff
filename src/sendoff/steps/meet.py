"""CSM >> Meet the customer and the new supplier."""

from sendoff.model.inventory import Kind, System
from sendoff.model.people import Role
from sendoff.model.proof import ProofKind
from sendoff.model.step import Step, StepId

MEET = Step(
    id=StepId("meet"),
    line="Meet the customer and the new supplier",
    role=Role.CSM,
    aliases=(
        "Setup meeting with customer and new MSP",
        "Set up a meeting with the customer and the new MSP",
        "Plan a meeting with the customer and the new supplier",
    ),
    systems=frozenset({System.OFFICE}),
    looks_at=frozenset({Kind.MEETING}),
    after=frozenset({StepId("notice"), StepId("confirm-termination")}),
    gives=ProofKind.MET,
)
