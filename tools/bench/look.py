"""A look at a large customer: every call late by what a vendor takes, counted by the sandbox, in a process of its own.

`python -m tools.bench.look RESOURCES [MILLISECONDS]` measures one size here and prints it as a row of JSON.
"""

import json
import re
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sendoff.engine.wholelook import everything
from sendoff.model.inventory import System
from sendoff.wiring import wired
from sendoff.wiring.control import Control, read_card
from tools.bench.place import opened, sandboxed
from tools.bench.plan import MEBIBYTE
from tools.bench.table import Row

RESOURCES = 20_000
LATENCY = 200
"""Milliseconds of each answer."""
IN_FLIGHT = 8
RATE, BURST = 25, 250
"""Reads a second, and at once, that ARM allows one principal in one subscription."""
SYSTEMS = (System.AZURE, System.ENTRA)
SUBSCRIPTION = re.compile(r"^/subscriptions/([0-9a-f-]{36})", re.I)


def rows() -> Iterator[Row]:
    """Seconds and memory of the look, against the bound."""
    found = measured(RESOURCES)
    ratio = found["seconds"] / found["bound"]
    what = f"{RESOURCES:,} resources, 500 policies, 2,000 role assignments, 500 users"
    yield Row(
        f"{what}: looked at in", found["seconds"], "s", f"at most 1.3 x {found['bound']:,.0f} s", f"{ratio:.2f} x"
    )
    yield Row(f"{what}: calls", found["calls"], "")
    yield Row(f"{what}: peak memory of the process", found["peak_mib"], "MiB", "under 300 MiB")


def measured(many: int, latency: int = LATENCY) -> Mapping[str, float]:
    """One size, in a process of its own."""
    command = [sys.executable, "-m", "tools.bench.look", str(many), str(latency)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return found


def here(many: int, latency: int) -> dict[str, float]:
    """Look from this process."""
    share = many / RESOURCES
    counts = {
        "--resources": many,
        "--policies": 500 * share,
        "--role-assignments": 2000 * share,
        "--users": 500 * share,
    }
    with sandboxed(more=[word for name, count in counts.items() for word in (name, str(round(count)))]) as file:
        control = Control(read_card(file.parent))
        there = wired(file)
        try:
            case = opened(there, file.parent)
            control.ask("POST", "/habits", {"rows": 1000})
            control.ask("POST", "/trouble", {"do": "slow-answer", "milliseconds": latency})
            calls = _seen(control, 0)
            begun = time.perf_counter()
            seen = everything(there.desk.ports, case, systems=SYSTEMS)
            seconds = time.perf_counter() - begun
            paths = _seen(control, 0)[len(calls) :]
            bound = bounded(paths, latency)
        finally:
            there.close()
            control.close()
    return {
        "resources": many,
        "seconds": round(seconds, 1),
        "bound": round(bound, 1),
        "calls": len(paths),
        "items": len(seen.inventory.items),
        "blind": len(seen.inventory.blind),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBIBYTE),
    }


def bounded(paths: Sequence[str], latency: int) -> float:
    """Seconds these calls take at best: eight in flight, or those of the busiest subscription at its rate."""
    each = Counter(found.group(1).lower() for one in paths if (found := SUBSCRIPTION.match(one)))
    busiest = max(each.values(), default=0)
    return max(len(paths) * latency / 1000 / IN_FLIGHT, max(busiest - BURST, 0) / RATE)


def _seen(control: Control, since: int) -> list[str]:
    """The paths of the vendors' calls on the record after so many rows."""
    found = control.ask("GET", f"/record?since={since}")
    rows = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return [str(one["path"]) for one in rows if one["type"] == "call" and one["vendor"] != "control"]


if __name__ == "__main__":
    print(json.dumps(here(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else LATENCY)))
