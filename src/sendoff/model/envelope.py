"""Events: the truth of a case, append-only, one chain a case; the envelope that is chained by its digest."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sendoff.model.digest import Digest, Json, digest
from sendoff.model.people import PersonId

GENESIS = Digest("sha256:" + "0" * 64)
"""What the first event of a chain names as the one before it."""


class EventKind(StrEnum):
    """Every kind of event; each has one body noun of the same name in this file."""

    OPENED = "opened"
    FACTS_ASKED = "facts-asked"
    FACTS_CHANGED = "facts-changed"
    STEP_MOVED = "step-moved"
    WAIVER_ASKED = "waiver-asked"
    STEP_ADDED = "step-added"
    TAIL_ASKED = "tail-asked"
    TAIL_OPENED = "tail-opened"
    LOOKED = "looked"
    PREFLIGHTED = "preflighted"
    DECIDED = "decided"
    PLANNED = "planned"
    APPROVED = "approved"
    TRIED = "tried"
    ACTED = "acted"
    JUDGED = "judged"
    PROVEN = "proven"
    SEALED = "sealed"
    WITHDRAWAL_ASKED = "withdrawal-asked"
    WITHDRAWN = "withdrawn"
    HALTED = "halted"
    CLOCK_MOVED = "clock-moved"
    MIRRORED = "mirrored"
    CERTIFIED = "certified"
    REGISTERED = "registered"
    """In the house register only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The envelope, version 1. `at` is civil time in UTC; `actor` is a random person id."""

    v: int = 1
    case: str
    seq: int
    at: datetime
    actor: PersonId
    kind: EventKind
    prev: Digest
    body_hash: Digest

    @property
    def digest(self) -> Digest:
        """What the next event names as the one before it."""
        return digest(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An envelope with what stands beside it; body and salt are None once erased."""

    event: Event
    salt: str | None
    body: Json


HOUSE = "house"
"""The chain that holds the register."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A line of the house register, the auditors' population: a case was opened, closed or erased, with its head."""

    case: str
    what: str
    seq: int
    head: Digest
