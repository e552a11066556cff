"""Plain mail: always inside TLS, only to those who have a part in the leaving, and in doubt when no answer comes."""

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
import trustme
from house_hands import act, approved

from fakes.connector_desk import ONCE, Desk
from sendoff.connectors.smtp.client import SmtpDoor
from sendoff.connectors.smtp.connector import SmtpConnector
from sendoff.model.errors import BadInput, Confusing, ConnectorError, Denied, Refused, Throttled, Unreachable
from sendoff.model.inventory import Kind, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Outcome, Receipt
from sendoff.model.secret import Secret
from sendoff.ports import Repeat

PASSWORD = "pl4nted-" + "password"
AUTHORITY = trustme.CA()


@dataclass
class Station:
    """A mail server on the loopback: what came, and what it says to each command."""

    tls: bool = True
    offers: tuple[str, ...] = ("AUTH PLAIN LOGIN",)
    says: dict[str, str] = field(default_factory=dict)
    mails: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    port: int = 0
    cut: bool = False
    """The line breaks after the mail was taken."""

    def context(self) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        AUTHORITY.issue_cert("127.0.0.1").configure_cert(made)
        return made


class Talk(socketserver.StreamRequestHandler):
    """One conversation."""

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        station = server.station
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline().decode().strip():
            word = line.split(" ")[0].upper()
            station.commands.append(line)
            self._say(station.says.get(word) or self._usual(station, word))
            if word == "QUIT":
                return
            if word == "DATA" and "DATA" not in station.says:
                self._taken(station)
                if station.cut:
                    return

    def _usual(self, station: Station, word: str) -> str:
        if word == "EHLO":
            return "\r\n".join([f"250-{one}" for one in ("hello", *station.offers)] + ["250 8BITMIME"])
        return {"AUTH": "235 ok", "DATA": "354 go", "QUIT": "221 bye"}.get(word, "250 ok")

    def _taken(self, station: Station) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        station.mails.append(b"".join(lines))
        if not station.cut:
            self._say("250 2.0.0 Ok: queued as 4FA-77")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    """Listens on the loopback, inside TLS when the station says so."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, station: Station) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.station = station
        station.port = self.server_address[1]
        if station.tls:
            self.socket = station.context().wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is what some of these tests are about."""


@contextmanager
def listening(station: Station) -> Iterator[Station]:
    with Server(station) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield station
        server.shutdown()
        thread.join()


class Noon:
    """A clock that stands still."""

    def now(self) -> datetime:
        return datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


def smtp(desk: Desk, station: Station, scheme: str = "smtps", password: str = PASSWORD) -> SmtpConnector:
    door = SmtpDoor(url=f"{scheme}://127.0.0.1:{station.port}", login="sendoff", password=Secret(password))
    trusts = ssl.create_default_context()
    AUTHORITY.configure_trust(trusts)
    return SmtpConnector(desk.facts, door, limits=desk.limits, clock=Noon(), context=trusts)


def letter(desk: Desk, connector: SmtpConnector, *more: tuple[str, str], kind: Kind = Kind.MAIL) -> Action:
    body = approved(desk, "Geachte mevrouw,\n\nTot ziens, café.\n.\n".encode())
    content = (("letter", body), ("subject", "Bevestiging é"), ("to", desk.facts.customer.contacts[0].mail), *more)
    verb = Verb.SEND if kind is Kind.MAIL else Verb.CREATE
    return act(connector, kind, verb, "case-1/confirmation", desk.facts.provider.mailbox, *content)


def arrived(station: Station) -> EmailMessage:
    found = message_from_bytes(station.mails[0], policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_a_letter_arrives_with_its_marks_and_its_file() -> None:
    desk = Desk()
    sealed = bytes(range(256)) * 40
    with listening(Station()) as station:
        connector = smtp(desk, station)
        action = letter(desk, connector, ("attach", f"{approved(desk, sealed)} parcel.age"))
        receipt = connector.apply(action, once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and (receipt.outcome, receipt.code) == (Outcome.DONE, "250")
    assert dict(receipt.said)["queue"] == "4FA-77"
    mail = arrived(station)
    part = mail.get_body()
    assert part is not None and part.get_content().splitlines()[:3] == ["Geachte mevrouw,", "", "Tot ziens, café."]
    assert mail["Subject"] == "Bevestiging é" and mail["X-Sendoff-Once"] == ONCE
    assert mail["Message-ID"] == f"<{'ab' * 16}@intercept.example>" and mail["Date"].startswith("Mon, 23 Nov 2026")
    files = [(one.get_filename(), one.get_content()) for one in mail.iter_attachments()]
    assert files == [("parcel.age", sealed)]


def test_an_invitation_carries_its_calendar_part() -> None:
    desk = Desk()
    invite = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
    with listening(Station()) as station:
        connector = smtp(desk, station)
        action = letter(desk, connector, ("invite", approved(desk, invite)), kind=Kind.MEETING)
        connector.apply(action, once=ONCE, out=desk.tray)
        with pytest.raises(Refused, match="calendar"):
            connector.apply(letter(desk, connector, kind=Kind.MEETING), once=ONCE, out=desk.tray)
    part = next(one for one in arrived(station).walk() if one.get_content_type() == "text/calendar")
    assert part.get_param("method") == "REQUEST" and "BEGIN:VCALENDAR" in str(part.get_payload(decode=True))


def test_a_server_without_tls_is_not_used_and_learns_no_password() -> None:
    desk = Desk()
    with listening(Station(tls=False)) as station, pytest.raises(Confusing, match="TLS"):
        smtp(desk, station, "smtp").probe(Key.HOUSE)
    assert not any(one.upper().startswith("AUTH") for one in station.commands)


def test_a_certificate_that_nobody_vouches_for_is_not_used() -> None:
    desk = Desk()
    with listening(Station()) as station:
        door = SmtpDoor(url=f"smtps://127.0.0.1:{station.port}", login="sendoff", password=Secret(PASSWORD))
        with pytest.raises(Unreachable):
            SmtpConnector(desk.facts, door, limits=desk.limits).probe(Key.HOUSE)
    assert station.commands == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "127.0.0.1:25", "smtp:"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    desk = Desk()
    with pytest.raises(BadInput):
        SmtpConnector(desk.facts, SmtpDoor(url=url), limits=desk.limits).probe(Key.HOUSE)


def test_nobody_who_has_no_part_in_the_leaving_is_written_to() -> None:
    desk = Desk()
    with listening(Station()) as station:
        connector = smtp(desk, station)
        for action in (letter(desk, connector, ("to", "somebody@elsewhere.example")),
                       replace(letter(desk, connector), scope="other@intercept.example")):  # fmt: skip
            with pytest.raises(Refused):
                connector.apply(action, once=ONCE, out=desk.tray)
    assert station.commands == []


@pytest.mark.parametrize(("word", "answer", "error"), [
    ("AUTH", "535 wrong words", Denied),
    ("RCPT", "550 no such user", Denied),
    ("MAIL", "451 later", Throttled),
    ("DATA", "554 wrong words", Denied),
    ("MAIL", "503 order", Confusing),
])  # fmt: skip
def test_what_the_server_refuses_has_its_own_name_and_no_words_of_the_server(
    word: str, answer: str, error: type[ConnectorError]
) -> None:
    desk = Desk()
    with listening(Station(says={word: answer})) as station, pytest.raises(error) as caught:
        connector = smtp(desk, station)
        connector.apply(letter(desk, connector), once=ONCE, out=desk.tray)
    assert caught.value.code == answer[:3] and answer[4:] not in str(caught.value) and station.mails == []
    assert PASSWORD not in repr(caught.value)


def test_a_mail_without_an_answer_may_have_left_and_is_never_found() -> None:
    desk = Desk()
    with listening(Station(cut=True)) as station:
        connector = smtp(desk, station)
        action = letter(desk, connector)
        with pytest.raises(Unreachable):
            connector.apply(action, once=ONCE, out=desk.tray)
        assert connector.find(action, once=ONCE) is None and len(station.mails) == 1
    assert {one.repeat for one in connector.able.values()} == {Repeat.NONE}


def test_there_is_nothing_to_look_at_and_that_is_not_nothing() -> None:
    desk = Desk()
    connector = smtp(desk, Station())
    assert connector.cells() == ()
    with pytest.raises(Refused):
        connector.read(letter(desk, connector).at, desk.tray)
