"""The seed of Azure Policy: our definitions, initiative, assignments and exemption, and what only looks like ours."""

from sendoff.sandbox.arm_access import CONTRIBUTOR
from sendoff.sandbox.arm_ids import ASSIGNMENT, DEFINITION, EXEMPTION, ROLE, SET
from sendoff.sandbox.seed_build import CREATED, Build
from sendoff.sandbox.wire import Json, Obj
from sendoff.sandbox.world import Thing, World

BUILT_IN = ("e56962a6-4747-49cd-b67b-bf8b01975c4c", "1e30110a-5ceb-460c-a204-c1c3969c6d62")
NAMES = ("INT-require-tags", "INT-audit-backup", "INT-deploy-agent", "INT-deny-public-ip")
MINE: Obj = {"assignedBy": "Intercept", "category": "Intercept"}


def policies(build: Build, sub: str) -> None:
    """4 definitions, 1 initiative, 3 assignments and 1 exemption of ours, beside the customer's own."""
    scope = f"/subscriptions/{sub}"
    auth = f"{scope}/providers/Microsoft.Authorization"
    built_in(build.world)
    _definitions(build, sub, auth)
    _initiative(build, sub, auth)
    _assignments(build, sub, scope, auth)
    _exemption(build, sub, scope, auth)
    _neighbours(build, sub, scope, auth)


def _definitions(build: Build, sub: str, auth: str) -> None:
    for name in NAMES:
        _add(
            build,
            DEFINITION,
            f"{auth}/policyDefinitions/{name}",
            {
                "policyType": "Custom",
                "mode": "Indexed",
                "displayName": name,
                "metadata": {**MINE},
                "parameters": {},
                "policyRule": {
                    "if": {"field": "type", "equals": "Microsoft.Compute/virtualMachines"},
                    "then": {"effect": "deployIfNotExists" if "deploy" in name else "audit"},
                },
            },
            sub,
        )


def _initiative(build: Build, sub: str, auth: str) -> None:
    parts: list[Json] = [
        {"policyDefinitionId": f"{auth}/policyDefinitions/{one}", "parameters": {}, "policyDefinitionReferenceId": one}
        for one in NAMES[:2]
    ]
    _add(
        build,
        SET,
        f"{auth}/policySetDefinitions/INT-baseline",
        {
            "policyType": "Custom",
            "displayName": "INT-baseline",
            "metadata": {**MINE},
            "parameters": {},
            "policyDefinitions": parts,
        },
        sub,
    )


def _add(build: Build, kind: str, ident: str, properties: Obj, sub: str, *, ours: bool = True, **more: Json) -> None:
    build.arm(kind, ident, {"properties": properties, **more}, sub)
    if ours:
        build.note("arm", kind, ident)


def _assigned(scope: str, target: str, name: str, by: Obj) -> Obj:
    return {
        "displayName": name,
        "policyDefinitionId": target,
        "scope": scope,
        "notScopes": [],
        "parameters": {},
        "metadata": {**by, "createdOn": CREATED},
        "enforcementMode": "Default",
    }


def _assignments(build: Build, sub: str, scope: str, auth: str) -> None:
    base = f"{auth}/policyAssignments"
    _add(
        build,
        ASSIGNMENT,
        f"{base}/INT-baseline",
        _assigned(scope, f"{auth}/policySetDefinitions/INT-baseline", "INT-baseline", MINE),
        sub,
    )
    who = build.guid("policy-identity", sub)
    identity: Json = {"type": "SystemAssigned", "principalId": who, "tenantId": build.tenant}
    _add(
        build,
        ASSIGNMENT,
        f"{base}/INT-agent",
        _assigned(scope, f"{auth}/policyDefinitions/INT-deploy-agent", "INT-agent", MINE),
        sub,
        identity=identity,
        location="westeurope",
    )
    group = f"{scope}/resourceGroups/rg-web"
    _add(
        build,
        ASSIGNMENT,
        f"{group}/providers/Microsoft.Authorization/policyAssignments/INT-deny-public-ip",
        _assigned(group, f"{auth}/policyDefinitions/INT-deny-public-ip", "INT-deny-public-ip", MINE),
        sub,
    )
    _left_behind(build, sub, scope, auth, who)


def _left_behind(build: Build, sub: str, scope: str, auth: str, who: str) -> None:
    """The role assignment of the policy's identity, which outlives the policy assignment."""
    left = f"{auth}/roleAssignments/{build.guid('role', sub, 'policy-identity')}"
    _add(
        build,
        ROLE,
        left,
        {
            "scope": scope,
            "principalId": who,
            "principalType": "ServicePrincipal",
            "roleDefinitionId": f"{auth}/roleDefinitions/{CONTRIBUTOR}",
            "createdOn": CREATED,
            "description": "identity of INT-agent",
        },
        sub,
    )


def _exemption(build: Build, sub: str, scope: str, auth: str) -> None:
    ident = f"{scope}/resourceGroups/rg-data/providers/Microsoft.Authorization/policyExemptions/INT-data"
    _add(
        build,
        EXEMPTION,
        ident,
        {
            "policyAssignmentId": f"{auth}/policyAssignments/INT-baseline",
            "exemptionCategory": "Waiver",
            "displayName": "INT-data",
            "metadata": {**MINE},
        },
        sub,
    )


def _neighbours(build: Build, sub: str, scope: str, auth: str) -> None:
    theirs: Obj = {"assignedBy": build.plan.name}
    _add(
        build,
        DEFINITION,
        f"{auth}/policyDefinitions/INT-own-naming",
        {
            "policyType": "Custom",
            "mode": "All",
            "displayName": "INT-own-naming",
            "metadata": {"category": "Internal"},
            "parameters": {},
            "policyRule": {"if": {"field": "name", "like": "*"}, "then": {"effect": "audit"}},
        },
        sub,
        ours=False,
    )
    _add(
        build,
        ASSIGNMENT,
        f"{auth}/policyAssignments/INT-own-naming",
        _assigned(scope, f"{auth}/policyDefinitions/INT-own-naming", "INT-own-naming", theirs),
        sub,
        ours=False,
    )
    _add(
        build,
        ASSIGNMENT,
        f"{auth}/policyAssignments/{build.plan.short}-locations",
        _assigned(
            scope, f"/providers/Microsoft.Authorization/policyDefinitions/{BUILT_IN[0]}", "Allowed locations", theirs
        ),
        sub,
        ours=False,
    )
    _inherited(build, theirs)


def _inherited(build: Build, theirs: Obj) -> None:
    """The customer's assignment on its management group: seen from the subscription, never ours."""
    above = f"/providers/Microsoft.Management/managementGroups/mg-{build.plan.short}"
    _add(
        build,
        ASSIGNMENT,
        f"{above}/providers/Microsoft.Authorization/policyAssignments/corp-tagging",
        _assigned(above, f"/providers/Microsoft.Authorization/policyDefinitions/{BUILT_IN[1]}", "corp-tagging", theirs),
        build.tenant,
        ours=False,
    )


def built_in(world: World) -> None:
    """The definitions that Microsoft brings; nobody can delete them."""
    for ident, name in zip(BUILT_IN, ("Allowed locations", "Require a tag on resources"), strict=True):
        whole = f"/providers/Microsoft.Authorization/policyDefinitions/{ident}"
        raw: Obj = {
            "id": whole,
            "name": ident,
            "type": "Microsoft.Authorization/policyDefinitions",
            "properties": {
                "policyType": "BuiltIn",
                "mode": "Indexed",
                "displayName": name,
                "metadata": {"category": "General"},
                "parameters": {},
                "policyRule": {"if": {"field": "location", "exists": "true"}, "then": {"effect": "deny"}},
            },
        }
        if world.get("arm", DEFINITION, whole) is None:
            world.add(Thing("arm", DEFINITION, whole, "vendor", raw))
