"""The signed end: what was verified and what was not."""

from dataclasses import dataclass
from enum import StrEnum

from sendoff.model.digest import Digest
from sendoff.model.trial import Condition
from sendoff.model.verdict import Coverage

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://sendoff.example/certificate/v1"
REHEARSAL = "https://sendoff.example/rehearsal/v1"
"""Another predicate type, so that nobody takes a rehearsal for a leaving."""


class Result(StrEnum):
    """How a case ended."""

    CLEAN = "clean"
    EXCEPTIONS = "closed with exceptions"
    LIMITED = "limited"
    WITHDRAWN = "withdrawn"
    """The customer stays: what was done was put back, but for the exceptions that are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the checklist on a certificate."""

    step: str
    line: int
    text: str
    role: str
    state: str
    grade: str
    """`verified`, `attested`, `not applicable`, `waived` or `goes on` (in a tail case)."""
    how: str
    by: str
    second: str = ""
    until: str = ""
    evidence: tuple[Digest, ...] = ()
    added: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One way in, tried at the end."""

    key: str
    outcome: str
    """`shut`, `open`, `kept by agreement`, `unknown`, `not tried` or `other certificate`."""
    said: str
    conditions: tuple[Condition, ...] = ()
    """What a clear no rests on, one by one; empty where the door is read and not tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What was handed over, by counts and digests."""

    parcel: Digest
    manifest: Digest
    recipient: str
    vault: int
    inside: int
    withheld: int
    rotate: int = 0
    """Secrets that people of ours have known: the customer must change each of them (H6)."""
    erased: int = 0
    """Of these, how many our vault holds no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where one system was reached: its address and, where it has one, the tenant."""

    system: str
    address: str
    tenant: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """The whole answer. `sentence` is the plain one for people."""

    sentence: str
    rehearsal: bool
    case: str
    world: str
    customer: str
    tenant: str
    provider: str
    tier: str
    contract_end: str
    closed_at: str
    outcome: Result
    exceptions: tuple[str, ...]
    systems: tuple[Address, ...]
    lines: tuple[Line, ...]
    other_lines: tuple[Line, ...]
    removed: tuple[str, ...]
    """What was seen gone, by name."""
    kept: tuple[str, ...]
    """What is ours and stays on purpose, with the reason."""
    handed_over: Handed | None
    withheld: tuple[str, ...] = ()
    """Secrets that are not in the parcel, by title, with the reason."""
    looked_at: str = ""
    """When the final look was made, civil time."""
    coverage: tuple[Coverage, ...]
    not_looked: tuple[str, ...]
    doors: tuple[Door, ...]
    head: Digest
    events: int


class Trust(StrEnum):
    """What a verification says."""

    VERIFIED = "VERIFIED"
    INTACT = "INTACT, SIGNER NOT CHECKED"
    BROKEN = "BROKEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The answer of a check, with every fault and its place."""

    trust: Trust
    fingerprint: str
    rehearsal: bool
    sentence: str
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
