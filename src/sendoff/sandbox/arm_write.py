"""ARM writes: PUT replaces or creates, PATCH merges tags and properties; for detaching and for putting back."""

from sendoff.sandbox import arm_soft
from sendoff.sandbox.arm_access import managing
from sendoff.sandbox.arm_errors import error, scope_locked
from sendoff.sandbox.arm_ids import GROUP, LOCK, SUBSCRIPTION, Place, place, spell, under
from sendoff.sandbox.wire import Obj, Request, Response, answer, obj, text
from sendoff.sandbox.world import Identity, Thing, World

FIXED = ("id", "name", "type", "systemData", "createdTime")


def write(world: World, who: Identity, where: Place, request: Request) -> Response:
    """PUT or PATCH by id. Errors: 400 without a body, 404 on PATCH of nothing, 409 under a ReadOnly lock."""
    body: Obj = {key: value for key, value in request.json().items() if key not in FIXED}
    if not body:
        return error(400, "InvalidRequestContent", "The request content was invalid and could not be deserialized.")
    thing = world.get("arm", where.kind, where.id)
    held = [] if where.kind == LOCK else read_only(world, who, where.id)
    if held:
        return scope_locked(where.id, held)
    if thing is None:
        return _create(world, where, request, body)
    if request.method == "PATCH":
        inner: Obj = {**obj(thing.raw.get("properties")), **obj(body.get("properties"))}
        body = {**body, "properties": inner}
    world.change(thing, body)
    return answer(200, thing.raw)


def read_only(world: World, who: Identity, ident: str) -> list[str]:
    """The ReadOnly locks that stop this caller's write; a caller from the managing tenant is not stopped."""
    if managing(world, who):
        return []
    locks = [one for one in world.all("arm", LOCK) if text(one.raw, "properties", "level") == "ReadOnly"]
    return [place(one.id).scope for one in locks if under(ident, place(one.id).scope)]


def _create(world: World, where: Place, request: Request, body: Obj) -> Response:
    group = f"/subscriptions/{where.subscription}/resourceGroups/{where.group}"
    if request.method == "PATCH" or (where.group and world.get("arm", GROUP, group) is None):
        return error(404, "ResourceNotFound", f"The Resource '{where.id}' was not found.")
    taken = arm_soft.taken(world, where)
    if taken is not None:
        return taken
    home = next((one for one in world.each("arm") if one.place == where.subscription), None)
    raw: Obj = {"id": where.id, "name": where.name, "type": spell(where.kind), **body, **_identity(world, where, body)}
    owner = home.owner if home else "msp"
    world.add(Thing("arm", where.kind, where.id, owner, raw, where.subscription))
    return answer(201, raw)


def _identity(world: World, where: Place, body: Obj) -> Obj:
    """A system-assigned identity gets a principal of its own, in the tenant of the subscription."""
    asked = obj(body.get("identity"))
    if "systemassigned" not in text(asked, "type").lower():
        return {}
    home = next((one for one in world.all("arm", SUBSCRIPTION) if one.place == where.subscription), None)
    tenant = text(home.raw, "tenantId") if home else ""
    return {"identity": {**asked, "principalId": world.fresh("identity"), "tenantId": tenant}}
