"""How long whole commands take: the start of the command line, and a leaving with its sandbox."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tools.bench.table import Row

ROOT = Path(__file__).resolve().parents[2]
RUNS = 5


def rows() -> Iterator[Row]:
    """Medians of whole processes, in seconds."""
    yield Row("`sendoff --help`", _median([sys.executable, "-m", "sendoff", "--help"], RUNS), "s", "under 0.3 s")
    yield Row("`sendoff template check` of our own checklist", _median(_check(), RUNS), "s")
    for name, tier, bar in (("Full Stack", "full-stack", "under 20 s"), ("Premium", "premium", ""), ("CSP", "csp", "")):
        yield Row(f"a {name} leaving, sandbox included", _median(_demo(tier), 3), "s", bar)


def _check() -> list[str]:
    return [sys.executable, "-m", "sendoff", "template", "check", str(ROOT / "src/sendoff/templates/offboarding.md")]


def _demo(tier: str) -> list[str]:
    return [sys.executable, "-m", "sendoff", "demo", "--tier", tier, "--out", "OUT"]


def _median(command: list[str], runs: int) -> float:
    times = []
    # Without compiled modules a start-up time is not true; the first run, which may compile them, does not count.
    told_environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(runs + 1):
        place = Path(tempfile.mkdtemp())
        told = [str(place / "out") if word == "OUT" else word for word in command]
        begun = time.perf_counter()
        subprocess.run(told, check=True, capture_output=True, env=told_environment)
        times.append(time.perf_counter() - begun)
        shutil.rmtree(place)
    return statistics.median(times[1:])
