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
class Outlook:
    """One step on day 0. `things` are names of ours that the customer has to see to themselves."""

    step: StepId
    text: str
    role: str
    hand: Hand
    keys: tuple[KeyTried, ...] = ()
    in_the_way: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
