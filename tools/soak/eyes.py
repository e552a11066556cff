"""What the soak sees: who holds which piece of work, by the rows, and what was done, by the sandbox's own record."""

import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, select

from sendoff.model.errors import StoreDown
from sendoff.store.database import reading
from sendoff.store.schema import work
from tools.soak.compared import is_ours
from tools.soak.figures import Figures

LOOK = 0.03
"""Seconds between two looks at the rows."""
READS = re.compile(r"^GET |/oauth2/|/query$|/resources$")
Piece = tuple[str, int]
"""Step and batch."""


@dataclass(frozen=True, slots=True)
class Held:
    """A piece of work and who holds it, at which attempt."""

    step: str
    batch: int
    attempt: int
    owner: str

    @property
    def pid(self) -> int:
        """The process that holds it; 0 when nobody does."""
        return int(self.owner.split("-")[1]) if self.owner else 0

    @property
    def piece(self) -> Piece:
        """Which piece."""
        return self.step, self.batch


@dataclass(slots=True)
class Rows:
    """The rows of work of one case, and how long a dead worker's piece waits for another one."""

    engine: Engine
    case: str
    figures: Figures
    dead: dict[Piece, tuple[int, float]] = field(default_factory=dict)
    """Attempt and moment of death."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def all(self) -> list[Held]:
        """Every row. Raises StoreDown."""
        asked = select(work.c.step, work.c.batch, work.c.attempt, work.c.owner).where(work.c.chain == self.case)
        with reading(self.engine) as connection:
            return [Held(row.step, row.batch, row.attempt, row.owner) for row in connection.execute(asked)]

    def of(self, pid: int) -> list[Held]:
        """What a process holds; nothing when the database is away."""
        try:
            return [one for one in self.all() if one.pid == pid]
        except StoreDown:
            return []

    def settled(self, now: datetime) -> bool:
        """Nothing is held, and nothing waits but for its date: not even what was put off for some seconds."""
        told = now.astimezone(UTC).isoformat(timespec="microseconds")
        asked = select(work.c.step).where(work.c.chain == self.case, work.c.due_civil <= told).limit(1)
        try:
            with reading(self.engine) as connection:
                return connection.execute(asked).first() is None
        except StoreDown:
            return False

    def died(self, held: list[Held]) -> None:
        """From now on somebody should take these."""
        with self._lock:
            self.dead |= {one.piece: (one.attempt, time.monotonic()) for one in held}

    def forgive(self) -> None:
        """The database is away: nobody can take anything."""
        with self._lock:
            self.dead.clear()

    def watch(self, over: threading.Event) -> None:
        """Until it is over: see who takes what the dead left."""
        while not over.wait(LOOK):
            if not self.dead:
                continue
            try:
                found = {one.piece: one for one in self.all()}
            except StoreDown:
                self.forgive()
                continue
            now = time.monotonic()
            with self._lock:
                for piece, (attempt, died) in list(self.dead.items()):
                    taken = found.get(piece)
                    if taken is None or taken.attempt > attempt:
                        del self.dead[piece]
                        self._measured(now - died)

    def _measured(self, seconds: float) -> None:
        self.figures.takeovers += 1
        self.figures.takeover_sum += seconds
        self.figures.takeover_worst = max(self.figures.takeover_worst, seconds)


@dataclass(slots=True)
class Record:
    """The sandbox's own record as it grows."""

    file: Path
    _read: int = 0

    def fresh(self) -> Iterator[tuple[str, str]]:
        """Verb and kind of every deed of ours since the last time."""
        with self.file.open("rb") as record:
            record.seek(self._read)
            for line in record:
                if not line.endswith(b"\n"):
                    return
                self._read += len(line)
                row = json.loads(line)
                if row["type"] == "effect" and is_ours(row) and row["kind"] != "prtg.log":
                    yield str(row["verb"]), str(row["kind"])

    def deed(self, seconds: float, *, only: tuple[str, ...] = ()) -> bool:
        """Wait so long for a new deed; True when one came. With `only`, one of these kinds."""
        list(self.fresh())
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if any(not only or kind in only for _, kind in self.fresh()):
                return True
            time.sleep(0.003)
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Woken:
    """A worker that woke up after another one had taken a piece over, by the monotonic clock."""

    pid: int
    held: Held
    stopped: float
    woke: float


@dataclass(frozen=True, slots=True)
class Late:
    """Calls that a woken worker made for such a piece, by its own list."""

    allowed: tuple[str, ...] = ()
    """It had asked whether it still held the piece, and stood still before the call left: no program can rule that
    out, and there is one at most."""
    wrong: tuple[str, ...] = ()


def after_waking(calls: Path, one: Woken) -> Late:
    """What was called once the worker had woken up. A step as a whole (batch -1) looks at what became of it, which
    whoever looks may do as well."""
    if not calls.exists():
        return Late()
    mine = [one.held.step, one.held.batch, one.held.owner, one.held.attempt]
    rows = [json.loads(line) for line in calls.read_bytes().splitlines() if line.endswith(b"}")]
    # A piece that was done meanwhile may come back, and the same worker take it anew: that is another holding of it.
    made = [row for row in rows if row["piece"] == mine and row["at"] > one.woke and row["since"] < one.stopped]
    made = [row for row in made if one.held.batch >= 0 or not READS.search(row["call"])]
    allowed = [row["call"] for row in made if row["asked"] < one.stopped]
    wrong = [row["call"] for row in made if row["asked"] >= one.stopped]
    return Late(tuple(allowed[:1]), tuple(allowed[1:] + wrong))
