"""The world all vendors share: every object, who lives with it, the civil clock, and what is under way."""

import hashlib
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from sendoff.sandbox.habits import Habits
from sendoff.sandbox.links import DELEGATION, Link, link
from sendoff.sandbox.proofs import Proofs
from sendoff.sandbox.record import Record
from sendoff.sandbox.vault_lines import Lines
from sendoff.sandbox.wire import Json, Obj, Response, canonical

START = "2026-11-23T09:00:00+01:00"
ROOT = UUID("5e4d0ff0-5a4d-4b0c-8000-000000000000")


@dataclass(slots=True)
class Thing:
    """One object at a vendor: `owner` is the customer slug (or "msp"), `place` its tenant, subscription or list."""

    system: str
    kind: str
    id: str
    owner: str
    raw: Obj
    place: str = ""

    @property
    def key(self) -> str:
        """The object's key in the digests: system:kind:id."""
        return f"{self.system}:{self.kind}:{self.id}"

    def digest(self) -> str:
        """SHA-256 over the raw properties in canonical JSON."""
        return hashlib.sha256(canonical(self.raw)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a token speaks for; `expires` is on the monotonic clock, since the civil one jumps."""

    kind: str
    tenant: str
    client: str
    principal: str
    name: str
    audience: str
    expires: float
    mfa: bool = False


@dataclass(slots=True)
class Operation:
    """A long-running deletion: `polls` answers InProgress first, or all before `until`, then `ends`; after `due` it
    ends by itself. Both moments are monotonic."""

    id: str
    place: str
    targets: list[Thing]
    polls: int
    due: float
    until: float = 0.0
    ends: str = "Succeeded"
    lie: bool = False
    done: bool = False
    result: Json = None
    force: bool = False
    """Whether nothing of it is kept."""
    half: bool = False
    """Whether a failure comes when some of the targets are gone already."""
    caller: str = ""
    """Who asked for it, as the record names callers: its effects are theirs, whoever polls."""


@dataclass(slots=True)
class Operations:
    """Long-running jobs of ARM: all that were accepted by id, and which of them remove what and did not end yet."""

    known: dict[str, Operation] = field(default_factory=dict)
    running: dict[str, Operation] = field(default_factory=dict)
    removing: dict[str, Operation] = field(default_factory=dict)
    """By the id of the object in lower case."""

    def begun(self, operation: Operation) -> Operation:
        """Keep one that was accepted."""
        self.known[operation.id] = self.running[operation.id] = operation
        self.removing |= {one.id.lower(): operation for one in operation.targets if not operation.lie}
        return operation

    def ended(self, operation: Operation) -> None:
        """It is under way no more; what it answered is kept."""
        operation.done = True
        self.running.pop(operation.id, None)
        for one in operation.targets:
            if self.removing.get(one.id.lower()) is operation:
                del self.removing[one.id.lower()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a refresh token stands for: a person (by mail) who once signed in to a client."""

    client: str
    tenant: str
    mail: str
    scope: str


@dataclass(slots=True)
class Device:
    """A device-code sign-in under way; `person` is the mail of who approved it, `polled` on the monotonic clock."""

    client: str
    tenant: str
    scope: str
    ends: datetime
    person: str = ""
    polled: float = 0.0


@dataclass(slots=True)
class Slow:
    """What the vendors' habits keep between calls.

    `ended` are delegations with when they ended by the civil and the monotonic clock, their link and definition;
    `index` is what Resource Graph showed last and for how many answers more; `unsettled` are new directory objects and
    the calls until they are there; `ending` are GDAP relationships on their way to terminated, and since when.
    """

    ended: list[tuple[datetime, float, Thing, Thing]] = field(default_factory=list)
    index: dict[str, tuple[list[Obj], int]] = field(default_factory=dict)
    unsettled: dict[str, int] = field(default_factory=dict)
    ending: dict[str, datetime] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    """Delegations that came and went since the seed, for the log of the tenant that manages."""


@dataclass(slots=True)
class Customer:
    """What the world keeps beside the objects for one customer; `known` is what the MSP has on file."""

    slug: str
    name: str
    tenant: str
    domain: str
    known: Obj = field(default_factory=dict)


class World:
    """All state under one lock. `lying` makes every change a no-op while answers stay as they are."""

    def __init__(self, seed: int, tier: str, size: int = 1, folder: Path | None = None) -> None:
        self.seed, self.tier, self.size = seed, tier, size
        self.lock = threading.RLock()
        self.record = Record(folder)
        self.now = datetime.fromisoformat(START)
        self.lying = False
        self.withheld = 0
        """Changes that a lie kept from happening."""
        self.quiet = True
        self.customers: dict[str, Customer] = {}
        self.msp: Obj = {}
        self.tenants: dict[str, str] = {}
        self.secrets: dict[str, str] = {}
        self.proofs, self.lines = Proofs(), Lines()
        self.roles: dict[str, str] = {}
        self.tokens: dict[str, Identity] = {}
        self.operations = Operations()
        self.prtg_pending: dict[str, int] = {}
        self.refresh: dict[str, Grant] = {}
        self.devices: dict[str, Device] = {}
        self.user_codes: dict[str, str] = {}
        self.mfa = True
        """Whether persons who sign in carry the claim of multi-factor sign-in."""
        self.partners: dict[str, tuple[str, str]] = {}
        """Partner tenants and their (name, MPN id)."""
        self.answered: dict[str, Response] = {}
        """First answers to writes that carried an id of their own, for vendors that repeat them."""
        self.audits: list[Obj] = []
        """Partner Center's audit records of every partner; they lie at the vendor, with no customer."""
        self.newcomers: set[str] = set()
        """Ids of the users made since the seed, who have no second factor yet."""
        self.stopped: set[str] = set()
        """Ids (lower case) of machines that do not run."""
        self.habits = Habits()
        self.slow = Slow()
        self.cast_secret = self.guid("cast-secret")
        self.customer_age_key = ""
        self._kinds: dict[tuple[str, str], dict[str, Thing]] = defaultdict(dict)
        self._inside: dict[str, dict[str, Thing]] = defaultdict(dict)
        self._count = 0

    def guid(self, *parts: str | int) -> str:
        """The same guid for the same seed and name, always."""
        return str(uuid5(ROOT, "/".join([str(self.seed), *map(str, parts)])))

    def fresh(self, what: str) -> str:
        """A new guid, deterministic in the order of asking."""
        self._count += 1
        return self.guid("fresh", what, self._count)

    def at(self) -> str:
        """Civil time now, ISO 8601 with offset."""
        return self.now.isoformat()

    def move(self, to: datetime) -> bool:
        """Move the civil clock forwards; False when that would be backwards."""
        if to < self.now:
            return False
        self.now = to
        return True

    def in_days(self, days: int) -> datetime:
        """Civil time so many days from now."""
        return self.now + timedelta(days=days)

    def all(self, system: str, kind: str) -> list[Thing]:
        """All objects of a kind, oldest first."""
        return list(self._kinds[(system, kind)].values())

    def each(self, system: str) -> Iterator[Thing]:
        """All objects of a system."""
        for (owner, _), things in list(self._kinds.items()):
            if owner == system:
                yield from list(things.values())

    def get(self, system: str, kind: str, ident: str) -> Thing | None:
        """The object with this id, whatever the case of its letters."""
        return self._kinds[(system, kind)].get(ident.lower())

    def inside(self, ident: str) -> list[Thing]:
        """What lies below an id of ARM, at any depth, oldest first."""
        return list(self._inside.get(ident.lower().rstrip("/"), {}).values())

    def add(self, thing: Thing, verb: str = "created") -> Thing:
        """Put an object into the world."""
        if self._happens():
            self._kinds[(thing.system, thing.kind)][thing.id.lower()] = thing
            for above in _above(thing):
                self._inside[above][thing.id.lower()] = thing
            self.effect(verb, thing)
        return thing

    def change(self, thing: Thing, more: Obj) -> None:
        """Set members of an object."""
        if self._happens():
            thing.raw.update(more)
            self.effect("changed", thing)

    def remove(self, thing: Thing) -> None:
        """Take an object out of the world."""
        if self._happens() and self._kinds[(thing.system, thing.kind)].pop(thing.id.lower(), None) is not None:
            for above in _above(thing):
                self._inside[above].pop(thing.id.lower(), None)
            self.effect("removed", thing)

    def _happens(self) -> bool:
        self.withheld += self.lying
        return not self.lying

    def effect(self, verb: str, thing: Thing) -> None:
        """Write an effect into the record, unless the world is only just being seeded."""
        if not self.quiet:
            self.record.effect(self.at(), verb, f"{thing.system}.{thing.kind}", thing.id, thing.owner)
            if thing.kind == DELEGATION and verb in ("created", "removed"):
                self.slow.links.append(link(self.now, verb, thing.raw, thing.place, self._raw))

    def _raw(self, kind: str, ident: str) -> Obj:
        found = self.get("arm", kind, ident)
        return found.raw if found else {}

    def objects(self, slug: str) -> dict[str, str]:
        """{object key: sha256} of everything that lives at a customer."""
        every = [thing for things in list(self._kinds.values()) for thing in list(things.values())]
        return {thing.key: thing.digest() for thing in every if thing.owner == slug}

    def digests(self) -> dict[str, str]:
        """{slug: sha256 over all its objects}."""
        return {slug: _over(self.objects(slug)) for slug in self.customers}


def _above(thing: Thing) -> Iterator[str]:
    """The ids, in lower case, of all that an object of ARM lies in."""
    ident = thing.id.lower().rstrip("/") if thing.system == "arm" else ""
    while ident.count("/") > 2:
        ident = ident.rsplit("/", 2)[0]
        head, _, last = ident.rpartition("/providers/")
        ident = head if head and "/" not in last else ident
        yield ident


def _over(objects: dict[str, str]) -> str:
    lines = "\n".join(f"{key} {value}" for key, value in sorted(objects.items()))
    return hashlib.sha256(lines.encode()).hexdigest()
