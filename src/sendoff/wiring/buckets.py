"""Token buckets in memory: the answer to the port Limits where nothing may be written to a disk."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float
    blocked_until: float = 0.0


class MemoryLimits:
    """Buckets of this process alone."""

    def __init__(
        self, *, now: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._now, self._sleep = now, sleep
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def take(self, bucket: str, *, rate: float, burst: int) -> None:
        """Wait until a call may be made in this bucket."""
        while wait := self._wait(bucket, rate, burst):
            self._sleep(wait)

    def blocked(self, bucket: str, seconds: float) -> None:
        """Nobody calls in this bucket for so many seconds."""
        with self._lock:
            now = self._now()
            self._buckets[bucket] = _Bucket(tokens=0.0, at=now + seconds, blocked_until=now + seconds)

    def _wait(self, name: str, rate: float, burst: int) -> float:
        """0 when a token was taken, else the seconds until there may be one."""
        with self._lock:
            now = self._now()
            one = self._buckets.setdefault(name, _Bucket(tokens=float(burst), at=now))
            if now < one.blocked_until:
                return one.blocked_until - now
            one.tokens = min(float(burst), one.tokens + max(0.0, now - one.at) * rate)
            one.at = now
            if one.tokens >= 1:
                one.tokens -= 1
                return 0.0
            return (1 - one.tokens) / rate
