"""Where a measurement takes place: a house on SQLite or PostgreSQL, with an opened case, and hands that only wait."""

import shutil
import tempfile
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import tomli_w

from sendoff.engine.desk import read_checklist
from sendoff.model.case import Case
from sendoff.model.digest import Digest, canonical, digest
from sendoff.model.event import Approved, Planned, StepMoved
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.people import PersonId
from sendoff.model.plan import Action, Again, Outcome, Plan, Receipt
from sendoff.model.state import SETTLED, Move, State, StepId
from sendoff.model.template import Tier
from sendoff.ports import Ability, Connector, Ports, Repeat, Sink, World
from sendoff.wiring import House, wired
from sendoff.wiring.factsfile import read_facts
from sendoff.wiring.leaving import Leaving
from sendoff.wiring.rehearsal import started
from sendoff.wiring.shipped import checklist
from tools.postgres import fresh_schema

STEP = StepId("remove-resources")


class Unlimited:
    """Buckets that are never empty."""

    def take(self, bucket: str, *, rate: float, burst: int) -> None:
        """Go on."""

    def blocked(self, bucket: str, seconds: float) -> None:
        """Go on."""


@contextmanager
def sandboxed(server: str = "", more: Sequence[str] = ()) -> Iterator[Path]:
    """The settings file of a rehearsal with its sandbox, on SQLite or in a new schema of a server."""
    folder = Path(tempfile.mkdtemp(prefix="sendoff-bench-"))
    running = started(folder, 1, Leaving(tier=Tier.FULL_STACK), more=more)
    try:
        file = folder / "sendoff.toml"
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        told["data"] = str(folder / "data")
        if server:
            told["database"] = {"url": fresh_schema(server)}
        file.write_text(tomli_w.dumps(told), encoding="utf-8")
        yield file
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def house(file: Path) -> House:
    """The house of a settings file, without limits."""
    return wired(file, limits=Unlimited())


def opened(there: House, folder: Path) -> Case:
    """A case of the leaving customer."""
    carla = there.register.person("carla")
    notice = (folder / "notice.eml").read_bytes()
    facts = read_facts(folder / "facts.toml", there.provider, carla.id, notice)
    return there.desk.open_case(carla, read_checklist(checklist(), "offboarding.md"), facts, by_hand={}, notice=notice)


# ---- hands that only wait --------------------------------------------------------------------------------------------


@dataclass
class WaitingHand:
    """A connector whose vendor answers every call with yes, after so many seconds."""

    latency: float
    system: System = System.AZURE
    able: Mapping[tuple[Kind, Verb], Ability] = field(
        default_factory=lambda: {
            (Kind.RESOURCE, Verb.REMOVE): Ability(key=Key.LIGHTHOUSE, repeat=Repeat.NATURAL, reversible=False)
        }
    )

    def probe(self, key: Key) -> None:
        """Good."""

    def cells(self) -> tuple[Cell, ...]:
        """None: nothing is looked at here."""
        return ()

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """Nothing."""
        return iter(())

    def read(self, target: Target, out: Sink) -> Item | None:
        """The thing as it was approved."""
        time.sleep(self.latency)
        return Item(
            system=target.system,
            kind=target.kind,
            id=target.id,
            name=target.id,
            scope=target.scope,
            key=target.key,
            image=image(target.id),
        )

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """It did not happen yet."""
        return None

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Done."""
        time.sleep(self.latency)
        return Receipt(outcome=Outcome.DONE)

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Done."""
        return Receipt(outcome=Outcome.DONE)


@dataclass
class WaitingWorld:
    """A world in which every system has such a hand."""

    inner: World
    latency: float

    def __post_init__(self) -> None:
        self.id, self.sandbox, self.addresses = self.inner.id, self.inner.sandbox, self.inner.addresses
        self.issues = self.inner.issues
        self._hand = WaitingHand(self.latency)

    def connector(self, facts: Facts, system: System) -> Connector | None:
        """The hand that waits."""
        return self._hand


def image(ident: str) -> Digest:
    """How a thing looks, before."""
    return digest(["image", ident])


def actions(many: int) -> tuple[Action, ...]:
    """So many removals of one rank."""
    scope = "11111111-2222-3333-4444-555555555555"
    where = f"/subscriptions/{scope}/resourceGroups/rg-ours/providers/Microsoft.Insights/actionGroups"
    return tuple(
        Action(
            step=STEP,
            system=System.AZURE,
            verb=Verb.REMOVE,
            kind=Kind.RESOURCE,
            target=f"{where}/ag-{number:06d}",
            name=f"ag-{number:06d}",
            scope=scope,
            key=Key.LIGHTHOUSE,
            why="recorded at onboarding",
            before=image(f"{where}/ag-{number:06d}"),
        )
        for number in range(many)
    )


def approved(there: House, case: Case, many: int, latency: float) -> tuple[Ports, Plan]:
    """Ports whose hands wait, and a plan of so many removals that is approved and handed out."""
    ports = replace(there.desk.ports, world=WaitingWorld(there.desk.ports.world, latency))
    now = ports.clock.now()
    plan = Plan(
        case=case.id,
        world=case.world,
        step=STEP,
        scope=case.facts.scope_digest,
        facts=digest(case.facts),
        actions=actions(many),
    )
    blob = ports.store.put(case.id, canonical(plan))
    told = Planned(
        step=STEP, plan=plan.digest, blob=blob, actions=many, irreversible=many, left=0, belt="", looked_at=now
    )
    ready = _unlocked(ports, ports.journal.load(case.id))
    ports.journal.append(case.id, ready.seq, (told,), actor=PersonId("erik"), at=now)
    yes = Approved(step=STEP, plan=plan.digest, until=now.replace(year=now.year + 1))
    ports.journal.append(case.id, ready.seq + 1, (yes,), actor=PersonId("emma"), at=now)
    return ports, plan


def _unlocked(ports: Ports, case: Case) -> Case:
    """Skip what comes before: this case measures one step."""
    while case.steps[STEP].state is State.WAITING:
        for one in [case.steps[name] for name in case.steps[STEP].after if name in case.steps]:
            if one.state not in SETTLED:
                skip = StepMoved(step=one.step, move=Move.SKIP, reason="not measured")
                case = ports.journal.append(case.id, case.seq, (skip,), actor=PersonId("paul"), at=ports.clock.now())
    return case
