"""What a gate reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sendoff.model.case import Case, Standing
from sendoff.model.inventory import Kind, Verb
from sendoff.model.key import Key
from sendoff.model.people import Person, PersonId
from sendoff.model.plan import Plan
from sendoff.model.state import StepId


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """All that the gates of one step read."""

    case: Case
    standing: Standing
    plan: Plan | None
    now: datetime
    people: Mapping[PersonId, Person]
    needs: Mapping[StepId, frozenset[Key]] = field(default_factory=dict)
    """The doors that each step of the case goes through."""
    by_hand: frozenset[Verb] = frozenset()
    """What a person does in a step without a plan."""
    intact: bool = True
    """The evidence that the plan consumes still hashes to its name."""

    @property
    def verbs(self) -> frozenset[Verb]:
        """The verbs of the plan, or of the person's step."""
        return frozenset(verb for verb, *_ in self.plan.deeds) if self.plan else self.by_hand

    @property
    def deeds(self) -> tuple[tuple[Verb, Kind | None, bool], ...]:
        """Verbs with their kinds and whether a person does them, each once; a person's step names no kind."""
        if self.plan is None:
            return tuple((verb, None, True) for verb in sorted(self.by_hand))
        return tuple(sorted({(verb, kind, by_person) for verb, kind, _, by_person in self.plan.deeds}))

    def does(self, verb: Verb, *kinds: Kind) -> bool:
        """True when the plan does this to any of these kinds (any kind when none is named)."""
        deeds = self.plan.deeds if self.plan else ()
        return any(one is verb and (not kinds or kind in kinds) for one, kind, *_ in deeds)
