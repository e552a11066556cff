"""The version of the tables, and whether this program fits them: made when new, refused when one must be upgraded."""

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, insert, inspect, select

from sendoff.model.errors import Refused, TooNew
from sendoff.store.database import is_server, locked, reading, writing
from sendoff.store.dispatch.procrastinate import installed
from sendoff.store.schema import RUNS_FROM, VERSION, meta, metadata

OLDEST = 1
"""The tables before they had a version."""
_STAMP = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Alembic's own word on the same; it follows `meta`, which is the truth."""

_RUNS_FROM = select(meta.c.value).where(meta.c.name == "runs_from")
"""Made once: it is asked at every write."""


def prepared(engine: Engine) -> Engine:
    """The engine, with its tables made when there are none. Refused when the tables are of a version that this program
    cannot work on: older ones want `sendoff db upgrade`, newer ones a newer program."""
    with reading(engine) as connection:
        told = versions(connection)
    if told is None:
        with writing(engine) as connection:
            locked(connection, "tables")
            if versions(connection) is None:
                metadata.create_all(connection)
                if is_server(connection):
                    installed(connection)
                written(connection, VERSION, RUNS_FROM)
        return engine
    version, runs_from = told
    if version < VERSION:
        raise Refused(
            f"the tables are of version {version} and this program works on {VERSION}: `sendoff db backup` and then "
            "`sendoff db upgrade`; cases stay open, and programs of the older version can go on until then"
        )
    if runs_from > VERSION:
        raise Refused(
            f"the tables are of version {version}, for programs of {runs_from} or newer, and this one is of {VERSION}: "
            "install the newer program"
        )
    return engine


def fits(connection: Connection) -> None:
    """Raise TooNew when the tables were upgraded beyond this program while it ran: it must not write any more."""
    runs_from = connection.execute(_RUNS_FROM).scalar()
    if runs_from is not None and runs_from > VERSION:
        raise TooNew(
            f"the tables were upgraded meanwhile, for programs of version {runs_from} or newer, and this one is of "
            f"{VERSION}: nothing is written; end it and start the newer program"
        )


def versions(connection: Connection) -> tuple[int, int] | None:
    """Version of the tables, and the oldest version of programs that may work on them; None when there are none."""
    there = set(inspect(connection).get_table_names())
    if "event" not in there:
        return None
    if "meta" not in there:
        return OLDEST, OLDEST
    told = {row.name: row.value for row in connection.execute(select(meta))}
    return told["version"], told["runs_from"]


def written(connection: Connection, version: int, runs_from: int) -> None:
    """Write down what the tables are now."""
    connection.execute(meta.delete())
    connection.execute(insert(meta), [{"name": "version", "value": version}, {"name": "runs_from", "value": runs_from}])
    stamped(connection, version)


def revision(version: int) -> str:
    """The name of the migration that makes this version of the tables."""
    return f"{version:04d}"


def stamped(connection: Connection, version: int) -> None:
    """Tell Alembic what the tables are, without loading it."""
    _STAMP.create(connection, checkfirst=True)
    connection.execute(_STAMP.delete())
    connection.execute(insert(_STAMP).values(version_num=revision(version)))


def stamp(connection: Connection) -> str:
    """Alembic's word on the version of the tables; empty when it has none."""
    if not inspect(connection).has_table(_STAMP.name):
        return ""
    return ", ".join(connection.execute(select(_STAMP.c.version_num).order_by(_STAMP.c.version_num)).scalars())
