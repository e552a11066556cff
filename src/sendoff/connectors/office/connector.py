"""Our hands in our own mailbox: letters that carry a mark, and meetings with a key of ours."""

import re
from collections.abc import Iterator, Mapping

from sendoff.connectors.office.answers import Told, told
from sendoff.connectors.office.client import (
    AUDIENCE,
    INBOX_FIELDS,
    SYSTEM,
    Mailbox,
    OfficeDoors,
    graph_code,
    marked,
)
from sendoff.connectors.office.letters import acknowledgement, digests, draft, event, item, people_of, sender
from sendoff.connectors.wire.attachments import attachments
from sendoff.connectors.wire.body import Object, dig, text
from sendoff.connectors.wire.client import Clients, Http
from sendoff.connectors.wire.login.sources import source_of
from sendoff.connectors.wire.recipients import recipients, said
from sendoff.model.digest import Digest
from sendoff.model.errors import Denied, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.ports import Ability, Limits, Repeat, Sink

FIXED = frozenset({"transactionId", "isOnlineMeeting", "onlineMeetingProvider"})
"""What a change of a meeting does not name: it is said once, when the meeting is made."""
PARCEL = re.compile(r"sha256:[0-9a-f]{64}")


class OfficeConnector:
    """Our mailbox, as far as it concerns one customer. Any other mailbox or recipient is Refused."""

    system = System.OFFICE
    able: Mapping[tuple[Kind, Verb], Ability] = {
        (Kind.MAIL, Verb.SEND): Ability(key=Key.HOUSE, repeat=Repeat.MARKER, reversible=False),
        (Kind.MEETING, Verb.CREATE): Ability(key=Key.HOUSE, repeat=Repeat.OWN_KEY, reversible=True),
        (Kind.MEETING, Verb.SEND): Ability(key=Key.HOUSE, repeat=Repeat.MARKER, reversible=False),
        (Kind.ACKNOWLEDGEMENT, Verb.ACCEPT): Ability(key=Key.PERSON, repeat=Repeat.MARKER, reversible=False),
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
        """What we sent about this customer, the meetings we called, and what the recipient of secrets wrote back."""
        scope = self._facts.provider.mailbox
        kinds = [Kind.MAIL, Kind.MEETING, *([Kind.ACKNOWLEDGEMENT] if self._facts.recipient else [])]
        return tuple(Cell(system=System.OFFICE, kind=kind, scope=scope, key=Key.HOUSE) for kind in kinds)

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """Mails and meetings that carry this customer's mark; mails of the recipient that name a parcel."""
        box = self._at(cell.key, cell.scope)
        if cell.kind is Kind.ACKNOWLEDGEMENT:
            for row in self._written_back(box):
                yield acknowledgement(row, _at(cell, text(row, "id")), out)
            return
        clause = marked("customer", self._facts.customer.slug)
        for row in box.sent(clause) if cell.kind is Kind.MAIL else box.events(clause):
            yield item(row, _at(cell, text(row, "id")), out, *self._told(box, cell.kind, row))

    def read(self, target: Target, out: Sink) -> Item | None:
        """GET by the vendor's id; by our own name for a letter (case/letter) it is looked for by its mark."""
        box = self._at(target.key, target.scope)
        if target.kind is Kind.ACKNOWLEDGEMENT:
            return self._acknowledged(box, target, out)
        row = self._named(box, target) if "/" in target.id else self._one(box, target)
        if row is None:
            box.opens()
            return None
        return item(row, target, out, *self._told(box, target.kind, row))

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """Whether something with this mark left or stands in the calendar. A mere draft is not sent, and a letter that
        came back arrived nowhere."""
        self._possible(action)
        if action.kind is Kind.ACKNOWLEDGEMENT:
            return self._answered(self._at(Key.HOUSE, action.scope), action.target)
        box = self._at(action.key, action.scope)
        if _off(action):
            return None if self._standing(box, action) else _taken_back(box)
        row = self._done(box, action, once)
        return self._became(box, action, row) if row is not None else None

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Send the approved letter, or make the approved meeting; once, however often it is asked."""
        self._possible(action)
        if action.kind is Kind.ACKNOWLEDGEMENT:
            raise Refused("the recipient acknowledges the parcel; nobody does it for them")
        recipients(action, self._facts)
        box = self._at(action.key, action.scope)
        if _off(action):
            return self._cancelled(box, action, out.fetch(Digest(said(action, "letter"))).decode())
        row = self._done(box, action, once)
        if row is not None:
            return self._became(box, action, row)
        body, attached = out.fetch(Digest(said(action, "letter"))).decode(), attachments(action, out)
        if action.verb is Verb.CREATE:
            if attached:
                raise Refused(f"{action.name}: an invitation carries no files; send them with a letter")
            return self._met(box, action, event(action, once, body, self._facts))
        waiting = [one for one in box.messages(marked("once", once)) if dig(one, "isDraft") is True]
        if waiting:
            return self._sent(box, action, once, text(waiting[0], "id"))
        ident = box.draft(draft(action, once, body, self._facts, attached))
        return self._sent(box, action, once, ident)

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Nothing here goes on by itself."""
        raise Refused(f"{action.verb} {action.kind}: there is no operation to ask after")

    def _met(self, box: Mailbox, action: Action, whole: Object) -> Receipt:
        """A meeting that stands in the calendar already is changed: one meeting keeps one entry and one UID."""
        standing = self._standing(box, action)
        if not standing:
            return Receipt(outcome=Outcome.DONE, code="201", said=(("id", box.meet(whole)),))
        ident = text(standing[0], "id")
        answer = box.move(ident, {name: value for name, value in whole.items() if name not in FIXED})
        return Receipt(outcome=Outcome.DONE, code=str(answer.status), said=(("id", ident), ("was", "moved")))

    def _standing(self, box: Mailbox, action: Action) -> list[Object]:
        return [one for one in box.events(marked("letter", action.target)) if dig(one, "isCancelled") is not True]

    def _cancelled(self, box: Mailbox, action: Action, words: str) -> Receipt:
        """Take back what stands in the calendar; everybody who is invited is told by the calendar itself."""
        standing = self._standing(box, action)
        if not standing:
            return _taken_back(box)
        for one in standing:
            box.cancel(text(one, "id"), words)
        return Receipt(outcome=Outcome.DONE, code="202", said=(("id", text(standing[0], "id")),))

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

    def _told(self, box: Mailbox, kind: Kind, row: Object) -> Told:
        conversation = text(row, "conversationId")
        return told(box.thread(conversation), people_of(row)) if kind is Kind.MAIL and conversation else ()

    def _became(self, box: Mailbox, action: Action, row: Object) -> Receipt:
        back = dict(self._told(box, action.kind, row)).get("returned")
        if not back:
            return _found(row)
        said = (("id", text(row, "id")), ("missing", f"it came back on {back[:10]}; mend the address in the facts"))
        return Receipt(outcome=Outcome.PARTLY, code="returned", said=said)

    def _written_back(self, box: Mailbox) -> list[Object]:
        """Mails in our inbox from exactly the recipient of the secrets that hold a digest; none counts after the
        control read."""
        if self._facts.recipient is None:
            raise Refused("nobody is named who receives the secrets; nobody can acknowledge them")
        mail = self._facts.recipient.mail.lower()
        found = [one for one in box.received(mail) if sender(one) == mail]
        if not found:
            box.opens()
        return [one for one in found if digests(one)]

    def _acknowledged(self, box: Mailbox, target: Target, out: Sink) -> Item | None:
        if PARCEL.fullmatch(target.id):
            digits = target.id.partition(":")[2]
            row = next((one for one in self._written_back(box) if digits in digests(one)), None)
        else:
            row = box.message(target.id, INBOX_FIELDS)
            if row is None:
                box.opens()
        mail = self._facts.recipient.mail.lower() if self._facts.recipient else ""
        if row is not None and sender(row) != mail:
            raise Refused("that message is not from the recipient of the secrets")
        return acknowledgement(row, target, out) if row is not None else None

    def _answered(self, box: Mailbox, parcel: str) -> Receipt | None:
        if not PARCEL.fullmatch(parcel):
            raise Refused(f"{parcel!r} is not the digest of a parcel")
        digits = parcel.partition(":")[2]
        row = next((one for one in self._written_back(box) if digits in digests(one)), None)
        if row is None:
            return None
        named = (("from", sender(row)), ("received", text(row, "receivedDateTime")), ("id", text(row, "id")))
        return Receipt(outcome=Outcome.FOUND, code="acknowledged", said=named)

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
            tokens = source_of(
                house,
                system=SYSTEM,
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


def _off(action: Action) -> bool:
    return action.kind is Kind.MEETING and action.verb is Verb.SEND


def _taken_back(box: Mailbox) -> Receipt:
    """Nothing of it stands in the calendar, after the control read."""
    box.opens()
    return Receipt(outcome=Outcome.FOUND, code="off")


def _found(row: Object) -> Receipt:
    return Receipt(outcome=Outcome.FOUND, code="marked", said=(("id", text(row, "id")),))
