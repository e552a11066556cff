"""What was made last under a name, for as long as what it was made from stands."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
KEPT = 64
"""Things that are kept; what stands otherwise now is made anew."""


class Kept(Generic[T]):
    """What was drawn last, for as long as it holds. Safe for several threads."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._known: dict[str, tuple[object, T]] = {}
        self._lock = threading.Lock()

    def or_made(self, name: str, stand: object, made: Callable[[], T]) -> T:
        """The drawing of that name when it was made at this stand, else a new one."""
        with self._lock:
            found = self._known.pop(name, None)
            if found is not None and found[0] == stand:
                self._known[name] = found
                return found[1]
        drawn = made()
        with self._lock:
            self._known[name] = (stand, drawn)
            while len(self._known) > self._most:
                del self._known[next(iter(self._known))]
        return drawn
