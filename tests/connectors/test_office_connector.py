"""Our mailbox: one letter however often it is asked, and only to those who have a part in the leaving."""

import base64
import json
from dataclasses import replace

import pytest
from connector_hands import letter, office, seen

from fakes.connector_desk import NOW, ONCE, Desk
from fakes.in_process import PowerCut
from sendoff.model.errors import BadInput, Refused
from sendoff.model.facts import Recipient
from sendoff.model.inventory import Kind, Verb
from sendoff.model.key import Key
from sendoff.model.people import PersonId
from sendoff.model.plan import Action, Outcome, Receipt


def invitation(desk: Desk) -> Action:
    content = (("starts", "2026-12-01T10:00:00+01:00"), ("zone", "Europe/Amsterdam"), ("minutes", "45"))
    mail = letter(desk, office(desk))
    return replace(mail, kind=Kind.MEETING, verb=Verb.CREATE, target="case-1/meeting", content=mail.content + content)


def test_a_draft_left_by_a_crash_is_sent_and_not_written_again() -> None:
    desk = Desk()
    connector = office(desk)
    action = letter(desk, connector)

    def cut(request: object, body: bytes) -> bytes:
        if "isDraft" in body.decode() and b'"isDraft": true' in body:
            raise PowerCut("after the draft")
        return body

    desk.wire.edit = cut
    with pytest.raises(PowerCut):
        connector.apply(action, once=ONCE, out=desk.tray)
    desk.wire.edit = None
    assert office(desk).find(action, once=ONCE) is None
    receipt = office(desk).apply(action, once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
    drafts = [one for one in desk.wire.seen if one.method == "POST" and one.url.path.endswith("/messages")]
    assert len(drafts) == 1 and len(seen(connector, desk, Kind.MAIL)) == 1


def test_the_bytes_that_were_approved_are_the_bytes_that_are_sent() -> None:
    desk = Desk()
    connector = office(desk)
    action = letter(desk, connector)
    connector.apply(action, once=ONCE, out=desk.tray)
    draft = next(one for one in desk.wire.seen if one.method == "POST" and one.url.path.endswith("/messages"))
    assert json.loads(draft.read())["body"]["content"].encode() in desk.tray.approved.values()


def test_a_meeting_is_at_the_local_hour_and_has_one_transaction() -> None:
    desk = Desk()
    action = invitation(desk)
    office(desk).apply(action, once=ONCE, out=desk.tray)
    office(desk).apply(action, once=ONCE, out=desk.tray)
    meetings = seen(office(desk), desk, Kind.MEETING)
    assert [(one.fact("starts"), one.fact("zone")) for one in meetings] == [("2026-12-01T10:00:00", "Europe/Amsterdam")]
    assert meetings[0].fact("transactionId") == "abababab-abab-abab-abab-abababababab"


def test_a_letter_is_read_by_our_own_name_for_it() -> None:
    desk = Desk()
    connector = office(desk)
    action = letter(desk, connector)
    assert connector.read(action.at, desk.tray) is None
    connector.apply(action, once=ONCE, out=desk.tray)
    found = connector.read(action.at, desk.tray)
    assert found is not None and found.name == "Bevestiging"


def test_a_letter_without_recipients_or_to_a_stranger_is_refused_before_any_call() -> None:
    desk = Desk()
    connector = office(desk)
    action = letter(desk, connector)
    strangers = (
        "somebody@elsewhere.example",
        "a@vandermeer.example.elsewhere.example",
        "somebody@elsewhere.example<a@vandermeer.example",
        '"x@elsewhere.example"@vandermeer.example',
    )
    for to in ((), *((("to", one),) for one in strangers)):
        content = tuple(one for one in action.content if one[0] != "to") + to
        with pytest.raises(Refused):
            connector.apply(replace(action, content=content), once=ONCE, out=desk.tray)
    assert not desk.wire.seen


def test_files_go_with_a_letter_as_the_bytes_that_were_approved() -> None:
    desk = Desk()
    connector = office(desk)
    sealed = bytes(range(256))
    kept = desk.tray.image(sealed)
    desk.tray.approved[kept] = sealed
    action = letter(desk, connector)
    action = replace(action, content=(*action.content, ("attach", f"{kept} parcel.age")))
    connector.apply(action, once=ONCE, out=desk.tray)
    draft = next(one for one in desk.wire.seen if one.method == "POST" and one.url.path.endswith("/messages"))
    (file,) = json.loads(draft.read())["attachments"]
    assert base64.b64decode(file["contentBytes"]) == sealed
    assert (file["@odata.type"], file["name"]) == ("#microsoft.graph.fileAttachment", "parcel.age")


def test_files_that_do_not_fit_a_mail_are_refused_before_any_call() -> None:
    desk = Desk()
    connector = office(desk)
    large = bytes(1_600_000)
    kept = desk.tray.image(large)
    desk.tray.approved[kept] = large
    action = letter(desk, connector)
    twice = (("attach", f"{kept} a.bin"), ("attach", f"{kept} b.bin"))
    with pytest.raises(Refused, match="3200000 bytes"):
        connector.apply(replace(action, content=(*action.content, *twice)), once=ONCE, out=desk.tray)
    assert desk.wire.calls("POST", "/messages") == 0


@pytest.mark.parametrize("value", ["parcel.age", "sha256:00", "sha256:00 ../x", "sha256:00 a\\b", "sha256:00 a\nb"])
def test_an_attachment_without_a_plain_name_is_refused(value: str) -> None:
    desk = Desk()
    connector = office(desk)
    action = letter(desk, connector)
    with pytest.raises(BadInput):
        connector.apply(replace(action, content=(*action.content, ("attach", value))), once=ONCE, out=desk.tray)


DIGITS = "5f" * 32


def waiting(desk: Desk) -> Action:
    """The recipient's word on a parcel, as a plan asks for it."""
    mail = desk.facts.customer.contacts[0].mail
    one = Recipient(name="R", mail=mail, age_key="age1x", enrolled=NOW, read_back_by=PersonId("p"))
    desk.facts = replace(desk.facts, recipient=one)
    return replace(
        letter(desk, office(desk)),
        kind=Kind.ACKNOWLEDGEMENT,
        verb=Verb.ACCEPT,
        target=f"sha256:{DIGITS}",
        key=Key.PERSON,
        content=(),
    )


def inbox(desk: Desk, *mails: tuple[str, str, str]) -> None:
    """What lies in our inbox: sender, kind of text, text."""
    rows = [
        {
            "id": f"m{number}",
            "subject": "Re: parcel",
            "from": {"emailAddress": {"address": sender}},
            "receivedDateTime": "2026-12-20T10:00:00Z",
            "body": {"contentType": kind, "content": body},
        }
        for number, (sender, kind, body) in enumerate(mails)
    ]
    found = json.dumps({"@odata.count": len(rows), "value": rows}).encode()
    desk.wire.edit = lambda request, body: found if "/inbox/messages" in request.url.path else body


def test_the_recipients_own_word_is_found() -> None:
    desk = Desk()
    action = waiting(desk)
    sender = desk.facts.customer.contacts[0].mail
    inbox(desk, (sender.upper(), "text", f"received and opened sha256:{DIGITS.upper()}, 3 records"))
    receipt = office(desk).find(action, once=ONCE)
    assert receipt is not None and receipt.outcome is Outcome.FOUND
    assert dict(receipt.said)["from"] == sender and dict(receipt.said)["received"] == "2026-12-20T10:00:00Z"
    assert [one.fact("digests") for one in seen(office(desk), desk, Kind.ACKNOWLEDGEMENT)] == [f"sha256:{DIGITS}"]
    assert office(desk).read(replace(action.at, key=Key.HOUSE), desk.tray) is not None


@pytest.mark.parametrize(("sender", "kind", "body"), [
    ("somebody@elsewhere.example", "text", f"received sha256:{DIGITS}"),
    ("", "text", f"> sent to you: sha256:{DIGITS}\nI am away"),
    ("", "html", f"<p>I am away</p><blockquote>sha256:{DIGITS}</blockquote>"),
    ("", "text", f"received sha256:{DIGITS}5f"),
    ("", "text", f"received sha256:{DIGITS[:-2]}"),
    ("", "text", "received and opened"),
])  # fmt: skip
def test_any_other_word_is_not_the_recipients(sender: str, kind: str, body: str) -> None:
    desk = Desk()
    action = waiting(desk)
    inbox(desk, (sender or desk.facts.customer.contacts[0].mail, kind, body))
    assert office(desk).find(action, once=ONCE) is None


def test_nobody_acknowledges_for_the_recipient() -> None:
    desk = Desk()
    action = waiting(desk)
    with pytest.raises(Refused, match="nobody does it for them"):
        office(desk).apply(action, once=ONCE, out=desk.tray)
    desk.facts = replace(desk.facts, recipient=None)
    with pytest.raises(Refused):
        office(desk).find(action, once=ONCE)
    assert Kind.ACKNOWLEDGEMENT not in {one.kind for one in office(desk).cells()}


def test_a_mail_that_was_really_delivered_is_found_by_its_sender() -> None:
    desk = Desk()
    action = waiting(desk)
    assert office(desk).find(action, once=ONCE) is None
    word = {"to": desk.facts.provider.mailbox, "subject": "Re: x", "body": f"received and opened sha256:{DIGITS}"}
    for sender in ("sanne@noordzeecloud.example", desk.facts.customer.contacts[0].mail):
        assert office(desk).find(action, once=ONCE) is None
        desk.control("POST", "/hands", {"do": "mail", "customer": "vandermeer", "from": sender, **word})
    assert office(desk).find(action, once=ONCE) is not None
    asked = next(one for one in desk.wire.seen if "/inbox/messages" in one.url.path)
    assert asked.url.params["$filter"] == f"from/emailAddress/address eq '{desk.facts.customer.contacts[0].mail}'"


def test_a_subject_of_two_lines_is_refused_before_any_write() -> None:
    desk = Desk()
    connector = office(desk)
    action = letter(desk, connector)
    content = (
        ("subject", "Tot ziens\r\nBcc: x@elsewhere.example"),
        *(one for one in action.content if one[0] != "subject"),
    )
    with pytest.raises(BadInput):
        connector.apply(replace(action, content=content), once=ONCE, out=desk.tray)
    assert desk.wire.calls("POST", "/messages") == 0
