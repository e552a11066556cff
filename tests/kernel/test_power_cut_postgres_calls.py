"""The power cut story on PostgreSQL, second half: the same leaving dies at calls, and does everything once.

At every call that changes something and at one in three of those that read; with POINTS=every at each of them. On
SQLite each run of the tests dies at every one.
"""

import os

import pytest

from fakes.postgres import fresh_schema, hung_up
from fakes.power import Lives, NoPoint, PointsOf, SampleOf, both, certified, claims
from sendoff.model.template import Tier

pytestmark = pytest.mark.postgres
EVERY = os.environ.get("POINTS") == "every"


def test_a_leaving_on_a_server_that_dies_at_calls_does_everything_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with hung_up():
        on = Lives(tmp_path_factory.mktemp("on"), Tier.CSP, NoPoint(), server=fresh_schema())
        undisturbed = on.told(1)
        points = (PointsOf if EVERY else SampleOf)(parts=("call ", "read "))
        off = Lives(tmp_path_factory.mktemp("off"), Tier.CSP, points, server=fresh_schema())

        case = off.told(2500)

        assert off.lives == len(points.died) + 1 == len(set(points.died)) + 1, "each life gets one further"
        assert sum(point.startswith("call in ") for point in points.died) > (300 if EVERY else 150)
        assert claims(certified(off, case)) == claims(certified(on, undisturbed))
        both(on, off)
