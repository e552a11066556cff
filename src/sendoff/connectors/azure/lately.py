"""What one look or one batch read a moment ago and need not read again for every object."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sendoff.ports import Sink

MOMENT = 2.0
"""Seconds for which an answer holds, and only within the look or batch that asked."""
T = TypeVar("T")


class _Answer(Generic[T]):
    """What one asker was told, and when it was asked for."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.at = 0.0
        self.found: T | None = None


class Lately(Generic[T]):
    """An answer by the tray of whoever asked. Another look or batch, or a later moment, asks the vendor anew; who asks
    for the same one at the same time waits for the answer. A failure is nobody's answer."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._known: WeakKeyDictionary[Sink, _Answer[T]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def get(self, asker: Sink, read: Callable[[], T]) -> T:
        """The answer of a moment ago, or `read()`."""
        with self._lock:
            known = self._known.setdefault(asker, _Answer())
        with known.lock:
            begun = self._now()
            if known.found is None or begun - known.at >= MOMENT:
                known.found, known.at = read(), begun
            return known.found
