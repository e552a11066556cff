"""The card of a case: what lists of many cases show of it, so that nobody folds a case to find it in a list."""

from dataclasses import dataclass
from datetime import date, datetime

from sendoff.model.digest import Digest
from sendoff.model.people import PersonId, Role
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """One step that waits for somebody now."""

    step: StepId
    text: str
    role: Role
    state: State
    why: str
    by_hand: bool = False
    """A person does it and attests; no machine plans it."""
    planned: int = 0
    irreversible: int = 0
    belt: str = ""
    proposers: frozenset[PersonId] = frozenset()
    """Who laid the plan ready or changed the words of a letter in it, and so cannot approve it."""
    wish_by: PersonId | None = None
    """Who asked for a waiver that a second person may agree to."""
    until: datetime | None = None
    """When a step that is held goes on by itself, or an approval runs out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One case in a list."""

    case: str
    seq: int
    customer: str
    title: str
    tier: Tier
    contract_end: date
    access_until: date
    opened_at: datetime
    at: datetime
    total: int
    settled: int
    template: Digest
    outcome: str = ""
    halted: str = ""
    withdrawn: str = ""
    excluded: frozenset[PersonId] = frozenset()
    waits: tuple[Waits, ...] = ()
    asks: tuple[str, ...] = ()
    """What of the whole case waits for a second person: facts, a tail, a withdrawal."""
    next_at: datetime | None = None
    """The next moment at which something goes on by itself, or an approval runs out."""
    next_what: str = ""

    @property
    def open(self) -> bool:
        """True while there is no certificate."""
        return not self.outcome

    @property
    def troubled(self) -> bool:
        """True when something is left or stopped, or everything is halted."""
        return bool(self.halted) or any(one.state in (State.LEFT, State.STOPPED) for one in self.waits)

    @property
    def closable(self) -> bool:
        """True when every line is settled and the end waits for the Practice Lead."""
        return self.open and self.settled == self.total

    def days_left(self, today: date) -> int:
        """Days until the last day of the contract is over; negative when it is."""
        return (self.contract_end - today).days
