"""The bound that a large look is measured against: eight calls in flight, or the rate of one subscription."""

from tools.bench.look import bounded

BUSY, QUIET = "0" * 36, "1" * 36


def test_many_calls_spread_out_are_bound_by_their_latency() -> None:
    paths = [f"/subscriptions/{number:036d}/resources" for number in range(800)] + ["/v1.0/users"] * 80
    assert bounded(paths, 200) == 22.0


def test_many_calls_in_one_subscription_are_bound_by_its_rate() -> None:
    paths = [f"/subscriptions/{BUSY}/resources"] * 1250 + [f"/SUBSCRIPTIONS/{QUIET}/x"] * 10
    assert bounded(paths, 20) == 40.0
    assert bounded(paths[:250], 20) == 0.625
