"""What TOPdesk's modules share on the wire: error dialects, media types, pages, archiving."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from sendoff.sandbox.topdesk_query import Malformed, query
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, loads, text
from sendoff.sandbox.world import Thing, World

UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
MALFORMED = "Input parameters malformed"


def message(status: int, why: str) -> Response:
    """Dialect one: an array of messages; most supporting files and incidents speak it."""
    return answer(status, [{"message": why}])


def coded(status: int, code: str, why: str, *applies: str) -> Response:
    """Dialect two: errors with codes, wrapped in an array; the list of branches speaks it."""
    names: list[Json] = [*applies]
    return answer(status, [{"errors": [{"errorCode": code, "appliesTo": names, "errorMessage": why}]}])


def missing(what: str = "The entity could not be found") -> Response:
    """404."""
    return message(404, what)


def accepts(request: Request, *kinds: str) -> bool:
    """Whether the Accept header allows one of these media types; no header allows all."""
    header = request.headers.get("accept", "*/*")
    return any(one.split(";")[0].strip().lower() in kinds for one in header.split(","))


def chosen(things: Iterable[Thing], request: Request, *, all_without_query: bool = False) -> list[Thing]:
    """The cards that `query` selects: without one only active cards, with one archived cards too. Raises Malformed."""
    if not request.has("query"):
        return [one for one in things if all_without_query or one.raw.get("archived") is not True]
    test = query(request.ask("query"))
    return [one for one in things if test(one.raw)]


def bounds(request: Request, start: str, size: str, default: int, most: int) -> tuple[int, int]:
    """Where a page begins and how long it is. Raises Malformed outside the vendor's bounds."""
    try:
        first, length = int(request.ask(start, "0")), int(request.ask(size, str(default)))
    except ValueError:
        raise Malformed(start) from None
    if first < 0 or not 1 <= length <= most:
        raise Malformed(size)
    return first, length


def cut(raw: Obj, fields: str) -> Obj:
    """Only the named members; the id always, all of them for * or all."""
    names = {one.strip() for one in fields.split(",") if one.strip()}
    return raw if names & {"*", "all"} else {key: value for key, value in raw.items() if key in names | {"id"}}


def archived(world: World, thing: Thing, request: Request, key: str = "id") -> Response | None:
    """What is wrong with an archiving: reason unknown, missing where the setting wants one, or done before."""
    body = loads(request.body)
    if body is not None and not isinstance(body, dict):
        return message(400, MALFORMED)
    reason, name = text(request.json(), key), thing.kind.capitalize()
    if thing.raw.get("archived") is True:
        return message(400, f"{'branch' if thing.kind == 'branch' else name} is already archived")
    if not reason:
        return message(400, "Reason for archiving is mandatory") if mandatory(world) else None
    if UUID.fullmatch(reason) is None:
        return message(400, f"The field '{key}' cannot be parsed")
    if world.get("topdesk", "archiving-reason", reason) is None:
        return message(400, 'The value for the field "archiving-reason" cannot be found')
    return None


def mandatory(world: World) -> bool:
    """The setting of this TOPdesk: whether archiving needs a reason."""
    setting = world.get("topdesk", "setting", "archiving")
    return setting is not None and setting.raw.get("reasonMandatory") is True


def reason(world: World, request: Request, key: str = "id") -> Json:
    """The archiving reason that a body names, as cards show it."""
    found = world.get("topdesk", "archiving-reason", text(request.json(), key))
    return {"id": found.id, "name": text(found.raw, "name")} if found else None


def moment(world: World) -> str:
    """Civil time now as cards keep it: ISO 8601 in UTC."""
    return world.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp(value: str) -> str | None:
    """A date or moment as cards keep it; None when it is none."""
    try:
        found = datetime.fromisoformat(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", value))
    except ValueError:
        return None
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
