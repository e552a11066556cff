"""Our hands in one system: what a connector can do, and where bytes and secrets go."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from sendoff.model.digest import Digest
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Receipt
from sendoff.model.secret import Secret
from sendoff.model.trial import Trial


class Repeat(StrEnum):
    """How safe it is to do an operation again after a crash."""

    NATURAL = "natural"
    """Removing or setting a known id; absent counts as done."""
    OWN_KEY = "own key"
    """The vendor keeps one by a key of ours."""
    MARKER = "marker"
    """It carries a mark of ours: look it up first."""
    NONE = "none"
    """Neither: a person decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """What a connector can do to a kind: by which key, how safely, whether it can be put back, how many go into a batch
    (0: as many as the plan says)."""

    key: Key
    repeat: Repeat
    reversible: bool
    batch: int = 0


class Sink(Protocol):
    """Where bytes and secrets go; they never travel in an Item or a Receipt."""

    @property
    def children(self) -> bool:
        """Whether a direct read is also asked for what hangs on a thing: for its before-image, and not to see whether
        it is still what was approved, or gone."""

    def image(self, data: bytes) -> Digest:
        """Keep canonical bytes as evidence; the digest is computed by the store."""

    def file(self, name: str, data: bytes) -> Digest:
        """Keep a file of the exit package under a relative name."""

    def secret(self, row: Mapping[str, str], hidden: Mapping[str, Secret]) -> None:
        """Put one secret record into the parcel being sealed: open fields and hidden fields."""

    def fetch(self, digest: Digest) -> bytes:
        """The bytes of something approved with the plan, such as a rendered letter."""


@runtime_checkable
class Doorway(Protocol):
    """A connector that can try one of our doors into a customer from outside, and say what a no rests on."""

    def tried(self, key: Key, since: datetime) -> tuple[Trial, ...]:
        """What a sign-in of this moment hears at each place behind the door; `since` is when the case was opened. What
        a vendor answers is told and not raised. Empty when we hold no such key."""


@runtime_checkable
class SaysHow(Protocol):
    """A connector that may come in by more than one way, and says by which."""

    def way(self, key: Key) -> str:
        """As whom we come in by this key; empty for the usual way."""


class Connector(Protocol):
    """Our hands in one system, for one customer. It never catches: what fails raises a ConnectorError.

    The scope it was made for is fixed; an item or action outside it raises Refused (law 8).
    """

    system: System
    able: Mapping[tuple[Kind, Verb], Ability]

    def probe(self, key: Key) -> None:
        """Raise unless this key signs in and reads within the scope, now."""

    def cells(self) -> tuple[Cell, ...]:
        """What a complete look must read."""

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """Every page of one cell, or raise. `item.image` is the digest that `out.image` gave for the bytes of it."""

    def read(self, target: Target, out: Sink) -> Item | None:
        """A fresh direct read of one thing, with its children where `out` wants them, never through a list; None only
        when the vendor says that it is not there. Its image leaves out what moves by itself and what our own `disable`
        changes."""

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """After a crash: did it happen? None: it did not."""

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Do it. `Again` for an operation that the vendor goes on with by itself."""

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Ask after an operation that `apply` left running."""


@runtime_checkable
class SecondList(Protocol):
    """A connector that can list by another way than `look` does, for the second look."""

    def again(self, cell: Cell) -> Sequence[str] | None:
        """The vendor's ids of everything in a cell, by another endpoint and other code than `look`; None when the
        vendor has no other way for this kind. The list may lag: it finds, and a direct read decides."""


@runtime_checkable
class LogReader(Protocol):
    """A connector whose vendor keeps a log of what was deleted, for the second look."""

    def deleted(self, target: Target, since: datetime) -> Iterable[str] | None:
        """The vendor's ids of everything that was deleted since then where a target lies, by whomever; None when no log
        tells of such things. The log may lag: it confirms, and a direct read decides."""
