"""CSM >> Meet the customer and the new supplier."""

from sendoff.model.inventory import Kind, System
from sendoff.model.people import Role
from sendoff.model.proof import ProofKind
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.sending import sent

_ID = StepId("meet")


def plan(now: Situation) -> Proposal:
    """One meeting with everybody; the invitation carries the agenda."""
    return Proposal(actions=tuple(sent(now, _ID, letter) for letter in now.letters))


MEET = Step(
    id=_ID,
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
    letters=("meeting",),
    plan=plan,
)
