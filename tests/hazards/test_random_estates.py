"""Provenance is never wrong towards ours: in random estates nothing that is somebody else's is ever judged ours.

Each estate is planted in the sandbox, with the truth beside it, and looked at through the real connectors. Two kinds of
things of theirs are left out, since no system can tell them from ours: what one of us made for them within 90 days and
gave our tag, and what they put into a group of ours with our tag longer ago than the log remembers.
"""

import os
import random
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from fakes.connector_desk import SLUG, Desk
from sendoff.connectors.azure.client import AzureDoors
from sendoff.connectors.azure.connector import AzureConnector
from sendoff.connectors.entra.client import EntraDoors
from sendoff.connectors.entra.connector import EntraConnector
from sendoff.model.facts import Facts, Recorded
from sendoff.model.inventory import Cell, Decision, Item, Kind, Provenance, System, Whose
from sendoff.model.situation import Owned
from sendoff.rules.provenance import owned
from sendoff.sandbox.seed_build import CUSTOMERS, Build
from sendoff.sandbox.seed_people import user
from sendoff.sandbox.seed_resource import group, resource
from sendoff.sandbox.wire import Json, Obj
from sendoff.sandbox.world import Thing

ESTATES = int(os.environ.get("ESTATES", "50"))
"""`make soak` asks for a thousand."""
MOST = 60
OUR_TAG: Obj = {"managedBy": "intercept"}
ERIK, BRAM = "person:erik@intercept.example", "person:bram@vandermeer.example"
ALERT, ROLE, POLICY = "microsoft.insights/metricalerts", "microsoft.authorization/roleassignments", "policyassignments"
LOOKED_AT = {
    System.AZURE: (Kind.RESOURCE, Kind.GROUP, Kind.POLICY_ASSIGNMENT, Kind.ROLE_ASSIGNMENT),
    System.ENTRA: (Kind.USER, Kind.GUEST, Kind.SERVICE_PRINCIPAL),
}
Judge = Callable[[Sequence[Item], Facts, Mapping[str, Decision]], tuple[Owned, ...]]


@dataclass
class Estate:
    """What was planted: the truth by id in lower case, and the record as onboarding would have written it."""

    desk: Desk
    chance: random.Random
    number: int
    truth: dict[str, bool] = field(default_factory=dict)
    record: list[Recorded] = field(default_factory=list)
    planted: list[Thing] = field(default_factory=list)

    def __post_init__(self) -> None:
        world = self.desk.sandbox.world
        plan = next(one for one in CUSTOMERS if one.slug == SLUG)
        self.build = Build(world, plan, world.customers[SLUG].tenant)
        self.sub = next(row.id for row in self.desk.facts.leaving if row.system is System.AZURE)
        self.place = f"rg-ours-{self.number}"
        self._plain(lambda: group(self.build, self.sub, self.place))
        self._plain(lambda: group(self.build, self.sub, f"rg-theirs-{self.number}"))
        self.note(Kind.GROUP, f"/subscriptions/{self.sub}/resourceGroups/{self.place}")

    def name(self) -> str:
        """A name that nothing else has; half of all names are in our style, whosever they are."""
        return f"{self.chance.choice(('intercept', 'vdm'))}-{self.number}-{len(self.truth)}"

    def guid(self, *what: str | int) -> str:
        return self.desk.sandbox.world.guid("random-estate", self.number, len(self.truth), *what)

    def note(self, kind: Kind, ident: str) -> None:
        """A row of the record, in letters of its own."""
        spelled = self.chance.choice((ident, ident.upper(), ident.lower()))
        system = System.AZURE if ident.startswith("/") else System.ENTRA
        self.record.append(Recorded(system=system, kind=kind, id=spelled))

    def alert(self, ours: bool, *, tag: bool = False, inside: bool = False, by: str = "", days: int = 3) -> str:
        """A resource; `by` is who made it, as the log says."""
        where = self.place if inside else f"rg-theirs-{self.number}"
        tags: Obj = {**OUR_TAG} if tag else {"cost": "web"}
        name = self.name()
        ident = self._plain(lambda: resource(self.build, self.sub, where, ALERT, name, tags=tags))
        self.truth[ident.lower()] = ours
        if by:
            self.log("created", ident, by, days)
        return ident

    def log(self, verb: str, ident: str, by: str, days: int) -> None:
        world = self.desk.sandbox.world
        with world.record.by(by):
            world.record.effect((world.now - timedelta(days=days)).isoformat(), verb, f"arm.{ALERT}", ident, SLUG)

    def policy(self, ours: bool, **metadata: Json) -> str:
        name = self.name()
        ident = f"/subscriptions/{self.sub}/providers/Microsoft.Authorization/policyAssignments/{name}"
        raw: Obj = {"properties": {"displayName": name, "metadata": metadata, "scope": f"/subscriptions/{self.sub}"}}
        self._plain(lambda: self.build.arm(f"microsoft.authorization/{POLICY}", ident, raw, self.sub).id)
        self.truth[ident.lower()] = ours
        return ident

    def right(self, ours: bool, principal: str, kind: str) -> None:
        ident = f"/subscriptions/{self.sub}/providers/Microsoft.Authorization/roleAssignments/{self.guid('right')}"
        inner: Obj = {"principalId": principal, "principalType": kind, "scope": f"/subscriptions/{self.sub}"}
        raw: Obj = {"properties": {**inner, "roleDefinitionId": "/providers/x/roleDefinitions/reader"}}
        self._plain(lambda: self.build.arm(ROLE, ident, raw, self.sub).id)
        self.truth[ident.lower()] = ours

    def account(self, ours: bool, address: str, *, guest: bool = False, record: bool = False) -> str:
        ident, name = self.guid("user"), self.chance.choice(("Intercept Beheer", "Bram Kok"))
        signs_in = f"{address.replace('@', '_')}#EXT#@vandermeer.example" if guest else address
        raw = user(ident, name, address, userPrincipalName=signs_in, userType="Guest" if guest else "Member")
        self._plain(lambda: self.build.graph("user", ident, raw).id)
        self.truth[ident] = ours
        if record:
            self.note(Kind.USER, ident)
        return ident

    def mailed(self, address: str) -> str:
        """An account of theirs whose mail goes to us."""
        ident = self.account(False, address)
        found = self.desk.sandbox.world.get("graph", "user", ident)
        assert found is not None
        found.raw["mail"] = "noc@intercept.example"
        return ident

    def app(self, ours: bool, tenant: str | None) -> str:
        ident = self.guid("app")
        raw: Obj = {"id": ident, "appId": self.guid("client"), "displayName": self.name()}
        raw |= {"appOwnerOrganizationId": tenant, "accountEnabled": True, "servicePrincipalType": "Application"}
        self._plain(lambda: self.build.graph("servicePrincipal", ident, raw).id)
        self.truth[ident] = ours
        return ident

    def identity(self, thing: str, *, kind: str = "ManagedIdentity", explicit: bool = False) -> str:
        """A service principal that says it is the managed identity of a thing."""
        ident = self.guid("identity")
        names: list[Json] = [f"isExplicit={explicit}", thing]
        raw: Obj = {"id": ident, "appId": self.guid("client"), "displayName": self.name()}
        raw |= {"alternativeNames": names, "appOwnerOrganizationId": None, "servicePrincipalType": kind}
        self._plain(lambda: self.build.graph("servicePrincipal", ident, raw).id)
        return ident

    def _plain(self, make: Callable[[], str]) -> str:
        """Made long ago: the log of 90 days has no line of it."""
        world = self.desk.sandbox.world
        before = {thing.key for vendor in ("arm", "graph") for thing in world.each(vendor)}
        world.quiet = True
        ident = make()
        world.quiet = False
        self.planted += [
            thing for vendor in ("arm", "graph") for thing in world.each(vendor) if thing.key not in before
        ]
        return ident

    def cleared(self) -> None:
        """The next estate begins with the same world."""
        world = self.desk.sandbox.world
        world.quiet = True
        for thing in self.planted:
            world.remove(thing)
        world.quiet = False


def noted_policy(one: Estate) -> str:
    """A policy assignment that onboarding recorded."""
    ident = one.policy(True)
    one.note(Kind.POLICY_ASSIGNMENT, ident)
    return ident


def ours(one: Estate) -> tuple[Callable[[], object], ...]:
    """Ways in which a thing of ours comes into an estate."""
    tenant = one.desk.facts.provider.tenant
    return (
        lambda: one.note(Kind.RESOURCE, one.alert(True)),
        lambda: one.alert(True, tag=True, inside=True),
        lambda: one.alert(True, tag=True, by=ERIK),
        lambda: one.note(Kind.POLICY_ASSIGNMENT, one.policy(True)),
        lambda: one.right(True, one.app(True, tenant), "ServicePrincipal"),
        lambda: one.right(True, one.identity(one.alert(True, tag=True, inside=True)), "ServicePrincipal"),
        lambda: one.right(True, one.identity(noted_policy(one).upper(), explicit=True), "ServicePrincipal"),
        lambda: one.right(True, one.account(True, f"emma{len(one.truth)}@intercept.example", guest=True), "User"),
        lambda: one.right(True, one.account(True, f"svc{len(one.truth)}@vandermeer.example", record=True), "User"),
    )


def theirs(one: Estate) -> tuple[Callable[[], object], ...]:
    """Ways in which a thing of theirs comes there, many of them looking like ours."""
    serial = len(one.truth)
    return (
        lambda: one.alert(False),
        lambda: one.alert(False, tag=True),
        lambda: one.alert(False, tag=True, by=BRAM),
        lambda: one.alert(False, tag=True, by="person:erik@notintercept.example"),
        lambda: one.alert(False, tag=True, by=ERIK, days=91),
        lambda: one.alert(False, tag=True, inside=True, by=BRAM),
        lambda: one.alert(False, inside=True),
        lambda: one.alert(False, by=ERIK),
        lambda: one.note(Kind.TAG, one.alert(False, tag=True)),
        lambda: one.log("changed", one.alert(False, tag=True), ERIK, 2),
        lambda: one.policy(False, managedBy="intercept"),
        lambda: one.policy(False, assignedBy="Intercept", source="intercept.example"),
        lambda: one.policy(False, principal=one.desk.facts.provider.principals[0]),
        lambda: one.policy(False, createdBy=one.desk.facts.provider.executor),
        lambda: one.right(False, one.account(False, f"bram{serial}@vandermeer.example"), "User"),
        lambda: one.right(False, one.mailed(f"in{serial}@vandermeer.example"), "User"),
        lambda: one.right(False, one.account(False, f"x{serial}@notintercept.example", guest=True), "User"),
        lambda: one.right(False, one.account(False, f"x{serial}@intercept.example.evil.example", guest=True), "User"),
        lambda: one.right(False, one.app(False, one.guid("another tenant")), "ServicePrincipal"),
        lambda: one.right(False, one.app(False, None), "ServicePrincipal"),
        lambda: one.right(False, one.identity(one.alert(False)), "ServicePrincipal"),
        lambda: one.right(False, one.identity(one.alert(False, tag=True, by=BRAM)), "ServicePrincipal"),
        lambda: one.right(False, one.identity(f"{one.alert(False)}-gone"), "ServicePrincipal"),
        lambda: one.right(False, one.identity(noted_policy(one), kind="Application"), "ServicePrincipal"),
        lambda: one.right(False, one.guid("gone"), "User"),
        lambda: one.right(False, one.guid("another company"), "ForeignGroup"),
    )


def estate(desk: Desk, seed: int) -> Estate:
    """At most 60 things, of which about a third is ours."""
    chance = random.Random(seed)
    found = Estate(desk, chance, seed)
    goal = chance.randint(5, MOST - 2)
    while len(found.truth) < goal:
        chance.choice(ours(found) if chance.random() < 0.35 else theirs(found))()
    return found


def said(one: Estate) -> dict[str, Provenance]:
    """Whose everything planted is, by id in lower case."""
    items, facts = looked(one)
    return {row.item.id.lower(): row.provenance for row in owned(items, facts, {}) if row.item.id.lower() in one.truth}


def looked(one: Estate) -> tuple[list[Item], Facts]:
    """What the real connectors see, and the facts with the record."""
    desk, now = one.desk, one.desk.sandbox.world.now
    facts = replace(desk.facts, record=tuple(one.record))
    azure = AzureConnector(facts, AzureDoors(app=desk.app()), clients=desk.clients, limits=desk.limits, now=lambda: now)
    entra = EntraConnector(facts, EntraDoors(app=desk.app()), clients=desk.clients, limits=desk.limits)
    cells = [cell for hand in (azure, entra) for cell in hand.cells() if _wanted(cell, one.sub)]
    items = [item for cell in cells for item in (azure if cell.system is System.AZURE else entra).look(cell, desk.tray)]
    return items, facts


def wrongly_ours(one: Estate, judge: Judge = owned) -> tuple[list[str], int]:
    """What is called ours and is not, and how many things of ours were called ours."""
    items, facts = looked(one)
    seen = {item.id.lower() for item in items}
    missing = {ident for ident, mine in one.truth.items() if ident not in seen and mine}
    assert not missing, "a thing that no look shows proves nothing"
    called = [row.item for row in judge(items, facts, {}) if row.provenance.whose is Whose.OURS]
    mine = {item.id.lower() for item in called if one.truth.get(item.id.lower()) is True}
    return [f"{item.kind} {item.name}" for item in called if one.truth.get(item.id.lower()) is False], len(mine)


def _wanted(cell: Cell, sub: str) -> bool:
    return cell.kind in LOOKED_AT[cell.system] and (cell.system is System.ENTRA or cell.scope.lower() == sub.lower())


def cleaned() -> Desk:
    """A customer of whom only what keys need is left."""
    desk = Desk()
    world = desk.sandbox.world
    world.quiet = True
    kept = (ROLE, "microsoft.resources/subscriptions", "microsoft.managed")
    for thing in list(world.each("arm")):
        if thing.owner == SLUG and not thing.kind.startswith(kept):
            world.remove(thing)
    world.quiet = False
    return desk


@pytest.fixture(scope="module")
def desk() -> Desk:
    return cleaned()


def seeds() -> Iterator[int]:
    """Fixed ones, and one that is printed."""
    yield from range(1, ESTATES + 1)
    yield secrets.randbelow(10**9) + 1000


def test_in_no_random_estate_is_a_thing_of_theirs_called_ours(desk: Desk) -> None:
    right, things = 0, 0
    for seed in seeds():
        one = estate(desk, seed)
        wrong, found = wrongly_ours(one)
        one.cleared()
        print(f"seed {seed}: {len(one.truth)} things, {found} rightly called ours")
        assert not wrong, f"seed {seed}: {wrong}"
        assert len(one.truth) <= MOST
        right, things = right + found, things + len(one.truth)
    assert right > ESTATES and things > ESTATES * 10


def by_tag(items: Sequence[Item], facts: Facts, decisions: Mapping[str, Decision]) -> tuple[Owned, ...]:
    """A wrong rule: a tag decides."""
    return tuple(_ours_if(row, "managedBy=intercept") for row in owned(items, facts, decisions))


def by_name(items: Sequence[Item], facts: Facts, decisions: Mapping[str, Decision]) -> tuple[Owned, ...]:
    """A wrong rule: a name decides."""
    return tuple(_ours_if(row, "Intercept") for row in owned(items, facts, decisions))


def by_right(items: Sequence[Item], facts: Facts, decisions: Mapping[str, Decision]) -> tuple[Owned, ...]:
    """A wrong rule: whom nobody knows is one of us."""
    return tuple(
        _ours(row) if row.item.kind is Kind.ROLE_ASSIGNMENT and row.provenance.whose is Whose.UNKNOWN else row
        for row in owned(items, facts, decisions)
    )


def _ours_if(row: Owned, value: str) -> Owned:
    return _ours(row) if any(sign.value == value for sign in row.item.signs) else row


def _ours(row: Owned) -> Owned:
    return replace(row, provenance=replace(row.provenance, whose=Whose.OURS))


def by_identity(items: Sequence[Item], facts: Facts, decisions: Mapping[str, Decision]) -> tuple[Owned, ...]:
    """A wrong join: the managed identity of anything is taken for one of ours."""
    return tuple(_ours(row) if row.item.fact("identity-of") else row for row in owned(items, facts, decisions))


@pytest.mark.parametrize("rule", [by_tag, by_name, by_right, by_identity])
def test_a_wrong_rule_is_caught(desk: Desk, rule: Judge) -> None:
    caught = []
    for seed in (1, 2, 3):
        one = estate(desk, seed)
        caught += wrongly_ours(one, rule)[0]
        one.cleared()
    assert caught
