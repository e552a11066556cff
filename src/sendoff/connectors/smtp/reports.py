"""Reports of non-delivery as RFC 3464 writes them: which letter came back, and to whom it did not come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message

ONCE, CUSTOMER = "X-Sendoff-Once", "X-Sendoff-Customer"
"""Headers of ours, which come back with the letter."""
FAILED = "failed"
"""The one action of RFC 3464 (2.3.3) that means: it did not arrive. Delayed, relayed, delivered and expanded do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """One report. `letters` are the Message-IDs that it may be about: the letter's own, or those that it answers."""

    letters: tuple[str, ...]
    people: tuple[str, ...]
    subject: str
    customer: str
    at: datetime


def is_report(kind: str) -> bool:
    """Whether a Content-Type is that of a report on delivery."""
    head = Message()
    head["Content-Type"] = " ".join(kind.split())
    return head.get_content_type() == "multipart/report" and _plain(head.get_param("report-type")) == "delivery-status"


def returned(raw: bytes, at: datetime) -> Returned | None:
    """What a report says; None when nothing failed, or when it is none."""
    mail = message_from_bytes(raw)
    if not is_report(_text(mail, "Content-Type")):
        return None
    people = tuple(dict.fromkeys(one for part in _status(mail) for one in _failed(part)))
    if not people:
        return None
    letter = _letter(mail)
    own = _text(letter, "Message-ID") if letter is not None else ""
    answered = f"{_text(mail, 'In-Reply-To')} {_text(mail, 'References')}".split()
    return Returned(
        letters=(own,) if own else tuple(answered),
        people=people,
        subject=_words(_text(letter, "Subject")) if letter is not None else "",
        customer=_text(letter, CUSTOMER) if letter is not None else "",
        at=at,
    )


def _status(mail: Message) -> Iterator[Message]:
    """The blocks of fields of a message/delivery-status: first of the mail, then one for each recipient."""
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload()
            yield from (one for one in blocks if isinstance(one, Message)) if isinstance(blocks, list) else ()


def _failed(block: Message) -> Iterator[str]:
    if _text(block, "Action").split(" ")[0].lower() == FAILED:
        named = _text(block, "Original-Recipient") or _text(block, "Final-Recipient")
        yield named.rpartition(";")[2].strip().strip("<>").lower()


def _letter(mail: Message) -> Message | None:
    """The letter itself, whole or by its headers: the third part of the report."""
    for part in mail.walk():
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload()
            return inner[0] if isinstance(inner, list) and isinstance(inner[0], Message) else None
        if part.get_content_type() == "text/rfc822-headers":
            found = part.get_payload(decode=True)
            return message_from_bytes(found) if isinstance(found, bytes) else None
    return None


def _text(mail: Message, name: str) -> str:
    """A header on one line; what stands there in eight bits is read as UTF-8."""
    found = next((value for key, value in mail.raw_items() if key.lower() == name.lower()), "")
    return " ".join(str(found).encode("utf-8", "surrogateescape").decode("utf-8", "replace").split())


def _plain(value: object) -> str:
    return value.lower() if isinstance(value, str) else ""


def _words(subject: str) -> str:
    """The subject for people; as it was sent when nobody can decode it."""
    try:
        return str(make_header(decode_header(subject)))
    except (LookupError, ValueError):
        return subject
