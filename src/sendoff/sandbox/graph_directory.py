"""Graph's directory beside the users: groups, roles, applications, deleted items, sign-ins, delegations."""

from datetime import datetime, timedelta

from sendoff.sandbox import graph_apps, graph_gdap, graph_groups, graph_guard, graph_methods, graph_pim
from sendoff.sandbox.arm_access import GLOBAL_ADMIN
from sendoff.sandbox.graph_filter import BASE, cut, error, listing, not_found, segment
from sendoff.sandbox.graph_path import cast
from sendoff.sandbox.graph_users import soft_delete
from sendoff.sandbox.record import VENDOR
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, obj, text
from sendoff.sandbox.world import Identity, Thing, World

PATHS = {
    "groups": "group",
    "applications": "application",
    "serviceprincipals": "servicePrincipal",
    "organization": "organization",
    "domains": "domain",
    "oauth2permissiongrants": "oauth2PermissionGrant",
    "auditlogs/signins": "signIn",
    "auditlogs/directoryaudits": "directoryAudit",
    "contracts": "contract",
    "rolemanagement/directory/roleassignments": "roleAssignment",
    "subscribedskus": "sku",
    "rolemanagement/directory/roleeligibilityschedules": "roleEligibilitySchedule",
    "rolemanagement/directory/roleassignmentschedules": "roleAssignmentSchedule",
    "rolemanagement/directory/roleeligibilityscheduleinstances": "roleEligibilitySchedule",
    "tenantrelationships/delegatedadminrelationships": "delegatedAdminRelationship",
    "identity/conditionalaccess/policies": "conditionalAccessPolicy",
    "identity/conditionalaccess/namedlocations": "namedLocation",
}
SOFT = frozenset({"group", "application", "servicePrincipal"})
EMPTY = frozenset(
    {
        "owners",
        "memberof",
        "transitivememberof",
        "ownedobjects",
        "approleassignments",
        "approleassignedto",
        "oauth2permissiongrants",
        "federatedidentitycredentials",
        "accessassignments",
        "operations",
    }
)
"""Relations that the vendor has, and in which nothing lies here."""
FIXED = frozenset(
    {
        "organization",
        "domain",
        "signIn",
        "directoryAudit",
        "sku",
        "contract",
        "delegatedAdminRelationship",
        "roleEligibilitySchedule",
    }
)


def serve(world: World, who: Identity, parts: list[str], request: Request) -> Response:
    """Answer a call to the directory. Errors: 400, 403, 404."""
    low = [one.lower() for one in parts]
    if low[:2] == ["directory", "deleteditems"]:
        return _deleted(world, who, parts[2:], request)
    if low == ["reports", "authenticationmethods", "userregistrationdetails"] and request.method == "GET":
        return graph_methods.registrations(world, who, request)
    if low[0] == "directoryroles":
        return _roles(world, who, parts, request)
    if low == ["rolemanagement", "directory", "roleeligibilityschedulerequests"]:
        return graph_pim.serve(world, who, request)
    if low[:3] == ["rolemanagement", "directory", "roledefinitions"]:
        return _definitions(world, low[3:], request)
    for length in (3, 2, 1):
        kind = PATHS.get("/".join(low[:length]))
        if kind is not None:
            return _collection(world, who, kind, parts[length:], request)
    return segment(parts[0])


def _definitions(world: World, rest: list[str], request: Request) -> Response:
    if not rest:
        return listing([one.raw for one in world.all("graph", "roleDefinition")], request, "roleDefinitions")
    found = world.get("graph", "roleDefinition", rest[0])
    return not_found(rest[0]) if found is None else answer(200, found.raw)


def _collection(world: World, who: Identity, kind: str, rest: list[str], request: Request) -> Response:
    if not rest:
        if request.method == "POST":
            return _assign(world, who, request.json()) if kind == "roleAssignment" else _not_allowed()
        rows = [_expand(world, one, request) for one in world.all("graph", kind) if one.place == who.tenant]
        return listing(rows, request, kind + "s")
    thing = _named(world, who, kind, rest[0])
    if thing is None:
        return not_found(rest[0])
    if kind == graph_gdap.KIND and rest[1:] and rest[1].lower() == "requests":
        return graph_gdap.serve(world, who, thing, request)
    if len(rest) > 1:
        return _below(world, thing, rest[1:], request)
    return _single(world, who, thing, request)


def _named(world: World, who: Identity, kind: str, name: str) -> Thing | None:
    """The object of the caller's tenant with this id or, written appId=…, with this alternate key."""
    key, _, value = name.rpartition("=")
    if key.lower() == "appid" and kind in ("application", "servicePrincipal"):
        mine = (one for one in world.all("graph", kind) if one.place == who.tenant)
        return next((one for one in mine if text(one.raw, "appId") == value.lower()), None)
    thing = world.get("graph", kind, name)
    return thing if thing is not None and thing.place == who.tenant else None


def _single(world: World, who: Identity, thing: Thing, request: Request) -> Response:
    if request.method == "GET":
        row = obj(cut(_expand(world, thing, request), request.ask("$select")))
        return answer(200, {"@odata.context": f"{BASE}/$metadata#{thing.kind}s/$entity", **row})
    if thing.kind in FIXED and not graph_apps.may_change(world, who, thing, request):
        return _not_allowed()
    if request.method in ("PATCH", "DELETE") and graph_apps.in_use(world, thing, request):
        return graph_apps.refusal()
    if request.method == "PATCH":
        world.change(thing, request.json())
        return Response(204)
    return _delete(world, who, thing) if request.method == "DELETE" else _not_allowed()


def _not_allowed() -> Response:
    return error(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")


def _delete(world: World, who: Identity, thing: Thing) -> Response:
    refused = graph_groups.refused(world, who, thing) if thing.kind == "group" else None
    if refused is not None:
        return refused
    if thing.kind == "roleAssignment":
        if not graph_guard.manages_roles(world, who):
            return graph_guard.denied()
        holder = world.get("graph", "user", text(thing.raw, "principalId"))
        if text(thing.raw, "principalId") == who.principal and who.kind == "person":
            return error(400, "Request_BadRequest", "A Global Administrator cannot remove the own assignment.")
        last = holder is not None and graph_guard.is_last(world, holder)
        if last and text(thing.raw, "roleDefinitionId") == GLOBAL_ADMIN:
            return graph_guard.refusal()
    if thing.kind == "application":
        _drop_principal(world, thing)
    if thing.kind in SOFT:
        soft_delete(world, thing)
    else:
        world.remove(thing)
    return Response(204)


def _drop_principal(world: World, app: Thing) -> None:
    for one in world.all("graph", "servicePrincipal"):
        if one.place == app.place and text(one.raw, "appId") == text(app.raw, "appId"):
            soft_delete(world, one)


def _assign(world: World, who: Identity, body: Obj) -> Response:
    if not graph_guard.manages_roles(world, who):
        return graph_guard.denied()
    principal, role = text(body, "principalId"), text(body, "roleDefinitionId")
    if not principal or world.get("graph", "roleDefinition", role) is None:
        return error(400, "Request_BadRequest", "principalId and a known roleDefinitionId are required.")
    if not any(one.place == who.tenant for one in _principals(world, principal)):
        return not_found(principal)
    if role in graph_guard.roles_of(world, principal):
        why = "A conflicting object with one or more of the specified property values is present in the directory."
        return error(400, "Request_BadRequest", why)
    owner = next((one.slug for one in world.customers.values() if one.tenant == who.tenant), "msp")
    ident = world.fresh("roleAssignment").replace("-", "")
    raw: Obj = {"id": ident, "principalId": principal, "roleDefinitionId": role, "directoryScopeId": "/"}
    world.add(Thing("graph", "roleAssignment", ident, owner, raw, who.tenant))
    return answer(201, raw)


def _principals(world: World, ident: str) -> list[Thing]:
    found = [world.get("graph", kind, ident) for kind in ("user", "group", "servicePrincipal")]
    return [one for one in found if one is not None]


def _expand(world: World, thing: Thing, request: Request) -> Obj:
    asked, row = request.ask("$expand"), thing.raw
    if thing.kind == "group":
        return graph_groups.expanded(world, thing, request)
    if thing.kind not in ("roleAssignment", "roleEligibilitySchedule"):
        return row
    if "principal" in asked:
        held = _principals(world, text(thing.raw, "principalId"))
        inner: list[Json] = [{"@odata.type": f"#microsoft.graph.{one.kind}", **one.raw} for one in held]
        row = {**row, "principal": inner[0] if inner else None}
    if "roleDefinition" in asked:
        role = world.get("graph", "roleDefinition", text(thing.raw, "roleDefinitionId"))
        row = {**row, "roleDefinition": role.raw if role else None}
    return row


def _below(world: World, thing: Thing, rest: list[str], request: Request) -> Response:
    if thing.kind == "group" and (rest[0] in graph_groups.RELATIONS or rest[0].lower() == graph_groups.TRANSITIVE):
        return graph_groups.related(world, thing, rest, request)
    end = {"approleassignments": "principalId", "approleassignedto": "resourceId"}.get(rest[0].lower(), "")
    if thing.kind == "servicePrincipal" and end:
        held = [one.raw for one in world.all("graph", "appRoleAssignment") if text(one.raw, end) == thing.id]
        return listing(held, request, "appRoleAssignments")
    below = graph_apps.below(world, thing, rest, request)
    if below is not None:
        return below
    if rest[0].lower() == "removepassword" and request.method == "POST":
        kept: list[Json] = []
        world.change(thing, {"passwordCredentials": kept})
        return Response(204)
    return listing([], request, rest[0]) if rest[0].lower() in EMPTY else segment(rest[0])


def _roles(world: World, who: Identity, parts: list[str], request: Request) -> Response:
    held = [one for one in world.all("graph", "roleAssignment") if one.place == who.tenant]
    used = {text(one.raw, "roleDefinitionId") for one in held}
    roles = [
        graph_guard.directory_role(world, who.tenant, one)
        for one in world.all("graph", "roleDefinition")
        if one.id in used
    ]
    if len(parts) == 1:
        return listing(roles, request, "directoryRoles")
    role = next((one for one in roles if parts[1] in (one["id"], f"roleTemplateId={one['roleTemplateId']}")), None)
    if role is None:
        return not_found(parts[1])
    if len(parts) == 2:
        return answer(200, {"@odata.context": f"{BASE}/$metadata#directoryRoles/$entity", **role})
    if parts[2].lower() != "members":
        return segment(parts[2])
    rows = [
        graph_guard.any_object(world, text(one.raw, "principalId"))
        for one in held
        if text(one.raw, "roleDefinitionId") == role["roleTemplateId"]
    ]
    return listing(cast([one for one in rows if one], parts[3:]), request, "directoryObjects")


def _deleted(world: World, who: Identity, rest: list[str], request: Request) -> Response:
    _expire(world)
    kinds = ("user", "group", "application", "servicePrincipal")
    if not rest or rest[0] in kinds:
        wanted = kinds if not rest else (rest[0],)
        rows = [
            {"@odata.type": f"#microsoft.graph.{kind}", **one.raw}
            for kind in wanted
            for one in world.all("graph", f"deleted.{kind}")
            if one.place == who.tenant
        ]
        return listing(rows, request, "directoryObjects")
    for kind in kinds:
        found = world.get("graph", f"deleted.{kind}", rest[0])
        if found is not None and found.place == who.tenant:
            return _deleted_one(world, kind, found, rest[1:], request)
    return not_found(rest[0])


def _deleted_one(world: World, kind: str, gone: Thing, rest: list[str], request: Request) -> Response:
    if request.method == "GET":
        return answer(200, {"@odata.type": f"#microsoft.graph.{kind}", **gone.raw})
    world.remove(gone)
    if request.method == "DELETE":
        return Response(204)
    raw: Obj = {key: value for key, value in gone.raw.items() if key != "deletedDateTime"}
    world.add(Thing("graph", kind, gone.id, gone.owner, raw, gone.place))
    return answer(200, {"@odata.type": f"#microsoft.graph.{kind}", **raw})


def _expire(world: World) -> None:
    kinds = ("user", "group", "application", "servicePrincipal")
    for one in [thing for kind in kinds for thing in world.all("graph", f"deleted.{kind}")]:
        since = datetime.fromisoformat(text(one.raw, "deletedDateTime").replace("Z", "+00:00"))
        if since + timedelta(days=30) < world.now:
            with world.record.by(VENDOR):
                world.remove(one)
