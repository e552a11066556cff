"""Work rows: one piece has one worker, under a lease and a fence."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from sendoff.model.errors import Refused
from sendoff.model.state import StepId
from sendoff.ports import LEASE, Piece, Work
from sendoff.store.database import open_database, writing
from sendoff.store.dispatch.embedded import EmbeddedDispatch, fenced
from sendoff.store.versions import prepared

STEP = StepId("remove-resources")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class Hands:
    """Both clocks, moved by hand."""

    civil: datetime = NOON
    lease: float = 1000.0
    engine: Engine = field(init=False)

    def now(self) -> datetime:
        """Civil time."""
        return self.civil

    def seconds(self) -> float:
        """Lease time."""
        return self.lease


@pytest.fixture
def hands(tmp_path: Path, server: str) -> Hands:
    made = Hands()
    made.engine = prepared(open_database(server or tmp_path / "work.db"))
    return made


def dispatch(hands: Hands) -> EmbeddedDispatch:
    return EmbeddedDispatch(hands.engine, hands, lease_clock=hands.seconds)


def taken(found: Work | None) -> Work:
    assert found is not None
    return found


def holds(hands: Hands, work: Work) -> bool:
    try:
        with writing(hands.engine) as connection:
            fenced(connection, work)
    except Refused:
        return False
    return True


def test_two_workers_racing_for_one_piece_get_it_once(hands: Hands, tmp_path: Path, server: str) -> None:
    engines = [prepared(open_database(server or tmp_path / "work.db")) for _ in range(6)]
    racers = [EmbeddedDispatch(engine, hands, lease_clock=hands.seconds) for engine in engines]
    for round_ in range(10):
        step = StepId(f"step-{round_}")
        racers[0].ready("L1", step)
        start = threading.Barrier(len(racers))
        won: list[Work] = []

        def race(number: int, start: threading.Barrier = start, won: list[Work] = won) -> None:
            start.wait()
            found = racers[number].take(f"worker-{number}")
            if found is not None:
                won.append(found)

        threads = [threading.Thread(target=race, args=(number,)) for number in range(len(racers))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert [one.step for one in won] == [step]


def test_a_held_piece_is_not_given_away(hands: Hands) -> None:
    desk = dispatch(hands)
    desk.ready("L1", STEP)
    taken(desk.take("a"))

    assert desk.take("b") is None
    assert desk.take("a") is None, "nor to its own holder a second time"


def test_a_lease_that_ran_out_gives_the_piece_to_another_and_the_old_fence_is_refused(hands: Hands) -> None:
    desk = dispatch(hands)
    desk.ready("L1", STEP)
    old = taken(desk.take("a"))

    hands.lease += LEASE.total_seconds() + 0.1
    new = taken(desk.take("b"))

    assert (new.owner, new.attempt) == ("b", old.attempt + 1)
    assert not holds(hands, old)
    assert holds(hands, new)
    assert not desk.renew(old)
    desk.done(old)
    desk.later(old, seconds=99)
    assert holds(hands, new), "what the old holder still says changes nothing"


def test_the_same_worker_in_a_second_attempt_does_not_pass_with_its_first_fence(hands: Hands) -> None:
    desk = dispatch(hands)
    desk.ready("L1", STEP)
    first = taken(desk.take("a"))
    hands.lease += LEASE.total_seconds() + 0.1

    second = taken(desk.take("a"))

    assert not holds(hands, first)
    assert holds(hands, second)


def test_a_renewed_lease_is_kept_past_its_first_end(hands: Hands) -> None:
    desk = dispatch(hands)
    desk.ready("L1", STEP)
    held = taken(desk.take("a"))
    hands.lease += 20

    assert desk.renew(held)
    hands.lease += 20

    assert desk.take("b") is None
    hands.lease += 11
    assert desk.take("b") is not None


class Telling(EmbeddedDispatch):
    """Remembers of which pieces it told workers."""

    def _hint(self, connection: Connection, pieces: Iterable[Piece], *, seconds: float = 0.0) -> None:
        self.told = [batch for _, _, batch in pieces]


def test_of_many_batches_that_wait_already_nobody_is_told_anew_while_one_is_held(hands: Hands) -> None:
    desk = Telling(hands.engine, hands, lease_clock=hands.seconds)
    desk.ready("L1", STEP, batches=range(3))
    held = taken(desk.take("a"))
    desk.ready("L1", STEP, batches=range(5))
    fresh = desk.told

    for _ in range(2):
        desk.ready("L1", STEP, batches=range(5))
        assert desk.told == [held.batch], "it is held: it is looked at once more; the others lie there due"
    desk.done(held)
    found = [taken(desk.take(f"worker-{number}")).batch for number in range(5)]

    assert fresh == [held.batch, 3, 4]
    assert sorted(found) == [0, 1, 2, 3, 4], "the one that was asked for meanwhile as well"
    assert desk.take("nobody") is None


def test_later_with_a_civil_moment_waits_for_the_calendar_and_not_for_the_lease_clock(hands: Hands) -> None:
    desk = dispatch(hands)
    desk.ready("L1", STEP)
    desk.later(taken(desk.take("a")), civil=NOON + timedelta(days=3))

    hands.lease += 1_000_000
    early = desk.take("a")
    hands.civil = NOON + timedelta(days=3)
    due = desk.take("a")

    assert early is None
    assert due is not None


def test_a_civil_moment_in_another_zone_is_the_same_moment(hands: Hands) -> None:
    desk = dispatch(hands)
    desk.ready("L1", STEP)
    local = datetime.fromisoformat("2026-11-24T01:00:00+01:00")
    desk.later(taken(desk.take("a")), civil=local)

    hands.civil = datetime(2026, 11, 23, 23, 59, tzinfo=UTC)
    early = desk.take("a")
    hands.civil = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
    due = desk.take("a")

    assert early is None
    assert due is not None


def test_later_with_seconds_waits_so_long_in_lease_time(hands: Hands) -> None:
    desk = dispatch(hands)
    desk.ready("L1", STEP)
    desk.later(taken(desk.take("a")), seconds=5)

    hands.lease += 4.9
    early = desk.take("a")
    hands.lease += 0.2

    assert early is None
    assert desk.take("a") is not None


def test_a_piece_that_was_put_off_is_due_again_when_somebody_says_ready(hands: Hands) -> None:
    desk = dispatch(hands)
    desk.ready("L1", STEP)
    desk.later(taken(desk.take("a")), seconds=100)

    before = desk.take("b")
    desk.ready("L1", STEP)

    assert before is None
    assert desk.take("b") is not None


def test_ready_while_a_worker_holds_the_piece_takes_nothing_from_it(hands: Hands) -> None:
    desk = dispatch(hands)
    desk.ready("L1", STEP)
    held = taken(desk.take("a"))

    desk.ready("L1", STEP)

    assert holds(hands, held)
    assert desk.take("b") is None


def test_done_removes_the_row_and_an_unknown_piece_is_refused(hands: Hands) -> None:
    desk = dispatch(hands)
    desk.ready("L1", STEP)
    held = taken(desk.take("a"))

    desk.done(held)

    assert desk.take("a") is None
    assert not holds(hands, held)


def test_a_worker_for_one_case_leaves_other_cases_alone(hands: Hands) -> None:
    desk = dispatch(hands)
    desk.ready("L1", STEP)

    assert desk.take("a", case="L2") is None
    assert taken(desk.take("a", case="L1")).case == "L1"


def test_batches_are_pieces_of_their_own(hands: Hands) -> None:
    desk = dispatch(hands)
    desk.ready("L1", STEP, batches=(0, 1, 2))

    found = [taken(desk.take(f"worker-{number}")).batch for number in range(3)]

    assert found == [0, 1, 2]
    assert desk.take("another") is None


def test_a_hint_that_comes_while_a_piece_is_held_is_not_lost(hands: Hands) -> None:
    desk = dispatch(hands)
    desk.ready("L1", STEP)
    held = taken(desk.take("a"))

    desk.ready("L1", STEP)
    desk.done(held)

    again = taken(desk.take("b"))
    desk.done(again)
    assert desk.take("b") is None, "once more, and not for ever"


def test_a_hint_that_comes_while_a_piece_is_held_goes_before_waiting(hands: Hands) -> None:
    desk = dispatch(hands)
    desk.ready("L1", STEP)
    held = taken(desk.take("a"))

    desk.ready("L1", STEP)
    desk.later(held, seconds=100, civil=NOON + timedelta(days=9))

    assert desk.take("b") is not None
