"""A meeting of a case, as an invitation needs it."""

from dataclasses import dataclass
from datetime import datetime

from sendoff.model.people import Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A meeting of a case. `starts` is aware, in a named zone; `sequence` grows by one with every update."""

    case: str
    name: str
    subject: str
    body: str
    organizer: Contact
    attendees: tuple[Contact, ...]
    starts: datetime
    minutes: int = 60
    sequence: int = 0
    off: bool = False
    """True when it is taken back."""
