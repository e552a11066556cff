"""One database, of two kinds with the same transactions: SQLite in a file, or PostgreSQL on a server.

SQLite: write-ahead log, every write transaction immediate, local disks only. PostgreSQL 14 or newer: read committed
under one lock a chain, the server's clock for leases.
"""

import functools
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Connection, Double, Engine, create_engine, event, func, literal, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolEmpty
from sqlalchemy.pool import ConnectionPoolEntry

from sendoff.model.errors import BadInput, StoreDown
from sendoff.model.secret import Secret

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S")

TORN = frozenset({"40001", "40P01"})
"""PostgreSQL's codes for a transaction that was undone because of another one: serialization failure, deadlock."""
TRIES = 5
_BEGIN = {
    ("sqlite", True): "BEGIN IMMEDIATE",
    ("sqlite", False): "BEGIN",
    ("postgresql", True): "BEGIN ISOLATION LEVEL READ COMMITTED",
    ("postgresql", False): "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
}
BUSY = 30.0
"""Seconds that a writer waits for its turn."""
_WRITERS: "WeakKeyDictionary[Engine, threading.Lock]" = WeakKeyDictionary()
"""The queue of this process's writers to a SQLite file: the library's own wait sleeps longer and longer, and whoever
comes last may go first. Other processes are waited for as ever."""
_SESSION = (
    # A worker that stands still in a transaction must not hold a case for ever.
    "-c idle_in_transaction_session_timeout=30000 -c lock_timeout=30000 -c timezone=UTC"
)


def open_database(place: Path | str, *, password: Secret | None = None) -> Engine:
    """The engine of a SQLite file, whose folder is made when it is new, or of a `postgresql://` address.

    Tables are `schema.prepared`'s business. Raises BadInput when the address is no such address, or when the driver
    (`pip install 'sendoff[postgres]'`) is missing."""
    if isinstance(place, Path):
        place.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(f"sqlite:///{place}", connect_args={"timeout": BUSY, "check_same_thread": False})
        event.listen(engine, "connect", _prepare)
        _WRITERS[engine] = threading.Lock()
        return engine
    return _server(place, password)


def _server(address: str, password: Secret | None) -> Engine:
    try:
        url = make_url(address)
    except ArgumentError as wrong:
        raise BadInput("write it as postgresql://USER@HOST:PORT/NAME", where="database.url") from wrong
    if url.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise BadInput(f"{url.drivername} is not served; write postgresql://USER@HOST:PORT/NAME", where="database.url")
    url = url.set(drivername="postgresql+psycopg", password=password.reveal() if password else url.password)
    options = f"{url.query.get('options', '')} {_SESSION}".strip()
    told = {"connect_timeout": 10, "application_name": "sendoff", "options": options}
    try:
        # The driver begins nothing by itself: we say BEGIN, as on SQLite.
        return create_engine(
            url, isolation_level="AUTOCOMMIT", pool_size=10, max_overflow=40, pool_pre_ping=True, connect_args=told
        )
    except (ModuleNotFoundError, NoSuchModuleError) as missing:
        raise BadInput(
            "the PostgreSQL driver is not installed: pip install 'sendoff[postgres]'", where="database.url"
        ) from missing


def is_server(engine: Engine | Connection) -> bool:
    """True on PostgreSQL."""
    return engine.dialect.name == "postgresql"


def _prepare(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    # The driver opens a transaction only at the first write, so that a read before it would race: we say BEGIN.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One write transaction: commit at the end, rollback when anything is raised. StoreDown when there is no database;
    after a commit whose answer was lost nobody knows, and whoever works under a fence looks again."""
    with _turn(engine), _down(), engine.connect() as connection:
        connection.exec_driver_sql(_BEGIN[engine.dialect.name, True])
        try:
            yield connection
        except BaseException:
            _undone(connection)
            raise
        connection.exec_driver_sql("COMMIT")


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    queue = _WRITERS.get(engine)
    if queue is None:
        yield
        return
    if not queue.acquire(timeout=BUSY):
        raise StoreDown("the database is too busy: no turn to write came")
    try:
        yield
    finally:
        queue.release()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One read transaction: a consistent view. StoreDown when there is no database."""
    with _down(), engine.connect() as connection:
        connection.exec_driver_sql(_BEGIN[engine.dialect.name, False])
        try:
            yield connection
        finally:
            _undone(connection)


def _undone(connection: Connection) -> None:
    """Roll back; a connection that is gone has rolled back by itself."""
    if connection.invalidated or connection.closed:
        return
    try:
        connection.exec_driver_sql("ROLLBACK")
    except DBAPIError:
        connection.invalidate()


@contextmanager
def _down() -> Iterator[None]:
    try:
        yield
    except OperationalError as failed:
        if getattr(failed.orig, "sqlstate", None) in TORN:
            raise
        raise StoreDown(f"the database does not answer: {_said(failed)}") from failed
    except DBAPIError as failed:
        if not failed.connection_invalidated:
            raise
        raise StoreDown(f"the database went away: {_said(failed)}") from failed
    except PoolEmpty as failed:
        raise StoreDown("every connection to the database is in use") from failed


def _said(failed: DBAPIError) -> str:
    """The driver's own first line; never the statement, whose values are ours."""
    return (str(failed.orig).strip().splitlines() or [type(failed.orig).__name__])[0]


def again_when_torn(
    call: Callable[Concatenate[S, P], T],
) -> Callable[Concatenate[S, P], T]:
    """A method of one write transaction, made again when the server undid it because of another one."""

    @functools.wraps(call)
    def wrapped(self: S, /, *args: P.args, **named: P.kwargs) -> T:
        for left in reversed(range(TRIES)):
            try:
                return call(self, *args, **named)
            except OperationalError as torn:
                if not left:
                    raise StoreDown(f"the database is too busy: {_said(torn)}") from torn
                time.sleep(0.01 * 2 ** (TRIES - left) * (1 + os.urandom(1)[0] / 256))
        raise AssertionError("the last try returns or raises")

    return wrapped


def locked(connection: Connection, name: str) -> None:
    """Hold the lock of a chain until the transaction ends. On SQLite a write transaction is alone already. One order
    everywhere: the case, its pieces of work, the house register; a bucket has a transaction of its own."""
    if is_server(connection):
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def lease_now(engine: Engine) -> ColumnElement[float]:
    """Lease time, in seconds: the server's clock, or this machine's monotonic one, which no change of date moves. It
    begins anew with a restart of the machine: see FORGOTTEN."""
    if is_server(engine):
        return func.extract("epoch", func.clock_timestamp()).cast(Double())
    return literal(time.monotonic())


FORGOTTEN = 120.0
"""Seconds, more than any lease or wait. One that lies further ahead was written before a restart: it is over."""


def swept(engine: Engine) -> None:
    """What was deleted is nowhere: SQLite's log is emptied into the file and deleted pages are overwritten; PostgreSQL
    is asked to clean the tables now (its own log and its backups keep what they kept)."""
    with _down(), engine.connect() as connection:
        if is_server(engine):
            connection.exec_driver_sql("VACUUM body, case_key")
        else:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
