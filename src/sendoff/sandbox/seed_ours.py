"""The seed of our own resources: the management group of resources, its alerts and the budget."""

from sendoff.sandbox.arm_ids import BUDGET
from sendoff.sandbox.seed_build import Build
from sendoff.sandbox.seed_resource import INSIGHTS, MINE, OURS, alert, group, resource
from sendoff.sandbox.wire import Json, Obj


def ours(build: Build, sub: str, *, full: bool) -> None:
    """Everything onboarding put into rg-intercept-mgmt; at tier csp an action group and a budget alone."""
    group(build, sub, MINE, {**OURS})
    build.note("arm", "microsoft.resources/resourcegroups", f"/subscriptions/{sub}/resourceGroups/{MINE}")
    mail: Json = {"name": "oncall", "emailAddress": "oncall@intercept.example", "status": "Enabled"}
    about: Obj = {"enabled": True, "groupShortName": "intercept", "emailReceivers": [mail]}
    page = resource(build, sub, MINE, f"{INSIGHTS}/actiongroups", "ag-intercept-oncall", ours=True, also=about)
    _budget(build, sub, page)
    if build.plan.tier == "csp":
        return
    if build.plan.tier == "full-stack":
        _automation(build, sub, full=full)
    space = _watching(build, sub, page)
    if full:
        _forgotten(build, sub, page, space)


def _watching(build: Build, sub: str, page: str) -> str:
    workspace = "microsoft.operationalinsights/workspaces"
    sku: Json = {"name": "PerGB2018"}
    space = resource(build, sub, MINE, workspace, "law-intercept", ours=True, retentionInDays=30, sku=sku)
    target: Json = {"logAnalytics": [{"workspaceResourceId": space, "name": "law"}]}
    rule = f"{INSIGHTS}/datacollectionrules"
    resource(build, sub, MINE, rule, "dcr-intercept-vm", ours=True, dataFlows=[], destinations=target)
    for at in range(2 * build.world.size):
        resource(
            build, sub, MINE, f"{INSIGHTS}/metricalerts", f"ma-intercept-{at:02d}", ours=True, also=alert(page, sub)
        )
    health: Obj = {
        "enabled": True,
        "scopes": [f"/subscriptions/{sub}"],
        "condition": {"allOf": [{"field": "category", "equals": "ServiceHealth"}]},
        "actions": {"actionGroups": [{"actionGroupId": page}]},
    }
    resource(build, sub, MINE, f"{INSIGHTS}/activitylogalerts", "ala-intercept-health", ours=True, also=health)
    return space


def _forgotten(build: Build, sub: str, page: str, space: str) -> None:
    """One tagged rule that is not on the record, and one recorded rule that no longer exists."""
    about: Obj = {"enabled": True, "severity": 2, "scopes": [space], "actions": {"actionGroups": [page]}}
    rule = f"{INSIGHTS}/scheduledqueryrules"
    resource(build, sub, MINE, rule, "sqr-intercept-heartbeat", ours=True, record=False, also=about)
    gone = f"/subscriptions/{sub}/resourceGroups/{MINE}/providers/Microsoft.Insights/metricAlerts"
    build.note("arm", f"{INSIGHTS}/metricalerts", f"{gone}/ma-intercept-gone-since-2024")


def _automation(build: Build, sub: str, *, full: bool) -> None:
    resource(build, sub, MINE, "microsoft.automation/automationaccounts", "aa-intercept", ours=True, state="Ok")
    for name in ("patching", "snapshots") if full else ("patching",):
        resource(
            build,
            sub,
            MINE,
            "microsoft.automation/automationaccounts/runbooks",
            f"aa-intercept/rb-{name}",
            ours=True,
            runbookType="PowerShell",
            state="Published",
        )


def _budget(build: Build, sub: str, page: str) -> None:
    scope = f"/subscriptions/{sub}/providers/Microsoft.Consumption/budgets"
    mine: Json = {
        "enabled": True,
        "operator": "GreaterThan",
        "threshold": 80,
        "contactEmails": [],
        "contactGroups": [page],
    }
    theirs: Json = {
        "enabled": True,
        "operator": "GreaterThan",
        "threshold": 90,
        "contactEmails": [f"{build.plan.contacts[0].local}@{build.plan.domain}"],
    }
    for name, notice in (("intercept-monthly", mine), (f"{build.plan.short}-own-budget", theirs)):
        build.arm(
            BUDGET,
            f"{scope}/{name}",
            {
                "eTag": '"1d34d016a593709"',
                "properties": {
                    "category": "Cost",
                    "amount": 5000.0,
                    "timeGrain": "Monthly",
                    "notifications": {"alert": notice},
                    "timePeriod": {"startDate": "2023-04-01T00:00:00Z", "endDate": "2028-04-01T00:00:00Z"},
                },
            },
            sub,
        )
    build.note("arm", BUDGET, f"{scope}/intercept-monthly")
