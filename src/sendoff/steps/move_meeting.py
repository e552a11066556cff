"""CSM >> Tell everybody that the meeting is at another time, or off."""

from sendoff.model.inventory import Kind, System
from sendoff.model.people import Role
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.sending import OFF, sent

_ID = StepId("move-meeting")


def plan(now: Situation) -> Proposal:
    """The meeting as the facts have it by now: the entry that stands is changed, or taken back."""
    off = now.facts.meeting is not None and now.facts.meeting.off
    return Proposal(actions=tuple(sent(now, _ID, letter) for letter in now.letters if (letter.name == OFF) is off))


MOVE_MEETING = Step(
    id=_ID,
    line="Tell everybody that the meeting is at another time, or off",
    role=Role.CSM,
    systems=frozenset({System.OFFICE}),
    looks_at=frozenset({Kind.MEETING}),
    after=frozenset({StepId("meet")}),
    letters=("meeting", OFF),
    on_checklist=False,
    plan=plan,
)
