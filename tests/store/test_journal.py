"""The journal: refusals leave nothing, bodies are not readable, erasing keeps the chain, projections can be rebuilt."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from fakes.houses import CountedIds, Stage, stage
from fakes.told import told
from sendoff.model.envelope import Registered
from sendoff.model.errors import Broken, Refused
from sendoff.model.event import Body, Certified, Halted, StepMoved
from sendoff.model.hold import LegalHold
from sendoff.model.people import PersonId
from sendoff.model.state import Move, StepId
from sendoff.model.template import Tier
from sendoff.ports import Work
from sendoff.rules.chaining import chained, faults
from sendoff.rules.folding import after, body_of, fold
from sendoff.rules.life import due
from sendoff.store.casekeys import CaseKeys, house_key
from sendoff.store.database import open_database
from sendoff.store.dispatch.embedded import EmbeddedDispatch
from sendoff.store.journal import SqlJournal
from sendoff.store.versions import prepared
from sendoff.wiring.clocks import SystemClock

PAUL = PersonId("paul")
NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
TABLES = ("event", "body", "case_key", "case_row", "step_row", "work")


@pytest.fixture
def house(tmp_path: Path, server: str) -> Stage:
    return stage(tmp_path, tier=Tier.CSP, server=server)


def opened_again(data: Path, server: str = "") -> SqlJournal:
    """The journal of a data folder in a new life."""
    keys = CaseKeys(house_key(data / "keys" / "house.key"))
    engine = prepared(open_database(server or data / "sendoff.db"))
    dispatch = EmbeddedDispatch(engine, SystemClock())
    return SqlJournal(engine, keys, CountedIds("z"), dispatch, after=after, link=chained, body_of=body_of, due=due)


def rows(folder: Path, tables: Sequence[str] = TABLES, *, server: str = "") -> dict[str, list[tuple[object, ...]]]:
    """Everything in these tables, read with another program."""
    if server:
        with open_database(server).connect() as reader:
            found = {name: reader.exec_driver_sql(f"SELECT * FROM {name}").all() for name in tables}
        return {name: sorted(map(tuple, all_), key=repr) for name, all_ in found.items()}
    connection = sqlite3.connect(next(folder.glob("**/sendoff.db")))
    try:
        return {name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in tables}
    finally:
        connection.close()


def holds_text(folder: Path, text: str) -> bool:
    """True when the database or its log has these bytes anywhere."""
    files = [*folder.glob("**/sendoff.db"), *folder.glob("**/sendoff.db-wal")]
    assert files
    needles = (text.encode(), text.encode("utf-16-le"))
    return any(needle in file.read_bytes() for file in files for needle in needles)


# ---- refusals -------------------------------------------------------------------------------------------------------


def test_a_decision_on_an_old_sight_of_the_case_is_refused_and_changes_nothing(house: Stage) -> None:
    case = house.opened()
    journal = house.desk.ports.journal
    journal.append(case.id, case.seq, (Halted(on=True, reason="first"),), actor=PAUL, at=NOW)
    before = rows(house.folder, server=house.server)

    with pytest.raises(Refused, match="moved on meanwhile"):
        journal.append(case.id, case.seq, (Halted(on=False, reason="second"),), actor=PAUL, at=NOW)

    assert rows(house.folder, server=house.server) == before
    assert journal.load(case.id).halted == "first"


BAD: tuple[tuple[Body, ...], ...] = (
    (Halted(on=True, reason="fine"), StepMoved(step=StepId("no-such-step"), move=Move.STOP)),
    (Halted(on=True, reason="fine"), StepMoved(step=StepId("notice"), move=Move.APPROVE)),
    (),
)


@pytest.mark.parametrize("bodies", BAD[:2])
def test_events_of_which_the_last_is_refused_leave_nothing_of_the_first(house: Stage, bodies: tuple[Body, ...]) -> None:
    case = house.opened()
    journal = house.desk.ports.journal
    before = rows(house.folder, server=house.server)

    with pytest.raises(Refused):
        journal.append(case.id, None, bodies, actor=PAUL, at=NOW)

    assert rows(house.folder, server=house.server) == before
    assert journal.load(case.id) == case
    assert opened_again(house.folder / "data", house.server).load(case.id) == case


def test_nothing_to_append_changes_nothing(house: Stage) -> None:
    case = house.opened()
    before = rows(house.folder, server=house.server)

    house.desk.ports.journal.append(case.id, None, (), actor=PAUL, at=NOW)

    assert rows(house.folder, server=house.server) == before


def test_a_commit_that_fails_leaves_nothing_in_the_file_or_in_memory(house: Stage) -> None:
    case = house.opened()
    journal = house.desk.ports.journal
    before = rows(house.folder, server=house.server)

    def torn(
        connection: object, cursor: object, statement: str, parameters: object, context: object, many: bool
    ) -> None:
        if statement.startswith("UPDATE case_row"):
            raise OSError("disk full")

    event.listen(Engine, "before_cursor_execute", torn)
    try:
        with pytest.raises(OSError, match="disk full"):
            journal.append(case.id, None, (Halted(on=True, reason="torn"),), actor=PAUL, at=NOW)
    finally:
        event.remove(Engine, "before_cursor_execute", torn)

    assert rows(house.folder, server=house.server) == before
    assert journal.load(case.id).halted == ""


def test_a_lost_fence_writes_nothing(house: Stage) -> None:
    case = house.opened()
    before = rows(house.folder, server=house.server)
    stranger = Work(case=case.id, step=StepId("notice"), batch=-1, owner="nobody", attempt=3)

    with pytest.raises(Refused, match="lost"):
        house.desk.ports.journal.append(
            case.id, None, (Halted(on=True, reason="stranger"),), actor=PAUL, at=NOW, work=stranger
        )

    assert rows(house.folder, server=house.server) == before


def test_a_case_is_opened_once_and_only_by_being_opened(house: Stage) -> None:
    case = house.opened()
    journal = house.desk.ports.journal
    first = body_of(journal.entries(case.id)[0])

    with pytest.raises(Refused, match="exists already"):
        journal.open(case.id, first, actor=PAUL, at=NOW)
    with pytest.raises(Refused, match="begins with being opened"):
        journal.open("L9", Halted(on=True, reason="no"), actor=PAUL, at=NOW)
    with pytest.raises(Refused, match="there is no case"):
        journal.load("L9")


def test_an_event_that_says_it_is_earlier_than_the_last_takes_the_last_ones_time(house: Stage) -> None:
    case = house.opened()
    early = datetime(2020, 1, 1, tzinfo=UTC)

    after_it = house.desk.ports.journal.append(
        case.id, None, (Halted(on=True, reason="slow clock"),), actor=PAUL, at=early
    )

    assert after_it.at == case.at
    assert faults(house.desk.ports.journal.entries(case.id)) == ()


def test_two_houses_over_one_file_see_each_others_events(house: Stage) -> None:
    case = house.opened()
    other = opened_again(house.folder / "data", house.server)
    other.load(case.id)

    house.desk.ports.journal.append(case.id, None, (Halted(on=True, reason="here"),), actor=PAUL, at=NOW)

    assert other.load(case.id).halted == "here"
    with pytest.raises(Refused):
        other.append(case.id, case.seq, (Halted(on=False, reason="there"),), actor=PAUL, at=NOW)


def test_a_case_read_back_is_the_fold_of_its_events() -> None:
    found = told()

    again = opened_again(found.house.folder / "data").load(found.case.id)

    assert again == found.case == fold(found.entries)


# ---- what the file shows --------------------------------------------------------------------------------------------


def test_the_searcher_finds_a_planted_text(tmp_path: Path) -> None:
    engine = prepared(open_database(tmp_path / "sendoff.db"))
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.exec_driver_sql("INSERT INTO case_key VALUES ('L1', CAST('Anna van der Meer' AS BLOB))")
        connection.exec_driver_sql("COMMIT")

    assert holds_text(tmp_path, "Anna van der Meer")
    assert not holds_text(tmp_path, "Bram van der Meer")


def test_names_addresses_and_reasons_are_not_readable_in_the_database_or_its_log() -> None:
    found = told()
    facts = found.case.facts
    private = {facts.customer.name, facts.customer.slug, facts.provider.name, facts.notice.sender}
    private |= {part for contact in facts.customer.contacts for part in (contact.name, contact.mail, contact.phone)}
    private |= {one.reason for one in found.case.steps.values()} | {one.name for one in facts.scope}
    private |= {"called back", "asked the customer", found.case.title}

    shown = {text for text in private if len(text) > 5 and holds_text(found.house.folder, text)}

    assert len(private) > 20
    assert shown == set()


def test_the_house_key_is_readable_by_its_owner_only_and_a_damaged_one_is_told(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "house.key"

    key = house_key(file)

    assert len(key) == 32
    assert file.stat().st_mode & 0o077 == 0
    assert house_key(file) == key
    file.write_bytes(key[:31])
    with pytest.raises(Broken, match="31 bytes"):
        house_key(file)


def test_a_body_moved_to_another_place_or_read_with_another_key_is_broken(tmp_path: Path) -> None:
    found = told()
    data = found.copied(tmp_path)
    connection = sqlite3.connect(data / "sendoff.db")
    swap = "UPDATE body SET sealed=(SELECT sealed FROM body WHERE chain=:case AND seq=2) WHERE chain=:case AND seq=3"
    connection.execute(swap, {"case": found.case.id})
    connection.commit()
    connection.close()

    with pytest.raises(Broken, match="was changed"):
        opened_again(data).load(found.case.id)

    (data / "keys" / "house.key").write_bytes(bytes(32))
    with pytest.raises(Broken, match="house key"):
        opened_again(data).entries(found.case.id)


# ---- erasing --------------------------------------------------------------------------------------------------------


def test_after_erasing_the_chain_holds_and_nothing_of_its_bodies_is_left(tmp_path: Path) -> None:
    found = told()
    data = found.copied(tmp_path)
    journal = opened_again(data)
    before = journal.entries(found.case.id)
    wrapped = [row[1] for row in rows(data, ("case_key",))["case_key"] if row[0] == found.case.id]
    assert holds_bytes(data, wrapped[0])

    journal.erase(found.case.id, actor=PAUL, at=NOW)

    left = journal.entries(found.case.id)
    assert [one.event for one in left] == [one.event for one in before]
    assert all(one.body is None and one.salt is None for one in left)
    assert faults(left) == ()
    assert not holds_bytes(data, wrapped[0]), "the key is not in a free page or in the log either"
    with pytest.raises(Broken, match="erased"):
        journal.load(found.case.id)
    assert journal.cases() == ()
    assert faults(journal.register()) == ()
    said = [body_of(one) for one in journal.register()]
    assert [one.what for one in said if isinstance(one, Registered)] == ["opened", "closed", "erased"]
    assert journal.register()[-1].event.actor == PAUL


def holds_bytes(folder: Path, needle: object) -> bool:
    assert isinstance(needle, bytes)
    files = [*folder.glob("**/sendoff.db"), *folder.glob("**/sendoff.db-wal")]
    return any(needle in file.read_bytes() for file in files)


def test_h35_a_case_under_a_legal_hold_is_not_erased(tmp_path: Path) -> None:
    house = stage(tmp_path, tier=Tier.CSP)
    hold = LegalHold(on="azure", since=date(2026, 11, 1), by="the court of Utrecht", reason="C/16/1234")
    case = house.opened(lambda facts: replace(facts, holds=(hold,)))

    with pytest.raises(Refused, match="the court of Utrecht"):
        house.house.journal.erase(case.id, actor=PAUL, at=NOW)

    assert house.house.journal.load(case.id) == case


def test_an_erased_case_takes_nothing_of_another_with_it(tmp_path: Path) -> None:
    house = stage(tmp_path, tier=Tier.CSP)
    one, other = house.opened(), house.opened()

    house.house.journal.erase(one.id, actor=PAUL, at=NOW)

    assert house.house.journal.cases() == (other.id,)
    assert opened_again(tmp_path / "data").load(other.id) == other


# ---- projections ----------------------------------------------------------------------------------------------------


def test_projections_dropped_and_rebuilt_come_out_equal(tmp_path: Path) -> None:
    data = told().copied(tmp_path)
    before = rows(data, ("case_row", "step_row"))
    assert before["case_row"]
    assert len(before["step_row"]) > 10
    connection = sqlite3.connect(data / "sendoff.db")
    connection.execute("DELETE FROM case_row")
    connection.execute("DELETE FROM step_row")
    connection.commit()
    connection.close()

    opened_again(data).rebuild()

    assert rows(data, ("case_row", "step_row")) == before


def test_operational_rows_that_are_lost_cost_a_look_and_no_fact(tmp_path: Path) -> None:
    house = stage(tmp_path, tier=Tier.CSP)
    case = house.until(house.opened(), "confirm-termination", "approved")
    connection = sqlite3.connect(tmp_path / "data" / "sendoff.db")
    connection.execute("DELETE FROM work")
    connection.execute("DELETE FROM bucket")
    connection.commit()
    connection.close()

    after_it = house.desk.run(house.who("erik"), case.id, house.said.append, threads=1)

    assert after_it.steps[StepId("confirm-termination")].state == "done"


# ---- the house register ---------------------------------------------------------------------------------------------


def test_the_house_register_chains_what_was_opened_and_closed(tmp_path: Path) -> None:
    house = stage(tmp_path, tier=Tier.CSP)
    first, second = house.opened(), house.opened()
    assert first.certificate is None
    certified = Certified(certificate=first.template, outcome="limited", head=first.head)

    closed = house.desk.ports.journal.append(first.id, None, (certified,), actor=PAUL, at=NOW)

    register = house.desk.ports.journal.register()
    lines = [one.body for one in register]
    assert faults(register) == ()
    opening = {one.id: house.desk.ports.journal.entries(one.id)[0].event.digest for one in (first, second)}
    assert [(row["case"], row["what"], row["head"]) for row in lines if isinstance(row, dict)] == [
        (first.id, "opened", opening[first.id]),
        (second.id, "opened", opening[second.id]),
        (first.id, "closed", closed.head),
    ]
    dropped = (register[0], register[2])
    assert faults(dropped) != ()
    assert faults(tuple(replace(one, event=replace(one.event, case="other")) for one in register[:1])) == ()


def test_every_database_is_opened_with_a_full_log_and_foreign_keys(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "sendoff.db")
    asked = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")

    with engine.connect() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked]

    assert found == ["wal", 2, 1, 1, 30000]
