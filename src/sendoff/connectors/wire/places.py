"""The places at one vendor: how many calls of this process may be under way there, and who is next.

A semaphore lets whoever calls again at once overtake those who wait, so that of pieces of work that began together one
is left behind, and ends alone on a single place.
"""

import threading
from collections import deque
from collections.abc import Callable

STALE = 1.0
"""Seconds after which the leave to make a call is asked for anew: who waits may have lost its lease."""


class Places:
    """So many places, and a queue before them, in which nobody is overtaken."""

    def __init__(self, many: int) -> None:
        self._free = many
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def acquire(self, meanwhile: Callable[[], None], *, every: float = STALE) -> None:
        """Wait for a place. `meanwhile` is called after every so many seconds of it; when it raises, nobody waits here
        any more and no place is held."""
        with self._lock:
            if self._free:
                self._free -= 1
                return
            mine = threading.Event()
            self._waiting.append(mine)
        try:
            while not mine.wait(every):
                meanwhile()
        except BaseException:
            self._leave(mine)
            raise

    def _leave(self, mine: threading.Event) -> None:
        with self._lock:
            if not mine.is_set():
                self._waiting.remove(mine)
                return
        self.release()

    def release(self) -> None:
        """Leave the place to the first who waits."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1
