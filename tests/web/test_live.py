"""What moves while people look: one tailer asks, however many look."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from fakes.browsers import Site
from fakes.houses import Stage, stage
from sendoff.model.errors import Refused
from sendoff.model.state import StepId
from sendoff.web.case import drawn_live
from sendoff.web.live import Live, as_event
from sendoff.web.tailer import Tailer

CASE = "L00000001"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = stage(tmp_path)
    made.opened()
    return Site(made)


@contextmanager
def questions(made: Stage) -> Iterator[list[str]]:
    """Every statement that the database is sent meanwhile."""
    asked: list[str] = []

    def heard(connection: object, cursor: object, statement: str, *rest: object) -> None:
        asked.append(statement)

    engine = made.house.journal.engine
    event.listen(engine, "before_cursor_execute", heard)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", heard)


async def next_of(heard: AsyncIterator[str]) -> str:
    """The next thing that a viewer hears, well before the connection is said to stand."""
    return await asyncio.wait_for(anext(heard), 10.0)


def moved(site: Site, viewers: int) -> tuple[int, list[str]]:
    """How many questions one change costs with so many viewers, and what they heard."""
    tailer = Tailer(site.pages, lambda line: None)
    tailer.once()

    async def watch() -> tuple[int, list[str]]:
        live = site.pages.live
        streams = [
            live.look(f"case {CASE}", CASE, lambda: drawn_live(site.pages, CASE), lambda: True) for _ in range(viewers)
        ]
        for one in streams:
            await anext(one)
        site.stage.desk.stop(site.stage.who("erik"), CASE, later(site)[0], reason="the customer called")
        with questions(site.stage) as asked:
            await asyncio.to_thread(tailer.once)
        heard = list(await asyncio.gather(*(next_of(one) for one in streams)))
        for one in streams:
            await one.aclose()
        return len(asked), heard

    return asyncio.run(watch())


def later(site: Site) -> list[StepId]:
    return [one.step for one in site.stage.desk.case(CASE).steps.values() if one.state == "waiting"]


def test_two_hundred_viewers_cost_as_many_questions_as_one(site: Site) -> None:
    alone, _ = moved(site, 1)
    many, heard = moved(site, 200)
    assert many == alone < 20
    assert len(set(heard)) == 1
    assert "the customer called" in heard[0]


def test_nobody_who_looks_at_another_case_is_told(site: Site) -> None:
    live = Live()
    drawn: list[str] = []

    def draw() -> str:
        drawn.append("A")
        return "A"

    async def watch() -> int:
        stream = live.look("case A", "A", draw, lambda: True)
        await anext(stream)
        await asyncio.to_thread(live.tell, ["B"], lambda line: None)
        await stream.aclose()
        return len(live.watched())

    assert asyncio.run(watch()) == 0
    assert drawn == []


def test_a_viewer_whose_session_ended_hears_no_more() -> None:
    live = Live()
    signed_in = [True]

    async def watch() -> list[str]:
        heard = []
        stream = live.look("case A", "A", lambda: "moved", lambda: signed_in[0])
        heard.append(await anext(stream))
        signed_in[0] = False
        async for said in stream:
            heard.append(said)
        return heard

    assert asyncio.run(watch()) == [": you are looking\n\n"]


def test_whoever_comes_late_hears_what_they_missed_at_once() -> None:
    live = Live()

    async def watch() -> str:
        stream = live.look("case A", "A", lambda: "", lambda: True, missed=lambda: "<p>one\nline</p>")
        first = await anext(stream)
        await stream.aclose()
        return first

    assert asyncio.run(watch()) == "id: 0\ndata: <p>one\ndata: line</p>\n\n"


def test_what_moves_while_somebody_asks_what_they_missed_is_heard_next() -> None:
    live = Live()

    def nothing_yet() -> str:
        live.tell(["A"], lambda line: None)
        return ""

    async def watch() -> list[str]:
        stream = live.look("case A", "A", lambda: "it moved", lambda: True, missed=nothing_yet)
        heard = [await next_of(stream), await next_of(stream)]
        await stream.aclose()
        return heard

    assert asyncio.run(watch()) == [": you are looking\n\n", as_event("it moved", 1)]


def test_a_drawing_that_fails_is_said_and_the_others_are_drawn() -> None:
    live, said = Live(), list[str]()

    def refused() -> str:
        raise Refused("this one cannot be drawn")

    async def watch() -> str:
        bad, good = live.look("a", "A", refused, lambda: True), live.look("b", "A", lambda: "B", lambda: True)
        await anext(bad)
        await anext(good)
        await asyncio.to_thread(live.tell, ["A"], said.append)
        heard = await next_of(good)
        await bad.aclose()
        await good.aclose()
        return heard

    assert asyncio.run(watch()) == as_event("B", 1)
    assert said == ["a cannot be drawn: this one cannot be drawn"]


def test_a_watcher_sees_what_another_connection_wrote(site: Site) -> None:
    from threading import Event

    changes, stopping = site.stage.house.changes(), Event()
    stopping.set()
    assert changes.wait(stopping)
    assert not changes.wait(stopping)
    site.stage.desk.halt(site.stage.who("erik"), CASE, on=True, reason="wait a moment")
    assert changes.wait(stopping)
    changes.close()


def test_the_shelf_takes_off_what_was_erased(site: Site) -> None:
    site.fresh()
    assert [card.case for card in site.pages.shelf.cards()] == [CASE]
    journal = site.stage.house.journal
    journal.erase(CASE, actor=site.stage.who("paul").id, at=site.stage.desk.now())
    site.fresh()
    assert list(site.pages.shelf.cards()) == []
