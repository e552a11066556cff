"""What a step's plan may know, and what it may answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sendoff.model.digest import Digest
from sendoff.model.facts import Facts
from sendoff.model.inventory import Inventory, Item, Provenance
from sendoff.model.plan import Action, LeftAlone
from sendoff.model.proof import Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """An item with the answer to: whose is it?"""

    item: Item
    provenance: Provenance
    hold: str = ""
    """The legal hold on it, or on something that lies in it, in words; empty when it may go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A rendered text, ready to be sent as it is. `body` is its digest; the bytes lie in the evidence store."""

    name: str
    subject: str
    to: tuple[str, ...]
    body: Digest
    starts: str = ""
    """For an invitation: local start, ISO 8601."""
    invite: Digest | None = None
    """The same invitation as a calendar file, for mail that has no calendar of its own."""
    attached: tuple[tuple[str, Digest], ...] = ()
    """Names and digests of files that go with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Facts, inventory with provenance, proofs so far and rendered letters. No clock: time is a gate's business; `at`
    tells of watches alone."""

    case: str
    facts: Facts
    inventory: Inventory
    owned: tuple[Owned, ...]
    proofs: tuple[Proof, ...] = ()
    letters: tuple[Letter, ...] = ()
    recalled: Inventory | None = None
    """What the last whole look saw of the kinds that the step recalls; None when there was none, or it recalls nothing.
    It is told to who approves, and nothing is done on it."""
    at: datetime
    """When it is planned: it tells only whether a watch is over, and whether a new one still fits."""
    undo: tuple[Action, ...] = ()
    """What this program has done in the case, oldest first; only for a step that undoes."""
    watched: Mapping[str, datetime] = field(default_factory=dict)
    """Since when what we disabled is watched, by ref."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a step's plan function answers."""

    actions: tuple[Action, ...] = ()
    left: tuple[LeftAlone, ...] = ()
