"""Dates as moments: the last day counts whole, also over a change of the clock."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.told import told
from sendoff.model.errors import BadInput
from sendoff.model.inventory import Verb
from sendoff.rules.deadlines import end_of, local_day, no_later, not_before, zone

AMSTERDAM = "Europe/Amsterdam"


@pytest.mark.parametrize(
    ("day", "over"),
    [
        (date(2026, 12, 31), datetime(2026, 12, 31, 23, 0, tzinfo=UTC)),
        (date(2026, 7, 1), datetime(2026, 7, 1, 22, 0, tzinfo=UTC)),
        (date(2026, 3, 28), datetime(2026, 3, 28, 23, 0, tzinfo=UTC)),
        (date(2026, 3, 29), datetime(2026, 3, 29, 22, 0, tzinfo=UTC)),
        (date(2026, 10, 24), datetime(2026, 10, 24, 22, 0, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 23, 0, tzinfo=UTC)),
        (date(2028, 2, 29), datetime(2028, 2, 29, 23, 0, tzinfo=UTC)),
    ],
)
def test_a_local_day_is_over_at_its_own_midnight(day: date, over: datetime) -> None:
    assert end_of(day, AMSTERDAM) == over


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from([AMSTERDAM, "UTC", "America/New_York", "Asia/Tokyo"])
)
def test_one_second_before_the_end_it_is_still_that_day_and_then_it_is_the_next(day: date, name: str) -> None:
    over = end_of(day, name)

    assert local_day(over - timedelta(seconds=1), name) == day
    assert local_day(over, name) == day + timedelta(days=1)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_day_with_a_change_of_the_clock_has_23_or_25_hours(day: date) -> None:
    hours = (end_of(day, AMSTERDAM) - end_of(day - timedelta(days=1), AMSTERDAM)).total_seconds() / 3600

    assert hours in (23, 24, 25)
    assert (hours == 24) or day.month in (3, 10)


@pytest.mark.parametrize("verb", [Verb.REMOVE, Verb.DISABLE, Verb.END, Verb.PUT_BACK])
def test_what_takes_away_waits_until_the_contract_is_over(verb: Verb) -> None:
    facts = replace(told().case.facts, contract_end=date(2026, 3, 29))

    found = not_before(verb, facts)

    assert found is not None
    assert found[0] == datetime(2026, 3, 29, 22, 0, tzinfo=UTC)
    assert "2026-03-29" in found[1]


@pytest.mark.parametrize("verb", [Verb.SEND, Verb.EXPORT, Verb.CREATE, Verb.DISCLOSE])
def test_what_takes_nothing_away_waits_for_no_date(verb: Verb) -> None:
    assert not_before(verb, told().case.facts) is None


def test_the_last_access_day_counts_whole() -> None:
    facts = replace(told().case.facts, access_until=date(2026, 10, 25))

    assert no_later(facts) == datetime(2026, 10, 25, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", ["", "Amsterdam", "../etc/passwd", "CET\0", "/etc/localtime", "Europe"])
def test_what_is_no_time_zone_is_bad_input(name: str) -> None:
    with pytest.raises(BadInput, match="not a time zone"):
        zone(name)
