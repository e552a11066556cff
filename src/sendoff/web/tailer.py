"""The tailer: the one thread that asks the database what moved, for every viewer and for the shelf."""

import threading
from collections.abc import Callable, Mapping

from sendoff.model.errors import StoreDown
from sendoff.web.pages import Pages

Say = Callable[[str], None]
AWAY = 2.0
"""Seconds before the database is asked again when it did not answer."""

REST = 0.3
"""Seconds between two drawings of what moves: a worker may write ten events in that time, and people see the last."""


class Tailer:
    """Until `stopping`: wait until something was written, ask for the heads of all cases, and tell what moved."""

    def __init__(self, pages: Pages, say: Say) -> None:
        self._pages, self._say = pages, say
        self._known: Mapping[str, int] = {}
        self._thread = threading.Thread(target=self._run, name="tailer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self) -> None:
        """Wait for its end."""
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        changes, stopping = self._pages.house.changes(), self._pages.stopping
        try:
            while not stopping.is_set():
                try:
                    self.once()
                    stopping.wait(REST)
                    while not changes.wait(stopping) and not stopping.is_set():
                        pass
                except StoreDown as down:
                    self._say(f"{down}; it is asked again in {AWAY:.0f} s")
                    stopping.wait(AWAY)
            self._pages.shelf.keep()
        except StoreDown as down:
            self._say(f"the cards are not kept, and the next start folds them: {down}")
        finally:
            changes.close()

    def once(self) -> None:
        """One question, whatever number of viewers: which cases moved since the last one?"""
        heads = self._pages.desk.heads()
        moved = [case for case, seq in heads.items() if self._known.get(case) != seq]
        watched = self._pages.live.watched()
        self._pages.live.tell([case for case in moved if case in watched], self._say)
        self._known = heads
        self._pages.shelf.fresh(self._pages.stopping)
