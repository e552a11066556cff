"""The fence: a worker does nothing once the lease on its work may have run out."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from sendoff.model.errors import LeaseLost
from sendoff.model.state import State
from sendoff.ports import Limits, Ports, Work


@dataclass(slots=True)
class Fence:
    """A worker does not call once its own lease may have run out; it renews while it is still safe to. `now` is
    monotonic, in seconds: lease time is never civil time."""

    ports: Ports
    work: Work
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    held_until: float = 0.0

    @property
    def lease(self) -> float:
        """Seconds."""
        return self.ports.dispatch.lease

    def begin(self) -> None:
        """Renew before anything is done: who knows how long ago the work was taken. LeaseLost when it is lost."""
        if not self._renewed(self.now()):
            raise self._lost()

    def check(self) -> None:
        """Renew when half the lease is gone; LeaseLost when it is lost. The clock is asked again at the end: a worker
        may have stood still while it renewed."""
        now = self.now()
        if now > self.held_until or (self.held_until - now < self.lease / 2 and not self._renewed(now)):
            raise self._lost()
        if self.now() > self.held_until:
            raise self._lost()

    def beat(self) -> bool:
        """Keep the lease while one call takes long; False when it is lost."""
        return self._renewed(self.now())

    def wait(self, seconds: float) -> None:
        """Sleep, and keep the lease meanwhile."""
        left = seconds
        while left > 0:
            part = min(left, self.lease / 4)
            self.sleep(part)
            self.check()
            left -= part

    def called_off(self) -> bool:
        """True when somebody stopped the step, or halted the case or everything: the batch ends after the action it is
        at."""
        if self.ports.brake.on():
            return True
        case = self.ports.journal.load(self.work.case)
        return bool(case.halted) or case.steps[self.work.step].state is State.STOPPED

    def _renewed(self, now: float) -> bool:
        kept = self.ports.dispatch.renew(self.work)
        if kept:
            self.held_until = now + self.lease
        return kept

    def _lost(self) -> LeaseLost:
        return LeaseLost(f"{self.work.case} {self.work.step}: the lease is lost; another worker goes on")


_FENCE: ContextVar[Fence | None] = ContextVar("fence", default=None)


@contextmanager
def fenced_calls(fence: Fence) -> Iterator[None]:
    """Until the end, every call of this thread is made inside this fence."""
    before = _FENCE.set(fence)
    try:
        yield
    finally:
        _FENCE.reset(before)


@dataclass(frozen=True, slots=True)
class FencedLimits:
    """Answers the port Limits, which every call passes just before it is made: one deed takes several calls, and a
    worker that stood still between two of them makes no further one."""

    inner: Limits

    def take(self, bucket: str, *, rate: float, burst: int) -> None:
        """Wait until a call may be made in this bucket. LeaseLost when it may not be made any more."""
        self.inner.take(bucket, rate=rate, burst=burst)
        fence = _FENCE.get()
        if fence is not None:
            fence.check()

    def blocked(self, bucket: str, seconds: float) -> None:
        """The vendor said Retry-After: nobody calls in this bucket until then."""
        self.inner.blocked(bucket, seconds)
