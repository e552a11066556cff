"""Two processes at one bucket: together they never call more often than the vendor publishes."""

import subprocess
import sys
import time
from pathlib import Path

RATE, BURST, SECONDS = 40.0, 20, 3.0
CALLER = """
import sys, time
from pathlib import Path
from sendoff.store.database import open_database
from sendoff.store.limits import SqlLimits
from sendoff.store.versions import prepared
place, rate, burst, start = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
limits = SqlLimits(prepared(open_database(place if "://" in place else Path(place))))
while time.monotonic() < start:
    pass
while time.monotonic() < start + float(sys.argv[5]):
    limits.take("arm|leaver|lighthouse|sub|delete", rate=rate, burst=burst)
    print(time.monotonic())
"""


def calls(place: str, many: int) -> list[float]:
    """The moments at which so many processes called, as fast as they were let."""
    start = time.monotonic() + 2.0
    told = [place, str(RATE), str(BURST), str(start), str(SECONDS)]
    running = [
        subprocess.Popen([sys.executable, "-c", CALLER, *told], stdout=subprocess.PIPE, text=True) for _ in range(many)
    ]
    said = [one.communicate(timeout=60)[0] for one in running]
    assert all(one.returncode == 0 for one in running)
    assert all(said), "each of them called"
    return sorted(float(line) for text in said for line in text.split())


def over(moments: list[float]) -> float:
    """By how many calls the bucket was overdrawn at worst, in any stretch of time."""
    worst = 0.0
    for first, begin in enumerate(moments):
        for last in range(first, len(moments)):
            worst = max(worst, last - first + 1 - BURST - RATE * (moments[last] - begin))
    return worst


def test_two_processes_together_keep_to_the_bucket(tmp_path: Path, server: str) -> None:
    moments = calls(server or str(tmp_path / "limits.db"), 2)

    # A token is counted when it is taken and the call is made a moment later: half a second's worth may come together.
    assert over(moments) <= RATE * 0.5 + 2
    assert len(moments) > BURST, "and they do call"


def test_the_comparison_sees_a_bucket_for_each_process() -> None:
    alone = [0.0] * int(BURST) + [number / RATE for number in range(1, int(RATE * SECONDS))]

    assert over(alone) <= 0
    assert over(sorted(alone * 2)) > RATE * 0.5 + 2
