"""A person of ours signs in for one run: Partner Center, and the ways into a customer that only a partner has."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx2
import pytest

from fakes.houses import LEAVER, NoLimits, Stage, card, stage
from fakes.in_process import InProcess
from sendoff.engine.tray import Tray
from sendoff.model.errors import Denied
from sendoff.model.inventory import Cell, Kind, System
from sendoff.model.key import Key
from sendoff.ports import Connector
from sendoff.sandbox.entra_device import approve
from sendoff.settings import AppUser, CustomerSettings, PartnerCenterSettings
from sendoff.wiring.control import Control
from sendoff.wiring.house import House, wired

AGENT, ENGINEER = "paul@intercept.example", "erik@intercept.example"


@dataclass
class Run:
    """One run of the program, in which somebody types the codes that it tells."""

    one: Stage
    who: str
    told: list[str] = field(default_factory=list)

    def types(self, code: str, where: str) -> None:
        self.told.append(code)
        assert where == "https://microsoft.com/devicelogin"
        assert approve(self.one.sandbox.world, code, self.who) is None

    def house(self) -> House:
        """Without a stored refresh token, and without an app of ours in the customer's tenant."""
        told, sandbox = self.one.house.settings, self.one.sandbox
        assert told.partner_center is not None
        user = AppUser(client_id=told.partner_center.app_user.client_id, secret=told.partner_center.app_user.secret)
        row = CustomerSettings(tenant=told.customers[LEAVER].tenant)
        changed = told.model_copy(
            update={
                "data": self.one.folder / self.who,
                "partner_center": PartnerCenterSettings(url=told.partner_center.url, app_user=user),
                "customers": {LEAVER: row},
            }
        )
        client = httpx2.Client(transport=InProcess(sandbox))
        control = Control(card(sandbox), InProcess(sandbox))
        return wired(settings=changed, clients=lambda: client, control=control, limits=NoLimits(), sign_in=self.types)

    def hand(self, system: System) -> Connector:
        found = self.house().world.connector(self.one.facts(), system)
        assert found is not None
        return found

    def kinds(self, system: System, *kinds: Kind) -> dict[Cell, int]:
        """How much is in each cell of these kinds, by the key that reads it."""
        hand, tray = self.hand(system), Tray(self.one.house.desk.ports.store, "L1")
        return {cell: len(list(hand.look(cell, tray))) for cell in hand.cells() if cell.kind in kinds}


@pytest.fixture
def one(tmp_path: Path) -> Stage:
    return stage(tmp_path)


def test_an_admin_agent_reads_rights_and_directory_without_any_app_in_the_tenant(one: Stage) -> None:
    run = Run(one, AGENT)

    rights = run.kinds(System.AZURE, Kind.ROLE_ASSIGNMENT)
    people = run.kinds(System.ENTRA, Kind.USER, Kind.SERVICE_PRINCIPAL)

    assert {cell.key for cell in rights} == {Key.AOBO} and all(rights.values())
    assert {cell.key for cell in people} == {Key.GDAP} and all(people.values())


def test_without_the_foreign_group_and_the_relationship_nobody_gets_in(one: Stage) -> None:
    world = one.sandbox.world
    for row in world.all("arm", "microsoft.authorization/roleassignments"):
        if row.raw.get("properties", {}).get("principalType") == "ForeignGroup":  # type: ignore[union-attr]
            world.remove(row)
    for row in world.all("graph", "delegatedAdminRelationship"):
        world.change(row, {"status": "terminated"})

    with pytest.raises(Denied, match="not for this audience or tenant"):
        Run(one, AGENT).kinds(System.ENTRA, Kind.USER)


def test_an_engineer_who_is_no_admin_agent_gets_neither_in(one: Stage) -> None:
    with pytest.raises(Denied):
        Run(one, ENGINEER).kinds(System.AZURE, Kind.ROLE_ASSIGNMENT)
    with pytest.raises(Denied):
        Run(one, ENGINEER).hand(System.PARTNER_CENTER).probe(Key.PARTNER_CENTER)


def test_who_signs_in_only_looks(one: Stage) -> None:
    assert Run(one, AGENT).hand(System.ENTRA).able == {}
    azure = Run(one, AGENT).hand(System.AZURE).able.values()
    assert azure and not [ability for ability in azure if ability.key is Key.AOBO]


def test_one_code_opens_azure_and_directory_and_a_second_one_partner_center(one: Stage) -> None:
    run = Run(one, AGENT)
    house = run.house()
    facts = one.facts()
    for system, key in (
        (System.AZURE, Key.AOBO),
        (System.ENTRA, Key.GDAP),
        (System.PARTNER_CENTER, Key.PARTNER_CENTER),
    ):
        hand = house.world.connector(facts, system)
        assert hand is not None
        hand.probe(key)
        hand.probe(key)

    assert len(run.told) == 2


def test_nothing_of_the_sign_in_is_kept(one: Stage) -> None:
    run = Run(one, AGENT)
    run.hand(System.PARTNER_CENTER).probe(Key.PARTNER_CENTER)
    tokens = [*one.sandbox.world.tokens, *one.sandbox.world.refresh]
    assert tokens

    kept = [file for file in one.folder.rglob("*") if file.is_file()]
    found = [file for file in kept for token in tokens if token.encode() in file.read_bytes()]

    assert kept and [file.name for file in found] == ["partner-refresh"] * len(found), "that one is the rehearsal's own"


def test_without_a_person_and_a_stored_token_partner_center_says_who_is_needed(one: Stage) -> None:
    run = Run(one, AGENT)
    house = run.house()
    people = replace(house, world=house.world)
    people.world.people = lambda app: None
    hand = people.world.connector(one.facts(), System.PARTNER_CENTER)
    assert hand is not None
    with pytest.raises(Denied, match="Admin agents signs in for the run"):
        hand.probe(Key.PARTNER_CENTER)
