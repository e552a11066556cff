"""Token buckets shared by all workers: one row a bucket, taken in a short transaction of its own before the call."""

import math
import threading
import time
from collections.abc import Callable

from sqlalchemy import ColumnElement, Connection, Double, Engine, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sendoff.model.digest import digest_bytes
from sendoff.store.database import again_when_torn, is_server, lease_now, writing
from sendoff.store.schema import bucket

CHUNK = 25
"""Tokens taken at once and spent by this process. What it did not spend in time it gives back when it asks next; with a
process that dies they are lost, which only makes us slower, never faster."""
HELD = 0.5
"""Seconds that a token taken is good for: so soon everybody hears of a Retry-After that one of us was told."""
LATE = 1.0
"""Seconds after which a token taken has come to the vendor as a call, at the latest. A full bucket of ours holds less
by what comes in that time: the vendor counts a call when it arrives."""
LONGEST = 3600.0
"""Seconds of Retry-After that are kept; whoever calls afterwards is told again."""
AT_ONCE, SOON = 1.0, 10.0
"""Seconds: refusals so near each other are of calls that were under way together; and one so soon after another says
that half the rate was still too much."""
GROWS = 1.25
"""A rate that was learned grows by so much in ten seconds without a refusal, until it is the published one again."""

_SPENT = (
    update(bucket)
    .where(bucket.c.name == bindparam("of"))
    .values(tokens=bindparam("left"), at=bindparam("moment"), blocked_until=bindparam("blocked"))
)
_MADE = {server: (postgresql if server else sqlite).insert(bucket).on_conflict_do_nothing() for server in (True, False)}


class SqlLimits:
    """Answers the port Limits. A process takes a few tokens at a time, so that not every call costs a commit."""

    def __init__(
        self,
        engine: Engine,
        *,
        now: Callable[[], float] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._engine, self._sleep = engine, sleep
        self._clock = now or (None if is_server(engine) else time.monotonic)
        moment: ColumnElement[float] = bindparam("now", type_=Double()) if self._clock else lease_now(engine)
        row = select(bucket.c.tokens, bucket.c.at, bucket.c.blocked_until, moment.label("now"))
        self._asked = row.where(bucket.c.name == bindparam("of")).with_for_update()
        self._here = now or time.monotonic
        self._held: dict[str, tuple[int, float]] = {}
        self._learned = Learned(self._here)
        self._queues: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def take(self, name: str, *, rate: float, burst: int) -> None:
        """Wait until a call may be made in this bucket: one thread of ours asks the others' bucket, the rest behind it,
        or all would ask at every token."""
        with self._queue(name):
            while (wait := self._taken(name, rate, burst)) > 0:
                self._sleep(wait)

    def _queue(self, name: str) -> threading.Lock:
        with self._lock:
            return self._queues.setdefault(name, threading.Lock())

    def _taken(self, name: str, rate: float, burst: int) -> float:
        """Take one that this process holds, or that the bucket gives; else the seconds to wait."""
        held, until = self._held.pop(name, (0, 0.0))
        if held > 0 and self._here() < until:
            self._held[name] = (held - 1, until)
            return 0.0
        begun = self._here()
        wait, got = self._ask(name, self._learned.rate(name, rate), burst, held)
        if got:
            self._held[name] = (got - 1, begun + HELD)
        return wait

    @again_when_torn
    def blocked(self, name: str, seconds: float) -> None:
        """Nobody calls in this bucket for so many seconds; and then more slowly, for it is smaller than published, or
        others drink from it."""
        self._held.pop(name, None)
        self._learned.refused(name, seconds)
        with writing(self._engine) as connection:
            until = self._row(connection, name, 0)[3] + min(seconds, LONGEST)
            _write(connection, name, 0.0, until, until)

    @again_when_torn
    def _ask(self, name: str, rate: float, burst: int, unspent: int) -> tuple[float, int]:
        """Give back what was not spent. Seconds to wait, or tokens got."""
        with writing(self._engine) as connection:
            full = max(1.0, burst - rate * LATE)
            tokens, at, blocked_until, now = self._row(connection, name, full)
            if now < blocked_until <= now + LONGEST:
                return blocked_until - now, 0
            tokens = min(full, tokens + max(0.0, now - at) * rate + unspent)
            got = min(int(tokens), CHUNK, max(1, burst // 4))
            _write(connection, name, tokens - got, now, blocked_until)
        return (0.0, got) if got else ((1.0 - tokens) / rate, 0)

    def _row(self, connection: Connection, name: str, full: float) -> tuple[float, float, float, float]:
        """Tokens, when they were counted, until when nobody calls, and now; the row is locked."""
        told: dict[str, object] = {"of": _hidden(name)}
        told |= {"now": self._clock()} if self._clock else {}
        row = connection.execute(self._asked, told).first()
        if row is None:
            fresh = {"name": told["of"], "tokens": full, "at": 0.0, "blocked_until": 0.0}
            connection.execute(_MADE[is_server(connection)], fresh)
            row = connection.execute(self._asked, told).one()
        return row.tokens, row.at, row.blocked_until, row.now


def _write(connection: Connection, name: str, tokens: float, at: float, blocked: float) -> None:
    told = {"of": _hidden(name), "left": tokens, "moment": at, "blocked": blocked}
    connection.execute(_SPENT, told)


class Learned:
    """Rates below the published ones, as a vendor's refusals taught this process. `now` is in seconds, monotonic."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._asked: dict[str, float] = {}
        self._known: dict[str, tuple[float, float]] = {}

    def rate(self, name: str, published: float) -> float:
        """Calls a second in this bucket."""
        self._asked[name] = published
        known = self._known.get(name)
        if known is None:
            return published
        rate, at = known
        grown = rate * math.pow(GROWS, (self._now() - at) / SOON)
        if grown >= published:
            del self._known[name]
        return min(grown, published)

    def refused(self, name: str, seconds: float) -> None:
        """Half of it, or a quarter when it was only just halved; never less than one call in the time we were told to
        wait."""
        published = self._asked.get(name)
        if published is None:
            return
        now, (_, before) = self._now(), self._known.get(name, (published, -SOON))
        if now - before < AT_ONCE:
            return
        rate = self.rate(name, published) / (4 if now - before < SOON else 2)
        self._known[name] = (min(max(rate, 1 / max(seconds, 1.0)), published), now)


def _hidden(name: str) -> str:
    """A bucket's name names customers and tenants; the file shows only its digest."""
    return digest_bytes(name.encode())
