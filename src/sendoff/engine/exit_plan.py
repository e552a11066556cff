"""The exit plan as values: the dates that matter, who waits for whom now, and every step with its earliest moment."""

from datetime import datetime

from sendoff.engine.earliest import Moment, by_machine, earliest, open_before
from sendoff.engine.report_values import Read, Values, head, summary
from sendoff.model.case import Standing
from sendoff.model.digest import Json, plain
from sendoff.model.gate import Shut
from sendoff.model.people import Role
from sendoff.model.state import SETTLED, State
from sendoff.rules.gates import shut

Waiting = tuple[str, str, datetime | None]
"""Who, why, and when it ends by itself."""


def plan_values(read: Read) -> Values:
    """The one page that everybody reads on day 1 and on every day after."""
    rows = read.case.steps.values()
    return {
        **head(read, f"Exit plan for {read.case.facts.customer.name}", summary(read), "exit-plan"),
        "dates": _dates(read),
        "aloud": list(read.aloud),
        "approvals": [_approval(read, one) for one in rows if one.approval and one.state not in SETTLED],
        "waits": _waits(read),
        "protections": [{"name": one.name, "what": one.what} for one in read.protections],
        "open_steps": sum(one.state not in SETTLED for one in rows),
        "steps": _steps(read),
    }


def _dates(read: Read) -> list[Json]:
    facts = read.case.facts
    us = facts.provider.name
    rows = [
        ("Notice reached us", facts.notice.reached, False, f"from {facts.notice.sender}"),
        ("Contract end", facts.contract_end, True, "the last day counts whole; what removes begins after it"),
        ("Access until", facts.access_until, False, f"after this day {us} only removes its own ways in"),
    ]
    if facts.tail and read.case.tail_until:
        rows.append(("CSP part until", read.case.tail_until, True, f"in case {facts.tail}; nothing is suspended"))
    made: list[Json] = [
        {"label": label, "day": plain(day), "at": "", "through": through, "what": what}
        for label, day, through, what in rows
    ]
    watched = [one for one in read.case.steps.values() if one.state is State.HELD and one.held_until]
    made += [
        {"label": "Watched until", "day": "", "at": plain(one.held_until), "through": False, "what": one.text}
        for one in watched
    ]
    return made


def _approval(read: Read, one: Standing) -> Json:
    given = one.approval
    if given is None:
        return None
    return {
        "text": one.text,
        "by": read.name(given.by),
        "until": plain(given.until),
        "expired": read.now >= given.until,
    }


# ---- who waits for whom ------------------------------------------------------------------------------------------


def _waits(read: Read) -> list[Json]:
    """Who is asked for something now, each with the steps and the reasons; what waits for earlier steps is not here."""
    groups: dict[str, dict[str, Values]] = {}
    for one in read.case.steps.values():
        for who, why, until in waiting_for(read, one):
            steps = groups.setdefault(who[:1].upper() + who[1:], {})
            row = steps.setdefault(one.step, {"text": one.text, "state": str(one.state), "reasons": []})
            reasons = row["reasons"]
            if isinstance(reasons, list):
                reasons.append({"reason": why, "until": plain(until)})
    ordered = sorted(groups.items(), key=lambda group: (group[0] not in set(Role), list(groups).index(group[0])))
    return [{"who": who, "steps": list(steps.values())} for who, steps in ordered]


def waiting_for(read: Read, one: Standing) -> tuple[Waiting, ...]:
    """Whom a step waits for now, and why. Empty for what is settled, and for what waits for steps before it."""
    if one.state in SETTLED:
        return ()
    if one.waiver_asked is not None:
        wish = one.waiver_asked
        asked = f"{read.name(wish.by)} asks to waive it until {wish.until}: {wish.reason}"
        return (("a second person", asked, None),)
    if one.state is State.WAITING:
        return ()
    if one.state in (State.READY, State.PLANNED, State.APPROVED):
        closed = tuple(_at_gate(one, gate) for gate in shut(read.gates.get(one.step, ())))
        return closed or (_own_move(one),)
    return (_under_way(one),)


def _at_gate(one: Standing, gate: Shut) -> Waiting:
    who = gate.who or ("a date" if gate.until else str(one.role))
    return who, f"{gate.gate}: {gate.reason}", gate.until


def _own_move(one: Standing) -> Waiting:
    if one.state is State.APPROVED:
        return "the worker", "approved, and every gate is open", None
    if one.state is State.PLANNED:
        return (
            "a second person",
            f"a plan of {one.planned:,} action{'' if one.planned == 1 else 's'} waits for a yes",
            None,
        )
    if one.by_hand or not by_machine(one.step):
        return str(one.role), "do it, and attest it with evidence", None
    return str(one.role), "make a look and a plan", None


def _under_way(one: Standing) -> Waiting:
    match one.state:
        case State.RUNNING:
            return "the worker", "it is being done", None
        case State.HELD:
            return "a date", one.reason or "it is watched", one.held_until
        case State.STOPPED:
            return str(one.role), f"stopped: {one.reason}", None
        case _:
            return str(one.role), one.reason or "it needs a new plan or a person", None


# ---- every step --------------------------------------------------------------------------------------------------


def _steps(read: Read) -> list[Json]:
    moments = earliest(read.case, {one.step: one.plan for one in read.rounds if one.last}, read.now)
    return [_step(read, one, moments[one.step]) for one in read.case.steps.values()]


def _step(read: Read, one: Standing, moment: Moment) -> Json:
    settled = one.state in SETTLED
    return {
        "step": one.step,
        "line": one.line,
        "text": one.text,
        "role": str(one.role),
        "state": str(one.state),
        "added": one.added,
        "by_hand": one.by_hand,
        "settled": settled,
        "settled_at": plain(one.settled_at) if settled else None,
        "earliest": None if settled else plain(moment[0]),
        "why": one.reason if settled else moment[1],
        "after": [] if settled else [step.text for step in open_before(read.case, one)],
    }
