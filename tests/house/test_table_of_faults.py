"""The table of faults is true: every switch of the sandbox has a row, and every row a test that uses its switch."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sendoff.sandbox.hands import DEEDS
from sendoff.sandbox.trouble import KINDS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "faults.md"
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| `(\w+)` in \[`([\w/.]+)`\]")


@dataclass(frozen=True)
class Row:
    """One fault."""

    system: str
    fault: str
    switches: frozenset[str]
    """What stands in code marks: a switch, a deed by hand, or a field of a row in the world."""
    test: str
    file: str


def rows(text: str) -> Iterator[Row]:
    """The rows of the table."""
    for found in filter(None, map(ROW.match, text.splitlines())):
        system, fault, switch, test, file = (one.strip() for one in found.groups())
        yield Row(system, fault, frozenset(re.findall(r"`([^`]+)`", switch)), test, file)


def wrong(row: Row) -> list[str]:
    """What is not so in a row: no such test, or a test that never uses the switch."""
    source = (ROOT / "tests" / row.file).read_text(encoding="utf-8")
    if f"def {row.test}(" not in source:
        return [f"{row.file} has no {row.test}"]
    # Some switches are the default of a parameter, or of a table at the head of the file.
    return [f"{row.test} does not use {one}" for one in sorted(row.switches) if one not in source and one not in DEEDS]


def test_every_row_names_a_test_there_is_that_uses_its_switch() -> None:
    table = tuple(rows(PAGE.read_text(encoding="utf-8")))
    assert [said for row in table for said in wrong(row)] == []
    assert {row.system for row in table} == {"PRTG", "Passwordstate", "TOPdesk", "Azure", "every vendor"}
    assert len(table) > 40


def test_every_switch_of_the_sandbox_has_a_row() -> None:
    table = tuple(rows(PAGE.read_text(encoding="utf-8")))
    told = {one for row in table for one in row.switches}
    assert sorted(KINDS - told) == []


def test_a_row_without_its_test_or_its_switch_is_noticed() -> None:
    first = next(rows(PAGE.read_text(encoding="utf-8")))
    planted = f"| PRTG | x | `no-such-switch` | `{first.test}` in [`{first.file}`](x) |"
    other = f"| PRTG | x | `drop` | `test_nothing` in [`{first.file}`](x) |"
    said = [wrong(row) for row in rows(f"{planted}\n{other}\n")]
    assert said == [[f"{first.test} does not use no-such-switch"], [f"{first.file} has no test_nothing"]]
