"""TOPdesk's standing work: operational activities (operations management 1.10) and changes (change management 1.4).

Vendor's page: developers.topdesk.com. A list of activities names its next page; a list of changes does not.
"""

from sendoff.sandbox.topdesk_query import Malformed, query
from sendoff.sandbox.topdesk_wire import MALFORMED, bounds, cut, message
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, arr, text
from sendoff.sandbox.world import Thing, World

NEWER = "application/x.topdesk-collection-om-activity-v1+json"
ONE = "application/x.topdesk-om-activity-v1+json"
PATCHES = "application/x.topdesk-merge-patch+json"
REASONS = ("No longer needed", "Done elsewhere")
EDITS = frozenset({"briefDescription", "plannedStartDate", "plannedEndDate", "status", "skipped", "resolved", "type"})
MINIMAL = ("id", "number", "briefDescription", "changeType", "archived", "creationDate", "modificationDate", "status")
OVER = ("closed", "cancelled", "rejected", "nogo")


def activities(world: World, rest: list[str], request: Request) -> Response:
    """The calls below /operationalActivities. Errors: 400, 404, 405, 406 media type, 412 etag, 415 content type."""
    if not rest:
        return _activities(world, request) if request.method == "GET" else Response(405)
    if rest == ["reasonsForSkipping"]:
        rows: list[Json] = [{"id": world.guid("topdesk", "skipping", one), "name": one} for one in REASONS]
        return answer(200, {"results": rows})
    named = (one for one in world.all("topdesk", "activity") if rest[0] in (one.id, text(one.raw, "number")))
    found = next(named, None)
    if found is None or len(rest) > 1:
        return message(404, "Not found")
    if request.method == "GET":
        head = {"Content-Type": ONE, "ETag": f'"{found.digest()[:12]}"'}
        return answer(200, cut(found.raw, request.ask("fields") or "*"), head)
    return _changed(world, found, request) if request.method == "PATCH" else Response(405)


def _activities(world: World, request: Request) -> Response:
    accepted = request.headers.get("accept", "")
    if accepted and "*/*" not in accepted and not any(one in accepted for one in (NEWER, "om-activity-v", "json")):
        return Response(406)
    newer = NEWER in accepted
    try:
        start, size = bounds(request, "pageStart", "pageSize", 100, 10_000)
        test = query(request.ask("query"))
    except Malformed:
        return message(400, MALFORMED)
    found = [one for one in world.all("topdesk", "activity") if any(test(row) for row in _views(one))]
    if not newer and not request.has("query"):
        found = [one for one in found if text(one.raw, "archived", "value") != "true"]
    rows: list[Json] = [cut(one.raw, request.ask("fields") or "id,number") for one in found[start : start + size]]
    if not newer:
        return answer(200, {"results": rows}, {"Content-Type": ONE} if "om-activity" in accepted else None)
    return answer(200, {"item": rows, "next": _next(request, start, size, len(found))}, {"Content-Type": NEWER})


def _views(thing: Thing) -> list[Obj]:
    """The card once for each branch that it is linked to: a clause on linkedBranches.id holds when one fits."""
    linked: list[Json] = arr(thing.raw.get("linkedBranches")) or [{}]
    return [{**thing.raw, "linkedBranches": one} for one in linked]


def _next(request: Request, start: int, size: int, many: int) -> Json:
    return f"{request.base}{request.path}?pageStart={start + size}&pageSize={size}" if start + size < many else None


def _changed(world: World, thing: Thing, request: Request) -> Response:
    if not request.headers.get("content-type", "").startswith(PATCHES):
        return Response(415)
    wanted = request.headers.get("if-match", "")
    if wanted and wanted.strip('"') != thing.digest()[:12]:
        return Response(412)
    asked = request.json()
    if not asked or not set(asked) <= EDITS or text(thing.raw, "archived", "value") == "true":
        return message(400, MALFORMED)
    world.change(thing, asked)
    return Response(204)


def changes(world: World, rest: list[str], request: Request) -> Response:
    """The calls below /operatorChanges: the list knows no branch and no query. Errors: 400, 404, 405."""
    if request.method != "GET":
        return Response(405)
    if rest:
        named = (one for one in world.all("topdesk", "change") if rest[0] in (one.id, text(one.raw, "number")))
        found = next(named, None)
        return message(404, "Not found") if found is None or len(rest) > 1 else answer(200, found.raw)
    try:
        start, size = bounds(request, "pageStart", "pageSize", 1000, 100_000)
    except Malformed:
        return message(400, MALFORMED)
    if request.has("query"):
        return message(400, "Unknown parameter 'query'")
    every = [one for one in world.all("topdesk", "change") if _fits(one, request)]
    rows: list[Json] = [{key: one.raw.get(key) for key in MINIMAL} for one in every[start : start + size]]
    return answer(200, {"results": rows})


def _fits(thing: Thing, request: Request) -> bool:
    over = text(thing.raw, "processingStatus").endswith(OVER)
    archived = text(thing.raw, "archived")
    return (request.ask("open") != "true" or not over) and request.ask("archived", archived) == archived
