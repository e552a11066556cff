"""Our hands in Azure, for one customer: what a look reads, an export, and removing by id."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping

from sendoff.connectors.azure.client import AUDIENCE, IN_USE, LOCKS, SYSTEM, Arm, AzureDoors, arm_code
from sendoff.connectors.azure.deletes import followed, refusal, removed
from sendoff.connectors.azure.export import exported
from sendoff.connectors.azure.ids import bare, inside, scope_of, subscription_of, under
from sendoff.connectors.azure.items import described, settled
from sendoff.connectors.azure.lists import EXPANDED, FIXED, brief, contents, listed
from sendoff.connectors.wire.body import Object, text
from sendoff.connectors.wire.client import Clients, Http
from sendoff.connectors.wire.login.client import ClientCredentials, Tokens
from sendoff.model.digest import Digest, Json
from sendoff.model.errors import Denied, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.ports import Ability, Limits, Repeat, Sink

BOTH = (Key.LIGHTHOUSE, Key.APP)
READABLE: dict[Kind, tuple[Key, ...]] = {
    Kind.RESOURCE: BOTH,
    Kind.GROUP: BOTH,
    Kind.POLICY_ASSIGNMENT: BOTH,
    Kind.POLICY_EXEMPTION: BOTH,
    Kind.POLICY_SET: BOTH,
    Kind.POLICY_DEFINITION: BOTH,
    Kind.DIAGNOSTIC_SETTING: BOTH,
    Kind.BUDGET: BOTH,
    Kind.LOCK: BOTH,
    Kind.DELEGATION: BOTH,
    Kind.ROLE_ASSIGNMENT: (Key.APP,),
    Kind.DELEGATION_DEFINITION: (Key.APP,),
}
"""Kinds in the order of a look, each with the keys that can read it; the first is the one for planning."""
REMOVABLE = (
    Kind.RESOURCE,
    Kind.GROUP,
    Kind.POLICY_EXEMPTION,
    Kind.POLICY_ASSIGNMENT,
    Kind.POLICY_SET,
    Kind.POLICY_DEFINITION,
    Kind.ROLE_ASSIGNMENT,
    Kind.DIAGNOSTIC_SETTING,
    Kind.BUDGET,
    Kind.DELEGATION,
)
INHERITABLE = frozenset({
    Kind.POLICY_ASSIGNMENT, Kind.POLICY_EXEMPTION, Kind.POLICY_SET, Kind.POLICY_DEFINITION, Kind.ROLE_ASSIGNMENT,
})  # fmt: skip


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
    ) -> None:
        self._facts, self._doors, self._clients, self._limits, self._wait = facts, doors, clients, limits, wait
        self._leaving = tuple(bare(row.id) for row in facts.leaving if row.system is System.AZURE)
        self._arms: dict[tuple[Key, str], Arm] = {}
        self._tokens: dict[Key, Tokens] = {}
        self._lock = threading.Lock()
        self.able: Mapping[tuple[Kind, Verb], Ability] = self._abilities()

    def probe(self, key: Key) -> None:
        """Sign in anew and read every leaving subscription."""
        for subscription in self._leaving:
            arm = self._arm(key, subscription)
            arm.fresh()
            self._same_customer(arm)

    def cells(self) -> tuple[Cell, ...]:
        """Every kind in every leaving subscription, by every key that can read it."""
        return tuple(
            Cell(system=System.AZURE, kind=kind, scope=subscription, key=key)
            for subscription in self._leaving
            for kind in READABLE
            for key in self._keys(kind)
        )

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """Every object of the cell's kind, from complete lists."""
        arm = self._arm(cell.key, cell.scope)
        inner = brief(arm) if cell.kind is Kind.GROUP else []
        for row in listed(arm, cell.kind):
            ident = text(row, "id")
            at = Target(system=System.AZURE, kind=cell.kind, id=ident, scope=cell.scope, key=cell.key)
            more = contents(inner, ident) if cell.kind is Kind.GROUP else ()
            yield described(row, at, out.image(settled(row)), self._facts.provider, more)

    def read(self, target: Target, out: Sink) -> Item | None:
        """GET by id. The image is the object itself; what hangs on it is kept beside it, its digest in `children`,
        since our own plan removes those first."""
        arm = self._arm(target.key, target.scope)
        row = self._object(arm, target)
        if row is None:
            return None
        if not subscription_of(target.id):
            return described(row, target, out.image(settled(row)), self._facts.provider)
        more: tuple[tuple[str, str], ...] = (("children", out.image(settled(_children(arm, target)))),)
        if target.kind is Kind.GROUP:
            more += contents(brief(arm, target.id), target.id)
        return described(row, target, out.image(settled(row)), self._facts.provider, more)

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """Gone counts as done. An export is made again."""
        if action.verb is not Verb.REMOVE:
            return None
        arm = self._arm(action.key, action.scope)
        return None if self._object(arm, action.at) is not None else Receipt(outcome=Outcome.FOUND, code="NotFound")

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Export a subscription, or remove one object by id."""
        self._possible(action)
        arm = self._arm(action.key, action.scope)
        if action.verb is Verb.EXPORT:
            if bare(action.target) != bare(action.scope):
                raise Refused(f"export {action.target}: the target of an export is the subscription of its scope")
            return exported(arm, self._arm(Key.APP, action.scope) if self._doors.app else None, out, self._wait)
        inside(action.target, {bare(action.scope)})
        self._not_our_own_right(arm, action)
        return refusal(arm, action, self._facts) or removed(arm, action, self._version(arm, action.at))

    def _not_our_own_right(self, arm: Arm, action: Action) -> None:
        """H3: the role assignment that this program works by goes last, by a person's hand."""
        if action.kind is not Kind.ROLE_ASSIGNMENT or not self._facts.provider.executor:
            return
        row = self._object(arm, action.at)
        if row is not None and text(row, "properties", "principalId").lower() == self._facts.provider.executor.lower():
            raise Refused(f"remove {action.name}: this program works by it; it goes last, by a person's hand")

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Ask after a removal that goes on at the vendor."""
        self._possible(action)
        return followed(self._arm(action.key, action.scope), action, operation)

    def _abilities(self) -> Mapping[tuple[Kind, Verb], Ability]:
        usual = Key.LIGHTHOUSE if self._doors.lighthouse or not self._doors.app else Key.APP
        able = {(kind, Verb.REMOVE): Ability(key=usual, repeat=Repeat.NATURAL, reversible=False) for kind in REMOVABLE}
        able[Kind.ROLE_ASSIGNMENT, Verb.REMOVE] = Ability(key=Key.APP, repeat=Repeat.NATURAL, reversible=False)
        able[Kind.DELEGATION, Verb.REMOVE] = Ability(key=Key.LIGHTHOUSE, repeat=Repeat.NATURAL, reversible=False)
        able[Kind.RESOURCE, Verb.EXPORT] = Ability(key=usual, repeat=Repeat.NATURAL, reversible=True, batch=1)
        return able

    def _keys(self, kind: Kind) -> tuple[Key, ...]:
        """The keys we hold for a kind; with none the first stays, so that the cell is blind and not forgotten."""
        return tuple(key for key in READABLE[kind] if self._door(key)) or READABLE[kind][:1]

    def _possible(self, action: Action) -> None:
        if action.system is not System.AZURE or (action.kind, action.verb) not in self.able:
            raise Refused(f"{action.verb} {action.kind}: Azure has no such deed here")

    def _object(self, arm: Arm, target: Target) -> Object | None:
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
            arm.subscription()
        return row

    def _version(self, arm: Arm, target: Target) -> str:
        return FIXED.get(target.kind) or arm.version(target.id)

    def _door(self, key: Key) -> ClientCredentials | None:
        return {Key.LIGHTHOUSE: self._doors.lighthouse, Key.APP: self._doors.app}.get(key)

    def _arm(self, key: Key, scope: str) -> Arm:
        """The wire to a leaving subscription, made and checked once. Refused outside the scope, Denied without key."""
        subscription = bare(scope)
        if subscription not in self._leaving:
            raise Refused(f"subscription {scope} is not leaving with {self._facts.customer.slug}; nothing was done")
        with self._lock:
            arm = self._arms.get((key, subscription))
        if arm is None:
            arm = self._made(key, subscription)
            self._same_customer(arm)
            with self._lock:
                arm = self._arms.setdefault((key, subscription), arm)
        return arm

    def _made(self, key: Key, subscription: str) -> Arm:
        tokens = self._token(key)
        http = Http(
            system=SYSTEM,
            base=self._doors.arm_url,
            clients=self._clients,
            limits=self._limits,
            sign=tokens.sign,
            bucket=f"arm|{self._facts.customer.slug}|{key}|{subscription}",
            code=arm_code,
            busy=IN_USE,
        )
        return Arm(http, subscription, tokens.fresh)

    def _token(self, key: Key) -> Tokens:
        door = self._door(key)
        if door is None:
            raise Denied(f"we hold no {key} key for this customer", system=SYSTEM, code="NoKey")
        home = {Key.LIGHTHOUSE: self._facts.provider.tenant, Key.APP: self._facts.customer.tenant}[key]
        if door.tenant.lower() != home.lower():
            raise Refused(f"the {key} key belongs to another tenant than this case; nothing was done")
        with self._lock:
            return self._tokens.setdefault(
                key,
                Tokens(
                    system=SYSTEM,
                    who=door,
                    audience=AUDIENCE,
                    login_url=self._doors.login_url,
                    clients=self._clients,
                    limits=self._limits,
                    bucket=f"login|{self._facts.customer.slug}|{key}",
                ),
            )

    def _same_customer(self, arm: Arm) -> None:
        """The subscription must say the tenant that the case says."""
        tenant = text(arm.subscription(), "tenantId")
        if tenant.lower() != self._facts.customer.tenant.lower():
            raise Refused(f"{arm.root} belongs to tenant {tenant}, not to {self._facts.customer.slug}")


def _children(arm: Arm, target: Target) -> Json:
    """What hangs on an object and no list of it shows."""
    locks = (
        arm.listed(f"{target.id}/providers/Microsoft.Authorization/locks", LOCKS, "list locks of an object")
        if (target.kind in (Kind.RESOURCE, Kind.GROUP))
        else []
    )
    own: list[Json] = [one for one in locks if under(scope_of(text(one, "id")), target.id)]
    if target.kind is Kind.RESOURCE:
        return {"locks": own, "diagnosticSettings": [*arm.diagnostics(target.id)]}
    if target.kind is Kind.GROUP:
        return {"locks": own, "resources": [text(one, "id").lower() for one in brief(arm, target.id)]}
    if target.kind is Kind.POLICY_ASSIGNMENT:
        exempt = listed(arm, Kind.POLICY_EXEMPTION)
        return {
            "exemptions": [
                one for one in exempt if text(one, "properties", "policyAssignmentId").lower() == target.id.lower()
            ]
        }
    return {}
