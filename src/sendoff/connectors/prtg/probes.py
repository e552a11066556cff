"""Probes: denied before they are deleted, and known again by their own id when they come back.

A probe is a service on a host of the customer's. When only its node is deleted, the service connects anew and shows as
another object with another number; its own id (GID) stays.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sendoff.connectors.prtg.client import LOG_COLUMNS, SYSTEM, Core, Row
from sendoff.model.errors import Denied
from sendoff.model.facts import Facts

NEWS = ("612", "701", "710")
"""Log codes: connected, approved, new probe."""
GONE = "502"
"""Log code: deleted."""
KNOCKED = ("4", "5", "14")
"""Log codes: its address, GID or key was denied. Its service called and was not let in: it still runs."""
LOGGED = "log"
"""The type of a row that only the log tells of."""
CALLS = timedelta(days=1)
"""How recent a denied call must be to say that a service runs: one that is on calls far more often [3]."""
DENIED = frozenset({"0", "no", "false"})
"""[3] What the property `authorized` shows for a denied probe."""
_OLDEST = 0.0
_ZERO = datetime(1899, 12, 30, tzinfo=UTC)
Now = Callable[[], datetime]


class Probes:
    """The probes of our core that carry this customer's GID."""

    def __init__(self, core: Core, facts: Facts, now: Now | None = None) -> None:
        self._core, self._known, self._gid = core, facts.places.prtg_probe, _spelled(facts.places.prtg_probe_gid)
        self._now = now

    def carries(self, ident: str) -> bool:
        """True when this probe's own id is the customer's. [M] that the property is called gid."""
        return bool(self._gid) and _spelled(self._core.property(ident, "gid")) == self._gid

    def came_back(self) -> list[Row]:
        """Every probe with the customer's GID under another number than the one on file, and those that only the log
        still tells of: connected and not deleted since, or calling in vain."""
        if not self._known:
            return []
        if not self._gid:
            return self._unknowable()
        there = self._core.table("probes")
        back = [row for row in there if row["objid"] != self._known and self.carries(row["objid"])]
        standing = {row["objid"] for row in there}
        return [*back, *(self._told(standing))]

    def told(self, ident: str) -> Row | None:
        """What only the log tells of, by its number; None when it tells nothing of it any more."""
        back = self.came_back() if self._known and self._gid else []
        return next((one for one in back if one["objid"] == ident and one["type"] == LOGGED), None)

    def _unknowable(self) -> list[Row]:
        """Without its own id nobody can tell whether a probe came back: nothing yet, while the one on file is there."""
        if self._core.one("probes", self._known) is None:
            why = "whether the probe came back: its own id (places.prtg_probe_gid) is not in the facts"
            raise Denied(why, system=SYSTEM, code="NoGid")
        return []

    def deny(self, ident: str) -> bool:
        """Deny the probe's GID, and read whether the core now says so."""
        self._core.probe_state(ident, "deny")
        return self._core.property(ident, "authorized").strip().lower() in DENIED

    def _told(self, standing: set[str]) -> list[Row]:
        query = tuple(("filter_status", code) for code in (*NEWS, GONE, *KNOCKED))
        logs = self._core.table("messages", query, columns=LOG_COLUMNS)
        ended = {one["objid"]: _when(one) for one in sorted(logs, key=_when) if one["status"] == GONE}
        found: dict[str, Row] = {}
        for one in logs:
            ident = one["objid"]
            ours = ident == self._known or self._gid in one["message"].lower()
            later = _when(one) > ended.get(ident, -1.0)
            # the probe on file connected long before it was removed: only a row after its own removal counts
            removed = ident != self._known or ident in ended
            if one["status"] in NEWS and ours and later and removed and ident.isdecimal() and ident not in standing:
                found[ident] = one
        knocks = [] if found or self._known in standing else self._knocking(logs, ended.get(self._known, -1.0))
        return [*(_row(one) for one in found.values()), *knocks]

    def _knocking(self, logs: list[Row], removed: float) -> list[Row]:
        """The last call in vain of a service whose node is gone, when it is not long ago. A call is no object of the
        core, so its moment is its number."""
        since = max(removed, (self._now() - CALLS - _ZERO) / timedelta(days=1)) if self._now else removed
        calls = [one for one in logs if one["status"] in KNOCKED and self._gid in one["message"].lower()]
        late = sorted((one for one in calls if _when(one) > since), key=_when)
        return [_row({**one, "objid": str(int(_when(one) * 86_400))}) for one in late[-1:]]


def _row(log: Row) -> Row:
    """A line of the log in the shape of a row of the probes."""
    told = {"objid": log["objid"], "name": log["name"] or f"probe {log['objid']}", "type": LOGGED}
    empty = (
        "tags",
        "active",
        "parentid",
        "host",
        "interval",
        "priority",
        "status",
        "comments",
        "basetype",
        "totalsens",
    )
    return {**told, **dict.fromkeys(empty, "")}


def _when(row: Row) -> float:
    """The moment as the core counts it: days since 1899-12-30 in UTC."""
    try:
        return float(row["datetime"].replace(",", "."))
    except ValueError:
        return _OLDEST


def _spelled(gid: str) -> str:
    return gid.strip().strip("{}").lower()
