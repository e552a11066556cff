"""The door to a tail case: the CSP part goes on with dates of its own, and the first case can end on time (H43)."""

from datetime import date

from sendoff.engine.checklist import make_runbook, read_checklist
from sendoff.engine.desk.entrance import Entrance, has_role, with_reason
from sendoff.model.case import Case, TailWish
from sendoff.model.errors import Refused
from sendoff.model.event import Opened, Proven, StepAdded, StepMoved
from sendoff.model.people import Person, Role
from sendoff.model.proof import ProofKind
from sendoff.model.state import Move, StepId
from sendoff.model.tail import TailAsked, TailOpened
from sendoff.rules.choosing import chosen, named
from sendoff.rules.deadlines import local_day
from sendoff.rules.tailing import ACCEPT, carried, in_the_way_of_a_tail, passed_on, tail_facts
from sendoff.steps import EVERY, by_id


class Tailing(Entrance):
    """From a case that waits for a transfer to two cases, each with its own certificate."""

    def tail(self, who: Person, case: str, *, until: date, reason: str) -> Case:
        """Ask that the CSP part goes on until a day or, as a second person with the same day, agree: then the tail is
        opened. The answer is the first case; its facts name the tail."""
        found = self._may(who, case, Role.CSM, Role.PRACTICE_LEAD)
        with_reason(reason)
        if found.facts.tail:
            return self._opened_after_all(who, found)
        why = in_the_way_of_a_tail(found, until, local_day(self.ports.clock.now(), found.facts.zone))
        if why:
            raise Refused("no tail case: " + "; ".join(why))
        decision = {"decision": "tail", "until": until.isoformat(), "reason": reason}
        signature = self._signature(who, found, decision)
        wish = found.tail_asked
        if wish is None or wish.by == who.id:
            return self._append(found, who, TailAsked(until=until, reason=reason, signature=signature))
        if wish.until != until:
            raise Refused(f"it was asked until {wish.until}; agree to that day or ask anew")
        return self._agreed(who, found, wish, signature)

    def _agreed(self, who: Person, found: Case, wish: TailWish, signature: str) -> Case:
        """First the word in this case, then the other case: a crash between the two is mended by asking again."""
        has_role(who, Role.CSM, Role.PRACTICE_LEAD)
        number = self.ports.ids.case()
        opened = TailOpened(tail=number, until=wish.until, reason=wish.reason, asked_by=wish.by, signature=signature)
        moves = passed_on(found, number, wish.until, wish.by, wish.reason)
        after = self._append(found, who, opened, *moves)
        return self._opened_after_all(who, after)

    def _opened_after_all(self, who: Person, first: Case) -> Case:
        """The tail that the first case names is opened, when it is not there yet."""
        number, until = first.facts.tail, first.tail_until
        if until is None or number in self.ports.journal.cases():
            raise Refused(f"the CSP part goes on in case {number} already")
        self._open(who, first, number, until)
        self._mirror(number)
        return self._mirror(first.id)

    def _open(self, who: Person, first: Case, number: str, until: date) -> None:
        for digest in {first.facts.notice.evidence, first.template, *(proof.evidence for proof in carried(first))}:
            self.ports.store.put(number, self.ports.store.get(first.id, digest))
        template = read_checklist(self.ports.store.get(first.id, first.template), first.runbook)
        lines = [one.line for one in first.steps.values() if one.by_hand]
        lines += [one.line for one in first.others if one.by_hand]
        by_hand = dict.fromkeys(lines, first.opened_by)
        runbook, facts = make_runbook(template, by_hand), tail_facts(first, until)
        mine, others = chosen(runbook, facts, EVERY)
        opened = Opened(
            world=self.ports.world.id,
            facts=facts,
            template=runbook.template,
            runbook=runbook.name,
            version=runbook.version,
            title=f"{first.title}: the CSP part (tail of {first.id})",
            tier=facts.ending,
            steps=mine,
            others=others,
        )
        self.ports.journal.open(number, opened, actor=who.id, at=self.ports.clock.now())
        self._begin(who, first, number)

    def _begin(self, who: Person, first: Case, number: str) -> None:
        """The notice, and what the first case knows: the same evidence, carried over."""
        case = self.ports.journal.load(number)
        evidence, said = first.facts.notice.evidence, f"carried over from case {first.id}"
        notice = StepMoved(
            step=StepId("notice"), move=Move.ATTEST, reason=said, evidence=(evidence,), proof=ProofKind.NOTICE
        )
        proofs = tuple(
            Proven(kind=one.kind, grade=one.grade, evidence=one.evidence, count=one.count, note=said)
            for one in carried(first)
        )
        missing = () if case.standing(ACCEPT) is not None else (_added(first),)
        self.ports.journal.append(
            number, case.seq, (notice, *proofs, *missing), actor=who.id, at=self.ports.clock.now()
        )


def _added(first: Case) -> StepAdded:
    """The transfer, where the tier of the checklist that ends with the tail has no line for it."""
    step = by_id(ACCEPT)
    return StepAdded(
        step=step.id,
        text=named(step.line, first.facts),
        role=step.role,
        reason=f"case {first.id} waited for it",
        refs=(),
        after=tuple(sorted(step.after)),
        major=step.major,
    )
