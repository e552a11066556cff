"""Doors for a termination that the customer takes back (H33)."""

from sendoff.engine.desk.entrance import Entrance, has_role, with_reason
from sendoff.engine.undoing import done
from sendoff.model.case import Case
from sendoff.model.errors import Refused
from sendoff.model.event import StepAdded
from sendoff.model.people import Person, Role
from sendoff.model.state import State
from sendoff.model.withdrawal import WithdrawalAsked, Withdrawn
from sendoff.rules.withdrawing import PUTS_BACK, Reckoning, reckoned
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
        self._append(found, who, withdrawn, puts_back)
        return self._mirror(case)

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
