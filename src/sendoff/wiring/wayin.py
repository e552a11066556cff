"""How a person comes in to look: the sign-in, the way to the customer's subscriptions, and which of them are shown."""

import shutil
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sendoff.connectors.azure.client import AUDIENCE as ARM
from sendoff.connectors.azure.subscriptions import SeenSubscription, subscriptions
from sendoff.connectors.wire.login.cli_client import AzureCli
from sendoff.connectors.wire.login.client import PersonSignIn, TokenSource
from sendoff.connectors.wire.login.device_client import DeviceCode
from sendoff.model.errors import BadInput, Denied
from sendoff.model.inventory import BlindSpot, Cell, Kind, System
from sendoff.model.key import Key
from sendoff.model.template import Tier
from sendoff.ports import Limits
from sendoff.settings import AzureSettings, Settings
from sendoff.wiring.buckets import MemoryLimits
from sendoff.wiring.control import read_card, trusting
from sendoff.wiring.pools import Clients, pool_per_thread
from sendoff.wiring.whoweare import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for: a tenant, perhaps a few of its subscriptions by id or name, and who we are."""

    tenant: str
    only: tuple[str, ...] = ()
    tier: Tier = Tier.FULL_STACK
    us: Told = field(default_factory=Told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wires:
    """The sign-in of a person, and what it goes through."""

    person: PersonSignIn
    clients: Clients
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class WayIn:
    """How the person comes into the customer's Azure, and which subscriptions that shows."""

    source: TokenSource
    through: str
    seen: tuple[SeenSubscription, ...]


def wires_for(settings: Settings, *, device_code: bool, say: Callable[[str, str], None]) -> Wires:
    """The Azure CLI where there is one, else a device code, which `say` tells. Nothing is kept on a disk."""
    verify: ssl.SSLContext | bool = trusting(read_card(settings.sandbox)) if settings.sandbox else True
    clients, limits = pool_per_thread(verify), MemoryLimits()
    if not device_code and shutil.which("az"):
        return Wires(person=AzureCli(), clients=clients, limits=limits)
    person = DeviceCode(say=say, clients=clients, limits=limits, login_url=settings.login.url)
    return Wires(person=person, clients=clients, limits=limits)


def checked_tenant(tenant: str) -> str:
    """The tenant's id. BadInput when it is no guid: a domain name would be looked up by nobody here."""
    try:
        return str(UUID(tenant))
    except ValueError:
        pass
    raise BadInput("give the id of the customer's Entra tenant, a guid", where=f"--tenant {tenant}")


def way_in(asked: Asked, settings: Settings, wires: Wires) -> WayIn:
    """Into their own tenant where the person has an account or stands in for the partner, else through a delegation:
    whichever shows more subscriptions, and their own tenant when both show the same."""
    ways = (
        _way(asked, settings, wires, asked.tenant, "an account in their tenant"),
        _way(asked, settings, wires, "", "a delegation to the tenant of who signed in"),
    )
    return max((way for way in ways if way is not None), key=lambda way: len(way.seen))


def _way(asked: Asked, settings: Settings, wires: Wires, tenant: str, through: str) -> WayIn | None:
    source = wires.person.tokens(ARM, tenant)
    url = (settings.azure or AzureSettings()).url
    try:
        found = subscriptions(source, clients=wires.clients, limits=wires.limits, arm_url=url)
    except Denied:
        if not tenant:
            raise
        return None
    theirs = tuple(one for one in found if one.tenant.lower() == asked.tenant.lower())
    return WayIn(source=source, through=through if theirs else "none", seen=theirs)


def wanted(asked: Asked, seen: Sequence[SeenSubscription]) -> tuple[SeenSubscription, ...]:
    only = {one.lower() for one in asked.only}
    return tuple(one for one in seen if not only or {one.id.lower(), one.name.lower()} & only)


def unseen(asked: Asked, rows: Sequence[SeenSubscription]) -> tuple[BlindSpot, ...]:
    """Subscriptions that were asked for by name and are not shown; or the tenant, when it shows none at all."""
    known = {name.lower() for row in rows for name in (row.id, row.name)}
    absent = [one for one in asked.only if one.lower() not in known]
    if not rows and not absent:
        absent = [asked.tenant]
    why = "who signed in is shown no subscription of that name; that is not the same as there being none"
    return tuple(
        BlindSpot(
            cell=Cell(system=System.AZURE, kind=Kind.RESOURCE, scope=one, key=Key.LIGHTHOUSE),
            reason=why,
            code="NotShown",
            denied=True,
        )
        for one in absent
    )
