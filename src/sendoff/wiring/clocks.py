"""Civil time and chance: the answers to the ports Clock and Ids."""

import secrets
import threading
import time
from datetime import UTC, datetime

from sendoff.wiring.control import Control


class SystemClock:
    """The machine's own time. Nothing can move it."""

    def now(self) -> datetime:
        """The moment in UTC."""
        return datetime.now(UTC).replace(microsecond=0)


HEARD = 0.5
"""Seconds after which the sandbox is asked for its time again: another program may have moved it."""


class SandboxClock:
    """The sandbox's time, which its control port can move forwards."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._lock = threading.Lock()
        self._now: datetime | None = None
        self._heard = 0.0

    def now(self) -> datetime:
        """The moment in UTC, as last heard; it stands still until it is moved."""
        with self._lock:
            if self._now is None or time.monotonic() > self._heard + HEARD:
                self._now, self._heard = self._control.now(), time.monotonic()
            return self._now

    def move(self, to: datetime) -> None:
        """Move civil time forwards."""
        with self._lock:
            self._now, self._heard = self._control.move(to), time.monotonic()


class RandomIds:
    """Chance from the operating system."""

    def case(self) -> str:
        """A case number: the letter L and eight digits or letters that are not mistaken for each other."""
        return "L" + "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(8))

    def salt(self) -> str:
        """32 random bytes in hex."""
        return secrets.token_hex(32)

    def worker(self) -> str:
        """A name for this worker and this life of it."""
        return "worker-" + secrets.token_hex(6)
