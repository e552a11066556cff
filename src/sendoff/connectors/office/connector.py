"""Our hands in our own mailbox: letters that carry a mark, and meetings with a key of ours."""

from collections.abc import Iterator, Mapping

from sendoff.connectors.office.client import AUDIENCE, SYSTEM, Mailbox, OfficeDoors, graph_code, marked
from sendoff.connectors.office.letters import draft, event, item, recipients, said
from sendoff.connectors.wire.body import Object, dig, text
from sendoff.connectors.wire.client import Clients, Http
from sendoff.connectors.wire.login.client import Tokens
from sendoff.model.digest import Digest
from sendoff.model.errors import Denied, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.ports import Ability, Limits, Repeat, Sink


class OfficeConnector:
    """Our mailbox, as far as it concerns one customer. Any other mailbox or recipient is Refused."""

    system = System.OFFICE
    able: Mapping[tuple[Kind, Verb], Ability] = {
        (Kind.MAIL, Verb.SEND): Ability(key=Key.HOUSE, repeat=Repeat.MARKER, reversible=False),
        (Kind.MEETING, Verb.CREATE): Ability(key=Key.HOUSE, repeat=Repeat.OWN_KEY, reversible=True),
    }

    def __init__(self, facts: Facts, doors: OfficeDoors, *, clients: Clients, limits: Limits) -> None:
        self._facts, self._doors, self._clients, self._limits = facts, doors, clients, limits
        self._box: Mailbox | None = None

    def probe(self, key: Key) -> None:
        """Sign in anew and open our mailbox."""
        box = self._opened(key)
        box.fresh()
        box.opens()

    def cells(self) -> tuple[Cell, ...]:
        """What we sent about this customer, and the meetings we called."""
        scope = self._facts.provider.mailbox
        return tuple(
            Cell(system=System.OFFICE, kind=kind, scope=scope, key=Key.HOUSE) for kind in (Kind.MAIL, Kind.MEETING)
        )

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """Mails and meetings that carry this customer's mark."""
        box = self._at(cell.key, cell.scope)
        clause = marked("customer", self._facts.customer.slug)
        for row in box.sent(clause) if cell.kind is Kind.MAIL else box.events(clause):
            yield item(row, _at(cell, text(row, "id")), out)

    def read(self, target: Target, out: Sink) -> Item | None:
        """GET by the vendor's id; by our own name for a letter (case/letter) it is looked for by its mark."""
        box = self._at(target.key, target.scope)
        row = self._named(box, target) if "/" in target.id else self._one(box, target)
        if row is None:
            box.opens()
            return None
        return item(row, target, out)

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """Whether something with this mark left or stands in the calendar. A mere draft is not sent."""
        self._possible(action)
        row = self._done(self._at(action.key, action.scope), action, once)
        return _found(row) if row is not None else None

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Send the approved letter, or make the approved meeting; once, however often it is asked."""
        self._possible(action)
        recipients(action, self._facts)
        box = self._at(action.key, action.scope)
        row = self._done(box, action, once)
        if row is not None:
            return _found(row)
        body = out.fetch(Digest(said(action, "letter"))).decode()
        if action.verb is Verb.CREATE:
            ident = box.meet(event(action, once, body, self._facts))
            return Receipt(outcome=Outcome.DONE, code="201", said=(("id", ident),))
        waiting = [one for one in box.messages(marked("once", once)) if dig(one, "isDraft") is True]
        ident = text(waiting[0], "id") if waiting else box.draft(draft(action, once, body, self._facts))
        return self._sent(box, action, once, ident)

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Nothing here goes on by itself."""
        raise Refused(f"{action.verb} {action.kind}: there is no operation to ask after")

    def _sent(self, box: Mailbox, action: Action, once: Digest, ident: str) -> Receipt:
        answer = box.send(ident)
        if answer.status == 202:
            return Receipt(outcome=Outcome.DONE, code="202", said=(("id", ident),))
        row = self._done(box, action, once)
        return _found(row) if row is not None else Receipt(outcome=Outcome.UNKNOWN, code=answer.code)

    def _done(self, box: Mailbox, action: Action, once: Digest) -> Object | None:
        clause = marked("once", once)
        if action.kind is Kind.MEETING:
            return next(iter(box.events(clause)), None)
        return next((one for one in box.messages(clause) if dig(one, "isDraft") is False), None)

    def _named(self, box: Mailbox, target: Target) -> Object | None:
        clause = marked("letter", target.id)
        return next(iter(box.sent(clause) if target.kind is Kind.MAIL else box.events(clause)), None)

    def _one(self, box: Mailbox, target: Target) -> Object | None:
        return box.message(target.id) if target.kind is Kind.MAIL else box.event(target.id)

    def _possible(self, action: Action) -> None:
        if action.system is not System.OFFICE or (action.kind, action.verb) not in self.able:
            raise Refused(f"{action.verb} {action.kind}: our mailbox has no such deed")

    def _at(self, key: Key, scope: str) -> Mailbox:
        if scope.lower() != self._facts.provider.mailbox.lower():
            raise Refused(f"{scope} is not the mailbox that this case writes from; nothing was done")
        return self._opened(key)

    def _opened(self, key: Key) -> Mailbox:
        house = self._doors.house if key is Key.HOUSE else None
        if house is None:
            raise Denied(f"we hold no {key} key for our mailbox", system=SYSTEM, code="NoKey")
        if house.tenant.lower() != self._facts.provider.tenant.lower():
            raise Refused("the house key belongs to another tenant than ours; nothing was done")
        if self._box is None:
            tokens = Tokens(
                system=SYSTEM,
                who=house,
                audience=AUDIENCE,
                login_url=self._doors.login_url,
                clients=self._clients,
                limits=self._limits,
                bucket="login|house|graph",
            )
            http = Http(
                system=SYSTEM,
                base=self._doors.graph_url,
                clients=self._clients,
                limits=self._limits,
                sign=tokens.sign,
                bucket=f"graph|{self._facts.provider.mailbox}|{key}|{house.tenant}",
                code=graph_code,
            )
            self._box = Mailbox(http, self._facts.provider.mailbox, tokens.fresh)
        return self._box


def _at(cell: Cell, ident: str) -> Target:
    return Target(system=System.OFFICE, kind=cell.kind, id=ident, scope=cell.scope, key=cell.key)


def _found(row: Object) -> Receipt:
    return Receipt(outcome=Outcome.FOUND, code="marked", said=(("id", text(row, "id")),))
