"""Our mailbox: one letter however often it is asked, and only to those who have a part in the leaving."""

import json
from dataclasses import replace

import pytest
from connector_desk import ONCE, Desk
from connector_hands import letter, office, seen

from fakes.in_process import PowerCut
from sendoff.model.errors import Refused
from sendoff.model.inventory import Kind, Verb
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
    for to in ((), (("to", "somebody@elsewhere.example"),), (("to", "a@vandermeer.example.elsewhere.example"),)):
        content = tuple(one for one in action.content if one[0] != "to") + to
        with pytest.raises(Refused):
            connector.apply(replace(action, content=content), once=ONCE, out=desk.tray)
    assert not desk.wire.seen
