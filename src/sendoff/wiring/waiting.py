"""What a rehearsal waits for: people in the vendors' pages, and the next moment at which something may go on."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sendoff.model.case import Case, Standing
from sendoff.model.digest import Json
from sendoff.model.gate import Shut
from sendoff.model.inventory import Verb
from sendoff.model.state import State, StepId
from sendoff.rules.deadlines import end_of, watch_of, watch_opens
from sendoff.steps import by_id
from sendoff.wiring.cards import table
from sendoff.wiring.house import House

HANDS: Mapping[str, tuple[str, ...]] = {
    "remove-app-registration": ("graph.delete-app",),
    "accept-transfer": ("partner-center.accept-transfer",),
    "stop-renewals": ("topdesk.end-contract", "partner-center.renewal-off"),
    "terminate-contract": ("topdesk.close-calls", "topdesk.end-contract"),
    "remove-role-assignments": ("arm.remove-foreign-groups",),
    "remove-accounts": ("graph.delete-account",),
    "remove-service-principals": ("graph.delete-account",),
    "end-relationships": ("graph.end-gdap",),
    "erase-secrets": ("passwordstate.delete-empty-lists",),
}
"""What people do in the vendors' own pages for a step."""
LEAD = timedelta(days=3)
"""How long before the end of the contract removals are planned: an approval lasts seven days."""
REQUEST = timedelta(days=21)
"""How long before the transfer its details go out: a request lapses after thirty days."""
PATIENCE = timedelta(days=14)
"""How long after the contract, and after a watch, a customer who never answers is waited for."""


def begins(case: Case, standing: Standing) -> datetime:
    """When people begin to work on a step: an approval lasts seven days, and a transfer's request thirty."""
    facts = case.facts
    step, end = by_id(standing.step), end_of(facts.contract_end, facts.zone)
    if standing.step == "migration-details":
        return end_of(facts.transfer_on or facts.contract_end, facts.zone) - REQUEST
    if standing.step == "disable-accounts":
        return watch_opens(facts) - LEAD
    late = step.covers or Verb.ACCEPT in step.verbs
    return end - LEAD if late else case.opened_at


def next_moment(house: House, case: str, *, gives_up: bool) -> tuple[datetime | None, str]:
    """The next moment at which something may go on, and why; None when there is none."""
    now = house.clock.now()
    found = [one for one in _moments(house, house.desk.case(case), now, gives_up) if one[0] > now]
    return min(found) if found else (None, "")


def _moments(house: House, case: Case, now: datetime, gives_up: bool) -> Iterator[tuple[datetime, str]]:
    until = patient_until(case)
    patient = now < until
    if gives_up:
        yield until, "nobody answers any more"
    for one in case.steps.values():
        if one.state is State.APPROVED:
            yield from _gates(house, case, one.step)
        # A watch ends by itself; a person is not waited for for ever.
        if one.state is State.HELD and one.held_until is not None and (one.acted_at is None or patient):
            yield one.held_until, f"{one.step} is looked at again"
        if one.state in (State.READY, State.LEFT) and not one.by_hand:
            yield begins(case, one), "people begin to plan what comes next"
            if begins(case, one) <= now and patient:
                yield now + (timedelta(days=7) if gives_up else timedelta(days=1)), "another day"


def patient_until(case: Case) -> datetime:
    """How long people are waited for: a while after the contract, and after what is watched is free to go."""
    watches = (since + watch_of(case.facts) for since in case.watched.values())
    return max([end_of(case.facts.contract_end, case.facts.zone), *watches]) + PATIENCE


def _gates(house: House, case: Case, step: StepId) -> Iterator[tuple[datetime, str]]:
    for gate in house.desk.gates_of(case.id, step):
        if isinstance(gate, Shut) and gate.until is not None:
            yield gate.until, gate.reason


def touched_by(answer: Json) -> list[Json]:
    """What a deed by hand touched."""
    touched = table(answer).get("touched")
    return touched if isinstance(touched, list) else []
