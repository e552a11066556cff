"""A house as it lies on disks: half-way cases, older tables, next lives and new places, for upgrades and backups."""

import itertools
from pathlib import Path

from sqlalchemy import Engine, MetaData, Table, select, text

from fakes.houses import CountedIds, Stage, settings, stage
from fakes.leavings import certificate
from fakes.power import claims
from sendoff.model.case import Case
from sendoff.model.digest import Json, plain
from sendoff.model.envelope import EventKind
from sendoff.model.state import StepId
from sendoff.model.template import Tier
from sendoff.store.database import reading, writing
from sendoff.store.schema import VERSION
from sendoff.store.upgrading import migrated
from sendoff.wiring.keeping import Place, place

LETTER, ROLES = "confirm-termination", "remove-role-assignments"
TRUTH = ("event", "body", "case_key")
Rows = dict[str, list[tuple[object, ...]]]


def halfway(folder: Path, server: str = "", step: str = ROLES) -> tuple[Stage, Case]:
    """A case in which many steps are done, others wait, and this one is approved and has not begun."""
    one = stage(folder, tier=Tier.CSP, server=server)
    case = one.opened()
    return one, one.until(case, step, "approved")


def place_of(one: Stage) -> Place:
    """Where a stage's house lies."""
    return place(settings=one.house.settings)


def again(one: Stage, folder: Path | None = None, server: str = "", life: int = 2) -> Stage:
    """The same world in a new life of the program, on the same place or on another."""
    ids = CountedIds(start=f"life{life}", count=itertools.count(life * 100_000))
    return stage(folder or one.folder, tier=Tier.CSP, sandbox=one.sandbox, ids=ids, server=server)


def brought_down(here: Place) -> None:
    """The tables as they were first shipped, with everything that is in them."""
    with writing(here.engine) as connection:
        migrated(connection, VERSION, 1)
        connection.execute(text("DROP TABLE alembic_version"))


def another_place(one: Stage, folder: Path, server: str = "") -> Place:
    """A new, empty place with the same settings otherwise; its settings file is `folder`/sendoff.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    return place(settings=settings(folder, one.sandbox, without=("github",), server=server))


def rows(engine: Engine, tables: tuple[str, ...] = TRUTH) -> Rows:
    """Everything in these tables, whatever their version is."""
    found: Rows = {}
    with reading(engine) as connection:
        for name in tables:
            table = Table(name, MetaData(), autoload_with=connection)
            found[name] = sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
    return found


def changed(engine: Engine, statement: str, **values: object) -> None:
    """One change behind the program's back."""
    with writing(engine) as connection:
        assert connection.execute(text(statement), values).rowcount > 0, "the plant must take"


def told(one: Stage, case: Case) -> dict[str, object]:
    """What a leaving came to: what its certificate claims, and every decision of a person with its moment."""
    entries = one.house.journal.entries(case.id)
    decisions = (EventKind.APPROVED, EventKind.PROVEN, EventKind.STEP_MOVED, EventKind.DECIDED)
    said: list[Json] = [
        [str(entry.event.kind), str(entry.event.actor), entry.event.at.isoformat(), _until(entry.body)]
        for entry in entries
        if entry.event.kind in decisions
    ]
    return {
        **claims(certificate(one, case)),
        "decisions": said,
        "ended": {step: plain(standing.settled_at) for step, standing in case.steps.items()},
    }


def _until(body: Json) -> list[Json]:
    return [body.get(name) for name in ("step", "until", "move", "kind")] if isinstance(body, dict) else []


def approval(case: Case, step: str) -> object:
    """The yes that a step has."""
    return case.steps[StepId(step)].approval
