"""What arrives by SMTP, as the mailboxes of this world keep it: a message, and an event for an invitation.

Written from RFC 5322, 2045 and 5545; Exchange makes a Graph message and a Graph event of them.
"""

import base64
import re
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import getaddresses

from sendoff.sandbox.entra import utc
from sendoff.sandbox.graph_mail import new_message, post
from sendoff.sandbox.wire import Json, Obj, obj, text
from sendoff.sandbox.world import Thing, World

DAY, MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)"), "%Y%m%dT%H%M%S"
Line = tuple[str, dict[str, str], str]


def arrived(world: World, sender: str, people: list[str], raw: bytes) -> None:
    """Deliver one mail to everybody on the envelope; a calendar request also becomes an event."""
    mail = message_from_bytes(raw, policy=policy.default)
    post(world, sender, new_message(world, sender, _message(mail, people), "drafts"), keep=False)
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            lines = _lines(_bytes(part).decode("utf-8", "replace"))
            for box in people:
                _invited(world, box.lower(), lines)


def _bytes(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _message(mail: EmailMessage, people: list[str]) -> Obj:
    """The Graph message; who is on the envelope but in no header is a blind copy."""
    named = {key: [address for _, address in getaddresses(mail.get_all(key, []))] for key in ("to", "cc")}
    on = {one.lower() for one in people}
    shown = {one.lower() for rows in named.values() for one in rows}
    body = mail.get_body(("html", "plain"))
    kind = "html" if body is not None and body.get_content_type() == "text/html" else "text"
    content = body.get_content() if body is not None else ""
    headers: list[Json] = [{"name": name, "value": str(value)} for name, value in mail.items()]
    found: Obj = {
        "subject": str(mail.get("subject", "")),
        "body": {"contentType": kind, "content": content.replace("\r\n", "\n") if kind == "text" else content},
        "toRecipients": [_address(one) for one in named["to"] if one.lower() in on],
        "ccRecipients": [_address(one) for one in named["cc"] if one.lower() in on],
        "bccRecipients": [_address(one) for one in people if one.lower() not in shown],
        "internetMessageHeaders": headers,
        "attachments": [_attached(part) for part in mail.iter_attachments()],
    }
    if mail.get("message-id"):
        found["internetMessageId"] = str(mail["message-id"]).strip()
    sent = [address for _, address in getaddresses(mail.get_all("from", []))]
    return {**found, "from": _address(sent[0])} if sent else found


def _address(one: str) -> Json:
    return {"emailAddress": {"name": one, "address": one}}


def _attached(part: Message) -> Json:
    raw = _bytes(part)
    return {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "name": part.get_filename() or "attachment",
        "contentType": part.get_content_type(),
        "size": len(raw),
        "contentBytes": base64.b64encode(raw).decode(),
    }


def _lines(calendar: str) -> list[Line]:
    """The unfolded content lines of the first event, with the method and zone lines before it."""
    found: list[Line] = []
    inside = ""
    for line in re.sub(r"\r?\n[ \t]", "", calendar).splitlines():
        head, _, value = _parted(line)
        name, *given = head.split(";")
        if name.upper() == "BEGIN":
            inside = value.upper() if value.upper() in ("VTIMEZONE", "VALARM") else inside
        elif name.upper() == "END" and value.upper() == inside:
            inside = ""
        elif not inside:
            pairs = (one.partition("=") for one in given)
            found.append((name.upper(), {key.upper(): val.strip('"') for key, _, val in pairs}, value))
    return found


def _parted(line: str) -> tuple[str, str, str]:
    """Name with parameters, and value: split at the first colon outside quotes."""
    quoted = False
    for at, one in enumerate(line):
        quoted = quoted is not (one == '"')
        if one == ":" and not quoted:
            return line[:at], ":", line[at + 1 :]
    return line, "", ""


def _said(lines: list[Line], name: str) -> str:
    value = next((value for key, _, value in lines if key == name), "")
    return re.sub(r"\\([nN,;\\])", lambda found: "\n" if found[1] in "nN" else found[1], value)


def _when(lines: list[Line], name: str) -> Json:
    given, value = next(((given, value) for key, given, value in lines if key == name), ({}, ""))
    day = DAY.fullmatch(value)
    if day:
        return {"dateTime": f"{day[1]}-{day[2]}-{day[3]}T00:00:00.0000000", "timeZone": given.get("TZID", "UTC")}
    try:
        at = datetime.strptime(value.removesuffix("Z"), MOMENT)
    except ValueError:
        return None
    zone = "UTC" if value.endswith("Z") else given.get("TZID", "UTC")
    return {"dateTime": f"{at.isoformat()}.0000000", "timeZone": zone}


def _invited(world: World, box: str, lines: list[Line]) -> None:
    """Make, change or cancel the event with this UID in one calendar; older sequences change nothing."""
    uid, method = _said(lines, "UID"), _said(lines, "METHOD").upper()
    mailbox = world.get("graph", "mailbox", box)
    if not uid or mailbox is None or method not in ("REQUEST", "CANCEL"):
        return
    held = [one for one in world.all("graph", "event") if one.place == box and text(one.raw, "iCalUId") == uid]
    number = int(_said(lines, "SEQUENCE") or 0)
    if any(number < int(text(one.raw, "sequence") or 0) for one in held):
        return
    if method == "CANCEL":
        for one in held:
            world.change(one, {"isCancelled": True, "sequence": number})
        return
    about = _event(world, lines, number)
    if held:
        world.change(held[0], {**about, "isCancelled": False})
        return
    ident = "AAMkE" + base64.urlsafe_b64encode(world.fresh("event").encode()).decode().rstrip("=")
    raw: Obj = {"id": ident, "iCalUId": uid, "createdDateTime": utc(world), "isCancelled": False, **about}
    world.add(Thing("graph", "event", ident, mailbox.owner, raw, box), "sent")


def _event(world: World, lines: list[Line], number: int) -> Obj:
    organizer = _said(lines, "ORGANIZER").lower().removeprefix("mailto:")
    people: list[Json] = [
        {"type": "required", **obj(_address(value.lower().removeprefix("mailto:"))), "status": {"response": "none"}}
        for name, _, value in lines
        if name == "ATTENDEE"
    ]
    start = _when(lines, "DTSTART")
    return {
        "subject": _said(lines, "SUMMARY"),
        "body": {"contentType": "text", "content": _said(lines, "DESCRIPTION")},
        "start": start,
        "end": _when(lines, "DTEND") or start,
        "location": {"displayName": _said(lines, "LOCATION")},
        "organizer": _address(organizer),
        "attendees": people,
        "isOrganizer": False,
        "isAllDay": any(name == "DTSTART" and given.get("VALUE") == "DATE" for name, given, _ in lines),
        "isOnlineMeeting": False,
        "transactionId": None,
        "sequence": number,
        "lastModifiedDateTime": utc(world),
        "responseStatus": {"response": "notResponded", "time": utc(world)},
    }
