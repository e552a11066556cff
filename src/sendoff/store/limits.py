"""Token buckets shared by all workers: one row a bucket, taken in a short transaction of its own before the call."""

import threading
import time
from collections.abc import Callable

from sqlalchemy import Connection, Engine, insert, select, update

from sendoff.model.digest import digest_bytes
from sendoff.store.database import writing
from sendoff.store.schema import bucket

CHUNK = 25
"""Tokens taken at once and spent by this process; unspent ones are lost, which only makes us slower, never faster."""


class SqlLimits:
    """Answers the port Limits. A process takes a few tokens at a time, so that not every call costs a commit."""

    def __init__(
        self, engine: Engine, *, now: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._engine, self._now, self._sleep = engine, now, sleep
        self._held: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def take(self, name: str, *, rate: float, burst: int) -> None:
        """Wait until a call may be made in this bucket."""
        while True:
            with self._lock:
                held, until = self._held.get(name, (0, 0.0))
                if held > 0 and self._now() < until:
                    self._held[name] = (held - 1, until)
                    return
                wait, got = self._ask(name, rate, burst)
                if got:
                    # A held token is good for as long as the bucket needs to make it again, and no longer.
                    self._held[name] = (got - 1, self._now() + min(5.0, got / rate))
                    return
            self._sleep(wait)

    def blocked(self, name: str, seconds: float) -> None:
        """Nobody calls in this bucket for so many seconds."""
        self._held.pop(name, None)
        with writing(self._engine) as connection:
            self._row(connection, name, 0)
            until = self._now() + seconds
            connection.execute(
                update(bucket).where(bucket.c.name == _hidden(name)).values(blocked_until=until, tokens=0.0)
            )

    def _ask(self, name: str, rate: float, burst: int) -> tuple[float, int]:
        """Seconds to wait, or tokens got."""
        with writing(self._engine) as connection:
            tokens, at, blocked_until = self._row(connection, name, burst)
            now = self._now()
            if now < blocked_until:
                return blocked_until - now, 0
            tokens = min(float(burst), tokens + max(0.0, now - at) * rate)
            got = min(int(tokens), CHUNK, max(1, burst // 4))
            connection.execute(update(bucket).where(bucket.c.name == _hidden(name)).values(tokens=tokens - got, at=now))
        return (0.0, got) if got else ((1.0 - tokens) / rate, 0)

    def _row(self, connection: Connection, name: str, burst: int) -> tuple[float, float, float]:
        row = connection.execute(select(bucket).where(bucket.c.name == _hidden(name))).first()
        if row is None:
            now = self._now()
            connection.execute(
                insert(bucket).values(name=_hidden(name), tokens=float(burst), at=now, blocked_until=0.0)
            )
            return float(burst), now, 0.0
        return row.tokens, row.at, row.blocked_until


def _hidden(name: str) -> str:
    """A bucket's name names customers and tenants; the file shows only its digest."""
    return digest_bytes(name.encode())
