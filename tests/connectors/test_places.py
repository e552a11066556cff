"""The places at a vendor: never more than there are, and nobody is overtaken who waits for one."""

import threading
from collections.abc import Callable

import pytest

from sendoff.connectors.wire.places import Places
from sendoff.model.errors import LeaseLost


def reached(count: Callable[[], float], wanted: float) -> None:
    """Wait until it has; a test that waits in vain ends red."""
    waiting = threading.Event()
    for _ in range(10_000):
        if count() == wanted:
            return
        waiting.wait(0.001)
    raise AssertionError("it never came so far")


def never() -> None:
    """What a test that must not wait is asked meanwhile."""
    raise AssertionError("it had to wait")


def taken(many: int) -> Places:
    """So many places, and nobody can have one."""
    places = Places(many)
    for _ in range(many):
        places.acquire(never)
    return places


def all_free(places: Places, many: int) -> bool:
    """Whether there are so many free places, and not one more."""
    for _ in range(many):
        places.acquire(never)
    with pytest.raises(AssertionError):
        places.acquire(never, every=0.01)
    return True


def test_who_leaves_a_place_and_comes_again_stands_behind_those_who_wait() -> None:
    places, served = taken(1), []

    def one(name: str) -> None:
        places.acquire(never)
        served.append(name)

    threads = [threading.Thread(target=one, args=(name,)) for name in "abcd"]
    for number, thread in enumerate(threads[:3], 1):
        thread.start()
        reached(lambda: places.waiting, number)
    places.release()
    threads[3].start()
    reached(lambda: places.waiting, 3)
    for number in range(1, 5):
        reached(lambda: len(served), number)
        places.release()
    for thread in threads:
        thread.join()

    assert served == ["a", "b", "c", "d"]
    assert all_free(places, 1)


def test_who_asks_meanwhile_keeps_the_place_in_the_queue() -> None:
    places, served, asked = taken(1), [], []

    def one(name: str, every: float) -> None:
        places.acquire(lambda: asked.append(name), every=every)
        served.append(name)

    threads = [threading.Thread(target=one, args=row) for row in (("first", 0.001), ("second", 10.0))]
    for number, thread in enumerate(threads, 1):
        thread.start()
        reached(lambda: places.waiting, number)
    many = len(asked)
    reached(lambda: len(asked) > many + 3, True)
    for number in (1, 2):
        places.release()
        reached(lambda: len(served), number)
    for thread in threads:
        thread.join()

    assert served == ["first", "second"]


def test_there_are_never_more_than_there_are_places() -> None:
    places, lock, pause = Places(3), threading.Lock(), threading.Event()
    now, most = 0, 0

    def work() -> None:
        nonlocal now, most
        for _ in range(50):
            places.acquire(never)
            with lock:
                now += 1
                most = max(most, now)
            pause.wait(0.0001)
            with lock:
                now -= 1
            places.release()

    threads = [threading.Thread(target=work) for _ in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == 3
    assert all_free(places, 3)


def test_who_may_not_wait_any_more_leaves_the_queue_and_holds_nothing() -> None:
    places = taken(1)

    with pytest.raises(AssertionError):
        places.acquire(never, every=0.01)

    assert places.waiting == 0
    places.release()
    assert all_free(places, 1)


def test_who_may_not_call_any_more_gives_back_the_place_that_came_meanwhile() -> None:
    places = taken(1)

    def lost() -> None:
        places.release()
        raise LeaseLost("another worker goes on")

    with pytest.raises(LeaseLost):
        places.acquire(lost, every=0.01)

    assert all_free(places, 1)
