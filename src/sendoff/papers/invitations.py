"""Invitations as calendar files: RFC 5545 with METHOD of RFC 5546. One meeting keeps one UID over all its updates."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from sendoff.model.errors import BadInput
from sendoff.model.meeting import Meeting
from sendoff.model.people import Contact
from sendoff.papers.words import one_line

_SPACE = UUID("5f4c3f5e-0c43-5a39-9f64-2d2f0f6c1a77")
"""The namespace of our meetings; changing it would make every update a new meeting."""
_YEAR = timedelta(days=366)
_MAIL = re.compile(r"[^\s@,;:<>\"']+@[^\s@,;:<>\"']+")


def uid_of(meeting: Meeting) -> str:
    """The same for every update of a meeting and for its cancellation."""
    return str(uuid5(_SPACE, f"{meeting.case}/{meeting.name}"))


def invitation(meeting: Meeting, *, stamp: datetime) -> bytes:
    """METHOD:REQUEST, for a first invitation and, with a higher `sequence`, for an update. `stamp` is when it is sent.

    BadInput when the start has no named zone, an address is none, or nobody is invited."""
    return _calendar(meeting, "REQUEST", "CONFIRMED", stamp)


def cancellation(meeting: Meeting, *, stamp: datetime) -> bytes:
    """METHOD:CANCEL of the same meeting; its `sequence` is higher than that of the last invitation."""
    return _calendar(meeting, "CANCEL", "CANCELLED", stamp)


def _calendar(meeting: Meeting, method: str, status: str, stamp: datetime) -> bytes:
    _usable(meeting, stamp)
    calendar = Calendar()
    calendar.add("prodid", "-//sendoff//exit desk//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(_event(meeting, status, stamp))
    around = meeting.starts.date()
    calendar.add_missing_timezones(first_date=around - _YEAR, last_date=around + _YEAR)
    data: bytes = calendar.to_ical()
    return data


def _event(meeting: Meeting, status: str, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", uid_of(meeting))
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("sequence", meeting.sequence)
    event.add("status", status)
    event.add("summary", one_line(meeting.subject))
    event.add("description", meeting.body)
    event.add("dtstart", meeting.starts)
    event.add("dtend", meeting.starts + timedelta(minutes=meeting.minutes))
    event.add("organizer", _address(meeting.organizer))
    for one in meeting.attendees:
        event.add("attendee", _attendee(one))
    return event


def _address(contact: Contact) -> vCalAddress:
    made = vCalAddress(f"mailto:{contact.mail}")
    made.params["CN"] = vText(one_line(contact.name).replace('"', "'"))
    return made


def _attendee(contact: Contact) -> vCalAddress:
    made = _address(contact)
    made.params["ROLE"] = vText("REQ-PARTICIPANT")
    made.params["PARTSTAT"] = vText("NEEDS-ACTION")
    made.params["RSVP"] = vText("TRUE")
    return made


def _usable(meeting: Meeting, stamp: datetime) -> None:
    if not isinstance(meeting.starts.tzinfo, ZoneInfo):
        raise BadInput("the start needs a named zone such as Europe/Amsterdam", where="starts")
    if stamp.tzinfo is None:
        raise BadInput("the moment of sending needs a zone", where="stamp")
    if not meeting.attendees:
        raise BadInput("nobody is invited", where="attendees")
    _addressable((meeting.organizer, *meeting.attendees))


def _addressable(people: Sequence[Contact]) -> None:
    for one in people:
        if not _MAIL.fullmatch(one.mail):
            raise BadInput(f"{one.mail!r} is not a mail address", where="attendees")
