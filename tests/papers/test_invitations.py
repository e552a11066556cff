"""Invitations, read back with a calendar parser."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event

from sendoff.model.errors import BadInput
from sendoff.model.meeting import Meeting
from sendoff.model.people import Contact
from sendoff.papers.invitations import cancellation, invitation, uid_of

STAMP = datetime(2026, 11, 16, 9, tzinfo=UTC)
MEETING = Meeting(
    case="2026-0007",
    name="meeting",
    subject="Overleg over de overgang",
    body="Agenda\n\n1. Datums; wie, wat\n2. MFA",
    organizer=Contact(name="Intercept", mail="exit@intercept.example"),
    attendees=(
        Contact(name='J. "Jo" de Vries; CEO', mail="j@fabrikam.example"),
        Contact(name="N. Wind", mail="n@northwind.example"),
    ),
    starts=datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Europe/Amsterdam")),
)


def _event(data: bytes) -> tuple[Calendar, Event]:
    calendar = Calendar.from_ical(data)
    assert isinstance(calendar, Calendar)
    (event,) = calendar.walk("VEVENT")
    assert isinstance(event, Event)
    return calendar, event


def _addresses(event: Event) -> list[str]:
    """Who is invited, with one or with several."""
    found = event["attendee"]
    return [str(one) for one in found] if isinstance(found, list) else [str(found)]


def test_an_invitation_reads_back_as_it_was_meant() -> None:
    calendar, event = _event(invitation(MEETING, stamp=STAMP))
    assert calendar["METHOD"] == "REQUEST"
    assert event.decoded("dtstart") == MEETING.starts
    assert (event.decoded("dtend") - event.decoded("dtstart")).total_seconds() == 3600
    assert event.decoded("dtstamp") == STAMP
    assert str(event["description"]) == MEETING.body
    assert _addresses(event) == ["mailto:j@fabrikam.example", "mailto:n@northwind.example"]
    assert str(event["organizer"]) == "mailto:exit@intercept.example"
    assert event["status"] == "CONFIRMED"


def test_the_zone_travels_with_it() -> None:
    data = invitation(MEETING, stamp=STAMP)
    (zone,) = Calendar.from_ical(data).walk("VTIMEZONE")
    assert zone["TZID"] == "Europe/Amsterdam"
    assert b"DTSTART;TZID=Europe/Amsterdam:20261123T100000" in data


def test_an_update_keeps_the_uid_and_has_a_higher_sequence() -> None:
    moved = replace(MEETING, starts=MEETING.starts.replace(hour=14), sequence=1)
    first, second = _event(invitation(MEETING, stamp=STAMP))[1], _event(invitation(moved, stamp=STAMP))[1]
    assert first["uid"] == second["uid"] == uid_of(MEETING)
    assert (first["sequence"], second["sequence"]) == (0, 1)


def test_another_case_or_meeting_has_another_uid() -> None:
    others = (replace(MEETING, case="2026-0008"), replace(MEETING, name="second"))
    assert len({uid_of(one) for one in (MEETING, *others)}) == 3


def test_a_cancellation_takes_the_same_meeting_back() -> None:
    calendar, event = _event(cancellation(replace(MEETING, sequence=2), stamp=STAMP))
    assert calendar["METHOD"] == "CANCEL"
    assert event["status"] == "CANCELLED"
    assert event["uid"] == uid_of(MEETING)
    assert event["sequence"] == 2


def test_every_line_ends_as_the_rfc_wants_and_is_at_most_75_octets_long() -> None:
    lines = invitation(replace(MEETING, subject="ë" * 300), stamp=STAMP).split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert not [line for line in lines if b"\n" in line]


@pytest.mark.parametrize(
    "hostile", ["x\r\nATTENDEE:mailto:thief@example.com", "x\nEND:VEVENT", '"":mailto:a@b.example']
)
def test_a_hostile_name_adds_no_line_of_its_own(hostile: str) -> None:
    evil = replace(
        MEETING, subject=hostile, body=hostile, attendees=(Contact(name=hostile, mail="j@fabrikam.example"),)
    )
    _, event = _event(invitation(evil, stamp=STAMP))
    assert _addresses(event) == ["mailto:j@fabrikam.example"]


@pytest.mark.parametrize("mail", ["", "nobody", "a@b\r\nX:y", "a@b,c@d", "<a@b.example>"])
def test_what_is_no_address_is_refused(mail: str) -> None:
    with pytest.raises(BadInput, match="not a mail address"):
        invitation(replace(MEETING, attendees=(Contact(name="x", mail=mail),)), stamp=STAMP)


def test_a_start_without_a_named_zone_is_refused() -> None:
    with pytest.raises(BadInput, match="named zone"):
        invitation(replace(MEETING, starts=STAMP), stamp=STAMP)


def test_an_invitation_to_nobody_is_refused() -> None:
    with pytest.raises(BadInput, match="nobody is invited"):
        invitation(replace(MEETING, attendees=()), stamp=STAMP)
