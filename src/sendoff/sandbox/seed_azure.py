"""The seed of Azure: subscriptions, the delegation, our management resources and the customer's own."""

from sendoff.sandbox.arm_access import CONTRIBUTOR, MONITORING, OWNER, POLICY, UNDELEGATE
from sendoff.sandbox.arm_ids import BUDGET, DELEGATION, DIAGNOSTIC, GROUP, LOCK, OFFER, ROLE, SUBSCRIPTION, spell
from sendoff.sandbox.seed_build import CREATED, Build
from sendoff.sandbox.seed_policy import policies
from sendoff.sandbox.wire import Json, Obj, text

OURS: Obj = {"managedBy": "intercept"}
MINE = "rg-intercept-mgmt"
INSIGHTS = "microsoft.insights"


def azure(build: Build) -> None:
    """All subscriptions of a customer."""
    for at, (name, _) in enumerate(build.plan.subscriptions):
        sub = build.guid("subscription", name)
        _subscription(build, sub, name)
        _delegation(build, sub)
        _roles(build, sub)
        _ours(build, sub, full=at == 0)
        _customers(build, sub, first=at == 0)
        if at == 0 and build.plan.tier != "csp":
            policies(build, sub)


def resource(build: Build, sub: str, group: str, kind: str, name: str, *, ours: bool = False, record: bool = True,
             tags: Obj | None = None, also: Obj | None = None, **properties: Json) -> str:
    """One resource in a group; ours carry the tag and go on the onboarding record unless told otherwise."""
    names, spelled = name.split("/"), spell(kind).split("/")
    tail = "/".join(f"{one}/{called}" for one, called in zip(spelled[1:], names, strict=True))
    ident = f"/subscriptions/{sub}/resourceGroups/{group}/providers/{spelled[0]}/{tail}"
    raw: Obj = {"location": "westeurope", "tags": tags if tags is not None else ({**OURS} if ours else {}),
                "properties": {"provisioningState": "Succeeded", **properties, **(also or {})}, "createdTime": CREATED,
                "changedTime": CREATED}
    build.arm(kind, ident, raw, sub)
    if ours and record:
        build.note("arm", kind, ident)
    return ident


def _subscription(build: Build, sub: str, name: str) -> None:
    tenants: list[Json] = [{"tenantId": text(build.world.msp, "tenant_id")}]
    raw: Obj = {"subscriptionId": sub, "displayName": name, "tenantId": build.tenant, "state": "Enabled",
                "authorizationSource": "RoleBased", "managedByTenants": tenants,
                "subscriptionPolicies": {"locationPlacementId": "Public_2014-09-01", "quotaId": "CSP_2015-05-01",
                                         "spendingLimit": "Off"}}
    thing = build.arm(SUBSCRIPTION, f"/subscriptions/{sub}", raw, sub)
    for key in ("name", "type"):
        del thing.raw[key]


def _group(build: Build, sub: str, name: str, tags: Obj | None = None) -> str:
    ident = f"/subscriptions/{sub}/resourceGroups/{name}"
    build.arm(GROUP, ident, {"location": "westeurope", "tags": tags or {}, "type": "Microsoft.Resources/resourceGroups",
                             "properties": {"provisioningState": "Succeeded"}}, sub)
    return ident


def _delegation(build: Build, sub: str) -> None:
    world, scope = build.world, f"/subscriptions/{sub}/providers/Microsoft.ManagedServices"
    who = world.guid("msp", "lighthouse", "principal")
    grants: list[Json] = [{"principalId": who, "principalIdDisplayName": "Intercept automation", "roleDefinitionId": one}
                          for one in (CONTRIBUTOR, POLICY, MONITORING, UNDELEGATE)]
    grants.append({"principalId": text(world.msp, "engineers_group_id"), "roleDefinitionId": CONTRIBUTOR,
                   "principalIdDisplayName": "Intercept engineers"})
    offer = f"{scope}/registrationDefinitions/{build.guid('offer', sub)}"
    build.arm(OFFER, offer, {"properties": {
        "registrationDefinitionName": "Intercept managed services", "description": "Managed by Intercept",
        "managedByTenantId": text(world.msp, "tenant_id"), "managedByTenantName": "Intercept",
        "manageeTenantId": build.tenant, "manageeTenantName": build.plan.name, "provisioningState": "Succeeded",
        "authorizations": grants}}, sub)
    link = f"{scope}/registrationAssignments/{build.guid('delegation', sub)}"
    build.arm(DELEGATION, link, {"properties": {"registrationDefinitionId": offer,
                                                "provisioningState": "Succeeded"}}, sub)
    build.note("arm", OFFER, offer)
    build.note("arm", DELEGATION, link)


def role(build: Build, sub: str, who: str, kind: str, definition: str, note: bool = False) -> str:
    """An Azure role assignment at the subscription."""
    scope = f"/subscriptions/{sub}"
    ident = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{build.guid('role', sub, who, definition)}"
    build.arm(ROLE, ident, {"properties": {
        "scope": scope, "principalId": who, "principalType": kind, "createdOn": CREATED, "updatedOn": CREATED,
        "roleDefinitionId": f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{definition}",
        "createdBy": build.guid("user", "onboarding"), "updatedBy": build.guid("user", "onboarding")}}, sub)
    if note:
        build.note("arm", ROLE, ident)
    return ident


def _roles(build: Build, sub: str) -> None:
    role(build, sub, build.guid("app", "principal"), "ServicePrincipal", OWNER, note=True)
    role(build, sub, text(build.world.msp, "admin_group_id"), "ForeignGroup", OWNER, note=True)
    role(build, sub, build.guid("group", "sg-azure-owners"), "Group", OWNER)
    role(build, sub, build.world.guid("user", f"{build.plan.contacts[1].local}@{build.plan.domain}"), "User", OWNER)
    if build.plan.tier != "csp":
        role(build, sub, build.guid("user", f"erik.jansen@{build.plan.domain}"), "User", CONTRIBUTOR, note=True)
    role(build, sub, build.guid("user", f"e.jansen@{build.plan.domain}"), "User", CONTRIBUTOR)


def _ours(build: Build, sub: str, *, full: bool) -> None:
    _group(build, sub, MINE, {**OURS})
    build.note("arm", GROUP, f"/subscriptions/{sub}/resourceGroups/{MINE}")
    page = resource(build, sub, MINE, f"{INSIGHTS}/actiongroups", "ag-intercept-oncall", ours=True, enabled=True,
                    groupShortName="intercept", emailReceivers=[
                        {"name": "oncall", "emailAddress": "oncall@intercept.example", "status": "Enabled"}])
    _budget(build, sub, page)
    if build.plan.tier == "csp":
        return
    space = resource(build, sub, MINE, "microsoft.operationalinsights/workspaces", "law-intercept", ours=True,
                     retentionInDays=30, sku={"name": "PerGB2018"})
    if build.plan.tier == "full-stack":
        _automation(build, sub, full=full)
    resource(build, sub, MINE, f"{INSIGHTS}/datacollectionrules", "dcr-intercept-vm", ours=True, dataFlows=[],
             destinations={"logAnalytics": [{"workspaceResourceId": space, "name": "law"}]})
    for at in range(2 * build.world.size):
        resource(build, sub, MINE, f"{INSIGHTS}/metricalerts", f"ma-intercept-{at:02d}", ours=True, also=_alert(page, sub))
    resource(build, sub, MINE, f"{INSIGHTS}/activitylogalerts", "ala-intercept-health", ours=True, enabled=True,
             scopes=[f"/subscriptions/{sub}"], condition={"allOf": [{"field": "category", "equals": "ServiceHealth"}]},
             actions={"actionGroups": [{"actionGroupId": page}]})
    if full:
        resource(build, sub, MINE, f"{INSIGHTS}/scheduledqueryrules", "sqr-intercept-heartbeat", ours=True,
                 record=False, enabled=True, severity=2, scopes=[space], actions={"actionGroups": [page]})
        build.note("arm", f"{INSIGHTS}/metricalerts", f"/subscriptions/{sub}/resourceGroups/{MINE}/providers/"
                   "Microsoft.Insights/metricAlerts/ma-intercept-gone-since-2024")


def _automation(build: Build, sub: str, *, full: bool) -> None:
    resource(build, sub, MINE, "microsoft.automation/automationaccounts", "aa-intercept", ours=True, state="Ok")
    for name in ("patching", "snapshots") if full else ("patching",):
        resource(build, sub, MINE, "microsoft.automation/automationaccounts/runbooks", f"aa-intercept/rb-{name}",
                 ours=True, runbookType="PowerShell", state="Published")


def _alert(page: str, sub: str) -> Obj:
    return {"enabled": True, "severity": 2, "scopes": [f"/subscriptions/{sub}"], "evaluationFrequency": "PT5M",
            "windowSize": "PT15M", "criteria": {
                "odata.type": "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria", "allOf": []},
            "actions": [{"actionGroupId": page}]}


def _budget(build: Build, sub: str, page: str) -> None:
    scope = f"/subscriptions/{sub}/providers/Microsoft.Consumption/budgets"
    mine: Json = {"enabled": True, "operator": "GreaterThan", "threshold": 80, "contactEmails": [],
                  "contactGroups": [page]}
    theirs: Json = {"enabled": True, "operator": "GreaterThan", "threshold": 90,
                    "contactEmails": [f"{build.plan.contacts[0].local}@{build.plan.domain}"]}
    for name, notice in (("intercept-monthly", mine), (f"{build.plan.short}-own-budget", theirs)):
        build.arm(BUDGET, f"{scope}/{name}", {"eTag": '"1d34d016a593709"', "properties": {
            "category": "Cost", "amount": 5000.0, "timeGrain": "Monthly", "notifications": {"alert": notice},
            "timePeriod": {"startDate": "2023-04-01T00:00:00Z", "endDate": "2028-04-01T00:00:00Z"}}}, sub)
    build.note("arm", BUDGET, f"{scope}/intercept-monthly")


def _customers(build: Build, sub: str, *, first: bool) -> None:
    short, world = build.plan.short, build.world
    web, data = "rg-web", "rg-data"
    _group(build, sub, web, {"owner": short})
    _group(build, sub, data, {"owner": short})
    vms = [resource(build, sub, web, "microsoft.compute/virtualmachines", f"vm-{short}-web-{at:02d}",
                    tags={"owner": short}, hardwareProfile={"vmSize": "Standard_D2s_v5"}) for at in (1, 2)]
    for at in (1, 2):
        resource(build, sub, web, "microsoft.network/networkinterfaces", f"nic-{short}-web-{at:02d}", ipConfigurations=[])
        resource(build, sub, web, "microsoft.compute/disks", f"disk-{short}-web-{at:02d}", diskSizeGB=128)
    resource(build, sub, web, "microsoft.network/virtualnetworks", f"vnet-{short}",
             addressSpace={"addressPrefixes": ["10.10.0.0/16"]})
    plan = resource(build, sub, web, "microsoft.web/serverfarms", f"plan-{short}")
    resource(build, sub, web, "microsoft.web/sites", f"app-{short}-portal", serverFarmId=plan, state="Running")
    safe = resource(build, sub, data, "microsoft.keyvault/vaults", f"kv-{short}-{'a' if first else 'b'}",
                    tenantId=build.tenant, sku={"family": "A", "name": "standard"}, enableSoftDelete=True)
    store = resource(build, sub, data, "microsoft.storage/storageaccounts", f"st{short}{'a' if first else 'b'}data")
    _mixed(build, sub, vms[0], store)
    if build.plan.tier != "csp":
        space = f"/subscriptions/{sub}/resourceGroups/{MINE}/providers/Microsoft.OperationalInsights/workspaces/law-intercept"
        for target in (safe, vms[0]):
            ident = f"{target}/providers/Microsoft.Insights/diagnosticSettings/to-intercept"
            build.arm(DIAGNOSTIC, ident, {"properties": {"workspaceId": space, "logs": [
                {"category": "AuditEvent", "enabled": True}], "metrics": []}}, sub)
            build.note("arm", DIAGNOSTIC, ident)
    build.arm(DIAGNOSTIC, f"{safe}/providers/Microsoft.Insights/diagnosticSettings/own-audit",
              {"properties": {"storageAccountId": store, "logs": [], "metrics": []}}, sub)
    lock = f"/subscriptions/{sub}/resourceGroups/{data}/providers/Microsoft.Authorization/locks/do-not-delete"
    build.arm(LOCK, lock, {"properties": {"level": "CanNotDelete", "notes": f"set by {build.plan.contacts[1].name}",
                                          "owners": [{"applicationId": world.guid("portal")}]}}, sub)


def _mixed(build: Build, sub: str, machine: str, store: str) -> None:
    page = f"/subscriptions/{sub}/resourceGroups/{MINE}/providers/Microsoft.Insights/actionGroups/ag-intercept-oncall"
    alert, short = f"{INSIGHTS}/metricalerts", build.plan.short
    if build.plan.tier != "csp":
        resource(build, sub, "rg-web", alert, "intercept-vm-cpu", ours=True,
                 also={**_alert(page, sub), "scopes": [machine]})
        resource(build, sub, "rg-data", alert, "intercept-storage-availability", ours=True,
                 also={**_alert(page, sub), "scopes": [store]})
    resource(build, sub, "rg-web", alert, f"{short}-portal-slow", tags={"owner": short}, also=_alert(page, sub))
    resource(build, sub, "rg-web", "microsoft.storage/storageaccounts", "intercept-lookalike-exports",
             tags={"owner": short}, createdBy=f"{build.plan.contacts[1].local}@{build.plan.domain}")
    resource(build, sub, "rg-data", "microsoft.compute/disks", f"disk-{short}-copied-tags",
             tags={**OURS, "owner": short}, createdBy=f"{build.plan.contacts[1].local}@{build.plan.domain}")
