"""A policy of the customer that lets guests in from our addresses alone: planted by hand, and mended by them."""

from sendoff.sandbox.graph_apps import LOCATION, POLICY
from sendoff.sandbox.seed_build import CUSTOMERS, Build
from sendoff.sandbox.wire import Json, Obj, text
from sendoff.sandbox.world import Customer, World

TYPE = "#microsoft.graph."


def plant(world: World, customer: Customer, asked: Obj) -> list[str]:
    """By hand: years ago a policy was made that lets guests in from the supplier's addresses alone."""
    build = Build(world, next(one for one in CUSTOMERS if one.slug == customer.slug), customer.tenant)
    held: list[Json] = [{"@odata.type": f"{TYPE}iPv4CidrRange", "cidrAddress": "198.51.100.16/29"}]
    place: Obj = {"@odata.type": f"{TYPE}ipNamedLocation", "displayName": "Beheer", "isTrusted": True}
    location = build.graph(LOCATION, build.guid("location", "only"), {**place, "ipRanges": held})
    conditions: Obj = {
        "users": {"includeUsers": ["GuestsOrExternalUsers"], "excludeUsers": []},
        "applications": {"includeApplications": ["All"], "excludeApplications": []},
        "locations": {"includeLocations": ["All"], "excludeLocations": [location.id]},
    }
    raw: Obj = {"displayName": "Gasten alleen vanaf beheer", "state": "enabled", "conditions": conditions}
    grant: Obj = {"operator": "OR", "builtInControls": ["block"]}
    policy = build.graph(POLICY, build.guid("policy", "only"), {**raw, "grantControls": grant})
    return [location.key, policy.key]


def mend(world: World, customer: Customer, asked: Obj) -> list[str]:
    """By hand: the customer lets the addresses of the new supplier in as well, and takes those of ours out."""
    found = [one for one in world.all("graph", LOCATION) if one.place == customer.tenant]
    mine = [one for one in found if text(one.raw, "displayName") == "Beheer"]
    held: list[Json] = [{"@odata.type": f"{TYPE}iPv4CidrRange", "cidrAddress": "192.0.2.0/27"}]
    for one in mine:
        world.change(one, {"ipRanges": held})
    return [one.key for one in mine]
