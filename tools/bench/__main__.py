"""`python -m tools.bench`: measure everything and write docs/benchmarks.md; `--only PART` measures a part anew.

Parts: commands, kernel, idle, plan, look, remove, desk, house. What was measured is kept in build/bench. The page is
written from it; of parts that were not measured anew it keeps what it says. A server of PostgreSQL is started
for it, and goes afterwards.
"""

import argparse
import os
import platform
import sqlite3
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tools.bench import commands, desk, house, idle, kernel, look, pages, plan, remove
from tools.bench.table import Row, drawn
from tools.postgres import running

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
KEPT = ROOT / "build" / "bench"
ABOUT = {
    "commands": ("Commands", "Whole processes, median of several runs, in seconds."),
    "kernel": (
        "The kernel",
        (
            "A durable action is one with its intent written before the call and its outcome after it, in batches of "
            "50 under a lease. The bound is the same calls without a journal; bars of two figures are those of the "
            "prototype for SQLite / PostgreSQL."
        ),
    ),
    "idle": ("Waiting", "One `sendoff worker` with 8 threads over open cases that wait for people or dates."),
    "plan": ("A plan of many objects", "Look, before-images, plan and evidence of one step, in a process of its own."),
    "look": (
        "A look at a large customer",
        (
            "A whole look at Azure and Entra in the sandbox, each answer 200 ms late, with the vendor's page sizes and "
            "our own limits. The bound is the same calls, eight at a time, or those of one subscription at its rate."
        ),
    ),
    "pages": (
        "The pages",
        (
            "`sendoff serve` as a process of its own over ten thousand open cases, asked by one browser "
            "at an even pace, about another case each time; then viewers of one case who wait for it to move."
        ),
    ),
    "remove": (
        "Removing many objects",
        (
            "Resources of ours in the sandbox, which serves over TLS in its own process; our own limits, sixteen "
            "threads, and eight calls at once. Each is read again before it is deleted, followed to its end, and read "
            "once more: the seconds go from `case run` until every outcome is confirmed. The bound is the greater of "
            "all calls, eight at a time, and of the calls of each kind at the rate of the vendor's bucket; buckets are "
            "full when a removal begins."
        ),
    ),
    "desk": (
        "A service desk with many cards",
        "Every kind of card is looked at and exported, with the trail of each call; pages are made when asked for.",
    ),
    "house": (
        "Our own monitoring and vault",
        (
            "A large customer in PRTG and Passwordstate; the sandbox serves over TLS in its own process, without our "
            "limits: at five requests for measurements a minute the sensors would take seventeen hours."
        ),
    ),
}


def main(words: Sequence[str]) -> int:
    """Measure, print, and write the page when nothing was left out."""
    reads = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    reads.add_argument("--only", choices=list(ABOUT), action="append")
    asked = reads.parse_args(words)
    with running() as server:
        parts: dict[str, Callable[[], Iterable[Row]]] = {
            "commands": commands.rows,
            "kernel": lambda: kernel.rows(server.address),
            "idle": lambda: idle.rows(idle_found),
            "plan": plan.rows,
            "look": look.rows,
            "pages": pages.rows,
            "remove": remove.rows,
            "desk": desk.rows,
            "house": house.rows,
        }
        chosen = asked.only or list(parts)
        idle_found = list(idle.measured(server.address)) if "idle" in chosen else []
        for name in chosen:
            print(f"measuring: {name}", file=sys.stderr, flush=True)
            section = drawn(*ABOUT[name], list(parts[name]()))
            section += idle.drawn(idle_found) if name == "idle" else []
            print("\n".join(section), flush=True)
            KEPT.mkdir(parents=True, exist_ok=True)
            (KEPT / name).write_text("\n".join(section), encoding="utf-8")
    _written()
    return 0


def _written() -> None:
    """The page, of every part that was ever measured."""
    sections = [found for name in ABOUT if (found := _section(name))]
    head = ["# Benchmarks", "", "Made by `make bench`; do not edit.", _machine(), ""]
    PAGE.write_text("\n".join([*head, *sections]), encoding="utf-8")


def _section(name: str) -> str:
    """What was measured here last, else what the page says of this part; empty when nobody measured it."""
    if (KEPT / name).is_file():
        return (KEPT / name).read_text(encoding="utf-8")
    _, there, rest = PAGE.read_text(encoding="utf-8").partition(f"\n## {ABOUT[name][0]}\n")
    return f"## {ABOUT[name][0]}\n{rest.partition(chr(10) + '## ')[0].rstrip(chr(10))}\n" if there else ""


def _machine() -> str:
    return (
        f"Machine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}. Compare ratios, not single seconds, between machines."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
