"""Our hands in plain mail: letters and invitations go out, and nothing can be looked up afterwards.

A crash between deed and record therefore ends in doubt, and a person decides (Repeat.NONE).
"""

import ssl
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sendoff.connectors.smtp.client import SYSTEM, Post, SmtpDoor, trusting
from sendoff.connectors.wire.attachments import attachments
from sendoff.connectors.wire.recipients import recipients, said, subject
from sendoff.model.digest import Digest
from sendoff.model.errors import Denied, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.ports import Ability, Clock, Limits, Repeat, Sink

ONCE = "X-Sendoff-Once"
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
    ) -> None:
        self._facts, self._door, self._limits, self._clock = facts, door, limits, clock
        self._context = context or trusting()

    def probe(self, key: Key) -> None:
        """Sign in at our mail server."""
        self._post(key).opens()

    def cells(self) -> tuple[Cell, ...]:
        """None: what was sent cannot be read back."""
        return ()

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """Refused: there is nothing that could be looked at, and that is not the same as nothing."""
        raise Refused("plain mail cannot be looked through; nothing was read")

    def read(self, target: Target, out: Sink) -> Item | None:
        """Refused, as a look is."""
        raise Refused("plain mail cannot be read back; nothing was read")

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """None, always: the server does not tell."""
        self._possible(action)
        return None

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Send the approved letter, or the approved invitation as a mail with its calendar part."""
        self._possible(action)
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
        mail["Message-ID"] = f"<{once.rpartition(':')[2][:32]}@{sender.rpartition('@')[2]}>"
        mail[ONCE] = once
        mail.set_content(out.fetch(Digest(said(action, "letter"))).decode())
        if action.kind is Kind.MEETING:
            invite = out.fetch(Digest(said(action, "invite"))).decode()
            method = "CANCEL" if action.verb is Verb.SEND else "REQUEST"
            mail.add_alternative(invite, subtype="calendar", params={"method": method})
        for one in attachments(action, out):
            kind, _, more = one.kind.partition("/")
            mail.add_attachment(one.data, maintype=kind, subtype=more, filename=one.name)
        return mail

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
