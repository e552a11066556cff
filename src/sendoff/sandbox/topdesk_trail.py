"""What hangs on a call in TOPdesk: its progress trail and its attachments, each in pages with 204 for none.

Vendor's page: developers.topdesk.com, incident management 4.2, progresstrail and attachments.
"""

import base64

from sendoff.sandbox.topdesk_query import Malformed
from sendoff.sandbox.topdesk_wire import MALFORMED, bounds, message
from sendoff.sandbox.wire import Json, Request, Response, answer, arr, obj, text
from sendoff.sandbox.world import Thing

HANGS_ON = ("trail", "files")
"""Members of a call's card in this world that no answer shows with the card."""


def hanging(thing: Thing, more: list[str], request: Request) -> Response:
    """GET progresstrail, its count, attachments, and the bytes of one. Errors: 400, 404."""
    match more:
        case ["progresstrail"]:
            return _paged(arr(thing.raw.get("trail")), request)
        case ["progresstrail", "count"]:
            return answer(200, {"count": len(arr(thing.raw.get("trail")))})
        case ["actions"] | ["requests"]:
            return Response(204)
        case ["attachments"]:
            shown: list[Json] = [
                {key: value for key, value in obj(one).items() if key != "content"}
                for one in arr(thing.raw.get("files"))
            ]
            return _paged(shown, request)
        case ["attachments", ident, "download"]:
            held = (one for one in arr(thing.raw.get("files")) if text(one, "id") == ident)
            found = next(held, None)
            if found is None:
                return Response(404)
            data = base64.b64decode(text(found, "content"))
            return Response(200, {"Content-Type": "application/octet-stream"}, data)
        case _:
            return Response(404)


def _paged(rows: list[Json], request: Request) -> Response:
    try:
        start, size = bounds(request, "start", "page_size", 10, 100)
    except Malformed:
        return message(400, MALFORMED)
    part: list[Json] = rows[start : start + size]
    if not part:
        return Response(204)
    return answer(206 if len(rows) > start + size else 200, part)
