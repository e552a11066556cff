"""One line of the checklist as code."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the checklist as code. Without `plan` a person does it and attests, with evidence."""

    id: StepId
    line: str
    """The line in correct English, as our own checklist has it."""
    role: Role
    aliases: tuple[str, ...] = ()
    """Other wordings of the same line, compared without case, blanks and punctuation."""
    systems: frozenset[System] = frozenset()
    covers: frozenset[Kind] = frozenset()
    """Kinds of ours that this step makes an end to."""
    looks_at: frozenset[Kind] = frozenset()
    """Kinds it must read to plan: besides those it covers, or of those the ones that its other deeds rest on."""
    takes_along: frozenset[Kind] = frozenset()
    """Kinds of which it removes what belongs to the things it ends; their other things have a step of their own, and
    what no key of ours may read of them is left to the customer with the reason."""
    consults: frozenset[Kind] = frozenset()
    """Kinds it reads for the plan alone: whether the way is free is asked before, and judged by no second look."""
    recalls: frozenset[Kind] = frozenset()
    """Kinds of other systems of which the plan tells what the last whole look saw."""
    undoes: bool = False
    """It plans from what this program has done in the case."""
    after: frozenset[StepId] = frozenset()
    """Steps that must be settled first, when the case has them."""
    plan: Callable[[Situation], Proposal] | None = field(default=None, compare=False)
    needs: frozenset[Key] = frozenset()
    """Doors into the customer that it goes through, besides those it closes: they are not closed before it."""
    verbs: frozenset[Verb] = frozenset()
    """For a person's step: what the person does, so that the dates of these verbs hold for it too."""
    letters: tuple[str, ...] = ()
    """Names of the texts that are rendered before approval."""
    last: bool = False
    """Takes away a key that every look needs: it comes after the final look."""
    on_checklist: bool = True
    """False for steps that a look adds."""
    watch: timedelta = timedelta()
    """How long it must stay away, after the last deed, before it counts as gone."""
    gives: str = ""
    """The name of the proof that this step's end gives to gates."""
    major: int = 1
    """Raised when a running case could not go on with the new code."""

    @property
    def grave(self) -> bool:
        """True for lines that remove, grant or hand over: they are waived by two, never talked away by one."""
        return bool(self.covers or self.verbs)
