"""Token buckets: never more than the bucket, over two processes' worth of answers on one database."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sendoff.store.database import open_database
from sendoff.store.limits import CHUNK, SqlLimits
from sendoff.store.versions import prepared


@dataclass
class Time:
    """Time that goes by only when somebody sleeps, or when it is told to."""

    at: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        """Seconds."""
        return self.at

    def sleep(self, seconds: float) -> None:
        """Goes by at once."""
        assert seconds >= 0
        self.slept.append(seconds)
        self.at += max(seconds, 1e-6)


def two(folder: Path, time: Time, server: str = "") -> tuple[SqlLimits, SqlLimits]:
    """Two answers to the port over one database, as two processes have them."""
    place = server or folder / "limits.db"
    made = [SqlLimits(prepared(open_database(place)), now=time.now, sleep=time.sleep) for _ in range(2)]
    return made[0], made[1]


def most_in(window: float, calls: list[float]) -> int:
    return max(sum(1 for one in calls if start <= one < start + window) for start in calls)


def test_two_takers_together_never_call_more_than_the_bucket_gives(tmp_path: Path, server: str) -> None:
    time, calls = Time(), []
    first, second = two(tmp_path, time, server)

    for number in range(300):
        (first if number % 2 else second).take("arm", rate=10, burst=40)
        calls.append(time.at)

    for window in (0.5, 1.0, 5.0, 10.0):
        assert most_in(window, calls) <= 40 + 10 * window + 1, window
    assert calls[-1] - calls[0] >= (300 - 40) / 10 - 1, "and all of it takes as long as the rate says"


@settings(max_examples=25, deadline=None)
@given(
    rate=st.sampled_from([0.5, 1, 3, 10, 25]),
    burst=st.sampled_from([1, 2, 5, 40, 250]),
    turns=st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.0, 0.0, 0.1, 2.0, 30.0])), min_size=5, max_size=80),
)
def test_no_pattern_of_takers_and_pauses_gets_more_than_the_bucket(
    rate: float, burst: int, turns: list[tuple[bool, float]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        time, calls = Time(), []
        first, second = two(Path(folder), time)
        for which, pause in turns:
            time.at += pause
            (first if which else second).take("arm", rate=rate, burst=burst)
            calls.append(time.at)

    for window in (0.5, 1.0, 10.0):
        assert most_in(window, calls) <= burst + rate * window + 1


def test_a_vendor_that_says_retry_after_is_left_alone_by_everybody(tmp_path: Path, server: str) -> None:
    time = Time()
    first, second = two(tmp_path, time, server)
    first.take("arm", rate=10, burst=40)
    told = time.at

    first.blocked("arm", 17.0)
    first.take("arm", rate=10, burst=40)
    second.take("arm", rate=10, burst=40)

    assert time.at >= told + 17.0
    assert time.slept[0] == 17.0


def test_tokens_that_another_holds_are_not_used_while_the_vendor_is_left_alone(tmp_path: Path, server: str) -> None:
    time = Time()
    first, second = two(tmp_path, time, server)
    second.take("arm", rate=10, burst=400)
    told = time.at

    first.blocked("arm", 17.0)
    calls = []
    for _ in range(CHUNK):
        second.take("arm", rate=10, burst=400)
        calls.append(time.at)

    early = [one for one in calls if one < told + 17.0]
    assert len(early) < CHUNK, "at most what was taken before the vendor spoke"


def test_a_bucket_of_its_own_is_not_touched_by_another(tmp_path: Path, server: str) -> None:
    time = Time()
    first, _ = two(tmp_path, time, server)
    first.blocked("arm|one", 60)

    first.take("arm|two", rate=10, burst=40)

    assert time.slept == []


def test_a_clock_that_jumps_back_gives_no_extra_tokens(tmp_path: Path, server: str) -> None:
    time, calls = Time(), []
    first, second = two(tmp_path, time, server)
    for _ in range(4):
        first.take("arm", rate=1, burst=4)
    time.at -= 500

    for _ in range(3):
        before = time.at
        second.take("arm", rate=1, burst=4)
        calls.append(time.at - before)

    assert sum(calls) >= 2.0
