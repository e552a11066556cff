"""A bucket that is smaller than its vendor publishes: we learn its rate from the refusals, and forget it slowly."""

from dataclasses import dataclass, field
from pathlib import Path

from sendoff.store.database import open_database
from sendoff.store.limits import Learned, SqlLimits
from sendoff.store.versions import prepared


@dataclass
class Vendor:
    """A bucket of its own, on time that goes by only when somebody sleeps or a call is made."""

    capacity: float
    rate: float
    at: float = 1000.0
    tokens: float = field(default=-1.0)
    since: float = 1000.0
    refused: int = 0

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += max(seconds, 1e-6)

    def answers(self) -> bool:
        """Whether a call goes through."""
        full = self.capacity if self.tokens < 0 else self.tokens
        self.tokens = min(self.capacity, full + (self.at - self.since) * self.rate)
        self.since = self.at
        if self.tokens < 1:
            self.refused += 1
            return False
        self.tokens -= 1
        return True


def made(tmp_path: Path, vendor: Vendor, many: int) -> float:
    """Seconds until so many calls went through, each asked for again when it was refused."""
    limits = SqlLimits(prepared(open_database(tmp_path / "limits.db")), now=vendor.now, sleep=vendor.sleep)
    begun = vendor.at
    for _ in range(many):
        while True:
            limits.take("arm", rate=10, burst=200)
            vendor.at += 0.005
            if vendor.answers():
                break
            limits.blocked("arm", 1.0)
    return vendor.at - begun


def test_a_starved_bucket_is_drunk_at_its_own_rate_with_few_refusals(tmp_path: Path) -> None:
    vendor = Vendor(capacity=20, rate=1)

    spent = made(tmp_path, vendor, 80)

    assert spent <= 1.05 * 60, f"{spent:.1f} s for what takes 60"
    assert 0 < vendor.refused < 33


def test_a_bucket_as_published_is_drunk_without_a_refusal(tmp_path: Path) -> None:
    vendor = Vendor(capacity=200, rate=10)

    spent = made(tmp_path, vendor, 1000)

    assert vendor.refused == 0
    assert spent <= 1.05 * 80


def test_one_refusal_is_forgotten_and_the_published_rate_comes_back() -> None:
    clock = Vendor(capacity=1, rate=1)
    learned = Learned(clock.now)
    assert learned.rate("arm", 10) == 10

    learned.refused("arm", 1.0)
    learned.refused("arm", 1.0)
    halved = learned.rate("arm", 10)
    clock.at += 40

    assert halved == 5, "two refusals of calls that were under way together count once"
    assert learned.rate("arm", 10) == 10


def test_a_rate_never_falls_below_one_call_in_the_time_we_are_told_to_wait() -> None:
    clock = Vendor(capacity=1, rate=1)
    learned = Learned(clock.now)
    learned.rate("arm", 10)

    for _ in range(20):
        learned.refused("arm", 4.0)
        clock.at += 2

    assert learned.rate("arm", 10) >= 0.25
