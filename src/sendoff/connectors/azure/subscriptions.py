"""What somebody who signed in sees of Azure: the subscriptions, whose they are, and who manages them."""

from dataclasses import dataclass

from sendoff.connectors.azure.client import AUDIENCE, READS, SUBSCRIPTIONS, SYSTEM, arm_code
from sendoff.connectors.wire.body import rows, text
from sendoff.connectors.wire.client import Call, Clients, Http
from sendoff.connectors.wire.login.client import TokenSource
from sendoff.ports import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSubscription:
    """One subscription. `id` is the bare guid, `tenant` the Entra tenant that it belongs to, `managed_by` the tenants
    that manage it through Lighthouse."""

    id: str
    tenant: str
    name: str
    state: str
    managed_by: tuple[str, ...]


def subscriptions(
    source: TokenSource, *, clients: Clients, limits: Limits, arm_url: str = AUDIENCE
) -> tuple[SeenSubscription, ...]:
    """GET /subscriptions, every page, in the order of their names. Raises as Http does; an empty answer is one."""
    http = Http(
        system=SYSTEM,
        base=arm_url,
        bucket="arm|person",
        clients=clients,
        limits=limits,
        sign=source.sign,
        code=arm_code,
    )
    query = (("api-version", SUBSCRIPTIONS),)
    call = Call(method="GET", path="/subscriptions", what="list subscriptions", pace=READS, query=query, repeat=True)
    found = [
        SeenSubscription(
            id=text(row, "subscriptionId"),
            tenant=text(row, "tenantId"),
            name=text(row, "displayName"),
            state=text(row, "state"),
            managed_by=tuple(text(one, "tenantId") for one in rows(row, "managedByTenants")),
        )
        for row in http.pages(call, rows="value", following="nextLink")
    ]
    return tuple(sorted(found, key=lambda one: (one.name.lower(), one.id)))
