"""Our hands in the portal: the customer's users are disabled, articles end, and the final invoice is drafted."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date

from sendoff.connectors.reassure.client import SYSTEM, Portal, ReassureDoor, Row, portal_code, signed
from sendoff.connectors.wire.body import image, scrubbed
from sendoff.connectors.wire.client import Clients, Http
from sendoff.connectors.wire.lately import Lately
from sendoff.model.digest import Digest, Json
from sendoff.model.errors import BadInput, Denied, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, Rebuildable, Sign, SignKind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.ports import Ability, Limits, Repeat, Sink

LISTS = {
    Kind.PORTAL_USER: ("users", "user"),
    Kind.ARTICLE: ("articles", "article"),
    Kind.INVOICE: ("invoices", "invoice"),
    Kind.INVOICE_DRAFT: ("drafts", "draft"),
}
"""The list of a kind, and the place of one thing of it."""
LASTING: Mapping[Kind, tuple[str, ...]] = {
    Kind.PORTAL_USER: ("id",),
    Kind.ARTICLE: ("id", "name", "charge", "project", "start"),
    Kind.INVOICE: ("id", "from", "until"),
    Kind.INVOICE_DRAFT: ("id", "until"),
}
"""What neither moves by itself nor is changed by a deed of ours. Of persons only the id: their names are not ours."""
SHOWN: Mapping[Kind, tuple[str, ...]] = {
    Kind.PORTAL_USER: ("enabled", "last-login"),
    Kind.ARTICLE: ("charge", "project", "start", "end"),
    Kind.INVOICE: ("from", "until", "status"),
    Kind.INVOICE_DRAFT: ("until", "frozen", "total"),
}
PLAIN_ID = re.compile(r"[\w-]{1,80}", re.A)
FINAL = "final"
"""Our own name for the draft that does not exist yet."""


class ReassureConnector:
    """Our portal, as far as it concerns one customer; anything of anybody else is Refused."""

    system = System.REASSURE
    able: Mapping[tuple[Kind, Verb], Ability] = {
        (Kind.PORTAL_USER, Verb.DISABLE): Ability(key=Key.REASSURE, repeat=Repeat.NATURAL, reversible=True),
        (Kind.ARTICLE, Verb.END): Ability(key=Key.REASSURE, repeat=Repeat.NATURAL, reversible=True),
        (Kind.INVOICE_DRAFT, Verb.CREATE): Ability(key=Key.REASSURE, repeat=Repeat.OWN_KEY, reversible=True, batch=1),
        (Kind.REPORT, Verb.EXPORT): Ability(key=Key.REASSURE, repeat=Repeat.NATURAL, reversible=True, batch=1),
    }

    def __init__(self, facts: Facts, door: ReassureDoor, *, clients: Clients, limits: Limits) -> None:
        self._facts, self._door, self._clients, self._limits = facts, door, clients, limits
        self._known = Lately[frozenset[str]]()

    def probe(self, key: Key) -> None:
        """Read the customer with this key."""
        self._portal(key).customer(self._customer())

    def cells(self) -> tuple[Cell, ...]:
        """The customer's users, articles, invoices and drafts; none when the customer is not in the portal."""
        scope = self._facts.places.reassure_customer
        kinds = LISTS if scope else ()
        return tuple(Cell(system=System.REASSURE, kind=kind, scope=scope, key=Key.REASSURE) for kind in kinds)

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """Every row of one list of the customer."""
        customer = self._within(cell.scope)
        for row in self._portal(cell.key).rows(LISTS[cell.kind][0], customer):
            yield _item(row, _at(cell, row["id"]), out)

    def read(self, target: Target, out: Sink) -> Item | None:
        """One thing by its id. Whether it is this customer's is told by the customer's own list; None when neither
        the list nor the portal has it."""
        customer = self._within(target.scope)
        opened = self._opened(self._portal(target.key), target, customer, out)
        return _item(opened[0], target, out) if opened else None

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """Disabled, ended, or drafted and frozen until that day. An export is made again."""
        self._possible(action)
        customer = self._within(action.scope)
        if action.verb is Verb.EXPORT:
            return None
        portal = self._portal(action.key)
        if action.kind is Kind.INVOICE_DRAFT:
            return _drafted(portal, customer, _day(action, "until"))
        opened = self._opened(portal, action.at, customer)
        return _settled(opened[0], action) if opened else Receipt(outcome=Outcome.FOUND, code="absent")

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Disable a user, end an article, make and freeze the final draft, or export the reports."""
        self._possible(action)
        customer = self._within(action.scope)
        portal = self._portal(action.key)
        if action.kind is Kind.REPORT:
            return _exported(portal, customer, out)
        if action.kind is Kind.INVOICE_DRAFT:
            return self._final(portal, customer, action, once)
        return self._changed(portal, customer, action)

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Nothing here goes on by itself."""
        raise Refused(f"{action.verb} {action.kind}: there is no operation to ask after")

    def _changed(self, portal: Portal, customer: str, action: Action) -> Receipt:
        opened = self._opened(portal, action.at, customer)
        if opened is None:
            return Receipt(outcome=Outcome.FOUND, code="absent")
        row, etag = opened
        settled = _settled(row, action)
        if settled is not None:
            return settled
        what = LISTS[action.kind][1]
        if action.kind is Kind.PORTAL_USER:
            answer = portal.change(what, action.target, etag, "enabled", False)
        else:
            answer = portal.change(what, action.target, etag, "end", _day(action, "end"))
        again = portal.one(what, action.target)
        done = again is not None and _settled(again[0], action) is not None
        return Receipt(outcome=Outcome.DONE if done else Outcome.UNKNOWN, code=str(answer.status))

    def _final(self, portal: Portal, customer: str, action: Action, once: Digest) -> Receipt:
        until = _day(action, "until")
        found = _drafted(portal, customer, until)
        if found is not None:
            return found
        made = portal.draft(customer, until, once)
        if made["until"] != until:
            return Receipt(outcome=Outcome.UNKNOWN, code="other-day", said=(("id", made["id"]),))
        answer = portal.freeze(made["id"])
        now = portal.one("draft", made["id"])
        done = now is not None and now[0]["frozen"] == "yes"
        said = (("id", made["id"]), ("until", until), ("total", now[0]["total"] if now else ""))
        return Receipt(outcome=Outcome.DONE if done else Outcome.UNKNOWN, code=str(answer.status), said=said)

    def _opened(self, portal: Portal, target: Target, customer: str, out: Sink | None = None) -> tuple[Row, str] | None:
        """The thing as it is, when the customer's list has it: as a look read it that gives its `out`, else anew."""
        if target.kind not in LISTS or not PLAIN_ID.fullmatch(target.id):
            raise Refused(f"{target.id!r} is not an id of the portal; nothing was done")
        of_list, of_one = LISTS[target.kind]

        def listed() -> frozenset[str]:
            return frozenset(one["id"] for one in portal.rows(of_list, customer))

        mine = listed() if out is None else self._known.get(out, listed, of_list)
        found = portal.one(of_one, target.id)
        if found is not None and (target.id not in mine or found[0]["customer"] not in ("", customer)):
            raise Refused(f"{target.kind} {target.id} is not {self._facts.customer.slug}'s; nothing was done")
        if found is None:
            portal.customer(customer)
        return found

    def _possible(self, action: Action) -> None:
        if action.system is not System.REASSURE or (action.kind, action.verb) not in self.able:
            raise Refused(f"{action.verb} {action.kind}: the portal has no such deed")
        named = {Kind.INVOICE_DRAFT: FINAL, Kind.REPORT: self._facts.places.reassure_customer}.get(action.kind)
        if named is not None and action.target != named:
            raise Refused(f"{action.verb} {action.kind}: {action.target!r} is not {named!r}; nothing was done")

    def _customer(self) -> str:
        customer = self._facts.places.reassure_customer
        if not PLAIN_ID.fullmatch(customer):
            raise Refused(f"the facts name no customer of the portal for {self._facts.customer.slug}; set it there")
        return customer

    def _within(self, scope: str) -> str:
        if scope != self._customer():
            raise Refused(f"{scope!r} is not {self._facts.customer.slug} in the portal; nothing was done")
        return scope

    def _portal(self, key: Key) -> Portal:
        token = self._door.token if key is Key.REASSURE else None
        if token is None:
            raise Denied(f"we hold no {key} key for our portal", system=SYSTEM, code="NoKey")
        if not self._door.url.startswith("https://"):
            raise Refused("the portal's address must begin with https://: the token goes there")
        http = Http(
            system=SYSTEM,
            base=self._door.url,
            clients=self._clients,
            limits=self._limits,
            sign=lambda: signed(token),
            bucket=f"reassure|{self._facts.customer.slug}|{key}",
            code=portal_code,
        )
        return Portal(http=http, door=self._door)


def _drafted(portal: Portal, customer: str, until: str) -> Receipt | None:
    rows = portal.rows("drafts", customer)
    found = next((one for one in rows if one["until"] == until and one["frozen"] == "yes"), None)
    if found is None:
        return None
    said = (("id", found["id"]), ("until", until), ("total", found["total"]))
    return Receipt(outcome=Outcome.FOUND, code="frozen", said=said)


def _settled(row: Row, action: Action) -> Receipt | None:
    if action.kind is Kind.PORTAL_USER:
        return Receipt(outcome=Outcome.FOUND, code="disabled") if row["enabled"] == "no" else None
    # an article that already ends earlier stays as it is: the customer is never charged longer by us
    ended = bool(row["end"]) and row["end"][:10] <= _day(action, "end")
    return Receipt(outcome=Outcome.FOUND, code="ended", said=(("end", row["end"]),)) if ended else None


def _exported(portal: Portal, customer: str, out: Sink) -> Receipt:
    found: list[Json] = [scrubbed(one) for one in portal.objects("reports", customer)]
    data = json.dumps(found, indent=2, ensure_ascii=False).encode()
    made = out.file("reassure/reports.json", data)
    return Receipt(outcome=Outcome.DONE, said=(("reports", str(len(found))), ("file", made)))


def _day(action: Action, name: str) -> str:
    given = next((value for key, value in action.content if key == name), "")
    try:
        return date.fromisoformat(given).isoformat()
    except ValueError:
        pass
    raise BadInput(f"{given!r} is not a day like 2026-12-31", where=name)


def _item(row: Row, at: Target, out: Sink) -> Item:
    kept: dict[str, Json] = {"customer": at.scope, **{name: row[name] for name in LASTING[at.kind]}}
    person = at.kind is Kind.PORTAL_USER
    ended = [("ended", _ended(row, at.kind))] if at.kind in (Kind.PORTAL_USER, Kind.ARTICLE) else []
    return Item(
        system=System.REASSURE,
        kind=at.kind,
        id=row["id"],
        name=f"contact person {row['id'][-8:].lstrip('-')}" if person else row["name"] or f"{at.kind} {row['id']}",
        scope=at.scope,
        key=at.key,
        image=out.image(image(kept)),
        signs=(Sign(kind=SignKind.PLACE, value=at.scope),),
        detail=(*[(name, row[name]) for name in SHOWN[at.kind]], *ended),
        rebuildable=Rebuildable.FULLY if ended else Rebuildable.NOT,
    )


def _ended(row: Row, kind: Kind) -> str:
    if kind is Kind.PORTAL_USER:
        return "yes" if row["enabled"] == "no" else "no"
    return "yes" if row["end"] else "no"


def _at(cell: Cell, ident: str) -> Target:
    return Target(system=System.REASSURE, kind=cell.kind, id=ident, scope=cell.scope, key=cell.key)
