"""The migrations make the tables that the program works on, on either database, and lose nothing on the way."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, inspect

from sendoff.store.database import open_database, reading, writing
from sendoff.store.schema import RUNS_FROM, VERSION, metadata
from sendoff.store.upgrading import migrated, upgraded
from sendoff.store.versions import prepared, stamp, versions


def opened(folder: Path, server: str) -> Engine:
    return open_database(server or folder / "sendoff.db")


def differences(connection: Connection, wanted: MetaData) -> list[str]:
    """What Alembic finds to be done to come to these tables; tables of the job engine are its own."""
    found = compare_metadata(MigrationContext.configure(connection), wanted)
    return [str(one) for one in found if "procrastinate_" not in str(one)]


def untouched(connection: Connection) -> None:
    """There is nothing to rebuild in empty tables."""


def test_the_migrations_make_the_tables_of_this_program(tmp_path: Path, server: str) -> None:
    engine = opened(tmp_path, server)
    with writing(engine) as connection:
        migrated(connection, 0, VERSION)
    with reading(engine) as connection:
        assert differences(connection, metadata) == []


def test_a_table_that_no_migration_makes_is_found(tmp_path: Path, server: str) -> None:
    engine = opened(tmp_path, server)
    with writing(engine) as connection:
        migrated(connection, 0, VERSION)
    planted = MetaData()
    for table in metadata.sorted_tables:
        table.to_metadata(planted)
    planted.tables["work"].c.owner.nullable = True
    planted.tables["case_row"].append_column(_column("planted"))
    Table("planted", planted, _column("number"))

    with reading(engine) as connection:
        found = differences(connection, planted)

    assert len(found) == 3
    assert all(any(name in one for one in found) for name in ("'owner'", "'planted'", "add_table"))


def _column(name: str) -> Column[int]:
    return Column(name, Integer)


def test_new_tables_carry_the_mark_of_the_migrations(tmp_path: Path, server: str) -> None:
    engine = prepared(opened(tmp_path, server))
    with reading(engine) as connection:
        assert (versions(connection), stamp(connection)) == ((VERSION, RUNS_FROM), f"{VERSION:04d}")
        assert differences(connection, metadata) == []


def test_the_first_tables_are_upgraded_once_and_marked(tmp_path: Path, server: str) -> None:
    engine = opened(tmp_path, server)
    with writing(engine) as connection:
        migrated(connection, 0, 1)
    with reading(engine) as connection:
        assert versions(connection) == (1, 1)

    assert upgraded(engine, untouched) == 1

    with reading(engine) as connection:
        assert (versions(connection), stamp(connection)) == ((VERSION, RUNS_FROM), f"{VERSION:04d}")
        assert differences(connection, metadata) == []
    assert upgraded(engine, untouched) is None


def test_an_upgrade_of_nothing_makes_the_tables(tmp_path: Path, server: str) -> None:
    engine = opened(tmp_path, server)

    assert upgraded(engine, untouched) is None

    with reading(engine) as connection:
        assert set(metadata.tables) <= set(inspect(connection).get_table_names())


def test_a_row_that_does_not_know_a_new_column_is_stopped_by_the_database(tmp_path: Path, server: str) -> None:
    engine = opened(tmp_path, server)
    with writing(engine) as connection:
        migrated(connection, 0, VERSION)
    with reading(engine) as connection:
        found = {column["name"]: column for column in inspect(connection).get_columns("case_row")}
    assert found["halted"]["default"] is None and not found["halted"]["nullable"]
