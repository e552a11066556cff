"""What waiting costs: a real worker process over 10, 1,000, 10,000 and 100,000 open cases that all wait."""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import tomli_w
from sqlalchemy import text

from sendoff.model.envelope import Entry
from sendoff.store.casekeys import CaseKeys, house_key
from sendoff.store.database import open_database, reading
from sendoff.store.versions import prepared
from tools.bench.place import house, opened, sandboxed
from tools.bench.table import Row
from tools.crowd import crowd
from tools.postgres import fresh_schema

SECONDS = 20.0
SIZES = (10, 1_000, 10_000, 100_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """What one worker costs over so many cases."""

    database: str
    cases: int
    disk: float
    """MiB of the database."""
    start: float
    """Seconds from the start of the process until it looks for work."""
    memory: float
    """MiB, resident."""
    core: float
    """Share of one core."""
    shown: float
    """Seconds for `sendoff case show CASE`, as a process."""


def measured(server: str) -> Iterator[Idle]:
    """SQLite at every size, PostgreSQL at ten thousand."""
    with sandboxed() as file:
        there = house(file)
        entries = there.journal.entries(opened(there, file.parent).id)
        there.close()
    for many in SIZES:
        yield _at("SQLite", many, entries, "")
    yield _at("PostgreSQL", 10_000, entries, fresh_schema(server))


def rows(found: Sequence[Idle]) -> Iterator[Row]:
    """The rows for ten thousand cases."""
    for one in found:
        if one.cases == 10_000:
            name = f"{one.database}: a worker over 10,000 open cases that wait"
            yield Row(f"{name}, share of one core", one.core * 100, "%", "under 4 %")
            yield Row(f"{name}, resident memory", one.memory, "MiB", "under 100 MiB")
            yield Row(f"{name}, start until it looks for work", one.start, "s", "replays nothing")


def drawn(found: Sequence[Idle]) -> list[str]:
    """The table of every size."""
    lines = ["| database | open cases | database, MiB | start, s | memory, MiB | one core, % | `case show`, s |"]
    lines += ["|---|---|---|---|---|---|---|"]
    for one in found:
        figures = f"{one.disk:,.1f} | {one.start:.2f} | {one.memory:.0f} | {one.core * 100:.2f} | {one.shown:.2f}"
        lines.append(f"| {one.database} | {one.cases:,} | {figures} |")
    return [*lines, ""]


def _at(name: str, many: int, entries: Sequence[Entry], server: str) -> Idle:
    with tempfile.TemporaryDirectory(prefix="sendoff-idle-") as folder:
        file = _settings(Path(folder), server)
        engine = prepared(open_database(server or Path(folder) / "data" / "sendoff.db"))
        crowd(engine, CaseKeys(house_key(Path(folder) / "data" / "keys" / "house.key")), entries, many)
        disk = _disk(Path(folder), server)
        engine.dispose()
        start, memory, core = _worker(file)
        return Idle(database=name, cases=many, disk=disk, start=start, memory=memory, core=core, shown=_shown(file))


def _settings(folder: Path, server: str) -> Path:
    told: dict[str, object] = {
        "data": str(folder / "data"),
        "provider": {"name": "Intercept", "tenant": "t", "domains": ["a.example"], "mailbox": "o@a.example"},
    }
    if server:
        told["database"] = {"url": server}
    file = folder / "sendoff.toml"
    file.write_text(tomli_w.dumps(told), encoding="utf-8")
    return file


def _disk(folder: Path, server: str) -> float:
    if not server:
        return sum(one.stat().st_size for one in (folder / "data").glob("sendoff.db*")) / 2**20
    with reading(open_database(server)) as connection:
        asked = text(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class "
            "WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
        )
        return float(connection.execute(asked).scalar() or 0) / 2**20


def _worker(file: Path) -> tuple[float, float, float]:
    begun = time.perf_counter()
    command = [sys.executable, "-m", "sendoff", "worker", "--settings", str(file)]
    worker = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert worker.stderr is not None
    worker.stderr.readline()
    start = time.perf_counter() - begun
    threading.Event().wait(8.0)  # the first sweep, and the lively seconds after it
    before, at = _cpu(worker.pid), time.perf_counter()
    threading.Event().wait(SECONDS)
    core = (_cpu(worker.pid) - before) / (time.perf_counter() - at)
    memory = _resident(worker.pid)
    worker.terminate()
    worker.communicate(timeout=60)
    return start, memory, core


def _cpu(pid: int) -> float:
    """Seconds of processor that a process had."""
    words = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / 100


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def _shown(file: Path) -> float:
    begun = time.perf_counter()
    command = [sys.executable, "-m", "sendoff", "case", "show", "W00000003", "--settings", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun
