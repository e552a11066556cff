"""One meeting keeps one entry and one UID when another start is agreed on; its minutes are filed afterwards."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from connector_hands import letter, office, seen

from fakes.connector_desk import ONCE, Desk
from fakes.houses import Stage, stage
from fakes.leavings import approved, plan, planned, run, standing
from sendoff.model.case import Case
from sendoff.model.digest import Digest
from sendoff.model.errors import BadInput
from sendoff.model.facts import Appointment
from sendoff.model.inventory import Kind, Verb
from sendoff.model.meeting import Meeting
from sendoff.model.people import Contact
from sendoff.model.plan import Action, Outcome, Receipt
from sendoff.model.proof import Grade, ProofKind
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier
from sendoff.papers.rendering import JinjaPapers
from sendoff.sandbox.wire import text
from sendoff.sandbox.world import Thing

MOVE = StepId("move-meeting")
OTHER = Digest("sha256:" + "cd" * 32)


def invitation(desk: Desk, starts: str) -> Action:
    """An invitation for that local start."""
    content = (("starts", starts), ("zone", "Europe/Amsterdam"), ("minutes", "45"))
    mail = letter(desk, office(desk))
    return replace(mail, kind=Kind.MEETING, verb=Verb.CREATE, target="case-1/meeting", content=mail.content + content)


def copies(desk: Desk) -> list[Thing]:
    """The meeting as it stands in the calendars of those who are invited."""
    ours = desk.facts.provider.mailbox
    return [one for one in desk.sandbox.world.all("graph", "event") if one.place != ours]


def test_another_start_changes_the_meeting_that_stands_and_everybody_hears_of_it() -> None:
    desk = Desk()
    first, second = invitation(desk, "2026-12-01T10:00:00+01:00"), invitation(desk, "2026-12-03T14:30:00+01:00")
    office(desk).apply(first, once=ONCE, out=desk.tray)
    before = seen(office(desk), desk, Kind.MEETING)[0]

    receipt = office(desk).apply(second, once=OTHER, out=desk.tray)

    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE and ("was", "moved") in receipt.said
    (after,) = seen(office(desk), desk, Kind.MEETING)
    assert (after.id, after.fact("iCalUId")) == (before.id, before.fact("iCalUId"))
    assert after.fact("starts") == "2026-12-03T14:30:00"
    assert {text(one.raw, "start", "dateTime") for one in copies(desk)} == {"2026-12-03T14:30:00"}
    mails = [text(one.raw, "subject") for one in desk.sandbox.world.all("graph", "message")]
    assert sum(one.startswith("Updated: ") for one in mails) == len(copies(desk)) > 0


def test_a_change_that_was_made_is_found_and_not_made_again() -> None:
    desk = Desk()
    office(desk).apply(invitation(desk, "2026-12-01T10:00:00+01:00"), once=ONCE, out=desk.tray)
    second = invitation(desk, "2026-12-03T14:30:00+01:00")
    office(desk).apply(second, once=OTHER, out=desk.tray)
    calls = desk.wire.calls("PATCH", "/events/")

    found = office(desk).find(second, once=OTHER)
    again = office(desk).apply(second, once=OTHER, out=desk.tray)

    assert found is not None and isinstance(again, Receipt) and again.outcome is Outcome.FOUND
    assert desk.wire.calls("PATCH", "/events/") == calls == 1


def test_a_meeting_that_was_cancelled_is_not_changed_but_made_anew() -> None:
    desk = Desk()
    office(desk).apply(invitation(desk, "2026-12-01T10:00:00+01:00"), once=ONCE, out=desk.tray)
    (event,) = [one for one in desk.sandbox.world.all("graph", "event") if one.place == desk.facts.provider.mailbox]
    event.raw["isCancelled"] = True

    office(desk).apply(invitation(desk, "2026-12-03T14:30:00+01:00"), once=OTHER, out=desk.tray)

    assert len(seen(office(desk), desk, Kind.MEETING)) == 2


def to_meet(folder: Path, meeting: Appointment | None) -> tuple[Stage, Case]:
    """A case in which the meeting may be planned."""
    one = stage(folder, tier=Tier.PREMIUM)
    return one, one.until(one.opened(lambda facts: replace(facts, meeting=meeting)), "meet", "ready")


def test_the_facts_say_when_everybody_meets_and_the_letter_is_shown_before_it_goes(tmp_path: Path) -> None:
    agreed = Appointment(starts=datetime.fromisoformat("2026-12-02T15:30:00"), minutes=90, sequence=1)
    one, case = to_meet(tmp_path, agreed)
    planned(one, case, "meet", "carla")
    (draft,) = one.desk.drafts(case.id, standing(one, case, "meet").step)
    assert draft.starts == "2026-12-02T15:30:00+01:00" and "woensdag 2 december 2026" in draft.body
    (action,) = plan(one, case, "meet").actions
    invite = one.desk.ports.store.get(case.id, Digest(action.said("invite"))).decode()
    assert "SEQUENCE:1" in invite and "DTSTART;TZID=Europe/Amsterdam:20261202T153000" in invite
    assert "DTEND;TZID=Europe/Amsterdam:20261202T170000" in invite

    one.desk.attest(one.who("carla"), case.id, ProofKind.PERMISSION, [b"permitted"], note="their mail of today")
    approved(one, case, "meet", "paul")
    run(one, case)

    assert standing(one, case, "meet").state is State.DONE
    (event,) = [one for one in one.sandbox.world.all("graph", "event") if one.place == "offboarding@intercept.example"]
    assert text(event.raw, "body", "content") == draft.body


def held(one: Stage, case: Case) -> Case:
    """Everybody is invited."""
    one.desk.attest(one.who("carla"), case.id, ProofKind.PERMISSION, [b"permitted"], note="their mail of today")
    planned(one, case, "meet", "carla")
    approved(one, case, "meet", "paul")
    run(one, case)
    assert standing(one, case, "meet").state is State.DONE
    return one.desk.case(case.id)


def entries(one: Stage) -> dict[str, list[Thing]]:
    """The meeting in our calendar, and in those of the others."""
    events = one.sandbox.world.all("graph", "event")
    ours = text(one.sandbox.world.msp, "mailbox")
    return {
        "ours": [one for one in events if one.place == ours],
        "theirs": [one for one in events if one.place != ours],
    }


def told_anew(one: Stage, case: Case, meeting: Appointment) -> None:
    """The facts say another meeting, and everybody is told."""
    one.desk.change_facts(one.who("carla"), case.id, replace(case.facts, meeting=meeting), reason="they asked for it")
    assert standing(one, case, MOVE).state is State.READY and standing(one, case, MOVE).added
    planned(one, case, MOVE, "carla")
    approved(one, case, MOVE, "paul")
    run(one, case)
    assert standing(one, case, MOVE).state is State.DONE


def test_a_meeting_that_was_called_is_moved_twice_and_then_taken_back_on_the_same_uid(tmp_path: Path) -> None:
    one, case = to_meet(tmp_path, None)
    case = held(one, case)
    uid = text(entries(one)["ours"][0].raw, "iCalUId")
    for number, start in enumerate(("2026-12-02T15:30:00", "2026-12-04T09:00:00"), start=1):
        told_anew(one, case, Appointment(starts=datetime.fromisoformat(start), sequence=number))
        (mine,) = entries(one)["ours"]
        assert (text(mine.raw, "iCalUId"), text(mine.raw, "start", "dateTime")) == (uid, start)
        assert {text(copy.raw, "start", "dateTime") for copy in entries(one)["theirs"]} == {start}

    told_anew(one, case, Appointment(starts=datetime.fromisoformat("2026-12-04T09:00:00"), sequence=2, off=True))

    assert all(event.raw["isCancelled"] is True for events in entries(one).values() for event in events)
    assert len(entries(one)["ours"]) == 1, "one meeting, one entry"


def test_a_meeting_that_nobody_was_invited_to_yet_adds_no_line_when_the_facts_change(tmp_path: Path) -> None:
    one, case = to_meet(tmp_path, None)
    agreed = Appointment(starts=datetime.fromisoformat("2026-12-02T15:30:00"))

    after = one.desk.change_facts(
        one.who("carla"), case.id, replace(case.facts, meeting=agreed), reason="agreed by phone"
    )

    assert MOVE not in after.steps
    assert one.desk.case(case.id).facts.meeting == agreed


def test_by_plain_mail_a_meeting_that_is_off_is_a_cancellation_of_the_same_uid() -> None:
    meeting = Meeting(
        case="L1",
        name="meeting",
        subject="x",
        body="y",
        organizer=Contact(name="a", mail="a@msp.example"),
        attendees=(Contact(name="b", mail="b@c.example"),),
        starts=datetime(2026, 12, 2, 15, 30, tzinfo=ZoneInfo("Europe/Amsterdam")),
    )
    stamp = datetime.fromisoformat("2026-11-23T09:00:00+01:00")

    called, off = (
        JinjaPapers().invitation(one, stamp=stamp) for one in (meeting, replace(meeting, off=True, sequence=1))
    )

    assert b"METHOD:REQUEST" in called and b"METHOD:CANCEL" in off and b"SEQUENCE:1" in off
    (uid,) = {line for data in (called, off) for line in data.splitlines() if line.startswith(b"UID:")}
    assert uid


def test_the_minutes_of_a_meeting_are_filed_as_a_persons_word_with_their_files(tmp_path: Path) -> None:
    one, case = to_meet(tmp_path, None)
    files = [b"%PDF-1.7 minutes", b"Decided: the firewall stays."]

    after = one.desk.attest(one.who("carla"), case.id, ProofKind.MET, files, note="minutes and decisions of 2 December")

    proof = after.proven(ProofKind.MET)
    assert proof is not None and proof.grade is Grade.ATTESTED
    kept = {file.read_bytes() for file in (one.folder / "data" / "evidence").rglob("*") if file.is_file()}
    assert set(files) <= kept


@pytest.mark.parametrize(("minutes", "sequence"), [(0, 0), (2000, 0), (60, -1)])
def test_a_meeting_that_cannot_be_is_refused(tmp_path: Path, minutes: int, sequence: int) -> None:
    starts = datetime.fromisoformat("2026-12-02T15:30:00")
    agreed = Appointment(starts=starts, minutes=minutes, sequence=sequence)
    one = stage(tmp_path, tier=Tier.PREMIUM)
    with pytest.raises(BadInput, match="the meeting takes from 1 to 1440 minutes"):
        one.opened(lambda facts: replace(facts, meeting=agreed))
