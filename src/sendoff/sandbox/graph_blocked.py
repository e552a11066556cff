"""Conditional Access by network: whom a policy that blocks keeps out, by where they come from.

Vendor's page: learn.microsoft.com/entra/identity/conditional-access/concept-assignment-network. A policy in report-only
state blocks nobody.
"""

from ipaddress import ip_address, ip_network

from sendoff.sandbox.wire import Obj, arr, dig, obj, text, words
from sendoff.sandbox.world import Thing, World

POLICY, LOCATION = "conditionalAccessPolicy", "namedLocation"


def blocked(world: World, tenant: str, user: Thing, address: str) -> bool:
    """Whether a policy of the tenant that blocks is about this user, and this address is not left out of it."""
    policies = (one.raw for one in world.all("graph", POLICY) if one.place == tenant)
    return any(_about(world, one, user) and not _left_out(world, one, address) for one in policies if _blocks(one))


def _blocks(policy: Obj) -> bool:
    return text(policy, "state") == "enabled" and "block" in words(dig(policy, "grantControls", "builtInControls"))


def _about(world: World, policy: Obj, user: Thing) -> bool:
    users = obj(dig(policy, "conditions", "users"))
    if user.id in words(users.get("excludeUsers")):
        return False
    named = words(users.get("includeUsers"))
    guest = text(user.raw, "userType") == "Guest" and "GuestsOrExternalUsers" in named
    roles = [one.raw for one in world.all("graph", "roleAssignment") if text(one.raw, "principalId") == user.id]
    held = {text(one, "roleDefinitionId") for one in roles} & set(words(users.get("includeRoles")))
    return "All" in named or user.id in named or guest or bool(held)


def _left_out(world: World, policy: Obj, address: str) -> bool:
    where = obj(dig(policy, "conditions", "locations"))
    if "All" not in words(where.get("includeLocations")):
        return True
    admitted = words(where.get("excludeLocations"))
    for one in world.all("graph", LOCATION):
        trusted = "AllTrusted" in admitted and one.raw.get("isTrusted") is True
        if (one.id in admitted or trusted) and _inside(one.raw, address):
            return True
    return False


def _inside(location: Obj, address: str) -> bool:
    ranges = (ip_network(text(one, "cidrAddress")) for one in arr(location.get("ipRanges")))
    return any(ip_address(address) in one for one in ranges)
