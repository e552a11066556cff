"""The story of a rehearsal: what four people of the MSP do from notice to certificate, each through the desk."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from sendoff.engine.closing import unchecked_words
from sendoff.model.case import Case, Standing
from sendoff.model.digest import Json
from sendoff.model.errors import Refused
from sendoff.model.inventory import Kind, Whose
from sendoff.model.people import Person, Role
from sendoff.model.proof import ProofKind
from sendoff.model.state import SETTLED, State, StepId
from sendoff.rules.deadlines import WATCHED
from sendoff.steps import by_id
from sendoff.wiring.askedaround import found_out
from sendoff.wiring.cards import LEAVER, rows, table
from sendoff.wiring.clocks import SandboxClock
from sendoff.wiring.control import Control
from sendoff.wiring.house import House
from sendoff.wiring.rehearsal import evidence
from sendoff.wiring.waiting import HANDS, begins, next_moment, patient_until, touched_by

Say = Callable[[str], None]
FINAL = frozenset({"accept-transfer"})
"""What nobody takes back: people do it by hand only when a plan of it was approved."""
TRIES = 4
"""Plans that a step gets at one moment before the story waits for another day."""


@dataclass(slots=True)
class Story:
    """One leaving, told by the doors of the desk."""

    house: House
    case: str
    say: Say
    threads: int = 4
    gives_up: bool = False
    """The customer never answers: in the end two persons waive what waits for them."""
    hands: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: HANDS)
    """What people do in the vendors' pages; a step left out waits for them in vain."""
    moved: Callable[[str], None] | None = None
    """Waits until workers in other programs have moved the case as far as it goes; without, the story moves it."""
    decided: set[str] = field(default_factory=set)
    tries: dict[str, int] = field(default_factory=dict)
    met: set[tuple[str, str]] = field(default_factory=set)

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
        """Who works on the steps of a role; what the Practice Lead says yes to is prepared by an engineer."""
        return self.who({Role.CSM: "carla", Role.ENGINEER: "erik", Role.PRACTICE_LEAD: "erik"}[role])

    def approver(self, role: Role) -> Person:
        """Who says yes to them."""
        return self.who("emma" if role is Role.ENGINEER else "paul")

    # ---- the whole of it -----------------------------------------------------------------------------------------

    def tell(self) -> Case:
        """From the opened case to the certificate."""
        desk = self.house.desk
        self.say("Preflight: every key is tried, and everything is looked at once.")
        for finding in desk.preflight(self.who("erik"), self.case).findings:
            self.say(f"  {'ok  ' if finding.good else 'look'} {finding.subject}: {finding.said}")
        self.decide("preflight")
        while not self._over():
            if not self.turn() and not self.move_clock() and not self.waive():
                raise Refused("the story is stuck: " + "; ".join(self._waiting()))
        self.words_checked()
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
        start = self._stand()
        self.outsiders()
        case = self.house.desk.case(self.case)
        for step in list(case.steps):
            standing = case.steps[step]
            if before is not None and case.steps[before[0]].state == before[1]:
                return True
            if standing.state in (State.READY, State.LEFT):
                self._work_on(standing)
                case = self.house.desk.case(self.case)
            elif standing.state is State.HELD:
                self.in_vendor_pages(standing.step)
        if before is not None and case.steps[before[0]].state == before[1]:
            return True
        if self.moved is not None:
            self.moved(self.case)
        else:
            self.house.desk.run(self.who("erik"), self.case, self._progress, threads=self.threads)
        return self._stand() != start

    def _stand(self) -> object:
        """How everything stands: a look that found nothing new is no step forward."""
        case = self.house.desk.case(self.case)
        steps = tuple((one.step, one.state, one.plan, one.acted, one.waiver_asked) for one in case.steps.values())
        return steps, {proof.kind for proof in case.proofs}

    def _progress(self, line: str) -> None:
        self.say(f"  {line}")

    def vault_asked(self) -> None:
        """Once the secrets are sealed, all of ours say whether a private list holds something of the customer."""
        case = self.house.desk.case(self.case)
        if case.proven(ProofKind.SECRETS_SEALED) and not case.proven(ProofKind.PRIVATE_LISTS):
            self._fact(ProofKind.PRIVATE_LISTS, [], "nobody has anything of the customer in a private list")

    def words_checked(self) -> None:
        """Somebody who did none of it looks at the evidence of what was done by hand."""
        if unchecked_words(self.house.desk.case(self.case)):
            note, who = "looked at the evidence of each line that was done by hand", self.who("emma")
            self.house.desk.attest(who, self.case, ProofKind.WORDS_CHECKED, [evidence(note, [])], note=note)

    def outsiders(self) -> None:
        """The customer and the new MSP act on what lies in their mailboxes; what they did is evidence."""
        self._told_by(rows(table(self.control.ask("POST", "/cast/act", {})).get("did")))
        self.vault_asked()

    def _told_by(self, deeds: list[Mapping[str, Json]]) -> None:
        """What outsiders did that a case hangs on is written down once."""
        case = self.house.desk.case(self.case)
        accepted = [deed for deed in deeds if "accepted the export" in str(deed.get("did"))]
        if accepted and case.proven(ProofKind.EXPORTED) and not case.proven(ProofKind.EXPORT_ACCEPTED):
            self._fact(ProofKind.EXPORT_ACCEPTED, accepted, "the customer accepted the delivered export")
        known = [deed for deed in deeds if "loss of protections" in str(deed.get("did"))]
        if known and not case.proven(ProofKind.PROTECTIONS_ACCEPTED):
            self._fact(ProofKind.PROTECTIONS_ACCEPTED, known, "the customer accepted which protections end")
        permitted = [deed for deed in deeds if "permitted" in str(deed.get("did"))]
        if permitted and not case.proven(ProofKind.PERMISSION):
            self._fact(ProofKind.PERMISSION, permitted, "the customer permitted it in writing")
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
        elif self._worth_a_try(standing):
            self.tries[standing.step] = self.tries.get(standing.step, 0) + 1
            self.met.add((standing.step, standing.reason))
            try:
                self._plan(standing)
            except Refused as no:
                self.say(f"{standing.step}: not yet, {no}")
                if standing.step not in FINAL:
                    self.in_vendor_pages(standing.step)

    def _worth_a_try(self, standing: Standing) -> bool:
        """Not too early, and not when it ended with the same words at this moment already: nothing changed since."""
        if self.house.clock.now() < begins(self.house.desk.case(self.case), standing):
            return False
        again = standing.state is State.LEFT and (standing.step, standing.reason) in self.met
        return self.tries.get(standing.step, 0) < TRIES and not again

    def in_vendor_pages(self, step: StepId) -> None:
        """Somebody of ours does in the vendor's own page what no API of ours can."""
        asked, accounts = self._asked_of_people(step, Kind.COMMITMENT), self._asked_of_people(step, *WATCHED)
        for deed in self.hands.get(step, ()):
            if deed == "partner-center.renewal-off" and not asked:
                continue
            whom: dict[str, Json] = {"do": deed, "customer": LEAVER, "subscriptions": [*asked], "ids": [*accounts]}
            touched = touched_by(self.control.ask("POST", "/hands", whom))
            if touched:
                self.met.clear()
                self.say(f"  by hand, in the vendor's page: {deed} ({len(touched)})")

    def _asked_of_people(self, step: StepId, *kinds: Kind) -> list[str]:
        """What the plan asks somebody to end, such as the renewals of commitments: those, and no other."""
        plan = self.house.desk.plan_of(self.case, step)
        acts = plan.actions if plan else ()
        return [action.target for action in acts if action.by_person and action.kind in kinds]

    def _plan(self, standing: Standing) -> None:
        """One person plans, another approves exactly that plan."""
        desk, proposer, approver = self.house.desk, self.proposer(standing.role), self.approver(standing.role)
        case = desk.plan(proposer, self.case, standing.step)
        if self.locks_lifted(standing.step):
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

    def locks_lifted(self, step: StepId) -> bool:
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
        self.in_vendor_pages(standing.step)
        note = f"{standing.text}: done by hand"
        try:
            desk.attest(person, self.case, standing.step, [evidence(standing.text, None)], note=note)
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
            answer, reason = found_out(item)
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
        moment, reason = next_moment(self.house, self.case, gives_up=self.gives_up)
        clock = self.house.clock
        if moment is None or not isinstance(clock, SandboxClock):
            return False
        before = clock.now()
        clock.move(moment)
        self.tries.clear()
        self.met.clear()
        self.house.desk.clock_moved(self.who("erik"), self.case, before, clock.now(), reason=reason)
        zone = self.house.desk.case(self.case).facts.zone
        self.say(f"-- everything waits. The clock moves to {clock.now():%Y-%m-%d %H:%M} UTC ({reason}; {zone})")
        return True

    # ---- the end of patience -------------------------------------------------------------------------------------

    def waive(self) -> bool:
        """Nobody answers any more: one person asks to waive what waits for the customer, a second one agrees."""
        case, now = self.house.desk.case(self.case), self.house.clock.now()
        waiting = [one for one in case.steps.values() if one.state not in (*SETTLED, State.WAITING)]
        if not self.gives_up or now < patient_until(case) or not waiting:
            return False
        until = (now + timedelta(days=90)).date()
        reason = (
            f"the customer answered nothing until {now:%Y-%m-%d}; what is lost and what we did stands in the journal"
        )
        for one in waiting:
            if one.state is State.PLANNED:
                self.house.desk.refuse(
                    self.who("paul"), self.case, one.step, reason="it waits for the customer in vain"
                )
            for person in (self.who("erik"), self.who("paul")):
                self.house.desk.waive(person, self.case, one.step, reason=reason, until=until)
            self.say(f"{one.step}: waived by two persons until {until}, {one.reason}")
        return True
