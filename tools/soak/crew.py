"""Two workers, and those who trouble them: one kills, one pauses. What they hit is counted."""

import random
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sendoff.model.errors import StoreDown
from tools.soak.cradle import Cradle, Wanted
from tools.soak.eyes import READS, Held, Piece, Record, Rows, Woken, after_waking
from tools.soak.figures import Figures

WORKERS = 2
JUMPING = 0.15
"""Share of the workers whose wall clock jumps."""
BOTH, IDLE, AIMED = 0.1, 0.4, 0.6
"""Shares: of kills that meet both workers, of idle moments at which an idle one is killed, of kills that wait for a
deed."""
GAP = (0.1, 0.35)
"""Seconds between two kills, at least; a piece of work that is never left alone would never end."""
PATIENCE = 0.8
"""Seconds to wait for somebody who holds a piece, before an idle one may be killed."""
TRIES, MERCY = 10, 8.0
"""A batch that was begun so often is left alone for so many seconds."""
PAUSE = (1.2, 3.0)
"""Seconds, all longer than a lease."""
LONG_PAUSE = 6.0
"""Seconds after which a pause ends although nobody took the piece over."""


@dataclass(slots=True, kw_only=True)
class Crew:
    """Workers of one leaving. A worker that ends is replaced, as a service manager would."""

    cradle: Cradle
    settings: Path
    folder: Path
    chance: random.Random
    figures: Figures
    forgets: bool = False
    pids: list[int] = field(default_factory=list)
    paused: set[int] = field(default_factory=set)
    mercy: float = 0.0
    """Until then nobody is troubled."""
    _tried: dict[Piece, int] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def begin(self) -> None:
        """All of them."""
        with self.lock:
            self.pids = [self._started() for _ in range(WORKERS)]

    def _started(self) -> int:
        jumps = self.chance.random() < JUMPING
        self.figures.jumping += jumps
        said = self.folder / "said"
        return self.cradle.start(
            Wanted(settings=self.settings, said=said, calls=self.folder, jumps=jumps, forgets=self.forgets)
        )

    def calls_of(self, pid: int) -> Path:
        """The list of calls of a process."""
        return self.folder / f"calls-{pid}"

    def mend(self) -> None:
        """Whoever ended by itself is replaced."""
        with self.lock:
            for place, pid in enumerate(self.pids):
                if not self.cradle.alive(pid):
                    self.figures.ended_alone += 1
                    self.pids[place] = self._started()

    def spared(self, rows: Rows) -> bool:
        """True for a while when a batch was begun again and again: one that takes longer than any worker lives would
        never end, on any engine."""
        with suppress(StoreDown):
            for one in rows.all():
                if one.batch >= 0 and one.attempt >= self._tried.get(one.piece, 0) + TRIES:
                    self._tried[one.piece] = one.attempt
                    self.mercy = time.monotonic() + MERCY
        return time.monotonic() < self.mercy

    def kill(self, pid: int, rows: Rows) -> list[Held] | None:
        """kill -9 and a new worker; what it held. None when it met nobody."""
        with self.lock:
            if pid not in self.pids or not self.cradle.kill(pid):
                return None
            held = rows.of(pid)
            rows.died(held)
            self.pids[self.pids.index(pid)] = self._started()
        self.figures.kills += 1
        self.figures.kills_holding += bool(held)
        return held

    def end(self) -> None:
        """Told to stop, each ends the move it is at."""
        with self.lock:
            for pid in self.pids:
                self.cradle.go_on(pid)
                self.cradle.end(pid)
            self.pids = []


@dataclass(slots=True, kw_only=True)
class Killer:
    """kill -9, at once after a deed or at any moment."""

    crew: Crew
    rows: Rows
    record: Record
    only: tuple[str, ...] = ()
    """Kinds of deeds that are waited for; any when empty."""
    most: int = 1_000_000

    def run(self, over: threading.Event) -> None:
        """Until it is over."""
        chance, done = self.crew.chance, 0
        while not over.wait(chance.uniform(*GAP)):
            self.crew.mend()
            if done >= self.most or self.crew.spared(self.rows):
                continue
            holders = self._holders(PATIENCE)
            if not holders:
                if chance.random() < IDLE and not self.only:
                    done += self.crew.kill(chance.choice(self.crew.pids), self.rows) is not None
                continue
            aimed = bool(self.only) or chance.random() < AIMED
            if aimed:
                came = self.record.deed(1.5 if self.only else 0.6, only=self.only)
            else:
                time.sleep(chance.uniform(0.0, 0.5))
                came = False
            if over.is_set() or (self.only and not came):
                continue
            done += self._strike(came)

    def _strike(self, came: bool) -> int:
        chance, holders = self.crew.chance, self._holders(0.0)
        one = [chance.choice(holders or self.crew.pids)]
        targets = list(self.crew.pids) if self.only or chance.random() < BOTH else one
        hit = [held for pid in targets if (held := self.crew.kill(pid, self.rows)) is not None]
        self.crew.figures.kills_after_deed += came and any(hit)
        return len(hit)

    def _holders(self, seconds: float) -> list[int]:
        """Workers that hold something and do not stand still; waits so long for one."""
        end = time.monotonic() + seconds
        while True:
            try:
                found = {one.pid for one in self.rows.all()} & set(self.crew.pids) - self.crew.paused
            except StoreDown:
                found = set()
            if found or time.monotonic() >= end:
                return sorted(found)
            time.sleep(0.03)


@dataclass(slots=True, kw_only=True)
class Pauser:
    """SIGSTOP for longer than a lease, and SIGCONT: often another worker has the piece by then."""

    crew: Crew
    rows: Rows
    record: Record
    every: float
    """Seconds between two pauses, about."""
    most: int = 1_000_000
    watched: list[Woken] = field(default_factory=list)

    def run(self, over: threading.Event) -> None:
        """Until it is over."""
        chance = self.crew.chance
        while not over.wait(chance.uniform(0.3, 1.7) * self.every):
            if self.crew.figures.pauses >= self.most or self.crew.spared(self.rows):
                continue
            if chance.random() < AIMED:
                self.record.deed(0.6)
            try:
                holders = [one.pid for one in self.rows.all() if one.pid in self.crew.pids]
            except StoreDown:
                continue
            if holders:
                self._pause(chance.choice(holders))

    def _pause(self, pid: int) -> None:
        chance = self.crew.chance
        if not self.crew.cradle.stop(pid):
            return
        self.crew.paused.add(pid)
        held = self.rows.of(pid)
        self.crew.figures.pauses += 1
        self.crew.figures.pauses_holding += bool(held)
        begun, until_taken = time.monotonic(), chance.random() < 0.5
        end = begun + chance.uniform(*PAUSE)
        longest = begun + LONG_PAUSE if until_taken else end
        lost: list[Held] = []
        while time.monotonic() < longest and not (until_taken and lost and time.monotonic() > end):
            time.sleep(0.05)
            lost = self._taken(held)
        woke = time.monotonic()
        if self.crew.cradle.go_on(pid):
            self.watched += [Woken(pid=pid, held=one, stopped=begun, woke=woke) for one in lost]
            self.crew.figures.taken_over += len(lost)
        self.crew.paused.discard(pid)

    def _taken(self, held: list[Held]) -> list[Held]:
        try:
            now = {one.piece: one for one in self.rows.all()}
        except StoreDown:
            return []
        return [one for one in held if one.piece not in now or now[one.piece].attempt > one.attempt]

    def zombies(self) -> list[str]:
        """Calls that a woken worker made for what was another's by then, without having asked; those that it had been
        allowed before are counted."""
        told = []
        for one in self.watched:
            late = after_waking(self.crew.calls_of(one.pid), one)
            self.crew.figures.late_calls += len(late.allowed)
            self.crew.figures.late_changes += sum(not READS.search(call) for call in late.allowed)
            where = f"{one.held.step}/{one.held.batch}"
            told += [f"process {one.pid} called {call} for {where} after it had lost it" for call in late.wrong]
        return told
