"""Last key out: which things are ways in that this program itself stands on, and so go last."""

from sendoff.model.facts import Facts
from sendoff.model.inventory import Item, Kind


def is_executors(item: Item, facts: Facts) -> bool:
    """True for the identity this program works with, and for the rights it works by (H3)."""
    executor = facts.provider.executor.lower()
    if not executor:
        return False
    if item.kind is Kind.SERVICE_PRINCIPAL:
        return item.id.lower() == executor
    if item.kind is Kind.APP_REGISTRATION:
        return item.fact("executor") == "yes"
    return item.kind in _RIGHTS and item.fact("principalId").lower() == executor


_RIGHTS = frozenset({Kind.ROLE_ASSIGNMENT, Kind.DIRECTORY_ROLE, Kind.CONSENT, Kind.PARTNER_LINK})
"""Rights that name their holder; the platform removes them with the app that held them."""
