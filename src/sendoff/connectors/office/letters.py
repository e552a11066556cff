"""Letters and invitations as Graph wants them, and as items."""

import base64
import html
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sendoff.connectors.office.client import mark
from sendoff.connectors.wire.attachments import Attachment
from sendoff.connectors.wire.body import Object, image, rows, text
from sendoff.connectors.wire.recipients import recipients, said, subject
from sendoff.model.digest import Digest, Json
from sendoff.model.errors import BadInput
from sendoff.model.facts import Facts
from sendoff.model.inventory import Item, Kind, Rebuildable, Sign, SignKind, System, Target
from sendoff.model.plan import Action
from sendoff.ports import Sink

SEALED = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
"""The digits of a digest, as a person writes them back."""
QUOTE = re.compile(r"<blockquote\b.*</blockquote>", re.I | re.S)
TAG = re.compile(r"<[^>]{1,2000}>")


def draft(action: Action, once: Digest, body: str, facts: Facts, attached: Sequence[Attachment] = ()) -> Object:
    """A message with our marks on it, and the files that go with it."""
    files: list[Json] = [_file(one) for one in attached]
    headers: list[Json] = [{"name": "x-sendoff-once", "value": str(once)}]
    return {
        "subject": subject(action),
        "body": {"contentType": "text", "content": body},
        "toRecipients": [_address(one) for one in recipients(action, facts)],
        "internetMessageHeaders": headers,
        "singleValueExtendedProperties": _marks(action, once, facts),
        **({"attachments": files} if files else {}),
    }


def event(action: Action, once: Digest, body: str, facts: Facts) -> Object:
    """An event with our transactionId and marks on it."""
    starts, zone = _local(said(action, "starts"), said(action, "zone", facts.zone)), said(action, "zone", facts.zone)
    ends = starts + timedelta(minutes=int(said(action, "minutes", "60")))
    people: list[Json] = [{**_address(one), "type": "required"} for one in recipients(action, facts)]
    return {
        "subject": subject(action),
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


def _file(one: Attachment) -> Object:
    return {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "name": one.name,
        "contentType": one.kind,
        "contentBytes": base64.b64encode(one.data).decode(),
    }


def _address(mail: str) -> dict[str, Json]:
    return {"emailAddress": {"address": mail}}


def _marks(action: Action, once: Digest, facts: Facts) -> list[Json]:
    marks = {"once": str(once), "customer": facts.customer.slug, "letter": action.target}
    return [{"id": mark(name), "value": value} for name, value in marks.items()]


def people_of(row: Object) -> list[str]:
    """The addresses that a mail went to, or that a meeting invites."""
    return [text(one, "emailAddress", "address") for one in rows(row, "toRecipients") or rows(row, "attendees")]


def item(row: Object, at: Target, out: Sink, *more: tuple[str, str]) -> Item:
    """A mail or meeting of ours as an item; `more` is what became of it."""
    mail = at.kind is Kind.MAIL
    people = people_of(row)
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
        detail=(("to", ", ".join(people)), *[(name, value) for name, value in [*facts, *start] if value], *more),
        rebuildable=Rebuildable.NOT,
    )


def digests(row: Object) -> frozenset[str]:
    """The 64 digits of every digest that somebody wrote; lines quoted from a mail of ours do not count."""
    body = text(row, "body", "content")
    if text(row, "body", "contentType").lower() == "html":
        body = html.unescape(TAG.sub("\n", QUOTE.sub("\n", body)))
    lines = [line for line in body.splitlines() if not line.lstrip().startswith(">")]
    return frozenset(SEALED.findall("\n".join(lines).lower()))


def sender(row: Object) -> str:
    """Who a message is from, in lower case."""
    return text(row, "from", "emailAddress", "address").lower()


def acknowledgement(row: Object, at: Target, out: Sink) -> Item:
    """A message that names a parcel as an item; of its text only the digests are kept."""
    named = sorted(digests(row))
    kept: dict[str, Json] = {"id": text(row, "id"), "from": sender(row), "digests": [*named]}
    return Item(
        system=System.OFFICE,
        kind=Kind.ACKNOWLEDGEMENT,
        id=text(row, "id"),
        name=text(row, "subject"),
        scope=at.scope,
        key=at.key,
        image=out.image(image(kept)),
        signs=(Sign(kind=SignKind.PLACE, value=at.scope),),
        detail=(
            ("from", sender(row)),
            ("received", text(row, "receivedDateTime")),
            ("digests", ", ".join(f"sha256:{one}" for one in named)),
        ),
        rebuildable=Rebuildable.NOT,
    )
