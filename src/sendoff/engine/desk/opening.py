"""Doors that open a case and change its facts."""

from collections.abc import Mapping
from dataclasses import replace

from sendoff.engine.checklist import make_runbook
from sendoff.engine.desk.entrance import Entrance, has_role, known, not_excluded, with_reason
from sendoff.engine.mirror import may_be_mirrored
from sendoff.model.case import Case
from sendoff.model.digest import digest
from sendoff.model.errors import BadInput, Refused
from sendoff.model.event import FactsAsked, FactsChanged, Opened, StepMoved
from sendoff.model.facts import Facts
from sendoff.model.people import Person, PersonId, Role
from sendoff.model.proof import ProofKind
from sendoff.model.runbook import Runbook
from sendoff.model.state import Move, StepId
from sendoff.model.template import Template
from sendoff.rules.adding import meeting_moved
from sendoff.rules.choosing import chosen
from sendoff.rules.holding import needs_two
from sendoff.rules.intake import authenticated, unusable
from sendoff.steps import EVERY
from sendoff.steps.move_meeting import MOVE_MEETING


class Opening(Entrance):
    """From a checklist and facts to a running case."""

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
        known(who, self.ports.identity.people())
        has_role(who, Role.CSM)
        not_excluded(who, facts)
        wrong = unusable(facts)
        if wrong:
            raise BadInput("; ".join(wrong), where="facts")
        runbook = make_runbook(template, by_hand)
        may_be_mirrored(self.ports, facts, template)
        number = self.ports.ids.case()
        facts = replace(facts, tail="", tail_of="")
        facts = replace(facts, notice=replace(facts.notice, evidence=self.ports.store.put(number, notice)))
        self.ports.store.put(number, template.text)
        self.ports.journal.open(number, self._opened(runbook, facts), actor=who.id, at=self.ports.clock.now())
        if not authenticated(facts):
            self._proven(who, number, facts)
        return self._mirror(number)

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
            signature=self._signature(who, self.case(number), {"decision": "notice", "evidence": evidence}),
        )
        case = self.case(number)
        self.ports.journal.append(number, case.seq, (moved,), actor=who.id, at=self.ports.clock.now())

    def change_facts(self, who: Person, case: str, facts: Facts, *, reason: str) -> Case:
        """New facts. A frozen one (recipient, supplier, domains, scope, a legal hold that is lifted) is asked for by
        one person and takes effect when a second one brings the very same facts; then every approval is void. A hold
        that is set takes one person, and voids them as well."""
        found = self._may(who, case)
        with_reason(reason)
        # The links between a case and its tail are made by `tail` alone: no file of facts names or loses them.
        facts = replace(facts, tail=found.facts.tail, tail_of=found.facts.tail_of)
        self._usable(found, facts)
        frozen, two = facts.frozen_digest != found.facts.frozen_digest, needs_two(found.facts, facts)
        wish = found.facts_asked
        signature = self._signature(who, found, {"decision": "change facts", "facts": digest(facts), "reason": reason})
        if two and (wish is None or wish.facts != digest(facts)):
            return self._append(found, who, FactsAsked(facts=digest(facts), reason=reason, signature=signature))
        if two and wish is not None and wish.by == who.id:
            raise Refused(
                "recipient, supplier, domains, scope and holds are frozen: you asked, and a second person confirms"
            )
        asked_by = wish.by if two and wish is not None else who.id
        body = FactsChanged(facts=facts, reason=reason, frozen_changed=frozen, asked_by=asked_by, signature=signature)
        return self._append(found, who, body, *meeting_moved(found, facts, MOVE_MEETING))

    def _usable(self, found: Case, facts: Facts) -> None:
        wrong = unusable(facts)
        if wrong:
            raise BadInput("; ".join(wrong), where="facts")
        if facts.customer.tenant != found.facts.customer.tenant or facts.customer.slug != found.facts.customer.slug:
            raise Refused("a case stays with its customer; open another case")
