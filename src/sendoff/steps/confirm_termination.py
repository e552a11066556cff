"""CSM >> Send the customer a written confirmation of the termination."""

from sendoff.model.inventory import Kind, System
from sendoff.model.people import Role
from sendoff.model.proof import ProofKind
from sendoff.model.step import Step, StepId

CONFIRM_TERMINATION = Step(
    id=StepId("confirm-termination"),
    line="Send the customer a written confirmation of the termination",
    role=Role.CSM,
    aliases=(
        "A confirmation of contract termination is sent to the customer",
        "Confirm the contract termination to the customer",
        "Send a confirmation of contract termination to the customer",
    ),
    systems=frozenset({System.OFFICE}),
    looks_at=frozenset({Kind.MAIL}),
    after=frozenset({StepId("notice")}),
    gives=ProofKind.CONFIRMED,
)
