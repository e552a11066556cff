"""How a step stands on day 0: who does it, by which keys, and what is in its way."""

from dataclasses import dataclass
from enum import StrEnum

from sendoff.model.inventory import System
from sendoff.model.key import Key
from sendoff.model.state import StepId


class Hand(StrEnum):
    """Who does a step, as it stands on day 0."""

    MACHINE = "this program"
    PERSON = "a person of ours"
    CUSTOMER = "the customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTried:
    """A key that a step needs. `fault` says why it does not work now; empty when it does."""

    system: System
    key: Key
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theirs:
    """A thing of ours that only the customer can see to: because their lock is over it, because the delegation does not
    let us remove it, or because our key does not open the door to it."""

    name: str
    id: str
    lock: str = ""
    delegation: bool = False

    @property
    def said(self) -> str:
        """In English, for our own people."""
        if self.lock:
            return f"{self.name} lies under the lock {self.lock}: {self.id}"
        return f"{self.name} was made without the delete role: {self.id}" if self.delegation else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """One step on day 0. `things` are what of ours the customer has to see to themselves."""

    step: StepId
    text: str
    role: str
    hand: Hand
    keys: tuple[KeyTried, ...] = ()
    in_the_way: tuple[str, ...] = ()
    things: tuple[Theirs, ...] = ()
