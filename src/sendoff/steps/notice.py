"""The customer has given notice of termination."""

from sendoff.model.people import Role
from sendoff.model.proof import ProofKind
from sendoff.model.state import StepId
from sendoff.model.step import Step

NOTICE = Step(
    id=StepId("notice"),
    line="The customer has given notice of termination",
    role=Role.CSM,
    aliases=(
        "Customer has send a notice of contract termination",
        "Customer has sent a notice of contract termination",
        "The customer has sent a notice of termination",
    ),
    gives=ProofKind.NOTICE,
)
