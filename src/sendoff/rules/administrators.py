"""Administrators found -> the customer's own: enabled, neither ours nor the new supplier's, registered for MFA."""

from collections.abc import Sequence

from sendoff.model.inventory import Item, Kind, Verb
from sendoff.model.plan import Action

ENOUGH = 2
"""Fewer lock the customer out when one of them leaves or loses a phone."""


def own_administrators(items: Sequence[Item]) -> tuple[Item, ...]:
    """The customer's own administrators who are registered for MFA."""
    return tuple(item for item in items if item.kind is Kind.ADMINISTRATOR and is_own(item) and _registered(item))


def is_own(item: Item) -> bool:
    """Enabled, a person, and the customer's."""
    theirs = item.fact("ours") == "no" and item.fact("supplier") != "yes"
    return theirs and item.fact("enabled") == "yes"


def _registered(item: Item) -> bool:
    """Registered for MFA, or seen to have signed in with it."""
    return item.fact("mfa-registered") == "yes" or bool(item.fact("last-mfa-sign-in"))


def may_lock_out(action: Action) -> bool:
    """True for accounts, and for groups and directory roles unless the plan says that they make no administrator."""
    if action.kind in (Kind.DIRECTORY_GROUP, Kind.DIRECTORY_ROLE):
        return action.verb is Verb.REMOVE and action.said("administrators") != "no"
    return action.verb in (Verb.REMOVE, Verb.DISABLE) and action.kind in (Kind.USER, Kind.GUEST)
