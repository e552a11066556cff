"""Whether anything was written since somebody last asked: for screens that show what moves."""

from threading import Event

from sqlalchemy import Connection, Engine

from sendoff.store.database import is_server

BRISK, CALM = 0.25, 1.0
"""Seconds between two questions: while something happens, and else."""
LIVELY = 20
"""Questions for which it stays brisk after something happened."""


class Changes:
    """One watcher's own count. SQLite keeps count of writes by others; a server is asked every second."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._watch: Connection | None = None
        self._version, self._lively = -1, 0

    def wait(self, stopping: Event) -> bool:
        """Wait a little; True when something may have been written meanwhile."""
        stopping.wait(BRISK if self._lively else CALM)
        self._lively = max(0, self._lively - 1)
        if is_server(self._engine):
            return True
        if self._watch is None:
            self._watch = self._engine.connect()
        found = int(self._watch.exec_driver_sql("PRAGMA data_version").scalar() or 0)
        moved, self._version = found != self._version, found
        if moved:
            self._lively = LIVELY
        return moved

    def close(self) -> None:
        """Hang up."""
        if self._watch is not None:
            self._watch.close()
