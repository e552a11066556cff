"""The one way in: who is it, may they in this case, and the append of what they decided."""

from collections.abc import Callable, Mapping, Sequence

from sendoff.engine.mirror import mirrored
from sendoff.model.case import Case, Standing
from sendoff.model.digest import Json, canonical
from sendoff.model.errors import BadInput, ConnectorError, Overtaken, Refused
from sendoff.model.event import Body
from sendoff.model.facts import Facts
from sendoff.model.people import ROBOT, Person, Role
from sendoff.model.state import StepId
from sendoff.ports import Ports


class Entrance:
    """What every door of the desk stands on."""

    def __init__(self, *, ports: Ports, say: Callable[[str], None] = lambda line: None) -> None:
        self.ports, self._say = ports, say

    def case(self, case: str) -> Case:
        """A case as it stands."""
        return self.ports.journal.load(case)

    def _may(self, who: Person, case: str, *roles: Role) -> Case:
        """The case, when this person may do this in it. Deny beats any grant."""
        found = self.ports.journal.load(case)
        if found.world != self.ports.world.id:
            raise Refused(f"case {case} belongs to world {found.world}, and this is {self.ports.world.id}")
        known(who, self.ports.identity.people())
        not_excluded(who, found.facts)
        if found.certificate is not None:
            raise Refused(f"case {case} is closed")
        if roles:
            has_role(who, *roles)
        return found

    def _append(self, case: Case, who: Person, *bodies: Body) -> Case:
        """Write down what a person decided on this sight of the case. Workers move other steps meanwhile: that changes
        nothing of the decision. Overtaken when what it is about became another."""
        seen = case
        while True:
            try:
                return self.ports.journal.append(case.id, seen.seq, bodies, actor=who.id, at=self.ports.clock.now())
            except Overtaken:
                seen = self.ports.journal.load(case.id)
                if not _same_for(bodies, case, seen):
                    raise

    def _at_once(self, case: Case, who: Person, body: Body) -> Case:
        """Write down what holds however the case moved meanwhile: a halt, a stop."""
        return self.ports.journal.append(case.id, None, (body,), actor=who.id, at=self.ports.clock.now())

    def _mirror(self, case: str) -> Case:
        """Bring the case's issue up to date. It is a view: when that fails the case goes on, and somebody hears why."""
        found = self.ports.journal.load(case)
        try:
            bodies = mirrored(self.ports, found)
        except (ConnectorError, Overtaken, Refused) as failed:
            self._say(f"the issue of {case} is not up to date: {failed}")
            return found
        if not bodies:
            return found
        return self.ports.journal.append(case, None, bodies, actor=ROBOT, at=self.ports.clock.now())

    def _signature(self, who: Person, case: Case, decision: Mapping[str, Json]) -> str:
        """That person's own signature over the decision, in this case and world; in the sandbox there is none."""
        if self.ports.world.sandbox:
            return ""
        message = canonical({**decision, "case": case.id, "world": case.world, "by": who.id})
        signature = self.ports.identity.sign(who, message)
        if not self.ports.identity.proves(who, message, signature):
            raise Refused(
                f"against real systems a decision carries the signature of {who.name}: "
                "name your key in the settings (signing_key) and its public half in your row of people (ssh_key)"
            )
        return signature


def _same_for(bodies: Sequence[Body], before: Case, now: Case) -> bool:
    """True when nothing that these decisions rest on changed: facts, a halt, the end, whose things are, and the steps
    they name."""
    steps = {StepId(str(body.step)) for body in bodies if hasattr(body, "step") and body.step}
    named = all(before.steps.get(step) == now.steps.get(step) for step in steps)
    return named and _frame(before) == _frame(now)


def _frame(case: Case) -> tuple[object, ...]:
    return case.facts, case.facts_asked, case.halted, case.certificate, case.decisions


def standing_of(case: Case, step: StepId) -> Standing:
    """Where a step stands, or BadInput naming the steps there are."""
    found = case.standing(step)
    if found is None:
        there = ", ".join(case.steps)
        raise BadInput(f"case {case.id} has no step {step!r}; it has: {there}", where="step")
    return found


def known(who: Person, people: Sequence[Person]) -> None:
    """Persons, not logins: the robot, the executor and anybody unmapped decide nothing."""
    if who.id == ROBOT or who not in people:
        raise Refused(f"{who.name} is not a person of the register, and decides nothing")


def not_excluded(who: Person, facts: Facts) -> None:
    """A person excluded from a case decides nothing in it, whatever roles they hold."""
    if who.id in facts.excluded:
        raise Refused(f"{who.name} is excluded from this case; no role changes that")


def has_role(who: Person, *roles: Role) -> None:
    """Refused when the person has none of these roles."""
    if not who.roles & set(roles):
        raise Refused(f"{who.name} is {_listed(who.roles)}; this takes {_listed(roles)}")


def _listed(roles: Sequence[Role] | frozenset[Role]) -> str:
    return " or ".join(sorted(roles)) or "without a role"


def with_reason(reason: str) -> None:
    """BadInput when a reason says nothing."""
    if len(reason.strip()) < 5:
        raise BadInput("say why, in a few words", where="--reason")
