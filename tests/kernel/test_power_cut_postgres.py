"""The power cut story on PostgreSQL: the same leaving dies at every commit and call, and does everything once."""

import pytest

from fakes.postgres import fresh_schema, hung_up
from fakes.power import EveryPoint, Lives, NoPoint, both, certified, claims
from sendoff.model.template import Tier

pytestmark = pytest.mark.postgres


def test_a_leaving_on_a_server_that_dies_everywhere_does_everything_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with hung_up():
        on = Lives(tmp_path_factory.mktemp("on"), Tier.CSP, NoPoint(), server=fresh_schema())
        undisturbed = on.told(1)
        points = EveryPoint()
        off = Lives(tmp_path_factory.mktemp("off"), Tier.CSP, points, server=fresh_schema())

        case = off.told(2500)

        assert off.lives == len(points.died) + 1 == len(set(points.died)) + 1, "each life gets one further"
        assert sum(point.startswith("call in ") for point in points.died) > 300
        assert sum(point.startswith("commit ") for point in points.died) > 200
        assert claims(certified(off, case)) == claims(certified(on, undisturbed))
        both(on, off)
