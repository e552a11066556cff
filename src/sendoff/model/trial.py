"""Trying a door: what one try of a key heard at one place, before anybody says what it means."""

from dataclasses import dataclass
from enum import StrEnum

from sendoff.model.key import Key


class Met(StrEnum):
    """Whether a condition holds."""

    YES = "yes"
    NO = "no"
    UNREADABLE = "not readable"
    """Nobody could look. It is said, and only where the condition is not needed does it not matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One thing without which a denial proves nothing, in short words."""

    name: str
    met: Met
    said: str
    needed: bool = True
    """False: when it is not readable, that is said and does not stand in the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One key, tried at one place with a sign-in of that moment."""

    key: Key
    scope: str
    opens: bool = False
    """The fresh sign-in reads."""
    lingers: bool = False
    """A token from before still reads, though a fresh one does not."""
    denied: str = ""
    """The vendor's code of a clear no; empty when there was none."""
    fault: str = ""
    """Why there is no clear answer."""
    conditions: tuple[Condition, ...] = ()
