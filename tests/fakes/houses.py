"""A whole house over a sandbox in this process: real desk, real store on a temporary folder, no socket."""

import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import httpx2
import tomli_w

from fakes.in_process import InProcess
from sendoff.connectors.wire.circuit import Circuits, Guarded
from sendoff.engine.desk import Desk, read_checklist
from sendoff.model.case import Case
from sendoff.model.digest import Json
from sendoff.model.facts import Facts
from sendoff.model.people import Person
from sendoff.model.state import StepId
from sendoff.model.template import Tier
from sendoff.sandbox.sandbox import Sandbox
from sendoff.settings import Settings, read_settings
from sendoff.wiring import House, wired
from sendoff.wiring.cards import LEAVER
from sendoff.wiring.control import Control
from sendoff.wiring.factsfile import read_facts
from sendoff.wiring.leaving import Leaving, facts_table, notice_text
from sendoff.wiring.rehearsal import CLOCK_STARTS, settings_table
from sendoff.wiring.story import Story

URLS = {
    "login": "https://login.microsoftonline.com",
    "arm": "https://management.azure.com",
    "graph": "https://graph.microsoft.com",
    "prtg": "https://prtg.intercept.example",
    "passwordstate": "https://vault.intercept.example",
    "partner-center": "https://api.partnercenter.microsoft.com",
    "topdesk": "https://intercept.topdesk.example",
    "reassure": "https://reassure.intercept.example",
    "github": "https://api.github.com",
    "control": "https://control.sandbox.example",
}
TEMPLATE = Path(__file__).parents[2] / "src" / "sendoff" / "templates" / "offboarding.md"


@dataclass
class CountedIds:
    """Ids in a row, so that two runs of the same story say the same; `start` sets a later life apart."""

    start: str = "a"
    count: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def case(self) -> str:
        """L00000001 and on."""
        return f"L{next(self.count):08d}"

    def salt(self) -> str:
        """64 hex digits."""
        return f"{next(self.count):064x}"

    def worker(self) -> str:
        """worker-a-1 and on."""
        return f"worker-{self.start}-{next(self.count)}"


@dataclass
class Stage:
    """A house, the sandbox under it, and the people who walk through it."""

    folder: Path
    sandbox: Sandbox
    wire: InProcess
    house: House
    leaving: Leaving
    said: list[str] = field(default_factory=list)
    server: str = ""

    @property
    def desk(self) -> Desk:
        """The desk."""
        return self.house.desk

    def who(self, person: str) -> Person:
        """carla (CSM), erik and emma (Engineer), paul (Practice Lead)."""
        return self.house.register.person(person)

    def facts(self) -> Facts:
        """The facts of the leaving customer."""
        today = datetime.fromisoformat(CLOCK_STARTS).date()
        told = facts_table(card(self.sandbox), self.leaving, today)
        file = self.folder / "facts.toml"
        file.write_text(tomli_w.dumps(told), encoding="utf-8")
        return read_facts(file, self.house.provider, self.who("carla").id, self.notice())

    def notice(self) -> bytes:
        """The notice as it came in."""
        return notice_text(card(self.sandbox), datetime.fromisoformat(CLOCK_STARTS).date()).encode()

    @property
    def tier(self) -> Tier:
        """The tier that ends."""
        return self.leaving.tier

    def opened(self, change: Callable[[Facts], Facts] | None = None) -> Case:
        """A case opened by Carla from our own checklist; `change` may edit the facts first."""
        template = read_checklist(TEMPLATE.read_bytes(), "offboarding.md")
        facts = change(self.facts()) if change else self.facts()
        return self.desk.open_case(self.who("carla"), template, facts, by_hand={}, notice=self.notice())

    def story(self, case: Case, *, threads: int = 1) -> Story:
        """The story of this case, not yet told."""
        return Story(
            house=self.house, case=case.id, say=self.said.append, threads=threads, gives_up=self.leaving.silent
        )

    def until(self, case: Case, step: str, state: str) -> Case:
        """Tell the story until a step stands so, and stop there."""
        story = self.story(case)
        self.desk.preflight(self.who("erik"), case.id)
        story.decide("preflight")
        for _ in range(60):
            now = self.desk.case(case.id)
            if now.steps[StepId(step)].state == state:
                return now
            if not story.turn(before=(StepId(step), state)) and not story.move_clock():
                break
        raise AssertionError(f"{step} never became {state}: " + "; ".join(self.said[-5:]))

    def control(self, method: str, path: str, **body: Json) -> Json:
        """A call on the sandbox's control port."""
        told = self.house.control
        assert told is not None
        return told.ask(method, path, body or None)


def card(sandbox: Sandbox) -> dict[str, Json]:
    """What a served sandbox would write into sandbox.json."""
    known: Json = json.loads(json.dumps(sandbox.known()))
    return {
        "seed": sandbox.world.seed,
        "urls": dict(URLS),
        "known": known,
        "control": {"url": URLS["control"], "token": sandbox.token},
        "ca": "",
    }


def stage(
    folder: Path,
    *,
    tier: Tier = Tier.FULL_STACK,
    seed: int = 1,
    keeps_csp: bool = False,
    no_supplier: bool = False,
    stays: bool = False,
    silent: bool = False,
    github: bool = False,
    without: Sequence[str] = (),
    paced: bool = False,
    sandbox: Sandbox | None = None,
    ids: CountedIds | None = None,
    lease_clock: Callable[[], float] | None = None,
    circuits: Circuits | None = None,
    server: str = "",
    lease: float = 30.0,
    known: Settings | None = None,
) -> Stage:
    """A fresh stage, or the same folder and sandbox again in a new life of the program. With `github` the case has an
    issue there; tables in `without` are not in the settings; with `paced` every call waits for its vendor's bucket, as
    it does outside the tests; without `circuits` no vendor is ever left alone; `server` is the address of a PostgreSQL
    schema; `lease` is in seconds; `known` are the settings that an earlier life has read."""
    folder.mkdir(parents=True, exist_ok=True)
    world = sandbox or Sandbox(seed, str(tier))
    wire = InProcess(world)
    client = httpx2.Client(transport=wire)
    house = wired(
        settings=known
        or settings(folder, world, without=(*without, *(() if github else ("github",))), server=server, lease=lease),
        limits=None if paced else NoLimits(),
        clients=Guarded(lambda: client, circuits) if circuits else lambda: client,
        control=Control(card(world), InProcess(world)),
        ids=ids or CountedIds(),
        lease_clock=lease_clock,
    )
    leaving = Leaving(tier=tier, keeps_csp=keeps_csp, no_supplier=no_supplier, stays=stays, silent=silent)
    return Stage(folder=folder, sandbox=world, wire=wire, house=house, leaving=leaving, server=server)


class NoLimits:
    """Buckets that are never empty: what a vendor allows a minute is not what most tests are about."""

    def take(self, bucket: str, *, rate: float, burst: int) -> None:
        """Go on."""

    def blocked(self, bucket: str, seconds: float) -> None:
        """Go on."""


def settings(
    folder: Path, sandbox: Sandbox, *, without: Sequence[str] = (), server: str = "", lease: float = 30.0
) -> Settings:
    """Settings that reach the sandbox by its public names, but for tables that are left out."""
    table = settings_table(card(sandbox), folder)
    told = {name: value for name, value in table.items() if name not in without}
    told["lease_seconds"] = lease
    if server:
        told["database"] = {"url": server}
    file = folder / "sendoff.toml"
    file.write_text(tomli_w.dumps(told), encoding="utf-8")
    return read_settings(file)


def unmanaged(facts: Facts) -> Facts:
    """The same facts with the third subscription left out of the scope table."""
    return replace(facts, scope=tuple(row for row in facts.scope if row.name != "vdm-archief"))


__all__ = ["LEAVER", "CountedIds", "NoLimits", "Stage", "card", "settings", "stage", "unmanaged"]
