"""Doors for work: look, plan, run, close."""

from collections.abc import Callable
from datetime import datetime

from sendoff.engine.closing import close, not_closable
from sendoff.engine.desk.entrance import Entrance, standing_of
from sendoff.engine.planning import planned
from sendoff.engine.preflight import Prepared, preflight, written
from sendoff.engine.undoing import done
from sendoff.engine.wholelook import whole_look
from sendoff.engine.worker import work_off
from sendoff.model.case import Case, Standing
from sendoff.model.errors import Refused
from sendoff.model.event import ClockMoved, StepMoved
from sendoff.model.people import Person, Role
from sendoff.model.state import SETTLED, Move, State, StepId
from sendoff.rules.asif import as_if
from sendoff.steps import by_id


class Working(Entrance):
    """What moves a case on."""

    def preflight(self, who: Person, case: str) -> Prepared:
        """Probe every key, make a whole look, add the steps nobody thought of, and say what stands in the way; what
        was found is kept in the same commit as the look, so that there is never the one without the other."""
        found = self._may(who, case)
        bodies = whole_look(self.ports, found, "preflight")
        prepared = preflight(self.ports, as_if(found, bodies, actor=who.id, at=self.ports.clock.now()))
        self._append(found, who, *bodies, written(self.ports, found, prepared))
        return prepared

    def look(self, who: Person, case: str, purpose: str) -> Case:
        """A whole look, on purpose."""
        found = self._may(who, case)
        return self._append(found, who, *whole_look(self.ports, found, purpose))

    def plan(self, who: Person, case: str, step: StepId) -> Case:
        """Look and lay a plan ready. The proposer cannot approve it."""
        role = standing_of(self.case(case), step).role
        # What the Practice Lead decides is prepared by an engineer, so that the yes can be the Practice Lead's.
        found = self._may(who, case, role, *((Role.ENGINEER,) if role is Role.PRACTICE_LEAD else ()))
        standing = standing_of(found, step)
        if standing.state not in (State.READY, State.PLANNED, State.LEFT, State.APPROVED):
            raise Refused(f"{step} is {standing.state}: {_waits_for(found, standing)}")
        if standing.state is not State.READY and standing.state is not State.LEFT:
            back = StepMoved(step=step, move=Move.REFUSE, reason="a new plan replaces it")
            found = self._append(found, who, back)
        known = by_id(step)
        undo = done(self.ports, found) if known.undoes else ()
        return self._append(found, who, *planned(self.ports, found, known, self.ports.clock.now(), undo))

    def run(self, who: Person, case: str, say: Callable[[str], None], *, threads: int = 4) -> Case:
        """Let the worker move the case until it waits for people or dates."""
        self._may(who, case)
        work_off(self.ports, case=case, say=say, threads=threads)
        return self._mirror(case)

    def clock_moved(self, who: Person, case: str, before: datetime, after: datetime, *, reason: str) -> Case:
        """Write down that the sandbox's civil time was moved. Nowhere else can it be."""
        found = self._may(who, case)
        if not self.ports.world.sandbox:
            raise Refused("civil time cannot be moved outside the sandbox")
        return self._append(found, who, ClockMoved(before=before, after=after, reason=reason))

    def close(self, who: Person, case: str) -> Case:
        """End a case with a signed certificate of what was verified and what was not."""
        found = self._may(who, case, Role.PRACTICE_LEAD)
        waiting = not_closable(found)
        if waiting:
            raise Refused("not yet: " + "; ".join(waiting))
        return close(self.ports, found, who)


def _waits_for(case: Case, standing: Standing) -> str:
    first = [step for step in standing.after if step in case.steps and case.steps[step].state not in SETTLED]
    return "first " + ", ".join(first) if standing.state is State.WAITING and first else standing.reason
