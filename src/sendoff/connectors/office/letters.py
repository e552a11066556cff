"""Letters and invitations as Graph wants them, and as items; nobody outside the case is written to."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sendoff.connectors.office.client import mark
from sendoff.connectors.wire.body import Object, image, rows, text
from sendoff.model.digest import Digest, Json
from sendoff.model.errors import BadInput, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Item, Kind, Rebuildable, Sign, SignKind, System, Target
from sendoff.model.plan import Action
from sendoff.ports import Sink


def said(action: Action, name: str, default: str = "") -> str:
    """One value of the approved content."""
    return next((value for key, value in action.content if key == name), default)


def recipients(action: Action, facts: Facts) -> list[str]:
    """Everybody the approved letter goes to; Refused for somebody who has no part in this leaving."""
    found = [one.strip() for key, value in action.content if key == "to" for one in value.split(",") if one.strip()]
    if not found:
        raise Refused(f"{action.name}: it has no recipient")
    if strangers := [one for one in found if not _belongs(one, facts)]:
        raise Refused(f"{action.name}: {len(strangers)} of its recipients have no part in this leaving; not sent")
    return found


def _belongs(mail: str, facts: Facts) -> bool:
    new = facts.supplier
    people = [*facts.customer.contacts, *(new.contacts if new else ())]
    known = {one.mail.lower() for one in people} | ({facts.recipient.mail.lower()} if facts.recipient else set())
    domains = {*facts.customer.domains, *facts.provider.domains, *(new.domains if new else ())}
    return mail.lower() in known or mail.lower().rpartition("@")[2] in {one.lower() for one in domains}


def draft(action: Action, once: Digest, body: str, facts: Facts) -> Object:
    """A message with our marks on it."""
    headers: list[Json] = [{"name": "x-sendoff-once", "value": str(once)}]
    return {
        "subject": said(action, "subject") or action.name,
        "body": {"contentType": "text", "content": body},
        "toRecipients": [_address(one) for one in recipients(action, facts)],
        "internetMessageHeaders": headers,
        "singleValueExtendedProperties": _marks(action, once, facts),
    }


def event(action: Action, once: Digest, body: str, facts: Facts) -> Object:
    """An event with our transactionId and marks on it."""
    starts, zone = _local(said(action, "starts"), said(action, "zone", facts.zone)), said(action, "zone", facts.zone)
    ends = starts + timedelta(minutes=int(said(action, "minutes", "60")))
    people: list[Json] = [{**_address(one), "type": "required"} for one in recipients(action, facts)]
    return {
        "subject": said(action, "subject") or action.name,
        "body": {"contentType": "text", "content": body},
        "start": {"dateTime": starts.isoformat(), "timeZone": zone},
        "end": {"dateTime": ends.isoformat(), "timeZone": zone},
        "attendees": people,
        "isOnlineMeeting": True,
        "onlineMeetingProvider": "teamsForBusiness",
        "transactionId": transaction(once),
        "singleValueExtendedProperties": _marks(action, once, facts),
    }


def transaction(once: Digest) -> str:
    """The name of a deed in the form of a UUID."""
    return str(UUID(hex=once.rpartition(":")[2][:32]))


def _local(starts: str, zone: str) -> datetime:
    try:
        moment = datetime.fromisoformat(starts)
    except ValueError:
        moment = None
    if moment is None:
        raise BadInput(f"{starts!r} is not a moment like 2026-12-01T10:00", where="starts")
    return moment if moment.tzinfo is None else moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _address(mail: str) -> dict[str, Json]:
    return {"emailAddress": {"address": mail}}


def _marks(action: Action, once: Digest, facts: Facts) -> list[Json]:
    marks = {"once": str(once), "customer": facts.customer.slug, "letter": action.target}
    return [{"id": mark(name), "value": value} for name, value in marks.items()]


def item(row: Object, at: Target, out: Sink) -> Item:
    """A mail or meeting of ours as an item."""
    mail = at.kind is Kind.MAIL
    people = [text(one, "emailAddress", "address") for one in rows(row, "toRecipients" if mail else "attendees")]
    kept: dict[str, Json] = {"id": text(row, "id"), "subject": text(row, "subject"), "to": [*people]}
    names = ("sentDateTime", "internetMessageId") if mail else ("iCalUId", "transactionId", "isCancelled")
    facts = [(name, text(row, name)) for name in names]
    start = [] if mail else [("starts", text(row, "start", "dateTime")), ("zone", text(row, "start", "timeZone"))]
    return Item(
        system=System.OFFICE,
        kind=at.kind,
        id=text(row, "id"),
        name=text(row, "subject"),
        scope=at.scope,
        key=at.key,
        image=out.image(image({**kept, **dict(facts)})),
        signs=(Sign(kind=SignKind.PLACE, value=at.scope),),
        detail=(("to", ", ".join(people)), *[(name, value) for name, value in [*facts, *start] if value]),
        rebuildable=Rebuildable.NOT,
    )
