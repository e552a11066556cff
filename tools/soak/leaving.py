"""One leaving: a fresh sandbox, people who tell the story in this process, workers in others, and a judgement."""

import json
import random
import shutil
import threading
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import tomli_w
from sqlalchemy import Engine

from sendoff.engine.desk import read_checklist
from sendoff.model.case import Case
from sendoff.model.errors import SendoffError
from sendoff.model.template import Tier
from sendoff.rules.chaining import faults
from sendoff.wiring import House, wired
from sendoff.wiring.cards import rows as listed
from sendoff.wiring.control import Control, trusting
from sendoff.wiring.factsfile import read_facts
from sendoff.wiring.house import database
from sendoff.wiring.leaving import Leaving
from sendoff.wiring.rehearsal import started
from sendoff.wiring.shipped import checklist
from sendoff.wiring.story import Story
from sendoff.wiring.worlddiff import Before, before, compared
from tools.soak.compared import Deeds, certified, claims, copies, deeds, missing, twice
from tools.soak.cradle import Cradle
from tools.soak.crew import Crew, Killer, Pauser
from tools.soak.eyes import Record, Rows
from tools.soak.figures import Figures, Known

LEASE = 1
PATIENCE = 420.0
"""Seconds for the workers to move a case as far as it goes, whatever happens to them; longer, and a piece is lost."""
CHANGING = r"^(?!.*(oauth2|query))"
SLOW = (
    *({"method": method, "path": CHANGING} for method in ("POST", "PUT", "PATCH", "DELETE")),
    {"vendor": "prtg", "path": r"(delete|pause|rename)\w*\.htm"},
)
"""Calls that change something are answered late, so that there is time to die in them."""
LETTERS = ("graph.message", "graph.event")


class Stuck(Exception):
    """The workers do not come to an end."""


@dataclass(slots=True, kw_only=True)
class Asked:
    """Which leaving, where, and what shall happen to it."""

    folder: Path
    tier: Tier
    seed: int
    chance: random.Random
    address: str = ""
    """Of a PostgreSQL schema; empty for SQLite."""
    data: Path | None = None
    """Where the data folder is; else in the folder."""
    slow: int = 150
    """Milliseconds by which answers to changing calls come late."""
    pause_every: float = 6.0
    most_kills: int = 1_000_000
    most_pauses: int = 1_000_000
    disasters: list[Callable[["Running"], None]] = field(default_factory=list)
    forgets: bool = False
    kills: bool = True


@dataclass(slots=True, kw_only=True)
class Running:
    """A leaving under way."""

    asked: Asked
    house: House
    case: Case
    crew: Crew
    rows: Rows
    record: Record
    figures: Figures
    then: Before
    engines: Sequence[Engine] = ()
    happened: int = 0

    def moved(self, case: str) -> None:
        """Wait until the workers have moved the case as far as it goes; meanwhile what shall happen happens."""
        end = time.monotonic() + PATIENCE
        if self.asked.disasters and self._busy():
            self.asked.disasters.pop()(self)
        while not self.rows.settled(self.house.clock.now()):
            if time.monotonic() > end:
                left = [f"{one.step}/{one.batch} attempt {one.attempt} {one.owner}" for one in self.rows.all()]
                raise Stuck(f"after {PATIENCE:.0f} s there is still work: {', '.join(left)}")
            time.sleep(0.03)

    def _busy(self) -> bool:
        """Somebody works; in most turns nobody has to."""
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            if any(one.pid for one in self.rows.all()):
                return True
            time.sleep(0.02)
        return False

    def told(self) -> Case:
        """The people's part, to the certificate."""
        moved = self.moved if self.asked.kills else None
        return Story(house=self.house, case=self.case.id, say=self._say, moved=moved).tell()

    def _say(self, line: str) -> None:
        with (self.asked.folder / "story").open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def run(asked: Asked, cradle: Cradle, known: Known | None) -> tuple[Figures, Known | None]:
    """Its figures, judged against the undisturbed leaving; without one, this is it. What went wrong is in
    `figures.told`, and then the folder is kept."""
    begun, figures = time.monotonic(), Figures()
    found: Known | None = None
    try:
        with _running(asked, cradle, figures) as one:
            ended = _under_trouble(one) if asked.kills else one.told()
            one.crew.end()
            found = Known(claims=_claims(one.house, ended), deeds=_deeds(one.house.control))
            _judged(one, ended, found, known)
    except (SendoffError, Stuck, AssertionError) as wrong:
        figures.lost += 1
        figures.told.append(f"{type(wrong).__name__}: {wrong}")
    figures.leavings += 1
    figures.seconds = time.monotonic() - begun
    if not figures.told:
        shutil.rmtree(asked.folder, ignore_errors=True)
    return figures, found


def _under_trouble(one: Running) -> Case:
    """The story while killers and pausers are about."""
    over, crew = threading.Event(), one.crew
    killer = Killer(crew=crew, rows=one.rows, record=Record(one.record.file), most=one.asked.most_kills)
    pauser = Pauser(crew=crew, rows=one.rows, record=Record(one.record.file), every=one.asked.pause_every)
    pauser.most = one.asked.most_pauses
    if one.asked.forgets:
        killer.only, killer.most, pauser.most = LETTERS, 6, 0
    doing = (killer.run, one.rows.watch, pauser.run)
    threads = [threading.Thread(target=what, args=(over,), name=f"soak-{place}") for place, what in enumerate(doing)]
    for thread in threads:
        thread.start()
    try:
        return one.told()
    finally:
        over.set()
        for thread in threads:
            thread.join()
        calls = pauser.zombies()
        one.figures.zombie_calls += len(calls)
        one.figures.told += calls


@contextmanager
def _running(asked: Asked, cradle: Cradle, figures: Figures) -> Iterator[Running]:
    with ExitStack() as after:
        shutil.rmtree(asked.folder, ignore_errors=True)
        after.callback(started(asked.folder, asked.seed, Leaving(tier=asked.tier)).stop)
        file = _settings(asked)
        house = wired(file)
        control = _control(house)
        if asked.slow and asked.kills:
            for calls in SLOW:
                control.ask("POST", "/trouble", {"do": "slow-answer", "milliseconds": asked.slow, **calls})
        then, case = before(control), _opened(house, asked.folder)
        engine = database(house.settings)
        after.callback(engine.dispose)
        after.callback(house.journal.close)
        crew = Crew(
            cradle=cradle,
            settings=file,
            folder=asked.folder,
            chance=random.Random(asked.chance.random()),
            figures=figures,
            forgets=asked.forgets,
        )
        if asked.kills:
            crew.begin()
        after.callback(crew.end)
        yield Running(
            asked=asked,
            house=house,
            case=case,
            crew=crew,
            rows=Rows(engine, case.id, figures),
            record=Record(asked.folder / "record.jsonl"),
            figures=figures,
            then=then,
            engines=(engine, house.journal._engine),
        )


def _settings(asked: Asked) -> Path:
    file = asked.folder / "sendoff.toml"
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    told |= {"data": str(asked.data or asked.folder / "data"), "lease_seconds": LEASE}
    if asked.address:
        told["database"] = {"url": asked.address}
    file.write_text(tomli_w.dumps(told), encoding="utf-8")
    return file


def _opened(house: House, folder: Path) -> Case:
    carla, notice = house.register.person("carla"), (folder / "notice.eml").read_bytes()
    facts = read_facts(folder / "facts.toml", house.provider, carla.id, notice)
    return house.desk.open_case(carla, read_checklist(checklist(), "offboarding.md"), facts, by_hand={}, notice=notice)


def _control(house: House) -> Control:
    assert house.control is not None
    return house.control


def _claims(house: House, case: Case) -> str:
    told = dict(claims(certified(house.desk.ports.store, case)))
    return json.dumps(told, sort_keys=True, default=str)


def _deeds(control: Control | None) -> Deeds:
    assert control is not None
    return deeds(listed(control.ask("GET", "/record")))


def _comments(one: Running) -> list[str]:
    """The comments of the issue, each with its own mark."""
    told = one.house.settings.github
    assert told is not None
    url = f"{told.url}/repos/{told.repository}/issues/1/comments"
    headers = {"Authorization": f"Bearer {told.token.read('github.token').reveal()}"}
    with httpx2.Client(verify=trusting(_control(one.house).card), headers=headers) as client:
        answer = client.get(url, params={"per_page": "100"})
    return [str(row["body"]) for row in answer.json()]


def _judged(one: Running, ended: Case, found: Known, known: Known | None) -> None:
    """Against the plans that were approved, and against the undisturbed leaving."""
    figures = one.figures
    figures.deeds += found.deeds.total()
    diff = compared(_control(one.house), one.then, one.house.desk.plans(one.case.id))
    if not diff.exact:
        figures.told.append(diff.verdict)
    broken = [*faults(one.house.journal.entries(one.case.id)), *faults(one.house.journal.register())]
    figures.told += [f"chain: {fault}" for fault in broken]
    if known is None:
        return
    more, less = twice(known.deeds, found.deeds), missing(known.deeds, found.deeds)
    copied = copies(_comments(one))
    figures.twice += more.total() + copied
    figures.lost += less.total()
    figures.told += [f"{count} times more: {' '.join(deed)}" for deed, count in sorted(more.items())]
    figures.told += [f"{count} times less: {' '.join(deed)}" for deed, count in sorted(less.items())]
    figures.told += [f"{copied} comments are in the issue twice"] if copied else []
    if found.claims != known.claims:
        figures.unequal += 1
        figures.told.append(f"the certificate claims {found.claims} and not {known.claims}")
