"""The timeline of a case: every event in a sentence, and the drawing of steps, approvals and dates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from textwrap import wrap

from sendoff.model.case import Case, Standing
from sendoff.model.digest import Json
from sendoff.model.envelope import Entry, Registered
from sendoff.model.event import (
    Acted,
    Approved,
    Body,
    Certified,
    ClockMoved,
    Decided,
    FactsAsked,
    FactsChanged,
    Halted,
    Judged,
    Looked,
    Mirrored,
    Opened,
    Planned,
    Preflighted,
    Proven,
    Sealed,
    StepAdded,
    StepMoved,
    Tried,
    WaiverAsked,
)
from sendoff.model.people import PersonId
from sendoff.model.state import SETTLED, State, StepId
from sendoff.model.tail import TailAsked, TailOpened
from sendoff.model.withdrawal import WithdrawalAsked, Withdrawn
from sendoff.rules.certifying import GRADES
from sendoff.rules.deadlines import end_of, local_day
from sendoff.rules.folding import body_of

WIDTH, LEFT, RIGHT, ROW, MARK, LINE = 1100, 352, 24, 24, 18, 16
"""In units of the drawing: the whole, where the days begin, the edge, a step, a date, one more line of a name."""
LETTER = 6.9
"""How wide a letter is, on average and rather too much."""
TICKS = 8
"""At most so many days are named along the foot."""
LABEL = 50
"""Letters of a step's name in one line; a longer name takes more lines, and none is cut."""
Told = tuple[Entry, Body]
Names = Mapping[PersonId, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What lies ahead: today, and until when a date holds each open step, with the reason."""

    now: datetime
    moments: Mapping[StepId, tuple[datetime | None, str]]


def told(entries: Sequence[Entry]) -> tuple[Told, ...]:
    """Every entry with its body as a noun; those whose body was erased are left out."""
    return tuple((entry, body_of(entry)) for entry in entries if entry.body is not None)


def timeline(case: Case, rows: Sequence[Told], names: Names, ahead: Ahead) -> dict[str, Json]:
    """What the page draws, and the table that says the same."""
    shown = [one for one in case.steps.values() if one.state is not State.NOT_APPLICABLE]
    marks = _marks(case, rows, ahead.now)
    days = _Days(case, rows, ahead)
    top = MARK * (len(marks) + 1)
    bars, bottom = _bars(case, shown, days, top, _Past(begun=_begun(rows), yes=_approvals(rows)), ahead)
    drawn: list[Json] = [_mark(days.x(at), MARK * (place + 1), label, now=now) for place, (label, at, now) in marks]
    return {
        "width": WIDTH,
        "height": bottom + 26,
        "top": top,
        "title": f"Timeline of case {case.id}",
        "desc": f"{len(shown)} steps between {days.first.isoformat()} and {days.last.isoformat()}; the table below "
        "says the same event by event.",
        "ticks": days.ticks(),
        "marks": drawn,
        "bars": bars,
        "events": [_event(entry, body, names) for entry, body in rows if not isinstance(body, Tried)],
    }


def _mark(x: int, y: int, label: str, *, now: bool) -> Json:
    """A date with its name, on the side where it has room."""
    return {"label": label, "x": x, "y": y, "flip": x + 6 + LETTER * len(label) > WIDTH, "now": now}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """When something first happened to each step, and when a second person said yes."""

    begun: Mapping[StepId, datetime]
    yes: Mapping[StepId, Sequence[datetime]]


def _bars(
    case: Case, shown: Sequence[Standing], days: "_Days", top: int, past: _Past, ahead: Ahead
) -> tuple[list[Json], int]:
    """Each step under the one before it, and where the last one ends."""
    made: list[Json] = []
    y = top + 8
    for one in shown:
        lines = wrap(one.text, LABEL) or [one.step]
        height = ROW + LINE * (len(lines) - 1)
        row = _bar(case, one, days, past, ahead)
        made.append({**row, "y": y, "height": height, "lines": [*lines], "middle": y + (height - ROW) // 2})
        y += height
    return made, y


class _Days:
    """Moments -> places along the drawing, from the notice to the last date there is."""

    def __init__(self, case: Case, rows: Sequence[Told], ahead: Ahead) -> None:
        zone = case.facts.zone
        moments = [case.opened_at, case.at, *(entry.event.at for entry, _ in rows)]
        moments += [one.held_until for one in case.steps.values() if one.held_until]
        moments += [at for at, _ in ahead.moments.values() if at is not None]
        moments += [ahead.now] if case.certificate is None else []
        known = [local_day(moment, zone) for moment in moments]
        known += [case.facts.notice.reached, case.facts.contract_end, case.facts.access_until]
        self.first, self.last = min(known), max(known) + timedelta(days=1)
        self._from, self._to = end_of(self.first - timedelta(days=1), zone), end_of(self.last, zone)
        self._zone = zone

    def x(self, at: datetime) -> int:
        """The place of a moment, in units of the drawing."""
        share = (at - self._from) / (self._to - self._from)
        return LEFT + round(min(max(share, 0), 1) * (WIDTH - LEFT - RIGHT))

    def ticks(self) -> list[Json]:
        """The days named along the foot, evenly spread."""
        apart = max(1, -(-(self.last - self.first).days // TICKS))
        days = [self.first + timedelta(days=n) for n in range(0, (self.last - self.first).days + 1, apart)]
        return [{"x": self.x(end_of(day - timedelta(days=1), self._zone)), "label": _short(day)} for day in days]


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"


def _marks(case: Case, rows: Sequence[Told], today: datetime) -> list[tuple[int, tuple[str, datetime, bool]]]:
    """In order: label, moment, and whether it is today; the ends of days are the moments when they are over."""
    zone, facts = case.facts.zone, case.facts
    marks = [
        ("notice reached us", end_of(facts.notice.reached - timedelta(days=1), zone), False),
        ("case opened", case.opened_at, False),
        (
            f"contract ends after {_short(facts.contract_end)}: what removes may begin",
            end_of(facts.contract_end, zone),
            False,
        ),
        (f"access ends after {_short(facts.access_until)}", end_of(facts.access_until, zone), False),
    ]
    closed = [entry.event.at for entry, body in rows if isinstance(body, Certified)]
    now = (f"today, {_short(local_day(today, zone))}", today, True)
    marks += [("certificate", closed[-1], True)] if closed else [now]
    return list(enumerate(sorted(marks, key=lambda mark: mark[1])))


def _begun(rows: Sequence[Told]) -> dict[StepId, datetime]:
    """When something first happened to a step."""
    found: dict[StepId, datetime] = {}
    for entry, body in rows:
        step = step_of(body)
        if step is not None:
            found.setdefault(step, entry.event.at)
    return found


def _approvals(rows: Sequence[Told]) -> dict[StepId, list[datetime]]:
    found: dict[StepId, list[datetime]] = {}
    for entry, body in rows:
        if isinstance(body, Approved):
            found.setdefault(body.step, []).append(entry.event.at)
    return found


def step_of(body: Body) -> StepId | None:
    """The step an event is about; None when it is about the whole case."""
    if isinstance(body, (StepMoved, WaiverAsked, StepAdded, Planned, Approved, Tried, Acted, Judged, Sealed)):
        return body.step
    return body.step if isinstance(body, (Looked, Proven)) else None


def _bar(case: Case, one: Standing, days: _Days, past: _Past, ahead: Ahead) -> dict[str, Json]:
    looks = {"verified": "verified", "attested": "attested", "waived": "waived"}
    looks |= {"not applicable": "off", "goes on": "off"}
    begun, settled = past.begun.get(one.step), one.state in SETTLED
    end = one.settled_at if settled and one.settled_at else max(case.at, ahead.now)
    x = days.x(begun) if begun else 0
    crosses: list[Json] = [days.x(at) for at in past.yes.get(one.step, ())]
    until, why = ahead.moments.get(one.step, (None, ""))
    waits = until is not None and not settled and until > ahead.now
    return {
        "x": x,
        "width": max(10, days.x(end) - x) if begun else 0,
        "full": one.text,
        "look": looks.get(GRADES.get(one.state, ""), "open"),
        "state": str(one.state),
        "yes": crosses,
        "today": days.x(ahead.now),
        "opens": days.x(until) if until is not None and waits else 0,
        "opens_said": f"not before {_short(local_day(until, case.facts.zone))}: {why}" if until and waits else "",
    }


def _event(entry: Entry, body: Body, names: Names) -> Json:
    actor = entry.event.actor
    return {
        "seq": entry.event.seq,
        "at": entry.event.at.isoformat(),
        "who": names.get(actor, actor),
        "what": said(body),
    }


def said(body: Body) -> str:
    """One event in a sentence."""
    match body:
        case Opened():
            return f"case opened: {len(body.steps)} lines, tier {body.tier}, world {body.world}"
        case FactsAsked():
            return f"new facts asked for, a second person confirms: {body.reason}"
        case FactsChanged():
            void = "; every approval is void" if body.frozen_changed else ""
            return f"facts changed: {body.reason}{void}"
        case TailAsked():
            return f"a tail case for the CSP part until {body.until} is asked: {body.reason}"
        case TailOpened():
            return f"the CSP part goes on in case {body.tail} until {body.until}: {body.reason}"
        case Looked():
            blind = f", {len(body.blind)} blind spots" if body.blind else ", no blind spot"
            return f"looked ({body.purpose}): {body.cells} cells, {body.items} items, {body.ours} ours{blind}"
        case Preflighted():
            return f"tried every key: {body.count} findings, {body.bad} of them need a person"
        case Decided():
            return f"decided that {body.name} is {body.whose}: {body.reason}"
        case Proven():
            return f"proven: {body.kind}, {body.grade}. {body.note}"
        case WithdrawalAsked():
            return f"said to be withdrawn, a second person confirms: {body.reason}"
        case Withdrawn():
            return f"the termination was withdrawn: {body.reason}"
        case Halted():
            return f"halted: {body.reason}" if body.on else f"goes on again: {body.reason}"
        case ClockMoved():
            return f"sandbox clock moved to {body.after:%Y-%m-%d %H:%M} UTC: {body.reason}"
        case Mirrored():
            return f"the issue on GitHub was brought up to date: {len(body.lines)} lines"
        case Certified():
            return f"certified: {body.outcome}"
        case Registered():
            return f"house register: {body.what}"
        case _:
            return _said_of_step(body)


def _actions(count: int) -> str:
    return f"{count:,} action{'' if count == 1 else 's'}"


def _said_of_step(
    body: StepMoved | WaiverAsked | StepAdded | Planned | Approved | Tried | Acted | Judged | Sealed,
) -> str:
    match body:
        case StepMoved():
            return f"{body.step}: {body.move}" + (f", {body.reason}" if body.reason else "")
        case WaiverAsked():
            return f"{body.step}: a waiver until {body.until} is asked, {body.reason}"
        case StepAdded():
            return f"{body.step}: added, {body.reason}"
        case Planned():
            counts = f"{_actions(body.actions)} ({body.irreversible} irreversible), {body.left} left alone"
            if body.reworded:
                return f"{body.step}: the words of {body.reworded[-1].letter} changed; planned, {counts}"
            return f"{body.step}: planned, {counts}"
        case Approved():
            return f"{body.step}: approved until {body.until:%Y-%m-%d %H:%M} UTC" + (
                ", over the belt" if body.over_belt else ""
            )
        case Tried():
            return f"{body.step}: batch {body.batch + 1} tried, {_actions(body.count)}"
        case Acted():
            ends = ", ".join(f"{count} {name}" for name, count in body.outcomes)
            return f"{body.step}: batch {body.batch + 1} acted, {ends}"
        case Judged():
            seen = ", ".join(f"{count} {name}" for name, count in body.verdicts) or "nothing of ours found"
            return f"{body.step}: looked again, {seen}" + (f"; {body.why}" if body.why else "")
        case Sealed():
            return f"{body.step}: parcel sealed, vault {body.vault} = {body.inside} inside + {body.withheld} withheld"
