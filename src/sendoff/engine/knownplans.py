"""Plans that were understood already, by the digest of their bytes: a worker asks for the same plan at every batch."""

import threading
import time
from collections.abc import Callable

from sendoff.model.digest import Digest
from sendoff.model.plan import Plan

PLANS = 32
ACTIONS = 200_000
"""So many plans are kept, or fewer when together they have more actions than this; the newest always is."""
MANY, LATELY = 5_000, 60.0
"""A plan of more actions than this is not hashed again within so many seconds: it is asked for twice a batch, and to
hash a hundred thousand actions takes as long as a batch does. What is done is the plan that is held here."""


class KnownPlans:
    """The plans last asked for. Safe for several threads."""

    def __init__(self, plans: int = PLANS, actions: int = ACTIONS, now: Callable[[], float] = time.monotonic) -> None:
        self._plans, self._actions, self._now = plans, actions, now
        self._known: dict[Digest, Plan] = {}
        self._hashed: dict[Digest, float] = {}
        self._lock = threading.Lock()

    def get(self, blob: Digest) -> Plan | None:
        """The plan whose stored bytes have this digest; None when it is not known, or not any more."""
        with self._lock:
            plan = self._known.pop(blob, None)
            if plan is not None:
                self._known[blob] = plan
            return plan

    def lately(self, blob: Digest) -> bool:
        """Whether the stored bytes of a plan of many actions were hashed a short while ago."""
        with self._lock:
            plan = self._known.get(blob)
            many = plan is not None and len(plan.actions) > MANY
            return many and self._now() - self._hashed[blob] < LATELY

    def keep(self, blob: Digest, plan: Plan) -> None:
        """Keep one whose bytes were hashed just now, and let go of those that nobody asked for longest."""
        with self._lock:
            self._known.pop(blob, None)
            self._known[blob], self._hashed[blob] = plan, self._now()
            while len(self._known) > 1 and self._too_many():
                oldest = next(iter(self._known))
                del self._known[oldest], self._hashed[oldest]

    def _too_many(self) -> bool:
        return len(self._known) > self._plans or sum(len(one.actions) for one in self._known.values()) > self._actions
