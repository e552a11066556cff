"""Graph's apps and access policies: federated credentials, consents, and what a named location in use refuses.

Vendor's pages: learn.microsoft.com/graph/api/application-list-federatedidentitycredentials,
serviceprincipal-list-oauth2permissiongrants, conditionalaccessroot-list-namedlocations and organization-update. The
code of the refusal is unverified.
"""

from sendoff.sandbox import graph_guard
from sendoff.sandbox.graph_filter import BASE, error, listing, not_found
from sendoff.sandbox.wire import Json, Request, Response, answer, canonical, text
from sendoff.sandbox.world import Identity, Thing, World

CREDENTIAL, GRANT = "federatedIdentityCredential", "oauth2PermissionGrant"
POLICY, LOCATION = "conditionalAccessPolicy", "namedLocation"


def below(world: World, thing: Thing, rest: list[str], request: Request) -> Response | None:
    """What lies below an app or its principal; None for everything else."""
    match thing.kind, rest[0].lower():
        case "application", "federatedidentitycredentials":
            return _credentials(world, thing, rest[1:], request)
        case "servicePrincipal", "oauth2permissiongrants":
            held = [one.raw for one in world.all("graph", GRANT) if text(one.raw, "clientId") == thing.id]
            return listing(held, request, "oauth2PermissionGrants")
        case _:
            return None


def _credentials(world: World, app: Thing, rest: list[str], request: Request) -> Response:
    held = [one for one in world.all("graph", CREDENTIAL) if text(one.raw, "appObjectId") == app.id]
    if not rest:
        return listing([_shown(one) for one in held], request, "federatedIdentityCredentials")
    found = next((one for one in held if rest[0] in (one.id, text(one.raw, "name"))), None)
    if found is None:
        return not_found(rest[0])
    if request.method == "DELETE":
        world.remove(found)
        return Response(204)
    context = f"{BASE}/$metadata#applications('{app.id}')/federatedIdentityCredentials/$entity"
    return answer(200, {"@odata.context": context, **_shown(found)})


def _shown(one: Thing) -> dict[str, Json]:
    return {key: value for key, value in one.raw.items() if key != "appObjectId"}


def may_change(world: World, who: Identity, thing: Thing, request: Request) -> bool:
    """An administrator may change whom the organization's notices go to."""
    changes = thing.kind == "organization" and request.method == "PATCH"
    return changes and graph_guard.manages_roles(world, who)


def in_use(world: World, thing: Thing, request: Request) -> bool:
    """Whether a named location is to be deleted that a policy of its tenant still names."""
    if thing.kind != LOCATION or request.method != "DELETE":
        return False
    policies = (one for one in world.all("graph", POLICY) if one.place == thing.place)
    return any(thing.id in canonical(one.raw).decode() for one in policies)


def refusal() -> Response:
    """400: a policy still names it."""
    return error(400, "BadRequest", "1094: Named location is referenced by one or more conditional access policies.")
