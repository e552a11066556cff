"""A schema of its own on a PostgreSQL server for each test. The server's address comes from SENDOFF_POSTGRES."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, Pool


def fresh_schema() -> str:
    """The address of a new, empty schema, thrown away with the server."""
    server, name = os.environ["SENDOFF_POSTGRES"], f"t{uuid.uuid4().hex[:12]}"
    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE SCHEMA "{name}"')
    engine.dispose()
    return f"{server}?options=-csearch_path%3D{name}"


@contextmanager
def hung_up() -> Iterator[None]:
    """Every connection that is made meanwhile is closed at the end: a server has only so many."""
    made: list[DBAPIConnection] = []

    def connected(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        made.append(connection)

    event.listen(Pool, "connect", connected)
    try:
        yield
    finally:
        event.remove(Pool, "connect", connected)
        for one in made:
            one.close()
