"""CSM >> Send the customer a written confirmation of the termination."""

from sendoff.model.inventory import Kind, System
from sendoff.model.people import Role
from sendoff.model.proof import ProofKind
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.sending import sent

_ID = StepId("confirm-termination")


def plan(now: Situation) -> Proposal:
    """The letter as rendered, to those who may sign for the customer."""
    return Proposal(actions=tuple(sent(now, _ID, letter) for letter in now.letters))


CONFIRM_TERMINATION = Step(
    id=_ID,
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
    letters=("confirmation",),
    plan=plan,
)
