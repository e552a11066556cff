"""Our own systems at a large customer: 5,000 sensors in PRTG and 2,000 secrets with documents, in a process of its own.

`python -m tools.bench.house PART` runs one part here and prints it as a row of JSON. All is as it always is: database,
evidence store, worker, second look; the sandbox serves in its own process over TLS. Our own limits are off: at five
requests for measurements a minute the sensors alone would take seventeen hours.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sendoff.engine.desk import read_checklist
from sendoff.model.case import Case
from sendoff.model.event import StepMoved
from sendoff.model.state import SETTLED, Move, StepId
from sendoff.rules.deadlines import end_of
from sendoff.wiring import House, wired
from sendoff.wiring.clocks import SandboxClock
from sendoff.wiring.factsfile import read_facts
from sendoff.wiring.shipped import checklist
from tools.bench.desk import peak
from tools.bench.place import Unlimited, sandboxed
from tools.bench.plan import MEBIBYTE
from tools.bench.table import Row

BAR = "under 300 MiB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A step, and how much there is for it."""

    step: StepId
    kind: str
    many: int
    what: str


PARTS: Mapping[str, Part] = {
    "prtg": Part(
        step=StepId("remove-from-prtg"),
        kind="sensors",
        many=5000,
        what="{many:,} sensors paused, exported with a year of measurements, removed and seen gone",
    ),
    "vault": Part(
        step=StepId("export-secrets"),
        kind="secrets",
        many=2000,
        what="{many:,} secrets, each with its history and a document of 16 KiB, read and sealed",
    ),
}


def rows() -> Iterator[Row]:
    """What is told of both."""
    for name, part in PARTS.items():
        found, what = measured(name), part.what.format(many=part.many)
        yield Row(f"{what}: planned in", found["planned_s"], "s")
        yield Row(f"{what}: run in", found["seconds"], "s")
        yield Row(f"{what}: calls", found["calls"], "")
        yield Row(f"{what}: peak memory of the process", found["peak_mib"], "MiB", BAR)


def measured(name: str, many: int = 0) -> Mapping[str, float]:
    """One part, in a process of its own; of its own size, or of another one."""
    command = [sys.executable, "-m", "tools.bench.house", name, str(many)]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return found


def here(name: str, many: int = 0) -> dict[str, float]:
    """Plan and run one step in this process."""
    part = PARTS[name]
    many = many or part.many
    with sandboxed(more=[f"--{part.kind}", str(many)]) as file:
        there = wired(file, limits=Unlimited())
        try:
            begun = time.perf_counter()
            case = _planned(there, file.parent, part.step)
            planned = time.perf_counter() - begun
            begun = time.perf_counter()
            there.desk.run(there.register.person("erik"), case.id, _say, threads=8)
            seconds = time.perf_counter() - begun
            calls = _counted(there, case, part, many)
        finally:
            there.close()
    return {
        "planned_s": round(planned, 1),
        "seconds": round(seconds, 1),
        "calls": calls,
        "peak_mib": round(peak() / MEBIBYTE),
    }


def _planned(there: House, folder: Path, step: StepId) -> Case:
    """A case after its contract, with nothing before the step left to do, and its plan approved."""
    carla, erik, emma = (there.register.person(one) for one in ("carla", "erik", "emma"))
    notice = (folder / "notice.eml").read_bytes()
    facts = read_facts(folder / "facts.toml", there.provider, carla.id, notice)
    text = read_checklist(checklist(), "offboarding.md")
    case = there.desk.open_case(carla, text, facts, by_hand={}, notice=notice)
    moment = end_of(facts.contract_end, facts.zone) + timedelta(minutes=1)
    if isinstance(there.clock, SandboxClock):
        there.clock.move(moment)
    before = [case.steps[name] for name in case.steps[step].after if name in case.steps]
    skips = [
        StepMoved(step=one.step, move=Move.SKIP, reason="not measured") for one in before if one.state not in SETTLED
    ]
    case = there.journal.append(case.id, None, skips, actor=carla.id, at=moment)
    case = there.desk.plan(erik, case.id, step)
    plan = case.steps[step].plan
    if plan is None:
        raise SystemExit(f"nothing was planned: {case.steps[step].reason}")
    return there.desk.approve(emma, case.id, step, plan, over_belt=True)


def _counted(there: House, case: Case, part: Part, many: int) -> int:
    """The calls of the run, by the sandbox's record. SystemExit when it did not end as it should."""
    now, control = there.desk.case(case.id), there.control
    standing = now.steps[part.step]
    if standing.state not in SETTLED or control is None:
        raise SystemExit(f"{part.step} is {standing.state}: {standing.reason}")
    if part.kind == "secrets" and (now.parcel is None or now.parcel.inside < many):
        raise SystemExit(f"{now.parcel.inside if now.parcel else 0} of {many} were sealed")
    found = control.ask("GET", "/record")
    rows = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    vendor = "prtg" if part.kind == "sensors" else "passwordstate"
    gone = sum(one.get("kind") == "prtg.sensor" and one.get("verb") == "removed" for one in rows)
    if part.kind == "sensors" and gone < many:
        raise SystemExit(f"{gone} of {many} sensors are gone")
    return sum(one["type"] == "call" and one["vendor"] == vendor for one in rows)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    print(json.dumps(here(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)))
