"""The power cut story on PostgreSQL, first half: the same leaving dies at every commit, and does everything once."""

import pytest

from fakes.postgres import fresh_schema, hung_up
from fakes.power import Lives, NoPoint, PointsOf, both, certified, claims
from sendoff.model.template import Tier

pytestmark = pytest.mark.postgres


def test_a_leaving_on_a_server_that_dies_at_every_commit_does_everything_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with hung_up():
        on = Lives(tmp_path_factory.mktemp("on"), Tier.CSP, NoPoint(), server=fresh_schema())
        undisturbed = on.told(1)
        points = PointsOf(parts=("commit ",))
        off = Lives(tmp_path_factory.mktemp("off"), Tier.CSP, points, server=fresh_schema())

        case = off.told(2500)

        assert off.lives == len(points.died) + 1 == len(set(points.died)) + 1, "each life gets one further"
        assert len(points.died) > 200
        assert claims(certified(off, case)) == claims(certified(on, undisturbed))
        both(on, off)
