"""TOPdesk's asset management: templates, assets, what they are assigned to, and archiving them.

Vendor's page: developers.topdesk.com, asset management.
"""

from sendoff.sandbox.topdesk_query import Malformed
from sendoff.sandbox.topdesk_wire import MALFORMED, accepts, archived, bounds, message, missing
from sendoff.sandbox.topdesk_wire import reason as reason_of
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, arr, text, words
from sendoff.sandbox.world import Thing, World

MEDIA = (
    "application/json",
    "application/*",
    "*/*",
    "application/x.topdesk-am-assets-v1+json",
    "application/x.topdesk-am-assets-v2+json",
    "application/x.topdesk-am-assignments-v1+json",
)
LIST = {"Content-Type": "application/x.topdesk-am-assets-v2+json"}


def assetmgmt(world: World, rest: list[str], request: Request) -> Response:
    """The calls below /assetmgmt. Errors: 400, 404, 405, 406, 409 archived before."""
    if not accepts(request, *MEDIA):
        return Response(406)
    match rest:
        case ["templates"] if request.method == "GET":
            return _templates(world, request)
        case ["assets"] if request.method == "GET":
            return _list(world, request)
        case ["assets", "delete"] if request.method == "POST":
            return _delete(world, request)
        case ["assets", "templateId", template, ident, *more]:
            thing = world.get("topdesk", "asset", ident)
            mine = thing is not None and text(thing.raw, "templateId") == template
            return _asset(world, thing, more, request) if thing is not None and mine else missing("Asset not found")
        case ["assets", ident, *more]:
            thing = world.get("topdesk", "asset", ident)
            return missing("Asset not found") if thing is None else _asset(world, thing, more, request)
        case _:
            return missing()


def _templates(world: World, request: Request) -> Response:
    rows: list[Json] = [
        {"id": one.id, "text": text(one.raw, "name"), "archived": one.raw.get("archived") is True}
        for one in world.all("topdesk", "template")
        if request.ask("searchTerm").lower() in text(one.raw, "name").lower()
        and request.ask("archived", str(one.raw.get("archived") is True)).lower()
        == str(one.raw.get("archived")).lower()
    ]
    return answer(200, {"dataSet": rows})


def _fits(world: World, one: Thing, request: Request) -> bool:
    template = world.get("topdesk", "template", text(one.raw, "templateId"))
    name = text(template.raw, "name") if template else ""
    many: dict[str, list[str]] = {}
    for key, value in request.query:
        many.setdefault(key.lower(), []).extend(value.split(","))
    state = str(one.raw.get("archived") is True).lower()
    linked = {f"{text(row, 'type')}/{text(row, 'id')}".lower() for row in arr(one.raw.get("assignments"))}
    return (
        text(one.raw, "templateId") in many.get("templateid", [text(one.raw, "templateId")])
        and name in many.get("templatename", [name])
        and request.ask("nameFragment").lower() in text(one.raw, "name").lower()
        and request.ask("searchTerm").lower() in text(one.raw, "name").lower()
        and state == request.ask("archived", state).lower()
        and (not request.has("linkedTo") or request.ask("linkedTo").lower() in linked)
    )


def _list(world: World, request: Request) -> Response:
    try:
        start, size = bounds(request, "pageStart", "pageSize", 50, 1000)
    except Malformed:
        return message(400, MALFORMED)
    found = [one for one in world.all("topdesk", "asset") if _fits(world, one, request)]
    rows: list[Json] = [_row(one, request) for one in found[start : start + size]]
    body: Obj = {"columns": [], "dataSet": rows, "templates": []}
    if request.ask("fetchCount") == "true":
        body["count"] = len(found)
    return answer(206 if len(found) > start + size else 200, body, LIST)


def _row(one: Thing, request: Request) -> Obj:
    """A row: id, name (also as text), state and etag; other fields only when they are asked for."""
    base: Obj = {"id": one.id, "name": text(one.raw, "name"), "text": text(one.raw, "name")}
    base |= {"archived": one.raw.get("archived") is True, "etag": one.digest()[:12]}
    wanted = [name.strip() for name in request.ask("fields").split(",")]
    values = _values(one)
    base |= {name: values[name] for name in wanted if name in values}
    if request.ask("showAssignments") == "true" or "@assignments" in wanted:
        base["@assignments"] = _links(one)
    return base


def _values(one: Thing) -> Obj:
    hidden = ("assignments", "archived", "templateId", "archivingReason")
    return {key: value for key, value in one.raw.items() if key not in hidden}


def _links(one: Thing) -> Obj:
    rows = arr(one.raw.get("assignments"))
    places: list[Json] = [
        {"linkId": text(row, "linkId"), "branch": {"id": text(row, "id"), "name": text(row, "name")}}
        for row in rows
        if text(row, "type") == "branch"
    ]
    people: list[Json] = [
        {"linkId": text(row, "linkId"), "person": {"id": text(row, "id"), "name": text(row, "name")}}
        for row in rows
        if text(row, "type") == "person"
    ]
    return {"locations": places, "persons": people}


def _card(one: Thing) -> Response:
    state = "ARCHIVED" if one.raw.get("archived") is True else "OPERATIONAL"
    extra: Obj = {"archived": one.raw.get("archived") is True, "@etag": one.digest()[:12], "@status": state}
    return answer(200, {"data": {**_values(one), **extra}, "metadata": {"templateId": text(one.raw, "templateId")}})


def _asset(world: World, one: Thing, more: list[str], request: Request) -> Response:
    match request.method, more:
        case "GET", []:
            return _card(one)
        case "GET", ["assignments"]:
            return answer(200, _links(one), {"Content-Type": "application/x.topdesk-am-assignments-v1+json"})
        case "DELETE", ["assignments", link]:
            return _unlink(world, one, link)
        case "POST", ["archive"]:
            return _archive(world, one, request)
        case "POST", ["unarchive"]:
            world.change(one, {"archived": False, "archivingReason": None})
            return _card(one)
        case "PATCH" | "POST", []:
            return _edit(world, one, request)
        case _:
            return missing()


def _archive(world: World, one: Thing, request: Request) -> Response:
    if one.raw.get("archived") is True:
        return message(409, "The asset is already archived")
    if not text(request.json(), "reasonId"):
        return message(400, "reasonId is mandatory")
    refused = archived(world, one, request, "reasonId")
    if refused is not None:
        return refused
    world.change(one, {"archived": True, "archivingReason": reason_of(world, request, "reasonId")})
    return _card(one)


def _unlink(world: World, one: Thing, link: str) -> Response:
    held = arr(one.raw.get("assignments"))
    if one.raw.get("archived") is True:
        return message(400, "The asset is archived")
    if link not in [text(row, "linkId") for row in held]:
        return missing("Assignment not found")
    world.change(one, {"assignments": [row for row in held if text(row, "linkId") != link]})
    return Response(200)


def _edit(world: World, one: Thing, request: Request) -> Response:
    fields = _values(one)
    asked = request.json()
    if one.raw.get("archived") is True or not asked or not set(asked) <= set(fields) - {"id"}:
        return message(400, MALFORMED)
    world.change(one, asked)
    return _card(one)


def _delete(world: World, request: Request) -> Response:
    """Answers 200 also when some were not deleted: an asset that is assigned stays."""
    deleted: list[Json] = []
    failed: list[Json] = []
    gone: list[Json] = []
    for ident in words(request.json().get("unids")):
        one = world.get("topdesk", "asset", ident)
        (gone if one is None else failed if arr(one.raw.get("assignments")) else deleted).append(ident)
        if one is not None and ident in deleted:
            world.remove(one)
    return answer(200, {"deleted": deleted, "failed": failed, "missing": gone, "unauthorized": []})
