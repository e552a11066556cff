"""A task for a person, as an incident with our mark in its external number."""

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sendoff.connectors.topdesk.client import ServiceDesk, TopdeskDoor, quoted
from sendoff.connectors.topdesk.ours import Branches, seen
from sendoff.connectors.wire.body import Object, text
from sendoff.model.digest import Digest
from sendoff.model.errors import BadInput, Refused
from sendoff.model.facts import Facts
from sendoff.model.plan import Action, Outcome, Receipt

BRIEF = 80
"""The longest briefDescription that the vendor takes."""
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
MARK = re.compile(r"so-[0-9a-f]{24}")
CLOSING_HOUR = time(17)


def mark(once: Digest) -> str:
    """The external number of the task for a deed: 27 of the 60 places there are."""
    return f"so-{once.rpartition(':')[2][:24]}"


def is_mark(number: str) -> bool:
    """True for the external number of a task of ours."""
    return bool(MARK.fullmatch(number))


def made(desk: ServiceDesk, ours: Branches, once: Digest) -> Receipt | None:
    """The task that carries this mark, or None after the control read."""
    rows = desk.incidents(f"externalNumber=={quoted(mark(once))}")
    found = [one for one in rows if text(one, "externalNumber") == mark(once)]
    if not found:
        seen(desk, ours.main)
        return None
    return Receipt(outcome=Outcome.FOUND, code="marked", said=_said(found[0]))


def make(
    desk: ServiceDesk, door: TopdeskDoor, ours: Branches, facts: Facts, action: Action, once: Digest, request: str
) -> Receipt:
    """POST the approved task. The caller is the customer's branch, by a name that is nobody's."""
    brief, due = _said_in(action, "brief"), _said_in(action, "due")
    if not brief or len(brief) > BRIEF:
        raise Refused(f"{action.name}: a task's first line has 1 to {BRIEF} characters, this one {len(brief)}")
    body: Object = {
        "status": "firstLine",
        "briefDescription": brief,
        "request": request,
        "externalNumber": mark(once),
        # [3] an unregistered caller may carry a branch
        "caller": {"dynamicName": f"{facts.provider.name} offboarding", "branch": {"id": ours.main}},
    }
    if due:
        body["targetDate"] = _moment(due, facts.zone)
    if door.operator_group:
        # [3] a group may be given by its name as well as by its id
        named = "id" if UUID.fullmatch(door.operator_group) else "name"
        body["operatorGroup"] = {named: door.operator_group}
    return Receipt(outcome=Outcome.DONE, code="201", said=_said(desk.report(body)))


def _moment(due: str, zone: str) -> str:
    """The end of a working day as the vendor's page spells moments."""
    try:
        day = date.fromisoformat(due)
    except ValueError:
        day = None
    if day is None:
        raise BadInput(f"{due!r} is not a day like 2026-12-31", where="due")
    return datetime.combine(day, CLOSING_HOUR, ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S.000%z")


def _said(card: Object) -> tuple[tuple[str, str], ...]:
    return (("id", text(card, "id")), ("number", text(card, "number")))


def _said_in(action: Action, name: str) -> str:
    return next((value for key, value in action.content if key == name), "")
