"""What durability costs: actions in batches against the same calls without a journal, steps, and waking up."""

import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sendoff.engine.acting import act
from sendoff.model.case import Case
from sendoff.model.event import StepMoved
from sendoff.model.people import PersonId
from sendoff.model.plan import Plan, once
from sendoff.model.state import SETTLED, Move
from sendoff.ports import Ports
from sendoff.steps import by_id
from tools.bench.place import STEP, WaitingHand, approved, house, opened, sandboxed
from tools.bench.table import Row

THREADS = 8
MANY = 4000
LATENCY = 0.02
"""Seconds that a vendor takes to answer, where it takes any."""
BATCH = 50


def rows(server: str) -> Iterator[Row]:
    """Figures of both databases."""
    for name, place in (("SQLite", ""), ("PostgreSQL", server)):
        yield from _actions(name, place)
        with sandboxed(place) as file:
            yield Row(f"{name}: steps settled, one after another", _steps(file), "a second", "264 / 201")
        yield from _wakes(name, place)
    for workers in (1, 2, 4):
        yield _workers(server, workers)


def _actions(name: str, place: str) -> Iterator[Row]:
    for latency, many in ((0.0, MANY), (LATENCY, MANY // 4)):
        with sandboxed(place) as file:
            there = house(file)
            ports, plan = approved(there, opened(there, file.parent), many, latency)
            ports.dispatch.ready(plan.case, STEP, batches=range(-(-many // BATCH)))
            begun = time.perf_counter()
            worked(ports, plan, THREADS)
            durable = many / (time.perf_counter() - begun)
            _all_done(ports, plan)
            there.close()
        bare = _bare(plan, latency)
        waits = f", a vendor that answers in {latency * 1000:.0f} ms" if latency else ", a vendor that answers at once"
        bar = "at least 500" if not latency and name == "SQLite" else ""
        ratio = f"{durable / bare:.2f} of the same calls without a journal ({bare:,.0f})"
        yield Row(f"{name}: durable actions, {THREADS} threads{waits}", durable, "a second", bar, ratio)


def worked(ports: Ports, plan: Plan, threads: int) -> None:
    """Take batch after batch until none is left, as a worker does."""
    step = by_id(STEP)

    def loop() -> None:
        owner = ports.ids.worker()
        while (work := ports.dispatch.take(owner, case=plan.case)) is not None:
            if work.batch >= 0:
                act(ports, ports.journal.load(plan.case), step, plan, work)
            ports.dispatch.done(work)

    with ThreadPoolExecutor(threads) as crew:
        for ended in [crew.submit(loop) for _ in range(threads)]:
            ended.result()


def _all_done(ports: Ports, plan: Plan) -> None:
    found = dict(ports.journal.load(plan.case).steps[STEP].outcomes)
    if found != {"done": len(plan.actions)}:
        raise SystemExit(f"not every action was done: {found}")


def _bare(plan: Plan, latency: float) -> float:
    hand = WaitingHand(latency)

    def loop(part: Sequence[int]) -> None:
        for number in part:
            action = plan.actions[number]
            name = once(plan.case, action)
            hand.read(action.at, None)  # type: ignore[arg-type]
            hand.apply(action, once=name, out=None)  # type: ignore[arg-type]

    begun, many = time.perf_counter(), len(plan.actions)
    with ThreadPoolExecutor(THREADS) as crew:
        for ended in [crew.submit(loop, range(first, many, THREADS)) for first in range(THREADS)]:
            ended.result()
    return many / (time.perf_counter() - begun)


def _steps(file: Path) -> float:
    """Steps a second: each with its event, its body under the case's key, the projection, and what it unlocks."""
    there = house(file)
    cases = [opened(there, file.parent) for _ in range(10)]
    settled, begun = 0, time.perf_counter()
    for case in cases:
        settled += _settled(there.desk.ports, case)
    spent = time.perf_counter() - begun
    there.close()
    return settled / spent


def _settled(ports: Ports, case: Case) -> int:
    many = 0
    for one in list(case.steps.values()):
        if one.state in SETTLED:
            continue
        skip = StepMoved(step=one.step, move=Move.SKIP, reason="not applicable in a benchmark")
        ports.journal.append(case.id, None, (skip,), actor=PersonId("paul"), at=ports.clock.now())
        many += 1
    return many


# ---- waking up -------------------------------------------------------------------------------------------------------

SLEEPER = """
import sys, threading, time
from pathlib import Path
from sendoff.store.dispatch.procrastinate import ProcrastinateDispatch
from tools.bench.place import house
there = house(Path(sys.argv[1]))
dispatch = there.desk.ports.dispatch
def taken(piece=None):
    work = dispatch.take("sleeper", piece=piece)
    if work is not None:
        print(time.monotonic(), flush=True)
        dispatch.done(work)
stopping = threading.Event()
print("ready", flush=True)
if isinstance(dispatch, ProcrastinateDispatch):
    dispatch.serve(taken, threads=2, stopping=stopping)
while True:
    if dispatch.wait(1.0, stopping):
        taken()
"""


def _wakes(name: str, place: str) -> Iterator[Row]:
    with sandboxed(place) as file:
        there = house(file)
        case = opened(there, file.parent)
        sleeper = subprocess.Popen([sys.executable, "-c", SLEEPER, str(file)], stdout=subprocess.PIPE, text=True)
        assert sleeper.stdout is not None
        sleeper.stdout.readline()
        threading.Event().wait(3)
        late, pause = [], random.Random(1)
        for _ in range(30):
            threading.Event().wait(pause.uniform(0.1, 1.0))
            begun = time.monotonic()
            there.desk.ports.dispatch.ready(case.id, STEP)
            late.append(float(sleeper.stdout.readline()) - begun)
        sleeper.kill()
        sleeper.wait()
        sleeper.stdout.close()
        there.close()
    yield Row(
        f"{name}: from ready to taken in another process, median of 30", statistics.median(late) * 1000, "ms", "47 / 35"
    )


# ---- many workers ----------------------------------------------------------------------------------------------------

WORKER = """
import sys
from dataclasses import replace
from pathlib import Path
from sendoff.engine.planning import stored_plan
from sendoff.steps import by_id
from tools.bench.kernel import LATENCY, THREADS, worked
from tools.bench.place import STEP, WaitingWorld, house
there = house(Path(sys.argv[1]))
ports = replace(there.desk.ports, world=WaitingWorld(there.desk.ports.world, LATENCY))
case = ports.journal.load(sys.argv[2])
plan = stored_plan(ports, case, by_id(STEP))
print("ready", flush=True)
sys.stdin.readline()
worked(ports, plan, THREADS)
there.close()
"""


def _workers(server: str, workers: int) -> Row:
    """Actions a second by so many processes on one PostgreSQL, of one case."""
    with sandboxed(server) as file:
        there = house(file)
        ports, plan = approved(there, opened(there, file.parent), MANY, LATENCY)
        ports.dispatch.ready(plan.case, STEP, batches=range(-(-MANY // BATCH)))
        crew = [
            subprocess.Popen(
                [sys.executable, "-c", WORKER, str(file), plan.case],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(workers)
        ]
        for one in crew:
            assert one.stdout is not None
            one.stdout.readline()
        begun = time.perf_counter()
        for one in crew:
            one.communicate("go\n", timeout=600)
        rate = MANY / (time.perf_counter() - begun)
        _all_done(ports, plan)
        there.close()
    bound = workers * THREADS / (2 * LATENCY)
    crowd = f"{workers} worker{'s' if workers > 1 else ''} of {THREADS} threads"
    what = f"PostgreSQL: {crowd}, two calls of {LATENCY * 1000:.0f} ms an action, no limits"
    return Row(what, rate, "actions a second", "", f"{rate / bound:.2f} of {bound:,.0f}")
