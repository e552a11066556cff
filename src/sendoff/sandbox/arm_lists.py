"""ARM's lists: subscriptions, groups, resources, extensions at a scope; pages, nextLink absolute."""

import re
from urllib.parse import urlencode

from sendoff.sandbox.arm_access import sees
from sendoff.sandbox.arm_delete import shown
from sendoff.sandbox.arm_errors import error
from sendoff.sandbox.arm_ids import (
    ASSIGNMENT,
    BUDGET,
    CHILDREN,
    DEFINITION,
    DELEGATION,
    DIAGNOSTIC,
    EXTENSIONS,
    GROUP,
    OFFER,
    SET,
    SUBSCRIPTION,
    VERSIONS,
    Place,
    place,
    spell,
    under,
)
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, dig, text, whole
from sendoff.sandbox.world import Identity, Thing, World

TIMES = ("createdTime", "changedTime", "provisioningState")


def page(rows: list[Json], request: Request, path: str | None = None) -> Response:
    """One page of rows and, when more follow, an absolute nextLink with $skiptoken."""
    size = min(request.rows, whole(request.ask("$top"), request.rows)) or request.rows
    start = max(whole(request.ask("$skiptoken")), 0)
    body: Obj = {"value": rows[start : start + size]}
    if start + size < len(rows):
        kept = [(key, value) for key, value in request.query if key.lower() != "$skiptoken"]
        body["nextLink"] = f"{request.base}{path or request.path}?" + urlencode(
            [*kept, ("$skiptoken", str(start + size))]
        )
    return answer(200, body)


def subscriptions(world: World, who: Identity, request: Request) -> Response:
    """GET /subscriptions: what this caller's key opens."""
    return page([subscription(world, one) for one in world.all("arm", SUBSCRIPTION) if sees(world, who, one)], request)


def subscription(world: World, thing: Thing) -> Json:
    """A subscription; managedByTenants follows the delegations that are alive."""
    links = [one for one in world.all("arm", DELEGATION) if one.place == thing.place]
    offers = [world.get("arm", OFFER, text(one.raw, "properties", "registrationDefinitionId")) for one in links]
    tenants = sorted({text(one.raw, "properties", "managedByTenantId") for one in offers if one is not None})
    managers: list[Json] = [{"tenantId": one} for one in tenants]
    return {**thing.raw, "managedByTenants": managers}


def listing(world: World, who: Identity, where: Place, request: Request) -> Response:
    """Any other list; which things lie "at the scope" differs by type."""
    if where.kind == "microsoft.resources/resources":
        return _resources(world, where, request)
    if where.kind == GROUP:
        groups = [one for one in world.all("arm", GROUP) if one.place == where.subscription]
        return page([shown(world, one) for one in groups if _tagged(one, request.ask("$filter"))], request)
    if where.group and world.get("arm", GROUP, _group_id(where)) is None:
        return error(404, "ResourceGroupNotFound", f"Resource group '{where.group}' could not be found.")
    home = world.get("arm", SUBSCRIPTION, f"/subscriptions/{where.subscription}")
    tenant = text(home.raw, "tenantId") if home else ""
    found = [one for one in world.all("arm", where.kind) if _at(where, one, request.ask("$filter"), tenant)]
    if where.kind == DELEGATION:
        return page([expanded(world, one, request) for one in found if _managed_by(world, one, request)], request)
    return page([shown(world, one) for one in found], request)


def _group_id(where: Place) -> str:
    return f"/subscriptions/{where.subscription}/resourceGroups/{where.group}"


def _at(where: Place, thing: Thing, asked: str, tenant: str) -> bool:
    scope = place(thing.id).scope
    if where.kind in {DEFINITION, SET}:
        custom = text(thing.raw, "properties", "policyType") == "Custom"
        mine = under(thing.id, where.scope) or thing.place in ("", tenant)
        return mine and ("policyType" not in asked or ("'custom'" in asked.lower()) == custom)
    if where.kind in {BUDGET, DIAGNOSTIC, OFFER}:
        return scope.lower() == where.scope.lower() and _right_tenant(thing, asked)
    above = under(where.scope, scope) or (_inherited(scope) and thing.place == tenant)
    if "atscope()" in asked.lower():
        return above
    if where.kind == ASSIGNMENT and "policyDefinitionId eq" in asked:
        return above and text(thing.raw, "properties", "policyDefinitionId").lower() in asked.lower()
    if "principalId eq" in asked:
        return f"'{text(thing.raw, 'properties', 'principalId')}'" in asked and (above or under(scope, where.scope))
    inherits = where.kind in EXTENSIONS and where.kind != DELEGATION and above
    return under(thing.id, where.scope) or inherits


def _inherited(scope: str) -> bool:
    return scope.lower().startswith("/providers/microsoft.management/managementgroups/")


def _right_tenant(thing: Thing, asked: str) -> bool:
    return "managedByTenantId" not in asked or text(thing.raw, "properties", "managedByTenantId") in asked


def _managed_by(world: World, link: Thing, request: Request) -> bool:
    offer = world.get("arm", OFFER, text(link.raw, "properties", "registrationDefinitionId"))
    return offer is None or _right_tenant(offer, request.ask("$filter"))


def expanded(world: World, link: Thing, request: Request) -> Json:
    """A registration assignment, with its definition when $expandRegistrationDefinition asks for it."""
    offer = world.get("arm", OFFER, text(link.raw, "properties", "registrationDefinitionId"))
    plain = shown(world, link)
    if request.ask("$expandRegistrationDefinition").lower() != "true" or offer is None:
        return plain
    inner = dig(plain, "properties")
    return {**plain, "properties": {**(inner if isinstance(inner, dict) else {}), "registrationDefinition": offer.raw}}


def _resources(world: World, where: Place, request: Request) -> Response:
    wanted, asked = request.ask("$expand").split(","), request.ask("$filter")
    rows: list[Json] = []
    for thing in resources(world, where.subscription):
        if (not where.group or under(thing.id, where.scope)) and _fits(thing, asked):
            rows.append(_brief(shown(world, thing), wanted))
    return page(rows, request)


def resources(world: World, subscription: str) -> list[Thing]:
    """Everything in a subscription that the resource list and Resource Graph call a resource."""
    skip = EXTENSIONS | CHILDREN | {GROUP, SUBSCRIPTION}
    return [one for one in world.each("arm") if one.place == subscription and one.kind not in skip]


def _brief(raw: Obj, wanted: list[str]) -> Json:
    row = {key: value for key, value in raw.items() if key not in ("properties", "systemData", *TIMES)}
    for name in TIMES:
        if name in wanted:
            row[name] = raw.get(name) or dig(raw, "properties", name) or "Succeeded"
    return row


def _fits(thing: Thing, asked: str) -> bool:
    pairs = dict(re.findall(r"(\w+) eq '([^']*)'", asked))
    if "tagName" in pairs:
        return _tagged(thing, asked)
    kind, group = pairs.get("resourceType", "").lower(), pairs.get("resourceGroup", "").lower()
    return (not kind or thing.kind == kind) and (not group or place(thing.id).group == group)


def _tagged(thing: Thing, asked: str) -> bool:
    pairs = dict(re.findall(r"(\w+) eq '([^']*)'", asked))
    name = pairs.get("tagName")
    if name is None:
        return True
    has = text(thing.raw, "tags", name)
    return has == pairs["tagValue"] if "tagValue" in pairs else bool(has)


def providers(world: World, where: Place, request: Request) -> Response:
    """The provider list, or one provider, with the api-versions of every type."""
    name = where.id.lower().rsplit("/", 1)[-1]
    spaces = sorted({kind.split("/")[0] for kind in VERSIONS})
    if name == "providers":
        return page([_provider(one, where) for one in spaces], request)
    if name not in spaces:
        return error(404, "InvalidResourceNamespace", f"The resource namespace '{name}' is invalid.")
    return answer(200, _provider(name, where))


def _provider(space: str, where: Place) -> Json:
    types: list[Json] = [_type(kind) for kind in VERSIONS if kind.startswith(space + "/")]
    title = spell(space + "/x").split("/")[0]
    return {
        "id": f"/subscriptions/{where.subscription}/providers/{title}",
        "namespace": title,
        "registrationState": "Registered",
        "registrationPolicy": "RegistrationRequired",
        "resourceTypes": types,
    }


def _type(kind: str) -> Json:
    offered: list[Json] = [*sorted(VERSIONS[kind], reverse=True)]
    return {
        "resourceType": spell(kind).split("/", 1)[1],
        "locations": ["West Europe"],
        "apiVersions": offered,
        "capabilities": "None",
    }
