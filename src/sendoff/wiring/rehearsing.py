"""A rehearsal by the pages: what happens around our people, when one of them asks for it. In the sandbox only."""

from sendoff.model.case import Case, Standing
from sendoff.model.errors import Refused
from sendoff.model.state import State, StepId
from sendoff.steps import by_id
from sendoff.wiring.house import House
from sendoff.wiring.story import Story
from sendoff.wiring.waiting import HANDS, begins


def others_act(house: House, case: str) -> tuple[str, ...]:
    """The customer and the new supplier act on what lies in their mailboxes, and somebody does in the vendors' own
    pages what no key of ours can; what was done, in words."""
    said: list[str] = []
    story = Story(house=house, case=case, say=said.append)
    story.outsiders()
    found = house.desk.case(case)
    for one in found.steps.values():
        if one.state in (State.PLANNED, State.LEFT):
            story.locks_lifted(one.step)
        if one.step in HANDS and (_by_hand_now(found, one) or _in_the_way(house, found, one)):
            story.in_vendor_pages(one.step)
    return tuple(line.strip() for line in said)


def _in_the_way(house: House, case: Case, one: Standing) -> bool:
    """What a person of ours clears away before a plan can be made: calls that are open at the service desk."""
    return one.step == "terminate-contract" and one.state is State.READY and house.clock.now() >= begins(case, one)


def _by_hand_now(case: Case, one: Standing) -> bool:
    """What a person of ours would do in a vendor's page now: our last key only after the last look."""
    if one.state is State.HELD or (one.state is State.LEFT and one.step != StepId("accept-transfer")):
        return True
    step = by_id(one.step)
    return one.state is State.READY and step.plan is None and (not step.last or "final" in case.looks)


def clock_on(house: House, case: str) -> str:
    """Move civil time to the next moment at which something of this case may go on; what was done, in words."""
    said: list[str] = []
    if not Story(house=house, case=case, say=said.append).move_clock():
        raise Refused("nothing waits for a date: people are asked for something first")
    return said[-1].removeprefix("-- everything waits. ")
