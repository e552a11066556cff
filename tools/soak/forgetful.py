"""A worker whose look-up is off: what an earlier life of it did it never finds. It shows that the soak can fail."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sendoff.model.digest import Digest, digest
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Receipt
from sendoff.ports import Ability, Connector, Sink


@dataclass
class Forgetful:
    """A connector that never finds what an earlier life did, and does not know its own mark again."""

    inner: Connector
    life: str
    system: System = System.OFFICE
    able: Mapping[tuple[Kind, Verb], Ability] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.able = self.inner.able

    def probe(self, key: Key) -> None:
        """As the connector does."""
        self.inner.probe(key)

    def cells(self) -> tuple[Cell, ...]:
        """As the connector does."""
        return self.inner.cells()

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """As the connector does."""
        return self.inner.look(cell, out)

    def read(self, target: Target, out: Sink) -> Item | None:
        """As the connector does."""
        return self.inner.read(target, out)

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """Only in the life that did it."""
        return self.inner.find(action, once=self._mark(once))

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Under a mark that the next life does not know."""
        return self.inner.apply(action, once=self._mark(once), out=out)

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """As the connector does."""
        return self.inner.follow(action, operation)

    def _mark(self, once: Digest) -> Digest:
        return digest([self.life, once])


def forgetful(hand: Connector | None, system: System, life: str) -> Connector | None:
    """Our hands in a system: those in the mailbox are forgetful."""
    return Forgetful(hand, life) if hand is not None and system is System.OFFICE else hand
