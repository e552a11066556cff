"""A meeting of a case, as an invitation needs it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sendoff.model.people import Contact

_SPACE = UUID("5f4c3f5e-0c43-5a39-9f64-2d2f0f6c1a77")
"""The namespace of our meetings; changing it would make every update a new meeting."""


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

    @property
    def uid(self) -> str:
        """The same for every update and for the cancellation."""
        return str(uuid5(_SPACE, f"{self.case}/{self.name}"))
