"""Graph's two guards over administrators: who may touch them, and that the last one stays."""

from sendoff.sandbox.arm_access import GLOBAL_ADMIN, is_global_admin
from sendoff.sandbox.graph_filter import error
from sendoff.sandbox.wire import Obj, Response, text
from sendoff.sandbox.world import Identity, Thing, World

PRIVILEGED_AUTH = "7be44c8a-adaf-4e2a-84d6-ab2649e08a13"


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
