"""A service desk with many cards is looked at and exported whole, in little memory; `make bench` measures 10,000."""

from tools.bench import desk


def test_many_cards_are_looked_at_and_exported_whole_within_300_mib() -> None:
    found = desk.measured(1500)

    assert found["exported"] == 1500
    assert found["items"] == 1 + 1500 + 150 + 150 + 150, "the branch, its calls, persons, activities and assets"
    assert found["peak_mib"] < 200, "10,000 take less than 300 MiB"
