"""TOPdesk's incidents and the service levels of its contracts.

Vendor's page: developers.topdesk.com, incident management. A list without a hit is a 204 without a body.
"""

import re

from sendoff.sandbox.topdesk_levels import slas
from sendoff.sandbox.topdesk_query import Malformed, query
from sendoff.sandbox.topdesk_trail import HANGS_ON, hanging
from sendoff.sandbox.topdesk_wire import MALFORMED, archived, bounds, cut, message, moment, stamp
from sendoff.sandbox.topdesk_wire import reason as reason_of
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, loads, obj, text
from sendoff.sandbox.world import Thing, World

LONGEST = {"briefDescription": 80, "externalNumber": 60}
CREATES = frozenset(
    {
        "caller",
        "callerLookup",
        "status",
        "briefDescription",
        "request",
        "action",
        "actionInvisibleForCaller",
        "entryType",
        "callType",
        "category",
        "subcategory",
        "externalNumber",
        "object",
        "location",
        "branch",
        "mainIncident",
        "impact",
        "urgency",
        "priority",
        "duration",
        "targetDate",
        "sla",
        "onHold",
        "operator",
        "operatorGroup",
        "supplier",
        "processingStatus",
        "responded",
        "responseDate",
        "completed",
        "completedDate",
        "closed",
        "closedDate",
        "closureCode",
        "costs",
        "feedbackRating",
        "feedbackMessage",
        "majorCall",
        "majorCallObject",
        "publishToSsd",
        "optionalFields1",
        "optionalFields2",
        "externalLink",
    }
)
LOOKUPS = {"statuses": ("Open", "In progress", "Closed"), "closure_codes": ("Solved", "Ended with the contract")}
DATES = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def incidents(world: World, rest: list[str], request: Request) -> Response:
    """The calls below /incidents. Errors: 400, 403 archived, 404, 405."""
    match rest:
        case []:
            return _create(world, request) if request.method == "POST" else _list(world, request)
        case ["slas"]:
            return slas(world, request)
        case [name] if name in LOOKUPS:
            return answer(200, [{"id": world.guid("topdesk", name, one), "name": one} for one in LOOKUPS[name]])
        case ["id" | "number" as by, ident, *more]:
            key = "id" if by == "id" else "number"
            found = (one for one in world.all("topdesk", "incident") if text(one.raw, key).lower() == ident.lower())
            thing = next(found, None)
            return Response(404) if thing is None else _incident(world, thing, more, request)
        case _:
            return Response(404)


def _shown(thing: Thing, request: Request) -> Obj:
    raw = {key: value for key, value in thing.raw.items() if key not in ("archived", *HANGS_ON)}
    if request.ask("dateFormat") == "iso8601":
        return raw
    return {key: _old(value) for key, value in raw.items()}


def _old(value: Json) -> Json:
    dated = isinstance(value, str) and DATES.fullmatch(value) is not None
    return f"{text(value)[:-1]}.000+0000" if dated else value


def _list(world: World, request: Request) -> Response:
    if request.method != "GET":
        return Response(405)
    try:
        start, size = bounds(request, "pageStart", "pageSize", 10, 10_000)
        test = query(request.ask("query"))
    except Malformed:
        return message(400, MALFORMED)
    every = request.has("all") and request.ask("all") in ("", "true")
    lines = ("firstLine", "secondLine")
    found = [
        one for one in world.all("topdesk", "incident") if (every or text(one.raw, "status") in lines) and test(one.raw)
    ]
    part = found[start : start + size]
    if not part:
        return Response(204)
    rows: list[Json] = [cut(_shown(one, request), request.ask("fields") or "*") for one in part]
    if len(found) <= start + size:
        return answer(200, rows)
    return answer(206, rows, {"x-next-page-url": _next(request, start + size, size)})


def _next(request: Request, start: int, size: int) -> str:
    kept = [(key, value) for key, value in request.query if key not in ("pageStart", "pageSize")]
    pairs = [("pageStart", str(start)), ("pageSize", str(size)), *kept]
    tail = "&".join(f"{key}={_quoted(value)}" for key, value in pairs)
    return f"{request.base}{request.path}?{tail}"


def _quoted(value: str) -> str:
    return "".join(
        one if one.isalnum() or one in "-._~" else "".join(f"%{b:02X}" for b in one.encode()) for one in value
    )


def _wrong(asked: Obj) -> Response | None:
    for name, most in LONGEST.items():
        value = asked.get(name)
        if value is not None and not isinstance(value, str):
            return message(400, f"The value for the field '{name}' cannot be parsed")
        if isinstance(value, str) and len(value) > most:
            return message(400, f"The value for the field '{name}' is too long. Maximum length is {most}")
    for name in ("targetDate", "closedDate", "completedDate"):
        if asked.get(name) is not None and stamp(text(asked, name)) is None:
            return message(400, f"The value for the field '{name}' cannot be parsed")
    for name in ("closed", "completed", "onHold", "responded"):
        if asked.get(name) is not None and not isinstance(asked.get(name), bool):
            return message(400, f"The value for the field '{name}' cannot be parsed")
    unknown = sorted(set(asked) - CREATES)
    return message(400, f"The field '{unknown[0]}' does not exist") if unknown else None


def _create(world: World, request: Request) -> Response:
    if not isinstance(loads(request.body), dict):
        return message(400, MALFORMED)
    asked = request.json()
    wrong = _wrong(asked) or (None if text(asked, "status") in ("", "firstLine", "secondLine") else Response(400))
    caller, branch, refused = _caller(world, asked)
    if wrong is not None or refused is not None:
        return wrong or refused or Response(400)
    group = _named(world, "operatorgroup", asked.get("operatorGroup"))
    if asked.get("operatorGroup") is not None and group is None:
        return message(404, "The value for the field 'operatorGroup' cannot be found")
    home = world.get("topdesk", "branch", text(branch, "id"))
    ident = world.fresh("incident")
    number = f"I {world.now:%y%m} {len(world.all('topdesk', 'incident')) + 1:03d}"
    kept: Obj = {key: value for key, value in asked.items() if key not in ("callerLookup", "caller", "operatorGroup")}
    raw: Obj = {
        **_blank(world, ident, number),
        **kept,
        "caller": caller,
        "callerBranch": branch,
        "operatorGroup": group,
    }
    raw["targetDate"] = stamp(text(asked, "targetDate")) if asked.get("targetDate") else None
    thing = world.add(Thing("topdesk", "incident", ident, home.owner if home else "msp", raw))
    return answer(201, _shown(thing, request), {"Location": f"{request.base}/tas/api/incidents/id/{ident}"})


def _blank(world: World, ident: str, number: str) -> Obj:
    now = moment(world)
    return {
        "id": ident,
        "number": number,
        "status": "firstLine",
        "briefDescription": "",
        "request": "",
        "externalNumber": "",
        "closed": False,
        "closedDate": None,
        "completed": False,
        "completedDate": None,
        "creationDate": now,
        "modificationDate": now,
        "callDate": now,
        "processingStatus": {"id": world.guid("topdesk", "statuses", "Open"), "name": "Open"},
    }


def _caller(world: World, asked: Obj) -> tuple[Json, Json, Response | None]:
    """The caller as the card shows it, and the caller's branch."""
    if "callerLookup" in asked:
        lookup = obj(asked["callerLookup"])
        if len(lookup) != 1:
            return None, None, message(400, "callerLookup needs exactly one lookup value")
        key, value = next(iter(lookup.items()))
        people = world.all("topdesk", "person")
        person = next((one for one in people if text(one.raw, key).lower() == text(value).lower()), None)
        if person is None or person.raw.get("archived") is True:
            return None, None, message(404, "The caller could not be found")
        return (
            {key: person.raw.get(key) for key in ("id", "dynamicName", "email", "branch")},
            person.raw["branch"],
            None,
        )
    caller = obj(asked.get("caller"))
    ident = text(caller, "branch", "id") or text(asked, "branch", "id")
    home = world.get("topdesk", "branch", ident) if ident else None
    if ident and home is None:
        return None, None, message(404, "The branch could not be found")
    branch = {key: home.raw.get(key) for key in ("id", "name", "clientReferenceNumber")} if home else None
    return caller or None, branch, None


def _named(world: World, kind: str, asked: Json) -> Json:
    key = "id" if text(asked, "id") else "name"
    found = (one for one in world.all("topdesk", kind) if text(asked, key) in (one.id, text(one.raw, "groupName")))
    thing = next(found, None)
    return {"id": thing.id, "name": text(thing.raw, "groupName")} if thing else None


def _incident(world: World, thing: Thing, more: list[str], request: Request) -> Response:
    if not more and request.method == "GET":
        return answer(200, _shown(thing, request))
    if not more and request.method in ("PUT", "PATCH"):
        return _edit(world, thing, request)
    if more == ["archive"] and request.method == "PUT":
        refused = archived(world, thing, request)
        if refused is None:
            gone: Obj = {"archived": True, "status": f"{text(thing.raw, 'status')}Archived"}
            world.change(thing, {**gone, "archivingReason": reason_of(world, request)})
        return refused or answer(200, _shown(thing, request))
    return hanging(thing, more, request) if more and request.method == "GET" else Response(404)


def _edit(world: World, thing: Thing, request: Request) -> Response:
    if thing.raw.get("archived") is True:
        return Response(403)
    asked = request.json()
    wrong = _wrong(asked) if asked else message(400, MALFORMED)
    if wrong is not None:
        return wrong
    for name in ("closed", "completed"):
        if asked.get(name) is True:
            asked.setdefault(f"{name}Date", moment(world))
    world.change(thing, {**asked, "modificationDate": moment(world)})
    return answer(200, _shown(thing, request))
