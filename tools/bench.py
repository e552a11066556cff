"""Measure the start of the command line and a whole leaving, and write docs/benchmarks.md.

Each figure is the median of a few whole-process runs; compare ratios, not single seconds, between machines.
"""

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNS = 5


def main() -> int:
    """Run every measurement and write the table."""
    rows = [
        ("`sendoff --help`", "under 0.3 s", _median([sys.executable, "-m", "sendoff", "--help"], RUNS)),
        ("`sendoff template check` of our own checklist", "", _median(_check(), RUNS)),
        ("a Full Stack leaving, sandbox included", "under 20 s", _median(_demo("full-stack"), 3)),
        ("a Premium leaving, sandbox included", "", _median(_demo("premium"), 3)),
        ("a CSP leaving, sandbox included", "", _median(_demo("csp"), 3)),
    ]
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench`; do not edit. Whole processes, median of several runs.",
        f"Machine: {platform.machine()}, {_cores()} cores, Python {platform.python_version()}.",
        "",
        "| what | bar | median, seconds |",
        "|---|---|---|",
        *(f"| {what} | {bar} | {seconds:.2f} |" for what, bar, seconds in rows),
        "",
    ]
    (ROOT / "docs" / "benchmarks.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))
    return 0


def _cores() -> int:
    return os.cpu_count() or 1


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


if __name__ == "__main__":
    sys.exit(main())
