"""A worker for every case: it moves what others made ready, sleeps while nothing is due, and outlives troubles."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from fakes.houses import CountedIds, Stage, stage
from fakes.power import effects
from sendoff.engine import serving
from sendoff.engine.serving import Shift
from sendoff.model.case import Case
from sendoff.model.errors import Broken, SendoffError, StoreDown
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier
from sendoff.ports import Piece, Work
from sendoff.wiring import House
from sendoff.wiring.brakes import FileBrake
from sendoff.wiring.service import serve
from sendoff.wiring.story import Story

LETTER = StepId("confirm-termination")
PATIENCE = 60.0
"""Seconds of real time after which a worker that did nothing is a failure."""


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is asked again, and swept, at once."""
    monkeypatch.setattr(serving, "AWAY", 0.01)
    monkeypatch.setattr(serving, "LOOK", 0.05)
    monkeypatch.setattr(serving, "SWEEP", 0.2)


@contextmanager
def at_work(*houses: House, said: list[str]) -> Iterator[None]:
    """Workers of these houses, each on two threads, until the end."""
    stopping = threading.Event()
    crew = [
        threading.Thread(target=serve, args=(one,), kwargs={"say": said.append, "threads": 2, "stopping": stopping})
        for one in houses
    ]
    for thread in crew:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in crew:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in crew), "a worker ends when it is told to"


def until(true: Callable[[], object], said: Sequence[str]) -> None:
    """Wait until it is so."""
    waiting = threading.Event()
    for _ in range(int(PATIENCE / 0.02)):
        if true():
            return
        waiting.wait(0.02)
    raise AssertionError("nobody moved it: " + "; ".join(said[-5:]))


def approved(one: Stage) -> Case:
    """A case whose letter is approved and not sent."""
    case = one.opened()
    planned = one.desk.plan(one.who("carla"), case.id, LETTER).steps[LETTER].plan
    assert planned is not None
    return one.desk.approve(one.who("paul"), case.id, LETTER, planned)


def state(one: Stage, case: Case) -> State:
    return one.desk.case(case.id).steps[LETTER].state


def letters(one: Stage) -> int:
    return sum(1 for row in effects(one.sandbox) if row["verb"] == "sent" and row["kind"] == "graph.message")


def test_two_workers_of_other_programs_carry_a_leaving_to_its_end_and_do_nothing_twice(
    tmp_path: Path, server: str
) -> None:
    one = stage(tmp_path, tier=Tier.CSP, server=server)
    workers = [
        stage(tmp_path, tier=Tier.CSP, server=server, sandbox=one.sandbox, ids=CountedIds(start=name)).house
        for name in "bc"
    ]
    case, dispatch = one.opened(), one.desk.ports.dispatch

    def moved(of: str) -> None:
        """What people did in vendors' pages is seen by the next sweep: not in half a minute, but now."""
        dispatch.sweep()
        until(lambda: dispatch.quiet(of), one.said)

    with at_work(*workers, said=one.said):
        ended = Story(house=one.house, case=case.id, say=one.said.append, moved=moved).tell()

    assert ended.outcome == "clean"
    removed = [row["id"] for row in effects(one.sandbox) if row["verb"] == "removed" and row["kind"] != "prtg.log"]
    assert len(removed) == len(set(removed)) > 20
    assert any("batch" in line for line in one.said), "it was the workers who did it"


def test_what_becomes_ready_while_a_worker_sleeps_is_moved(tmp_path: Path, server: str) -> None:
    one = stage(tmp_path, tier=Tier.CSP, server=server)
    other = stage(tmp_path, tier=Tier.CSP, server=server, sandbox=one.sandbox, ids=CountedIds(start="b"))

    with at_work(other.house, said=one.said):
        case = approved(one)
        until(lambda: state(one, case) is State.DONE, one.said)

    assert letters(one) == 1


def test_a_piece_whose_worker_died_is_taken_over_when_its_lease_has_run_out(tmp_path: Path, server: str) -> None:
    one = stage(tmp_path, tier=Tier.CSP, server=server, lease=1.0)
    case = approved(one)
    dispatch = one.desk.ports.dispatch
    dead = dispatch.take("dead")
    assert dead is not None and dead.step == LETTER
    assert dispatch.take("nobody") is None, "the dead still hold it"

    with at_work(one.house, said=one.said):
        until(lambda: state(one, case) is State.DONE, one.said)

    assert letters(one) == 1


def test_everything_halted_moves_nothing_and_goes_on_when_it_is_released(tmp_path: Path, server: str) -> None:
    one = stage(tmp_path, tier=Tier.CSP, server=server)
    brake = FileBrake(tmp_path / "data")
    brake.pull("the wrong tenant was named")
    case = approved(one)

    with at_work(one.house, said=one.said):
        until(lambda: any("everything is halted" in line for line in one.said) or server, one.said)
        assert state(one, case) is State.APPROVED
        assert letters(one) == 0
        brake.release()
        until(lambda: state(one, case) is State.DONE, one.said)

    assert letters(one) == 1


@dataclass
class Poisoned:
    """A journal in which one case makes whoever loads it fail in a way that nobody foresaw."""

    inner: object
    case: str
    failure: Exception
    loads: int = 0

    def load(self, case: str) -> Case:
        """Fails for that case."""
        if case == self.case:
            self.loads += 1
            raise self.failure
        return self.inner.load(case)  # type: ignore[attr-defined, no-any-return]

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)


@pytest.mark.parametrize("failure", [KeyError("secret-name"), Broken("evidence sha256:12 was changed in the store")])
def test_a_poisoned_case_is_put_off_and_the_others_go_on(tmp_path: Path, failure: Exception) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    bad, good = approved(one), approved(one)
    poisoned = Poisoned(one.desk.ports.journal, bad.id, failure)
    ports = replace(one.desk.ports, journal=poisoned)  # type: ignore[arg-type]
    shift = Shift(ports, one.said.append, 1)
    thread = threading.Thread(target=shift.run)
    thread.start()
    try:
        until(lambda: state(one, good) is State.DONE and poisoned.loads, one.said)
    finally:
        shift.stopping.set()
        thread.join(PATIENCE)

    assert poisoned.loads == 1, "put off, not tried in a loop"
    assert state(one, bad) is State.APPROVED
    told = [line for line in one.said if "put off" in line]
    assert len(told) == 1 and bad.id in told[0]
    assert "secret-name" not in told[0], "what nobody foresaw is named by its kind alone"
    assert isinstance(failure, SendoffError) is ("was changed in the store" in told[0])


def test_a_worker_waits_for_a_database_that_went_away(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = approved(one)
    ports = one.desk.ports
    away = Away(ports.dispatch, times=5)
    shift = Shift(replace(ports, dispatch=away), one.said.append, 1)  # type: ignore[arg-type]
    thread = threading.Thread(target=shift.run)
    thread.start()
    try:
        until(lambda: state(one, case) is State.DONE, one.said)
    finally:
        shift.stopping.set()
        thread.join(PATIENCE)

    assert away.times <= 0
    assert any("does not answer" in line for line in one.said)


@dataclass
class Away:
    """A dispatch whose database is away for the first few questions."""

    inner: object
    times: int

    def take(self, owner: str, *, case: str | None = None, piece: Piece | None = None) -> Work | None:
        """Away, or as it is."""
        self.times -= 1
        if self.times >= 0:
            raise StoreDown("the database does not answer: connection refused")
        return self.inner.take(owner, case=case, piece=piece)  # type: ignore[attr-defined, no-any-return]

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)


def test_the_issue_is_brought_up_to_date_by_the_worker_that_moved_a_step_once(tmp_path: Path, server: str) -> None:
    one = stage(tmp_path, tier=Tier.CSP, server=server, github=True)
    workers = [
        stage(tmp_path, tier=Tier.CSP, server=server, github=True, sandbox=one.sandbox, ids=CountedIds(start=name))
        for name in "bc"
    ]
    case = approved(one)
    comments = len(one.sandbox.world.all("github", "comment"))

    with at_work(*(two.house for two in workers), said=one.said):
        until(lambda: len(one.sandbox.world.all("github", "comment")) > comments, one.said)
        until(lambda: one.desk.ports.dispatch.quiet(case.id), one.said)

    assert state(one, case) is State.DONE
    assert len(one.sandbox.world.all("github", "comment")) == comments + 1
    (issue,) = [thing for thing in one.sandbox.world.all("github", "issue") if case.id in str(thing.raw)]
    assert "- [x]" in str(issue.raw["body"])
