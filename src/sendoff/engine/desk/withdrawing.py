"""Doors for a termination that the customer takes back (H33)."""

from dataclasses import replace
from datetime import datetime

from sendoff.engine.desk.entrance import Entrance, has_role, with_reason
from sendoff.engine.letters import meeting_start
from sendoff.engine.undoing import done
from sendoff.model.case import Case, WithdrawalWish
from sendoff.model.errors import Refused
from sendoff.model.event import FactsChanged, StepAdded
from sendoff.model.facts import Appointment, Facts
from sendoff.model.people import Person, Role
from sendoff.model.state import State, StepId
from sendoff.model.withdrawal import WithdrawalAsked, Withdrawn
from sendoff.rules.adding import meeting_moved
from sendoff.rules.withdrawing import PUTS_BACK, TELLS, Reckoning, reckoned
from sendoff.steps import by_id


class Withdrawing(Entrance):
    """Until when a termination can be withdrawn, and the withdrawal itself, by two persons."""

    def withdrawal(self, case: str) -> Reckoning:
        """What we have done, what of it can be put back, and why it may be too late. Nothing is decided."""
        found = self.case(case)
        return reckoned(found, done(self.ports, found))

    def withdraw(self, who: Person, case: str, *, reason: str) -> Case:
        """Say that the customer stays or, as a second person, agree: then all open work ends, and a step puts back what
        was done. Refused past the point of no return, with the reasons, and while a step is under way."""
        found = self._may(who, case)
        with_reason(reason)
        self._in_time(found)
        wish = found.withdrawal_asked
        signature = self._signature(who, found, {"decision": "withdraw", "reason": reason})
        if wish is None or wish.by == who.id:
            return self._append(found, who, WithdrawalAsked(reason=reason, signature=signature))
        has_role(who, Role.CSM, Role.PRACTICE_LEAD)
        step = by_id(PUTS_BACK)
        puts_back = StepAdded(
            step=step.id, text=step.line, role=step.role, reason=wish.reason, refs=(), major=step.major
        )
        withdrawn = Withdrawn(reason=wish.reason, asked_by=wish.by, signature=signature)
        self._append(found, who, *self._without_meeting(found, wish), withdrawn, *self._taken_back(found), puts_back)
        return self._mirror(case)

    def _without_meeting(self, case: Case, wish: WithdrawalWish) -> tuple[FactsChanged, ...]:
        """A meeting about the leaving that is still to come is off, by the facts as well."""
        facts = self._meeting_off(case)
        why = f"the termination was withdrawn: {wish.reason}"
        return (FactsChanged(facts=facts, reason=why, frozen_changed=False, asked_by=wish.by),) if facts else ()

    def _taken_back(self, case: Case) -> tuple[StepAdded, ...]:
        """The step that tells everybody who was invited."""
        facts = self._meeting_off(case)
        return meeting_moved(case, facts, by_id(TELLS)) if facts else ()

    def _meeting_off(self, case: Case) -> Facts | None:
        """The facts with the meeting off; None when nobody was invited, it is off, or it is over."""
        starts, agreed = datetime.fromisoformat(meeting_start(case)), case.facts.meeting
        met = case.standing(StepId("meet"))
        if met is None or met.state is not State.DONE or (agreed and agreed.off) or starts <= self.ports.clock.now():
            return None
        told = replace(agreed, off=True) if agreed else Appointment(starts=starts, off=True)
        return replace(case.facts, meeting=told)

    def _in_time(self, case: Case) -> None:
        if case.withdrawn:
            raise Refused(f"case {case.id} is withdrawn already: {case.withdrawn}")
        late = self.withdrawal(case.id).no_return
        if late:
            raise Refused(
                f"it is too late to withdraw: {'; '.join(late)}. Stop what is open (`sendoff case stop`), and agree "
                "with the customer on what is made anew"
            )
        busy = [one.step for one in case.steps.values() if one.state is State.RUNNING]
        if busy:
            raise Refused(f"{', '.join(busy)} is under way: `sendoff case stop` it first, so that no half is left")
