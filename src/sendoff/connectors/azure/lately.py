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


class Lately(Generic[T]):
    """An answer by the tray of whoever asked. Another look or batch, or a later moment, asks the vendor anew; who asks
    at the same time waits for the one answer. A failure is nobody's answer."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._known: WeakKeyDictionary[Sink, tuple[float, T]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def get(self, asker: Sink, read: Callable[[], T]) -> T:
        """The answer of a moment ago, or `read()`."""
        with self._lock:
            at, found = self._known.get(asker, (0.0, None))
            if found is not None and self._now() - at < MOMENT:
                return found
            begun = self._now()
            fresh = read()
            self._known[asker] = (begun, fresh)
            return fresh
