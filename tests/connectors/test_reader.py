"""Through Lighthouse, who looks is another principal than who acts, where we have one."""

import pytest

from fakes.connector_desk import SLUG, Desk, deed
from sendoff.connectors.azure.client import AzureDoors
from sendoff.connectors.azure.connector import AzureConnector
from sendoff.connectors.wire.login.client import ClientCredentials
from sendoff.model.errors import Denied
from sendoff.model.inventory import Cell, Kind, Verb
from sendoff.model.key import Key
from sendoff.model.secret import Secret
from sendoff.sandbox.arm_access import READER
from sendoff.sandbox.arm_ids import OFFER
from sendoff.sandbox.seed_people import principal
from sendoff.sandbox.wire import arr, dig, obj
from sendoff.sandbox.world import Thing

CLIENT, IDENT = "0b9f3c1e-5a52-4a55-8d0e-6a1d7c2f9e01", "0b9f3c1e-5a52-4a55-8d0e-6a1d7c2f9e02"


def reader(desk: Desk, *, may_read: bool = True) -> AzureConnector:
    """Our hands with a second principal, which the customer's delegations give Reader."""
    world, home = desk.sandbox.world, desk.facts.provider.tenant
    raw = principal(IDENT, CLIENT, "Intercept reader", home)
    world.add(Thing("graph", "servicePrincipal", IDENT, "msp", raw, home))
    world.secrets[CLIENT], world.roles[CLIENT] = "reads-only", "lighthouse"
    for offer in world.all("arm", OFFER) if may_read else []:
        if offer.owner == SLUG:
            grants = [*arr(dig(offer.raw, "properties", "authorizations"))]
            grants.append(
                {"principalId": IDENT, "roleDefinitionId": READER, "principalIdDisplayName": "Intercept reader"}
            )
            world.change(offer, {"properties": {**obj(offer.raw["properties"]), "authorizations": grants}})
    who = ClientCredentials(tenant=home, client_id=CLIENT, secret=Secret("reads-only"))
    doors = AzureDoors(lighthouse=desk.ours("lighthouse"), app=desk.app(), reader=who)
    return AzureConnector(desk.facts, doors, clients=desk.clients, limits=desk.limits)


def by(desk: Desk, since: int) -> set[str]:
    rows = [row for row in desk.sandbox.world.record.rows[since:] if row["type"] == "call" and row["vendor"] == "arm"]
    return {str(row["caller"]) for row in rows}


def cell_of(hand: AzureConnector, kind: Kind) -> Cell:
    return next(cell for cell in hand.cells() if cell.kind is kind and cell.key is Key.LIGHTHOUSE)


def test_the_reader_looks_and_the_first_one_acts() -> None:
    desk = Desk()
    hand = reader(desk)
    since = len(desk.sandbox.world.record.rows)
    found = list(hand.look(cell_of(hand, Kind.POLICY_EXEMPTION), desk.tray))
    mine = next(item for item in found if item.name.startswith("INT"))
    assert hand.read(mine.target, desk.tray) is not None
    looked, since = by(desk, since), len(desk.sandbox.world.record.rows)

    hand.apply(deed(mine, Verb.REMOVE), once=mine.image, out=desk.tray)

    assert looked == {"lighthouse:Intercept reader"}
    assert by(desk, since) == {"lighthouse:Intercept lighthouse"}
    assert len({bucket for bucket in desk.limits.taken if "arm|" in bucket}) >= 2, "each has limits of its own"


def test_a_reader_who_may_not_is_a_blind_spot_and_nobody_looks_in_their_place() -> None:
    desk = Desk()
    hand = reader(desk, may_read=False)
    with pytest.raises(Denied):
        list(hand.look(cell_of(hand, Kind.GROUP), desk.tray))


def test_a_probe_tries_both() -> None:
    desk = Desk()
    hand = reader(desk)
    hand.probe(Key.LIGHTHOUSE)
    desk.sandbox.world.secrets[CLIENT] = "another"
    with pytest.raises(Denied):
        hand.probe(Key.LIGHTHOUSE)
