"""The other answer to Dispatch: on PostgreSQL a job of Procrastinate tells some worker, on some machine, to look.

The job is enqueued in the transaction that makes the piece ready, by the SQL that Procrastinate itself defers with; a
job is a hint, and the rows of `work` stay the fence. So it is this one file, and another job engine could stand here.
Procrastinate 3.10: `procrastinate_defer_jobs_v1` is its internal SQL; a test fails when its signature changes.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, select, text

from sendoff.model.errors import StoreDown
from sendoff.ports import Piece
from sendoff.store.database import again_when_torn, reading, writing
from sendoff.store.dispatch.embedded import EmbeddedDispatch
from sendoff.store.schema import work

if TYPE_CHECKING:
    from procrastinate import App

QUEUE, TASK = "sendoff", "sendoff.advance"
SWEEP = 5.0
"""Seconds between two sweeps of one worker."""
POLL = 1.0
"""Seconds after which a worker looks for jobs although nobody notified it: a job for later makes no sound when its time
comes."""
AT_ONCE = 200
"""Pieces that one sweep tells of."""
_DEFER = text(
    "SELECT procrastinate_defer_jobs_v1(array_agg(ROW(:queue, :task, 0, NULL, NULL, piece, "
    "CASE WHEN :seconds > 0 THEN clock_timestamp() + make_interval(secs => :seconds) END)"
    "::procrastinate_job_to_defer_v1)) FROM jsonb_array_elements(CAST(:pieces AS jsonb)) AS piece"
)
_WAITING = text(
    "SELECT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE queue_name = :queue AND status = 'todo' "
    "AND (scheduled_at IS NULL OR scheduled_at <= clock_timestamp()))"
)
_ALONE = text("SELECT pg_try_advisory_xact_lock(hashtextextended('sweep', 0))")


def installed(connection: Connection) -> None:
    """Procrastinate's own tables and functions, beside ours, when they are not there yet."""
    if "procrastinate_jobs" in inspect(connection).get_table_names():
        return
    from procrastinate.schema import SchemaManager

    # Through the driver: the text has signs that would be read as places for parameters.
    cursor = connection.connection.cursor()
    cursor.execute(SchemaManager.get_schema())
    cursor.close()


class ProcrastinateDispatch(EmbeddedDispatch):
    """Answers the port Dispatch on PostgreSQL: the same rows, and a job for each piece that becomes ready."""

    def _hint(self, connection: Connection, pieces: Iterable[Piece], *, seconds: float = 0.0) -> None:
        told = [{"case": case, "step": str(step), "batch": batch} for case, step, batch in pieces]
        if told:
            values = {"queue": QUEUE, "task": TASK, "pieces": json.dumps(told), "seconds": seconds}
            connection.execute(_DEFER, values)

    @again_when_torn
    def sweep(self) -> int:
        """As embedded; and pieces that are due without a job (their worker died, their date came) get one."""
        found = super().sweep()
        with reading(self.engine) as connection:
            if not self._untold(connection, 1):
                return found
        with writing(self.engine) as connection:
            # One sweeper at a time, and none while jobs still wait for somebody to take them.
            if connection.execute(_ALONE).scalar() and not connection.execute(_WAITING, {"queue": QUEUE}).scalar():
                self._hint(connection, self._untold(connection, AT_ONCE))
        return found

    def wait(self, seconds: float, stopping: threading.Event) -> bool:
        """So many seconds; jobs tell of what is new before. True when there is a piece to take."""
        stopping.wait(seconds)
        return self._due_now()

    def _untold(self, connection: Connection, most: int) -> list[Piece]:
        asked = select(work.c.chain, work.c.step, work.c.batch).where(*self._timed.overdue).limit(most)
        return [(row.chain, row.step, row.batch) for row in connection.execute(asked, self._timed.moment())]

    # ---- a worker ------------------------------------------------------------------------------------------------

    def serve(self, advance: Callable[[Piece], None], *, threads: int, stopping: threading.Event) -> None:
        """Take jobs until `stopping`: each calls `advance` on one of so many threads. StoreDown when the server goes
        away; whoever calls begins anew."""
        from procrastinate.exceptions import ProcrastinateException
        from psycopg import Error
        from psycopg_pool import PoolTimeout

        try:
            asyncio.run(self._serving(advance, threads, stopping))
        except (ProcrastinateException, Error, PoolTimeout, OSError) as gone:
            raise StoreDown(f"the job queue does not answer: {type(gone).__name__}") from gone

    async def _serving(self, advance: Callable[[Piece], None], threads: int, stopping: threading.Event) -> None:
        loop, app = asyncio.get_running_loop(), _app(self.engine, advance)
        loop.set_exception_handler(_heard)
        loop.set_default_executor(ThreadPoolExecutor(threads + 2, thread_name_prefix="work"))
        async with app.open_async():
            working = asyncio.create_task(
                app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=threads,
                    fetch_job_polling_interval=min(POLL, self.lease),
                    delete_jobs="always",
                    install_signal_handlers=False,
                    update_heartbeat_interval=self.lease / 3,
                    stalled_worker_timeout=self.lease,
                    shutdown_graceful_timeout=self.lease,
                )
            )
            try:
                await self._until(working, app, stopping)
            finally:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)

    async def _until(self, working: "asyncio.Task[None]", app: "App", stopping: threading.Event) -> None:
        """Sweep now and then, until somebody says stop or the worker ends by itself."""
        left = 0.0
        while not stopping.is_set() and not working.done():
            if left <= 0:
                await asyncio.to_thread(self.sweep)
                await self._buried(app)
                left = min(SWEEP, self.lease)
            await asyncio.wait((working,), timeout=0.2)
            left -= 0.2
        if working.done() and (failed := working.exception()):
            raise failed

    async def _buried(self, app: "App") -> None:
        """Jobs of dead workers go: the sweep has told another worker of the piece by then, or will."""
        from procrastinate.jobs import Status

        for job in await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=self.lease):
            await app.job_manager.finish_job(job=job, status=Status.FAILED, delete_job=True)


def _heard(loop: asyncio.AbstractEventLoop, told: dict[str, object]) -> None:
    """What nobody waits for: that a job cannot be ended which somebody buried meanwhile, or while the server is away,
    is no news, since jobs are hints."""
    from procrastinate.exceptions import ConnectorException

    if not isinstance(told.get("exception"), ConnectorException):
        loop.default_exception_handler(told)


def _app(engine: Engine, advance: Callable[[Piece], None]) -> "App":
    from procrastinate import App, PsycopgConnector

    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    app = App(connector=PsycopgConnector(conninfo=address, min_size=1, max_size=4))

    @app.task(name=TASK, queue=QUEUE)
    def look(case: str, step: str, batch: int) -> None:
        advance((case, step, batch))

    return app
