"""A letter whose words a person changed before it went: who, when, and the words before and after."""

from dataclasses import dataclass
from datetime import datetime

from sendoff.model.digest import Digest
from sendoff.model.people import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Reworded:
    """One change of one letter. `was` and `now` are its text before and after, in the evidence."""

    letter: str
    """The target of the action that sends it."""
    by: PersonId
    at: datetime
    was: Digest
    now: Digest
    subject_was: str
