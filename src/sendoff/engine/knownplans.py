"""Plans that were understood already, by the digest of their bytes: a worker asks for the same plan at every batch."""

import threading

from sendoff.model.digest import Digest
from sendoff.model.plan import Plan

PLANS = 32
ACTIONS = 200_000
"""So many plans are kept, or fewer when together they have more actions than this; the newest always is."""


class KnownPlans:
    """The plans last asked for. Safe for several threads."""

    def __init__(self, plans: int = PLANS, actions: int = ACTIONS) -> None:
        self._plans, self._actions = plans, actions
        self._known: dict[Digest, Plan] = {}
        self._lock = threading.Lock()

    def get(self, blob: Digest) -> Plan | None:
        """The plan whose stored bytes have this digest; None when it is not known, or not any more."""
        with self._lock:
            plan = self._known.pop(blob, None)
            if plan is not None:
                self._known[blob] = plan
            return plan

    def keep(self, blob: Digest, plan: Plan) -> None:
        """Keep one, and let go of those that nobody asked for longest."""
        with self._lock:
            self._known.pop(blob, None)
            self._known[blob] = plan
            while len(self._known) > 1 and self._too_many():
                del self._known[next(iter(self._known))]

    def _too_many(self) -> bool:
        return len(self._known) > self._plans or sum(len(one.actions) for one in self._known.values()) > self._actions
