"""Who is signed in: kept here and not in the cookie, so that it can be ended here."""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sendoff.model.people import PersonId

IDLE, LONGEST = 4 * 3600.0, 12 * 3600.0
"""Seconds after which nobody is signed in any more: without a page, and at all."""
MOST = 2000
"""Sessions at once; beyond it the one that was idle longest ends."""


@dataclass(slots=True)
class Session:
    """One browser of one person. `token` goes with every form; `said` is shown once, on the next page."""

    person: PersonId
    token: str
    begun: float
    seen: float
    said: list[str] = field(default_factory=list)


class Sessions:
    """Sessions by the digest of a random cookie. Safe for several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._known: dict[str, Session] = {}

    def begin(self, person: PersonId) -> str:
        """A new session; the cookie that names it."""
        cookie, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            self._known[_name(cookie)] = Session(person, secrets.token_urlsafe(32), now, now)
            while len(self._known) > MOST:
                del self._known[min(self._known, key=lambda name: self._known[name].seen)]
        return cookie

    def find(self, cookie: str) -> Session | None:
        """The session of a cookie, when it has not ended."""
        now = self._clock()
        with self._lock:
            found = self._known.get(_name(cookie))
            if found is None:
                return None
            if now - found.seen > IDLE or now - found.begun > LONGEST:
                del self._known[_name(cookie)]
                return None
            found.seen = now
            return found

    def end(self, cookie: str) -> None:
        """End the session of a cookie."""
        with self._lock:
            self._known.pop(_name(cookie), None)


def _name(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
