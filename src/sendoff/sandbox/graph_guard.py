"""Graph's guards: who may touch administrators, that the last one stays, and who may manage roles."""

from sendoff.sandbox.arm_access import GLOBAL_ADMIN, is_global_admin
from sendoff.sandbox.graph_filter import error
from sendoff.sandbox.wire import Obj, Response, text
from sendoff.sandbox.world import Identity, Thing, World

PRIVILEGED_AUTH = "7be44c8a-adaf-4e2a-84d6-ab2649e08a13"
PRIVILEGED_ROLE = "e8611ab8-c189-46e8-94e1-60213ab1f814"
MANAGE_ROLES = "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"
"""The app permission RoleManagement.ReadWrite.Directory; that it has this id is unverified."""


def roles_of(world: World, principal: str) -> set[str]:
    """The directory role template ids that a principal holds."""
    return {
        text(one.raw, "roleDefinitionId")
        for one in world.all("graph", "roleAssignment")
        if text(one.raw, "principalId") == principal
    }


def may_touch(world: World, who: Identity, target: Thing) -> bool:
    """A holder of a directory role is touched only by a higher one (Global or Privileged Authentication Admin)."""
    if not roles_of(world, target.id):
        return True
    return bool(roles_of(world, who.principal) & {GLOBAL_ADMIN, PRIVILEGED_AUTH})


def manages_roles(world: World, who: Identity) -> bool:
    """Whether the caller may give and take directory roles: by a role of its own, or as an app by its permission."""
    if roles_of(world, who.principal) & {GLOBAL_ADMIN, PRIVILEGED_ROLE}:
        return True
    return any(
        text(one.raw, "principalId") == who.principal and text(one.raw, "appRoleId") == MANAGE_ROLES
        for one in world.all("graph", "appRoleAssignment")
    )


def denied() -> Response:
    """403 Authorization_RequestDenied."""
    return error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def any_object(world: World, ident: str) -> Obj:
    """The user, group or service principal of an id, saying which of them it is; empty when there is none."""
    for kind in ("user", "group", "servicePrincipal"):
        found = world.get("graph", kind, ident)
        if found is not None:
            return {"@odata.type": f"#microsoft.graph.{kind}", **found.raw}
    return {}


def is_last(world: World, target: Thing) -> bool:
    """Whether `target` is the only enabled user left with Global Administrator."""
    if not is_global_admin(world, target.place, target.id):
        return False
    others = [
        one
        for one in world.all("graph", "user")
        if one.place == target.place
        and one is not target
        and one.raw.get("accountEnabled") is True
        and one.raw.get("externalUserState") != "PendingAcceptance"
        and is_global_admin(world, one.place, one.id)
    ]
    return not others


def refusal() -> Response:
    """400: a directory never goes without a Global Administrator."""
    return error(
        400,
        "Request_BadRequest",
        "The last Global Administrator of a tenant cannot be removed or disabled; assign another one first.",
    )


def directory_role(world: World, tenant: str, role: Thing) -> Obj:
    """The directoryRole object of a role in a tenant."""
    return {
        "@odata.type": "#microsoft.graph.directoryRole",
        "id": world.guid("directoryRole", tenant, role.id),
        "displayName": text(role.raw, "displayName"),
        "description": text(role.raw, "description"),
        "roleTemplateId": role.id,
        "deletedDateTime": None,
    }
