"""Delegations that came or went, as the log of the tenant that manages keeps them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sendoff.sandbox.wire import Obj, text

DELEGATION = "microsoft.managedservices/registrationassignments"
OFFER = "microsoft.managedservices/registrationdefinitions"
SUBSCRIPTION = "microsoft.resources/subscriptions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One that came or went; `at` is UTC with a Z, `tenant` that of the subscription."""

    at: str
    verb: str
    id: str
    subscription: str
    tenant: str
    manager: str


def link(now: datetime, verb: str, own: Obj, subscription: str, raw: Callable[[str, str], Obj]) -> Link:
    """What the log will say of a delegation that comes or goes now; `own` is that one, `raw` gives another of ARM,
    or an empty one."""
    offer = raw(OFFER, text(own, "properties", "registrationDefinitionId"))
    return Link(
        at=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        verb=verb,
        id=text(own, "id"),
        subscription=subscription,
        tenant=text(raw(SUBSCRIPTION, f"/subscriptions/{subscription}"), "tenantId"),
        manager=text(offer, "properties", "managedByTenantId"),
    )
