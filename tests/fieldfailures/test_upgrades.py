"""F21: work that waits is lost neither by an upgrade, nor by one that dies, nor by a restart of either side."""

import itertools
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, insert, text
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.pool import Pool

from fakes.houses import Stage
from fakes.in_process import PowerCut
from fakes.places import (
    LETTER,
    ROLES,
    TRUTH,
    again,
    approval,
    brought_down,
    changed,
    halfway,
    place_of,
    rows,
    told,
)
from sendoff.engine.run import move
from sendoff.engine.worker import PUT_OFF, one_piece, work_off
from sendoff.model.case import Case
from sendoff.model.digest import Json, canonical, salted
from sendoff.model.errors import Refused, StoreDown, TooNew
from sendoff.model.event import Opened
from sendoff.model.people import ROBOT
from sendoff.model.state import State, StepId
from sendoff.ports import Work
from sendoff.rules.folding import body_of
from sendoff.store.casekeys import sealed
from sendoff.store.database import open_database, reading, writing
from sendoff.store.schema import body as body_table
from sendoff.store.schema import event as event_table
from sendoff.store.versions import versions
from sendoff.wiring.keeping import Place, place, upgrade

EVERYTHING = (*TRUTH, "case_row", "step_row", "work", "bucket")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The same leaving, also in two lives, with nothing in between."""
    one, case = halfway(tmp_path_factory.mktemp("undisturbed"))
    return ended(again(one), case)


def ended(one: Stage, case: Case) -> dict[str, object]:
    """Go on with a case to its certificate: what it came to."""
    return told(one, one.story(case).tell())


# ---- older tables, newer program ----------------------------------------------------------------------------------


def test_f21_a_newer_program_leaves_older_tables_alone_and_names_the_command(tmp_path: Path, server: str) -> None:
    one, _ = halfway(tmp_path, server, LETTER)
    here = place_of(one)
    brought_down(here)
    before = rows(here.engine, EVERYTHING)

    with pytest.raises(Refused, match=r"version 1 .*`sendoff db backup` and then `sendoff db upgrade`"):
        again(one, server=server)

    assert rows(here.engine, EVERYTHING) == before
    with reading(here.engine) as connection:
        assert versions(connection) == (1, 1)


def test_f21_a_case_half_way_goes_on_over_an_upgrade_as_if_there_had_been_none(
    tmp_path: Path, server: str, undisturbed: Mapping[str, object]
) -> None:
    one, case = halfway(tmp_path, server)
    here = place_of(one)
    brought_down(here)
    truth, waiting = rows(here.engine), rows(here.engine, ("work",))["work"]

    assert "were of version 1" in upgrade(here)

    assert rows(here.engine) == truth, "no event, body or key is touched"
    kept = {row[:8] for row in rows(here.engine, ("work",))["work"]}
    assert waiting and kept >= set(waiting), "what waits keeps its date, its attempt and its holder"
    life = again(one, server=server)
    now = life.desk.case(case.id)
    assert now == case
    assert approval(now, ROLES) is not None
    assert ended(life, case) == undisturbed


def test_f21_a_halt_and_a_version_of_code_are_in_the_rows_after_an_upgrade(tmp_path: Path, server: str) -> None:
    one, case = halfway(tmp_path, server, LETTER)
    one.desk.halt(one.who("paul"), case.id, on=True, reason="wrong tenant reported")
    before = rows(place_of(one).engine, ("case_row", "step_row"))
    brought_down(place_of(one))

    upgrade(place_of(one))

    assert rows(place_of(one).engine, ("case_row", "step_row")) == before
    assert again(one, server=server).desk.case(case.id).halted == "wrong tenant reported"


def test_f21_an_upgrade_is_done_once(tmp_path: Path, server: str) -> None:
    one, _ = halfway(tmp_path, server, LETTER)
    assert "nothing to do" in upgrade(place_of(one))
    brought_down(place_of(one))
    assert "nothing to do" not in upgrade(place_of(one))
    before = rows(place_of(one).engine, EVERYTHING)
    assert "nothing to do" in upgrade(place_of(one))
    assert rows(place_of(one).engine, EVERYTHING) == before


# ---- an upgrade that dies -----------------------------------------------------------------------------------------


@contextmanager
def dies_at(number: int, seen: list[str]) -> Iterator[None]:
    """The power goes out before the statement of this number."""

    def counted(
        connection: object, cursor: object, statement: str, parameters: object, context: object, many: bool
    ) -> None:
        seen.append(statement)
        if len(seen) == number:
            raise PowerCut(statement)

    event.listen(Engine, "before_cursor_execute", counted)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", counted)


def copied(folder: Path, here: Place) -> Path:
    """The files of a database as they lie there now, which is what a dead process leaves."""
    folder.mkdir()
    for file in here.data.glob("sendoff.db*"):
        if not file.name.endswith("-shm"):
            shutil.copy(file, folder / file.name)
    return folder / "sendoff.db"


def test_f21_an_upgrade_that_dies_at_any_statement_leaves_the_tables_as_they_were(tmp_path: Path, server: str) -> None:
    one, case = halfway(tmp_path, server, LETTER)
    here = place_of(one)
    brought_down(here)
    before = rows(here.engine, EVERYTHING)
    for number in itertools.count(1):
        seen: list[str] = []
        with dies_at(number, seen), suppress(PowerCut, PendingRollbackError):
            upgrade(here)
        with reading(place_of(one).engine) as connection:
            told_now = versions(connection)
        if told_now != (1, 1):
            break
        if number % 10 == 1:
            assert rows(here.engine, EVERYTHING) == before
    assert number > 40
    assert "COMMIT" in seen[:-1], "it is not upgraded before the one commit"
    assert rows(here.engine) == {name: before[name] for name in TRUTH}
    assert again(one, server=server).desk.case(case.id) == case


def test_f21_the_files_that_a_killed_upgrade_leaves_are_upgraded_by_the_next(tmp_path: Path) -> None:
    one, case = halfway(tmp_path / "house", step=LETTER)
    here = place_of(one)
    brought_down(here)
    truth = rows(here.engine)
    found: list[tuple[int, int]] = []

    def torn(
        connection: object, cursor: object, statement: str, parameters: object, context: object, many: bool
    ) -> None:
        if statement.startswith(("CREATE", "DROP", "ALTER", "INSERT INTO step_row", "DELETE FROM meta")):
            image = open_database(copied(tmp_path / f"image{len(found)}", here))
            with reading(image) as looking:
                found.append(versions(looking) or (0, 0))
            image.dispose()

    event.listen(Engine, "before_cursor_execute", torn)
    try:
        upgrade(here)
    finally:
        event.remove(Engine, "before_cursor_execute", torn)

    assert len(found) >= 10
    assert set(found) == {(1, 1)}, "until the one commit nothing of it is in the files"
    shutil.copytree(here.data / "keys", tmp_path / "image3" / "keys")
    image = place(settings=here.settings.model_copy(update={"data": tmp_path / "image3"}))
    assert "were of version 1" in upgrade(image)
    assert rows(image.engine) == truth
    assert image.journal().load(case.id) == case


# ---- newer tables, older program ----------------------------------------------------------------------------------


def test_f21_newer_tables_that_this_program_can_work_on_are_worked_on(tmp_path: Path, server: str) -> None:
    one, case = halfway(tmp_path, server, LETTER)
    changed(place_of(one).engine, "UPDATE meta SET value = 3 WHERE name = 'version'")

    life = again(one, server=server)
    work_off(life.desk.ports, case=case.id, say=life.said.append, threads=1)

    assert life.desk.case(case.id).steps[StepId(LETTER)].state is State.DONE
    assert "version 3" in upgrade(place_of(one))


def test_f21_newer_tables_that_this_program_would_spoil_are_refused(tmp_path: Path, server: str) -> None:
    one, _ = halfway(tmp_path, server, LETTER)
    here = place_of(one)
    changed(here.engine, "UPDATE meta SET value = 3")
    before = rows(here.engine, EVERYTHING)

    for knock in (lambda: again(one, server=server), lambda: upgrade(here)):
        with pytest.raises(Refused, match="of version 3, for programs of 3 or newer, and this one is of 2: install"):
            knock()

    assert rows(here.engine, EVERYTHING) == before


def test_f21_a_program_that_runs_while_the_tables_are_upgraded_beyond_it_writes_no_more(
    tmp_path: Path, server: str
) -> None:
    one, case = halfway(tmp_path, server, LETTER)
    here, said = place_of(one), list[str]()
    changed(here.engine, "UPDATE meta SET value = 3 WHERE name = 'version'")
    one.desk.halt(one.who("paul"), case.id, on=True, reason="it may still write")
    one.desk.halt(one.who("paul"), case.id, on=False, reason="it may still write")
    changed(here.engine, "UPDATE meta SET value = 3 WHERE name = 'runs_from'")
    before, world = rows(here.engine), len(one.sandbox.world.record.rows)

    with pytest.raises(TooNew, match="upgraded meanwhile, for programs of version 3"):
        one.desk.halt(one.who("paul"), case.id, on=True, reason="it may not")
    work_off(one.desk.ports, case=case.id, say=said.append, threads=1)

    assert ["upgraded meanwhile" in line for line in said] == [True], "said once, and put off"
    assert rows(here.engine) == before
    assert not [row for row in one.sandbox.world.record.rows[world:] if row["type"] == "effect"], "and nothing is done"


# ---- a newer program works beside this one ------------------------------------------------------------------------


def with_newer_step(one: Stage, case: Case) -> str:
    """A second case, told event by event like the first, whose letter needs a newer version of its code."""
    newer = "L00009999"
    ports, journal = one.desk.ports, one.house.journal
    opened, *others = journal.entries(case.id)
    first = body_of(opened)
    assert isinstance(first, Opened)
    steps = tuple(replace(row, major=99) if row.step == LETTER else row for row in first.steps)
    journal.open(newer, replace(first, steps=steps), actor=opened.event.actor, at=opened.event.at)
    for entry in others:
        journal.append(newer, None, (body_of(entry),), actor=entry.event.actor, at=entry.event.at)
    folder = place_of(one).evidence
    shutil.copytree(folder / case.id, folder / newer)
    assert ports.journal.load(newer).steps[StepId(LETTER)].state is State.APPROVED
    return newer


def test_f21_a_step_of_newer_code_is_not_taken_and_waits_unchanged(tmp_path: Path, server: str) -> None:
    one, case = halfway(tmp_path, server, LETTER)
    newer = with_newer_step(one, case)
    ports, said = one.desk.ports, list[str]()
    before = ports.journal.load(newer)

    ports.dispatch.sweep()
    assert ports.dispatch.take("w", case=newer) is None
    piece = Work(case=newer, step=StepId(LETTER), batch=-1, owner="w", attempt=1)
    assert "needs version 99 of its code" in move(ports, piece).said
    work_off(ports, case=newer, say=said.append, threads=1)

    assert any("needs version 99" in line for line in said)
    assert ports.journal.load(newer) == before
    taken = ports.dispatch.take("w", case=case.id)
    assert taken is not None and taken.step == LETTER, "the same piece of this code is taken"


def from_newer(one: Stage, case: Case, kind: str, said: Json) -> None:
    """An event at the end of a chain as a newer program writes it."""
    here, last = place_of(one), one.house.journal.entries(case.id)[-1].event
    salt, seq = "5" * 64, last.seq + 1
    envelope = {
        "v": 1,
        "case": case.id,
        "seq": seq,
        "at": last.at.isoformat(),
        "actor": str(ROBOT),
        "kind": kind,
        "prev": last.digest,
        "body_hash": salted(salt, said),
    }
    inner = canonical({"salt": salt, "body": said})
    with writing(here.engine) as connection:
        key = here.keys().key(connection, case.id)
        assert key is not None
        values = {"chain": case.id, "seq": seq}
        connection.execute(insert(event_table).values(**values, envelope=canonical(envelope).decode()))
        hidden = sealed(key, inner, f"body {seq} of {case.id}")
        connection.execute(insert(body_table).values(**values, sealed=hidden))


@pytest.mark.parametrize(
    ("kind", "body", "named"),
    [
        ("foretold", {"by": "a newer program"}, "of kind 'foretold'"),
        ("halted", {"on": True, "reason": "x", "until": "2027-01-01"}, "halted: .*unknown field 'until'"),
    ],
)
def test_f21_a_case_that_a_newer_program_wrote_in_is_left_alone_and_the_others_go_on(
    tmp_path: Path, server: str, kind: str, body: Json, named: str
) -> None:
    one, case = halfway(tmp_path, server, LETTER)
    other = one.until(one.opened(), LETTER, "approved")
    from_newer(one, case, kind, body)
    life = again(one, server=server)
    before = rows(place_of(one).engine)
    ports, said = life.desk.ports, list[str]()

    with pytest.raises(TooNew, match=f"{named}.*install the newer program"):
        life.desk.case(case.id)
    assert [found.id for found in life.desk.cases()] == [other.id]

    piece = ports.dispatch.take("w", case=case.id)
    assert piece is not None
    one_piece(ports, piece, said.append)
    assert [kind in line for line in said] == [True]
    assert rows(place_of(one).engine) == before
    assert ports.dispatch.take("w", case=case.id) is None, "it is put off, so that it costs nobody anything"
    assert PUT_OFF >= 10
    work_off(ports, case=other.id, say=said.append, threads=1)
    assert life.desk.case(other.id).steps[StepId(LETTER)].state is State.DONE


# ---- a restart of either side -------------------------------------------------------------------------------------


def test_f21_a_program_that_restarts_finds_every_yes_where_it_was(
    tmp_path: Path, undisturbed: Mapping[str, object]
) -> None:
    one, case = halfway(tmp_path)
    for life in (again(one), again(one, life=3)):
        assert life.desk.case(case.id) == case
        assert approval(life.desk.case(case.id), ROLES) == approval(case, ROLES) is not None
    assert ended(life, case) == undisturbed


class Server:
    """A database server that can be told to hang up on everybody of this test, as it does when it restarts."""

    def __init__(self, address: str) -> None:
        self.address, self.lines, self.hung_up = address, set[int](), 0
        event.listen(Pool, "connect", self._connected)

    def _connected(self, connection: object, record: object) -> None:
        info = getattr(connection, "info", None)
        if info is not None:
            self.lines.add(info.backend_pid)

    def restarts(self) -> None:
        """Every line is cut, in whatever transaction it is."""
        lines, self.lines = self.lines, set()
        engine = create_engine(
            self.address.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            for pid in lines:
                cut = connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid}).scalar()
                self.hung_up += cut is True
        engine.dispose()

    def forget(self) -> None:
        """No listening any more."""
        event.remove(Pool, "connect", self._connected)


@pytest.fixture
def restarting(server: str) -> Iterator[Server]:
    if not server:
        pytest.skip("a file does not restart; its program does")
    made = Server(server)
    yield made
    made.forget()


def test_f21_a_database_that_restarts_under_a_program_loses_no_yes(
    tmp_path: Path, server: str, restarting: Server, undisturbed: Mapping[str, object]
) -> None:
    one, case = halfway(tmp_path, server)
    restarting.restarts()
    assert restarting.hung_up

    life = again(one, server=server)
    assert life.desk.case(case.id) == case
    restarting.restarts()

    assert life.desk.case(case.id) == case, "the same program asks again over a new line"
    assert ended(life, case) == undisturbed


def test_f21_a_database_that_restarts_in_the_middle_of_a_write_has_written_nothing(
    tmp_path: Path, server: str, restarting: Server
) -> None:
    one, case = halfway(tmp_path, server, LETTER)
    truth = rows(place_of(one).engine)
    restarted: list[str] = []

    def cut(
        connection: object, cursor: object, statement: str, parameters: object, context: object, many: bool
    ) -> None:
        if statement.startswith("INSERT INTO body") and not restarted:
            restarted.append(statement)
            restarting.restarts()

    event.listen(Engine, "before_cursor_execute", cut)
    try:
        with pytest.raises(StoreDown):
            one.desk.halt(one.who("paul"), case.id, on=True, reason="wrong tenant reported")
    finally:
        event.remove(Engine, "before_cursor_execute", cut)

    assert restarted and restarting.hung_up
    assert rows(place_of(one).engine) == truth
    assert one.desk.halt(one.who("paul"), case.id, on=True, reason="wrong tenant reported").halted
    assert one.desk.case(case.id).steps[StepId(LETTER)].approval == case.steps[StepId(LETTER)].approval
