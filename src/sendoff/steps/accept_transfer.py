"""Practice Lead Managed Services >> Accept the CSP transfer."""

from sendoff.model.inventory import System, Verb
from sendoff.model.people import Role
from sendoff.model.proof import ProofKind
from sendoff.model.state import StepId
from sendoff.model.step import Step

ACCEPT_TRANSFER = Step(
    id=StepId("accept-transfer"),
    line="Accept the CSP transfer",
    role=Role.PRACTICE_LEAD,
    aliases=(
        "Accept transfer of CSP move",
        "Accept the transfer of the CSP move",
    ),
    systems=frozenset({System.PARTNER_CENTER}),
    # Not after Lighthouse: a transfer has its own agreed date and moves no rights in the customer's environment.
    verbs=frozenset({Verb.ACCEPT}),
    after=frozenset(
        {StepId("notice"), StepId("confirm-termination"), StepId("migration-details"), StepId("export-resources")}
    ),
    gives=ProofKind.TRANSFERRED,
)
