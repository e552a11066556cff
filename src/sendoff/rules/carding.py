"""Case -> its card for lists: who is asked for what now, and what comes next."""

import dataclasses
from datetime import datetime

from sendoff.model.card import Card, Waits
from sendoff.model.case import Case, Standing
from sendoff.model.digest import Digest, digest
from sendoff.model.state import SETTLED, State
from sendoff.model.step import Step
from sendoff.rules.choosing import named

FORMAT = 1
"""Raised when `card_of` says something else of the same case."""
WAITING = frozenset({State.READY, State.PLANNED, State.APPROVED, State.RUNNING, State.HELD, State.LEFT, State.STOPPED})
"""States in which somebody or something is waited for; what waits for earlier steps is not."""


def card_of(case: Case, steps: tuple[Step, ...]) -> Card:
    """What lists show of a case. `steps` are those of this build."""
    counted = [one for one in case.steps.values() if one.state is not State.NOT_APPLICABLE]
    by_hand = {step.id: step.plan is None for step in steps}
    waits = tuple(
        _waits(case, one, by_hand.get(one.step, True))
        for one in case.steps.values()
        if one.state in WAITING or (one.state not in SETTLED and one.waiver_asked)
    )
    at, what = _next(waits)
    return Card(
        case=case.id,
        seq=case.seq,
        customer=case.facts.customer.name,
        title=case.title,
        tier=case.tier,
        contract_end=case.facts.contract_end,
        access_until=case.facts.access_until,
        opened_at=case.opened_at,
        at=case.at,
        total=len(counted),
        settled=sum(one.state in SETTLED for one in counted),
        template=case.template,
        outcome=case.outcome,
        halted=case.halted,
        withdrawn=case.withdrawn,
        excluded=frozenset(case.facts.excluded),
        waits=waits if case.certificate is None else (),
        asks=_asks(case),
        next_at=at if case.certificate is None else None,
        next_what=what if case.certificate is None else "",
    )


def made_by(version: str, steps: tuple[Step, ...]) -> Digest:
    """The name of what makes cards: a card that another one made may say something else of the same case."""
    fields = [field.name for noun in (Card, Waits) for field in dataclasses.fields(noun)]
    return digest([FORMAT, version, fields, [[step.id, step.line, step.plan is None] for step in steps]])


def _waits(case: Case, one: Standing, by_hand: bool) -> Waits:
    wish = one.waiver_asked
    return Waits(
        step=one.step,
        text=named(one.text, case.facts),
        role=one.role,
        state=one.state,
        why=one.reason,
        by_hand=one.by_hand or by_hand,
        planned=one.planned,
        irreversible=one.irreversible,
        belt=one.belt,
        proposers=one.proposers if one.state is State.PLANNED else frozenset(),
        wish_by=wish.by if wish else None,
        until=one.held_until if one.state is State.HELD else one.approval.until if one.approval else None,
    )


def _asks(case: Case) -> tuple[str, ...]:
    found = (
        (case.facts_asked, "other facts are asked for; a second person brings the same"),
        (case.tail_asked, "a tail case is asked for; a second person agrees"),
        (case.withdrawal_asked if not case.withdrawn else None, "a withdrawal is asked for; a second person agrees"),
    )
    return tuple(words for wish, words in found if wish is not None)


def _next(waits: tuple[Waits, ...]) -> tuple[datetime | None, str]:
    """The first moment that is known, and of which step."""
    dated = [(one.until, one.text) for one in waits if one.until is not None]
    return min(dated, default=(None, ""))
