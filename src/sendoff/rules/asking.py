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
        return frozenset(action.verb for action in self.plan.actions) if self.plan else self.by_hand

    @property
    def deeds(self) -> tuple[tuple[Verb, Kind | None, bool], ...]:
        """Verbs with their kinds and whether a person does them, each once; a person's step names no kind."""
        if self.plan is None:
            return tuple((verb, None, True) for verb in sorted(self.by_hand))
        return tuple(sorted({(action.verb, action.kind, action.by_person) for action in self.plan.actions}))

    def does(self, verb: Verb, *kinds: Kind) -> bool:
        """True when the plan does this to any of these kinds (any kind when none is named)."""
        acts = self.plan.actions if self.plan else ()
        return any(action.verb is verb and (not kinds or action.kind in kinds) for action in acts)
