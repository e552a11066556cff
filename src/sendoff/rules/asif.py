"""Events that are not written yet -> the case as it will stand when they are."""

from collections.abc import Sequence
from datetime import datetime

from sendoff.model.case import Case
from sendoff.model.envelope import GENESIS, Event
from sendoff.model.event import KIND_OF, Body
from sendoff.model.people import PersonId
from sendoff.rules.folding import after


def as_if(case: Case, bodies: Sequence[Body], *, actor: PersonId, at: datetime) -> Case:
    """The fold with these events at its end. Their envelopes are none of the chain's: only a real append makes those,
    and what is read here may be what the same append writes besides."""
    for body in bodies:
        sealed = Event(
            case=case.id,
            seq=case.seq + 1,
            at=at,
            actor=actor,
            kind=KIND_OF[type(body)],
            prev=case.head,
            body_hash=GENESIS,
        )
        case = after(case, sealed, body)
    return case
