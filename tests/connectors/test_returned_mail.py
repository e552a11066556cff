"""Plain mail that comes back: seen in the mailbox to which reports go, and never guessed where nobody looks."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from house_hands import act, approved

from fakes.connector_desk import ONCE, Desk
from fakes.ports import serving
from sendoff.connectors.smtp.client import SmtpDoor
from sendoff.connectors.smtp.connector import SmtpConnector
from sendoff.connectors.smtp.reports import returned
from sendoff.connectors.smtp.returns_client import ReturnsDoor
from sendoff.model.digest import Digest
from sendoff.model.errors import BadInput, ConnectorError, Denied, Unreachable
from sendoff.model.inventory import Item, Kind, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Outcome, Receipt
from sendoff.model.secret import Secret
from sendoff.sandbox.graph_mail import deliver
from sendoff.sandbox.imap import Mailroom
from sendoff.sandbox.serve import context
from sendoff.sandbox.smtp import Post
from sendoff.sandbox.wire import text

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
POSTFIX = b"""Return-Path: <>\r
Received: by mail.msp.example (Postfix)\r
\tid 4FA77; Mon, 23 Nov 2026 10:00:01 +0100 (CET)\r
Date: Mon, 23 Nov 2026 10:00:01 +0100 (CET)\r
From: MAILER-DAEMON@mail.msp.example (Mail Delivery System)\r
Subject: Undelivered Mail Returned to Sender\r
To: offboarding@intercept.example\r
Auto-Submitted: auto-replied\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status;\r
\tboundary="4FA77.1763888401/mail.msp.example"\r
Message-Id: <20261123090001.4FA78@mail.msp.example>\r
\r
This is a MIME-encapsulated message.\r
\r
--4FA77.1763888401/mail.msp.example\r
Content-Description: Notification\r
Content-Type: text/plain; charset=us-ascii\r
\r
This is the mail system at host mail.msp.example.\r
\r
--4FA77.1763888401/mail.msp.example\r
Content-Description: Delivery report\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mail.msp.example\r
X-Postfix-Queue-ID: 4FA77\r
X-Postfix-Sender: rfc822; offboarding@intercept.example\r
Arrival-Date: Mon, 23 Nov 2026 10:00:00 +0100 (CET)\r
\r
Final-Recipient: rfc822; anna@vandermeer.example\r
Original-Recipient: rfc822;anna@vandermeer.example\r
Action: failed\r
Status: 5.1.1\r
Remote-MTA: dns; mx.vandermeer.example\r
Diagnostic-Code: smtp; 550 5.1.1 <anna@vandermeer.example>: Recipient address\r
    rejected: User unknown in virtual mailbox table\r
\r
Final-Recipient: rfc822; bram@vandermeer.example\r
Action: delayed\r
Status: 4.4.1\r
\r
--4FA77.1763888401/mail.msp.example\r
Content-Description: Undelivered Message Headers\r
Content-Type: text/rfc822-headers\r
\r
From: offboarding@intercept.example\r
To: anna@vandermeer.example\r
Subject: =?utf-8?q?Bevestiging_=C3=A9?=\r
Message-ID: <abababababababababababababababab@intercept.example>\r
X-Sendoff-Customer: vandermeer\r
\r
--4FA77.1763888401/mail.msp.example--\r
"""
EXCHANGE = b"""From: <postmaster@vandermeer.example>\r
To: <offboarding@intercept.example>\r
Date: Mon, 23 Nov 2026 09:00:05 +0000\r
Content-Type: multipart/report; report-type=delivery-status;\r
\tboundary="94e2b1d5-0001"\r
X-MS-Exchange-Message-Is-Ndr:\r
Content-Language: en-US\r
In-Reply-To: <abababababababababababababababab@intercept.example>\r
References: <abababababababababababababababab@intercept.example>\r
Subject: Undeliverable: Bevestiging\r
Auto-Submitted: auto-replied\r
\r
--94e2b1d5-0001\r
Content-Type: multipart/alternative; differences=Content-Type;\r
\tboundary="94e2b1d5-0002"\r
\r
--94e2b1d5-0002\r
Content-Type: text/html; charset="us-ascii"\r
\r
<p>Your message to anna@vandermeer.example couldn't be delivered.</p>\r
\r
--94e2b1d5-0002--\r
\r
--94e2b1d5-0001\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns;AM0PR01MB0001.eurprd01.prod.example\r
\r
Final-recipient: RFC822;anna@vandermeer.example\r
Action: failed\r
Status: 5.1.10\r
Diagnostic-code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound\r
\r
--94e2b1d5-0001\r
Content-Type: message/rfc822\r
\r
Subject: Bevestiging\r
Message-ID: <abababababababababababababababab@intercept.example>\r
X-Sendoff-Customer: vandermeer\r
\r
Geachte mevrouw\r
\r
--94e2b1d5-0001--\r
"""
IDENT = "<abababababababababababababababab@intercept.example>"


@pytest.mark.parametrize(("raw", "subject"), [(POSTFIX, "Bevestiging é"), (EXCHANGE, "Bevestiging")])
def test_a_report_names_the_letter_and_to_whom_it_did_not_come(raw: bytes, subject: str) -> None:
    said = returned(raw, AT)
    assert said is not None
    assert (said.letters, said.people) == ((IDENT,), ("anna@vandermeer.example",))
    assert (said.subject, said.customer, said.at) == (subject, "vandermeer", AT)


def test_a_report_without_the_letter_is_about_what_it_answers() -> None:
    said = returned(EXCHANGE.partition(b"--94e2b1d5-0001\r\nContent-Type: message/rfc822")[0], AT)
    assert said is not None and IDENT in said.letters


@pytest.mark.parametrize("action", [b"delayed", b"delivered", b"relayed", b"expanded"])
def test_what_did_not_fail_did_not_come_back(action: bytes) -> None:
    assert returned(POSTFIX.replace(b"Action: failed", b"Action: " + action), AT) is None


@pytest.mark.parametrize("raw", [
    b"",
    b"\xff\xfe\x00",
    b"Subject: Undeliverable: Bevestiging\r\n\r\nAction: failed\r\n",
    POSTFIX.replace(b"report-type=delivery-status", b"report-type=disposition-notification"),
    EXCHANGE.replace(b"message/delivery-status", b"text/plain"),
    POSTFIX[:700],
])  # fmt: skip
def test_what_is_no_report_is_none_whatever_it_says(raw: bytes) -> None:
    assert returned(raw, AT) is None


def test_a_subject_that_nobody_can_decode_is_told_as_it_came() -> None:
    said = returned(POSTFIX.replace(b"=?utf-8?q?", b"=?no-such-set?q?"), AT)
    assert said is not None and "no-such-set" in said.subject
    said = returned(POSTFIX.replace(b"=?utf-8?q?Bevestiging_=C3=A9?=", "Bevestiging é".encode()), AT)
    assert said is not None and said.subject == "Bevestiging é", "in eight bits"


# ---- over real connections ----------------------------------------------------------------------------------------


@dataclass
class There:
    """The sandbox's mail server and mailbox."""

    desk: Desk
    post: Post
    room: Mailroom
    trust: ssl.SSLContext

    def hand(self, *, looks: bool = True, password: str = "", url: str = "") -> SmtpConnector:
        known = self.desk.known["msp"]
        login, secret = text(known, "smtp", "login"), text(known, "smtp", "password")
        back = ReturnsDoor(url=url or f"{self.room.base}/INBOX", login=login, password=Secret(password or secret))
        return SmtpConnector(
            self.desk.facts,
            SmtpDoor(url=self.post.base, login=login, password=Secret(secret)),
            limits=self.desk.limits,
            context=self.trust,
            returns=back if looks else None,
        )

    def gone(self, mail: str) -> None:
        """Nobody has this address any more."""
        box = self.desk.sandbox.world.get("graph", "mailbox", mail)
        assert box is not None
        self.desk.sandbox.world.remove(box)

    def arrived(self) -> int:
        return sum(1 for row in self.desk.sandbox.world.record.rows if row.get("method") == "DATA")


@contextmanager
def served(folder: Path) -> Iterator[There]:
    desk = Desk()
    tls = context(folder)
    with serving(Post(desk.sandbox, tls)) as post, serving(Mailroom(desk.sandbox, tls)) as room:
        yield There(desk, post, room, ssl.create_default_context(cafile=str(folder / "ca.pem")))


def letter(there: There, hand: SmtpConnector) -> Action:
    desk = there.desk
    body = approved(desk, "Geachte mevrouw, café.\n".encode())
    to = desk.facts.customer.contacts[0].mail
    content = (("letter", body), ("subject", "Bevestiging é"), ("to", to))
    return act(hand, Kind.MAIL, Verb.SEND, "case-1/confirmation", desk.facts.provider.mailbox, *content)


def items(there: There, hand: SmtpConnector) -> list[Item]:
    return [one for cell in hand.cells() for one in hand.look(cell, there.desk.tray)]


def test_a_letter_that_comes_back_is_seen_told_and_not_sent_again(tmp_path: Path) -> None:
    with served(tmp_path) as there:
        hand = there.hand()
        hand.probe(Key.HOUSE)
        action = letter(there, hand)
        assert hand.find(action, once=ONCE) is None and items(there, hand) == []
        there.gone(there.desk.facts.customer.contacts[0].mail)
        sent = hand.apply(action, once=ONCE, out=there.desk.tray)
        assert isinstance(sent, Receipt) and sent.outcome is Outcome.DONE
        receipt = there.hand().find(action, once=ONCE)
        assert receipt is not None and (receipt.outcome, receipt.code) == (Outcome.PARTLY, "returned")
        assert "it came back on 2026-11-23 from" in dict(receipt.said)["missing"]
        (item,) = items(there, hand)
        assert item.name == "Bevestiging é" and item.fact("returned").startswith("2026-11-23")
        again = hand.apply(action, once=ONCE, out=there.desk.tray)
        assert isinstance(again, Receipt) and again.outcome is Outcome.PARTLY and there.arrived() == 1
        other = Digest("sha256:" + "cd" * 32)
        assert hand.find(action, once=other) is None, "another letter did not come back"


def test_a_letter_that_arrived_is_not_called_so_and_a_mail_that_only_says_it_came_back_is_none(tmp_path: Path) -> None:
    with served(tmp_path) as there:
        hand = there.hand()
        action = letter(there, hand)
        hand.apply(action, once=ONCE, out=there.desk.tray)
        ours = there.desk.facts.provider.mailbox
        deliver(there.desk.sandbox.world, ours, "postmaster@vandermeer.example", f"Undeliverable {IDENT}", "failed")
        assert hand.find(action, once=ONCE) is None and items(there, hand) == []


def test_what_came_back_from_another_customer_is_not_told_in_this_case(tmp_path: Path) -> None:
    with served(tmp_path) as there:
        hand = there.hand()
        there.gone(there.desk.facts.customer.contacts[0].mail)
        hand.apply(letter(there, hand), once=ONCE, out=there.desk.tray)
        assert len(items(there, hand)) == 1
        facts = there.desk.facts
        there.desk.facts = replace(facts, customer=replace(facts.customer, slug="meerzicht"))
        assert items(there, there.hand()) == []


def test_a_server_whose_day_lies_behind_ours_hides_nothing(tmp_path: Path) -> None:
    with served(tmp_path) as there:
        there.gone(there.desk.facts.customer.contacts[0].mail)
        action = letter(there, there.hand())
        there.hand().apply(action, once=ONCE, out=there.desk.tray)
        facts, came = there.desk.facts, there.desk.sandbox.world.now.date()
        there.desk.facts = replace(facts, notice=replace(facts.notice, reached=came + timedelta(days=1)))
        assert there.hand().find(action, once=ONCE) is not None


def test_without_a_mailbox_for_returns_nothing_is_looked_for_and_that_is_said(tmp_path: Path) -> None:
    with served(tmp_path) as there:
        blind, sees = there.hand(looks=False), there.hand()
        assert blind.cells() == () and "are not looked for" in blind.way(Key.HOUSE)
        assert len(sees.cells()) == 1 and sees.way(Key.HOUSE).endswith("are looked for")
        there.gone(there.desk.facts.customer.contacts[0].mail)
        action = letter(there, blind)
        blind.apply(action, once=ONCE, out=there.desk.tray)
        assert blind.find(action, once=ONCE) is None and sees.find(action, once=ONCE) is not None


def test_a_mailbox_that_cannot_be_read_is_never_one_without_reports(tmp_path: Path) -> None:
    with served(tmp_path) as there:
        action = letter(there, there.hand())
        with pytest.raises(Denied) as no:
            there.hand(password="not it").find(action, once=ONCE)
        assert "not it" not in str(no.value) and "Authentication" not in str(no.value)
        with pytest.raises(ConnectorError):
            items(there, there.hand(url=f"{there.room.base}/Elsewhere"))
        for do, error in (("drop", Unreachable), ("forbid", ConnectorError)):
            there.desk.trouble(do=do, vendor="imap", method="UID SEARCH")
            with pytest.raises(error):
                items(there, there.hand())
            there.desk.calm()
        assert items(there, there.hand()) == []


def test_the_mailbox_is_read_inside_tls_alone_and_only_where_somebody_vouches_for_it(tmp_path: Path) -> None:
    with served(tmp_path) as there:
        plain = there.room.base.replace("imaps://", "imap://")
        with pytest.raises(BadInput, match="imaps://"):
            items(there, there.hand(url=plain))
        there.trust = ssl.create_default_context()
        with pytest.raises(Unreachable):
            items(there, there.hand())
