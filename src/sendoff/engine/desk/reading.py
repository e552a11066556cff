"""Doors that only read: no person is needed."""

from collections.abc import Iterator, Mapping

from sendoff.engine.desk.entrance import Entrance, standing_of
from sendoff.engine.drafts import drafts
from sendoff.engine.kept import Kept
from sendoff.engine.planning import Forecast, approved_plans, forecast, stored_plan
from sendoff.engine.reminding import said_aloud
from sendoff.engine.reporting import report
from sendoff.engine.run import question
from sendoff.engine.wholelook import seen_in
from sendoff.model.case import Case
from sendoff.model.draft import Draft
from sendoff.model.errors import TooNew
from sendoff.model.gate import Gate
from sendoff.model.plan import Plan
from sendoff.model.situation import Owned
from sendoff.model.state import State, StepId
from sendoff.rules.gates import gates
from sendoff.rules.ordering import explained, solved
from sendoff.steps import EVERY, by_id

_SEEN: Kept[tuple[Owned, ...]] = Kept(4)
"""Looks that people page through."""


class Reading(Entrance):
    """What there is to know of cases."""

    def cases(self) -> tuple[Case, ...]:
        """Every case, oldest first. One that a newer program wrote in is named aloud and left out."""
        return tuple(self._readable())

    def _readable(self) -> Iterator[Case]:
        for case in self.ports.journal.cases():
            try:
                yield self.ports.journal.load(case)
            except TooNew as newer:
                self._say(str(newer))

    def plan_of(self, case: str, step: StepId) -> Plan | None:
        """The plan that lies ready."""
        found = self.case(case)
        return stored_plan(self.ports, found, by_id(standing_of(found, step).step))

    def drafts(self, case: str, step: StepId) -> tuple[Draft, ...]:
        """Every text that the plan which lies ready would send; none when no plan lies ready."""
        plan = self.plan_of(case, step)
        return drafts(self.ports, self.case(case), plan) if plan is not None else ()

    def because(self, plan: Plan) -> tuple[str, ...]:
        """Why the ranks of a plan are as they are, in plain words."""
        return explained(plan.actions)

    def plans(self, case: str) -> tuple[Plan, ...]:
        """Every plan of a case that was approved, also those that a later one replaced."""
        return approved_plans(self.ports, self.case(case))

    def busy(self, case: str) -> float:
        """Seconds until the lease of another worker on this case may run out; 0 when nobody works on it."""
        return self.ports.dispatch.held(case)

    def gates_of(self, case: str, step: StepId) -> tuple[Gate, ...]:
        """Every gate of a step, open or shut and why."""
        found = self.case(case)
        standing = standing_of(found, step)
        plan = stored_plan(self.ports, found, by_id(step)) if standing.plan_blob else None
        return gates(question(self.ports, found, standing, plan))

    def seen(self, case: str, purpose: str) -> tuple[Owned, ...]:
        """What a look of that purpose found, with whose it is as decided by now."""
        found = self.case(case)
        look = found.looks.get(purpose)
        if look is None:
            return ()
        stand = (id(self.ports), look.inventory, found.decisions, found.facts)
        return _SEEN.or_made(f"{case} {purpose}", stand, lambda: seen_in(self.ports, found, look.inventory))

    def said_aloud(self, case: str) -> tuple[str, ...]:
        """What people must hear now, such as a transfer request that does not come."""
        return said_aloud(self.ports, self.case(case))

    def forecast(self, case: str) -> Forecast:
        """What every machine step would plan today, and why the steps come in this order. It cannot be approved, and
        nothing of it is kept."""
        found = self.case(case)
        open_ones = [one for one in found.steps.values() if one.state not in (State.NOT_APPLICABLE, State.DONE)]
        order = solved([one.step for one in open_ones], EVERY)
        steps = [by_id(one.step) for one in open_ones if not one.by_hand]
        return forecast(self.ports, found, [step for step in steps if step.plan is not None], order=order)

    def report(self, case: str) -> Mapping[str, bytes]:
        """The files of a case's folder, by name."""
        return report(self.ports, self.case(case))
