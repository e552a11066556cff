"""The power cut story: one leaving dies at every commit and every call, and still does everything once."""

import random
from collections.abc import Iterator

import pytest

from fakes.power import EveryPoint, Lives, NoPoint, both, certified, claims, named, not_died, stage_of
from sendoff.model.case import Case
from sendoff.model.template import Tier
from sendoff.rules.folding import after, body_of


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lives, Case]:
    """The same leaving with the power on."""
    lives = Lives(tmp_path_factory.mktemp("on"), Tier.CSP, NoPoint())
    return lives, lives.told(1)


@pytest.fixture(scope="module")
def cut(
    tmp_path_factory: pytest.TempPathFactory, undisturbed: tuple[Lives, Case]
) -> tuple[Lives, Case, EveryPoint, frozenset[str]]:
    """The leaving that dies at every commit, every call of a batch, every call that writes, and 25 reads besides."""
    # Requests and letters get their ids from the vendor when they are made, and in another life other ones.
    others = ("*", "/transfers/", "conversationId")
    looked = [name for name in dict.fromkeys(undisturbed[0].looked) if not any(part in name for part in others)]
    reads = frozenset(random.Random(7).sample(looked, 25))
    points = EveryPoint()
    lives = Lives(tmp_path_factory.mktemp("off"), Tier.CSP, points, reads)
    return lives, lives.told(2500), points, reads


def test_a_leaving_that_dies_everywhere_ends_with_the_same_claims(
    undisturbed: tuple[Lives, Case], cut: tuple[Lives, Case, EveryPoint, frozenset[str]]
) -> None:
    expected = claims(certified(*undisturbed))

    found = claims(certified(cut[0], cut[1]))

    assert expected["outcome"] == "clean", "every door was tried, and every recorded kind was looked at"
    assert found == expected


def test_a_leaving_that_dies_everywhere_does_nothing_twice(
    undisturbed: tuple[Lives, Case], cut: tuple[Lives, Case, EveryPoint, frozenset[str]]
) -> None:
    both(undisturbed[0], cut[0])


def test_the_power_went_out_after_every_event_and_at_every_call_of_every_batch(
    undisturbed: tuple[Lives, Case], cut: tuple[Lives, Case, EveryPoint, frozenset[str]]
) -> None:
    lives, case, points, reads = cut

    died = set(points.died)

    assert lives.lives == len(points.died) + 1 == len(died) + 1, "each life gets one further"
    assert undisturbed[1].seq >= 60
    assert {name for name in _events(lives, case) if not any(name in point for point in died)} == set()
    assert not_died(undisturbed[0], died, ("",)) == set()
    assert {name for name in reads if f"read {name}" not in died} == set()
    assert sum(point.startswith("call in ") for point in died) > 300


def _events(lives: Lives, closed: Case) -> Iterator[str]:
    case: Case | None = None
    for entry in stage_of(lives).house.journal.entries(closed.id):
        body = body_of(entry)
        yield named(case, body)
        case = after(case, entry.event, body)
