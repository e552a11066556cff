"""Many small calls at once: in order, inside the fence, and what fails is told."""

import threading
from contextvars import ContextVar

import pytest

from sendoff.connectors.wire.spread import IN_FLIGHT, spread

WHO: ContextVar[str] = ContextVar("who", default="nobody")


def test_the_answers_come_in_the_order_of_the_values() -> None:
    assert spread(lambda value: value * 2, range(100)) == [value * 2 for value in range(100)]
    assert spread(str, []) == []


def test_as_many_are_in_flight_as_hands_and_no_more() -> None:
    together, at_once, most = threading.Barrier(IN_FLIGHT, timeout=5), threading.Semaphore(IN_FLIGHT), list[bool]()

    def meets(value: int) -> None:
        most.append(at_once.acquire(blocking=False))
        together.wait()
        at_once.release()

    spread(meets, range(3 * IN_FLIGHT))

    assert len(most) == 3 * IN_FLIGHT and all(most)


def test_a_call_stays_inside_what_its_caller_stands_in() -> None:
    before = WHO.set("the fence of a batch")
    try:
        assert set(spread(lambda value: WHO.get(), range(20))) == {"the fence of a batch"}
    finally:
        WHO.reset(before)
    assert set(spread(lambda value: WHO.get(), range(20))) == {"nobody"}


def test_what_one_call_raises_is_raised_and_later_ones_are_not_made() -> None:
    made: list[int] = []

    def fails(value: int) -> int:
        made.append(value)
        if value == 3:
            raise LookupError("three")
        return value

    with pytest.raises(LookupError, match="three"):
        spread(fails, range(100))
    assert max(made) < IN_FLIGHT
