"""The seed of Azure: subscriptions, the delegation to us and the role assignments."""

from sendoff.sandbox.arm_access import (
    CONTRIBUTOR,
    MONITORING,
    OWNER,
    POLICY,
    SECURITY_ADMIN,
    TAG_CONTRIBUTOR,
    UNDELEGATE,
    VM_CONTRIBUTOR,
)
from sendoff.sandbox.arm_ids import DELEGATION, OFFER, ROLE, SUBSCRIPTION
from sendoff.sandbox.seed_build import CREATED, Build
from sendoff.sandbox.seed_onboarded import onboarded
from sendoff.sandbox.seed_ours import ours
from sendoff.sandbox.seed_policy import policies
from sendoff.sandbox.seed_theirs import theirs, unmanaged
from sendoff.sandbox.wire import Json, Obj, text


def azure(build: Build) -> None:
    """All subscriptions of a customer."""
    leaver = any(leaves for _, leaves in build.plan.subscriptions)
    for at, (name, leaves) in enumerate(build.plan.subscriptions):
        sub = build.guid("subscription", name)
        _subscription(build, sub, name)
        if leaver and not leaves:
            unmanaged(build, sub)
            role(build, sub, build.guid("group", "sg-azure-owners"), "Group", OWNER)
            continue
        _delegation(build, sub)
        _roles(build, sub)
        ours(build, sub, full=at == 0)
        theirs(build, sub, first=at == 0)
        onboarded(build, sub, first=at == 0)
        if at == 0 and build.plan.tier != "csp":
            policies(build, sub)


def _subscription(build: Build, sub: str, name: str) -> None:
    tenants: list[Json] = [{"tenantId": text(build.world.msp, "tenant_id")}]
    raw: Obj = {
        "subscriptionId": sub,
        "displayName": name,
        "tenantId": build.tenant,
        "state": "Enabled",
        "authorizationSource": "RoleBased",
        "managedByTenants": tenants,
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "CSP_2015-05-01",
            "spendingLimit": "Off",
        },
    }
    thing = build.arm(SUBSCRIPTION, f"/subscriptions/{sub}", raw, sub)
    for key in ("name", "type"):
        del thing.raw[key]


def _delegation(build: Build, sub: str) -> None:
    world, scope = build.world, f"/subscriptions/{sub}/providers/Microsoft.ManagedServices"
    who = world.guid("msp", "lighthouse", "principal")
    grants: list[Json] = [
        {"principalId": who, "principalIdDisplayName": "Intercept automation", "roleDefinitionId": one}
        for one in (CONTRIBUTOR, POLICY, MONITORING, SECURITY_ADMIN, TAG_CONTRIBUTOR, VM_CONTRIBUTOR, UNDELEGATE)
    ]
    grants.append(
        {
            "principalId": text(world.msp, "engineers_group_id"),
            "roleDefinitionId": CONTRIBUTOR,
            "principalIdDisplayName": "Intercept engineers",
        }
    )
    offer = f"{scope}/registrationDefinitions/{build.guid('offer', sub)}"
    build.arm(
        OFFER,
        offer,
        {
            "properties": {
                "registrationDefinitionName": "Intercept managed services",
                "description": "Managed by Intercept",
                "managedByTenantId": text(world.msp, "tenant_id"),
                "managedByTenantName": "Intercept",
                "manageeTenantId": build.tenant,
                "manageeTenantName": build.plan.name,
                "provisioningState": "Succeeded",
                "authorizations": grants,
            }
        },
        sub,
    )
    link = f"{scope}/registrationAssignments/{build.guid('delegation', sub)}"
    build.arm(
        DELEGATION, link, {"properties": {"registrationDefinitionId": offer, "provisioningState": "Succeeded"}}, sub
    )
    build.note("arm", OFFER, offer)
    build.note("arm", DELEGATION, link)


def role(build: Build, sub: str, who: str, kind: str, definition: str, note: bool = False) -> str:
    """An Azure role assignment at the subscription."""
    scope = f"/subscriptions/{sub}"
    ident = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{build.guid('role', sub, who, definition)}"
    build.arm(
        ROLE,
        ident,
        {
            "properties": {
                "scope": scope,
                "principalId": who,
                "principalType": kind,
                "createdOn": CREATED,
                "updatedOn": CREATED,
                "roleDefinitionId": f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{definition}",
                "createdBy": build.guid("user", "onboarding"),
                "updatedBy": build.guid("user", "onboarding"),
            }
        },
        sub,
    )
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
