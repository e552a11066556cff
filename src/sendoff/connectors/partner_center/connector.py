"""Our hands in Partner Center, for one customer: transfers, what was bought through us, the reseller relationship."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from sendoff.connectors.partner_center import items
from sendoff.connectors.partner_center.client import SYSTEM, Partner, PartnerCenterDoors
from sendoff.connectors.partner_center.entrance import Entrance, plain
from sendoff.connectors.wire.body import Object, text
from sendoff.connectors.wire.client import Answer, Clients
from sendoff.connectors.wire.lately import Lately
from sendoff.model.digest import Digest
from sendoff.model.errors import Confusing, Denied, Refused
from sendoff.model.facts import Destination, Facts, ScopeRow
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.ports import Ability, Limits, Repeat, Sink

READ_BY: Mapping[Kind, Key] = {
    Kind.TRANSFER: Key.PARTNER_CENTER,
    Kind.COMMITMENT: Key.PARTNER_CENTER,
    Kind.RELATIONSHIP: Key.PARTNER_CENTER,
    Kind.GDAP: Key.HOUSE,
}
"""The key that each kind is read by, also when a person does the deed."""
MINUTES = 15
"""How long an accepted transfer may stay as it was."""
LINES = 25
"""How many lines one transfer takes [3]."""
SOON = 30.0
"""Seconds between two looks at a transfer that the vendor goes on with: it takes a quarter of an hour or more."""
Shown = Callable[[Object, Target, Facts, Sink], Item]
SHOWN: Mapping[Kind, Shown] = {
    Kind.TRANSFER: items.transfer,
    Kind.COMMITMENT: items.commitment,
    Kind.RELATIONSHIP: items.relationship,
    Kind.GDAP: items.gdap,
}


class PartnerCenterConnector:
    """One customer in Partner Center; their id there is their tenant id, and any other is Refused."""

    system = System.PARTNER_CENTER

    def __init__(self, facts: Facts, doors: PartnerCenterDoors, *, clients: Clients, limits: Limits) -> None:
        self._facts, self._doors, self._tenant = facts, doors, facts.customer.tenant
        self._entrance, self._known = Entrance(facts, doors, clients, limits), Lately[Object | None]()
        self.able: Mapping[tuple[Kind, Verb], Ability] = self._abilities()

    def probe(self, key: Key) -> None:
        """Sign in anew and read the customer (whether the MFA claim is there), or our delegated relationships."""
        if key is Key.HOUSE:
            self._entrance.relationships().fresh()
            self._entrance.relationships().with_customer(self._tenant)
            return
        partner = self._entrance.partner(key)
        partner.fresh()
        partner.mfa()
        self._customer(partner)

    def cells(self) -> tuple[Cell, ...]:
        """The four kinds, each by its own key."""
        return tuple(Cell(system=self.system, kind=kind, scope=self._tenant, key=key) for kind, key in READ_BY.items())

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """Everything of a kind; a transfer is read by itself, since its lines are not in every list."""
        self._inside(cell.scope)
        self._by(cell.kind, cell.key)
        for row in self._rows(cell.kind, cell.key, out):
            ident = self._tenant if cell.kind is Kind.RELATIONSHIP else text(row, "id")
            if not ident:
                raise Confusing(f"list every {cell.kind}: a row has no id", system=SYSTEM)
            at = Target(system=self.system, kind=cell.kind, id=ident, scope=cell.scope, key=cell.key)
            yield self._shown(row, at, out)

    def read(self, target: Target, out: Sink) -> Item | None:
        """GET by id; None only when the vendor says so while the customer, or our list, can be read."""
        self._inside(target.scope)
        row = self._one(target, out)
        return self._shown(row, target, out) if row is not None else None

    def _shown(self, row: Object, at: Target, out: Sink) -> Item:
        """The item; a transfer with the word who accepts it, so that a plan asks the right one."""
        found = SHOWN[at.kind](row, at, self._facts, out)
        if at.kind is not Kind.TRANSFER:
            return found
        by = "api" if self._doors.accept_by_api else "person"
        return replace(found, detail=(*found.detail, ("accept-by", by)))

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """Whether it was done, by us or by a person in the vendor's page."""
        self._possible(action)
        self._inside(action.scope)
        row = self._one(action.at)
        if action.kind is Kind.TRANSFER:
            return _ended_transfer(row)
        if row is None:
            return Receipt(outcome=Outcome.FOUND, code="NotFound")
        if action.kind is Kind.COMMITMENT and _ended(row):
            return Receipt(outcome=Outcome.FOUND, code="renewal off")
        return None

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """End the relationship, or accept a transfer where the door allows it. A person's deeds are Refused."""
        self._possible(action)
        self._inside(action.scope)
        ability = self.able[action.kind, action.verb]
        if Key.PERSON in (action.key, ability.key):
            raise Refused(f"{action.verb} {action.name}: a person does it in Partner Center; we look whether they have")
        if action.kind is Kind.TRANSFER:
            return self._accepted(action, once)
        return self._unrelated(action, once)

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Read the transfer again: Again until it is complete, REFUSED when it ended otherwise."""
        self._possible(action)
        self._inside(action.scope)
        if action.kind is not Kind.TRANSFER:
            raise Refused(f"{action.verb} {action.kind}: there is no operation to ask after")
        row = self._one(action.at)
        return Receipt(outcome=Outcome.UNKNOWN, code="NotFound") if row is None else _moved(row, Outcome.DONE)

    def _accepted(self, action: Action, once: Digest) -> Receipt | Again:
        partner, row = self._entrance.partner(action.key), self._one(action.at)
        if row is None:
            return Receipt(outcome=Outcome.REFUSED, code="NotFound")
        if items.status_of(row) != items.PENDING:
            return _moved(row, Outcome.FOUND)
        self._to_the_new_supplier(row)
        answer = partner.accept(action.target, row, self._chosen(action, row, partner), once)
        if answer.status >= 400:
            return Receipt(outcome=Outcome.REFUSED, code=answer.code or str(answer.status))
        return Again(seconds=max(answer.seconds(SOON), MINUTES * 60), operation=action.target)

    def _unrelated(self, action: Action, once: Digest) -> Receipt:
        """PATCH relationshipToPartner none, after our own check: the vendor's might come too late (H22)."""
        partner = self._entrance.partner(action.key)
        if self._one(action.at) is None:
            return Receipt(outcome=Outcome.FOUND, code="NotFound")
        active = sum(1 for row in partner.commitments() if items.blocks(row))
        if active:
            raise Refused(f"{action.verb} {action.name}: {active} commitments are active; nothing is suspended for it")
        moving = sum(1 for row in partner.transfers() if items.status_of(row) in items.OPEN)
        if moving:
            raise Refused(f"{action.verb} {action.name}: {moving} transfers are not complete")
        return _meant(partner.unrelate(once))

    def _to_the_new_supplier(self, row: Object) -> None:
        supplier = self._facts.supplier
        known = supplier.tenant.lower() if supplier else ""
        if not known or items.target_of(row).lower() != known:
            raise Refused(
                f"transfer {text(row, 'id')} goes to tenant {items.target_of(row) or '(not said)'}, which the facts do "
                "not name as the new supplier's; nothing was done"
            )

    def _chosen(self, action: Action, row: Object, partner: Partner) -> list[Object]:
        """The lines to move: the plan's rows `subscription`, else those that the request has. Refused when there are
        none, too many, or one that does not leave or was not bought through us."""
        wanted = [value.lower() for name, value in action.content if name == "subscription"]
        wanted = wanted or [one.lower() for one in items.lines_of(row)]
        if not 0 < len(wanted) <= LINES:
            raise Refused(f"{action.verb} {action.name}: {len(wanted)} lines; the vendor takes 1 to {LINES} at a time")
        stays = {one.id.rsplit("/", 1)[-1].lower() for one in self._facts.scope if not _leaves(one)}
        bought = {text(one, "id").lower(): one for one in partner.commitments()}
        wrong = sorted(one for one in wanted if one in stays or one not in bought)
        if wrong:
            raise Refused(f"{action.verb} {action.name}: {', '.join(wrong)} does not leave, or is not ours to move")
        return [items.line(number, bought[ident]) for number, ident in enumerate(wanted, 1)]

    def _rows(self, kind: Kind, key: Key, out: Sink) -> list[Object]:
        if kind is Kind.GDAP:
            found = self._entrance.relationships().with_customer(self._tenant)
            return [row for row in found if text(row, "status").lower() not in items.PAST]
        partner = self._entrance.partner(key)
        customer = self._control(kind, key, partner, out)
        if kind is Kind.COMMITMENT:
            return partner.commitments()
        if kind is Kind.TRANSFER:
            return [partner.transfer(plain(text(row, "id"))) or row for row in partner.transfers()]
        return [customer] if customer is not None and _reseller(customer) else []

    def _one(self, target: Target, out: Sink | None = None) -> Object | None:
        """The object of a target; None only when a control read works. A look gives its `out`, a deed does not."""
        key = self._by(target.kind, target.key)
        if target.kind is Kind.GDAP:
            row = self._entrance.relationships().one(plain(target.id))
            if row is None:
                self._entrance.relationships().with_customer(self._tenant)
            return row if row is not None and self._current(row) else None
        partner = self._entrance.partner(key)
        customer = self._control(target.kind, key, partner, out)
        if target.kind is Kind.RELATIONSHIP:
            if target.id.lower() != self._tenant.lower():
                raise Refused(f"customer {target.id} is not {self._facts.customer.slug}; nothing was done")
            return customer if customer is not None and _reseller(customer) else None
        if customer is None:
            return None
        ident = plain(target.id)
        return partner.transfer(ident) if target.kind is Kind.TRANSFER else partner.commitment(ident)

    def _current(self, row: Object) -> bool:
        if text(row, "customer", "tenantId").lower() != self._tenant.lower():
            raise Refused(f"delegated relationship {text(row, 'id')} is not with {self._facts.customer.slug}")
        return text(row, "status").lower() not in items.PAST

    def _control(self, kind: Kind, key: Key, partner: Partner, out: Sink | None) -> Object | None:
        """The customer: as they are now where that is what is looked at, or for a deed; else as a look read them."""
        if out is None or kind is Kind.RELATIONSHIP:
            return self._customer(partner)
        return self._known.get(out, lambda: self._customer(partner), key)

    def _customer(self, partner: Partner) -> Object | None:
        """The customer as Partner Center has them; Refused when that is another tenant than the case says."""
        found = partner.customer()
        tenant = text(found, "companyProfile", "tenantId") or text(found, "id")
        if found is not None and tenant.lower() != self._tenant.lower():
            raise Refused(f"Partner Center answers for tenant {tenant}, which is not {self._facts.customer.slug}'s")
        return found

    def _by(self, kind: Kind, key: Key) -> Key:
        """The key that a kind is read by; a person's deed is looked at by it too."""
        needed = READ_BY.get(kind)
        if needed is None:
            raise Refused(f"Partner Center has no {kind}")
        if key not in (needed, Key.PERSON):
            raise Denied(f"{kind} is not read by the {key} key", system=SYSTEM, code="NoKey")
        return needed

    def _abilities(self) -> Mapping[tuple[Kind, Verb], Ability]:
        accepts = Key.PARTNER_CENTER if self._doors.accept_by_api else Key.PERSON
        return {
            (Kind.TRANSFER, Verb.ACCEPT): Ability(key=accepts, repeat=Repeat.OWN_KEY, reversible=False, batch=1),
            (Kind.COMMITMENT, Verb.END): Ability(key=Key.PERSON, repeat=Repeat.NATURAL, reversible=True),
            (Kind.RELATIONSHIP, Verb.REMOVE): Ability(
                key=Key.PARTNER_CENTER, repeat=Repeat.NATURAL, reversible=False, batch=1
            ),
            (Kind.GDAP, Verb.END): Ability(key=Key.PERSON, repeat=Repeat.NATURAL, reversible=False),
        }

    def _possible(self, action: Action) -> None:
        if action.system is not System.PARTNER_CENTER or (action.kind, action.verb) not in self.able:
            raise Refused(f"{action.verb} {action.kind}: Partner Center has no such deed here")

    def _inside(self, scope: str) -> None:
        if scope.lower() != self._tenant.lower():
            raise Refused(f"customer {scope} is not {self._facts.customer.slug}; nothing was done")


def _leaves(row: ScopeRow) -> bool:
    return row.destination is Destination.LEAVES


def _reseller(customer: Object) -> bool:
    return text(customer, "relationshipToPartner").lower() == items.RESELLER


def _ended(row: Object) -> bool:
    return text(row, "autoRenewEnabled") == "no" or text(row, "status").lower() in items.OVER


def _ended_transfer(row: Object | None) -> Receipt | None:
    """A transfer that is over, whole or in part; None for one that is not."""
    moved = _moved(row, Outcome.FOUND) if row is not None else None
    return moved if isinstance(moved, Receipt) and moved.outcome is not Outcome.REFUSED else None


def _moved(row: Object, done: Outcome) -> Receipt | Again:
    status = items.status_of(row)
    if status == items.COMPLETE:
        return Receipt(outcome=done, code=status)
    if status in items.OPEN:
        return Again(seconds=SOON, operation=text(row, "id"))
    if status == items.PARTLY:
        return Receipt(outcome=Outcome.PARTLY, code=status, said=(("missing", "what did not move is asked for anew"),))
    return Receipt(outcome=Outcome.REFUSED, code=status)


def _meant(answer: Answer) -> Receipt:
    refused = answer.status >= 400
    return Receipt(outcome=Outcome.REFUSED if refused else Outcome.DONE, code=answer.code or str(answer.status))
