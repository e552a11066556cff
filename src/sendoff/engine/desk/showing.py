"""Doors for screens: what there is to draw of a case, and of all of them. No person is needed, and nothing changes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sendoff.engine.desk.entrance import Entrance, standing_of
from sendoff.engine.kept import Kept
from sendoff.engine.possible import Possible, possible
from sendoff.engine.preflight import Prepared, last_preflight
from sendoff.engine.report_values import Values, named
from sendoff.engine.showing import (
    Fate,
    HeldKey,
    Mail,
    certificate_page,
    evidence_of,
    fates,
    keys_of,
    mails,
    page_values,
)
from sendoff.model.card import Card
from sendoff.model.case import Case
from sendoff.model.digest import Digest
from sendoff.model.errors import Broken, Refused, TooNew
from sendoff.model.people import Person
from sendoff.model.plan import Action
from sendoff.model.state import StepId
from sendoff.rules.carding import card_of
from sendoff.rules.gates import IRREVERSIBLE
from sendoff.steps import EVERY

AT_ONCE = 50
"""Cards that are folded before they are kept: a list that is broken off loses these."""
_PAGES: Kept[Values] = Kept()
_FATES: Kept[Mapping[str, Fate]] = Kept()


class Showing(Entrance):
    """What screens draw."""

    def heads(self) -> Mapping[str, int]:
        """Every case with the number of its newest event: one question, however many look."""
        return self.ports.journal.heads()

    def cards(self, names: Iterable[str]) -> Iterator[Card]:
        """The cards of these cases. One that this program cannot read is named aloud and left out."""
        for name in names:
            try:
                yield card_of(self.ports.journal.fold(name), EVERY)
            except (TooNew, Refused, Broken) as wrong:
                self._say(str(wrong))

    def every_card(self) -> tuple[Card, ...]:
        """A card of every case as it stands, oldest first: what was kept and is still true; the rest is folded, and
        kept for the next who asks. One that this program cannot read is named aloud and left out."""
        heads = self.heads()
        found = {card.case: card for card in self.kept_cards() if heads.get(card.case) == card.seq}
        behind = [case for case in heads if case not in found]
        for begin in range(0, len(behind), AT_ONCE):
            fresh = tuple(self.cards(behind[begin : begin + AT_ONCE]))
            self.keep_cards(fresh)
            found |= {card.case: card for card in fresh}
        return tuple(found[case] for case in heads if case in found)

    def kept_cards(self) -> Iterator[Card]:
        """The cards that were kept when somebody read them last; a case may have moved since."""
        return self.ports.cards.kept()

    def keep_cards(self, cards: Sequence[Card]) -> None:
        """Keep these, so that the next start folds none of their cases."""
        self.ports.cards.keep(cards)

    def now(self) -> datetime:
        """Civil time."""
        return self.ports.clock.now()

    def named(self, case: str) -> Case:
        """A case with names where its checklist has placeholders."""
        return named(self.case(case))

    def drawn(self, case: str) -> Values:
        """Everything the page of a case says: dates, who waits for whom, every line, timeline, journal."""
        found = self.case(case)
        return _PAGES.or_made(case, self._stand(found), lambda: page_values(self.ports, found))

    def certificate(self, case: str) -> Values | None:
        """A reading of the signed certificate; None while there is none."""
        found = self.case(case)
        return certificate_page(self.ports, found)

    def _stand(self, case: Case) -> tuple[object, ...]:
        return id(self.ports), case.seq, case.head, self.ports.clock.now().replace(second=0, microsecond=0)

    def possible(self, case: str, step: StepId, person: Person) -> tuple[Possible, ...]:
        """What a person could do with a step now, each deed with the reason why not. The doors decide."""
        found = self.case(case)
        return possible(found, standing_of(found, step), person)

    def checklist(self, case: str) -> bytes:
        """The text that a case was opened with, and stays on."""
        found = self.case(case)
        return self.ports.store.get(case, found.template)

    def prepared(self, case: str) -> Prepared | None:
        """What the newest preflight found; None when nobody ran one."""
        return last_preflight(self.ports, self.case(case))

    def keys(self, case: str) -> tuple[HeldKey, ...]:
        """Our doors into the customer: which we still hold, and which step gives each up."""
        return keys_of(self.case(case))

    def grave(self, action: Action) -> bool:
        """True for what cannot be taken back."""
        return action.verb in IRREVERSIBLE

    def writes(self) -> frozenset[StepId]:
        """The steps whose plan has a letter."""
        return frozenset(step.id for step in EVERY if step.letters)

    def letters(self, case: str) -> tuple[Mail, ...]:
        """Every letter that lies in a plan, as it will be sent or was."""
        return mails(self.ports, self.case(case))

    def fates(self, case: str, step: StepId) -> Mapping[str, Fate]:
        """What came of each object of a step, by ref."""
        found = self.case(case)
        one = standing_of(found, step)
        stand = (id(self.ports), one.deeds, one.judgements)
        return _FATES.or_made(f"{case} {step}", stand, lambda: fates(self.ports, found, step))

    def evidence(self, case: str, digest: Digest) -> bytes:
        """A piece of evidence that a person gave; Refused for any other name."""
        return evidence_of(self.ports, self.case(case), digest)
