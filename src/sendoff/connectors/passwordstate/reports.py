"""What only reports of the vault tell: documents, and records that lie in lists of others too; believed a minute."""

import threading
import time
from collections.abc import Callable, Mapping

from sendoff.connectors.passwordstate.client import LIST_PAPERS, RECORD_PAPERS, Papers, Vault
from sendoff.model.inventory import Kind

FRESH = 60.0
"""Seconds for which a report is believed."""
_REPORTS = {Kind.SECRET: (RECORD_PAPERS, "PasswordID"), Kind.SECRET_LIST: (LIST_PAPERS, "PasswordListID")}
Shared = Mapping[str, frozenset[str]]


class Reports:
    """The reports, each asked for once a minute however many records are read. Safe for several readers."""

    def __init__(self) -> None:
        self._papers: dict[Kind, tuple[float, Papers | None]] = {}
        self._shared: tuple[float, Shared | None] = (float("-inf"), None)
        self._lock = threading.Lock()

    def papers(self, kind: Kind, vault: Vault | None) -> Papers | None:
        """Documents by the record or list that they hang on; None when no key of ours may ask, or it does not say."""
        if vault is None:
            return None
        with self._lock:
            at, found = self._papers.get(kind, (float("-inf"), None))
            if time.monotonic() - at > FRESH:
                found = vault.papers(*_REPORTS[kind])
                self._papers[kind] = (time.monotonic(), found)
            return found

    def elsewhere(
        self, ident: str, vault: Vault | None, theirs: Callable[[frozenset[str]], frozenset[str]]
    ) -> str | None:
        """Which lists of others a record also lies in, in words; None when nobody could be asked, or it did not say."""
        if vault is None:
            return None
        with self._lock:
            at, found = self._shared
            if time.monotonic() - at > FRESH:
                found = vault.shared()
                self._shared = (time.monotonic(), found)
        if found is None:
            return None
        held = found.get(ident, frozenset())
        others = held - theirs(held) if held else held
        return f"it also lies in list {', '.join(sorted(others))}, which is not the customer's" if others else ""
