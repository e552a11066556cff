"""Our hands in plain mail: letters and invitations go out, and what was sent cannot be looked up afterwards.

A crash between deed and record therefore ends in doubt, and a person decides (Repeat.NONE). Only what came back can be
seen, where the settings name the mailbox to which it comes.
"""

import ssl
from collections.abc import Iterator, Mapping
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sendoff.connectors.smtp.client import SYSTEM, Post, SmtpDoor, trusting
from sendoff.connectors.smtp.reports import CUSTOMER, ONCE, Returned
from sendoff.connectors.smtp.returned_letters import letter_item
from sendoff.connectors.smtp.returns_client import Returns, ReturnsDoor
from sendoff.connectors.wire.attachments import attachments
from sendoff.connectors.wire.recipients import recipients, said, subject
from sendoff.model.digest import Digest
from sendoff.model.errors import Denied, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.ports import Ability, Clock, Limits, Repeat, Sink

LINES = SMTP.clone(max_line_length=120)
"""So that our mark stays on one line; 998 is the most that a line may have."""


class SmtpConnector:
    """Our mail server, as far as it concerns one customer. Any other sender or recipient is Refused."""

    system = System.OFFICE
    able: Mapping[tuple[Kind, Verb], Ability] = {
        (Kind.MAIL, Verb.SEND): Ability(key=Key.HOUSE, repeat=Repeat.NONE, reversible=False, batch=1),
        (Kind.MEETING, Verb.CREATE): Ability(key=Key.HOUSE, repeat=Repeat.NONE, reversible=False, batch=1),
        (Kind.MEETING, Verb.SEND): Ability(key=Key.HOUSE, repeat=Repeat.NONE, reversible=False, batch=1),
    }

    def __init__(
        self,
        facts: Facts,
        door: SmtpDoor,
        *,
        limits: Limits,
        clock: Clock | None = None,
        context: ssl.SSLContext | None = None,
        returns: ReturnsDoor | None = None,
    ) -> None:
        self._facts, self._door, self._limits, self._clock = facts, door, limits, clock
        self._context, self._returns = context or trusting(), returns

    def probe(self, key: Key) -> None:
        """Sign in at our mail server, and open the mailbox to which letters come back."""
        self._post(key).opens()
        if self._returns is not None:
            self._back(key, self._returns).opens()

    def way(self, key: Key) -> str:
        """Plain mail, and whether anybody looks for what comes back."""
        looked = "looked for" if self._returns is not None else "not looked for: [smtp] returns is not set"
        return f"plain mail; letters that come back are {looked}"

    def cells(self) -> tuple[Cell, ...]:
        """What came back; none where nobody looks for that: what was sent cannot be read back."""
        if self._returns is None:
            return ()
        scope = self._facts.provider.mailbox
        return (Cell(system=System.OFFICE, kind=Kind.MAIL, scope=scope, key=Key.HOUSE),)

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """The letters about this customer that came back. Refused where nobody looks: there is nothing that could be
        looked at, and that is not the same as nothing."""
        if self._returns is None or cell.kind is not Kind.MAIL:
            raise Refused("plain mail cannot be looked through; nothing was read")
        for one in self._reports(cell.key, self._returns):
            if one.customer == self._facts.customer.slug and any(map(self._ours, one.letters)):
                yield letter_item(one, cell, out)

    def read(self, target: Target, out: Sink) -> Item | None:
        """Refused, as a look is."""
        raise Refused("plain mail cannot be read back; nothing was read")

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """A letter that came back arrived nowhere; that it did not come back tells nothing, so None."""
        self._possible(action)
        if self._returns is None or action.kind is not Kind.MAIL:
            return None
        ident = self._name(once)
        found = [one for one in self._reports(action.key, self._returns) if ident in one.letters]
        if not found:
            return None
        first = min(found, key=lambda one: one.at)
        missing = f"it came back on {first.at:%Y-%m-%d} from {', '.join(first.people)}; mend the address in the facts"
        return Receipt(outcome=Outcome.PARTLY, code="returned", said=(("message-id", ident), ("missing", missing)))

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Send the approved letter, or the approved invitation as a mail with its calendar part. What came back is not
        sent again: with another address it is another letter."""
        back = self.find(action, once=once)
        if back is not None:
            return back
        to = recipients(action, self._facts)
        mail = self._letter(action, once, to, out)
        number, queue = self._post(action.key).send(self._facts.provider.mailbox, to, mail.as_bytes(policy=LINES))
        return Receipt(outcome=Outcome.DONE, code=number, said=(("queue", queue), ("message-id", mail["Message-ID"])))

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Nothing here goes on by itself."""
        raise Refused(f"{action.verb} {action.kind}: there is no operation to ask after")

    def _letter(self, action: Action, once: Digest, to: list[str], out: Sink) -> EmailMessage:
        mail, sender = EmailMessage(policy=LINES), self._facts.provider.mailbox
        mail["From"], mail["To"] = sender, ", ".join(to)
        mail["Subject"] = subject(action)
        if self._clock is not None:
            mail["Date"] = format_datetime(self._clock.now())
        mail["Message-ID"] = self._name(once)
        mail[ONCE], mail[CUSTOMER] = once, self._facts.customer.slug
        mail.set_content(out.fetch(Digest(said(action, "letter"))).decode())
        if action.kind is Kind.MEETING:
            invite = out.fetch(Digest(said(action, "invite"))).decode()
            method = "CANCEL" if action.verb is Verb.SEND else "REQUEST"
            mail.add_alternative(invite, subtype="calendar", params={"method": method})
        for one in attachments(action, out):
            kind, _, more = one.kind.partition("/")
            mail.add_attachment(one.data, maintype=kind, subtype=more, filename=one.name)
        return mail

    def _name(self, once: Digest) -> str:
        """The Message-ID of a deed, by which its report names it."""
        return f"<{once.rpartition(':')[2][:32]}@{self._facts.provider.mailbox.rpartition('@')[2]}>"

    def _ours(self, ident: str) -> bool:
        return ident.lower().endswith(f"@{self._facts.provider.mailbox.rpartition('@')[2].lower()}>")

    def _reports(self, key: Key, door: ReturnsDoor) -> list[Returned]:
        """Everything that came back since notice was given: no letter of this leaving is older. The server has days of
        its own, which may lie behind ours by one."""
        return self._back(key, door).reports(self._facts.notice.reached - timedelta(days=1))

    def _back(self, key: Key, door: ReturnsDoor) -> Returns:
        if key is not Key.HOUSE:
            raise Denied(f"we hold no {key} key for our mailbox", system=SYSTEM, code="NoKey")
        return Returns(door, context=self._context, limits=self._limits, bucket=f"imap|{door.url}")

    def _possible(self, action: Action) -> None:
        if action.system is not System.OFFICE or (action.kind, action.verb) not in self.able:
            raise Refused(f"{action.verb} {action.kind}: plain mail has no such deed")
        if action.scope.lower() != self._facts.provider.mailbox.lower():
            raise Refused(f"{action.scope} is not the mailbox that this case writes from; nothing was done")
        if action.kind is Kind.MEETING and not said(action, "invite"):
            raise Refused(f"{action.name}: an invitation by plain mail needs its calendar file (invite)")

    def _post(self, key: Key) -> Post:
        if key is not Key.HOUSE:
            raise Denied(f"we hold no {key} key for our mail server", system=SYSTEM, code="NoKey")
        bucket = f"smtp|{self._facts.customer.slug}|{key}"
        return Post(self._door, context=self._context, limits=self._limits, bucket=bucket)
