"""Procrastinate as Dispatch: a job is there when the transaction that made the piece ready is, and is only a hint."""

import gc
import threading
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import Engine, text

from fakes.postgres import fresh_schema, hung_up
from sendoff.model.state import StepId
from sendoff.ports import Piece
from sendoff.store.database import open_database, reading, writing
from sendoff.store.dispatch.procrastinate import ProcrastinateDispatch
from sendoff.store.versions import prepared
from sendoff.wiring.clocks import SystemClock

pytestmark = pytest.mark.postgres
STEP = StepId("remove-resources")
SIGNATURE = "jobs procrastinate_job_to_defer_v1[]"
FIELDS = ["queue_name", "task_name", "priority", "lock", "queueing_lock", "args", "scheduled_at"]


@pytest.fixture
def engine() -> Iterator[Engine]:
    with hung_up():
        yield prepared(open_database(fresh_schema()))


@pytest.fixture
def dispatch(engine: Engine) -> ProcrastinateDispatch:
    return ProcrastinateDispatch(engine, SystemClock(), lease=1.0)


def asked(engine: Engine, question: str) -> Sequence[object]:
    with reading(engine) as connection:
        return connection.execute(text(question)).scalars().all()


def jobs(engine: Engine) -> Sequence[object]:
    """The pieces that workers are told of."""
    return asked(engine, "SELECT args->>'step' || ' ' || (args->>'batch') FROM procrastinate_jobs ORDER BY id")


def test_the_sql_that_defers_in_our_transaction_is_the_one_we_know(engine: Engine) -> None:
    found = asked(
        engine,
        "SELECT pg_get_function_arguments(oid) FROM pg_proc WHERE proname = 'procrastinate_defer_jobs_v1' "
        "AND pronamespace = current_schema()::regnamespace",
    )
    fields = asked(
        engine,
        "SELECT attname::text FROM pg_attribute WHERE attrelid = "
        "(quote_ident(current_schema()) || '.procrastinate_job_to_defer_v1')::regclass ORDER BY attnum",
    )

    assert found == [SIGNATURE]
    assert fields == FIELDS


def test_a_job_is_gone_with_the_transaction_that_made_it(engine: Engine, dispatch: ProcrastinateDispatch) -> None:
    with pytest.raises(OSError, match="the power"), writing(engine) as connection:
        dispatch.handed_out(connection, "L1", [STEP])
        assert connection.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar() == 1
        raise OSError("the power went out")

    assert jobs(engine) == []
    assert dispatch.take("a") is None

    with writing(engine) as connection:
        dispatch.handed_out(connection, "L1", [STEP])

    assert jobs(engine) == [f"{STEP} -1"]
    assert dispatch.take("a") is not None


def test_a_worker_is_told_of_each_batch_of_what_is_let_go_and_of_what_was_asked_for_meanwhile(
    engine: Engine, dispatch: ProcrastinateDispatch
) -> None:
    dispatch.ready("L1", STEP, batches=(0, 1))
    assert jobs(engine) == [f"{STEP} 0", f"{STEP} 1"]

    held = dispatch.take("a", piece=("L1", STEP, 0))
    assert held is not None
    dispatch.later(held, seconds=9)
    assert jobs(engine)[2:] == [f"{STEP} 0"], "told of again"
    assert asked(engine, "SELECT scheduled_at > now() + interval '5 s' FROM procrastinate_jobs ORDER BY id")[2] is True

    other = dispatch.take("a", piece=("L1", STEP, 1))
    assert other is not None
    dispatch.ready("L1", STEP, batches=(1,))
    dispatch.done(other)
    assert jobs(engine)[3:] == [f"{STEP} 1", f"{STEP} 1"], "asked for while it was held: told of when it was let go"


def test_a_lost_job_is_told_again_by_the_sweep_and_only_when_nobody_is_busy_with_others(
    engine: Engine, dispatch: ProcrastinateDispatch
) -> None:
    dispatch.ready("L1", STEP)
    dispatch.sweep()
    assert jobs(engine) == [f"{STEP} -1"], "a job waits: nothing is lost"

    with writing(engine) as connection:
        connection.execute(text("DELETE FROM procrastinate_jobs"))
    dispatch.sweep()

    assert jobs(engine) == [f"{STEP} -1"]


def test_what_waits_for_a_date_has_no_job(engine: Engine, dispatch: ProcrastinateDispatch) -> None:
    dispatch.ready("L1", STEP)
    held = dispatch.take("a")
    assert held is not None
    with writing(engine) as connection:
        connection.execute(text("DELETE FROM procrastinate_jobs"))

    dispatch.later(held, civil=SystemClock().now().replace(year=2090))
    dispatch.sweep()

    assert jobs(engine) == []


def test_that_somebody_buried_a_job_meanwhile_is_no_news(
    engine: Engine, dispatch: ProcrastinateDispatch, caplog: pytest.LogCaptureFixture
) -> None:
    stopping, told = threading.Event(), list[Piece]()
    dispatch.ready("L1", STEP)

    def advance(piece: Piece) -> None:
        told.append(piece)
        with writing(engine) as connection:
            connection.execute(text("DELETE FROM procrastinate_jobs"))
        stopping.set()

    dispatch.serve(advance, threads=1, stopping=stopping)
    gc.collect()

    assert told == [("L1", STEP, -1)]
    assert [one.getMessage() for one in caplog.records if one.name == "asyncio"] == []
