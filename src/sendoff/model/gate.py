"""A pure yes or no with a reason."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """The gate lets through."""

    gate: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shut:
    """The gate holds. `until` is the moment it opens by itself, when that is known; `who` is who can open it."""

    gate: str
    reason: str
    until: datetime | None = None
    who: str = ""


Gate = Open | Shut
