"""A leaving in which one step removes a crowd of ours."""

from dataclasses import replace
from pathlib import Path

from fakes.houses import Stage, stage
from fakes.leavings import after_contract, approved
from sendoff.model.case import Case
from sendoff.model.event import StepMoved
from sendoff.model.facts import Facts
from sendoff.model.state import SETTLED, Move, StepId
from sendoff.sandbox.sandbox import Sandbox
from sendoff.sandbox.seed_crowd import Crowd
from sendoff.steps import by_id

STEP = StepId("remove-resources")


def crowded(folder: Path, many: int, subscriptions: int = 1, page: int = 10) -> tuple[Stage, Case]:
    """A case whose next step removes a crowd of ours, after the contract's end and with a second person's yes; the
    vendors give so many rows a page."""
    one = stage(folder, sandbox=Sandbox(1, "full-stack", crowd=Crowd(ours=many, spread=subscriptions)))
    one.control("POST", "/habits", rows=page)
    case = one.opened(crowd_alone)
    done = [row.step for row in case.steps.values() if row.step in by_id(STEP).after and row.state not in SETTLED]
    skips = [StepMoved(step=step, move=Move.SKIP, reason="not tested") for step in done]
    one.house.journal.append(case.id, None, skips, actor=one.who("paul").id, at=one.house.clock.now())
    after_contract(one, case)
    one.desk.plan(one.who("erik"), case.id, STEP)
    assert one.desk.case(case.id).steps[STEP].planned >= many, "no page of a list was dropped"
    approved(one, case, STEP)
    return one, case


def crowd_alone(facts: Facts) -> Facts:
    """The same facts, in which only the crowd's subscription leaves."""
    crowd = {row.id for row in facts.leaving if "-crowd-" in row.name}
    scope = tuple(row for row in facts.scope if row.id in crowd or row not in facts.leaving)
    return replace(facts, scope=scope, record=tuple(row for row in facts.record if any(one in row.id for one in crowd)))
