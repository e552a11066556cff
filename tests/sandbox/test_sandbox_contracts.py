"""A tour through ARM and Graph: every answer fits the contracts that were taken from the vendor's own sources."""

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest
from sandbox_callers import GRAPH, Estate, estate

from sendoff.sandbox.wire import Obj, text

ARM_FILES = (
    "resources",
    "subscriptions",
    "policy-ga-1.0.0",
    "policy-2026-01-01-preview",
    "locks",
    "monitor",
    "managedservices-lighthouse",
    "resourcegraph",
    "authorization-rbac-pim-deny",
    "consumption-budgets",
    "deployments",
    "loganalytics",
)
EMPTY: Obj = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "resources": [],
}
AUTH, LIGHT = "providers/Microsoft.Authorization", "providers/Microsoft.ManagedServices"


def _folder() -> Path:
    folder = Path(os.environ.get("SENDOFF_SHARED", "")) / "contracts" / "microsoft"
    if not os.environ.get("SENDOFF_SHARED") or not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("SENDOFF_SHARED does not lead to the contracts")
        pytest.skip("SENDOFF_SHARED does not lead to the contracts")
    return folder


def _checker(folder: Path) -> ModuleType:
    found = importlib.util.spec_from_file_location("check_request", folder / "tools" / "check_request.py")
    assert found is not None and found.loader is not None
    made = importlib.util.module_from_spec(found)
    found.loader.exec_module(made)
    return made


def _tour(world: Estate) -> list[tuple[str, str, Obj | None]]:
    sub = f"/subscriptions/{world.subscription()}"
    mine, web = f"{sub}/resourceGroups/rg-intercept-mgmt", f"{sub}/resourceGroups/rg-web"
    plans, tags = f"{sub}/providers/Microsoft.Security/pricings", "providers/Microsoft.Resources/tags/default"
    free: Obj = {"properties": {"pricingTier": "Free"}}
    untag: Obj = {"operation": "Delete", "properties": {"tags": {"managedBy": "intercept"}}}
    vault = f"{sub}/resourceGroups/rg-data/providers/Microsoft.KeyVault/vaults/kv-vdm-a"
    deployments = f"{sub}/resourcegroups/rg-web/providers/Microsoft.Resources/deployments"
    space = f"{mine}/providers/Microsoft.OperationalInsights/workspaces/law-intercept"
    since = "eventTimestamp ge '2026-11-01T00:00:00Z'"
    asked: Obj = {"query": "resources | project id, name", "subscriptions": [world.subscription()]}
    return [
        ("GET", "/subscriptions?api-version=2022-12-01", None),
        ("GET", f"{sub}?api-version=2022-12-01", None),
        ("GET", f"{sub}/resourcegroups?api-version=2025-04-01", None),
        ("GET", f"{sub}/resourcegroups/rg-web?api-version=2025-04-01", None),
        ("GET", f"{sub}/resources?api-version=2025-04-01&$expand=createdTime,changedTime", None),
        ("GET", f"{sub}/providers?api-version=2025-04-01", None),
        ("GET", f"{sub}/providers/Microsoft.Compute?api-version=2025-04-01", None),
        ("POST", "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01", asked),
        ("GET", f"{sub}/{AUTH}/policyAssignments?api-version=2026-06-01", None),
        ("GET", f"{sub}/{AUTH}/policyDefinitions?api-version=2026-06-01", None),
        ("GET", f"{sub}/{AUTH}/policySetDefinitions?api-version=2026-06-01", None),
        ("GET", f"{sub}/{AUTH}/policyExemptions?api-version=2026-01-01-preview", None),
        ("GET", f"{sub}/{AUTH}/locks?api-version=2020-05-01", None),
        ("GET", f"{sub}/{AUTH}/roleAssignments?api-version=2022-04-01", None),
        ("GET", f"{sub}/{LIGHT}/registrationDefinitions?api-version=2022-10-01", None),
        (
            "GET",
            f"{sub}/{LIGHT}/registrationAssignments?api-version=2022-10-01&$expandRegistrationDefinition=true",
            None,
        ),
        ("GET", f"{sub}/providers/Microsoft.Consumption/budgets?api-version=2024-08-01", None),
        ("GET", f"{mine}/providers/Microsoft.Insights/actionGroups?api-version=2023-01-01", None),
        ("GET", f"{mine}/providers/Microsoft.Insights/metricAlerts?api-version=2018-03-01", None),
        ("GET", f"{mine}/providers/Microsoft.Insights/scheduledQueryRules?api-version=2023-12-01", None),
        ("GET", f"{mine}/providers/Microsoft.Insights/activityLogAlerts?api-version=2020-10-01", None),
        ("GET", f"{mine}/providers/Microsoft.Insights/dataCollectionRules?api-version=2023-03-11", None),
        (
            "GET",
            f"{sub}/providers/Microsoft.Insights/eventtypes/management/values?api-version=2015-04-01&$filter={since}",
            None,
        ),
        ("DELETE", f"{web}/providers/Microsoft.Insights/metricAlerts/intercept-vm-cpu?api-version=2018-03-01", None),
        ("DELETE", f"{sub}/{AUTH}/policyAssignments/INT-agent?api-version=2026-06-01", None),
        ("DELETE", f"{sub}/{AUTH}/policyAssignments/INT-agent?api-version=2026-06-01", None),
        ("GET", f"{sub}/{AUTH}/policyAssignments/INT-agent?api-version=2026-06-01", None),
        ("DELETE", f"{sub}/providers/Microsoft.Consumption/budgets/intercept-monthly?api-version=2024-08-01", None),
        ("GET", f"{vault}/providers/Microsoft.Insights/diagnosticSettings?api-version=2021-05-01-preview", None),
        ("GET", f"{plans}?api-version=2024-01-01", None),
        ("GET", f"{plans}/KeyVaults?api-version=2024-01-01", None),
        ("PUT", f"{plans}/KeyVaults?api-version=2024-01-01", free),
        ("DELETE", f"{plans}/KeyVaults?api-version=2024-01-01", None),
        ("GET", f"{web}/providers/Microsoft.Compute/virtualMachines/vm-vdm-web-02/{tags}?api-version=2025-04-01", None),
        (
            "PATCH",
            f"{web}/providers/Microsoft.Compute/virtualMachines/vm-vdm-web-02/{tags}?api-version=2025-04-01",
            untag,
        ),
        ("POST", f"{sub}/resourcegroups/rg-web/exportTemplate?api-version=2025-04-01", {"resources": ["*"]}),
        (
            "POST",
            f"{sub}/resourcegroups/rg-web/exportTemplate?api-version=2025-04-01",
            {"resources": ["*"], "outputFormat": "Bicep"},
        ),
        (
            "PUT",
            f"{deployments}/again?api-version=2026-06-01",
            {"properties": {"mode": "Incremental", "template": EMPTY}},
        ),
        ("GET", f"{deployments}/again?api-version=2026-06-01", None),
        ("GET", f"{space}/savedSearches?api-version=2025-07-01", None),
        ("GET", f"{deployments}?api-version=2026-06-01", None),
        ("DELETE", f"{sub}/resourcegroups/rg-intercept-mgmt?api-version=2025-04-01", None),
    ]


def _greedy(folder: Path, here: Path) -> str:
    """The contract of Defender's plans, its scope spelled as the checker knows a scope of many segments."""
    spelled = (folder / "arm-sdk-contract" / "security-pricings.json").read_text(encoding="utf-8")
    copy = here / "security-pricings.json"
    copy.write_text(spelled.replace("{scopeId}", "{scope}"), encoding="utf-8")
    return str(copy)


def test_every_arm_answer_of_a_tour_fits_its_contract(tmp_path: Path) -> None:
    folder = _folder()
    files = [str(folder / "arm-sdk-contract" / f"{one}.json") for one in ARM_FILES]
    files.append(_greedy(folder, tmp_path))
    checker = _checker(folder).Checker(*files, str(folder / "hand" / "diagnostic-settings.openapi.json"))
    world = estate()
    for method, url, body in _tour(world):
        key = world.app() if "roleAssignments" in url else world.lighthouse()
        got = world.arm(method, url, key, body)
        assert got.status < 500
        bad = checker.check(method, f"https://management.azure.com{url}", body, got.status, got.json())
        assert bad == [], (method, url, got.status, bad)


READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
GRAPH_TOUR = (
    "/users?$top=5",
    "/users?$select=id,signInActivity",
    "/users/bram@vandermeer.example",
    "/groups",
    "/directoryRoles",
    "/applications",
    "/servicePrincipals",
    "/organization",
    "/domains",
    "/auditLogs/signIns",
    "/roleManagement/directory/roleAssignments",
    "/roleManagement/directory/roleDefinitions",
    "/directory/deletedItems/microsoft.graph.user",
    "/users/bram@vandermeer.example/authentication/methods",
    "/users/bram@vandermeer.example/memberOf",
    "/users/bram@vandermeer.example/authentication/temporaryAccessPassMethods",
    "/roleManagement/directory/roleEligibilityScheduleInstances",
    "/roleManagement/directory/roleEligibilitySchedules",
)


def test_every_graph_answer_of_a_tour_fits_its_contract() -> None:
    folder = _folder()
    checker = _checker(folder).Checker(str(folder / "graph" / "graph-v1.0-subset.openapi.json"))
    world = estate()
    world.control("POST", "/cast/act")
    key = world.app(GRAPH)
    one = text(world.graph("GET", "/users/erik.jansen@vandermeer.example", key).json(), "id")
    world.graph("DELETE", f"/users/{one}", key)
    world.control(
        "POST", "/hands", {"do": "graph.use-account", "customer": "vandermeer", "user": "bram@vandermeer.example"}
    )
    for url in GRAPH_TOUR:
        got = world.graph("GET", url, key)
        assert got.status == 200, (url, got.body)
        bad = checker.check("GET", f"https://graph.microsoft.com/v1.0{url}", None, got.status, got.json())
        assert bad == [], (url, bad)
    new: Obj = {
        "accountEnabled": True,
        "displayName": "Sanne Visser",
        "mailNickname": "sanne",
        "userPrincipalName": "sanne@vandermeer.example",
        "passwordProfile": {"password": "not told 1!", "forceChangePasswordNextSignIn": True},
    }
    made = world.graph("POST", "/users", key, new)
    user = text(made.json(), "id")
    role: Obj = {"principalId": user, "roleDefinitionId": READER, "directoryScopeId": "/"}
    writes: list[tuple[str, Obj]] = [
        (f"/users/{user}/authentication/temporaryAccessPassMethods", {"lifetimeInMinutes": 60, "isUsableOnce": True}),
        ("/roleManagement/directory/roleAssignments", role),
        ("/invitations", {"invitedUserEmailAddress": "a@b.example", "inviteRedirectUrl": "https://portal.azure.com"}),
    ]
    for url, body in writes:
        got = world.graph("POST", url, key, body)
        bad = checker.check("POST", f"https://graph.microsoft.com/v1.0{url}", body, got.status, got.json())
        assert got.status == 201 and bad == [], (url, bad)
    refused = world.graph("DELETE", "/users/nobody", key)
    assert checker.check("DELETE", "https://graph.microsoft.com/v1.0/users/nobody", None, 404, refused.json()) == []


def test_what_is_kept_after_a_delete_fits_its_contract() -> None:
    folder = _folder()
    files = [str(folder / "arm-sdk-contract" / f"{one}.json") for one in ("keyvault", "loganalytics")]
    checker, world = _checker(folder).Checker(*files), estate()
    key, sub = world.lighthouse(), f"/subscriptions/{world.subscription()}"
    vault = f"{sub}/resourceGroups/rg-data/providers/Microsoft.KeyVault/vaults/kv-vdm-a?api-version=2026-05-15"
    space = f"{sub}/resourceGroups/rg-intercept-mgmt/providers/Microsoft.OperationalInsights/workspaces/law-intercept"
    assert world.arm("DELETE", vault, key).status == 200
    assert world.finish(world.arm("DELETE", f"{space}?api-version=2025-07-01", key), key) == "Succeeded"
    place = f"{sub}/providers/Microsoft.KeyVault"
    for method, url in (
        ("GET", f"{place}/deletedVaults?api-version=2026-05-15"),
        ("GET", f"{place}/locations/westeurope/deletedVaults/kv-vdm-a?api-version=2026-05-15"),
        ("GET", f"{sub}/providers/Microsoft.OperationalInsights/deletedWorkspaces?api-version=2025-07-01"),
        ("POST", f"{place}/locations/westeurope/deletedVaults/kv-vdm-a/purge?api-version=2026-05-15"),
    ):
        got = world.arm(method, url, key)
        bad = checker.check(method, f"https://management.azure.com{url}", None, got.status, got.json())
        assert got.status == 200 and bad == [], (url, got.body, bad)
