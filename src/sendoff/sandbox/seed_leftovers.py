"""What years of management leave in subscriptions and no list of resources shows, and the customer's own beside it.

Not in the seed: a hand plants it (`arm.plant-leftovers`), and the customer takes our addresses out of its own alerts
(`arm.take-out-leftovers`).
"""

from collections.abc import Callable

from sendoff.sandbox import arm_soft
from sendoff.sandbox.arm_ids import ASSIGNMENT, BUDGET, DIAGNOSTIC, EXEMPTION, LOCK, ROLE, SUBSCRIPTION
from sendoff.sandbox.arm_traces import BACKUP, LINK
from sendoff.sandbox.seed_build import CUSTOMERS, MSP_DOMAIN, Build
from sendoff.sandbox.seed_resource import INSIGHTS, MINE, resource
from sendoff.sandbox.wire import Json, Obj, obj, text
from sendoff.sandbox.world import Customer, Thing, World

DESK = f"beheer@{MSP_DOMAIN}"
AUTHORIZATION = "providers/Microsoft.Authorization"
BUILTIN = "/providers/Microsoft.Authorization/policyDefinitions/1e30110a-5ceb-460c-a204-c1c3969c6d62"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


def plant(world: World, customer: Customer, asked: Obj) -> list[str]:
    """All of it in the first managed subscription, or the part that `only` names; what goes on the record is noted in
    `known`."""
    plan = next(one for one in CUSTOMERS if one.slug == customer.slug)
    build = Build(world, plan, customer.tenant)
    sub = build.guid("subscription", plan.subscriptions[0][0])
    only = text(asked, "only")
    found = [one.key for name, part in _PARTS.items() if only in ("", name) for one in part(build, sub)]
    onboarding = customer.known["onboarding"]
    assert isinstance(onboarding, list)
    onboarding += build.onboarding
    return found


def _bin(build: Build, sub: str) -> list[Thing]:
    """A vault and a workspace of ours that were deleted, a backup in a vault of ours, and a vault of theirs."""
    found = []
    for kind, name, ours in (
        (arm_soft.VAULT, "kv-intercept-oud", True),
        (arm_soft.VAULT, f"kv-{build.plan.short}-oud", False),
        (arm_soft.WORKSPACE, "law-intercept-oud", True),
    ):
        ident = resource(build, sub, MINE if ours else "rg-data", kind, name, ours=ours)
        thing = build.world.get("arm", kind, ident)
        assert thing is not None
        build.world.remove(thing)
        arm_soft.bury(build.world, thing)
        found += [Thing(arm_soft.BIN, kind, ident, thing.owner, thing.raw, sub)] if ours else []
    safe = resource(build, sub, MINE, "microsoft.recoveryservices/vaults", "rsv-intercept", ours=True)
    ident = f"{safe}/backupFabrics/Azure/protectionContainers/vm/protectedItems/vm-{build.plan.short}-web-01"
    held: Obj = {"isScheduledForDeferredDelete": True, "deferredDeleteTimeInUTC": "2026-12-05T00:00:00Z"}
    raw: Obj = {"id": ident, "name": f"vm-{build.plan.short}-web-01", "properties": held}
    live: Obj = {"id": f"{ident}-live", "name": "live", "properties": {"isScheduledForDeferredDelete": False}}
    for row in (raw, live):
        found.append(build.world.add(Thing("arm-backup", BACKUP, text(row, "id"), build.plan.slug, row, sub)))
    return found[:-1]


def _warned(build: Build, sub: str) -> list[Thing]:
    """An action group and a budget of theirs that warn our desk, and an action group that warns only them."""
    own = f"it@{build.plan.domain}"
    ours: list[Json] = [{"name": "beheer", "emailAddress": DESK}, {"name": "it", "emailAddress": own}]
    theirs: list[Json] = [{"name": "it", "emailAddress": own}]
    page = f"{INSIGHTS}/actiongroups"
    ident = resource(build, sub, "rg-web", page, "ag-beheer", also={"enabled": True, "emailReceivers": ours})
    resource(build, sub, "rg-web", page, "ag-eigen", also={"enabled": True, "emailReceivers": theirs})
    notice: Obj = {"alert": {"enabled": True, "threshold": 90, "contactEmails": [own, DESK]}}
    name = f"/subscriptions/{sub}/providers/Microsoft.Consumption/budgets/jaarbudget"
    budget = build.arm(BUDGET, name, {"properties": {"category": "Cost", "notifications": notice}}, sub)
    made = build.world.get("arm", page, ident)
    return [budget, *([made] if made else [])]


def _linked(build: Build, sub: str) -> list[Thing]:
    """The partner id on our own identity in their tenant."""
    principal = build.guid("app", "principal")
    about: Obj = {
        "partnerId": text(build.world.msp, "mpn_id"),
        "objectId": principal,
        "tenantId": build.tenant,
        "state": "Active",
    }
    raw: Obj = {
        "id": f"/providers/microsoft.managementpartner/partners/{principal}",
        "name": "pal",
        "properties": about,
    }
    return [build.world.add(Thing("arm-partner", LINK, principal, build.plan.slug, raw, build.tenant))]


def _scopes(build: Build, sub: str) -> list[Thing]:
    """Assignments, exemptions and rights of ours at every scope, a lock, and a setting that sends the subscription's
    own log to our workspace."""
    root = f"/subscriptions/{sub}"
    group = f"{root}/resourceGroups/rg-web"
    site = f"{group}/providers/Microsoft.Web/sites/app-{build.plan.short}-portal"
    found = []
    for at, scope in (("sub", root), ("group", group), ("resource", site)):
        name = f"intercept-trace-{at}"
        meta: Obj = {"displayName": name, "policyDefinitionId": BUILTIN, "scope": scope}
        policy = f"{scope}/{AUTHORIZATION}/policyAssignments/{name}"
        found.append(build.arm(ASSIGNMENT, policy, {"properties": meta}, sub))
        build.note("arm", ASSIGNMENT, policy)
        out: Obj = {"policyAssignmentId": policy, "exemptionCategory": "Waiver", "displayName": name}
        waiver = f"{scope}/{AUTHORIZATION}/policyExemptions/{name}"
        found.append(build.arm(EXEMPTION, waiver, {"properties": out}, sub))
        build.note("arm", EXEMPTION, waiver)
        right = f"{scope}/{AUTHORIZATION}/roleAssignments/{build.guid('trace', at)}"
        held: Obj = {
            "principalId": text(build.world.msp, "admin_group_id"),
            "principalType": "ForeignGroup",
            "roleDefinitionId": f"{root}/{AUTHORIZATION}/roleDefinitions/{READER}",
            "scope": scope,
        }
        found.append(build.arm(ROLE, right, {"properties": held}, sub))
    lock = f"{group}/{AUTHORIZATION}/locks/intercept-lock"
    found.append(build.arm(LOCK, lock, {"properties": {"level": "CanNotDelete", "notes": "Intercept"}}, sub))
    space = f"{root}/resourceGroups/{MINE}/providers/Microsoft.OperationalInsights/workspaces/law-intercept"
    send = f"{root}/providers/Microsoft.Insights/diagnosticSettings/activity-to-intercept"
    found.append(build.arm(DIAGNOSTIC, send, {"properties": {"workspaceId": space, "logs": []}}, sub))
    return found


_PARTS: dict[str, Callable[[Build, str], list[Thing]]] = {
    "bin": _bin,
    "warned": _warned,
    "linked": _linked,
    "scopes": _scopes,
}


def take_out(world: World, customer: Customer, asked: Obj) -> list[str]:
    """The customer takes our desk out of its own action group and budget."""
    found = []
    places = {one.id.rsplit("/", 1)[-1] for one in world.all("arm", SUBSCRIPTION) if one.owner == customer.slug}
    for kind in (f"{INSIGHTS}/actiongroups", BUDGET):
        for one in world.all("arm", kind):
            if one.place in places and one.id.rsplit("/", 1)[-1] in ("ag-beheer", "jaarbudget"):
                empty: list[Json] = []
                kept = {**obj(one.raw.get("properties")), "emailReceivers": empty, "notifications": None}
                world.change(one, {"properties": kept})
                found.append(one.key)
    return found
