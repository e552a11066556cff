"""The seed of the customer's own estate, and what lies in it that is ours, shared, or only looks like ours."""

from sendoff.sandbox.arm_ids import DIAGNOSTIC, LOCK
from sendoff.sandbox.seed_build import Build
from sendoff.sandbox.seed_resource import INSIGHTS, MINE, OURS, alert, group, resource
from sendoff.sandbox.wire import Json, Obj

WEB, DATA = "rg-web", "rg-data"


def theirs(build: Build, sub: str, *, first: bool) -> None:
    """Two groups of the customer with machines, a network, a site, a vault, storage, and one lock."""
    short = build.plan.short
    group(build, sub, WEB, {"owner": short})
    group(build, sub, DATA, {"owner": short})
    machine = _web(build, sub)
    safe, store = _data(build, sub, "a" if first else "b")
    _mixed(build, sub, machine, store)
    _diagnostics(build, sub, safe, machine, store)
    lock = f"/subscriptions/{sub}/resourceGroups/{DATA}/providers/Microsoft.Authorization/locks/do-not-delete"
    owners: Json = [{"applicationId": build.world.guid("portal")}]
    notes = f"set by {build.plan.contacts[1].name}"
    build.arm(LOCK, lock, {"properties": {"level": "CanNotDelete", "notes": notes, "owners": owners}}, sub)


def unmanaged(build: Build, sub: str) -> None:
    """A subscription of the customer that never was under our care: the same kinds of things, and no delegation."""
    group(build, sub, WEB, {"owner": build.plan.short})
    group(build, sub, DATA, {"owner": build.plan.short})
    _web(build, sub)
    _data(build, sub, "z")


def _web(build: Build, sub: str) -> str:
    short = build.plan.short
    size: Json = {"vmSize": "Standard_D2s_v5"}
    machine = ""
    for at in ("02", "01"):
        kind = "microsoft.compute/virtualmachines"
        tags: Obj = {"owner": short}
        machine = resource(build, sub, WEB, kind, f"vm-{short}-web-{at}", tags=tags, hardwareProfile=size)
        resource(build, sub, WEB, "microsoft.network/networkinterfaces", f"nic-{short}-web-{at}", ipConfigurations=[])
        resource(build, sub, WEB, "microsoft.compute/disks", f"disk-{short}-web-{at}", diskSizeGB=128)
    space: Json = {"addressPrefixes": ["10.10.0.0/16"]}
    resource(build, sub, WEB, "microsoft.network/virtualnetworks", f"vnet-{short}", addressSpace=space)
    plan = resource(build, sub, WEB, "microsoft.web/serverfarms", f"plan-{short}")
    resource(build, sub, WEB, "microsoft.web/sites", f"app-{short}-portal", serverFarmId=plan, state="Running")
    return machine


def _data(build: Build, sub: str, mark: str) -> tuple[str, str]:
    short = build.plan.short
    about: Obj = {"tenantId": build.tenant, "sku": {"family": "A", "name": "standard"}, "enableSoftDelete": True}
    safe = resource(build, sub, DATA, "microsoft.keyvault/vaults", f"kv-{short}-{mark}", also=about)
    return safe, resource(build, sub, DATA, "microsoft.storage/storageaccounts", f"st{short}{mark}data")


def _diagnostics(build: Build, sub: str, safe: str, machine: str, store: str) -> None:
    end = "providers/Microsoft.Insights/diagnosticSettings"
    own: Obj = {"storageAccountId": store, "logs": [], "metrics": []}
    build.arm(DIAGNOSTIC, f"{safe}/{end}/own-audit", {"properties": own}, sub)
    if build.plan.tier == "csp":
        return
    mine = f"/subscriptions/{sub}/resourceGroups/{MINE}/providers/Microsoft.OperationalInsights/workspaces"
    for target in (safe, machine):
        logs: Json = [{"category": "AuditEvent", "enabled": True}]
        about: Obj = {"workspaceId": f"{mine}/law-intercept", "logs": logs, "metrics": []}
        build.arm(DIAGNOSTIC, f"{target}/{end}/to-intercept", {"properties": about}, sub)
        build.note("arm", DIAGNOSTIC, f"{target}/{end}/to-intercept")


def _mixed(build: Build, sub: str, machine: str, store: str) -> None:
    """Our alerts in the customer's groups, the customer's alert on our action group, and three look-alikes."""
    page = f"/subscriptions/{sub}/resourceGroups/{MINE}/providers/Microsoft.Insights/actionGroups/ag-intercept-oncall"
    rule, short = f"{INSIGHTS}/metricalerts", build.plan.short
    if build.plan.tier != "csp":
        for where, name, scope in ((WEB, "intercept-vm-cpu", machine), (DATA, "intercept-storage", store)):
            resource(build, sub, where, rule, name, ours=True, also={**alert(page, sub), "scopes": [scope]})
    person = f"{build.plan.contacts[1].local}@{build.plan.domain}"
    tags: Obj = {"owner": short}
    resource(build, sub, WEB, rule, f"{short}-portal-slow", tags=tags, also=alert(page, sub))
    look = "microsoft.storage/storageaccounts"
    resource(build, sub, WEB, look, "intercept-lookalike-exports", tags={**tags}, createdBy=person)
    disk = "microsoft.compute/disks"
    resource(build, sub, DATA, disk, f"disk-{short}-copied-tags", tags={**OURS, **tags}, createdBy=person)
