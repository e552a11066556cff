"""The report of a mail server on a mail that nobody takes, from RFC 3462 (multipart/report) and RFC 3464 (fields)."""

from email.header import Header
from email.utils import format_datetime

from sendoff.sandbox.wire import Obj, arr, text
from sendoff.sandbox.world import World

EDGE = "=_report_of_the_sandbox"
SHOWN = ("from", "to", "subject", "message-id")


def report(world: World, box: str, sent: Obj, address: str) -> str:
    """The report that comes back to `box`: words for people, fields for machines, and the headers of the mail."""
    ident = text(sent, "internetMessageId")
    lines = [
        f"From: Mail Delivery System <mailer-daemon@{box.partition('@')[2]}>",
        f"To: {box}",
        "Subject: Undelivered Mail Returned to Sender",
        f"Date: {format_datetime(world.now)}",
        f"Message-ID: <{world.fresh('report')}@sandbox.example>",
        f"In-Reply-To: {ident}",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="{EDGE}"',
        "",
        f"--{EDGE}",
        "Content-Type: text/plain; charset=utf-8",
        "",
        f"Your mail could not be delivered to {address}.",
        "",
        f"--{EDGE}",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mail.intercept.example",
        f"Arrival-Date: {format_datetime(world.now)}",
        "",
        f"Final-Recipient: rfc822; {address}",
        "Action: failed",
        "Status: 5.1.1",
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown",
        "",
        f"--{EDGE}",
        "Content-Type: text/rfc822-headers",
        "",
        *_headers(box, sent, ident),
        "",
        f"--{EDGE}--",
        "",
    ]
    return "\r\n".join(lines)


def _headers(box: str, sent: Obj, ident: str) -> list[str]:
    given = [
        (text(one, "name"), " ".join(text(one, "value").split())) for one in arr(sent.get("internetMessageHeaders"))
    ]
    named = {name.lower() for name, _ in given}
    people = ", ".join(text(one, "emailAddress", "address") for one in arr(sent.get("toRecipients")))
    more = {"from": box, "to": people, "subject": text(sent, "subject"), "message-id": ident}
    return [
        f"{name}: {_ascii(value)}" for name, value in (*given, *((key, more[key]) for key in SHOWN if key not in named))
    ]


def _ascii(value: str) -> str:
    return value if value.isascii() else Header(value, "utf-8", maxlinelen=900).encode()


def mime(raw: Obj, box: str) -> str:
    """A message of the mailbox as the line shows it; a report is kept as it came."""
    if text(raw, "mime"):
        return text(raw, "mime")
    lines = [
        f"From: {text(raw, 'from', 'emailAddress', 'address')}",
        f"To: {box}",
        f"Subject: {text(raw, 'subject')}",
        f"Message-ID: {text(raw, 'internetMessageId')}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "",
        text(raw, "body", "content"),
        "",
    ]
    return "\r\n".join(lines)
