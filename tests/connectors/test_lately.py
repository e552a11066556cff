"""What a look or a batch read a moment ago is not read again by it, and by nobody else and not later taken for true."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from fakes.connector_desk import Tray
from sendoff.connectors.wire.lately import MOMENT, Lately
from sendoff.model.errors import Unreachable


@dataclass
class Vendor:
    """Says something else each time it is asked."""

    at: float = 100.0
    asked: int = 0
    away: bool = False
    heard: list[int] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def answer(self) -> int:
        self.asked += 1
        if self.away:
            raise Unreachable("no answer", system="azure")
        return self.asked


def test_within_a_moment_one_batch_asks_once() -> None:
    vendor, batch = Vendor(), Tray()
    lately: Lately[int] = Lately(vendor.now)

    assert [lately.get(batch, vendor.answer) for _ in range(3)] == [1, 1, 1]


def test_another_batch_asks_anew() -> None:
    vendor = Vendor()
    lately: Lately[int] = Lately(vendor.now)

    assert [lately.get(batch, vendor.answer) for batch in (Tray(), Tray())] == [1, 2]


@contextmanager
def asked(lately: Lately[int], *askers: Tray) -> Iterator[list[int]]:
    """Each asker on a thread of its own, and inside the vendor who has not answered yet; at the end it says 7. What
    they heard."""
    asking, over = threading.Event(), threading.Event()
    heard: list[int] = []

    def answer() -> int:
        asking.set()
        assert over.wait(10)
        return 7

    def ask(one: Tray) -> None:
        heard.append(lately.get(one, answer))

    threads = [threading.Thread(target=ask, args=(one,)) for one in askers]
    for thread in threads:
        thread.start()
    assert asking.wait(10)
    yield heard
    over.set()
    for thread in threads:
        thread.join()


def test_after_half_a_moment_one_asks_anew_and_the_others_do_not_wait_for_it() -> None:
    vendor, batch = Vendor(), Tray()
    lately: Lately[int] = Lately(vendor.now)
    lately.get(batch, vendor.answer)
    vendor.at += MOMENT / 2

    with asked(lately, batch) as heard:
        meanwhile = lately.get(batch, vendor.answer)

    assert (meanwhile, heard) == (1, [7])
    assert lately.get(batch, vendor.answer) == 7
    assert vendor.asked == 1


def test_what_is_too_old_is_waited_for_and_never_used() -> None:
    vendor, batch = Vendor(), Tray()
    lately: Lately[int] = Lately(vendor.now)
    lately.get(batch, vendor.answer)
    vendor.at += MOMENT

    with asked(lately, batch, batch, batch) as heard:
        assert heard == []

    assert heard == [7, 7, 7]


def test_a_moment_later_it_is_asked_anew() -> None:
    vendor, batch = Vendor(), Tray()
    lately: Lately[int] = Lately(vendor.now)
    lately.get(batch, vendor.answer)

    vendor.at += MOMENT

    assert lately.get(batch, vendor.answer) == 2


def test_a_failure_is_kept_as_nobodys_answer() -> None:
    vendor, batch = Vendor(away=True), Tray()
    lately: Lately[int] = Lately(vendor.now)
    with pytest.raises(Unreachable):
        lately.get(batch, vendor.answer)

    vendor.away = False

    assert lately.get(batch, vendor.answer) == 2


def test_a_batch_does_not_wait_for_what_another_one_asks() -> None:
    vendor = Vendor()
    lately: Lately[int] = Lately(vendor.now)

    with asked(lately, Tray()) as heard:
        first = lately.get(Tray(), vendor.answer)

    assert (first, heard) == (1, [7])
