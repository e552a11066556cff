"""Letters and invitations as actions: what is approved is exactly what is sent."""

from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action
from sendoff.model.situation import Letter, Situation
from sendoff.model.state import StepId

OFF = "meeting-off"
"""The letter that takes a meeting back."""
MINUTES = 60
"""How long a meeting is proposed to take."""


def sent(now: Situation, step: StepId, letter: Letter, *, rank: int = 0) -> Action:
    """Send this letter from our mailbox; for an invitation, make the meeting or change the one that stands, which
    invites by itself; for a meeting that is off, take it back."""
    meeting, off = bool(letter.starts), letter.name == OFF
    content = [("letter", str(letter.body)), ("subject", letter.subject), *(("to", mail) for mail in letter.to)]
    content += [("attach", f"{kept} {name}") for name, kept in letter.attached]
    if meeting:
        content += [("starts", letter.starts), ("zone", now.facts.zone), ("minutes", _minutes(now))]
        content += [("invite", letter.invite)] if letter.invite else []
    return Action(
        step=step,
        system=System.OFFICE,
        verb=Verb.CREATE if meeting and not off else Verb.SEND,
        kind=Kind.MEETING if meeting else Kind.MAIL,
        target=f"{now.case}/{'meeting' if off else letter.name}",
        name=letter.subject,
        scope=now.facts.provider.mailbox,
        key=Key.HOUSE,
        why="the checklist asks for it",
        rank=rank,
        content=tuple(content),
    )


def _minutes(now: Situation) -> str:
    return str(now.facts.meeting.minutes if now.facts.meeting else MINUTES)
