"""A power supply that fails at points: after a commit, and after a call that reached the vendor. Persons go on."""

import hashlib
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

import httpx2
from sqlalchemy import Engine, event
from tools.soak import compared
from tools.soak.compared import SWITCHES, Deeds, claims, once_only

from fakes.houses import CountedIds, Stage, stage
from fakes.in_process import PowerCut
from sendoff.engine.desk import Desk
from sendoff.model.case import Case
from sendoff.model.certificate import Predicate
from sendoff.model.digest import Json
from sendoff.model.envelope import Entry
from sendoff.model.event import Acted, Body, ClockMoved, Tried
from sendoff.model.people import PersonId
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier
from sendoff.ports import Dispatch, Journal, Piece, Ports, Work, World
from sendoff.sandbox.sandbox import Sandbox
from sendoff.wiring import House
from sendoff.wiring.cards import rows, table
from sendoff.wiring.story import Story

OPERATION = re.compile(r"(?<=operationresults/)[^/?]+|(?<=operations/)[^/?]+|(?<=/messages/)[^/?]+", re.IGNORECASE)
"""What the vendor names anew each time."""

ROTATED = re.compile(rb"(?<=refresh_token=)[^&]+")
"""A refresh token is another one after each use."""
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MARK = re.compile(r"(?<=sha256%3A)[0-9a-f]{64}")
"""The mark of a deed: it differs between two worlds where the deed names what one of them made."""
DIGEST = re.compile(r"(?<![0-9a-f-])[0-9a-f]{8}(?:[0-9a-f]{4})?(?![0-9a-f-])")
AFTER_THE_DEED = ("/directory/deletedItems/", "/operationresults/*", "commit work done")
"""Points that come only when the power was on at the deed just before them; they are died at in lives of their own."""


def bare(point: str) -> str:
    """A point without how often it came in one life: a life that begins within a batch meets it less often."""
    return point.rpartition(" #")[0] or point


class Points(Protocol):
    """Says at which points this life ends."""

    def dies_at(self, point: str) -> bool:
        """True when the power goes out here."""


@dataclass
class EveryPoint:
    """The power goes out at the first point at which it has not gone out before."""

    died: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def dies_at(self, point: str) -> bool:
        """True once for each point."""
        if point in self.seen:
            return False
        self.seen.add(point)
        self.died.append(point)
        return True


@dataclass
class PointsOf(EveryPoint):
    """Every point that has one of these parts in its name, once each."""

    parts: tuple[str, ...] = ()

    def dies_at(self, point: str) -> bool:
        """True once for each point of these."""
        return any(part in point for part in self.parts) and EveryPoint.dies_at(self, point)


def is_read(point: str) -> bool:
    """A call of a batch that reads."""
    return point.startswith("call in ") and " GET " in point


def in_sample(point: str) -> bool:
    """Every commit and every call that writes; of the reads of batches one in three, the same ones in every world."""
    plain = MARK.sub("*", GUID.sub("*", bare(point)))
    return not is_read(point) or hashlib.sha256(f"7 {plain}".encode()).digest()[0] % 3 == 0


@dataclass
class SampleOf(PointsOf):
    """The same points, but of the reads of batches one in three."""

    def dies_at(self, point: str) -> bool:
        """True once for each point of the sample."""
        return in_sample(point) and PointsOf.dies_at(self, point)


@dataclass
class OnePoint:
    """The power goes out once, at a point with this part in its name."""

    part: str
    died: list[str] = field(default_factory=list)

    def dies_at(self, point: str) -> bool:
        """True the first time."""
        if self.died or self.part not in point:
            return False
        self.died.append(point)
        return True


@dataclass
class NoPoint:
    """The power stays on; what would have been points is written down."""

    met: list[str] = field(default_factory=list)

    def dies_at(self, point: str) -> bool:
        """Never."""
        self.met.append(point)
        return False


@dataclass
class Supply:
    """The power of one life. `reads` are reads outside a batch, by name, at which the power goes out too."""

    points: Points
    length: Callable[[], int]
    """How long the sandbox's own record is."""
    reads: frozenset[str] = frozenset()
    looked: list[str] = field(default_factory=list)
    """Reads outside a batch, by name."""
    sealed: list[int] = field(default_factory=list)
    """How long the record was when a parcel was sealed."""
    batch: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    off: bool = False
    commits: int = 0
    _local: threading.local = field(default_factory=threading.local)

    @contextmanager
    def about(self, what: str) -> Iterator[None]:
        """Names the commit that is made inside."""
        self._local.what = what
        try:
            yield
        finally:
            self._local.what = ""

    def heard(self, statement: str, parameters: object) -> None:
        """A statement was carried out on the database of this life."""
        words = parameters if isinstance(parameters, tuple) else ()
        if isinstance(parameters, Mapping):  # the driver of PostgreSQL names them
            words = tuple(parameters.values())
        if statement.startswith("UPDATE work"):
            self._local.row = " ".join(str(one) for one in words[-2:])
        elif statement.startswith("UPDATE bucket"):
            self._local.row = f"of bucket {words[-1]}"
        elif statement == "COMMIT":
            self.commits += 1
            what, row = getattr(self._local, "what", ""), getattr(self._local, "row", "")
            self._local.row = ""
            if "Sealed " in what:
                self.sealed.append(self.length())
            self._point(f"commit {what} {row}" if not what or what == "work taken" else f"commit {what}")

    def called(self, request: httpx2.Request, answer: bytes) -> bytes:
        """A call reached the vendor and was answered; the answer may still be lost."""
        name = f"{request.method} {request.url.host}{OPERATION.sub('*', request.url.raw_path.decode())}"
        if request.method != "GET":
            name += " " + hashlib.sha256(ROTATED.sub(b"*", request.read())).hexdigest()[:12]
        if self.batch:
            self.counts[f"{self.batch} {name}"] += 1
            self._point(f"call in {self.batch} {name} #{self.counts[f'{self.batch} {name}']}")
        elif request.method != "GET":
            self._point(f"call {name}")
        else:
            self.looked.append(name)
            if name in self.reads:
                self._point(f"read {name}")
        return answer

    def _point(self, point: str) -> None:
        # Once the power is out, every thread of this life is dead.
        if self.off or self.points.dies_at(point):
            self.off = True
            raise PowerCut(point)


def named(case: Case | None, body: Body) -> str:
    """One event, named so that the same deed in a later life has the same name."""
    where = str(getattr(body, "step", "") or "")
    more = [str(getattr(body, name)) for name in ("purpose", "move", "kind", "ref", "batch") if hasattr(body, name)]
    standing = case.steps.get(StepId(where)) if case is not None and where else None
    if isinstance(body, Tried):
        again = standing is not None and body.batch in dict(standing.tried)
        more.append("again" if again else "first")
    if isinstance(body, ClockMoved):
        more.append(body.after.isoformat())
    if standing is not None and standing.plan is not None:
        more.append(standing.plan[-8:])
    return " ".join(word for word in (type(body).__name__, where, *more) if word)


@dataclass
class WatchedJournal:
    """The journal as it is, with its commits named, and the batch under way known."""

    inner: Journal
    supply: Supply

    def open(self, case: str, body: Body, *, actor: PersonId, at: datetime) -> Case:
        """Named."""
        with self.supply.about("Opened"):
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
        """Named; between an intent and its outcome a batch is under way."""
        known = self.inner.load(case)
        with self.supply.about("; ".join(named(known, body) for body in bodies)):
            grown = self.inner.append(case, seen, bodies, actor=actor, at=at, work=work)
        for body in bodies:
            if isinstance(body, Tried):
                self.supply.batch = f"{body.step}/{body.batch}"
            if isinstance(body, Acted):
                self.supply.batch = ""
        return grown

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


@dataclass
class WatchedDispatch:
    """The dispatch as it is, with its commits named."""

    inner: Dispatch
    supply: Supply

    def ready(self, case: str, step: StepId, *, batches: Sequence[int] = (-1,), civil: datetime | None = None) -> None:
        """Named."""
        with self.supply.about(f"work ready {step} {list(batches)}"):
            self.inner.ready(case, step, batches=batches, civil=civil)

    @property
    def lease(self) -> float:
        """As it is."""
        return self.inner.lease

    def quiet(self, case: str) -> bool:
        """As it is."""
        return self.inner.quiet(case)

    def sweep(self) -> int:
        """As it is."""
        return self.inner.sweep()

    def wait(self, seconds: float, stopping: threading.Event) -> bool:
        """As it does."""
        return self.inner.wait(seconds, stopping)

    def take(self, owner: str, *, case: str | None = None, piece: Piece | None = None) -> Work | None:
        """Named."""
        # The hook adds what was taken: here it is not known yet.
        with self.supply.about("work taken"):
            return self.inner.take(owner, case=case, piece=piece)

    def renew(self, work: Work) -> bool:
        """Named."""
        with self.supply.about(f"work renewed {work.step} {work.batch}"):
            return self.inner.renew(work)

    def held(self, case: str) -> float:
        """As it is."""
        return self.inner.held(case)

    def later(self, work: Work, *, seconds: float = 0.0, civil: datetime | None = None) -> None:
        """Named."""
        with self.supply.about(f"work later {work.step} {work.batch}"):
            self.inner.later(work, seconds=seconds, civil=civil)

    def done(self, work: Work) -> None:
        """Named."""
        with self.supply.about(f"work done {work.step} {work.batch}"):
            self.inner.done(work)


@contextmanager
def powered(house: House, supply: Supply, world: World | None = None) -> Iterator[House]:
    """The house on this supply; every COMMIT of its database is heard."""
    before = house.desk.ports
    ports: Ports = replace(
        before,
        journal=WatchedJournal(before.journal, supply),
        dispatch=WatchedDispatch(before.dispatch, supply),
        world=world or before.world,
    )

    def heard(
        connection: object, cursor: object, statement: str, parameters: object, context: object, many: bool
    ) -> None:
        supply.heard(statement, parameters)

    event.listen(Engine, "after_cursor_execute", heard)
    try:
        yield replace(house, desk=Desk(ports=ports))
    finally:
        event.remove(Engine, "after_cursor_execute", heard)


@dataclass(slots=True, kw_only=True)
class Persons(Story):
    """The staff of the MSP, who do not die with their program: they look where things stand, and go on."""

    mind: "Mind"

    def turn(self, before: tuple[StepId, str] | None = None) -> bool:
        """One turn. Whoever lived through it to its end has waited for the outsiders, who are slower than a restart."""
        waited = self.mind.waited
        moved = Story.turn(self, before)
        self.mind.waited = True
        return moved or not waited

    def go_on(self) -> Case:
        """From wherever the case stands to the certificate."""
        desk = self.house.desk
        case = desk.case(self.case)
        self.decided |= set(case.decisions)
        if "preflight" not in case.looks:
            desk.preflight(self.who("erik"), self.case)
        if "preflight" not in self.mind.decided:
            self.decide("preflight")
            self.mind.decided.add("preflight")
        while not self._over():
            self._pick_up()
            if not self.turn() and not self.move_clock():
                raise AssertionError("the story is stuck: " + "; ".join(self._waiting()))
        case = desk.case(self.case)
        return case if case.certificate else desk.close(self.who("paul"), self.case)

    def _pick_up(self) -> None:
        """Plans that somebody laid ready, and nobody has said yes to yet."""
        desk = self.house.desk
        for one in desk.case(self.case).steps.values():
            if one.state is not State.PLANNED:
                continue
            if self.locks_lifted(one.step):
                desk.plan(self.proposer(one.role), self.case, one.step)
            self.decide(f"plan {one.step}")
            found = desk.case(self.case).steps[one.step]
            if found.state is State.PLANNED and found.plan is not None:
                approver = self.approver(found.role)
                desk.approve(approver, self.case, found.step, found.plan, over_belt=bool(found.belt))

    def outsiders(self) -> None:
        """Outsiders read their mail when some came or a day went by, and what they did is remembered."""
        news = f"{self.house.clock.now()} {self.mind.sent()}"
        if news != self.mind.news and self.mind.waited:
            self.mind.news = news
            self.mind.heard += rows(table(self.control.ask("POST", "/cast/act", {})).get("did"))
        self.mind.waited = False
        self._told_by(self.mind.heard)
        self.vault_asked()


@dataclass
class Mind:
    """What persons remember over all lives of their program."""

    sandbox: Sandbox
    news: str = ""
    waited: bool = True
    """The program had its time: it went on until nothing of it could move. Until then no outsider reads their mail."""
    heard: list[Mapping[str, Json]] = field(default_factory=list)
    by_hand: set[str] = field(default_factory=set)
    decided: set[str] = field(default_factory=set)

    def sent(self) -> int:
        """How much was sent or made for others."""
        return sum(1 for row in effects(self.sandbox) if row["verb"] == "sent" or row["kind"] == "graph.event")


def effects(sandbox: Sandbox) -> list[Mapping[str, Json]]:
    """What happened, by the sandbox's own record."""
    return [row for row in sandbox.world.record.rows if row["type"] == "effect"]


@dataclass
class Lives:
    """One leaving, however many lives of the program it takes."""

    folder: Path
    tier: Tier
    points: Points
    reads: frozenset[str] = frozenset()
    lives: int = 0
    commits: int = 0
    sandbox: Sandbox | None = None
    sealed: list[int] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)
    mind: Mind | None = None
    last: Stage | None = None
    server: str = ""
    people: type[Persons] = Persons
    """Who goes on in each life."""

    def told(self, most: int) -> Case:
        """The closed case, after at most so many lives."""
        while self.lives < most:
            self.lives += 1
            done = self._life()
            if done is not None:
                return done
        raise AssertionError(f"not over after {most} lives")

    def _life(self) -> Case | None:
        # A lease clock that jumps with each life: what the dead worker held has run out.
        clock = 1000.0 * self.lives
        ids = CountedIds(start=f"life{self.lives}")
        here = stage(
            self.folder,
            tier=self.tier,
            sandbox=self.sandbox,
            ids=ids,
            lease_clock=lambda: clock,
            server=self.server,
            known=self.last.house.settings if self.last else None,
        )
        self.sandbox, self.last = here.sandbox, here
        self.mind = self.mind or Mind(here.sandbox)
        supply = Supply(self.points, lambda: len(here.sandbox.world.record.rows), self.reads)
        here.wire.edit = supply.called
        try:
            with powered(here.house, supply, self.world(here)) as house:
                here.house = house
                known = house.journal.cases()
                case = known[0] if known else here.opened().id
                return self.people(
                    house=house,
                    case=case,
                    say=here.said.append,
                    threads=1,
                    mind=self.mind,
                ).go_on()
        except PowerCut:
            return None
        finally:
            self.commits += supply.commits
            self.sealed += supply.sealed
            self.looked += supply.looked
            here.house.close()

    def world(self, here: Stage) -> World | None:
        """Another world than the house's own, for stories in which a connector is worse."""
        return None


# ---- what two stories are compared by --------------------------------------------------------------------------------


def stage_of(lives: Lives) -> Stage:
    """The house and sandbox of the last life."""
    assert lives.last is not None
    return lives.last


def certified(lives: Lives, case: Case) -> Predicate:
    """What the certificate says."""
    return compared.certified(stage_of(lives).desk.ports.store, case)


def ours(lives: Lives) -> list[Mapping[str, Json]]:
    """What this program did, by the sandbox's own record."""
    return compared.ours(stage_of(lives).sandbox.world.record.rows)


def deeds(lives: Lives) -> Deeds:
    """How often each deed was done."""
    return compared.deeds(stage_of(lives).sandbox.world.record.rows)


def both(on: Lives, off: Lives) -> None:
    """Nothing was done twice, and nothing else than with the power on; only switches were set again."""
    expected, found = deeds(on), deeds(off)
    assert once_only(found) == once_only(expected)
    assert set(found) == set(expected)
    removed = Counter({deed: count for deed, count in found.items() if deed[0] == "removed" and deed[2]})
    assert removed
    assert set(removed.values()) == {1}
    again = {deed[1] for deed, count in found.items() if count > expected[deed] and deed[0] == "changed"}
    assert sorted(again - SWITCHES) == [], "disabled, paused or ended once more: still off"


def not_died(
    lives: Lives, died: set[str], parts: tuple[str, ...], wanted: Callable[[str], bool] = lambda point: True
) -> set[str]:
    """Points of the leaving with the power on at which it never went out, but for those right after a deed."""
    on = lives.points
    assert isinstance(on, NoPoint)
    met = {bare(point) for point in on.met if wanted(point) and any(part in point for part in parts)}
    mine, theirs = ({one for point in points for one in _made(point)} for points in (met, died))
    left = {_named(point, mine & theirs) for point in met} - {_named(bare(point), mine & theirs) for point in died}
    # To which day the clock is moved next hangs on when a life before looked for a person's deed.
    return {point for point in left if not any(part in point for part in (*AFTER_THE_DEED, "commit ClockMoved"))}


def _made(point: str) -> list[str]:
    return [*GUID.findall(point), *MARK.findall(point)]


def _named(point: str, known: set[str]) -> str:
    """A point without ids and marks that came about in one of the two worlds alone, and without digests over them."""
    for names in (GUID, MARK):
        point = names.sub(lambda one: one[0] if one[0] in known else "*", point)
    return DIGEST.sub("*", point)


__all__ = ["claims", "once_only"]
