"""What a complete look at one subscription reads, kind by kind: every page, or it raises."""

from collections.abc import Callable

from sendoff.connectors.azure.client import LOCKS, RESOURCES, Arm
from sendoff.connectors.azure.ids import scope_of, type_of, under
from sendoff.connectors.azure.items import HOLDS_DATA
from sendoff.connectors.wire.body import Object, text
from sendoff.connectors.wire.client import Query
from sendoff.connectors.wire.spread import spread
from sendoff.model.digest import Json
from sendoff.model.inventory import Kind, Target
from sendoff.ports import Sink

POLICY = "2026-06-01"
EXEMPTIONS = "2026-01-01-preview"
ROLES = "2022-04-01"
LIGHTHOUSE = "2022-10-01"
BUDGETS = "2024-08-01"
REMEDIATIONS = "2019-07-01"
"""What the vendor's own package sends [S]; 2021-10-01 and 2024-10-01 are said to exist as well [K]."""
DEPLOYMENTS = "2026-06-01"
BY_POLICY = "policydeployment_"
"""How Azure names the deployments that a policy makes [K], in lower case."""
AUTHORIZATION = "/providers/Microsoft.Authorization"
SERVICES = "/providers/Microsoft.ManagedServices"
CUSTOM: Query = (("$filter", "policyType eq 'Custom'"),)
EXPANDED: Query = (("$expandRegistrationDefinition", "true"),)

PLAIN: dict[Kind, tuple[str, str, Query]] = {
    Kind.GROUP: ("/resourcegroups", RESOURCES, ()),
    Kind.POLICY_ASSIGNMENT: (f"{AUTHORIZATION}/policyAssignments", POLICY, ()),
    Kind.POLICY_EXEMPTION: (f"{AUTHORIZATION}/policyExemptions", EXEMPTIONS, ()),
    Kind.POLICY_SET: (f"{AUTHORIZATION}/policySetDefinitions", POLICY, CUSTOM),
    Kind.POLICY_DEFINITION: (f"{AUTHORIZATION}/policyDefinitions", POLICY, CUSTOM),
    Kind.LOCK: (f"{AUTHORIZATION}/locks", LOCKS, ()),
    Kind.DELEGATION: (f"{SERVICES}/registrationAssignments", LIGHTHOUSE, EXPANDED),
    Kind.DELEGATION_DEFINITION: (f"{SERVICES}/registrationDefinitions", LIGHTHOUSE, ()),
}
FIXED: dict[Kind, str] = {
    **{kind: version for kind, (_, version, _) in PLAIN.items()},
    Kind.ROLE_ASSIGNMENT: ROLES,
    Kind.BUDGET: BUDGETS,
    Kind.POLICY_REMEDIATION: REMEDIATIONS,
    Kind.POLICY_DEPLOYMENT: DEPLOYMENTS,
    Kind.DIAGNOSTIC_SETTING: "2021-05-01-preview",
}
"""The api-versions of the kinds that are not resources; a resource's version is asked for."""


def listed(arm: Arm, kind: Kind) -> list[Object]:
    """Every object of a kind in the subscription, each once, whatever the letters of its id."""
    special = SPECIAL.get(kind)
    found = special(arm) if special is not None else _plain(arm, kind)
    if kind in (Kind.POLICY_SET, Kind.POLICY_DEFINITION):
        found = [one for one in found if text(one, "properties", "policyType") == "Custom"]
    return list({text(one, "id").lower(): one for one in found}.values())


def _plain(arm: Arm, kind: Kind) -> list[Object]:
    path, version, query = PLAIN[kind]
    return arm.listed(arm.root + path, version, f"list every {kind}", query=query)


def estate(arm: Arm) -> list[Object]:
    """Resource Graph united with ARM's own list; an id in only one of them is asked for directly."""
    graph = {text(one, "id").lower(): one for one in arm.graph()}
    plain = {text(one, "id").lower(): one for one in brief(arm)}
    found = [graph[ident] for ident in graph if ident in plain]
    odd = [text(graph.get(ident) or plain[ident], "id") for ident in sorted(graph.keys() ^ plain.keys())]
    found += [row for row in spread(lambda ident: arm.read(ident, arm.version(ident)), odd) if row is not None]
    return sorted(found, key=lambda one: text(one, "id").lower())


def brief(arm: Arm, group: str = "") -> list[Object]:
    """GET …/resources: short rows of the subscription or of one group."""
    return arm.listed(f"{group or arm.root}/resources", RESOURCES, "list resources")


def _roles(arm: Arm) -> list[Object]:
    path = f"{arm.root}{AUTHORIZATION}/roleAssignments"
    below = arm.listed(path, ROLES, "list role assignments")
    return below + arm.listed(path, ROLES, "list role assignments above", query=(("$filter", "atScope()"),))


def _diagnostics(arm: Arm) -> list[Object]:
    rows = spread(arm.diagnostics, [arm.root, *(text(row, "id") for row in brief(arm))])
    return [one for found in rows for one in found]


def _budgets(arm: Arm) -> list[Object]:
    return _everywhere(arm, "Microsoft.Consumption/budgets", BUDGETS, "list budgets")


def _remediations(arm: Arm) -> list[Object]:
    return _everywhere(arm, "Microsoft.PolicyInsights/remediations", REMEDIATIONS, "list remediations")


def _deployments(arm: Arm) -> list[Object]:
    """Only those that a policy made: they tell what stays when it goes."""
    found = _everywhere(arm, "Microsoft.Resources/deployments", DEPLOYMENTS, "list deployments")
    return [one for one in found if text(one, "name").lower().startswith(BY_POLICY)]


def _everywhere(arm: Arm, what: str, version: str, why: str) -> list[Object]:
    """A list that does not reach into groups, asked of the subscription and of each of them."""
    scopes = [arm.root, *(text(group, "id") for group in _plain(arm, Kind.GROUP))]
    rows = spread(lambda scope: arm.listed(f"{scope}/providers/{what}", version, why), scopes)
    return [one for found in rows for one in found]


SPECIAL: dict[Kind, Callable[[Arm], list[Object]]] = {
    Kind.RESOURCE: estate,
    Kind.ROLE_ASSIGNMENT: _roles,
    Kind.DIAGNOSTIC_SETTING: _diagnostics,
    Kind.BUDGET: _budgets,
    Kind.POLICY_REMEDIATION: _remediations,
    Kind.POLICY_DEPLOYMENT: _deployments,
}


def contents(resources: list[Object], group: str) -> tuple[tuple[str, str], ...]:
    """What lies in a group: how many resources, and whether one of them holds data."""
    inside = [text(one, "id") for one in resources if under(text(one, "id"), group)]
    data = any(type_of(one) in HOLDS_DATA for one in inside)
    return (("resources", str(len(inside))), ("holds-data", "yes" if data else "no"))


def hanging(arm: Arm, target: Target, out: Sink) -> Json:
    """What hangs on an object and no list of it shows. The subscription's list of locks has those on the object."""
    locks = arm.locks(out) if target.kind in (Kind.RESOURCE, Kind.GROUP) else []
    own: list[Json] = [one for one in locks if under(scope_of(text(one, "id")), target.id)]
    if target.kind is Kind.RESOURCE:
        return {"locks": own, "diagnosticSettings": [*arm.diagnostics(target.id)]}
    if target.kind is Kind.GROUP:
        return {"locks": own, "resources": [text(one, "id").lower() for one in brief(arm, target.id)]}
    if target.kind is Kind.POLICY_ASSIGNMENT:
        exempt = listed(arm, Kind.POLICY_EXEMPTION)
        return {
            "exemptions": [
                one for one in exempt if text(one, "properties", "policyAssignmentId").lower() == target.id.lower()
            ]
        }
    return {}
