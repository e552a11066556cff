"""Writers of one process to a SQLite file stand in a queue, and each gets its turn."""

import threading
from pathlib import Path

from sqlalchemy import text

from sendoff.store.database import open_database, reading, writing


def test_a_writer_begins_as_soon_as_the_one_before_it_has_ended(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "a.db")
    order: list[str] = []
    inside, over = threading.Event(), threading.Event()

    def first() -> None:
        with writing(engine):
            inside.set()
            assert over.wait(10)
            order.append("first")

    def second() -> None:
        assert inside.wait(10)
        with writing(engine):
            order.append("second")

    threads = [threading.Thread(target=one) for one in (first, second)]
    for thread in threads:
        thread.start()
    assert inside.wait(10)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1, "who reads waits for nobody"
    over.set()
    for thread in threads:
        thread.join()

    assert order == ["first", "second"]


def test_a_write_that_failed_gives_its_turn_back(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "a.db")
    for _ in range(2):
        try:
            with writing(engine) as connection:
                connection.execute(text("CREATE TABLE t (a INTEGER)"))
                raise RuntimeError("no")
        except RuntimeError:
            continue

    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE t (a INTEGER)"))
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM t")).scalar() == 0
