"""Intended changes, as data: actions, what is left alone, and the digest that an approval names."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import groupby
from operator import attrgetter

from sendoff.model.digest import Digest, digest
from sendoff.model.errors import Refused
from sendoff.model.inventory import Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.state import StepId

NEEDS_BEFORE_IMAGE = frozenset({Verb.REMOVE, Verb.DISABLE, Verb.END, Verb.PUT_BACK})
"""Verbs that change or destroy something that was there before us."""

AGAIN = "again"
"""The name in an action's content of how a thing is to be there again; only a withdrawal writes it."""
MOST, FEWEST = 50, 10
"""Actions in a batch."""
SHARED = 32
"""Batches that a long run is cut into at least, so that eight or sixteen workers end together."""


class Disposition(StrEnum):
    """What becomes of a thing of ours."""

    REMOVE = "remove"
    HAND_OVER = "hand over"
    PUT_BACK = "put back"
    KEEP = "keep by agreement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One change to one thing. Without a before-image an action that removes or changes cannot be constructed."""

    step: StepId
    system: System
    verb: Verb
    kind: Kind
    target: str
    """The vendor's id; for something that does not exist yet, a name of our own for it."""
    name: str
    scope: str
    key: Key
    """Key.PERSON: a person does it in the vendor's own page, and we look until we see it done."""
    why: str
    rank: int = 0
    """Ranks are barriers: all of one rank is settled before the next begins."""
    before: Digest | None = None
    inputs: tuple[Digest, ...] = ()
    """Proofs and exports this action consumes."""
    content: tuple[tuple[str, str], ...] = ()
    """What is sent or set, such as the digest of a rendered letter; never a secret."""

    def __post_init__(self) -> None:
        if self.verb in NEEDS_BEFORE_IMAGE and not self.before:
            raise Refused(f"{self.verb} {self.name}: there is no before-image of it; look again before planning")

    @property
    def ref(self) -> str:
        """The same name as `Item.ref` of the thing it is about."""
        return f"{self.system}|{self.kind}|{self.target.lower()}"

    @property
    def by_person(self) -> bool:
        """True for what no key of ours does."""
        return self.key is Key.PERSON

    def said(self, name: str) -> str:
        """The first value of that name in the content, or an empty text."""
        return next((value for key, value in self.content if key == name), "")

    @property
    def attached(self) -> tuple[tuple[Digest, str], ...]:
        """Digest and name of every file that goes with it, from the rows `attach` of the content."""
        rows = (value.partition(" ") for key, value in self.content if key == "attach")
        return tuple((Digest(kept), name) for kept, _, name in rows)

    @property
    def at(self) -> Target:
        """Where the thing is."""
        return Target(system=self.system, kind=self.kind, id=self.target, scope=self.scope, key=self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftAlone:
    """A thing that the plan does not touch, and why; the customer's own things are counted, not listed."""

    item: Item
    why: str
    disposition: Disposition | None = None
    """Set when it is ours and stays on purpose."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What one step intends. The digest covers neither time nor order of discovery.

    It has no slots: what follows from all its actions is worked out once and kept, since every batch asks for it.
    """

    case: str
    world: str
    step: StepId
    scope: Digest
    facts: Digest
    actions: tuple[Action, ...]
    left: tuple[LeftAlone, ...] = ()
    seen: tuple[tuple[str, int], ...] = ()
    """How many things of each kind the look met; the size belt measures against it."""

    @cached_property
    def digest(self) -> Digest:
        """What an approval names."""
        acts = sorted(digest(action) for action in self.actions)
        return digest([self.case, self.world, self.step, self.scope, self.facts, acts])

    @cached_property
    def deeds(self) -> frozenset[tuple[Verb, Kind, System, bool]]:
        """What it does to which kind in which system, and whether a person does it; each once, however many there
        are."""
        return frozenset((action.verb, action.kind, action.system, action.by_person) for action in self.actions)

    @cached_property
    def runs(self) -> tuple[tuple[Action, ...], ...]:
        """The actions in order, in runs of one rank, system, key and verb: only these go together in a batch."""
        return tuple(tuple(run) for _, run in groupby(self.actions, key=attrgetter("rank", "system", "key", "verb")))

    @property
    def batch(self) -> int:
        """How many actions make a batch: fifty, and fewer where that leaves some workers idle while others end."""
        longest = max((len(run) for run in self.runs), default=0)
        return MOST if longest <= MOST else min(max(-(-longest // SHARED), FEWEST), MOST)


def once(case: str, action: Action) -> Digest:
    """The name of a deed, the same in every plan: case, step, verb, target and content."""
    return digest([case, action.step, action.verb, action.ref, action.content])


class Outcome(StrEnum):
    """What became of one action."""

    DONE = "done"
    FOUND = "found"
    """It had already happened: a crash lay between deed and record, or somebody was faster."""
    PARTLY = "partly"
    """Done as far as it could be; what is missing is said, and it does not count as done."""
    CHANGED = "changed"
    """The thing is not what was approved any more; it was left alone."""
    REFUSED = "refused"
    """The vendor refused."""
    UNKNOWN = "unknown"
    """Nothing can be said; a look must tell."""
    ASKED = "asked"
    """A person does it, and it was not seen yet."""
    IN_DOUBT = "in doubt"
    """It cannot be repeated safely and cannot be looked up: a person decides."""


SURPRISES = frozenset({Outcome.CHANGED, Outcome.REFUSED, Outcome.UNKNOWN, Outcome.IN_DOUBT})
"""Outcomes that stop a step when they come three in a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a system answered to an action. Only fields that the client lists; never a raw body, query or header."""

    outcome: Outcome
    code: str = ""
    """The vendor's own status or code."""
    said: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """Not finished: ask again after `seconds`, with the operation's own address when there is one."""

    seconds: float
    operation: str = ""
    begun: bool = True
    """False when the vendor did not hear of it yet, since it was asked too much: it is asked for anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """An action with what became of it; one row of evidence."""

    once: Digest
    ref: str
    verb: Verb
    name: str
    receipt: Receipt
