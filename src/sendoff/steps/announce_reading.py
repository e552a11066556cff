"""Engineer: tell our own security people that every secret of the customer is about to be read; not on the checklist.

Each read is a line of the vault's audit, and many at once look like a theft. Who watches for that is told before.
"""

from sendoff.model.inventory import Kind, System
from sendoff.model.people import Role
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.sending import sent

_ID = StepId("announce-reading")


def plan(now: Situation) -> Proposal:
    """The announcement, to the address of the settings."""
    return Proposal(actions=tuple(sent(now, _ID, letter) for letter in now.letters))


ANNOUNCE_READING = Step(
    id=_ID,
    line="Tell our own security people that the customer's secrets are about to be read",
    role=Role.ENGINEER,
    systems=frozenset({System.OFFICE}),
    looks_at=frozenset({Kind.MAIL}),
    after=frozenset({StepId("notice"), StepId("confirm-termination")}),
    letters=("announcement",),
    on_checklist=False,
    plan=plan,
)
