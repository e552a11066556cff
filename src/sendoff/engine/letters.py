"""Letters of a case, rendered before approval so that a plan holds their digest."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta

from sendoff.model.case import Case
from sendoff.model.facts import Facts
from sendoff.model.situation import Letter
from sendoff.ports import Ports
from sendoff.rules.deadlines import local_day, zone


def _signatories(facts: Facts) -> tuple[str, ...]:
    return tuple(contact.mail for contact in facts.customer.signatories)


def _everybody(facts: Facts) -> tuple[str, ...]:
    ours = (facts.provider.mailbox,)
    theirs = tuple(contact.mail for contact in facts.customer.contacts)
    new = tuple(contact.mail for contact in facts.supplier.contacts) if facts.supplier else ()
    return tuple(dict.fromkeys((*theirs, *new, *ours)))


_TO: Mapping[str, Callable[[Facts], tuple[str, ...]]] = {
    "confirmation": _signatories,
    "delivery": _signatories,
    "meeting": _everybody,
}


def letters_for(ports: Ports, case: Case, names: Sequence[str]) -> tuple[Letter, ...]:
    """These letters, with their bytes in the evidence store."""
    return tuple(_letter(ports, case, name) for name in names)


def _letter(ports: Ports, case: Case, name: str) -> Letter:
    starts = _meeting_start(case) if name == "meeting" else ""
    values = {**_values(case), "starts": starts}
    subject, body = ports.papers.letter(name, case.facts.language, values)
    return Letter(
        name=name,
        subject=subject,
        to=_TO[name](case.facts),
        body=ports.store.put(case.id, body),
        starts=starts,
    )


def _values(case: Case) -> Mapping[str, str]:
    facts = case.facts
    return {
        "customer": facts.customer.name,
        "provider": facts.provider.name,
        "case": case.id,
        "contract_end": facts.contract_end.isoformat(),
        "access_until": facts.access_until.isoformat(),
        "notice_reached": facts.notice.reached.isoformat(),
        "supplier": facts.supplier.name if facts.supplier else "",
        "signatory": ", ".join(contact.name for contact in facts.customer.signatories),
        "mailbox": facts.provider.mailbox,
    }


def _meeting_start(case: Case) -> str:
    """Ten in the morning, five working days after opening; from the opening, so that every plan says the same."""
    day = local_day(case.opened_at, case.facts.zone)
    left = 5
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return datetime.combine(day, time(10), tzinfo=zone(case.facts.zone)).isoformat()
