"""The story of a rehearsal: what four people of the MSP do from notice to certificate, each through the desk."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sendoff.model.case import Case, Standing
from sendoff.model.digest import Json
from sendoff.model.errors import Refused
from sendoff.model.gate import Shut
from sendoff.model.inventory import Whose
from sendoff.model.people import Person, Role
from sendoff.model.proof import ProofKind
from sendoff.model.state import SETTLED, State, StepId
from sendoff.rules.deadlines import end_of
from sendoff.steps import by_id
from sendoff.wiring.clocks import SandboxClock
from sendoff.wiring.control import Control
from sendoff.wiring.house import House
from sendoff.wiring.rehearsal import LEAVER, evidence, rows, table

Say = Callable[[str], None]
HANDS: Mapping[str, str] = {
    "remove-prtg-probe": "prtg.delete-probe",
    "create-administrator": "graph.create-admin",
    "remove-app-registration": "graph.delete-app",
}
"""What a person does in the vendor's own page for a step that is theirs."""
TRIES = 4
"""Plans that a step gets before the story is called stuck."""
LEAD = timedelta(days=3)
"""How long before the end of the contract removals are planned: an approval lasts seven days."""


@dataclass(slots=True)
class Story:
    """One leaving, told by the doors of the desk."""

    house: House
    case: str
    say: Say
    threads: int = 4
    done_by_hand: set[str] = field(default_factory=set)
    decided: set[str] = field(default_factory=set)
    tries: dict[str, int] = field(default_factory=dict)

    @property
    def control(self) -> Control:
        """The sandbox; a story is told nowhere else."""
        if self.house.control is None:
            raise Refused("a rehearsal runs in the sandbox only")
        return self.house.control

    def who(self, person: str) -> Person:
        """One of the staff."""
        return self.house.register.person(person)

    def proposer(self, role: Role) -> Person:
        """Who works on the steps of a role."""
        return self.who({Role.CSM: "carla", Role.ENGINEER: "erik", Role.PRACTICE_LEAD: "paul"}[role])

    def approver(self, role: Role) -> Person:
        """Who says yes to them."""
        return self.who("emma" if role is Role.ENGINEER else "paul")

    # ---- the whole of it -----------------------------------------------------------------------------------------

    def tell(self) -> Case:
        """From the opened case to the certificate."""
        desk = self.house.desk
        self.say("Preflight: every key is tried, and everything is looked at once.")
        for finding in desk.preflight(self.who("erik"), self.case):
            self.say(f"  {'ok  ' if finding.good else 'look'} {finding.subject}: {finding.said}")
        self.decide("preflight")
        while not self._over():
            if not self.turn() and not self.move_clock():
                raise Refused("the story is stuck: " + "; ".join(self._waiting()))
        return desk.close(self.who("paul"), self.case)

    def _over(self) -> bool:
        case = self.house.desk.case(self.case)
        return all(one.state in SETTLED for one in case.steps.values())

    def _waiting(self) -> Iterable[str]:
        case = self.house.desk.case(self.case)
        return (f"{one.step} is {one.state}: {one.reason}" for one in case.steps.values() if one.state not in SETTLED)

    # ---- one turn: everybody does what they can now ---------------------------------------------------------------

    def turn(self, before: tuple[StepId, str] | None = None) -> bool:
        """True when anything moved. With `before`, nobody works on once that step stands so."""
        start = self.house.desk.case(self.case).seq
        self._outsiders()
        for step in list(self.house.desk.case(self.case).steps):
            standing = self.house.desk.case(self.case).steps[step]
            if before is not None and self.house.desk.case(self.case).steps[before[0]].state == before[1]:
                return True
            if standing.state in (State.READY, State.LEFT):
                self._work_on(standing)
        if before is not None and self.house.desk.case(self.case).steps[before[0]].state == before[1]:
            return True
        after = self.house.desk.run(self.who("erik"), self.case, self._progress, threads=self.threads)
        return after.seq > start

    def _progress(self, line: str) -> None:
        self.say(f"  {line}")

    def _outsiders(self) -> None:
        """The customer and the new MSP act on what lies in their mailboxes; what they did is evidence."""
        deeds = rows(table(self.control.ask("POST", "/cast/act", {})).get("did"))
        case = self.house.desk.case(self.case)
        accepted = [deed for deed in deeds if "accepted the export" in str(deed.get("did"))]
        if accepted and case.proven(ProofKind.EXPORTED) and not case.proven(ProofKind.EXPORT_ACCEPTED):
            self._fact(ProofKind.EXPORT_ACCEPTED, accepted, "the customer accepted the delivered export")
        signed = [deed for deed in deeds if "signed in with MFA" in str(deed.get("did"))]
        if signed and not case.proven(ProofKind.BREAK_GLASS):
            self._fact(ProofKind.BREAK_GLASS, signed, "the customer confirmed their break-glass account")

    def _fact(self, kind: ProofKind, found: list[Mapping[str, Json]], note: str) -> None:
        proof = evidence(note, [dict(row) for row in found])
        self.house.desk.attest(self.who("carla"), self.case, str(kind), [proof], note=note)
        self.say(f"  carla: {note}")

    def _work_on(self, standing: Standing) -> None:
        step = by_id(standing.step) if not standing.by_hand else None
        if step is None or step.plan is None:
            self._by_hand(standing, last=bool(step and step.last))
        elif not (step.covers and self._too_early()) and self.tries.get(standing.step, 0) < TRIES:
            self.tries[standing.step] = self.tries.get(standing.step, 0) + 1
            self._plan(standing)

    def _too_early(self) -> bool:
        facts = self.house.desk.case(self.case).facts
        return self.house.clock.now() < end_of(facts.contract_end, facts.zone) - LEAD

    def _plan(self, standing: Standing) -> None:
        """One person plans, another approves exactly that plan."""
        desk, proposer, approver = self.house.desk, self.proposer(standing.role), self.approver(standing.role)
        case = desk.plan(proposer, self.case, standing.step)
        if self._locks_lifted(standing.step):
            case = desk.plan(proposer, self.case, standing.step)
        planned = case.steps[standing.step]
        if planned.state is State.LEFT and self.decide(f"plan {standing.step}"):
            planned = desk.plan(proposer, self.case, standing.step).steps[standing.step]
        if planned.state is not State.PLANNED or planned.plan is None:
            self.say(f"{standing.step}: {planned.state}, {planned.reason}")
            return
        self.decide(f"plan {standing.step}")
        desk.approve(approver, self.case, standing.step, planned.plan, over_belt=bool(planned.belt))
        many = f"{planned.planned} action{'' if planned.planned == 1 else 's'}"
        belt = f", over the belt: {planned.belt}" if planned.belt else ""
        self.say(f"{standing.step}: {many} planned by {proposer.name}, approved by {approver.name}{belt}")

    def _locks_lifted(self, step: StepId) -> bool:
        """Where a lock of the customer covers something of ours, the customer is asked to lift it."""
        plan = self.house.desk.plan_of(self.case, step)
        locks = {left.why.rpartition("; ")[2] for left in (plan.left if plan else ()) if "lifts it" in left.why}
        for lock in sorted(locks):
            self.control.ask("POST", "/hands", {"do": "arm.delete", "customer": LEAVER, "id": lock})
            self.say(f"  the customer lifts their lock {lock.rpartition('/')[2]}, as asked")
        return bool(locks)

    def _by_hand(self, standing: Standing, *, last: bool) -> None:
        """A person does it in the vendor's own page and gives their word, with evidence."""
        desk, person = self.house.desk, self.proposer(standing.role)
        if last:
            desk.look(person, self.case, "final")
        touched: Json = None
        deed = HANDS.get(standing.step)
        if deed is not None and standing.step not in self.done_by_hand:
            touched = self.control.ask("POST", "/hands", {"do": deed, "customer": LEAVER})
            self.done_by_hand.add(standing.step)
        note = f"{standing.text}: done by hand"
        try:
            desk.attest(person, self.case, standing.step, [evidence(standing.text, touched)], note=note)
        except Refused as no:
            self.say(f"{standing.step}: not yet, {no}")
            return
        self.say(f"{standing.step}: attested by {person.name}")

    def decide(self, purpose: str) -> bool:
        """Whose the unknown things of the last look are: a named person says so, with a reason."""
        desk = self.house.desk
        found = False
        for owned in desk.seen(self.case, purpose):
            item = owned.item
            if owned.provenance.whose is not Whose.UNKNOWN or item.ref in self.decided:
                continue
            ours = not any("created" in reason for reason in owned.provenance.reasons) and "heartbeat" in item.name
            answer = Whose.OURS if ours else Whose.CUSTOMERS
            reason = "made by our own team last year, never recorded" if ours else "asked the customer: it is theirs"
            desk.decide(self.who("erik"), self.case, item.ref, answer, name=item.name, reason=reason)
            self.decided.add(item.ref)
            self.say(f"  erik decides: {item.name} in {self._place(item.scope)} is {answer} ({reason})")
            found = True
        return found

    def _place(self, scope: str) -> str:
        """A subscription by its name; anything else as it is."""
        rows = self.house.desk.case(self.case).facts.scope
        return next((row.name for row in rows if row.id == scope), scope)

    # ---- time ----------------------------------------------------------------------------------------------------

    def move_clock(self) -> bool:
        """Everything waits: move civil time to the next moment at which something may go on."""
        moment, reason = self._next()
        clock = self.house.clock
        if moment is None or not isinstance(clock, SandboxClock):
            return False
        before = clock.now()
        clock.move(moment)
        self.house.desk.clock_moved(self.who("erik"), self.case, before, clock.now(), reason=reason)
        zone = self.house.desk.case(self.case).facts.zone
        self.say(f"-- everything waits. The clock moves to {clock.now():%Y-%m-%d %H:%M} UTC ({reason}; {zone})")
        return True

    def _next(self) -> tuple[datetime | None, str]:
        case = self.house.desk.case(self.case)
        now = self.house.clock.now()
        planning = end_of(case.facts.contract_end, case.facts.zone) - LEAD
        ready = [one for one in case.steps.values() if one.state in (State.READY, State.LEFT)]
        if ready and now < planning:
            return planning, "removals are planned three days before the contract ends"
        moments = [
            (gate.until, gate.reason)
            for one in case.steps.values()
            if one.state is State.APPROVED
            for gate in self.house.desk.gates_of(self.case, StepId(one.step))
            if isinstance(gate, Shut) and gate.until is not None and gate.until > now
        ]
        return min(moments) if moments else (None, "")
