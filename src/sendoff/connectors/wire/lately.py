"""What one look, or the batches of one step, read a moment ago and need not read again for every object."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

MOMENT = 2.0
"""Seconds for which an answer holds, for whoever asked and nobody else. After half of them one caller asks anew; the
others go on with what is known."""
T = TypeVar("T")


class _Answer(Generic[T]):
    """What one asker was told, and when it was asked for."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.known: tuple[T, float] | None = None

    def of(self, at: float, seconds: float = MOMENT) -> tuple[T, float] | None:
        """The answer, when it was asked for less than so many seconds before that time."""
        known = self.known
        return known if known is not None and at - known[1] < seconds else None


class Lately(Generic[T]):
    """An answer by whoever asked, such as the tray of a look. Another one, or a later moment, asks the vendor anew; who
    asks for the same one at the same time waits for the answer. A failure is nobody's answer."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._known: WeakKeyDictionary[object, dict[str, _Answer[T]]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def get(self, asker: object, read: Callable[[], T], about: str = "") -> T:
        """The answer of a moment ago, or `read()`; `about` names one of several things that are asked for."""
        with self._lock:
            answer = self._known.setdefault(asker, {}).setdefault(about, _Answer())
        good = answer.of(begun := self._now())
        if good is not None and (begun - good[1] < MOMENT / 2 or not answer.lock.acquire(blocking=False)):
            return good[0]
        if good is None:
            answer.lock.acquire()
        try:
            if (known := answer.of(begun := self._now(), MOMENT / 2)) is None:
                answer.known = known = (read(), begun)
            return known[0]
        finally:
            answer.lock.release()
