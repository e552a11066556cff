"""A circuit per vendor: whoever gave no usable answer several times in a row is left alone for a while.

An open circuit refuses calls at once: nothing is sent, and nothing is known, so it never reads as gone or empty. After
the pause one call goes through as a probe; a usable answer closes the circuit. Of this process alone, in memory.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

import httpx2

from sendoff.connectors.wire.places import Places

OPEN = "CircuitOpen"
"""The code of a call that was refused here, and never sent."""
ROW = 5
"""Answers in a row. One read is tried three times, so that five are more than one call's bad luck."""
PAUSE = 30.0
"""Seconds: as long as a worker puts off a piece that failed, whose next try is then the probe."""

AT_ONCE = 8
"""Calls of this process that may be under way at one vendor: more hands than that only wait for deeds to end there."""


class Circuit:
    """The circuit of one vendor, by host and port. `now` is monotonic, in seconds; `today` is for messages only."""

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.monotonic,
        today: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._now, self._today = now, today
        self.places = Places(AT_ONCE)
        self._row, self._until = 0, 0.0
        self._lock = threading.Lock()

    def shut(self) -> bool:
        """True while no call may be made, not even a probe."""
        with self._lock:
            return self._row >= ROW and self._now() < self._until

    def begins(self) -> bool:
        """True when this call may be made. Of all that ask after a pause one is let through: the others wait for what
        it brings, and should it never come back, for the next pause to end."""
        with self._lock:
            if self._row < ROW:
                return True
            now = self._now()
            if now < self._until:
                return False
            self._until = now + PAUSE
            return True

    def ended(self, *, usable: bool) -> None:
        """A call came to its end. An answer that says no, or not so fast, is usable: somebody is there."""
        with self._lock:
            self._row = 0 if usable else self._row + 1
            if self._row >= ROW:
                self._until = self._now() + PAUSE

    def until(self) -> datetime:
        """When the next probe is let through."""
        with self._lock:
            return self._today() + timedelta(seconds=max(0.0, self._until - self._now()))


class Circuits:
    """The circuits of one process, made when they are first asked for."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._made: dict[str, Circuit] = {}
        self._lock = threading.Lock()

    def of(self, vendor: str) -> Circuit:
        """The circuit of a vendor, the same for every key, customer and thread."""
        with self._lock:
            return self._made.setdefault(vendor, Circuit(now=self._now))


class Guarded:
    """HTTP clients that share circuits."""

    def __init__(self, clients: Callable[[], httpx2.Client], circuits: Circuits) -> None:
        self._clients, self.circuits = clients, circuits

    def __call__(self) -> httpx2.Client:
        """The client of this thread."""
        return self._clients()


def circuit_of(clients: Callable[[], httpx2.Client], base: str) -> Circuit:
    """The circuit of the vendor at an address; with clients that share none, one of its own, which nothing opens."""
    return clients.circuits.of(_vendor(base)) if isinstance(clients, Guarded) else Circuit()


@cache
def _vendor(base: str) -> str:
    """Host and port; the few addresses of a house are read once."""
    return httpx2.URL(base).netloc.decode()
