"""Fakes of the ports that a report reads: a chain in memory, blobs in memory, a clock that stands still."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from threading import Event

from sendoff.model.card import Card
from sendoff.model.case import Case
from sendoff.model.digest import Digest, digest_bytes
from sendoff.model.envelope import GENESIS, Entry
from sendoff.model.errors import Broken, Refused
from sendoff.model.event import Body
from sendoff.model.facts import Facts
from sendoff.model.inventory import System
from sendoff.model.issue import IssueStyle
from sendoff.model.people import Person, PersonId
from sendoff.model.secret import Secret
from sendoff.model.state import StepId
from sendoff.ports import Connector, OpenParcel, Papers, Piece, Ports, Work
from sendoff.rules.chaining import chained
from sendoff.rules.folding import fold


class Chain:
    """One case in memory, appended to without any lock."""

    def __init__(self) -> None:
        self.rows: list[Entry] = []

    def add(self, body: Body, *, case: str, actor: PersonId, at: datetime) -> Case:
        """One more event, and the case after it."""
        prev = self.rows[-1].event.digest if self.rows else GENESIS
        seq = len(self.rows) + 1
        self.rows.append(chained(body, case=case, seq=seq, prev=prev, at=at, actor=actor, salt="00" * 32))
        return fold(self.rows)

    def open(self, case: str, body: Body, *, actor: PersonId, at: datetime) -> Case:
        """The first event."""
        return self.add(body, case=case, actor=actor, at=at)

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
        """More events."""
        for body in bodies:
            self.add(body, case=case, actor=actor, at=at)
        return fold(self.rows)

    def load(self, case: str) -> Case:
        """The fold."""
        return fold(self.rows)

    def entries(self, case: str) -> tuple[Entry, ...]:
        """The chain."""
        return tuple(self.rows)

    def cases(self) -> tuple[str, ...]:
        """The one case."""
        return (self.rows[0].event.case,)

    def heads(self) -> Mapping[str, int]:
        """The one case."""
        return {self.rows[0].event.case: len(self.rows)}

    def fold(self, case: str) -> Case:
        """The fold."""
        return fold(self.rows)

    def register(self) -> tuple[Entry, ...]:
        """None."""
        return ()


class Blobs:
    """Evidence in memory."""

    def __init__(self) -> None:
        self.data: dict[Digest, bytes] = {}

    def put(self, case: str, data: bytes) -> Digest:
        """Keep."""
        name = digest_bytes(data)
        self.data[name] = data
        return name

    def put_parts(self, case: str, parts: Callable[[], Iterable[bytes]]) -> Digest:
        """Keep."""
        return self.put(case, b"".join(parts()))

    def get(self, case: str, digest: Digest) -> bytes:
        """Give, or Broken."""
        if digest not in self.data or digest_bytes(self.data[digest]) != digest:
            raise Broken(f"evidence {digest} of case {case} is missing from the store")
        return self.data[digest]

    def has(self, case: str, digest: Digest) -> bool:
        """Is it there?"""
        return digest in self.data


class StoppedClock:
    """One moment."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """That moment."""
        return self.at


class Register:
    """A few people."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._people = tuple(people)

    def person(self, login: str) -> Person:
        """Nobody signs in here."""
        raise Refused(f"{login} is not mapped")

    def people(self) -> tuple[Person, ...]:
        """Everybody."""
        return self._people

    def sign(self, person: Person, message: bytes) -> str:
        """Never."""
        raise Refused("nobody signs here")

    def proves(self, person: Person, message: bytes, signature: str) -> bool:
        """Never."""
        return False


class NoWorld:
    """A world where nothing can be reached: a report has no business there."""

    id = "sandbox:test"
    issues: IssueStyle | None = None
    addresses: Mapping[System, str] = {}

    def __init__(self, *, sandbox: bool = True) -> None:
        self.sandbox = sandbox

    def connector(self, facts: Facts, system: System) -> Connector | None:
        """A report that comes here does more than reading."""
        raise AssertionError("a report must not reach into the world")


class Unused:
    """Ports that a report has no business with; every call fails."""

    def held(self, case: str) -> float:
        """Nobody holds anything."""
        return 0.0

    def ready(self, case: str, step: StepId, *, batches: Sequence[int] = (-1,), civil: datetime | None = None) -> None:
        raise AssertionError("not for a report")

    def take(self, owner: str, *, case: str | None = None, piece: Piece | None = None) -> Work | None:
        raise AssertionError("not for a report")

    @property
    def lease(self) -> float:
        raise AssertionError("not for a report")

    def kept(self) -> Iterator[Card]:
        raise AssertionError("not for a report")

    def keep(self, cards: Sequence[Card]) -> None:
        raise AssertionError("not for a report")

    def quiet(self, case: str) -> bool:
        raise AssertionError("not for a report")

    def sweep(self) -> int:
        raise AssertionError("not for a report")

    def wait(self, seconds: float, stopping: Event) -> bool:
        raise AssertionError("not for a report")

    def on(self) -> str:
        raise AssertionError("not for a report")

    def renew(self, work: Work) -> bool:
        raise AssertionError("not for a report")

    def later(self, work: Work, *, seconds: float = 0.0, civil: datetime | None = None) -> None:
        raise AssertionError("not for a report")

    def done(self, work: Work) -> None:
        raise AssertionError("not for a report")

    def case(self) -> str:
        raise AssertionError("not for a report")

    def salt(self) -> str:
        raise AssertionError("not for a report")

    def worker(self) -> str:
        raise AssertionError("not for a report")

    def open_parcel(self, recipient: str, *, case: str) -> AbstractContextManager[OpenParcel]:
        return _no_parcel()


class _NoParcel:
    def add(self, row: Mapping[str, str], hidden: Mapping[str, Secret]) -> None:
        raise AssertionError("not for a report")

    def withhold(self, title: str, reason: str) -> None:
        raise AssertionError("not for a report")

    def marks(self) -> list[str]:
        raise AssertionError("not for a report")

    def seal(self) -> tuple[bytes, bytes]:
        raise AssertionError("not for a report")


@contextmanager
def _no_parcel() -> Iterator[OpenParcel]:
    yield _NoParcel()


class PublicHalf:
    """The public key of a signer that signs nothing more."""

    def sign(self, payload: bytes) -> tuple[bytes, str]:
        """Never in a report."""
        raise AssertionError("a report must not sign")

    def public(self) -> bytes:
        """Some PEM."""
        return b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n"


def ports_of(
    chain: Chain, blobs: Blobs, papers: Papers, people: Sequence[Person], now: datetime, *, sandbox: bool = True
) -> Ports:
    """All ports, of which a report may use the reading ones."""
    unused = Unused()
    return Ports(
        journal=chain,
        cards=unused,
        dispatch=unused,
        brake=unused,
        store=blobs,
        clock=StoppedClock(now),
        ids=unused,
        papers=papers,
        sealer=unused,
        identity=Register(people),
        world=NoWorld(sandbox=sandbox),
        signer=PublicHalf(),
    )
