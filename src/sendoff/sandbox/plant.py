"""Strays and residue for tests: one careless change at a customer, one forgotten object of ours."""

from sendoff.sandbox.arm_ids import ASSIGNMENT, DEPLOYMENT, REMEDIATION, SUBSCRIPTION
from sendoff.sandbox.seed_build import CUSTOMERS, Build
from sendoff.sandbox.seed_people import user
from sendoff.sandbox.seed_resource import resource
from sendoff.sandbox.wire import Json, Obj, text
from sendoff.sandbox.world import Thing, World


def stray(world: World, slug: str) -> str | None:
    """Change one object at a customer as a careless hand would; its key, or None when there is no such customer."""
    for kind in ("microsoft.compute/virtualmachines", "microsoft.insights/metricalerts"):
        for one in world.all("arm", kind):
            if one.owner == slug:
                world.change(one, {"tags": {"touched": world.at()}})
                return one.key
    return None


def plant(world: World, asked: Obj) -> str | None:
    """Plant a residue object of ours; `system` arm|graph|prtg|passwordstate, `kind`, `customer`, `name`."""
    slug = text(asked, "customer") or "vandermeer"
    plan = next((one for one in CUSTOMERS if one.slug == slug), None)
    if plan is None:
        return None
    build = Build(world, plan, world.customers[slug].tenant)
    name = text(asked, "name") or "intercept-planted"
    match text(asked, "system"), text(asked, "kind"):
        case "arm", "resource":
            return "arm:resource:" + _plant_resource(build, asked, name)
        case "arm", "policy-assignment":
            return _plant_policy(build, asked, name).key
        case "arm", "policy-remediation":
            return _plant_remediation(build, asked, name).key
        case "arm", "policy-deployment":
            return _plant_deployment(build, asked, name).key
        case "graph", "user":
            return _plant_user(build, name).key
        case "prtg", "device":
            return _plant_device(build, asked, name).key
        case "passwordstate", "password":
            return _plant_password(build, asked, name).key
        case _:
            return None


def _subscription(build: Build, asked: Obj) -> str:
    ours = [one.place for one in build.world.all("arm", SUBSCRIPTION) if one.owner == build.plan.slug]
    return text(asked, "subscription") or ours[0]


def _plant_resource(build: Build, asked: Obj, name: str) -> str:
    kind = text(asked, "type").lower() or "microsoft.insights/metricalerts"
    return resource(build, _subscription(build, asked), text(asked, "group") or "rg-web", kind, name, ours=True)


def _plant_policy(build: Build, asked: Obj, name: str) -> Thing:
    scope = f"/subscriptions/{_subscription(build, asked)}"
    builtin = "/providers/Microsoft.Authorization/policyDefinitions/1e30110a-5ceb-460c-a204-c1c3969c6d62"
    raw: Obj = {
        "properties": {
            "displayName": name,
            "policyDefinitionId": builtin,
            "scope": scope,
            "parameters": {},
            "metadata": {"assignedBy": "Intercept"},
            "enforcementMode": "Default",
        }
    }
    return build.arm(
        ASSIGNMENT, f"{scope}/providers/Microsoft.Authorization/policyAssignments/{name}", raw, scope.rsplit("/", 1)[-1]
    )


def _plant_remediation(build: Build, asked: Obj, name: str) -> Thing:
    """A running task of the assignment `of`, by default the one of ours that deploys."""
    sub = _subscription(build, asked)
    auth = f"/subscriptions/{sub}/providers/Microsoft.Authorization"
    raw: Obj = {
        "properties": {
            "policyAssignmentId": text(asked, "of") or f"{auth}/policyAssignments/INT-agent",
            "provisioningState": text(asked, "state") or "Evaluating",
            "deploymentStatus": {"totalDeployments": 4, "successfulDeployments": 1, "failedDeployments": 0},
            "createdOn": "2026-11-20T08:00:00Z",
            "lastUpdatedOn": "2026-11-20T08:00:00Z",
        }
    }
    scope = f"/subscriptions/{sub}" + (f"/resourceGroups/{asked['group']}" if text(asked, "group") else "")
    return build.arm(REMEDIATION, f"{scope}/providers/Microsoft.PolicyInsights/remediations/{name}", raw, sub)


def _plant_deployment(build: Build, asked: Obj, name: str) -> Thing:
    """What a policy deployed into a group, with the id `made` that it made there."""
    sub = _subscription(build, asked)
    made: list[Json] = [{"id": text(asked, "made")}]
    scope = f"/subscriptions/{sub}/resourceGroups/{text(asked, 'group') or 'rg-web'}"
    raw: Obj = {"properties": {"provisioningState": "Succeeded", "mode": "Incremental", "outputResources": made}}
    return build.arm(DEPLOYMENT, f"{scope}/providers/Microsoft.Resources/deployments/{name}", raw, sub)


def _plant_user(build: Build, name: str) -> Thing:
    ident = build.world.fresh("planted")
    return build.graph(
        "user", ident, user(ident, f"{name} (Intercept)", f"{name}@{build.plan.domain}", companyName="Intercept")
    )


def _plant_device(build: Build, asked: Obj, name: str) -> Thing:
    ident = str(8000 + len(build.world.all("prtg", "device")))
    raw: Obj = {
        "objid": int(ident),
        "name": name,
        "tags": f"customer-{build.plan.slug}",
        "pausedas": 0,
        "state": 3,
        "parentid": text(asked, "parent") or "50",
        "message": "OK",
        "lastvalue": "",
        "host": name,
        "location": "",
        "comments": "",
    }
    return build.world.add(Thing("prtg", "device", ident, build.plan.slug, raw))


def _plant_password(build: Build, asked: Obj, name: str) -> Thing:
    world, ident = build.world, str(7000 + len(build.world.all("vault", "password")))
    held = text(asked, "list") or next(one.id for one in world.all("vault", "list") if one.owner == build.plan.slug)
    generic: Obj = {f"GenericField{n}": "" for n in range(1, 11)}
    raw: Obj = {
        "PasswordListID": held,
        "PasswordID": int(ident),
        "Title": name,
        "UserName": name,
        "HostName": "",
        "Description": "",
        "Notes": "",
        "URL": "",
        "Password": world.fresh("secret"),
        "OTP": None,
        **generic,
        "AccountType": "",
        "Domain": "",
        "ExpiryDate": "",
        "AllowExport": True,
    }
    return world.add(Thing("vault", "password", ident, build.plan.slug, raw, held))
