"""Dates as moments: what may not begin before, and what may not go on after."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sendoff.model.case import Standing
from sendoff.model.errors import BadInput
from sendoff.model.facts import Facts
from sendoff.model.inventory import Kind, Verb
from sendoff.model.plan import Plan


def zone(name: str) -> ZoneInfo:
    """The time zone of that name, or BadInput."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as wrong:
        raise BadInput(f"{name!r} is not a time zone like Europe/Amsterdam", where="zone") from wrong


def end_of(day: date, zone_name: str) -> datetime:
    """The moment a local day is over, in UTC: the last day counts whole (H32)."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone(zone_name)).astimezone(UTC)


def local_day(moment: datetime, zone_name: str) -> date:
    """The customer's calendar day at a moment."""
    return moment.astimezone(zone(zone_name)).date()


_AFTER_CONTRACT = frozenset({Verb.REMOVE, Verb.DISABLE, Verb.END, Verb.PUT_BACK})
_DATED = frozenset({Kind.CONTRACT, Kind.COMMITMENT})
"""Kinds of which a person sets the end date beforehand: switched at notice, or they renew themselves (H49). A machine
that ends one ends it at once, and so waits."""


WATCHED = frozenset({Kind.USER, Kind.GUEST, Kind.SERVICE_PRINCIPAL})
"""Ways in of ours that are disabled and watched before they are deleted."""
ROOM = timedelta(days=14)
"""For how long after the contract's end what goes before the accounts may take."""


def watch_of(facts: Facts) -> timedelta:
    """How long a watch lasts."""
    return timedelta(days=facts.watch_days)


def watch_opens(facts: Facts) -> datetime:
    """When ways in of our own may be disabled: at the contract's end, or earlier where the watch, planned backwards
    from the last access day, needs it (H47). It takes away our own access alone, and can be put back."""
    return min(end_of(facts.contract_end, facts.zone), no_later(facts) - watch_of(facts))


def watch_fits(facts: Facts, now: datetime) -> bool:
    """True while a watch that begins now, or when it may, ends before our access does."""
    return max(now, watch_opens(facts)) + watch_of(facts) <= no_later(facts)


def watch_is_early(facts: Facts) -> bool:
    """True when the watch cannot wait for all that goes before the accounts: what does nothing in this exit is then
    disabled first, in a wave of its own."""
    return end_of(facts.contract_end, facts.zone) + ROOM > no_later(facts) - watch_of(facts)


def not_before(
    verb: Verb, facts: Facts, kind: Kind | None = None, *, by_person: bool = False
) -> tuple[datetime, str] | None:
    """The earliest moment for a verb on a kind and why; None when it may happen at any time."""
    if verb is Verb.END and kind in _DATED and by_person:
        return None
    if verb is Verb.DISABLE and kind in WATCHED:
        opens = watch_opens(facts)
        early = opens < end_of(facts.contract_end, facts.zone)
        return opens, _EARLY.format(days=facts.watch_days, until=facts.access_until) if early else _runs(facts)
    if verb in _AFTER_CONTRACT:
        return end_of(facts.contract_end, facts.zone), _runs(facts)
    if verb is Verb.ACCEPT and kind in (Kind.TRANSFER, None) and facts.transfer_on is not None:
        agreed = f"the transfer was agreed for {facts.transfer_on}, {facts.zone}"
        return end_of(facts.transfer_on - timedelta(days=1), facts.zone), agreed
    return None


_EARLY = "the watch of {days} days is planned backwards from our last access day, {until}"


def _runs(facts: Facts) -> str:
    return f"the contract runs through {facts.contract_end}, {facts.zone}"


def cut_over(plan: Plan, facts: Facts) -> tuple[datetime, str] | None:
    """The latest cutover among the rows of the scope that a plan removes from (H43); None when no row has one."""
    places = {action.scope.lower() for action in plan.actions if action.verb in _AFTER_CONTRACT}
    days = [(row.cutover, row.name) for row in facts.leaving if row.cutover is not None and row.id.lower() in places]
    if not days:
        return None
    day, name = max(days)
    return end_of(day, facts.zone), f"the new owner of {name} takes over on {day}, {facts.zone}"


def no_later(facts: Facts) -> datetime:
    """The moment after which we may only remove our own keys."""
    return end_of(facts.access_until, facts.zone)


SOONEST, LATEST = timedelta(minutes=15), timedelta(days=1)


def look_again(standing: Standing, now: datetime) -> datetime:
    """When to look again for what a person does: soon at first, then ever more rarely, at least once a day."""
    since = standing.approval.at if standing.approval else now
    return now + min(max((now - since) / 4, SOONEST), LATEST)
