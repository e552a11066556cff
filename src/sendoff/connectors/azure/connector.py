"""Our hands in Azure, for one customer: what a look reads, an export, and removing by id."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sendoff.connectors.azure import (
    again,
    costs,
    house,
    inside_machines,
    probe_service,
    settings,
    settingsagain,
    traces,
)
from sendoff.connectors.azure.abilities import abilities
from sendoff.connectors.azure.beside import beside
from sendoff.connectors.azure.client import Arm, AzureDoors
from sendoff.connectors.azure.creators import with_creator
from sendoff.connectors.azure.deletes import cancelled, ended, followed, not_our_own_right, refusal, removed
from sendoff.connectors.azure.deletions import deleted
from sendoff.connectors.azure.directory import Principal, principals, told_of
from sendoff.connectors.azure.doors import Lookout, tried
from sendoff.connectors.azure.entrance import Entrance
from sendoff.connectors.azure.export import exported
from sendoff.connectors.azure.ids import bare, inside, subscription_of
from sendoff.connectors.azure.items import described, settled
from sendoff.connectors.azure.kinds import INHERITABLE, MACHINE, ONCE, READABLE, SPECIAL
from sendoff.connectors.azure.lists import EXPANDED, FIXED, brief, contents, listed
from sendoff.connectors.azure.second import SECOND, shown
from sendoff.connectors.azure.vaults import protects
from sendoff.connectors.wire.body import Object, text
from sendoff.connectors.wire.client import Clients
from sendoff.model.digest import Digest
from sendoff.model.errors import Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.model.trial import Trial
from sendoff.ports import Ability, Limits, Papers, Sink


class AzureConnector:
    """Azure Resource Manager within the subscriptions that leave; anything else is Refused."""

    system = System.AZURE

    def __init__(
        self,
        facts: Facts,
        doors: AzureDoors,
        *,
        clients: Clients,
        limits: Limits,
        wait: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        papers: Papers | None = None,
    ) -> None:
        self._facts, self._doors, self._wait, self._now, self._papers = facts, doors, wait, now, papers
        self._entrance = Entrance(facts, doors, clients, limits)
        self._host = probe_service.host_of(facts, self._entrance.leaving)
        self._machines = inside_machines.machines(facts, self._entrance.leaving)
        usual = Key.LIGHTHOUSE if doors.lighthouse or not doors.app else Key.APP
        self.able: Mapping[tuple[Kind, Verb], Ability] = {} if doors.person else abilities(usual)

    def probe(self, key: Key) -> None:
        """Sign in anew and read every leaving subscription."""
        if key is Key.HOUSE:
            for own in self._facts.provider.marks.subscriptions:
                self._entrance.home(own).fresh()
            return
        for subscription in self._entrance.leaving:
            for arm in {self._entrance.arm(key, subscription, looks=looks) for looks in (True, False)}:
                arm.fresh()
                self._entrance.same_customer(arm)

    def tried(self, key: Key, since: datetime) -> tuple[Trial, ...]:
        """The delegation of each leaving subscription, by each principal of ours that it let in."""
        if key is not Key.LIGHTHOUSE or not self._entrance.holds(key) or self._doors.person:
            return ()
        leaving = self._entrance.leaving
        at = Lookout(facts=self._facts, leaving=leaving, since=since, now=self._now(), clock=time.monotonic)
        ways = (False, True) if self._doors.reader else (False,)
        arms = [self._entrance.untried(key, one, looks=looks) for one in leaving for looks in ways]
        return tuple(tried(arm, at) for arm in arms)

    def cells(self) -> tuple[Cell, ...]:
        """Every kind in every leaving subscription, by every key that can read it; and the machine of the probe. That
        one is asked by running a command on it, so it is no cell of a person who only looks."""
        kinds = tuple(
            Cell(system=System.AZURE, kind=kind, scope=subscription, key=key)
            for subscription in self._entrance.leaving
            for kind in READABLE
            for key in self._keys(kind)
            if kind not in ONCE or subscription == self._entrance.leaving[0]
        )
        if self._doors.person:
            return kinds
        own = self._facts.provider.marks.subscriptions
        kinds += tuple(Cell(system=System.AZURE, kind=Kind.HOUSE_THING, scope=one, key=Key.HOUSE) for one in own)
        keys = [key for key in MACHINE if self._entrance.holds(key)] or [Key.LIGHTHOUSE]
        hosts = [(Kind.PROBE_SERVICE, subscription_of(self._host))] if self._host else []
        hosts += [(Kind.INSIDE_MACHINE, one) for one in sorted({subscription_of(each) for each in self._machines})]
        return (
            *kinds,
            *(Cell(system=System.AZURE, kind=kind, scope=scope, key=key) for kind, scope in hosts for key in keys),
        )

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """Every object of the cell's kind, from complete lists."""
        if cell.kind is Kind.HOUSE_THING:
            at = Target(system=System.AZURE, kind=cell.kind, id="", scope=cell.scope, key=cell.key)
            yield from house.found(self._entrance.home(cell.scope), at, self._facts, out)
            return
        arm = self._entrance.arm(cell.key, cell.scope, looks=cell.kind is not Kind.PROBE_SERVICE)
        if cell.kind in traces.READS:
            arm.subscription()
            at = Target(system=System.AZURE, kind=cell.kind, id="", scope=cell.scope, key=cell.key)
            yield from traces.found(arm, at, self._facts, out)
            return
        if cell.kind in SPECIAL:
            yield from self._specials(arm, cell, out)
            return
        inner = brief(arm) if cell.kind is Kind.GROUP else []
        found = listed(arm, cell.kind)
        who = self._principals(cell.kind, found)
        for row in found:
            ident = text(row, "id")
            at = Target(system=System.AZURE, kind=cell.kind, id=ident, scope=cell.scope, key=cell.key)
            more = contents(inner, ident) if cell.kind is Kind.GROUP else protects(arm, ident)
            item = described(row, at, out.image(settled(row)), self._facts.provider, more)
            yield with_creator(arm, told_of(item, who), self._facts, self._now())

    def again(self, cell: Cell) -> Sequence[str] | None:
        """Resource Graph for what ARM lists, and the lists of groups for resources; None for kinds without another
        way."""
        if cell.kind not in SECOND:
            return None
        return shown(self._entrance.arm(cell.key, cell.scope, looks=True), cell.kind)

    def deleted(self, target: Target, since: datetime) -> Iterator[str] | None:
        """The subscription's activity log; None for what lies with us."""
        if target.kind is Kind.HOUSE_THING:
            return None
        return deleted(self._entrance.arm(target.key, target.scope, looks=True), since, self._now())

    def read(self, target: Target, out: Sink) -> Item | None:
        """GET by id. The image is the object itself; what hangs on it is kept beside it where `out` wants it, by its
        digest in `children`, since our own plan removes those first."""
        if target.kind is Kind.HOUSE_THING:
            return house.one(self._entrance.home(target.scope), target, self._facts, out)
        arm = self._entrance.arm(target.key, target.scope, looks=target.kind is not Kind.PROBE_SERVICE)
        if target.kind in traces.READS:
            return traces.one(arm, target, self._facts, out)
        if target.kind in SPECIAL:
            return self._special(arm, target, out)
        row = self._object(arm, target, out)
        if row is None:
            return None
        who = self._principals(target.kind, [row])
        if not subscription_of(target.id):
            return told_of(described(row, target, out.image(settled(row)), self._facts.provider), who)
        more = beside(arm, target, out)
        if target.kind is Kind.GROUP:
            more += contents(brief(arm, target.id), target.id)
        return told_of(described(row, target, out.image(settled(row)), self._facts.provider, more), who)

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """Gone, or not as onboarding made it any more, counts as done. An export is made again."""
        if action.verb is Verb.EXPORT:
            return None
        if action.kind in traces.READS or action.kind is Kind.INSIDE_MACHINE:
            raise Refused(f"{action.verb} {action.name}: a person does it; it is read, and not looked for")
        arm = self._entrance.arm(action.key, action.scope)
        if again.possible(action):
            return _there(self._object(arm, action.at))
        if settingsagain.possible(action):
            return _there(settings.changed(arm, action.kind, action.target, self._facts))
        if action.kind in settings.READS:
            left = settings.changed(arm, action.kind, action.target, self._facts) is not None
            return None if left else Receipt(outcome=Outcome.FOUND, code="not as we made it")
        if action.kind is Kind.PROBE_SERVICE:
            there = probe_service.service(arm, action.target, self._host, self._wait) is not None
            return None if there else Receipt(outcome=Outcome.FOUND, code="NotFound")
        return None if self._object(arm, action.at) is not None else Receipt(outcome=Outcome.FOUND, code="NotFound")

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Export a subscription, remove one object by id, put a setting back, or uninstall the probe; else Refused."""
        self._possible(action)
        if Key.PERSON in (action.key, self.able[action.kind, action.verb].key):
            raise Refused(f"{action.verb} {action.name}: a person does it; we look whether they have")
        arm = self._entrance.arm(action.key, action.scope)
        if action.verb is Verb.EXPORT:
            if bare(action.target) != bare(action.scope):
                raise Refused(f"export {action.target}: the target of an export is the subscription of its scope")
            cost = action.kind is Kind.COST
            return costs.exported(arm, self._facts, out) if cost else self._exported(arm, action, out)
        inside(action.target, {bare(action.scope)})
        if settingsagain.possible(action):
            return settingsagain.made(arm, action, self._facts, out.fetch(action.before or once))
        if again.possible(action):
            return again.made(arm, action, out.fetch(action.before or once), self._version(arm, action.at))
        if action.kind in settings.READS:
            return settings.put_back(arm, action, self._facts)
        if action.kind is Kind.PROBE_SERVICE:
            return probe_service.uninstalled(arm, action, self._host)
        if action.verb is Verb.DISABLE:
            return cancelled(arm, action, self._version(arm, action.at))
        if action.kind is Kind.ROLE_ASSIGNMENT:
            not_our_own_right(self._object(arm, action.at), action, self._facts)
        return refusal(arm, action, self._facts) or removed(arm, action, self._version(arm, action.at))

    def _exported(self, arm: Arm, action: Action, out: Sink) -> Receipt:
        if self._papers is None:
            raise Refused(f"export {action.name}: there is nobody to write the workbook and the document")
        roles = self._entrance.arm(Key.APP, action.scope) if self._doors.app else None
        return exported(arm, roles, out, self._facts, self._papers, self._wait)

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Ask after a removal that goes on at the vendor."""
        self._possible(action)
        arm = self._entrance.arm(action.key, action.scope)
        if action.kind is Kind.PROBE_SERVICE:
            return probe_service.followed(arm, operation)
        if action.verb is Verb.DISABLE:
            return ended(arm, action, self._version(arm, action.at))
        return followed(arm, action, operation)

    def _principals(self, kind: Kind, found: list[Object]) -> Mapping[str, Principal]:
        """Who role assignments are for, as the directory says; nothing for other kinds."""
        if kind is not Kind.ROLE_ASSIGNMENT:
            return {}
        return principals(self._entrance.directory(), found, self._facts)

    def _specials(self, arm: Arm, cell: Cell, out: Sink) -> Iterator[Item]:
        """The settings, and the service on the probe's machine. The record may name nothing here, and even then a
        look that cannot read the subscription must fail."""
        arm.subscription()
        if cell.kind is Kind.INSIDE_MACHINE:
            at = Target(system=System.AZURE, kind=cell.kind, id="", scope=cell.scope, key=cell.key)
            yield from inside_machines.found(arm, at, self._machines, self._facts, out, self._wait)
            return
        ids = (self._host,) if cell.kind is Kind.PROBE_SERVICE else settings.places(arm, cell.kind, self._facts)
        for ident in ids:
            at = Target(system=System.AZURE, kind=cell.kind, id=ident, scope=cell.scope, key=cell.key)
            item = self._special(arm, at, out)
            if item is not None:
                yield item

    def _special(self, arm: Arm, at: Target, out: Sink) -> Item | None:
        if at.kind is Kind.INSIDE_MACHINE:
            return inside_machines.one(arm, at, self._machines, self._facts, out, self._wait)
        if at.kind is Kind.PROBE_SERVICE:
            row = probe_service.service(arm, at.id, self._host, self._wait)
            return described(row, at, out.image(settled(row)), self._facts.provider) if row is not None else None
        one = settings.changed(arm, at.kind, at.id, self._facts)
        if one is None:
            return None
        found = described(one.row, at, out.image(settled(one.row)), self._facts.provider, one.detail)
        return replace(found, name=one.name, signs=(*found.signs, *one.signs))

    def _keys(self, kind: Kind) -> tuple[Key, ...]:
        """The keys we hold for a kind; with none the first stays, so that the cell is blind and not forgotten."""
        if self._doors.person:
            return (Key.LIGHTHOUSE,)
        return tuple(key for key in READABLE[kind] if self._entrance.holds(key)) or READABLE[kind][:1]

    def _possible(self, action: Action) -> None:
        if action.system is not System.AZURE or (action.kind, action.verb) not in self.able:
            raise Refused(f"{action.verb} {action.kind}: Azure has no such deed here")

    def _object(self, arm: Arm, target: Target, out: Sink | None = None) -> Object | None:
        """The object itself; None only when the vendor says so while a control read works. What is inherited from
        above the subscription is read through the subscription's own list: no key of ours opens more."""
        if target.kind in INHERITABLE and not subscription_of(target.id):
            rows = (one for one in listed(arm, target.kind) if text(one, "id").lower() == target.id.lower())
            return next(rows, None)
        ident = inside(target.id, {bare(target.scope)})
        query = EXPANDED if target.kind is Kind.DELEGATION else ()
        version = self._version(arm, target)
        if target.kind is Kind.DELEGATION and target.key is Key.LIGHTHOUSE:
            return arm.delegation(ident, version, query=query)
        row = arm.read(ident, version, query=query)
        if row is None:
            arm.subscription(out)
        return row

    def _version(self, arm: Arm, target: Target) -> str:
        return FIXED.get(target.kind) or arm.version(target.id)


def _there(found: object) -> Receipt | None:
    return Receipt(outcome=Outcome.FOUND, code="there") if found is not None else None
