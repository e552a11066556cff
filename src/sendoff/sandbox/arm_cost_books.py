"""What Azure charged: a charge a day for each service in each group, the same for the same seed, for 13 months.

History stays when the things it was charged for are deleted: the books follow what the seed made, not what is left.
"""

import hashlib
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sendoff.sandbox.arm_ids import GROUP, SUBSCRIPTION, Place
from sendoff.sandbox.wire import arr, text
from sendoff.sandbox.world import World

MONTHS = 13
"""How far back the vendor keeps cost data for a query, the month that runs among them."""
OURS = "rg-intercept-mgmt"
THEIRS = {
    "rg-data": ("Key Vault", "SQL Database", "Storage"),
    "rg-web": ("Azure App Service", "Bandwidth", "Storage", "Virtual Machines", "Virtual Network"),
}
MINE = {"csp": ("Azure Monitor",), "premium": ("Azure Monitor", "Log Analytics")}
FULL = ("Automation", "Azure Monitor", "Log Analytics")
DIMENSIONS = ("ResourceGroup", "ResourceGroupName", "ServiceName", "ResourceLocation", "SubscriptionId", "ChargeType")


@dataclass(frozen=True, slots=True)
class Charge:
    """One day of one service in one group: `micros` are millionths of a euro, before tax."""

    subscription: str
    group: str
    service: str
    day: date
    micros: int
    hours: int = 24

    def dimension(self, name: str) -> str:
        """The charge's value for one of DIMENSIONS."""
        match name:
            case "ResourceGroup" | "ResourceGroupName":
                return self.group
            case "ServiceName":
                return self.service
            case "SubscriptionId":
                return self.subscription
            case "ResourceLocation":
                return "EU West"
            case _:
                return "Usage"


def booked(world: World, where: Place) -> Iterator[Charge]:
    """Every charge at a subscription, or at one group of it, up to the civil clock's day."""
    today = world.now.date()
    first = today.replace(day=1)
    for _ in range(MONTHS - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    for group, services in _groups(world, where.subscription):
        if where.group in ("", group.lower()):
            for service in services:
                for at in range((today - first).days + 1):
                    yield _charge(world, where.subscription, group, service, first + timedelta(days=at))


def _groups(world: World, subscription: str) -> list[tuple[str, tuple[str, ...]]]:
    home = world.get("arm", SUBSCRIPTION, f"/subscriptions/{subscription}")
    customer = world.customers.get(home.owner) if home else None
    if customer is None:
        return []
    noted = [text(one, "id").lower() for one in arr(customer.known.get("onboarding")) if text(one, "kind") == GROUP]
    found = sorted(THEIRS.items())
    if f"/subscriptions/{subscription}/resourcegroups/{OURS}" in noted:
        found.append((OURS, MINE.get(text(customer.known, "tier"), FULL)))
    return found


def _charge(world: World, subscription: str, group: str, service: str, day: date) -> Charge:
    """A month costs 5 to 400 euro, and a fifth more or less than other months; its days cost the same."""
    name = f"{subscription}/{group}/{service}"
    month = 5_000_000 + _drawn(world, name) % 395_000_000
    swing = 80 + _drawn(world, f"{name}/{day:%Y-%m}") % 41
    return Charge(subscription, group, service, day, month * swing // 100 // monthrange(day.year, day.month)[1])


def _drawn(world: World, name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{world.seed}/{name}".encode()).digest()[:6], "big")
