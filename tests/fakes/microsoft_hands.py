"""Partner Center at the desk of the customer who leaves, and the facts that a transfer and a look at Azure need."""

from dataclasses import replace

from fakes.connector_desk import SLUG, Desk, deed
from sendoff.connectors.partner_center.client import PartnerCenterDoors
from sendoff.connectors.partner_center.connector import PartnerCenterConnector
from sendoff.connectors.wire.login.refresh_client import RefreshGrant
from sendoff.model.facts import Administrator, Facts, Invited, Recorded
from sendoff.model.inventory import Item, Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.plan import NEEDS_BEFORE_IMAGE, Action
from sendoff.model.secret import Secret
from sendoff.model.state import StepId
from sendoff.ports import Connector
from sendoff.sandbox.wire import Obj, arr, dig, obj, text
from sendoff.sandbox.world import Thing

PARTNER = "partner-center"
RECORDED = {
    "tag": Kind.TAG,
    "microsoft.security/pricings": Kind.DEFENDER_PLAN,
    "microsoft.security/securitycontacts": Kind.SECURITY_CONTACT,
}


def app_user(desk: Desk) -> RefreshGrant:
    """Our app with a person of ours in Partner Center."""
    ours = dig(desk.known, "msp", "partner_center")
    return RefreshGrant(
        tenant=desk.facts.provider.tenant,
        client_id=text(ours, "client_id"),
        secret=Secret(text(ours, "client_secret")),
        refresh_token=Secret(text(ours, "refresh_token")),
    )


def partner_center(desk: Desk, *, accept_by_api: bool = False) -> PartnerCenterConnector:
    doors = PartnerCenterDoors(app_user=app_user(desk), house=desk.ours("house"), accept_by_api=accept_by_api)
    return PartnerCenterConnector(desk.facts, doors, clients=desk.clients, limits=desk.limits)


def all_ended(desk: Desk) -> None:
    """Nothing that the customer bought through us is active any more."""
    for thing in desk.sandbox.world.all(PARTNER, "subscription"):
        if thing.owner == SLUG:
            desk.sandbox.world.change(thing, {"status": "expired", "autoRenewEnabled": False})


def unrelating(desk: Desk, connector: Connector) -> Action:
    """The end of the reseller relationship, when nothing stands in its way."""
    all_ended(desk)
    cell = next(one for one in connector.cells() if one.kind is Kind.RELATIONSHIP)
    return deed(next(iter(connector.look(cell, desk.tray))), Verb.REMOVE)


def revoked(desk: Desk) -> None:
    """The secret of our app is another one now."""
    desk.sandbox.world.secrets[app_user(desk).client_id] = "rotated"


def requested(desk: Desk, *, status: str = "Active", target: str = "", ident: str = "") -> str:
    """A transfer as the new supplier asks for it, without lines; its id."""
    world, name = desk.sandbox.world, ident or "5b3c7d0e-0f4b-4d2e-9a43-3c8f2f7d1e11"
    raw: Obj = {
        "id": name,
        "status": status,
        "transferType": "5",
        "createdTime": "2026-11-20T08:00:00Z",
        "expirationTime": "2026-12-20T08:00:00+00:00",
        "customerTenantId": desk.facts.customer.tenant,
        "sourcePartnerTenantId": desk.facts.provider.tenant,
        "targetPartnerTenantId": target or text(desk.known, "customers", SLUG, "new_supplier", "tenant_id"),
        "targetPartnerName": "Noordzee Cloud",
        "targetProductTypes": ["AzureSubscription", "AzureReservation", "OnlineServicesNCE"],
        "lineItems": [],
    }
    world.add(Thing(PARTNER, "transfer", name, SLUG, raw, desk.facts.customer.tenant))
    return name


def with_supplier(desk: Desk, how: Invited = Invited.GUEST, role: str = "") -> Facts:
    """The facts in which the customer permits the new supplier one administrator."""
    new = dig(desk.known, "customers", SLUG, "new_supplier")
    permitted = Administrator(
        name=text(new, "administrator", "name"),
        mail=text(new, "administrator", "mail"),
        role=role or text(new, "administrator", "role"),
        how=how,
    )
    assert desk.facts.supplier is not None
    supplier = replace(desk.facts.supplier, tenant=text(new, "tenant_id"), administrator=permitted)
    return replace(desk.facts, supplier=supplier)


def with_record(desk: Desk) -> Facts:
    """The facts with what onboarding changed, and the machine of the probe."""
    mine = dig(desk.known, "customers", SLUG)
    rows = [obj(one) for one in arr(dig(mine, "onboarding"))]
    record = tuple(
        Recorded(system=System.AZURE, kind=RECORDED[text(one, "kind")], id=text(one, "id"), before=text(one, "before"))
        for one in rows
        if text(one, "kind") in RECORDED
    )
    places = replace(desk.facts.places, prtg_probe_host=text(mine, "prtg", "probe_host"))
    return replace(desk.facts, record=record, places=places)


def asked(
    item: Item | None, kind: Kind, verb: Verb, target: str, scope: str, *content: tuple[str, str], key: Key
) -> Action:
    """An action on something that may not be there yet, or that a person does."""
    before = item.image if item is not None and verb in NEEDS_BEFORE_IMAGE else None
    return Action(
        step=StepId("test"),
        system=System.ENTRA if kind in (Kind.NEW_ADMINISTRATOR, Kind.ADMINISTRATOR) else System.PARTNER_CENTER,
        verb=verb,
        kind=kind,
        target=target,
        name=target,
        scope=scope,
        key=key,
        why="a test",
        before=before,
        content=content,
    )
