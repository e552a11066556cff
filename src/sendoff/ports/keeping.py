"""What is kept and handed out: time, chance, evidence, the journal, work, the brake, buckets."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Protocol

from sendoff.model.card import Card
from sendoff.model.case import Case
from sendoff.model.digest import Digest
from sendoff.model.envelope import Entry
from sendoff.model.event import Body
from sendoff.model.people import PersonId
from sendoff.model.state import StepId


class Ids(Protocol):
    """Chance, as an argument."""

    def case(self) -> str:
        """A new case number."""

    def salt(self) -> str:
        """32 random bytes in hex."""

    def worker(self) -> str:
        """A name for this worker process and life."""


class Clock(Protocol):
    """Civil time: dates, gates, expiries, event times."""

    def now(self) -> datetime:
        """The moment, in UTC."""


class EvidenceStore(Protocol):
    """Blobs by digest; put-if-absent; hashed again by the store."""

    def put(self, case: str, data: bytes) -> Digest:
        """Keep bytes; the same bytes twice are one blob."""

    def put_parts(self, case: str, parts: Callable[[], Iterable[bytes]]) -> Digest:
        """Keep bytes that may be too many to hold at once. Each call of `parts` gives them anew, from the first to the
        last, and always the same."""

    def get(self, case: str, digest: Digest) -> bytes:
        """The bytes, or Broken when they are missing or do not hash to their name."""

    def has(self, case: str, digest: Digest) -> bool:
        """True when the blob is there and hashes to its name."""


Piece = tuple[str, str, int]
"""Case, step and batch of a piece of work; batch -1 is the step itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A step, or a batch of it, taken by one worker under a fence."""

    case: str
    step: StepId
    batch: int
    """-1 for the step itself."""
    owner: str
    attempt: int


class Journal(Protocol):
    """The truth and its projections, in one transaction."""

    def open(self, case: str, body: Body, *, actor: PersonId, at: datetime) -> Case:
        """Append the first event of a new chain, and its line in the house register."""

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
        """Append under the case row's lock. `seen` is the seq the caller decided on: when the case has moved since,
        Refused and nothing is written; a worker that holds a fence gives None. With `work`, refused when that fence
        is lost. Steps that the robot may move are handed to dispatch in the same transaction."""

    def load(self, case: str) -> Case:
        """The fold of a case's events, or Refused when there is no such case."""

    def entries(self, case: str) -> tuple[Entry, ...]:
        """The chain as stored, in order."""

    def cases(self) -> tuple[str, ...]:
        """Every case, oldest first."""

    def heads(self) -> Mapping[str, int]:
        """Every case with the number of its newest event, oldest case first; one question."""

    def fold(self, case: str) -> Case:
        """The fold of a case's events, of which nothing is kept in memory: for who reads very many."""

    def register(self) -> tuple[Entry, ...]:
        """The house register: cases opened and closed, with their heads."""


class Cards(Protocol):
    """Cards of cases as they were folded last, so that a start folds none of them. Losing them costs folds alone."""

    def kept(self) -> Iterator[Card]:
        """Every card that was kept; whoever asks compares its `seq` with the case's."""

    def keep(self, cards: Sequence[Card]) -> None:
        """Keep these in place of older ones."""


class Dispatch(Protocol):
    """Who says: look at this step. A hint only; a step is taken and finished under its own fence."""

    @property
    def lease(self) -> float:
        """Seconds that a worker may hold a piece without renewing."""

    def ready(self, case: str, step: StepId, *, batches: Sequence[int] = (-1,), civil: datetime | None = None) -> None:
        """Somebody should look at these soon."""

    def take(self, owner: str, *, case: str | None = None, piece: Piece | None = None) -> Work | None:
        """Take one piece of work that is due, under a lease: any, one of a case, or a certain one."""

    def renew(self, work: Work) -> bool:
        """Keep the lease; False when it is lost."""

    def held(self, case: str) -> float:
        """Seconds until the first lease on a piece of this case runs out; 0 when nobody holds one."""

    def quiet(self, case: str) -> bool:
        """True when nobody holds a piece of this case and none is due."""

    def later(self, work: Work, *, seconds: float = 0.0, civil: datetime | None = None) -> None:
        """Let go for so many seconds of lease time, or until a civil moment."""

    def done(self, work: Work) -> None:
        """Nothing more to do for this piece."""

    def sweep(self) -> int:
        """Hand out every step that the robot may move and that has no row, and tell of pieces whose holder died: a
        hint may be lost, a step never is. Answers how many steps had none."""

    def wait(self, seconds: float, stopping: Event) -> bool:
        """Until there may be new work, `stopping` is set, or so many seconds. True when there is a piece to take."""


class Brake(Protocol):
    """The halt of everything, which needs no database."""

    def on(self) -> str:
        """Why everything is halted; empty when it is not."""


class Limits(Protocol):
    """Token buckets shared by all workers."""

    def take(self, bucket: str, *, rate: float, burst: int) -> None:
        """Wait until a call may be made in this bucket (`rate` tokens a second, at most `burst`)."""

    def blocked(self, bucket: str, seconds: float) -> None:
        """The vendor said Retry-After: nobody calls in this bucket until then."""


LEASE = timedelta(seconds=30)
"""How long a worker may hold a piece of work without renewing, unless the settings say another time."""
