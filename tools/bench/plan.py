"""A plan of many objects: one step planned in a process of its own, over a vendor that makes answers as it is asked.

`python -m tools.bench.plan MANY [BATCHES]` measures one size here and prints it as a row of JSON. At most
10,000 of them lie in one subscription; half of them onboarding recorded one by one, and the others lie in resource
groups that it recorded. All else is as it always is: database, evidence store, digests, a move as the worker makes it.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from sendoff.connectors.azure.items import described, settled
from sendoff.connectors.wire.body import Object
from sendoff.engine.desk import read_checklist
from sendoff.engine.run import move
from sendoff.model.case import Case
from sendoff.model.digest import Digest
from sendoff.model.event import Approved, StepMoved
from sendoff.model.facts import Facts, Provider, Recorded
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.issue import IssueStyle
from sendoff.model.key import Key
from sendoff.model.people import PersonId
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.model.state import SETTLED, Move
from sendoff.ports import Ability, Connector, Ports, Repeat, Sink, World
from sendoff.wiring import House
from sendoff.wiring.factsfile import read_facts
from sendoff.wiring.shipped import checklist
from tools.bench.place import STEP, house, sandboxed
from tools.bench.table import Row

SIZES = (1_000, 10_000, 100_000)
BATCHES = 5
IN_GROUP = 100
"""Resources in a resource group; the first of them is what the others use."""
IN_SUBSCRIPTION = 10_000
MEBIBYTE = 1024
"""Kibibytes, in which Linux counts the memory of a process."""


def rows() -> Iterator[Row]:
    """Time and memory of each size, and what acting on the largest plan costs a batch."""
    for many in SIZES:
        found = measured(many)
        seconds, peak, each = found["seconds"], found["peak_mib"], found["microseconds_an_object"]
        bar = "under 500 MiB" if many == SIZES[-1] else ""
        yield Row(f"{many:,} objects: planned in", seconds, "s", "", f"{each:,.0f} microseconds an object")
        yield Row(f"{many:,} objects: peak memory of the process", peak, "MiB", bar)
    batch = found["seconds_a_batch"] * 1000
    yield Row(f"{SIZES[-1]:,} objects: a batch of 50, and the move after it", batch, "ms")


def measured(many: int) -> Mapping[str, float]:
    """One size, in a process of its own."""
    command = [sys.executable, "-m", "tools.bench.plan", str(many), str(BATCHES)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return found


def here(many: int, acted: int) -> dict[str, float]:
    """Plan so many objects in this process, and act on so many batches of the plan."""
    with sandboxed() as file:
        there = house(file)
        try:
            ports, case = _opened(there, file.parent, many)
            begun = time.perf_counter()
            erik = there.register.person("erik")
            case = _with(there, ports).desk.plan(erik, case.id, STEP)
            seconds = time.perf_counter() - begun
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBIBYTE
            batch = _batches(ports, case, acted)
        finally:
            there.close()
    later = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBIBYTE
    return {
        "objects": many,
        "seconds": round(seconds, 2),
        "peak_mib": round(peak),
        "actions": case.steps[STEP].planned,
        "microseconds_an_object": round(seconds / many * 1e6),
        "seconds_a_batch": round(batch, 4),
        "peak_mib_after_acting": round(later),
    }


def _with(there: House, ports: Ports) -> House:
    """The same house with other ports."""
    return replace(there, desk=type(there.desk)(ports=ports))


def _opened(there: House, folder: Path, many: int) -> tuple[Ports, Case]:
    carla = there.register.person("carla")
    notice = (folder / "notice.eml").read_bytes()
    facts = read_facts(folder / "facts.toml", there.provider, carla.id, notice)
    facts = replace(facts, record=tuple(_recorded(many)))
    ports = replace(there.desk.ports, world=CrowdedWorld(there.desk.ports.world, many))
    desk = _with(there, ports).desk
    case = desk.open_case(carla, read_checklist(checklist(), "offboarding.md"), facts, by_hand={}, notice=notice)
    for name in case.steps[STEP].after:
        if name in case.steps and case.steps[name].state not in SETTLED:
            skip = StepMoved(step=name, move=Move.SKIP, reason="not measured")
            case = ports.journal.append(case.id, case.seq, (skip,), actor=carla.id, at=ports.clock.now())
    return ports, case


def _batches(ports: Ports, case: Case, many: int) -> float:
    """Seconds for one batch and the move of the step after it: the middle one, so that what is done once is left out
    of it."""
    if not many or case.steps[STEP].plan is None:
        return 0.0
    plan, until = case.steps[STEP].plan, ports.clock.now().replace(year=ports.clock.now().year + 1)
    yes = Approved(step=STEP, plan=Digest(str(plan)), until=until, over_belt=True)
    ports.journal.append(case.id, case.seq, (yes,), actor=PersonId("emma"), at=ports.clock.now())
    spent = []
    for number in range(many):
        begun = time.perf_counter()
        for batch in (number, -1):
            ports.dispatch.ready(case.id, STEP, batches=[batch])
            work = ports.dispatch.take("bench", piece=(case.id, STEP, batch))
            if work is None:
                raise SystemExit(f"batch {batch} cannot be taken")
            move(ports, work)
            ports.dispatch.done(work)
        spent.append(time.perf_counter() - begun)
    acted = ports.journal.load(case.id).steps[STEP].acted
    if len(acted) != many:
        raise SystemExit(f"of {many} batches {len(acted)} were done")
    return sorted(spent)[many // 2]


# ---- a vendor with many objects --------------------------------------------------------------------------------------


def _recorded(many: int) -> Iterator[Recorded]:
    for number in range(many):
        group = number // IN_GROUP
        if group % 2:
            yield Recorded(system=System.AZURE, kind=Kind.RESOURCE, id=_resource(number))
        elif number % IN_GROUP == 0:
            yield Recorded(system=System.AZURE, kind=Kind.GROUP, id=_group(number))


def _subscription(number: int) -> str:
    return f"{number // IN_SUBSCRIPTION:08d}-7a11-4c0e-9b52-5d1f0c3e8a77"


def _group(number: int) -> str:
    return f"/subscriptions/{_subscription(number)}/resourceGroups/rg-monitoring-{number // IN_GROUP:05d}"


def _resource(number: int) -> str:
    kind = "metricAlerts/alert-percentage-cpu-vm" if number % IN_GROUP else "actionGroups/ag-operations"
    return f"{_group(number)}/providers/Microsoft.Insights/{kind}-{number:06d}"


def _row(number: int) -> Object:
    """A resource as ARM writes it, with strings of its own, as they come from the wire."""
    first = number - number % IN_GROUP
    row: Object = {
        "id": _resource(number),
        "name": _resource(number).rsplit("/", 1)[-1],
        "type": "Microsoft.Insights/metricAlerts",
        "location": "global",
        "tags": {"managedBy": "intercept", "environment": "production", "costCenter": f"cc-{number % 40:03d}"},
        "systemData": {"createdBy": "deploy@intercept.example", "createdAt": "2025-03-04T10:22:31Z"},
        "properties": {
            "description": "The processor of the machine is busy for more than a quarter of an hour.",
            "severity": 2,
            "enabled": True,
            "scopes": [f"/subscriptions/{_subscription(number)}"],
            "evaluationFrequency": "PT5M",
            "windowSize": "PT15M",
            "criteria": {"allOf": [{"metricName": "Percentage CPU", "operator": "GreaterThan", "threshold": 90}]},
            "actions": [{"actionGroupId": _resource(first)}] if number != first else [],
        },
    }
    read: Object = json.loads(json.dumps(row))
    return read


def _group_row(number: int) -> Object:
    return {"id": _group(number), "name": _group(number).rsplit("/", 1)[-1], "location": "westeurope", "tags": {}}


@dataclass
class CrowdedHand:
    """A connector to a vendor with many objects, which are made when they are asked for and kept nowhere."""

    many: int
    provider: Provider
    system: System = System.AZURE
    able: Mapping[tuple[Kind, Verb], Ability] = field(
        default_factory=lambda: {
            (Kind.RESOURCE, Verb.REMOVE): Ability(key=Key.LIGHTHOUSE, repeat=Repeat.NATURAL, reversible=False)
        }
    )

    def probe(self, key: Key) -> None:
        """Good."""

    def cells(self) -> tuple[Cell, ...]:
        """The resources and groups of every subscription."""
        scopes = [_subscription(first) for first in range(0, self.many, IN_SUBSCRIPTION)]
        return tuple(
            Cell(system=System.AZURE, kind=kind, scope=scope, key=Key.LIGHTHOUSE)
            for scope in scopes
            for kind in (Kind.RESOURCE, Kind.GROUP)
        )

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """One object after another."""
        first = int(cell.scope.partition("-")[0]) * IN_SUBSCRIPTION
        pace = 1 if cell.kind is Kind.RESOURCE else IN_GROUP
        for number in range(first, min(first + IN_SUBSCRIPTION, self.many), pace):
            row = _row(number) if cell.kind is Kind.RESOURCE else _group_row(number)
            yield self._item(row, cell.kind, cell.scope, {"row": row}, out)

    def read(self, target: Target, out: Sink) -> Item | None:
        """The object with its children, of which it has none."""
        row = _row(int(target.id.rsplit("-", 1)[-1]))
        whole: Object = {"row": row, "children": {"locks": [], "diagnosticSettings": []}}
        return self._item(row, target.kind, target.scope, whole, out)

    def _item(self, row: Object, kind: Kind, scope: str, whole: Object, out: Sink) -> Item:
        at = Target(system=System.AZURE, kind=kind, id=str(row["id"]), scope=scope, key=Key.LIGHTHOUSE)
        return described(row, at, out.image(settled(whole)), self.provider)

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """It did not happen yet."""
        return None

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Done."""
        return Receipt(outcome=Outcome.DONE)

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Done."""
        return Receipt(outcome=Outcome.DONE)


@dataclass
class CrowdedWorld:
    """A world of one system with many objects."""

    inner: World
    many: int

    def __post_init__(self) -> None:
        self.id, self.sandbox, self.addresses = self.inner.id, self.inner.sandbox, self.inner.addresses
        self.issues: IssueStyle | None = None

    def connector(self, facts: Facts, system: System) -> Connector | None:
        """The hand in Azure."""
        return CrowdedHand(self.many, facts.provider) if system is System.AZURE else None


if __name__ == "__main__":
    print(json.dumps(here(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else BATCHES)))
