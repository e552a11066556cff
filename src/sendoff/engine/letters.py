"""Letters of a case, rendered before approval so that a plan holds their digest."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta

from sendoff.engine.wholelook import seen_in
from sendoff.model.case import Case
from sendoff.model.digest import Digest, Json
from sendoff.model.facts import Facts
from sendoff.model.inventory import Inventory, Item, Kind, System
from sendoff.model.meeting import Meeting
from sendoff.model.people import Contact
from sendoff.model.situation import Letter
from sendoff.model.state import State, StepId
from sendoff.ports import Papers, Ports
from sendoff.rules.deadlines import local_day, zone
from sendoff.rules.protections import Protection, lost
from sendoff.rules.sending import OFF

Mails = tuple[str, ...]


def _signatories(facts: Facts) -> Mails:
    return tuple(contact.mail for contact in facts.customer.signatories)


def _everybody(facts: Facts) -> Mails:
    ours = (facts.provider.mailbox,)
    theirs = tuple(contact.mail for contact in facts.customer.contacts)
    new = tuple(contact.mail for contact in facts.supplier.contacts) if facts.supplier else ()
    return tuple(dict.fromkeys((*theirs, *new, *ours)))


def _new_supplier(facts: Facts) -> Mails:
    """The new supplier, and the signatory who permitted it sees what they were told."""
    new = tuple(contact.mail for contact in facts.supplier.contacts) if facts.supplier else ()
    return tuple(dict.fromkeys((*new, *_signatories(facts))))


def _customer_alone(facts: Facts) -> Mails:
    return (facts.recipient.mail,) if facts.recipient else ()


def _one_time_pass(facts: Facts) -> Mails:
    """Where a pass goes along, only the recipient who can open it; else those who may sign."""
    new = facts.supplier.administrator if facts.supplier else None
    return _customer_alone(facts) if new is not None and new.how == "account" else _signatories(facts)


def _nobody(facts: Facts) -> Mails:
    return ()


_TO: Mapping[str, Callable[[Facts], Mails]] = {
    "announcement": lambda facts: (facts.provider.security,) if facts.provider.security else (),
    "confirmation": _signatories,
    "delivery": _signatories,
    "meeting": _everybody,
    OFF: _everybody,
    "migration": _new_supplier,
    "administrator": _one_time_pass,
    "administrators": _signatories,
    "handover": _customer_alone,
    "end-contract": _nobody,
}


def letters_for(
    ports: Ports, case: Case, names: Sequence[str], seen: Inventory, keep: Callable[[bytes], Digest]
) -> tuple[Letter, ...]:
    """These letters, with their bytes where `keep` puts them; `seen` is what the look of the step found."""
    ends = protections(ports, case) if names else ()
    return tuple(_letter(ports.papers, case, name, seen, keep, ends) for name in names)


def protections(ports: Ports, case: Case) -> tuple[Protection, ...]:
    """What the look of day 0 saw that protects the customer and ends with us; nothing before there was one."""
    look = case.looks.get("preflight")
    return lost(seen_in(ports, case, look.inventory)) if look is not None else ()


def _migrates(case: Case) -> bool:
    """True when a letter about the migration goes out, which tells what protection ends; else the first letter does."""
    standing = case.standing(StepId("migration-details"))
    return standing is not None and standing.state is not State.NOT_APPLICABLE


def _letter(
    papers: Papers,
    case: Case,
    name: str,
    seen: Inventory,
    keep: Callable[[bytes], Digest],
    protections: Sequence[Protection],
) -> Letter:
    starts = meeting_start(case) if name in ("meeting", OFF) else ""
    values = {**letter_values(case), **_migration(case, seen), **_handover(case), "starts": starts}
    told = () if name == "confirmation" and _migrates(case) else protections
    values["protections"] = [{"name": one.name, "what": one.what} for one in told]
    subject, body = papers.letter(name, case.facts.language, values)
    return Letter(
        name=name,
        subject=subject,
        to=_TO[name](case.facts),
        body=keep(body),
        starts=starts,
        invite=keep(invitation(papers, case, subject, body, starts, off=name == OFF)) if starts else None,
        attached=_attached(case, name, seen, keep),
    )


def invitation(papers: Papers, case: Case, subject: str, body: bytes, starts: str, *, off: bool) -> bytes:
    """The calendar file of a meeting, or of its end."""
    facts, agreed = case.facts, case.facts.meeting
    meeting = Meeting(
        case=case.id,
        name="meeting",
        subject=subject,
        body=body.decode(),
        organizer=Contact(name=facts.provider.name, mail=facts.provider.mailbox),
        attendees=tuple(Contact(name=mail, mail=mail) for mail in _everybody(facts)),
        starts=datetime.fromisoformat(starts).astimezone(zone(facts.zone)),
        minutes=agreed.minutes if agreed else 60,
        sequence=(agreed.sequence if agreed else 0) + off,
        off=off,
    )
    return papers.invitation(meeting, stamp=case.opened_at)


def _attached(
    case: Case, name: str, seen: Inventory, keep: Callable[[bytes], Digest]
) -> tuple[tuple[str, Digest], ...]:
    if name == "migration":
        details = json.dumps(migration_details(case, seen), indent=1, ensure_ascii=False).encode()
        return (("migration-details.json", keep(details)),)
    if name == "handover" and case.parcel is not None:
        return (("secrets.age", case.parcel.digest),)
    new = case.facts.supplier.administrator if case.facts.supplier else None
    if name == "administrator" and new is not None and new.how == "account":
        return (("administrator.age", Digest("parcel:create-administrator")),)
    return ()


def letter_values(case: Case) -> Mapping[str, Json]:
    """What every letter of a case may name."""
    facts = case.facts
    new = facts.supplier.administrator if facts.supplier else None
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
        "administrator_name": new.name if new else "",
        "administrator_mail": new.mail if new else "",
        "administrator_role": new.role if new else "",
        "administrator_how": str(new.how) if new else "",
        "branch": facts.places.topdesk_branch,
    }


def _handover(case: Case) -> Mapping[str, Json]:
    parcel, recipient = case.parcel, case.facts.recipient
    return {
        "recipient": recipient.name if recipient else "",
        "inside": parcel.inside if parcel else 0,
        "withheld": parcel.withheld if parcel else 0,
    }


def _migration(case: Case, seen: Inventory) -> Mapping[str, Json]:
    facts, told = case.facts, case.facts.provider
    return {
        "provider_tenant": told.tenant,
        "partner_id": told.partner_id,
        "partner_kind": told.partner_kind,
        "customer_tenant": facts.customer.tenant,
        "domains": ", ".join(facts.customer.domains),
        "transfer_on": (facts.transfer_on or facts.contract_end).isoformat(),
        "subscriptions": [{"name": row.name, "id": row.id} for row in facts.leaving if row.system is System.AZURE],
        "commitments": [_commitment(item) for item in seen.items if item.kind is Kind.COMMITMENT],
    }


def _commitment(item: Item) -> dict[str, Json]:
    return {
        "id": item.id,
        "name": item.name,
        "product": item.fact("product"),
        "quantity": item.fact("quantity"),
        "term_end": item.fact("term-end"),
        "renews": item.fact("renews"),
        "status": item.fact("status"),
    }


def migration_details(case: Case, seen: Inventory) -> Mapping[str, Json]:
    """What the new supplier needs for the transfer, for a machine to read; no secret and no person of the customer."""
    told = _migration(case, seen)
    facts = case.facts
    return {
        "case": case.id,
        "customer": {
            "tenant": facts.customer.tenant,
            "name": facts.customer.name,
            "domains": [*facts.customer.domains],
        },
        "partner": {
            "name": facts.provider.name,
            "tenant": facts.provider.tenant,
            "partner_id": facts.provider.partner_id,
            "kind": facts.provider.partner_kind,
        },
        "contract_end": facts.contract_end.isoformat(),
        "transfer_on": told["transfer_on"],
        "subscriptions": told["subscriptions"],
        "commitments": told["commitments"],
    }


def meeting_start(case: Case) -> str:
    """As the facts say; else ten in the morning, five working days after opening: from the opening, so that every plan
    says the same."""
    if case.facts.meeting is not None:
        agreed, local = case.facts.meeting.starts, zone(case.facts.zone)
        return (agreed.astimezone(local) if agreed.tzinfo else agreed.replace(tzinfo=local)).isoformat()
    day = local_day(case.opened_at, case.facts.zone)
    left = 5
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return datetime.combine(day, time(10), tzinfo=zone(case.facts.zone)).isoformat()
