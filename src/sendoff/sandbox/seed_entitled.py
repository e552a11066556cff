"""The seed of rights that no list of assignments shows: eligible roles, our engineers' group, the GDAP relationship."""

from sendoff.sandbox.arm_access import GLOBAL_ADMIN
from sendoff.sandbox.seed_build import CREATED, MSP_DOMAIN, STAFF, Build
from sendoff.sandbox.wire import Obj, text
from sendoff.sandbox.world import Thing, World

GLOBAL_READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"


def engineers(world: World) -> None:
    """The group of our tenant that the delegations name, with our engineers in it."""
    tenant, group = text(world.msp, "tenant_id"), text(world.msp, "engineers_group_id")
    about: Obj = {"id": group, "displayName": "Intercept engineers", "securityEnabled": True, "mailEnabled": False}
    world.add(Thing("graph", "group", group, "msp", about, tenant))
    for _, local, role in STAFF:
        if role == "engineer":
            member = world.guid("user", f"{local}@{MSP_DOMAIN}")
            link: Obj = {"groupId": group, "memberId": member, "rel": "members"}
            world.add(Thing("graph", "membership", f"{group}.{member}", "msp", link, tenant))


def entitled(build: Build) -> None:
    """GDAP with the customer, one eligible role of the customer's own, and above tier csp one of ours."""
    _gdap(build)
    people = [one for one in build.world.all("graph", "user") if one.place == build.tenant]
    own = next(one for one in people if text(one.raw, "jobTitle") == "employee")
    _eligible(build, own.id, GLOBAL_ADMIN)
    ours = next((one for one in people if text(one.raw, "mail") == f"emma@{MSP_DOMAIN}"), None)
    if ours is not None:
        _eligible(build, ours.id, GLOBAL_READER)


def _eligible(build: Build, who: str, role: str) -> None:
    ident = build.guid("eligible", who, role)
    raw: Obj = {
        "principalId": who,
        "roleDefinitionId": role,
        "directoryScopeId": "/",
        "appScopeId": None,
        "startDateTime": CREATED,
        "endDateTime": None,
        "memberType": "Direct",
        "roleEligibilityScheduleId": ident,
        "status": "Provisioned",
    }
    build.graph("roleEligibilitySchedule", ident, raw)


def _gdap(build: Build) -> None:
    ident = f"{build.guid('gdap', 1)}-{build.guid('gdap', 2)}"
    raw: Obj = {
        "id": ident,
        "displayName": f"Intercept {build.plan.short}",
        "status": "active",
        "duration": "P730D",
        "customer": {"tenantId": build.tenant, "displayName": build.plan.name},
        "accessDetails": {"unifiedRoles": [{"roleDefinitionId": GLOBAL_READER}]},
        "createdDateTime": CREATED,
        "activatedDateTime": CREATED,
        "endDateTime": "2027-03-14T08:12:00Z",
        "autoExtendDuration": "P180D",
    }
    build.world.add(
        Thing("graph", "delegatedAdminRelationship", ident, build.plan.slug, raw, text(build.world.msp, "tenant_id"))
    )
    build.note("graph", "delegatedAdminRelationship", ident)
