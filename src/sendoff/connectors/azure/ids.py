"""Azure resource ids: taken apart, compared without regard to case, and held inside the customer's subscriptions."""

import re
from collections.abc import Iterable

from sendoff.model.errors import Refused

PROVIDERS = "/providers/"
STRANGE = re.compile(r"[?%\\\x00-\x1f]|//|/\.{1,2}(/|$)")
"""What no resource id holds, and what could lead a path astray."""


def bare(subscription: str) -> str:
    """A subscription's guid in lower case, from a guid or an id."""
    return subscription.strip("/").rsplit("/", 1)[-1].lower()


def root(subscription: str) -> str:
    """The id of a subscription."""
    return f"/subscriptions/{bare(subscription)}"


def subscription_of(ident: str) -> str:
    """The subscription's guid in lower case; empty for what lies above subscriptions."""
    parts = ident.lower().split("/")
    return parts[2] if len(parts) > 2 and parts[:2] == ["", "subscriptions"] else ""


def group_of(ident: str) -> str:
    """The id of the resource group around it, in the spelling of the id; empty when there is none."""
    parts = ident.split("/")
    return "/".join(parts[:5]) if len(parts) > 4 and parts[3].lower() == "resourcegroups" else ""


def scope_of(ident: str) -> str:
    """What an extension, such as a lock or an assignment, sits on."""
    cut = ident.lower().rfind(PROVIDERS)
    return ident[:cut] if cut >= 0 else ident


def type_of(ident: str) -> str:
    """The resource type, such as microsoft.sql/servers/databases, in lower case; groups have a type of ARM's own."""
    cut = ident.lower().rfind(PROVIDERS)
    if cut < 0:
        return "microsoft.resources/resourcegroups" if group_of(ident) else "microsoft.resources/subscriptions"
    parts = ident.lower()[cut + len(PROVIDERS) :].split("/")
    return "/".join([parts[0], *parts[1::2]])


def under(ident: str, scope: str) -> bool:
    """True when an id is the scope or lies below it."""
    low, top = ident.lower(), scope.lower().rstrip("/")
    return low == top or low.startswith(top + "/")


def inside(ident: str, subscriptions: Iterable[str]) -> str:
    """The id, when it is a plain id in one of these subscriptions; else Refused."""
    if STRANGE.search(ident) or not ident.startswith("/"):
        raise Refused(f"{ident!r} is not an Azure resource id")
    if subscription_of(ident) not in subscriptions:
        raise Refused(f"{ident} is not in a subscription that leaves with this customer; nothing was done")
    return ident
