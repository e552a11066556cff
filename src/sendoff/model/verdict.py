"""What a second look says of each thing, and of a whole case."""

from dataclasses import dataclass
from enum import StrEnum

from sendoff.model.inventory import Kind, System
from sendoff.model.key import Key


class Verdict(StrEnum):
    """Only `gone` is done."""

    GONE = "gone"
    THERE = "there"
    """For what was made or sent: it was seen there."""
    LEFT = "left"
    HELD = "held"
    """Until a date, such as the end of a watch or of soft deletion."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One thing, judged. `how` says by which key and which way it was looked at."""

    ref: str
    name: str
    verdict: Verdict
    how: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One row of the coverage matrix on a certificate."""

    system: System
    kind: Kind
    scope: str
    key: Key
    outcome: str
    """`read`, or the reason why not."""
    left: int = 0
    """Things of ours still there."""
    same_identity: bool = True
    """True when the key that looked is the key that removed."""
