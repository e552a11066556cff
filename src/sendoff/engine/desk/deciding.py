"""Doors for a person's word: yes, no, attested, not applicable, waived, stopped, halted, and whose a thing is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from sendoff.engine.closing import by_word
from sendoff.engine.desk.entrance import Entrance, has_role, standing_of, with_reason
from sendoff.engine.lastkey import last_key_waits
from sendoff.engine.planning import stored_plan
from sendoff.engine.rewording import Words, reworded
from sendoff.engine.run import done_by_hand, question
from sendoff.engine.wholelook import seen_in
from sendoff.model.case import Case, Standing
from sendoff.model.digest import Digest
from sendoff.model.errors import BadInput, Overtaken, Refused
from sendoff.model.event import Approved, Decided, Halted, Proven, StepMoved, WaiverAsked
from sendoff.model.inventory import System, Whose
from sendoff.model.people import ROBOT, Person, Role
from sendoff.model.proof import Grade, ProofKind
from sendoff.model.state import Move, State, StepId
from sendoff.model.step import Step
from sendoff.rules.adding import added
from sendoff.rules.checking import words
from sendoff.rules.gates import may_attest
from sendoff.rules.intake import authenticated
from sendoff.rules.protections import in_force
from sendoff.steps import EVERY, by_id

APPROVAL_LASTS = timedelta(days=7)
PERSONS_WORD = frozenset(
    {
        ProofKind.EXPORT_ACCEPTED,
        ProofKind.BREAK_GLASS,
        ProofKind.PERMISSION,
        ProofKind.MET,
        ProofKind.BLIND_SPOTS,
        ProofKind.PROBE_UNINSTALLED,
        ProofKind.COSTS_KEPT,
        ProofKind.PROTECTIONS_ACCEPTED,
        ProofKind.SHARED_ROTATED,
        ProofKind.PRIVATE_LISTS,
        ProofKind.CODES_ENROLLED,
        ProofKind.WORDS_CHECKED,
    }
)
"""Facts of the world that a person records although no step of the checklist asks for them."""


class Deciding(Entrance):
    """What people decide, each decision with its reason and, against real systems, its signature."""

    def approve(self, who: Person, case: str, step: StepId, digest: Digest, *, over_belt: bool = False) -> Case:
        """A second person's yes to exactly this plan, for seven days."""
        found = self._may(who, case, standing_of(self.case(case), step).role, Role.PRACTICE_LEAD)
        standing = standing_of(found, step)
        if standing.state is not State.PLANNED:
            raise Refused(f"{step} is {standing.state}: there is no plan that waits for a yes")
        if standing.plan != digest:
            raise Refused(f"{step}: the plan that lies there is {standing.plan}, not {digest}; look at it again")
        if who.id in standing.proposers:
            raise Refused(f"{who.name} proposed this plan, or words in it; a second person approves it")
        self._not_own_judge(who, found, step)
        if standing.belt and not over_belt:
            raise Refused(f"{step} is over the size belt: {standing.belt}; approve it with --over-belt")
        signature = self._signature(who, found, {"decision": "approve", "step": step, "plan": digest})
        until = self.ports.clock.now() + APPROVAL_LASTS
        return self._append(
            found, who, Approved(step=step, plan=digest, until=until, over_belt=over_belt, signature=signature)
        )

    def _not_own_judge(self, who: Person, case: Case, step: StepId) -> None:
        """Who decided that an unknown thing is ours does not also approve what is done to it."""
        plan = stored_plan(self.ports, case, by_id(step))
        own = {decision.ref for decision in case.decisions.values() if decision.by == who.id}
        names = [action.name for action in plan.actions if action.ref in own] if plan else []
        if names:
            raise Refused(f"{who.name} decided whose {names[0]} is; a second person approves the plan")

    def refuse(self, who: Person, case: str, step: StepId, *, reason: str) -> Case:
        """No to a plan; the step needs a new one."""
        found = self._may(who, case, standing_of(self.case(case), step).role, Role.PRACTICE_LEAD)
        with_reason(reason)
        signature = self._signature(who, found, {"decision": "refuse", "step": step, "reason": reason})
        return self._append(found, who, StepMoved(step=step, move=Move.REFUSE, reason=reason, signature=signature))

    def reword(self, who: Person, case: str, step: StepId, letter: str, *, subject: str, body: str) -> Case:
        """Other words for one letter of the plan that lies ready. It becomes another plan, laid ready by this person:
        nobody who made it what it is says yes to it. What people act on stays in the letter."""
        role = standing_of(self.case(case), step).role
        prepares = (Role.ENGINEER,) if role is Role.PRACTICE_LEAD else ()
        found = self._may(who, case, role, Role.PRACTICE_LEAD, *prepares)
        if standing_of(found, step).state is not State.PLANNED:
            raise Refused(f"{step}: no plan lies ready whose letter could be changed")
        words = Words(subject=subject, body=body, by=who.id)
        return self._append(found, who, reworded(self.ports, found, by_id(step), letter, words))

    def decide(self, who: Person, case: str, ref: str, whose: Whose, *, name: str, reason: str) -> Case:
        """A named person's word on whose an unknown thing is; the plan still needs a second person."""
        found = self._may(who, case, Role.ENGINEER)
        with_reason(reason)
        if whose not in (Whose.OURS, Whose.CUSTOMERS):
            raise Refused("decide `ours` or `the customer's`; unknown and shared are what a look says by itself")
        signature = self._signature(who, found, {"decision": "whose", "ref": ref, "whose": whose, "reason": reason})
        after = self._append(found, who, Decided(ref=ref, name=name, whose=whose, reason=reason, signature=signature))
        return self._called_for(after, ref) if whose is Whose.OURS else after

    def _called_for(self, case: Case, ref: str) -> Case:
        """What turns out to be ours may be on no line of the checklist: then its step is added at once."""
        for look in sorted(case.looks.values(), key=lambda look: look.seq, reverse=True):
            owned = [one for one in seen_in(self.ports, case, look.inventory) if one.item.ref == ref]
            bodies = added(case, owned, EVERY)
            if bodies:
                try:
                    return self.ports.journal.append(case.id, case.seq, bodies, actor=ROBOT, at=self.ports.clock.now())
                except Overtaken:
                    return self._called_for(self.case(case.id), ref)
            if owned:
                return case
        return case

    def attest(self, who: Person, case: str, what: str, evidence: Sequence[bytes], *, note: str) -> Case:
        """A person's word, with evidence, on a step or on a fact of the world; never shown as verified."""
        if what in set(PERSONS_WORD):
            return self._attest_fact(who, case, ProofKind(what), evidence, note)
        found = self._may(who, case, standing_of(self.case(case), StepId(what)).role)
        standing = standing_of(found, StepId(what))
        blobs = self._evidence(case, evidence)
        self._hand_may_do(found, standing)
        ask = question(self.ports, found, standing, None)
        if not standing.by_hand:
            ask = replace(ask, by_hand=done_by_hand(by_id(standing.step)))
        closed = may_attest(ask)
        if closed:
            raise Refused(f"{what}: {closed[0].reason}")
        if what == "notice" and authenticated(found.facts):
            raise Refused("the notice is not believed: " + "; ".join(authenticated(found.facts)))
        signature = self._signature(who, found, {"decision": "attest", "step": what, "evidence": list(blobs)})
        moved = StepMoved(
            step=StepId(what),
            move=Move.ATTEST,
            reason=note,
            evidence=blobs,
            proof=standing.gives,
            signature=signature,
        )
        self._append(found, who, moved)
        return self._mirror(case)

    def _hand_may_do(self, case: Case, standing: Standing) -> None:
        """Where a machine can look, a person's word is not taken in its place."""
        step = by_id(standing.step) if not standing.by_hand else None
        if step is not None and step.plan is not None and not self._unreached(case, step):
            raise Refused(f"{standing.step}: a machine does and verifies this; `sendoff case plan` it")
        if step is not None and step.last:
            waits = last_key_waits(self.ports, case)
            if waits:
                raise Refused(f"{standing.step} takes the last key away: {waits}")

    def _unreached(self, case: Case, step: Step) -> bool:
        """True when a system of it is not configured, or is our indirect provider's: a person does it then."""
        if case.facts.provider.indirect and System.PARTNER_CENTER in step.systems:
            return True
        return any(self.ports.world.connector(case.facts, one) is None for one in step.systems)

    def _attest_fact(self, who: Person, case: str, kind: ProofKind, evidence: Sequence[bytes], note: str) -> Case:
        found = self._may(who, case)
        if kind is ProofKind.EXPORT_ACCEPTED and found.proven(ProofKind.EXPORTED) is None:
            raise Refused("there is no export yet that could be accepted")
        blobs = self._evidence(case, evidence)
        signature = self._signature(who, found, {"decision": "attest", "fact": kind, "evidence": list(blobs)})
        proof = Proven(
            kind=kind,
            grade=Grade.ATTESTED,
            evidence=blobs[0],
            count=len(blobs),
            note=note,
            signature=signature,
            about=self._about(who, found, kind),
        )
        return self._append(found, who, proof)

    def _about(self, who: Person, case: Case, kind: ProofKind) -> tuple[str, ...] | None:
        """For a word about things: which these are."""
        if kind is ProofKind.PROTECTIONS_ACCEPTED:
            return self._told(case)
        return self._of_others(who, case) if kind is ProofKind.WORDS_CHECKED else None

    def _of_others(self, who: Person, case: Case) -> tuple[str, ...]:
        """The lines that somebody else's word settled: nobody checks their own (H36)."""
        found = tuple(str(one.step) for one in words(case, by_word(case)) if one.by != who.id)
        if not found:
            raise Refused(f"there is no word of anybody but {who.name} on a line that removes, grants or hands over")
        return found

    def _told(self, case: Case) -> tuple[str, ...]:
        """The policies whose end the list of day 0 tells: the customer's word is about these."""
        look = case.looks.get("preflight")
        if look is None:
            raise Refused("there is no list yet that could be accepted: `sendoff case preflight` makes it")
        return in_force(seen_in(self.ports, case, look.inventory))

    def _evidence(self, case: str, evidence: Sequence[bytes]) -> tuple[Digest, ...]:
        if not evidence or any(not data for data in evidence):
            raise Refused("a word needs evidence: --evidence FILE, and not an empty one")
        return tuple(self.ports.store.put(case, data) for data in evidence)

    def not_applicable(self, who: Person, case: str, step: StepId, *, reason: str) -> Case:
        """A line that does not apply, on record with who and why. Lines that remove, grant or hand over are waived."""
        found = self._may(who, case, standing_of(self.case(case), step).role, Role.PRACTICE_LEAD)
        with_reason(reason)
        if not standing_of(found, step).by_hand and by_id(step).grave:
            raise Refused(f"{step} removes, grants or hands over: waive it, with a second person and an end date")
        signature = self._signature(who, found, {"decision": "not applicable", "step": step, "reason": reason})
        self._append(found, who, StepMoved(step=step, move=Move.SKIP, reason=reason, signature=signature))
        return self._mirror(case)

    def waive(self, who: Person, case: str, step: StepId, *, reason: str, until: date) -> Case:
        """Ask to waive a line or, as a second person with the same end date, agree. The certificate prints it."""
        found = self._may(who, case)
        with_reason(reason)
        if until < self.ports.clock.now().date():
            raise BadInput(f"{until} has passed", where="--until")
        decision = {"decision": "waive", "step": str(step), "until": until.isoformat(), "reason": reason}
        wish = standing_of(found, step).waiver_asked
        asks = wish is None or wish.by == who.id
        # Any role may ask, for the one Practice Lead there is cannot ask and agree; to agree takes the step's own role.
        has_role(who, *(Role if asks else (standing_of(found, step).role, Role.PRACTICE_LEAD)))
        signature = self._signature(who, found, decision)
        if wish is None or wish.by == who.id:
            return self._append(found, who, WaiverAsked(step=step, reason=reason, until=until, signature=signature))
        if until != wish.until:
            raise Refused(f"{step}: it was asked until {wish.until}; agree to that date or ask anew")
        moved = StepMoved(
            step=step, move=Move.WAIVE, reason=wish.reason, until=until, second=wish.by, signature=signature
        )
        self._append(found, who, moved)
        return self._mirror(case)

    def stop(self, who: Person, case: str, step: StepId, *, reason: str) -> Case:
        """Stop one step; a running batch ends after the action it is at."""
        found = self._may(who, case)
        with_reason(reason)
        return self._at_once(found, who, StepMoved(step=step, move=Move.STOP, reason=reason))

    def resume(self, who: Person, case: str, step: StepId, *, reason: str) -> Case:
        """Let a stopped, skipped or waived step go on from the beginning."""
        found = self._may(who, case, standing_of(self.case(case), step).role, Role.PRACTICE_LEAD)
        with_reason(reason)
        return self._append(found, who, StepMoved(step=step, move=Move.RESUME, reason=reason))

    def halt(self, who: Person, case: str, *, on: bool, reason: str) -> Case:
        """Halt a whole case, or let it go on."""
        found = self._may(who, case)
        with_reason(reason)
        return self._at_once(found, who, Halted(on=on, reason=reason))
