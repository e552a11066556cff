"""A journal in which somebody else is faster: between the sight of a case and the decision on it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sendoff.engine.desk import Desk
from sendoff.model.case import Case
from sendoff.model.envelope import Entry
from sendoff.model.event import Body
from sendoff.model.people import PersonId
from sendoff.ports import Journal, Work


@dataclass
class BetweenJournal:
    """The journal as it is, but what `meanwhile` holds happens right before the next thing is written."""

    inner: Journal
    meanwhile: list[Callable[[], None]] = field(default_factory=list)

    def open(self, case: str, body: Body, *, actor: PersonId, at: datetime) -> Case:
        """As it is."""
        return self.inner.open(case, body, actor=actor, at=at)

    def append(
        self,
        case: str,
        seen: int | None,
        bodies: Sequence[Body],
        *,
        actor: PersonId,
        at: datetime,
        work: Work | None = None,
    ) -> Case:
        """After somebody else."""
        while self.meanwhile:
            self.meanwhile.pop()()
        return self.inner.append(case, seen, bodies, actor=actor, at=at, work=work)

    def load(self, case: str) -> Case:
        """As it is."""
        return self.inner.load(case)

    def entries(self, case: str) -> tuple[Entry, ...]:
        """As they are."""
        return self.inner.entries(case)

    def cases(self) -> tuple[str, ...]:
        """As they are."""
        return self.inner.cases()

    def heads(self) -> Mapping[str, int]:
        """As they are."""
        return self.inner.heads()

    def fold(self, case: str) -> Case:
        """As it is."""
        return self.inner.fold(case)

    def register(self) -> tuple[Entry, ...]:
        """As it is."""
        return self.inner.register()


def overtaken_by(desk: Desk, *meanwhile: Callable[[], None]) -> Desk:
    """The desk of somebody whom others overtake once, between what they see and what they decide."""
    journal = BetweenJournal(desk.ports.journal, list(reversed(meanwhile)))
    return Desk(ports=replace(desk.ports, journal=journal))
