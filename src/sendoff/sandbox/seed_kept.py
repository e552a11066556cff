"""A subscription of the MSP's own, with what of a customer lies in it. Not in the seed: a hand plants it."""

from sendoff.sandbox.arm_ids import SUBSCRIPTION, spell
from sendoff.sandbox.seed_build import CREATED, MSP_DOMAIN
from sendoff.sandbox.wire import Json, Obj, text
from sendoff.sandbox.world import Customer, Thing, World


def plant(world: World, customer: Customer, asked: Obj) -> list[str]:
    """The subscription, and in it a zone, a peering and a store of the customer beside things that are not."""
    sub = world.guid("msp", "subscription")
    root, tenant = f"/subscriptions/{sub}", text(world.msp, "tenant_id")
    raw: Obj = {"id": root, "subscriptionId": sub, "displayName": "intercept-platform", "tenantId": tenant}
    world.add(Thing("arm", SUBSCRIPTION, root, "msp", {**raw, "state": "Enabled"}, sub))
    theirs = world.guid(customer.slug, "subscription", _first(world, customer))
    far = f"/subscriptions/{theirs}/resourceGroups/rg-web/providers/Microsoft.Network/virtualNetworks/vnet"
    peerings: list[Json] = [{"name": "to-customer", "properties": {"remoteVirtualNetwork": {"id": far}}}]
    rows: tuple[tuple[str, str, Obj, Obj], ...] = (
        ("microsoft.network/dnszones", customer.domain, {}, {}),
        ("microsoft.network/virtualnetworks", "vnet-hub", {}, {"virtualNetworkPeerings": peerings}),
        ("microsoft.storage/storageaccounts", "stbackups", {"customer": customer.slug}, {}),
        ("microsoft.network/dnszones", MSP_DOMAIN, {}, {}),
        ("microsoft.storage/storageaccounts", "stothers", {"customer": "meerzicht"}, {}),
    )
    return [_one(world, sub, kind, name, tags, about) for kind, name, tags, about in rows][:3]


def _first(world: World, customer: Customer) -> str:
    held = (one for one in world.all("arm", SUBSCRIPTION) if one.owner == customer.slug)
    return text(next(held).raw, "displayName")


def _one(world: World, sub: str, kind: str, name: str, tags: Obj, about: Obj) -> str:
    space, _, rest = spell(kind).partition("/")
    ident = f"/subscriptions/{sub}/resourceGroups/rg-platform/providers/{space}/{rest}/{name}"
    raw: Obj = {"id": ident, "name": name, "type": spell(kind), "location": "westeurope", "tags": tags}
    whole: Obj = {**raw, "properties": {"provisioningState": "Succeeded", **about}, "createdTime": CREATED}
    return world.add(Thing("arm", kind, ident, "msp", whole, sub)).key
