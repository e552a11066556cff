"""What people must hear of letters: one that came back, one that nobody answered. Said only: no timer sends another."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sendoff.model.case import Case, Standing
from sendoff.model.facts import Facts
from sendoff.model.inventory import Item, Kind
from sendoff.model.proof import ProofKind
from sendoff.model.state import State, StepId
from sendoff.rules.deadlines import local_day

PATIENCE = timedelta(days=7)
"""How long a letter may be without an answer before it is said."""
Asks = Callable[[Facts], bool]
AWAITED: Mapping[StepId, tuple[ProofKind, str, Asks]] = {
    StepId("confirm-termination"): (
        ProofKind.PERMISSION,
        "the customer's written permission to speak with the new supplier",
        lambda facts: facts.supplier is not None,
    ),
    StepId("export-resources"): (
        ProofKind.EXPORT_ACCEPTED,
        "the customer's acceptance of the export",
        lambda facts: True,
    ),
}
"""Steps that send a letter, what it asks for, and whether it asks for it here."""
PARCEL = StepId("hand-over-secrets")


def unanswered(case: Case, now: datetime) -> tuple[str, ...]:
    """Every letter that waits for an answer for longer than our patience."""
    return tuple(_unanswered(case, now))


def _unanswered(case: Case, now: datetime) -> Iterator[str]:
    for step, (kind, what, asks) in AWAITED.items():
        one = case.standing(step)
        if one is not None and one.state is State.DONE and asks(case.facts) and case.proven(kind) is None:
            yield from _waits(case, one, one.settled_at, what, now)
    parcel = case.standing(PARCEL)
    if parcel is not None and parcel.state is State.HELD:
        yield from _waits(case, parcel, parcel.acted_at, "the recipient's word that the parcel came and opened", now)


def _waits(case: Case, one: Standing, since: datetime | None, what: str, now: datetime) -> Iterator[str]:
    if since is None or now - since < PATIENCE:
        return
    days = (now - since).days
    yield (
        f"{one.step}: nobody answered for {days} days, since {local_day(since, case.facts.zone)}; awaited is {what}. "
        "Ask again, also by phone on a number on file"
    )


def returned(items: Sequence[Item]) -> tuple[str, ...]:
    """Every letter that came back, by the newest look at our mailbox."""
    mails = [item for item in items if item.kind is Kind.MAIL and item.fact("returned")]
    return tuple(
        f"the letter {item.name!r} to {item.fact('to')} came back on {item.fact('returned')[:10]}: mend the address in "
        "the facts and plan its step anew, or hand it over in another way"
        for item in mails
    )
