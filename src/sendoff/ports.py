"""What the engine asks of the world. Protocols only; wiring decides who answers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Event
from typing import Protocol

from sendoff.model.case import Case
from sendoff.model.digest import Digest, Json
from sendoff.model.envelope import Entry
from sendoff.model.event import Body
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.issue import IssueStyle
from sendoff.model.key import Key
from sendoff.model.meeting import Meeting
from sendoff.model.people import Person, PersonId
from sendoff.model.plan import Action, Again, Receipt
from sendoff.model.secret import Secret
from sendoff.model.state import StepId


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
    """What a connector can do to a kind: by which key, how safely, whether it can be put back, how many at once."""

    key: Key
    repeat: Repeat
    reversible: bool
    batch: int = 50


class Sink(Protocol):
    """Where bytes and secrets go; they never travel in an Item or a Receipt."""

    def image(self, data: bytes) -> Digest:
        """Keep canonical bytes as evidence; the digest is computed by the store."""

    def file(self, name: str, data: bytes) -> Digest:
        """Keep a file of the exit package under a relative name."""

    def secret(self, row: Mapping[str, str], hidden: Mapping[str, Secret]) -> None:
        """Put one secret record into the parcel being sealed: open fields and hidden fields."""

    def fetch(self, digest: Digest) -> bytes:
        """The bytes of something approved with the plan, such as a rendered letter."""


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
        """A fresh direct read of one thing, with its children, never through a list; None only when the vendor says
        that it is not there. Its image leaves out what moves by itself and what our own `disable` changes."""

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """After a crash: did it happen? None: it did not."""

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Do it. `Again` for an operation that the vendor goes on with by itself."""

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Ask after an operation that `apply` left running."""


class Clock(Protocol):
    """Civil time: dates, gates, expiries, event times."""

    def now(self) -> datetime:
        """The moment, in UTC."""


class Ids(Protocol):
    """Chance, as an argument."""

    def case(self) -> str:
        """A new case number."""

    def salt(self) -> str:
        """32 random bytes in hex."""

    def worker(self) -> str:
        """A name for this worker process and life."""


class EvidenceStore(Protocol):
    """Blobs by digest; put-if-absent; hashed again by the store."""

    def put(self, case: str, data: bytes) -> Digest:
        """Keep bytes; the same bytes twice are one blob."""

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

    def register(self) -> tuple[Entry, ...]:
        """The house register: cases opened and closed, with their heads."""


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


class Papers(Protocol):
    """Letters, invitations, documents: values in, bytes out."""

    def letter(self, name: str, language: str, values: Mapping[str, Json]) -> tuple[str, bytes]:
        """Subject and body of a letter, rendered; every value is text, never markup."""

    def invitation(self, meeting: Meeting, *, stamp: datetime) -> bytes:
        """A calendar file (METHOD:REQUEST) whose UID is the same for every update of this meeting."""

    def page(self, name: str, values: Mapping[str, Json]) -> bytes:
        """An HTML page; every value is text, never markup."""


class Sealer(Protocol):
    """Encrypts to a key that the customer enrolled."""

    def open_parcel(self, recipient: str, *, case: str) -> AbstractContextManager["OpenParcel"]:
        """A parcel being filled in memory; `recipient` is an age public key. Marks of one case can be compared."""


class OpenParcel(Protocol):
    """A parcel being filled."""

    def add(self, row: Mapping[str, str], hidden: Mapping[str, Secret]) -> None:
        """One record."""

    def withhold(self, title: str, reason: str) -> None:
        """Say in the manifest that a record is not inside, and why."""

    def marks(self) -> Sequence[str]:
        """An HMAC for each record so far, in order: equal records of one case have equal marks, and no more is told."""

    def seal(self) -> tuple[bytes, bytes]:
        """The sealed bytes, and the open manifest (canonical JSON: counts, titles' HMACs, withheld titles)."""


class Identity(Protocol):
    """How a person proves who they are."""

    def person(self, login: str) -> Person:
        """The person behind a login, or Refused: an unmapped login decides nothing."""

    def people(self) -> tuple[Person, ...]:
        """The register."""

    def sign(self, person: Person, message: bytes) -> str:
        """That person's own signature over the message, asked of them now; Refused when they cannot give it."""

    def proves(self, person: Person, message: bytes, signature: str) -> bool:
        """True when the signature is that person's own over the message."""


class World(Protocol):
    """The systems of one provider: real, or the sandbox."""

    id: str
    sandbox: bool
    issues: IssueStyle | None
    """How cases are mirrored on GitHub; None when they are not."""
    addresses: Mapping[System, str]
    """Where each configured system is reached; printed on the certificate."""

    def connector(self, facts: Facts, system: System) -> Connector | None:
        """Our hands in one system for one customer; None when that system is not configured."""


LEASE = timedelta(seconds=30)
"""How long a worker may hold a piece of work without renewing, unless the settings say another time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Every port with its answer, as wiring put them together."""

    journal: Journal
    dispatch: Dispatch
    brake: Brake
    store: EvidenceStore
    clock: Clock
    ids: Ids
    papers: Papers
    sealer: Sealer
    identity: Identity
    world: World
    signer: "Signer"


class Signer(Protocol):
    """Signs certificates."""

    def sign(self, payload: bytes) -> tuple[bytes, str]:
        """The raw signature over the DSSE encoding of the payload, and the fingerprint of the key."""

    def public(self) -> bytes:
        """The public key as PEM."""
