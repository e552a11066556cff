"""The database of a soak: SQLite in a folder, or a PostgreSQL server of our own; and what befalls it."""

import random
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tools.postgres import Server, fresh_schema
from tools.soak.disk import Disk
from tools.soak.leaving import Running

FULL, LONGEST = 2.5, 15.0
"""Seconds for which a disk stays full; longer when no worker has noticed yet, since a server writes into pages that it
has already."""
SMALL = {"sqlite": 48, "postgres": 160}
"""Megabytes of the small disk; a new PostgreSQL server takes some 60 of them."""
SAYS = ("full", "No space left", "does not answer", "went away", "put off")
"""What a worker's lines hold when it says that there is no room."""


@dataclass(slots=True)
class Place:
    """Where the leavings of one database lie."""

    kind: str
    folder: Path
    chance: random.Random
    server: Server | None = None
    _disk: Disk | None = None
    _small: Server | None = None

    def open(self) -> None:
        """Start what is to be started."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.kind == "postgres":
            self.server = _begun(self.folder / "postgres")

    def close(self) -> None:
        """Everything ends."""
        self.off_small_disk()
        if self.server and self.server.alive():
            self.server.stop("immediate")

    def address(self) -> str:
        """Of a new schema; empty for SQLite."""
        server = self._small or self.server
        return fresh_schema(server.address) if server else ""

    # ---- the database restarts -----------------------------------------------------------------------------------

    def restart(self, one: Running) -> None:
        """PostgreSQL crashes under the workers and is started again; on SQLite everybody dies at once, and every
        connection is closed."""
        if self.server is not None:
            one.rows.forgive()
            self.server.stop("immediate")
            time.sleep(self.chance.uniform(0.2, 1.5))
            self.server.start()
        else:
            with one.crew.lock:
                for pid in list(one.crew.pids):
                    one.crew.kill(pid, one.rows)
                for engine in one.engines:
                    engine.dispose()
        one.figures.restarts += 1

    # ---- the disk is full ----------------------------------------------------------------------------------------

    def small_disk(self) -> Path | None:
        """The next leaving's data lie on a small disk: its folder. None when nobody may mount one here."""
        disk = Disk(self.folder / "small", SMALL[self.kind])
        if not disk.mount():
            return None
        self._disk = disk
        if self.kind == "postgres":
            self._small = _begun(disk.folder / "postgres")
        return disk.folder / "data"

    def off_small_disk(self) -> None:
        """That leaving is over."""
        if self._small and self._small.alive():
            self._small.stop("immediate")
        if self._disk:
            self._disk.unmount()
        self._disk = self._small = None

    def fill(self, one: Running) -> None:
        """The disk is full for a while, under the workers."""
        assert self._disk is not None
        file = one.asked.folder / "said"
        before = file.stat().st_size if file.exists() else 0
        self._disk.fill()
        begun = time.monotonic()
        while (lasted := time.monotonic() - begun) < FULL or (lasted < LONGEST and not _noticed(file, before)):
            time.sleep(0.1)
        one.rows.forgive()
        self._disk.free()
        if self._small and not self._small.alive():
            # A server that cannot write its log ends; somebody frees the disk and starts it again.
            self._small.start()
        one.figures.full_disks += 1
        one.figures.full_disk_said += _noticed(file, before)


def _noticed(file: Path, before: int) -> bool:
    """True when a worker has said since then that something is wrong."""
    said = file.read_bytes()[before:].decode(errors="replace") if file.exists() else ""
    return any(word in said for word in SAYS)


def _begun(folder: Path) -> Server:
    server = Server(folder)
    if server.data.exists():
        with suppress(SystemExit):
            server.stop("immediate")
    else:
        server.make()
    server.start()
    return server
