"""Defender for Cloud: the plan of each kind of resource, and who gets its mails.

Vendor's pages: learn.microsoft.com/rest/api/defenderforcloud/pricings and security-contacts.
"""

from sendoff.sandbox.arm_errors import error
from sendoff.sandbox.arm_ids import PRICING, Place, place, spell
from sendoff.sandbox.arm_lists import page
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, obj, text
from sendoff.sandbox.world import Thing, World

TIERS = ("Free", "Standard")


def serve(world: World, where: Place, request: Request) -> Response:
    """Answer a call for pricings or securityContacts. Errors: 400 tier or scope, 404, 405."""
    if not where.name:
        return _listed(world, where, request)
    thing = world.get("arm", where.kind, where.id)
    match request.method:
        case "GET":
            return answer(200, thing.raw) if thing else _absent(where)
        case "PUT":
            return _put(world, where, thing, request.json())
        case "DELETE":
            return _delete(world, where, thing)
        case _:
            return error(405, "HttpMethodNotSupported", f"{request.method} is not supported at '{request.path}'.")


def _listed(world: World, where: Place, request: Request) -> Response:
    rows: list[Json] = [
        one.raw for one in world.all("arm", where.kind) if place(one.id).scope.lower() == where.scope.lower()
    ]
    return answer(200, {"value": rows}) if where.kind == PRICING else page(rows, request)


def _absent(where: Place) -> Response:
    return error(404, "ResourceNotFound", f"The resource '{where.id}' was not found.")


def _put(world: World, where: Place, thing: Thing | None, body: Obj) -> Response:
    inner = obj(body.get("properties"))
    if where.kind == PRICING and text(inner, "pricingTier") not in TIERS:
        return error(400, "InvalidPricingTier", f"pricingTier must be one of {', '.join(TIERS)}.")
    if where.kind != PRICING and where.name.lower() != "default":
        return error(400, "InvalidSecurityContactName", "The security contact is called 'default'.")
    if thing is None:
        home = next((one for one in world.each("arm") if one.place == where.subscription), None)
        raw: Obj = {"id": where.id, "name": where.name, "type": spell(where.kind), "properties": inner}
        world.add(Thing("arm", where.kind, where.id, home.owner if home else "msp", raw, where.subscription))
        return answer(201, raw)
    had = obj(thing.raw.get("properties"))
    kept: Obj = {key: value for key, value in had.items() if key != "subPlan"} if where.kind == PRICING else {}
    world.change(thing, {"properties": {**kept, **inner}})
    return answer(200, thing.raw)


def _delete(world: World, where: Place, thing: Thing | None) -> Response:
    """A plan of a subscription stays; only a resource's own goes."""
    if where.kind == PRICING and place(where.scope).kind.startswith("microsoft.resources/"):
        why = "Deleting a pricing configuration is supported at resource level only."
        return error(400, "InvalidScope", why)
    if thing is None:
        return Response(204)
    world.remove(thing)
    return Response(200)
