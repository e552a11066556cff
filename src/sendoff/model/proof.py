"""Facts of the world that gates hang on, each with how it came to be known."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sendoff.model.digest import Digest
from sendoff.model.people import PersonId


class ProofKind(StrEnum):
    """What can be proven; gates name these, never lines of the checklist."""

    NOTICE = "notice"
    CONFIRMED = "confirmation-sent"
    MET = "meeting-held"
    EXPORTED = "resources-exported"
    EXPORT_ACCEPTED = "export-accepted"
    SECRETS_SEALED = "secrets-sealed"
    HANDED_OVER = "secrets-handed-over"
    ADMINISTRATORS = "administrators-signed-in"
    BREAK_GLASS = "break-glass-confirmed"
    TRANSFERRED = "transfer-accepted"
    PERMISSION = "customer-permission"
    BLIND_SPOTS = "blind-spots-accepted"
    COSTS_KEPT = "costs-kept"
    PROBE_UNINSTALLED = "probe-uninstalled"
    PROTECTIONS_ACCEPTED = "lost-protections-accepted"
    SHARED_ROTATED = "shared-secrets-rotated"
    PRIVATE_LISTS = "private-lists-asked"
    CODES_ENROLLED = "one-time-codes-enrolled"
    WORDS_CHECKED = "words-checked"


class Grade(StrEnum):
    """How well a thing is known; only `observed` counts as verified."""

    OBSERVED = "observed"
    ATTESTED = "attested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One proof: its evidence by digest, when, who or what, and the grade."""

    kind: ProofKind
    at: datetime
    by: PersonId
    grade: Grade
    evidence: Digest
    seq: int = 0
    """The event that brought it: civil time alone does not order two things of one moment."""
    count: int = 1
    """For what is counted, such as administrators who signed in."""
    about: tuple[str, ...] | None = None
    """For a word about things: the refs of those that it is about."""
