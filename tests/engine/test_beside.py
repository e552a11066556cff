"""Asking for many things while something else is asked for."""

from threading import Event

import pytest

from sendoff.engine.look import beside

PATIENCE = 10.0


def test_both_are_asked_for_at_the_same_time_and_answers_keep_their_order() -> None:
    asked, answered = Event(), Event()

    def doubled(value: int) -> int:
        asked.set()
        assert answered.wait(PATIENCE)
        return 2 * value

    with beside(doubled, range(2_000)) as answers:
        assert asked.wait(PATIENCE)
        answered.set()

    assert answers.result() == [2 * one for one in range(2_000)]


def test_what_fails_beside_is_said_when_its_answers_are_wanted() -> None:
    with beside(lambda value: 1 // value, [1, 0]) as answers:
        pass
    with pytest.raises(ZeroDivisionError):
        answers.result()


def test_a_body_that_fails_ends_the_asking_too() -> None:
    begun, seen = Event(), list[int]()

    def slow(value: int) -> None:
        seen.append(value)
        begun.set()
        Event().wait(0.001)

    with pytest.raises(KeyError), beside(slow, range(100_000)):
        assert begun.wait(PATIENCE)
        raise KeyError("the body")

    assert len(seen) < 50_000
