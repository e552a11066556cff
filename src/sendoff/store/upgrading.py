"""Older tables -> the tables of today, while cases are open: one transaction, or nothing at all."""

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, func, select, update

from sendoff.model.envelope import HOUSE
from sendoff.store.database import again_when_torn, is_server, locked, writing
from sendoff.store.dispatch.procrastinate import installed
from sendoff.store.schema import RUNS_FROM, VERSION, event, metadata, step_row, work
from sendoff.store.versions import prepared, revision, stamped, versions, written

Rebuild = Callable[[Connection], None]
"""Projections made anew from the events, in the transaction of this connection."""


@again_when_torn
def upgraded(engine: Engine, rebuild: Rebuild) -> int | None:
    """Bring the tables to the version of this program; the version they had, or None when there was nothing to do.
    Tables that are not there are made. Refused when they are newer than this program can work on."""
    with writing(engine) as connection:
        locked(connection, "tables")
        told = versions(connection)
        if told is not None and told[0] < VERSION:
            _alone(connection)
            migrated(connection, told[0], VERSION)
            if is_server(connection):
                installed(connection)
            rebuild(connection)
            _work_follows(connection)
            written(connection, VERSION, RUNS_FROM)
            return told[0]
    prepared(engine)
    return None


def migrated(connection: Connection, old: int, new: int) -> None:
    """Alembic's steps from one version to another, up or down, in the transaction of this connection."""
    config = Config()
    config.set_main_option("script_location", "sendoff.store:migrations")
    config.attributes["connection"] = connection
    if old:
        stamped(connection, old)
    (command.upgrade if new > old else command.downgrade)(config, revision(new))


def _alone(connection: Connection) -> None:
    """Wait until nobody is in the middle of a case, and let nobody in: the chains first, as everywhere."""
    if not is_server(connection):
        return
    chains = connection.execute(select(event.c.chain).where(event.c.chain != HOUSE).distinct()).scalars()
    for chain in (*sorted(chains), HOUSE):
        locked(connection, chain)
    there = ", ".join(f'"{name}"' for name in metadata.tables if name != "meta")
    connection.exec_driver_sql(f"LOCK TABLE {there} IN ACCESS EXCLUSIVE MODE")


def _work_follows(connection: Connection) -> None:
    """Waiting work is kept as it is, with the version of the code that its step names now."""
    major = select(step_row.c.major).where(step_row.c.chain == work.c.chain, step_row.c.step == work.c.step)
    connection.execute(update(work).values(major=func.coalesce(major.scalar_subquery(), 1)))
