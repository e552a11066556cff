"""Azure resource ids taken apart, and the api-versions each type is served at.

Vendor's page: learn.microsoft.com/rest/api/resources; versions from the contracts of the same day.
"""

from dataclasses import dataclass

AUTH = "microsoft.authorization"
LOCK = f"{AUTH}/locks"
ROLE = f"{AUTH}/roleassignments"
DENY = f"{AUTH}/denyassignments"
ASSIGNMENT = f"{AUTH}/policyassignments"
DEFINITION = f"{AUTH}/policydefinitions"
SET = f"{AUTH}/policysetdefinitions"
EXEMPTION = f"{AUTH}/policyexemptions"
REMEDIATION = "microsoft.policyinsights/remediations"
DELEGATION = "microsoft.managedservices/registrationassignments"
OFFER = "microsoft.managedservices/registrationdefinitions"
BUDGET = "microsoft.consumption/budgets"
DIAGNOSTIC = "microsoft.insights/diagnosticsettings"
GROUP = "microsoft.resources/resourcegroups"
SUBSCRIPTION = "microsoft.resources/subscriptions"
PRICING = "microsoft.security/pricings"
CONTACT = "microsoft.security/securitycontacts"
TAGS = "microsoft.resources/tags"
COST = "microsoft.costmanagement/query"
MACHINE = "microsoft.compute/virtualmachines"
RUN = f"{MACHINE}/runcommand"
VIEW = f"{MACHINE}/instanceview"
SERVICE = "probeservice"
"""A Windows service inside a machine: nothing of ARM's, but part of the world."""
INSIDE = "machineinside"
"""A local account, a task or a service inside a machine, the same."""
EXTENSIONS = frozenset(
    {
        LOCK,
        ROLE,
        DENY,
        ASSIGNMENT,
        EXEMPTION,
        REMEDIATION,
        DELEGATION,
        OFFER,
        BUDGET,
        DIAGNOSTIC,
        DEFINITION,
        SET,
        PRICING,
        CONTACT,
        SERVICE,
        INSIDE,
    }
)

DEPLOYMENT = "microsoft.resources/deployments"
SEARCH = "microsoft.operationalinsights/workspaces/savedsearches"
VARIABLE = "microsoft.automation/automationaccounts/variables"
CONTENT = "microsoft.automation/automationaccounts/runbooks/content"
SCHEDULE = "microsoft.automation/automationaccounts/schedules"
CREDENTIAL = "microsoft.automation/automationaccounts/credentials"
CHILDREN = frozenset({DEPLOYMENT, SEARCH, VARIABLE, CONTENT, SCHEDULE, CREDENTIAL})
"""What no list of resources and no index shows; asked for below its parent."""

_POLICY = ("2026-06-01", "2025-11-01", "2025-03-01", "2026-01-01-preview")
_NETWORK = ("2025-01-01", "2024-05-01")
_COMPUTE = ("2025-04-01", "2024-11-01", "2024-07-01")
_WEB = ("2025-03-01", "2024-11-01")
VERSIONS: dict[str, tuple[str, ...]] = {
    SUBSCRIPTION: ("2022-12-01", "2021-01-01", "2020-01-01"),
    GROUP: ("2025-04-01", "2025-03-01", "2024-11-01", "2021-04-01"),
    "microsoft.resources/resources": ("2025-04-01", "2025-03-01", "2024-11-01", "2021-04-01"),
    "microsoft.resources/providers": ("2025-04-01", "2025-03-01", "2024-11-01", "2021-04-01"),
    "microsoft.resources/exporttemplate": ("2025-04-01", "2025-03-01", "2024-11-01", "2021-04-01"),
    DEPLOYMENT: ("2026-06-01", "2025-04-01"),
    TAGS: ("2025-04-01", "2025-03-01", "2024-11-01", "2021-04-01"),
    PRICING: ("2024-01-01", "2023-01-01"),
    CONTACT: ("2023-12-01-preview", "2020-01-01-preview"),
    "microsoft.resourcegraph/resources": ("2024-04-01", "2022-10-01", "2021-03-01"),
    "microsoft.insights/eventtypes": ("2015-04-01",),
    LOCK: ("2020-05-01", "2017-04-01", "2016-09-01"),
    ROLE: ("2022-04-01", "2020-10-01-preview"),
    DENY: ("2022-04-01", "2024-07-01-preview"),
    ASSIGNMENT: _POLICY,
    DEFINITION: _POLICY,
    SET: _POLICY,
    EXEMPTION: ("2026-01-01-preview", "2022-07-01-preview"),
    REMEDIATION: ("2024-10-01", "2021-10-01", "2019-07-01"),
    DELEGATION: ("2022-10-01", "2020-02-01-preview", "2019-09-01", "2019-06-01"),
    OFFER: ("2022-10-01", "2020-02-01-preview", "2019-09-01", "2019-06-01"),
    BUDGET: ("2024-08-01", "2023-05-01"),
    COST: ("2025-03-01", "2024-08-01", "2023-11-01", "2023-03-01", "2022-10-01", "2021-10-01"),
    DIAGNOSTIC: ("2021-05-01-preview", "2017-05-01-preview"),
    "microsoft.insights/actiongroups": ("2023-01-01", "2022-06-01"),
    "microsoft.insights/metricalerts": ("2018-03-01",),
    "microsoft.insights/scheduledqueryrules": ("2023-12-01", "2022-06-15"),
    "microsoft.insights/activitylogalerts": ("2020-10-01",),
    "microsoft.insights/datacollectionrules": ("2023-03-11", "2022-06-01"),
    "microsoft.automation/automationaccounts": ("2024-10-23", "2023-11-01"),
    "microsoft.automation/automationaccounts/runbooks": ("2024-10-23", "2023-11-01"),
    "microsoft.operationalinsights/workspaces": ("2025-07-01", "2023-09-01"),
    "microsoft.keyvault/vaults": ("2026-05-15", "2023-07-01"),
    "microsoft.keyvault/deletedvaults": ("2026-05-15", "2023-07-01"),
    "microsoft.keyvault/locations": ("2026-05-15", "2023-07-01"),
    "microsoft.operationalinsights/deletedworkspaces": ("2025-07-01", "2023-09-01"),
    "microsoft.storage/storageaccounts": ("2025-01-01", "2023-05-01"),
    MACHINE: _COMPUTE,
    "microsoft.compute/disks": ("2025-01-02", "2024-03-02"),
    "microsoft.network/virtualnetworks": _NETWORK,
    "microsoft.network/dnszones": ("2018-05-01",),
    "microsoft.network/networkinterfaces": _NETWORK,
    "microsoft.network/publicipaddresses": _NETWORK,
    "microsoft.network/networksecuritygroups": _NETWORK,
    "microsoft.web/sites": _WEB,
    "microsoft.web/serverfarms": _WEB,
    "microsoft.sql/servers": ("2023-08-01", "2021-11-01"),
    "microsoft.sql/servers/databases": ("2023-08-01", "2021-11-01"),
    "microsoft.managementpartner/partners": ("2018-02-01",),
    "microsoft.recoveryservices/vaults/backupprotecteditems": ("2026-10-01", "2025-02-01"),
    "microsoft.recoveryservices/vaults": ("2026-11-01", "2025-02-01"),
}
SPELLED = {
    "actiongroups": "actionGroups",
    "metricalerts": "metricAlerts",
    "scheduledqueryrules": "scheduledQueryRules",
    "activitylogalerts": "activityLogAlerts",
    "datacollectionrules": "dataCollectionRules",
    "sql": "Sql",
    "automationaccounts": "automationAccounts",
    "costmanagement": "CostManagement",
    "storageaccounts": "storageAccounts",
    "keyvault": "KeyVault",
    "virtualmachines": "virtualMachines",
    "virtualnetworks": "virtualNetworks",
    "managedservices": "ManagedServices",
    "networkinterfaces": "networkInterfaces",
    "publicipaddresses": "publicIPAddresses",
    "serverfarms": "serverFarms",
    "networksecuritygroups": "networkSecurityGroups",
    "operationalinsights": "OperationalInsights",
    "recoveryservices": "RecoveryServices",
    "diagnosticsettings": "diagnosticSettings",
    "eventtypes": "eventtypes",
    "securitycontacts": "securityContacts",
    "roleassignments": "roleAssignments",
    "denyassignments": "denyAssignments",
    "resourcegroups": "resourceGroups",
    "policyassignments": "policyAssignments",
    "policydefinitions": "policyDefinitions",
    "policysetdefinitions": "policySetDefinitions",
    "policyexemptions": "policyExemptions",
    "policyinsights": "PolicyInsights",
    "savedsearches": "savedSearches",
    "registrationassignments": "registrationAssignments",
    "registrationdefinitions": "registrationDefinitions",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A path: an object when `name` is set, else a list of `kind` at `scope`. `kind` is lower case."""

    id: str
    scope: str
    kind: str
    name: str
    subscription: str
    group: str


def place(path: str) -> Place:
    """Take an ARM path apart; kinds and ids compare in lower case."""
    path = "/" + path.strip("/")
    low = path.lower()
    subscription = _after(low, "/subscriptions/")
    group = _after(low, "/resourcegroups/")
    cut = low.rfind("/providers/")
    if cut < 0:
        return _bare(path, subscription, group)
    parts = path[cut + len("/providers/") :].split("/")
    if len(parts) == 1:
        return Place(path, path[:cut] or "/", "microsoft.resources/providers", parts[0], subscription, group)
    kinds, named = [parts[0].lower(), *[one.lower() for one in parts[1::2]]], len(parts) % 2 == 1
    return Place(path, path[:cut] or "/", "/".join(kinds), parts[-1] if named else "", subscription, group)


def _bare(path: str, subscription: str, group: str) -> Place:
    parts = path.strip("/").split("/")
    last = parts[-1].lower()
    if len(parts) == 1:
        return Place(path, "/", f"microsoft.resources/{last}", "", "", "")
    if len(parts) % 2:
        return Place(path, "/" + "/".join(parts[:-1]), f"microsoft.resources/{last}", "", subscription, group)
    return Place(
        path, "/" + "/".join(parts[:-2]), f"microsoft.resources/{parts[-2].lower()}", parts[-1], subscription, group
    )


def _after(low: str, mark: str) -> str:
    return low.split(mark, 1)[1].split("/", 1)[0] if mark in low else ""


def under(ident: str, scope: str) -> bool:
    """Whether an id is the scope itself or lies below it."""
    low, top = ident.lower(), scope.lower().rstrip("/")
    return low == top or low.startswith(top + "/")


def versions(kind: str) -> tuple[str, ...] | None:
    """The api-versions of a type; a child without its own takes the first parent's; None when unknown."""
    while kind.count("/") >= 1:
        if kind in VERSIONS:
            return VERSIONS[kind]
        kind = kind.rsplit("/", 1)[0]
    return None


def spell(kind: str) -> str:
    """A type as the vendor writes it: Microsoft.Insights/actionGroups."""
    first, *rest = kind.split("/")
    name = first.removeprefix("microsoft.")
    return "/".join([f"Microsoft.{SPELLED.get(name, name.capitalize())}", *[SPELLED.get(one, one) for one in rest]])
