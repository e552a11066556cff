"""The demo's own judge: what it passes, and what it catches when it is planted."""

from pathlib import Path

import pytest

from fakes.houses import Stage, stage
from sendoff.model.inventory import Verb
from sendoff.model.plan import Plan
from sendoff.model.template import Tier
from sendoff.wiring.control import Control
from sendoff.wiring.worlddiff import Before, before, compared


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stage, Before, tuple[Plan, ...]]:
    """A CSP leaving that was told, the world before it, and its approved plans."""
    one = stage(tmp_path_factory.mktemp("told"), tier=Tier.CSP)
    then = before(control(one))
    case = one.opened()
    one.story(case).tell()
    return one, then, one.desk.plans(case.id)


def control(one: Stage) -> Control:
    """The control port of a stage."""
    assert one.house.control is not None
    return one.house.control


def test_a_told_leaving_is_exactly_what_was_approved(told: tuple[Stage, Before, tuple[Plan, ...]]) -> None:
    one, then, plans = told

    diff = compared(control(one), then, plans)

    assert diff.exact and sum(deed.ours for deed in diff.deeds) > 10
    assert "unchanged" in diff.verdict


def test_a_deed_that_no_plan_holds_is_caught(told: tuple[Stage, Before, tuple[Plan, ...]]) -> None:
    one, then, plans = told

    steps = {plan.step for plan in plans}
    of_people = steps - {plan.step for plan in plans if by_us(plan)}
    assert of_people == {"accept-transfer", "remove-role-assignments"} and len(steps) > 10
    for left_out in steps:
        diff = compared(control(one), then, [plan for plan in plans if plan.step != left_out])

        assert diff.exact is (left_out in of_people), f"{left_out}: {diff.verdict}"
        assert diff.exact or diff.verdict.startswith("NOT exact")


def by_us(plan: Plan) -> bool:
    """True when something of it is done with a key of ours and leaves a trace."""
    return any(not action.by_person and action.verb is not Verb.EXPORT for action in plan.actions)


def test_a_mail_more_than_was_approved_is_caught(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    then = before(control(one))
    first, second = one.opened(), one.opened()
    one.until(first, "confirm-termination", "done")
    one.until(second, "confirm-termination", "done")

    both = (*one.desk.plans(first.id), *one.desk.plans(second.id))

    assert compared(control(one), then, both).exact
    assert not compared(control(one), then, one.desk.plans(first.id)).exact


def test_a_stray_change_at_a_customer_who_stays_is_caught(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    then = before(control(one))
    assert compared(control(one), then, ()).exact

    control(one).ask("POST", "/stray", {"customer": "meerzicht"})

    diff = compared(control(one), then, ())
    assert diff.touched == ("meerzicht",) and not diff.exact
