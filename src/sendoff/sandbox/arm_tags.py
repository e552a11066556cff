"""Tags of one resource, group or subscription: …/providers/Microsoft.Resources/tags/default.

Vendor's page: learn.microsoft.com/rest/api/resources/tags.
"""

from sendoff.sandbox.arm_errors import error, scope_locked
from sendoff.sandbox.arm_ids import Place, place
from sendoff.sandbox.arm_write import read_only
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, obj, text
from sendoff.sandbox.world import Identity, World

MOST = 50


def serve(world: World, who: Identity, where: Place, request: Request) -> Response:
    """GET, PUT, PATCH (Merge, Replace, Delete) or DELETE. Errors: 400, 404 nothing to tag, 409 ReadOnly lock."""
    target = place(where.scope)
    thing = world.get("arm", target.kind, target.id)
    if thing is None or where.name.lower() != "default":
        return error(404, "ResourceNotFound", f"The Resource '{where.scope}' was not found.")
    had = obj(thing.raw.get("tags"))
    if request.method == "GET":
        return _shown(where, had)
    held = read_only(world, who, thing.id)
    if held:
        return scope_locked(thing.id, held)
    tags = _turned(request, had)
    if tags is None or len(tags) > MOST:
        return error(400, "InvalidRequestContent", "The request content was invalid and could not be deserialized.")
    if tags != had:
        world.change(thing, {"tags": tags})
    return Response(200) if request.method == "DELETE" else _shown(where, tags)


def _turned(request: Request, had: Obj) -> Obj | None:
    """The tags after the call; None when the call cannot be read."""
    given = obj(obj(request.json().get("properties")).get("tags"))
    if request.method == "DELETE":
        return {}
    match request.method, text(request.json(), "operation").lower():
        case ("PUT", _) | ("PATCH", "replace"):
            return given
        case "PATCH", "merge":
            return {**had, **given}
        case "PATCH", "delete":
            return {name: value for name, value in had.items() if not _named(name, value, given)}
        case _:
            return None


def _named(name: str, value: Json, given: Obj) -> bool:
    """Names compare without case; a value that is given must be the one that is there."""
    asked = next((one for key, one in given.items() if key.lower() == name.lower()), None)
    return asked is not None and asked in ("", value)


def _shown(where: Place, tags: Obj) -> Response:
    body: Obj = {"id": where.id, "name": "default", "type": "Microsoft.Resources/tags", "properties": {"tags": tags}}
    return answer(200, body)
