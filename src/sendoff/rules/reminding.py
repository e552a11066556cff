"""What a case says aloud about a transfer that does not come, lapsed, or stands still. Said only: no timer sends it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sendoff.model.case import Case
from sendoff.model.facts import Facts
from sendoff.model.inventory import Item, Kind
from sendoff.model.state import SETTLED, StepId
from sendoff.rules.deadlines import local_day
from sendoff.rules.transfers import COMPLETE, PARTLY, UNDER_WAY, moved_by, supplier

BEFORE = (7, 14, 30)
"""Days before the needed day at which the missing request is said, each time louder."""
LAPSES = timedelta(days=30)
"""How long a request lives without our answer [D]."""
SOON, RETRIES = timedelta(minutes=15), timedelta(days=3)
"""How long an accepted transfer may stay as it is, and for how long the vendor tries by itself [D]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look saw of transfers, and when."""

    at: datetime
    items: tuple[Item, ...]


def needed(facts: Facts) -> date:
    """The day on which the transfer is needed: agreed, or else the last day of what waits for it."""
    return facts.transfer_on or (facts.access_until if facts.tail_of else facts.contract_end)


def reminders(case: Case, seen: Seen | None, now: datetime) -> tuple[str, ...]:
    """What people must hear now; empty when there is nothing, or when nobody waits for a transfer here."""
    standing = case.standing(StepId("accept-transfer"))
    if standing is None or standing.state in SETTLED:
        return ()
    if case.facts.provider.indirect:
        return (_indirect(case.facts),)
    today = local_day(now, case.facts.zone)
    left = (needed(case.facts) - today).days
    if seen is None:
        many = f"it is needed in {left} days" if left >= 0 else "its day has passed"
        return (f"nobody could look for a transfer request, and {many}",) if left <= BEFORE[-1] else ()
    transfers = [item for item in seen.items if item.kind is Kind.TRANSFER]
    waiting = [item for item in transfers if item.fact("status") in UNDER_WAY]
    still = [said for item in waiting for said in _stands_still(item, now)]
    over = any(item.fact("status") == COMPLETE for item in transfers)
    return (*still, *(() if waiting or over else _missing(case, transfers, seen, today)))


def _missing(case: Case, transfers: Sequence[Item], seen: Seen, today: date) -> Iterator[str]:
    facts, day = case.facts, needed(case.facts)
    left, who = (day - today).days, supplier(facts)
    for item in transfers:
        if item.fact("status") == "expired":
            first = max(today, day - LAPSES)
            yield (
                f"transfer request {item.id} lapsed on {item.fact('expires')[:10]}, 30 days after it was made, with "
                f"nobody's yes: ask {who} for a new one; one made on {first} lapses on {first + LAPSES}"
            )
        if item.fact("status") == PARTLY:
            yield f"transfer {item.id} moved {_listed(moved_by(item))} and no more: ask {who} for one for the rest"
    level = next((days for days in BEFORE if left <= days), None)
    if level is None:
        return
    when = f"it is needed in {left} days, on {day} (T-{level})" if left > 0 else f"it was needed on {day}"
    ways = "a letter to them lies ready in the folder of the case"
    if left <= BEFORE[0]:
        ways += "; without it this case still ends on time: `sendoff case tail`. Nothing is suspended"
    look = f"as of {local_day(seen.at, facts.zone)}"
    yield f"no transfer request is open ({look}), and {when}: ask {who} to make one; {ways}"


def _stands_still(item: Item, now: datetime) -> Iterator[str]:
    """An accepted one takes a quarter of an hour; then the vendor tries for three days; then somebody must ask."""
    changed = item.fact("changed")
    if item.fact("status") != "in progress" or not changed:
        return
    since = now - datetime.fromisoformat(changed.replace("Z", "+00:00"))
    if since > RETRIES:
        yield (
            f"transfer {item.id} was accepted {since.days} days ago and is not complete: open a service request in "
            f"Partner Center (Support > Billing > Transfers) with this id: its three days of retries are over"
        )
    elif since > SOON:
        yield f"transfer {item.id} was accepted and is not complete yet: the vendor tries by itself for three days"


def _indirect(facts: Facts) -> str:
    return (
        f"we are an {facts.provider.partner_kind} and cannot accept a transfer ourselves: ask the indirect provider "
        "to, and attest accept-transfer with their confirmation"
    )


def _listed(ids: Sequence[str]) -> str:
    return ", ".join(sorted(ids)) or "nothing"
