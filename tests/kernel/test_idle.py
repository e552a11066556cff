"""Idle is free: ten thousand cases that wait cost as many statements as ten, and a restart reads none of them."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, insert

from sendoff.model.state import State, StepId
from sendoff.store.database import open_database, writing
from sendoff.store.dispatch.embedded import EmbeddedDispatch
from sendoff.store.dispatch.procrastinate import ProcrastinateDispatch
from sendoff.store.schema import case_row, step_row, work
from sendoff.store.versions import prepared
from sendoff.wiring.clocks import SystemClock

FEW, MANY = 10, 10_000
LETTER, CONTRACT = StepId("confirm-termination"), StepId("terminate-contract")


def waiting(engine: Engine, many: int, *, due: int = -1) -> None:
    """So many open cases: half wait for a person, half for a date. `due` is one whose date has come."""
    cases, steps, rows = [], [], []
    for number in range(many):
        chain = f"W{number:08d}"
        cases.append(
            {
                "chain": chain,
                "seq": 9,
                "head": "sha256:0",
                "tier": "csp",
                "contract_end": "2090-01-01",
                "opened_at": "2026-11-23T09:00:00+00:00",
                "total": 2,
                "settled": 0,
                "waiting_for": "CSM",
                "outcome": "",
                "halted": False,
            }
        )
        dated = number % 2
        state = State.APPROVED if dated else State.READY
        step = {"chain": chain, "role": "Engineer", "settled_at": "", "major": 1}
        steps.append({**step, "step": CONTRACT, "state": str(state)})
        steps.append({**step, "step": LETTER, "state": str(State.READY)})
        if dated:
            year = 2000 if number == due else 2090
            rows.append(
                {
                    "chain": chain,
                    "step": CONTRACT,
                    "batch": -1,
                    "owner": "",
                    "attempt": 1,
                    "lease_until": 0.0,
                    "due": 0.0,
                    "due_civil": datetime(year, 1, 1, tzinfo=UTC).isoformat(timespec="microseconds"),
                    "major": 1,
                }
            )
    with writing(engine) as connection:
        for table, values in ((case_row, cases), (step_row, steps), (work, rows)):
            connection.execute(insert(table), values)


@contextmanager
def heard() -> Iterator[Counter[str]]:
    """Every statement that is carried out meanwhile."""
    said: Counter[str] = Counter()

    def on(connection: object, cursor: object, statement: str, values: object, context: object, many: bool) -> None:
        said[" ".join(statement.split())] += 1

    event.listen(Engine, "after_cursor_execute", on)
    try:
        yield said
    finally:
        event.remove(Engine, "after_cursor_execute", on)


def a_shift(dispatch: EmbeddedDispatch) -> Counter[str]:
    """The statements of a worker that begins and then looks ten times."""
    with heard() as said:
        dispatch.sweep()
        for _ in range(10):
            assert dispatch.wait(0.01, threading.Event()) is False
            assert dispatch.take("a") is None
    return said


@pytest.fixture
def dispatches(tmp_path: Path, server: str) -> list[EmbeddedDispatch]:
    """A house of few cases; then, with the same places, one of many."""
    kind = ProcrastinateDispatch if server else EmbeddedDispatch
    return [kind(prepared(open_database(server or tmp_path / "idle.db")), SystemClock())]


def test_ten_thousand_cases_that_wait_cost_as_many_statements_as_ten(dispatches: list[EmbeddedDispatch]) -> None:
    (dispatch,) = dispatches
    engine = dispatch.engine
    waiting(engine, FEW)
    few = a_shift(dispatch)
    with writing(engine) as connection:
        for table in (work, step_row, case_row):
            connection.execute(table.delete())
    waiting(engine, MANY)

    many = a_shift(dispatch)

    assert sum(many.values()) == sum(few.values())
    assert 0 < sum(many.values()) < 150
    assert not any("FROM event" in line or "FROM body" in line for line in many), "nothing is replayed"
    assert [line for line in many if "FROM work" in line], "it did look"


def test_the_one_whose_date_has_come_is_found_among_ten_thousand(dispatches: list[EmbeddedDispatch]) -> None:
    (dispatch,) = dispatches
    waiting(dispatch.engine, MANY, due=4711)

    assert dispatch.wait(0.01, threading.Event()) is True
    found = dispatch.take("a")

    assert found is not None
    assert found.case == "W00004711"
    assert dispatch.take("b") is None


def test_what_is_looked_for_each_second_stands_in_an_index(tmp_path: Path) -> None:
    dispatch = EmbeddedDispatch(prepared(open_database(tmp_path / "idle.db")), SystemClock())
    waiting(dispatch.engine, FEW)

    with heard() as said:
        dispatch.take("a")
    question = next(line for line in said if "FROM work" in line)
    with dispatch.engine.connect() as connection:
        places = question.count("?")
        told = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {question}", ("",) * places).all()

    plan = " ".join(str(row[-1]) for row in told)
    assert "USING INDEX work_when" in plan
    assert "SCAN work" not in plan
