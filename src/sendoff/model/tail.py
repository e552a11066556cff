"""The bodies of events about a tail case: the CSP part that goes on with dates of its own."""

from dataclasses import dataclass
from datetime import date

from sendoff.model.people import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class TailAsked:
    """Somebody asks that the CSP part goes on in a case of its own; nothing changes until a second person agrees."""

    until: date
    reason: str
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TailOpened:
    """The CSP part goes on in the case `tail`, until a day of its own. Written before that case is opened."""

    tail: str
    until: date
    reason: str
    asked_by: PersonId
    signature: str = ""


TailBody = TailAsked | TailOpened
