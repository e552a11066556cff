"""The mail server, driven by smtplib: what it refuses, and what arrives in the mailboxes and calendars."""

import base64
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest
from sandbox_callers import Estate, estate

from fakes.ports import serving
from sendoff.sandbox.serve import context
from sendoff.sandbox.smtp import SIZE, Post
from sendoff.sandbox.wire import Obj, arr, dig, obj, text

ANNA, BRAM, US = "anna@vandermeer.example", "bram@vandermeer.example", "offboarding@intercept.example"
INVITE = """BEGIN:VCALENDAR\r
VERSION:2.0\r
METHOD:{method}\r
BEGIN:VTIMEZONE\r
TZID:Europe/Amsterdam\r
BEGIN:STANDARD\r
DTSTART:19701025T030000\r
END:STANDARD\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
UID:so-123@intercept.example\r
SEQUENCE:{sequence}\r
SUMMARY:Exit meeting\\, with a long\r
  title\r
DTSTART;TZID=Europe/Amsterdam:{start}\r
DTEND;TZID=Europe/Amsterdam:20261201T110000\r
ORGANIZER;CN="Desk: ours":mailto:offboarding@intercept.example\r
ATTENDEE;CN=Anna;RSVP=TRUE:mailto:anna@vandermeer.example\r
END:VEVENT\r
END:VCALENDAR\r
"""


@contextmanager
def port(world: Estate, folder: Path) -> Iterator[tuple[Post, ssl.SSLContext]]:
    """The served port and a context that trusts it."""
    with serving(Post(world.sandbox, context(folder))) as post:
        yield post, ssl.create_default_context(cafile=str(folder / "ca.pem"))


@contextmanager
def client(world: Estate, folder: Path, *, signed_in: bool = True) -> Iterator[smtplib.SMTP_SSL]:
    """A client that nobody here wrote."""
    with port(world, folder) as (post, trust):
        number = int(post.base.rpartition(":")[2])
        mail = smtplib.SMTP_SSL("127.0.0.1", number, context=trust, timeout=5)
        try:
            if signed_in:
                mail.login(text(world.known, "msp", "smtp", "login"), text(world.known, "msp", "smtp", "password"))
            yield mail
        finally:
            mail.close()


def letter(*people: str, body: str = "Hello\n.\nThere is a dot.\n") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = US, ", ".join(people), "Het manifest – één"
    made["Message-ID"] = "<so-1@intercept.example>"
    made["X-Sendoff-Once"] = "abc"
    made.set_content(body)
    return made


def invitation(method: str, start: str, number: int) -> EmailMessage:
    made = letter(ANNA)
    said = INVITE.format(method=method, start=start, sequence=number)
    made.add_alternative(said.encode(), maintype="text", subtype="calendar", params={"method": method})
    return made


def inbox(world: Estate, box: str) -> list[Obj]:
    key = world.person(box, "https://graph.microsoft.com/.default")
    found = world.graph("GET", "/me/mailFolders/inbox/messages?$expand=attachments&$select=", key).json()
    return [obj(one) for one in arr(dig(found, "value"))]


def events(world: Estate, box: str) -> list[Obj]:
    key = world.person(box, "https://graph.microsoft.com/.default")
    return [obj(one) for one in arr(dig(world.graph("GET", "/me/events", key).json(), "value"))]


def test_a_mail_arrives_with_its_attachment_its_header_and_its_dot(tmp_path: Path) -> None:
    world = estate()
    made = letter(ANNA)
    made.add_attachment(b"\x00sealed", maintype="application", subtype="octet-stream", filename="parcel.age")
    with client(world, tmp_path) as mail:
        assert mail.send_message(made) == {}
    (one,) = inbox(world, ANNA)
    assert (one["subject"], one["internetMessageId"]) == ("Het manifest – één", "<so-1@intercept.example>")
    assert text(dig(one, "body"), "content").startswith("Hello\n.\nThere is a dot.")
    (attached,) = arr(one["attachments"])
    assert text(attached, "name") == "parcel.age"
    assert base64.b64decode(text(attached, "contentBytes")) == b"\x00sealed"
    assert text(dig(one, "from", "emailAddress"), "address") == US


def test_a_blind_copy_arrives_and_is_in_no_header(tmp_path: Path) -> None:
    world = estate()
    with client(world, tmp_path) as mail:
        mail.send_message(letter(ANNA), US, [ANNA, BRAM])
    (one,) = inbox(world, BRAM)
    assert [text(dig(row, "emailAddress"), "address") for row in arr(one["toRecipients"])] == [ANNA]


def test_a_calendar_request_becomes_an_event_and_its_update_moves_the_same_one(tmp_path: Path) -> None:
    world = estate()
    with client(world, tmp_path) as mail:
        steps = (
            ("REQUEST", "20261201T100000", 0),
            ("REQUEST", "20261201T103000", 1),
            ("REQUEST", "20260101T090000", 0),
        )
        for method, start, number in steps:
            made = letter(ANNA)
            said = INVITE.format(method=method, start=start, sequence=number)
            made.add_alternative(said.encode(), maintype="text", subtype="calendar", params={"method": method})
            mail.send_message(made)
        (one,) = events(world, ANNA)
        assert (one["iCalUId"], one["subject"]) == ("so-123@intercept.example", "Exit meeting, with a long title")
        start_now = {"dateTime": "2026-12-01T10:30:00.0000000", "timeZone": "Europe/Amsterdam"}
        assert one["start"] == start_now and text(dig(one, "organizer", "emailAddress"), "address") == US
        mail.send_message(invitation("CANCEL", "20261201T103000", 2))
    assert [one["isCancelled"] for one in events(world, ANNA)] == [True]


def test_the_cast_reads_such_a_mail_and_accepts_the_export(tmp_path: Path) -> None:
    world = estate()
    with client(world, tmp_path) as mail:
        mail.send_message(letter(BRAM))
    did = [text(one, "did") for one in arr(dig(world.control("POST", "/cast/act"), "did"))]
    assert "accepted the export" in did


def test_nobody_sends_without_signing_in_and_a_wrong_password_is_a_535(tmp_path: Path) -> None:
    world = estate()
    with client(world, tmp_path, signed_in=False) as mail:
        assert mail.ehlo()[0] == 250 and mail.has_extn("auth")
        assert mail.mail(US)[0] == 530
        with pytest.raises(smtplib.SMTPAuthenticationError) as no:
            mail.login("sendoff@intercept.example", "wrong")
        assert no.value.smtp_code == 535


def test_both_ways_to_sign_in_are_understood(tmp_path: Path) -> None:
    world = estate()
    for way in ("auth_plain", "auth_login"):
        with client(world, tmp_path, signed_in=False) as mail:
            mail.ehlo()
            mail.user = text(world.known, "msp", "smtp", "login")
            mail.password = text(world.known, "msp", "smtp", "password")
            assert mail.auth(way.removeprefix("auth_").upper(), getattr(mail, way))[0] == 235


def test_an_unknown_domain_another_sender_and_a_large_mail_are_refused(tmp_path: Path) -> None:
    world = estate()
    with client(world, tmp_path) as mail:
        mail.ehlo()
        assert mail.mail("anna@vandermeer.example")[0] == 550
        assert mail.mail(US, [f"SIZE={SIZE + 1}"])[0] == 552
        assert mail.rcpt(ANNA)[0] == 503
        assert mail.mail(US)[0] == 250 and mail.mail(US)[0] == 503
        assert mail.rcpt("x@nowhere.example")[0] == 550
        assert mail.docmd("DATA")[0] == 503
        assert mail.rset()[0] == 250 and mail.noop()[0] == 250
        assert mail.docmd("EXPN x")[0] == 500


def test_a_message_that_is_larger_than_the_limit_is_a_552_after_the_data(tmp_path: Path) -> None:
    world = estate()
    with client(world, tmp_path) as mail:
        mail.ehlo()
        mail.mail(US)
        mail.rcpt(ANNA)
        line = b"x" * 998 + b"\r\n"
        assert mail.data(line * (SIZE // len(line) + 1))[0] == 552
    assert inbox(world, ANNA) == []


def test_troubles_reach_the_mail_server_too(tmp_path: Path) -> None:
    world = estate()
    world.control("POST", "/trouble", {"do": "throttle", "vendor": "smtp", "method": "MAIL", "times": 1})
    with client(world, tmp_path) as mail, pytest.raises(smtplib.SMTPResponseException) as later:
        mail.send_message(letter(ANNA))
    assert later.value.smtp_code == 421
    world.control("POST", "/trouble", {"do": "lost-answer", "vendor": "smtp", "method": "DATA", "times": 1})
    with client(world, tmp_path) as mail, pytest.raises(smtplib.SMTPServerDisconnected):
        mail.send_message(letter(ANNA))
    assert len(inbox(world, ANNA)) == 1


def test_a_delivery_is_on_the_record_with_who_signed_in(tmp_path: Path) -> None:
    world = estate()
    with client(world, tmp_path) as mail:
        mail.send_message(letter(ANNA))
    rows = [obj(one) for one in arr(world.control("GET", "/record"))]
    (call,) = [one for one in rows if one.get("method") == "DATA"]
    assert (call["vendor"], call["caller"], call["status"]) == ("smtp", "smtp:sendoff@intercept.example", 250)
