"""The fence: a worker does nothing once the lease on its work may have run out."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sendoff.model.errors import Refused
from sendoff.model.state import State
from sendoff.ports import Ports, Work


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
        """Renew before anything is done: who knows how long ago the work was taken. Refused when it is lost."""
        if not self._renewed(self.now()):
            raise self._lost()

    def check(self) -> None:
        """Renew when half the lease is gone; Refused when it is lost."""
        now = self.now()
        if now > self.held_until or (self.held_until - now < self.lease / 2 and not self._renewed(now)):
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

    def _lost(self) -> Refused:
        return Refused(f"{self.work.case} {self.work.step}: the lease is lost; another worker goes on")
