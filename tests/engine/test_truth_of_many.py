"""Many removals at a vendor that refuses some, fails some later, and throttles: every one is told as it was."""

from pathlib import Path

from fakes.crowds import STEP, crowded
from fakes.houses import Stage
from fakes.leavings import rows, run, standing, trouble, verdicts
from sendoff.engine.judging import stored_deeds
from sendoff.model.plan import Outcome
from sendoff.model.state import State
from sendoff.model.verdict import Verdict
from sendoff.steps import by_id

MANY = 100
REFUSED, BROKEN, LATER = r"/intercept-\d*00$", r"/intercept-\d*50$", r"/intercept-\d*(25|75)$"
GOOD = (Outcome.DONE, Outcome.FOUND)
"""A child is found gone when its parent went first."""


def deletes(one: Stage) -> list[str]:
    """The paths that were asked to be deleted, as often as they were."""
    found = rows(one.control("GET", "/record"))
    return [str(row["path"]) for row in found if row["type"] == "call" and row["method"] == "DELETE"]


def test_every_removal_that_failed_is_named_with_its_reason_and_no_other_is_repeated(tmp_path: Path) -> None:
    one, case = crowded(tmp_path, MANY)
    one.control("POST", "/habits", deleting=1)
    trouble(one, vendor="arm", method="DELETE", path=REFUSED, do="status", status=409, code="Conflict")
    trouble(one, vendor="arm", method="DELETE", path=BROKEN, do="status", status=500)
    trouble(one, vendor="arm", method="DELETE", path=LATER, do="fail-delete")

    run(one, case)

    now = standing(one, case, STEP)
    found = stored_deeds(one.desk.ports, one.desk.case(case.id), by_id(STEP))
    deeds = {deed.ref: deed for deed in found if deed.ref.startswith("azure|resource|")}
    hurt = {deed.name: deed.receipt for deed in deeds.values() if deed.receipt.outcome not in GOOD}
    others = [path for path in deletes(one) if path.rpartition("/")[2] not in hurt]
    left = {row.name: row.why for row in verdicts(one, case, STEP, Verdict.LEFT)}
    assert now.state is State.LEFT
    assert len({deed.ref for deed in found}) == now.planned >= MANY
    assert set(hurt) == {f"intercept-{number:06d}" for number in range(0, MANY, 25)}, "four of a hundred, by name"
    assert {receipt.code for receipt in hurt.values()} == {"Conflict", "InternalServerError"}
    assert set(hurt) <= set(left), "each is still there, by a second look"
    assert all("the vendor answered" in left[name] for name in hurt)
    group = 1  # which is not empty, and so refused by us
    assert len(verdicts(one, case, STEP, Verdict.GONE)) == now.planned - len(hurt) - group
    assert others and len(others) == len(set(others)), "nothing else was asked for twice"


def test_a_list_of_which_a_page_is_forbidden_makes_the_second_look_blind_and_not_clean(tmp_path: Path) -> None:
    one, case = crowded(tmp_path, MANY)
    trouble(one, vendor="arm", method="GET", path="/providers/microsoft.consumption/budgets$", do="forbid", nth=3)

    run(one, case)

    now = standing(one, case, STEP)
    blind = [row.name for row in verdicts(one, case, STEP, Verdict.UNKNOWN)]
    assert now.state is State.LEFT
    assert any("budget" in name for name in blind)
    assert len(verdicts(one, case, STEP, Verdict.GONE)) == now.planned


def test_what_is_throttled_is_asked_for_anew_until_it_is_done(tmp_path: Path) -> None:
    one, case = crowded(tmp_path, MANY)
    trouble(one, vendor="arm", method="DELETE", path=r"intercept-\d*7$", do="throttle", seconds=0, times=60)

    run(one, case)

    now = standing(one, case, STEP)
    refused = [row for row in rows(one.control("GET", "/record")) if row["type"] == "call" and row["status"] == 429]
    assert len(refused) == 60, "the vendor did refuse"
    assert set(dict(now.outcomes)) <= set(GOOD)
    assert len(verdicts(one, case, STEP, Verdict.GONE)) == now.planned


def test_a_step_that_meets_another_world_than_its_plan_stops_by_itself(tmp_path: Path) -> None:
    one, case = crowded(tmp_path, MANY)
    trouble(one, vendor="arm", method="DELETE", path="intercept-", do="status", status=409, code="Conflict")

    run(one, case)

    now = standing(one, case, STEP)
    assert now.state is State.LEFT
    assert len(deletes(one)) < 20, "not a hundred times no"
