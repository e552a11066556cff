"""SERVE: move every case while the program runs. Threads that take pieces, and one that looks for new ones."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sendoff.engine.worker import Say, unpoisoned
from sendoff.model.errors import StoreDown
from sendoff.ports import Piece, Ports

SWEEP = 30.0
"""Seconds between two sweeps."""
AWAY = 2.0
"""Seconds before the database is asked again, when it did not answer."""
LOOK = 1.0
"""Seconds after which dates that have come are looked for, when nothing else happened."""


@contextmanager
def answering(say: Say, stopping: threading.Event) -> Iterator[None]:
    """While the database does not answer: say so, wait a little, go on."""
    try:
        yield
    except StoreDown as down:
        say(f"{down}; it is asked again in {AWAY:.0f} s")
        stopping.wait(AWAY)


@dataclass(slots=True)
class Shift:
    """Threads at work on every case, until `stopping`."""

    ports: Ports
    say: Say
    threads: int
    stopping: threading.Event = field(default_factory=threading.Event)
    _rung: threading.Condition = field(default_factory=threading.Condition)
    _rings: int = 0
    _halt: str = ""

    def run(self) -> None:
        """Until `stopping` is set; every thread ends the move it is at."""
        crew = [threading.Thread(target=self._work, name=f"work-{number}") for number in range(self.threads)]
        for thread in crew:
            thread.start()
        try:
            self._watch()
        finally:
            self.stopping.set()
            self._ring()
            for thread in crew:
                thread.join()

    def advance(self, piece: Piece) -> None:
        """Move one piece that somebody told us of, when it can be taken: it may be another's, or over, by now. While
        everything is halted nothing is taken; a sweep tells of it again."""
        if self.halted():
            return
        with answering(self.say, self.stopping):
            work = self.ports.dispatch.take(self.ports.ids.worker(), piece=piece)
            if work is not None:
                unpoisoned(self.ports, work, self.say)

    def _watch(self) -> None:
        next_sweep = time.monotonic()
        while not self.stopping.is_set():
            if self.halted():
                self.stopping.wait(LOOK)
                continue
            with answering(self.say, self.stopping):
                if time.monotonic() >= next_sweep:
                    self.ports.dispatch.sweep()
                    next_sweep = time.monotonic() + SWEEP
                if self.ports.dispatch.wait(LOOK, self.stopping):
                    self._ring()

    def halted(self) -> bool:
        """True while everything is halted; said when it begins and when it ends."""
        why, before = self.ports.brake.on(), self._halt
        self._halt = why
        if why != before:
            self.say(f"everything is halted: {why}" if why else "everything goes on: it is halted no more")
        return bool(why)

    def _ring(self) -> None:
        with self._rung:
            self._rings += 1
            self._rung.notify_all()

    def _work(self) -> None:
        owner = self.ports.ids.worker()
        while not self.stopping.is_set():
            rings = self._rings
            if self.ports.brake.on() or not self._one(owner):
                self._sleep(rings)

    def _one(self, owner: str) -> bool:
        """True when there was a piece, so that there may be another."""
        with answering(self.say, self.stopping):
            work = self.ports.dispatch.take(owner)
            if work is not None:
                unpoisoned(self.ports, work, self.say)
                return True
        return False

    def _sleep(self, rings: int) -> None:
        """Until the watch rings; it rings when there is a piece to take."""
        with self._rung:
            while self._rings == rings and not self.stopping.is_set():
                self._rung.wait()
