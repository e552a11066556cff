"""Who may do what in ARM: the caller's key decides (Lighthouse, the app in the customer's tenant, the customer)."""

from datetime import timedelta

from sendoff.sandbox.arm_ids import (
    ASSIGNMENT,
    CONTACT,
    DEFINITION,
    DELEGATION,
    DENY,
    EXEMPTION,
    GROUP,
    LOCK,
    MACHINE,
    OFFER,
    PRICING,
    REMEDIATION,
    ROLE,
    SET,
    TAGS,
    Place,
    place,
    under,
)
from sendoff.sandbox.entra import HOUR, foreign_groups
from sendoff.sandbox.wire import arr, dig, text
from sendoff.sandbox.world import Identity, Thing, World

OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
USER_ACCESS = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
POLICY = "36243c78-bf99-498c-9df9-86d9f8d28608"
MONITORING = "749f88d5-cbae-40b8-bcfc-e573ddc772fa"
SECURITY_ADMIN = "fb1c8493-542b-48eb-b624-b4c8fea62acd"
TAG_CONTRIBUTOR = "4a9ae827-6dc8-4573-8ac7-8239d42aa03f"
VM_CONTRIBUTOR = "9980e02c-c2be-4d73-94e8-173b1dc7cf3c"
UNDELEGATE = "91c1777a-f3dc-4fae-b103-61d183457e46"
GLOBAL_ADMIN = "62e90394-69f5-4237-9190-012177145e10"
POLICIES = frozenset({ASSIGNMENT, DEFINITION, SET, EXEMPTION})
CLOSED = frozenset({LOCK, ROLE, DENY, OFFER})


def managing(world: World, who: Identity) -> bool:
    """Whether the caller comes through the delegation: our Lighthouse principal, or a person of our own tenant."""
    return who.kind == "lighthouse" or (who.kind == "person" and who.tenant == text(world.msp, "tenant_id"))


def may(world: World, who: Identity, where: Place, write: bool) -> bool:
    """Whether the caller may read (or, with `write`, delete or run) what lies at `where`."""
    if not where.subscription:
        return _above(world, who, where, write)
    roles = rights(world, who, where.id)
    if managing(world, who):
        return _delegated(roles, where.kind, write)
    if OWNER in roles:
        return True
    if where.kind in {ROLE, LOCK} and USER_ACCESS in roles:
        return True
    if write:
        return CONTRIBUTOR in roles and not where.kind.startswith("microsoft.authorization/")
    return bool(roles)


def _above(world: World, who: Identity, where: Place, write: bool) -> bool:
    if write:
        return False
    tenantwide = where.id.lower().startswith("/providers/microsoft.management/")
    return not tenantwide or (who.kind == "person" and is_global_admin(world, who.tenant, who.principal))


def _delegated(roles: set[str], kind: str, write: bool) -> bool:
    if kind in {ROLE, DENY}:
        return False
    if kind == DELEGATION and write:
        return UNDELEGATE in roles
    if (kind in POLICIES or kind.startswith(REMEDIATION)) and write:
        return POLICY in roles
    if kind in {PRICING, CONTACT} and write:
        return SECURITY_ADMIN in roles
    if kind == TAGS and write:
        return bool(roles & {TAG_CONTRIBUTOR, CONTRIBUTOR})
    if kind.startswith(f"{MACHINE}/") and write:
        return bool(roles & {VM_CONTRIBUTOR, CONTRIBUTOR})
    if kind in CLOSED and write:
        return False
    return CONTRIBUTOR in roles if write else bool(roles)


def rights(world: World, who: Identity, ident: str) -> set[str]:
    """The role definition guids that the caller holds at an id."""
    if managing(world, who):
        return _lighthouse(world, who, ident)
    home = world.get("arm", "microsoft.resources/subscriptions", "/subscriptions/" + place(ident).subscription)
    if home is None or text(home.raw, "tenantId") != who.tenant:
        return set()
    if who.kind == "person" and is_global_admin(world, who.tenant, who.principal) and not _is_guest(world, who):
        return {OWNER}
    if who.kind == "app" and world.get("graph", "servicePrincipal", who.principal) is None:
        return set()
    names = {who.principal} | (foreign_groups(world, who.tenant, who.principal) if who.kind == "person" else set())
    return {
        text(role.raw, "properties", "roleDefinitionId").rsplit("/", 1)[-1]
        for role in world.all("arm", ROLE)
        if text(role.raw, "properties", "principalId") in names and under(ident, text(role.raw, "properties", "scope"))
    }


def _is_guest(world: World, who: Identity) -> bool:
    user = world.get("graph", "user", who.principal)
    return user is not None and text(user.raw, "userType") == "Guest"


def _lighthouse(world: World, who: Identity, ident: str) -> set[str]:
    found = _lingering(world, who, ident)
    home = world.get("arm", "microsoft.resources/subscriptions", "/subscriptions/" + place(ident).subscription)
    if home is not None and text(home.raw, "tenantId") == who.tenant:
        found.add(READER)
    for link in world.all("arm", DELEGATION):
        if under(ident, place(link.id).scope):
            offer = world.get("arm", OFFER, text(link.raw, "properties", "registrationDefinitionId"))
            found |= authorized(world, offer, who) if offer else set()
    return found


def _lingering(world: World, who: Identity, ident: str) -> set[str]:
    """What a token from before still opens of the delegations that ended a short while ago."""
    pause = timedelta(minutes=world.habits.lingering)
    found: set[str] = set()
    for civil, since, link, offer in world.slow.ended if pause else ():
        if who.expires - HOUR <= since and world.now < civil + pause and under(ident, place(link.id).scope):
            found |= authorized(world, offer, who)
    return found


def authorized(world: World, offer: Thing, who: Identity) -> set[str]:
    """The roles that a registration definition gives to this caller of the managing tenant, or to its groups."""
    if text(offer.raw, "properties", "managedByTenantId") != who.tenant:
        return set()
    grants = arr(dig(offer.raw, "properties", "authorizations"))
    links = [one.raw for one in world.all("graph", "membership") if text(one.raw, "memberId") == who.principal]
    names = {who.principal, *[text(one, "groupId") for one in links]}
    return {text(one, "roleDefinitionId") for one in grants if text(one, "principalId") in names}


def is_global_admin(world: World, tenant: str, principal: str) -> bool:
    """Whether a principal holds Global Administrator in a tenant and can sign in."""
    return any(
        role.place == tenant
        and text(role.raw, "principalId") == principal
        and text(role.raw, "roleDefinitionId") == GLOBAL_ADMIN
        for role in world.all("graph", "roleAssignment")
    )


def locked(world: World, ident: str) -> list[str]:
    """Scopes of the locks that forbid to delete `ident` (its own, those above, and for a group those below)."""
    found = []
    whole = place(ident).kind == GROUP
    for lock in world.all("arm", LOCK):
        scope = place(lock.id).scope
        if under(ident, scope) or (whole and under(scope, ident)):
            found.append(scope)
    return found


def sees(world: World, who: Identity, subscription: Thing) -> bool:
    """Whether GET /subscriptions lists this subscription for the caller."""
    if rights(world, who, subscription.id):
        return True
    if not managing(world, who):
        return False
    groups = [one for one in world.all("arm", GROUP) if under(one.id, subscription.id)]
    return any(rights(world, who, group.id) for group in groups)
