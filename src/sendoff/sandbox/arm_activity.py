"""The activity log of a subscription: who made, changed or removed a thing in the last 90 days.

Vendor's page: learn.microsoft.com/rest/api/monitor/activity-logs/list.
"""

import re
from datetime import datetime, timedelta

from sendoff.sandbox import arm_delegated
from sendoff.sandbox.arm_errors import error
from sendoff.sandbox.arm_ids import Place, under
from sendoff.sandbox.arm_lists import page
from sendoff.sandbox.wire import Json, Obj, Request, Response, text
from sendoff.sandbox.world import Identity, World

KEPT = timedelta(days=90)
VERBS = {"created": ("write", "Created", 201), "changed": ("write", "OK", 200), "removed": ("delete", "OK", 200)}
CLAUSE = re.compile(
    r"^(eventTimestamp)\s+(ge|le)\s+'([^']+)'$|^(resourceUri|resourceGroupName)\s+(eq)\s+'([^']+)'$", re.I
)


def activity(world: World, who: Identity, where: Place, request: Request) -> Response:
    """Events, newest first; without a subscription those of the caller's own tenant. Errors: 400 without a $filter on
    eventTimestamp, with a clause that the vendor does not offer, and for a time before the 90 days that are kept; 403
    for who may not read their tenant's."""
    clauses = [CLAUSE.match(one.strip()) for one in re.split(r"\s+and\s+", request.ask("$filter"), flags=re.I)]
    asked = [tuple(part for part in one.groups() if part) for one in clauses if one]
    if len(asked) != len(clauses) or not any(name.lower() == "eventtimestamp" for name, _, _ in asked):
        return error(400, "BadRequest", "The $filter must hold a time range on eventTimestamp, and known properties.")
    try:
        times = {sign.lower(): _moment(value) for name, sign, value in asked if name.lower() == "eventtimestamp"}
    except ValueError:
        return error(400, "BadRequest", "eventTimestamp is not a date and time.")
    if "ge" not in times:
        return error(400, "BadRequest", "The start time of the range is missing.")
    if times["ge"] < world.now - KEPT:
        return error(400, "BadRequest", "The start time cannot be more than 90 days in the past.")
    if "le" in times and times["le"] <= times["ge"]:
        return error(400, "BadRequest", "The start time must be before the end time.")
    if not where.subscription:
        return _of_the_tenant(world, who, request, times)
    rows = [_event(world, line) for line in _lines(world, where, asked) if _asked_for(line, asked, times)]
    return page(rows[::-1], request)


def _of_the_tenant(world: World, who: Identity, request: Request, times: dict[str, datetime]) -> Response:
    found = arm_delegated.events(world, who)
    if isinstance(found, Response):
        return found
    kept: list[Json] = [row for row in found if _within(_moment(text(row, "eventTimestamp")), times)]
    return page(kept[::-1], request)


def _moment(value: str) -> datetime:
    found = datetime.fromisoformat(value.replace("Z", "+00:00"))
    if found.tzinfo is None:
        raise ValueError(value)
    return found


def _lines(world: World, where: Place, asked: list[tuple[str, ...]]) -> list[Obj]:
    uri = next((value for name, _, value in asked if name.lower() == "resourceuri"), "")
    mine = f"/subscriptions/{where.subscription}"
    found = world.record.of(uri or mine)
    return [row for row in found if text(row, "kind").startswith("arm.") and row["verb"] in VERBS and _in(row, mine)]


def _in(row: Obj, place: str) -> bool:
    return under(text(row, "id"), place)


def _asked_for(line: Obj, asked: list[tuple[str, ...]], times: dict[str, datetime]) -> bool:
    at, ident = _moment(text(line, "at")), text(line, "id").lower()
    for name, _, value in asked:
        if name.lower() == "resourceuri" and ident != value.lower():
            return False
        if name.lower() == "resourcegroupname" and f"/resourcegroups/{value.lower()}/" not in f"{ident}/":
            return False
    return _within(at, times)


def _within(at: datetime, times: dict[str, datetime]) -> bool:
    return times["ge"] <= at and ("le" not in times or at <= times["le"])


def _event(world: World, line: Obj) -> Json:
    ident, kind = text(line, "id"), text(line, "kind").removeprefix("arm.")
    verb, word, status = VERBS[text(line, "verb")]
    name = f"{kind}/{verb}"
    return {
        "id": f"{ident}/events/{line['seq']}",
        "eventDataId": world.guid("event", str(line["seq"])),
        "resourceId": ident,
        "eventTimestamp": _moment(text(line, "at")).isoformat().replace("+00:00", "Z"),
        "caller": _caller(world, text(line, "caller")),
        "level": "Informational",
        "operationName": {"value": name, "localizedValue": name},
        "status": {"value": "Succeeded", "localizedValue": "Succeeded"},
        "subStatus": {"value": word, "localizedValue": f"{word} (HTTP Status Code: {status})"},
    }


def _caller(world: World, caller: str) -> str:
    """A person by their user name, an app by its object id."""
    kind, _, name = caller.partition(":")
    if kind == "person":
        return name
    known = (one.principal for one in world.tokens.values() if f"{one.kind}:{one.name}" == caller)
    return next(known, caller)
