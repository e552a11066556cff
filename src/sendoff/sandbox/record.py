"""The sandbox's own append-only record: every call and every effect, apart from what any client believes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sendoff.sandbox.wire import Json, Obj

VENDOR = "vendor"
"""The caller of what a vendor does by itself: by its clock, its services or its clerks, whoever happens to look."""


class Record:
    """Rows {seq, type: call|effect, at (civil time), vendor, caller, ...}; also one JSON line each in record.jsonl."""

    def __init__(self, folder: Path | None) -> None:
        self.rows: list[Obj] = []
        self._of: dict[str, list[Obj]] = {}
        self.vendor = "sandbox"
        self.caller = "nobody"
        self._file: IO[str] | None = None
        if folder is not None:
            self._file = (folder / "record.jsonl").open("a", encoding="utf-8")

    @contextmanager
    def by(self, caller: str) -> Iterator[None]:
        """Effects inside are this caller's, whoever called."""
        before = self.caller
        self.caller = caller
        try:
            yield
        finally:
            self.caller = before

    def call(self, at: str, method: str, path: str, status: int, struck: str = "") -> None:
        """Write one call down, with the caller who was found behind its token or key, and what struck its answer."""
        more: Obj = {"struck": struck} if struck else {}
        self._write({"type": "call", "at": at, "method": method, "path": path, "status": status, **more})

    def effect(self, at: str, verb: str, kind: str, ident: str, customer: str) -> None:
        """Write one effect down: created, changed, removed, disclosed or sent."""
        self._write({"type": "effect", "at": at, "verb": verb, "kind": kind, "id": ident, "customer": customer})

    def since(self, seq: int, kind: str | None = None) -> list[Json]:
        """Rows with a higher seq, all or of one type."""
        return [row for row in self.rows[seq:] if kind is None or row["type"] == kind]

    def of(self, ident: str) -> list[Obj]:
        """Effects on the thing with this id, in whatever case; of a subscription, on everything in it."""
        return list(self._of.get(ident.lower(), ()))

    def forget(self, ident: str) -> None:
        """Drop everything on a thing: it is older than a log remembers."""
        self.rows = [row for row in self.rows if row.get("id") != ident]
        self._of = {place: [row for row in rows if row.get("id") != ident] for place, rows in self._of.items()}

    def _write(self, row: Obj) -> None:
        full: Obj = {"seq": len(self.rows) + 1, "vendor": self.vendor, "caller": self.caller, **row}
        self.rows.append(full)
        if full["type"] == "effect":
            ident = str(full["id"]).lower()
            for place in dict.fromkeys((ident, "/".join(ident.split("/")[:3]))):
                self._of.setdefault(place, []).append(full)
        if self._file is not None:
            self._file.write(json.dumps(full, ensure_ascii=False) + "\n")
            self._file.flush()
