"""The desk: everything that people may do, through one door. CLI, web, API and worker all come through here.

Every door names a person, checks what that person may do in this case, and appends what they decided. Deny beats any
grant: a person excluded from a case decides nothing in it. A refusal changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sendoff.engine.checklist import make_runbook, read_checklist
from sendoff.engine.closing import close, not_closable
from sendoff.engine.planning import Drawn, drawn, planned, stored_plan
from sendoff.engine.preflight import Finding, preflight
from sendoff.engine.reporting import report
from sendoff.engine.run import question
from sendoff.engine.wholelook import seen_in, whole_look
from sendoff.engine.worker import work_off
from sendoff.model.case import Case, Standing
from sendoff.model.digest import Digest, canonical
from sendoff.model.errors import BadInput, Refused
from sendoff.model.event import (
    Approved,
    Body,
    ClockMoved,
    Decided,
    FactsChanged,
    Halted,
    Opened,
    Proven,
    StepMoved,
    WaiverAsked,
)
from sendoff.model.facts import Facts
from sendoff.model.gate import Gate
from sendoff.model.inventory import Whose
from sendoff.model.people import ROBOT, Person, PersonId, Role
from sendoff.model.plan import Plan
from sendoff.model.proof import Grade, ProofKind
from sendoff.model.runbook import Runbook
from sendoff.model.situation import Owned
from sendoff.model.step import Move, State, StepId
from sendoff.model.template import Template
from sendoff.ports import Ports
from sendoff.rules.choosing import chosen
from sendoff.rules.gates import gates, may_attest
from sendoff.rules.intake import authenticated, unusable
from sendoff.steps import EVERY, by_id

APPROVAL_LASTS = timedelta(days=7)
PERSONS_WORD = frozenset({ProofKind.EXPORT_ACCEPTED, ProofKind.BREAK_GLASS, ProofKind.PERMISSION})
"""Facts of the world that a person records although no step of the checklist asks for them."""
GRAVE = frozenset(
    StepId(step)
    for step in (
        "export-resources",
        "export-secrets",
        "remove-from-prtg",
        "remove-prtg-probe",
        "create-administrator",
        "remove-accounts",
        "hand-over-secrets",
        "remove-policies",
        "remove-resources",
        "remove-lighthouse",
        "remove-role-assignments",
        "remove-service-principals",
        "remove-app-registration",
        "accept-transfer",
        "disable-reassure",
    )
)
"""Lines that remove, grant or hand over: they are waived by two persons, and not talked away as not applicable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """All doors, over the ports."""

    ports: Ports

    # ---- reading: no person needed -------------------------------------------------------------------------------

    def case(self, case: str) -> Case:
        """A case as it stands."""
        return self.ports.journal.load(case)

    def cases(self) -> tuple[Case, ...]:
        """Every case, oldest first."""
        return tuple(self.ports.journal.load(case) for case in self.ports.journal.cases())

    def plan_of(self, case: str, step: StepId) -> Plan | None:
        """The plan that lies ready."""
        found = self.case(case)
        return stored_plan(self.ports, found, by_id(_standing(found, step).step))

    def gates_of(self, case: str, step: StepId) -> tuple[Gate, ...]:
        """Every gate of a step, open or shut and why."""
        found = self.case(case)
        standing = _standing(found, step)
        plan = stored_plan(self.ports, found, by_id(step)) if standing.plan_blob else None
        return gates(question(self.ports, found, standing, plan))

    def seen(self, case: str, purpose: str) -> tuple[Owned, ...]:
        """What a look of that purpose found, with whose it is as decided by now."""
        found = self.case(case)
        look = found.looks.get(purpose)
        return seen_in(self.ports, found, look.inventory) if look else ()

    def forecast(self, case: str) -> tuple[Drawn, ...]:
        """What every machine step would plan today. It cannot be approved, and nothing of it is kept."""
        found = self.case(case)
        open_ones = [one for one in found.steps.values() if one.state not in (State.NOT_APPLICABLE, State.DONE)]
        return tuple(
            drawn(self.ports, found, by_id(one.step), keep=False)
            for one in open_ones
            if not one.by_hand and by_id(one.step).plan is not None
        )

    # ---- opening -------------------------------------------------------------------------------------------------

    def open_case(
        self,
        who: Person,
        template: Template,
        facts: Facts,
        *,
        by_hand: Mapping[int, PersonId],
        notice: bytes,
    ) -> Case:
        """Open a case from a checklist and its facts. The notice is filed as evidence, authenticated or not."""
        _role(who, Role.CSM)
        _not_excluded(who, facts)
        wrong = unusable(facts)
        if wrong:
            raise BadInput("; ".join(wrong), where="facts")
        runbook = make_runbook(template, by_hand)
        number = self.ports.ids.case()
        facts = replace(facts, notice=replace(facts.notice, evidence=self.ports.store.put(number, notice)))
        self.ports.store.put(number, template.text)
        self.ports.journal.open(number, self._opened(runbook, facts), actor=who.id, at=self.ports.clock.now())
        if not authenticated(facts):
            self._proven(who, number, facts)
        return self.case(number)

    def _opened(self, runbook: Runbook, facts: Facts) -> Opened:
        mine, others = chosen(runbook, facts, EVERY)
        return Opened(
            world=self.ports.world.id,
            facts=facts,
            template=runbook.template,
            runbook=runbook.name,
            version=runbook.version,
            title=runbook.title.replace("%customer%", facts.customer.name),
            tier=facts.ending,
            steps=mine,
            others=others,
        )

    def _proven(self, who: Person, number: str, facts: Facts) -> None:
        evidence = facts.notice.evidence
        moved = StepMoved(
            step=StepId("notice"),
            move=Move.ATTEST,
            reason=f"from {facts.notice.sender}, reached us {facts.notice.reached}, called back",
            evidence=(evidence,),
            proof=ProofKind.NOTICE,
        )
        case = self.case(number)
        self.ports.journal.append(number, case.seq, (moved,), actor=who.id, at=self.ports.clock.now())

    def change_facts(self, who: Person, case: str, facts: Facts, *, reason: str, asked_by: Person) -> Case:
        """New facts. A frozen one (recipient, supplier, domains, scope) needs a second person and voids approvals."""
        found = self._may(who, case)
        _reason(reason)
        wrong = unusable(facts)
        if wrong:
            raise BadInput("; ".join(wrong), where="facts")
        frozen = facts.frozen_digest != found.facts.frozen_digest
        if frozen and asked_by.id == who.id:
            raise Refused("recipient, new supplier, domains and scope are frozen: a second person confirms the change")
        if facts.customer.tenant != found.facts.customer.tenant or facts.customer.slug != found.facts.customer.slug:
            raise Refused("a case stays with its customer; open another case")
        body = FactsChanged(facts=facts, reason=reason, frozen_changed=frozen, asked_by=asked_by.id)
        return self._append(found, who, body)

    # ---- looking and planning ------------------------------------------------------------------------------------

    def preflight(self, who: Person, case: str) -> tuple[Finding, ...]:
        """Probe every key, make a whole look, add the steps nobody thought of, and say what stands in the way."""
        found = self._may(who, case)
        bodies = whole_look(self.ports, found, "preflight")
        found = self._append(found, who, *bodies)
        return preflight(self.ports, found)

    def look(self, who: Person, case: str, purpose: str) -> Case:
        """A whole look, on purpose."""
        found = self._may(who, case)
        return self._append(found, who, *whole_look(self.ports, found, purpose))

    def decide(self, who: Person, case: str, ref: str, whose: Whose, *, name: str, reason: str) -> Case:
        """A named person's word on whose an unknown thing is; the plan still needs a second person."""
        found = self._may(who, case, Role.ENGINEER)
        _reason(reason)
        if whose not in (Whose.OURS, Whose.CUSTOMERS):
            raise Refused("decide `ours` or `the customer's`; unknown and shared are what a look says by itself")
        return self._append(found, who, Decided(ref=ref, name=name, whose=whose, reason=reason))

    def plan(self, who: Person, case: str, step: StepId) -> Case:
        """Look and lay a plan ready. The proposer cannot approve it."""
        found = self._may(who, case, _standing(self.case(case), step).role)
        standing = _standing(found, step)
        if standing.state not in (State.READY, State.PLANNED, State.LEFT, State.APPROVED):
            raise Refused(f"{step} is {standing.state}: {_waits_for(found, standing)}")
        if standing.state is not State.READY and standing.state is not State.LEFT:
            back = StepMoved(step=step, move=Move.REFUSE, reason="a new plan replaces it")
            found = self._append(found, who, back)
        return self._append(found, who, *planned(self.ports, found, by_id(step), self.ports.clock.now()))

    # ---- deciding ------------------------------------------------------------------------------------------------

    def approve(
        self, who: Person, case: str, step: StepId, digest: Digest, *, over_belt: bool = False, signature: str = ""
    ) -> Case:
        """A second person's yes to exactly this plan, for seven days."""
        found = self._may(who, case, _standing(self.case(case), step).role, Role.PRACTICE_LEAD)
        standing = _standing(found, step)
        if standing.state is not State.PLANNED:
            raise Refused(f"{step} is {standing.state}: there is no plan that waits for a yes")
        if standing.plan != digest:
            raise Refused(f"{step}: the plan that lies there is {standing.plan}, not {digest}; look at it again")
        if standing.proposer == who.id:
            raise Refused(f"{who.name} proposed this plan; a second person approves it")
        if standing.belt and not over_belt:
            raise Refused(f"{step} is over the size belt: {standing.belt}; approve it with --over-belt")
        self._signed(who, found, step, digest, signature)
        until = self.ports.clock.now() + APPROVAL_LASTS
        return self._append(
            found, who, Approved(step=step, plan=digest, until=until, over_belt=over_belt, signature=signature)
        )

    def refuse(self, who: Person, case: str, step: StepId, *, reason: str) -> Case:
        """No to a plan; the step needs a new one."""
        found = self._may(who, case, _standing(self.case(case), step).role, Role.PRACTICE_LEAD)
        _reason(reason)
        return self._append(found, who, StepMoved(step=step, move=Move.REFUSE, reason=reason))

    def _signed(self, who: Person, case: Case, step: StepId, digest: Digest, signature: str) -> None:
        if self.ports.world.sandbox:
            return
        if not self.ports.identity.proves(who, decision_message(case, step, digest), signature):
            raise Refused(
                f"against real systems a decision carries your own signature: sign the message of "
                f"`sendoff case approve {case.id} {step} --message` with ssh-keygen -Y sign"
            )

    def attest(self, who: Person, case: str, what: str, evidence: Sequence[bytes], *, note: str) -> Case:
        """A person's word, with evidence, on a step or on a fact of the world; never shown as verified."""
        if what in set(PERSONS_WORD):
            return self._attest_fact(who, case, ProofKind(what), evidence, note)
        found = self._may(who, case, _standing(self.case(case), StepId(what)).role)
        standing = _standing(found, StepId(what))
        blobs = self._evidence(case, evidence)
        self._hand_may_do(found, standing)
        closed = may_attest(question(self.ports, found, standing, None))
        if closed:
            raise Refused(f"{what}: {closed[0].reason}")
        if what == "notice" and authenticated(found.facts):
            raise Refused("the notice is not believed: " + "; ".join(authenticated(found.facts)))
        moved = StepMoved(step=StepId(what), move=Move.ATTEST, reason=note, evidence=blobs, proof=standing.gives)
        return self._append(found, who, moved)

    def _hand_may_do(self, case: Case, standing: Standing) -> None:
        """Where a machine can look, a person's word is not taken in its place."""
        step = by_id(standing.step) if not standing.by_hand else None
        if step is not None and step.plan is not None:
            unable = [system for system in step.systems if self.ports.world.connector(case.facts, system) is None]
            if not unable:
                raise Refused(f"{standing.step}: a machine does and verifies this; `sendoff case plan` it")
        if step is not None and step.last:
            final = case.looks.get("final")
            if final is None:
                raise Refused(
                    f"{standing.step} takes the last key away: first `sendoff case look {case.id} --purpose final`"
                )

    def _attest_fact(self, who: Person, case: str, kind: ProofKind, evidence: Sequence[bytes], note: str) -> Case:
        found = self._may(who, case)
        blobs = self._evidence(case, evidence)
        proof = Proven(kind=kind, grade=Grade.ATTESTED, evidence=blobs[0], count=len(blobs), note=note)
        return self._append(found, who, proof)

    def _evidence(self, case: str, evidence: Sequence[bytes]) -> tuple[Digest, ...]:
        if not evidence or any(not data for data in evidence):
            raise Refused("a word needs evidence: --evidence FILE, and not an empty one")
        return tuple(self.ports.store.put(case, data) for data in evidence)

    def not_applicable(self, who: Person, case: str, step: StepId, *, reason: str) -> Case:
        """A line that does not apply, on record with who and why. Lines that remove, grant or hand over are waived."""
        found = self._may(who, case, _standing(self.case(case), step).role, Role.PRACTICE_LEAD)
        _reason(reason)
        if step in GRAVE:
            raise Refused(f"{step} removes, grants or hands over: waive it, with a second person and an end date")
        return self._append(found, who, StepMoved(step=step, move=Move.SKIP, reason=reason))

    def waive(self, who: Person, case: str, step: StepId, *, reason: str, until: date) -> Case:
        """Ask to waive a line or, as a second person with the same end date, agree. The certificate prints it."""
        found = self._may(who, case, _standing(self.case(case), step).role, Role.PRACTICE_LEAD)
        _reason(reason)
        if until < self.ports.clock.now().date():
            raise BadInput(f"{until} has passed", where="--until")
        wish = _standing(found, step).waiver_asked
        if wish is None or wish.by == who.id:
            return self._append(found, who, WaiverAsked(step=step, reason=reason, until=until))
        if until != wish.until:
            raise Refused(f"{step}: it was asked until {wish.until}; agree to that date or ask anew")
        moved = StepMoved(step=step, move=Move.WAIVE, reason=wish.reason, until=until, second=wish.by)
        return self._append(found, who, moved)

    def stop(self, who: Person, case: str, step: StepId, *, reason: str) -> Case:
        """Stop one step; a running batch ends after the action it is at."""
        found = self._may(who, case)
        _reason(reason)
        return self._append(found, who, StepMoved(step=step, move=Move.STOP, reason=reason))

    def resume(self, who: Person, case: str, step: StepId, *, reason: str) -> Case:
        """Let a stopped, skipped or waived step go on from the beginning."""
        found = self._may(who, case, _standing(self.case(case), step).role, Role.PRACTICE_LEAD)
        _reason(reason)
        return self._append(found, who, StepMoved(step=step, move=Move.RESUME, reason=reason))

    def halt(self, who: Person, case: str, *, on: bool, reason: str) -> Case:
        """Halt a whole case, or let it go on."""
        found = self._may(who, case)
        _reason(reason)
        return self._append(found, who, Halted(on=on, reason=reason))

    # ---- running and closing -------------------------------------------------------------------------------------

    def run(self, who: Person, case: str, say: Callable[[str], None], *, threads: int = 4) -> Case:
        """Let the worker move the case until it waits for people or dates."""
        self._may(who, case)
        work_off(self.ports, case=case, say=say, threads=threads)
        return self.case(case)

    def clock_moved(self, who: Person, case: str, before: datetime, after: datetime, *, reason: str) -> Case:
        """Write down that the sandbox's civil time was moved. Nowhere else can it be."""
        found = self._may(who, case)
        if not self.ports.world.sandbox:
            raise Refused("civil time cannot be moved outside the sandbox")
        return self._append(found, who, ClockMoved(before=before, after=after, reason=reason))

    def report(self, case: str) -> Mapping[str, bytes]:
        """The files of a case's folder, by name."""
        return report(self.ports, self.case(case))

    def close(self, who: Person, case: str) -> Case:
        """End a case with a signed certificate of what was verified and what was not."""
        found = self._may(who, case, Role.PRACTICE_LEAD)
        waiting = not_closable(found)
        if waiting:
            raise Refused("not yet: " + "; ".join(waiting))
        return close(self.ports, found, who)

    # ---- the one way in ------------------------------------------------------------------------------------------

    def _may(self, who: Person, case: str, *roles: Role) -> Case:
        """The case, when this person may do this in it."""
        found = self.ports.journal.load(case)
        if found.world != self.ports.world.id:
            raise Refused(f"case {case} belongs to world {found.world}, and this is {self.ports.world.id}")
        _known(who, self.ports.identity.people())
        _not_excluded(who, found.facts)
        if found.certificate is not None:
            raise Refused(f"case {case} is closed")
        if roles:
            _role(who, *roles)
        return found

    def _append(self, case: Case, who: Person, *bodies: Body) -> Case:
        return self.ports.journal.append(case.id, case.seq, bodies, actor=who.id, at=self.ports.clock.now())


def decision_message(case: Case, step: StepId, digest: Digest) -> bytes:
    """What a person signs: this decision, in this case and world, on exactly this plan."""
    return canonical({"decision": "approve", "case": case.id, "world": case.world, "step": step, "plan": digest})


def _standing(case: Case, step: StepId) -> Standing:
    found = case.standing(step)
    if found is None:
        known = ", ".join(case.steps)
        raise BadInput(f"case {case.id} has no step {step!r}; it has: {known}", where="step")
    return found


def _waits_for(case: Case, standing: Standing) -> str:
    return standing.reason or "it waits for " + ", ".join(one for one in standing.after if one in case.steps)


def _known(who: Person, people: Sequence[Person]) -> None:
    """Persons, not logins: the robot, the executor and anybody unmapped decide nothing."""
    if who.id == ROBOT or who.id not in {person.id for person in people}:
        raise Refused(f"{who.name} is not a person of the register, and decides nothing")


def _not_excluded(who: Person, facts: Facts) -> None:
    if who.id in facts.excluded:
        raise Refused(f"{who.name} is excluded from this case; no role changes that")


def _role(who: Person, *roles: Role) -> None:
    if not who.roles & set(roles):
        raise Refused(f"{who.name} is {_listed(who.roles)}; this takes {_listed(roles)}")


def _listed(roles: Sequence[Role] | frozenset[Role]) -> str:
    return " or ".join(sorted(roles)) or "without a role"


def _reason(reason: str) -> None:
    if len(reason.strip()) < 5:
        raise BadInput("say why, in a few words", where="--reason")


__all__ = ["Desk", "decision_message", "read_checklist"]
