"""The timeline of a case: every event in a sentence, and the drawing of steps, approvals and dates."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

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

WIDTH, LEFT, RIGHT, ROW, MARK = 1040, 300, 24, 24, 18
TICKS = 8
"""At most so many days are named along the foot."""
LABEL = 38
Told = tuple[Entry, Body]
Names = Mapping[PersonId, str]


def told(entries: Sequence[Entry]) -> tuple[Told, ...]:
    """Every entry with its body as a noun; those whose body was erased are left out."""
    return tuple((entry, body_of(entry)) for entry in entries if entry.body is not None)


def timeline(case: Case, rows: Sequence[Told], names: Names) -> dict[str, Json]:
    """What the page draws, and the table that says the same."""
    shown = [one for one in case.steps.values() if one.state is not State.NOT_APPLICABLE]
    marks = _marks(case, rows)
    days = _Days(case, rows)
    top = MARK * (len(marks) + 1)
    height = top + ROW * len(shown) + 34
    begun, yes = _begun(rows), _approvals(rows)
    bars: list[Json] = [
        _bar(case, one, days, top + 8 + place * ROW, begun.get(one.step), yes.get(one.step, []))
        for place, one in enumerate(shown)
    ]
    drawn: list[Json] = [
        {"label": label, "x": days.x(at), "y": MARK * (place + 1), "flip": days.x(at) > WIDTH * 7 // 10, "now": now}
        for place, (label, at, now) in enumerate(marks)
    ]
    return {
        "width": WIDTH,
        "height": height,
        "top": top,
        "title": f"Timeline of case {case.id}",
        "desc": f"{len(shown)} steps between {days.first.isoformat()} and {days.last.isoformat()}; the table below "
        "says the same event by event.",
        "ticks": days.ticks(),
        "marks": drawn,
        "bars": bars,
        "events": [_event(entry, body, names) for entry, body in rows if not isinstance(body, Tried)],
    }


class _Days:
    """Moments -> places along the drawing, from the notice to the last date there is."""

    def __init__(self, case: Case, rows: Sequence[Told]) -> None:
        zone = case.facts.zone
        moments = [case.opened_at, case.at, *(entry.event.at for entry, _ in rows)]
        moments += [one.held_until for one in case.steps.values() if one.held_until]
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


def _marks(case: Case, rows: Sequence[Told]) -> list[tuple[str, datetime, bool]]:
    """Label, moment, and whether it is now; the ends of days are the moments when they are over."""
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
    marks += [("certificate", closed[-1], True)] if closed else [("now", case.at, True)]
    return sorted(marks, key=lambda mark: mark[1])


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


def _bar(
    case: Case, one: Standing, days: _Days, y: int, begun: datetime | None, yes: Sequence[datetime]
) -> dict[str, Json]:
    looks = {"verified": "verified", "attested": "attested", "waived": "waived"}
    looks |= {"not applicable": "off", "goes on": "off"}
    end = one.settled_at if one.state in SETTLED and one.settled_at else case.at
    x = days.x(begun) if begun else 0
    crosses: list[Json] = [days.x(at) for at in yes]
    return {
        "y": y,
        "x": x,
        "width": max(10, days.x(end) - x) if begun else 0,
        "label": one.text if len(one.text) <= LABEL else one.text[: LABEL - 1].rstrip() + "…",
        "full": one.text,
        "look": looks.get(GRADES.get(one.state, ""), "open"),
        "state": str(one.state),
        "yes": crosses,
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
            counts = f"{body.actions} actions ({body.irreversible} irreversible), {body.left} left alone"
            if body.reworded:
                return f"{body.step}: the words of {body.reworded[-1].letter} changed; planned, {counts}"
            return f"{body.step}: planned, {counts}"
        case Approved():
            return f"{body.step}: approved until {body.until:%Y-%m-%d %H:%M} UTC" + (
                ", over the belt" if body.over_belt else ""
            )
        case Tried():
            return f"{body.step}: batch {body.batch + 1} tried, {body.count} actions"
        case Acted():
            ends = ", ".join(f"{count} {name}" for name, count in body.outcomes)
            return f"{body.step}: batch {body.batch + 1} acted, {ends}"
        case Judged():
            seen = ", ".join(f"{count} {name}" for name, count in body.verdicts) or "nothing of ours found"
            return f"{body.step}: looked again, {seen}" + (f"; {body.why}" if body.why else "")
        case Sealed():
            return f"{body.step}: parcel sealed, vault {body.vault} = {body.inside} inside + {body.withheld} withheld"
