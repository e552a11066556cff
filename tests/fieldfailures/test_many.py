"""F8: a queue or a page drops the rest."""

import os
from pathlib import Path

from fakes.crowds import STEP, crowded
from fakes.leavings import rows, run, standing, verdicts
from sendoff.model.verdict import Verdict

PAGE = 1_000
OBJECTS = int(os.environ.get("OBJECTS", "1050"))
"""More than a page of any list holds. `make soak` asks for a hundred thousand, in ten subscriptions."""


def test_f8_more_than_any_page_holds_is_planned_approved_and_removed_without_a_dropped_one(
    tmp_path: Path,
) -> None:
    one, case = crowded(tmp_path, many=OBJECTS, subscriptions=-(-OBJECTS // 10_000), page=PAGE)
    planned = standing(one, case, STEP).planned

    run(one, case)

    gone = [row for row in rows(one.control("GET", "/effects")) if row["verb"] == "removed"]
    assert len(gone) == planned == len(verdicts(one, case, STEP, Verdict.GONE)) > OBJECTS
