"""What goes with a letter: content rows ("attach", "<digest> <name>"), the bytes from among what was approved."""

import mimetypes
from dataclasses import dataclass, field

from sendoff.model.digest import Digest
from sendoff.model.errors import BadInput, Refused
from sendoff.model.plan import Action
from sendoff.ports import Sink

SEALED = "parcel:"
"""What a step seals is not there yet when the letter is approved: it is named by the step, and sealed to one key."""
MOST = 3 * 1024 * 1024
"""Bytes that a mail carries inline; the vendor takes fewer than 3 MB in one call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One file that goes with a letter."""

    name: str
    kind: str
    data: bytes = field(repr=False)


def attachments(action: Action, out: Sink) -> list[Attachment]:
    """Every file of the letter. Refused when they are too large together; a name is a plain one."""
    found = [_one(value, out) for key, value in action.content if key == "attach"]
    total = sum(len(one.data) for one in found)
    if total > MOST:
        raise Refused(
            f"{action.name}: its attachments are {total} bytes, and {MOST} fit in a mail; deliver them another way"
        )
    return found


def _one(value: str, out: Sink) -> Attachment:
    digest, _, name = value.partition(" ")
    if not digest.startswith(("sha256:", SEALED)) or not name or "/" in name or "\\" in name or not name.isprintable():
        raise BadInput(f"{value!r} is not '<digest> <name>'", where="attach")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Attachment(name=name, kind=kind, data=out.fetch(Digest(digest)))
