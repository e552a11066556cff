"""The first moment at which no date holds an open step any more, and what holds it until then."""

from collections.abc import Mapping
from datetime import datetime

from sendoff.model.case import Case, Standing
from sendoff.model.inventory import Kind, Verb
from sendoff.model.plan import Plan
from sendoff.model.state import SETTLED, State, StepId
from sendoff.rules.deadlines import not_before
from sendoff.steps import EVERY

Moment = tuple[datetime | None, str]
Plans = Mapping[StepId, Plan]
_STEPS = {step.id: step for step in EVERY}


def by_machine(step: StepId) -> bool:
    """True when this program plans and does it."""
    return step in _STEPS and _STEPS[step].plan is not None


def open_before(case: Case, one: Standing) -> list[Standing]:
    """The steps that it waits for and that are not settled."""
    before = (case.steps[step] for step in one.after if step in case.steps)
    return [step for step in before if step.state not in SETTLED]


def earliest(case: Case, plans: Plans, now: datetime) -> Mapping[StepId, Moment]:
    """For each step of a case; `plans` are those that lie ready."""
    found: dict[StepId, Moment] = {}

    def moment(one: Standing) -> Moment:
        if one.step not in found:
            found[one.step] = (None, "")
            after = [(moment(step)[0], f"after: {step.text}") for step in open_before(case, one)]
            found[one.step] = _latest([_own(case, one, plans.get(one.step), now), *after])
        return found[one.step]

    for one in case.steps.values():
        moment(one)
    return found


def _latest(moments: list[Moment]) -> Moment:
    """The one that holds longest; its own reason before those of steps before it."""
    dated = [(at, why) for at, why in moments if at is not None]
    if dated:
        return max(dated, key=lambda one: one[0])
    return None, next((why for _, why in moments if why), "")


def _own(case: Case, one: Standing, plan: Plan | None, now: datetime) -> Moment:
    if one.state is State.HELD and one.held_until:
        return one.held_until, one.reason
    dates = [not_before(verb, case.facts, kind, by_person=person) for verb, kind, person in _deeds(one, plan)]
    held = [date for date in dates if date is not None and date[0] > now]
    return max(held) if held else (None, "")


def _deeds(one: Standing, plan: Plan | None) -> frozenset[tuple[Verb, Kind | None, bool]]:
    """What the plan does to which kind; before there is one, a step that makes an end to a kind removes."""
    if plan is not None:
        return frozenset((action.verb, action.kind, action.by_person) for action in plan.actions)
    removes = by_machine(one.step) and bool(_STEPS[one.step].covers)
    return frozenset({(Verb.REMOVE, None, False)}) if removes else frozenset()
