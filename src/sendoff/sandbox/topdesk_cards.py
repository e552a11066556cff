"""TOPdesk's supporting files: branches, persons (in two media versions), operators, and archiving them."""

from collections.abc import Callable

from sendoff.sandbox.topdesk_query import Malformed
from sendoff.sandbox.topdesk_wire import MALFORMED, UUID, accepts, archived, bounds, chosen, coded, cut, message
from sendoff.sandbox.topdesk_wire import missing as not_there
from sendoff.sandbox.topdesk_wire import reason as reason_of
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, text
from sendoff.sandbox.world import Thing, World

V2_LIST, V2_ONE = "application/x.topdesk-collection-person-v2+json", "application/x.topdesk-person-v2+json"
V2_SHORT = "id,firstName,surName,dynamicName,archived"
V1 = ("application/json", "application/*", "*/*")
TEXTS = ("name", "specification", "phone", "email", "website", "additionalInfo", "attentionComment", "notes")


def current(world: World) -> Thing | None:
    """The operator behind our login; None when somebody took it away."""
    login = text(world.msp, "topdesk", "login")
    return next((one for one in world.all("topdesk", "operator") if text(one.raw, "loginName") == login), None)


def reasons(world: World, rest: list[str], request: Request) -> Response:
    """GET /archiving-reasons."""
    if rest or request.method != "GET":
        return not_there()
    return answer(200, [one.raw for one in world.all("topdesk", "archiving-reason")])


def branches(world: World, rest: list[str], request: Request) -> Response:
    """GET /branches (never paged) and the calls below /branches/id/{id}."""
    if not rest and request.method == "GET":
        try:
            found = chosen(_visible(world), request)
        except Malformed:
            return coded(400, "INPUT_MALFORMED", MALFORMED, "query")
        return answer(200, [cut(_branch(one), request.ask("$fields") or "id,name") for one in found])
    if len(rest) < 2 or rest[0] != "id":
        return not_there()
    found_one, refused = _found(world, "branch", rest[1])
    if found_one is None or refused is not None:
        return refused or not_there()
    if len(rest) == 2:
        return _edited(world, found_one, request)
    return _moved(world, found_one, rest[2:], request, _branch)


def _visible(world: World) -> list[Thing]:
    """Branch filters of our operator hide cards without a word."""
    me = current(world)
    hidden = me.raw.get("hiddenBranches") if me else None
    return [one for one in world.all("topdesk", "branch") if not isinstance(hidden, list) or one.id not in hidden]


def _branch(thing: Thing) -> Obj:
    shown: Obj = {key: value for key, value in thing.raw.items() if key != "archived"}
    return {**shown, "status": "branchArchived" if thing.raw.get("archived") is True else "branch"}


def _found(world: World, kind: str, ident: str) -> tuple[Thing | None, Response | None]:
    if UUID.fullmatch(ident) is None:
        return None, message(400, f"The {kind} id '{ident}' cannot be parsed")
    thing = world.get("topdesk", kind, ident)
    if thing is None:
        return None, not_there(f"The {kind} could not be found")
    if kind == "branch" and thing not in _visible(world):
        return None, message(403, "No permission to see the requested branch.")
    return thing, None


def _edited(world: World, thing: Thing, request: Request) -> Response:
    if request.method == "GET":
        return answer(200, _branch(thing))
    if request.method not in ("PUT", "PATCH"):
        return Response(405)
    if thing.raw.get("archived") is True:
        return message(400, "branch is archived")
    asked = request.json()
    if not asked or not set(asked) <= {*TEXTS, "id", "clientReferenceNumber", "optionalFields1", "optionalFields2"}:
        return message(400, MALFORMED)
    world.change(thing, {key: value for key, value in asked.items() if key != "id"})
    return answer(200, _branch(thing))


def _moved(
    world: World,
    thing: Thing,
    rest: list[str],
    request: Request,
    shown: Callable[[Thing], Obj],
    also: Thing | None = None,
) -> Response:
    """Archive or take back a card, and the one that hangs on it."""
    if rest == ["attachments"] and request.method == "GET":
        return answer(200, [])
    if rest not in (["archive"], ["unarchive"]) or request.method not in ("PUT", "PATCH"):
        return not_there()
    if rest == ["unarchive"]:
        if thing.raw.get("archived") is not True:
            return message(400, f"{thing.kind.capitalize()} is not archived")
        world.change(thing, {"archived": False, "archivingReason": None})
        return answer(200, shown(thing))
    refused = archived(world, thing, request)
    if refused is not None:
        return refused
    for one in (thing, also):
        if one is not None and one.raw.get("archived") is not True:
            world.change(one, {"archived": True, "archivingReason": reason_of(world, request)})
    return answer(200, shown(thing))


def persons(world: World, rest: list[str], request: Request) -> Response:
    """GET /persons (v1 and v2), /persons/count, one person, archive and unarchive."""
    if rest in (["count"], []) and request.method == "GET":
        try:
            return _count(world, request) if rest else _people(world, request)
        except Malformed:
            return message(400, MALFORMED)
    ident = rest[1] if rest[:1] == ["id"] and len(rest) > 1 else (rest or [""])[0]
    thing, refused = _found(world, "person", ident)
    if thing is None or refused is not None:
        return refused or not_there()
    if rest[0] == "id" and len(rest) > 2:
        return _person_moved(world, thing, rest[2:], request)
    return _person(thing, request, newer=rest[0] != "id")


def _count(world: World, request: Request) -> Response:
    return answer(200, {"numberOfPersons": len(chosen(world.all("topdesk", "person"), request))})


def _people(world: World, request: Request) -> Response:
    every = world.all("topdesk", "person")
    if accepts(request, V2_LIST):
        start, size = bounds(request, "pageStart", "pageSize", 50, 5000)
        found = chosen(every, request, all_without_query=True)
        rows: list[Json] = [cut(one.raw, request.ask("fields") or V2_SHORT) for one in found[start : start + size]]
        more = len(found) > start + size
        return answer(206 if more else 200, {"item": rows}, {"Content-Type": f"{V2_LIST};charset=UTF-8"})
    if not accepts(request, *V1):
        return Response(406)
    start, size = bounds(request, "start", "page_size", 10, 100)
    found = chosen(every, request)
    return _pages([_person_v1(one) for one in found], start, size)


def _pages(rows: list[Obj], start: int, size: int) -> Response:
    part: list[Json] = [*rows[start : start + size]]
    return answer(206 if len(rows) > start + size else 200, part) if part else Response(204)


def _person_v1(thing: Thing) -> Obj:
    shown: Obj = {key: value for key, value in thing.raw.items() if key != "archived"}
    return {**shown, "status": "personArchived" if thing.raw.get("archived") is True else "person"}


def _person(thing: Thing, request: Request, *, newer: bool) -> Response:
    if request.method != "GET":
        return Response(405)
    if not newer:
        return answer(200, _person_v1(thing)) if accepts(request, *V1) else Response(406)
    if not accepts(request, V2_ONE, *V1):
        return Response(406)
    return answer(200, cut(thing.raw, request.ask("fields") or "*"), {"Content-Type": f"{V2_ONE};charset=UTF-8"})


def _person_moved(world: World, thing: Thing, rest: list[str], request: Request) -> Response:
    linked = [one for one in world.all("topdesk", "operator") if text(one.raw, "linkedPerson", "id") == thing.id]
    operator = linked[0] if linked else None
    if operator is not None and rest == ["archive"]:
        # Whether the vendor refuses here too is not in its page on persons, only in that on operators [3].
        refused = _untouchable(world, operator)
        if refused is not None:
            return refused
    return _moved(world, thing, rest, request, _person_v1, operator)


def _untouchable(world: World, operator: Thing) -> Response | None:
    me = current(world)
    if me is not None and me.id == operator.id:
        return message(400, "Can not archive yourself")
    if operator.raw.get("administrator") is True:
        return message(400, "Can not archive admins")
    return None


def operators(world: World, rest: list[str], request: Request) -> Response:
    """GET /operators, /operators/current, /operators/id/{id} with its branch filters, archive and unarchive."""
    me = current(world)
    if rest[:1] == ["current"] and me is not None and request.method == "GET":
        return answer(200, {"id": me.id} if rest[1:] == ["id"] else cut(_operator(me), request.ask("fields") or "*"))
    if not rest and request.method == "GET":
        try:
            start, size = bounds(request, "start", "page_size", 10, 100)
            found = chosen(world.all("topdesk", "operator"), request)
        except Malformed:
            return message(400, MALFORMED)
        return _pages([_operator(one) for one in found], start, size)
    if len(rest) < 2 or rest[0] != "id":
        return not_there()
    thing, refused = _found(world, "operator", rest[1])
    if thing is None or refused is not None:
        return refused or not_there()
    return _operator_call(world, thing, rest[2:], request)


def _operator_call(world: World, thing: Thing, rest: list[str], request: Request) -> Response:
    if not rest:
        return answer(200, _operator(thing)) if request.method == "GET" else Response(405)
    if rest == ["filters", "branch"] and request.method == "GET":
        hidden = thing.raw.get("hiddenBranches")
        rows: list[Json] = [{"id": one.id, "name": text(one.raw, "name")} for one in _visible(world)]
        return answer(200, rows) if hidden else Response(204)
    if rest == ["archive"]:
        refused = _untouchable(world, thing)
        if refused is not None:
            return refused
    return _moved(world, thing, rest, request, _operator)


def _operator(thing: Thing) -> Obj:
    hidden = ("archived", "administrator", "hiddenBranches")
    shown: Obj = {key: value for key, value in thing.raw.items() if key not in hidden}
    return {**shown, "status": "operatorArchived" if thing.raw.get("archived") is True else "operator"}


def operator_groups(world: World, rest: list[str], request: Request) -> Response:
    """GET /operatorgroups and archiving one."""
    if not rest and request.method == "GET":
        try:
            start, size = bounds(request, "start", "page_size", 10, 100)
            found = chosen(world.all("topdesk", "operatorgroup"), request)
        except Malformed:
            return message(400, MALFORMED)
        return _pages([one.raw for one in found], start, size)
    thing = world.get("topdesk", "operatorgroup", rest[1]) if len(rest) > 2 and rest[0] == "id" else None
    return not_there() if thing is None else _moved(world, thing, rest[2:], request, lambda one: one.raw)
