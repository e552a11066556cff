"""What the service desk knows of a customer, as files for them: calls with their trails and attachments, and all else.

What our people wrote for our own eyes stays with us, and so do the names of our people; both are counted.
"""

import json
from collections.abc import Iterator, Sequence

from sendoff.connectors.topdesk.client import ServiceDesk
from sendoff.connectors.wire.body import Object, dig, scrubbed, text
from sendoff.model.digest import Json
from sendoff.ports import Sink

STAFF = ("operator", "operatorGroup", "user", "creator", "modifier", "assignee", "coordinator")
"""Members that name our own people."""
Said = tuple[tuple[str, str], ...]


def table(name: str, cards: Sequence[Object], out: Sink) -> Said:
    """One kind of card as a file; how many there are, and the file's digest."""
    lines = (json.dumps(scrubbed(_without_staff(one)), ensure_ascii=False).encode() for one in cards)
    data = b"[\n" + b",\n".join(lines) + b"\n]\n"
    return (name, str(len(cards))), (f"{name}.json", out.file(f"topdesk/{name}.json", data))


def trails(desk: ServiceDesk, calls: Sequence[Object], out: Sink) -> Said:
    """The trail and the attachments of each call, one call at a time; whose file it is stands in attachments.json."""
    lines: list[Json] = []
    files: list[Json] = []
    withheld = 0
    for call in calls:
        ident = text(call, "id")
        for row in desk.trail(ident):
            withheld += _ours(row)
            lines += [] if _ours(row) else [{"call": ident, **scrubbed_row(row)}]
        for row in desk.attachments(ident):
            withheld += _ours(row)
            files += [] if _ours(row) else [_kept(desk, ident, row, out)]
    said: Said = (("trail", str(len(lines))), ("attachments", str(len(files))), ("withheld", str(withheld)))
    for name, found in (("trail", lines), ("attachments", files)):
        data = json.dumps(found, indent=2, ensure_ascii=False).encode()
        said = (*said, (f"{name}.json", out.file(f"topdesk/{name}.json", data)))
    return said


def scrubbed_row(row: Object) -> Object:
    """A row without the names of our people and without secret fields."""
    clean = scrubbed(_without_staff(row))
    return clean if isinstance(clean, dict) else {}


def _kept(desk: ServiceDesk, call: str, row: Object, out: Sink) -> Json:
    """One attachment, kept under ids: its own name may be anything, and is only told."""
    ident = text(row, "id")
    place = f"topdesk/attachments/{_plain(call)}/{_plain(ident)}"
    digest = out.file(place, desk.attachment(call, ident))
    return {"call": call, "file": place, "digest": digest, "name": text(row, "fileName"), "at": text(row, "entryDate")}


def _ours(row: Object) -> bool:
    return dig(row, "invisibleForCaller") is True


def _plain(ident: str) -> str:
    return "".join(_letters(ident)) or "unnamed"


def _letters(ident: str) -> Iterator[str]:
    return (one for one in ident if one.isascii() and (one.isalnum() or one in "-_"))


def _without_staff(row: Object) -> Object:
    return {name: value for name, value in row.items() if name not in STAFF}
