"""A large customer in our monitoring and our vault goes through in little memory; `make bench` measures the largest."""

import pytest
from tools.bench import house


@pytest.mark.parametrize(("part", "many"), [("prtg", 300), ("vault", 200)])
def test_many_sensors_and_many_secrets_go_through_a_whole_step_in_little_memory(part: str, many: int) -> None:
    found = house.measured(part, many)

    assert found["calls"] > many, "each was asked for by itself"
    assert found["peak_mib"] < 200, "5,000 sensors and 2,000 secrets take less than 300 MiB"
