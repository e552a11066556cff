"""The seed of what runs on in TOPdesk: a customer's changes and activities, laptops, and what hangs on the calls."""

import base64

from sendoff.sandbox.seed_build import Build
from sendoff.sandbox.wire import Json, Obj
from sendoff.sandbox.world import Thing

OPEN, DONE = "extensive_inProgress", "simple_closed"
NAMES = ("Überwachungs-Laptop „Empfang“", "laptop met 'enkele' & \"dubbele\" tekens")


def standing(build: Build, branch: Thing, caller: Thing, calls: list[Thing]) -> None:
    """One open change and a closed one, one open activity and a resolved one, two laptops, trails and files."""
    home: Json = {"id": branch.id, "name": branch.raw["name"]}
    for at, (brief, status) in enumerate((("Replace the firewall", OPEN), ("Raise a mailbox's size", DONE))):
        _change(build, at, brief, status, {"id": caller.id, "name": caller.raw["dynamicName"], "branch": home})
    for at, (brief, done) in enumerate((("Monthly patching", False), ("Yearly restore test", True))):
        _activity(build, at, brief, home, done=done)
    for name in NAMES:
        _laptop(build, name, branch)
    for call in calls:
        _hung(build, call, caller)


def _add(build: Build, kind: str, name: str, raw: Obj) -> None:
    ident = build.world.guid("topdesk", kind, build.plan.slug, name)
    build.world.add(Thing("topdesk", kind, ident, build.plan.slug, {"id": ident, **raw}))


def _change(build: Build, at: int, brief: str, status: str, requester: Json) -> None:
    raw: Obj = {
        "number": f"C 2611 {at + 1:03d} {build.plan.short.upper()}",
        "briefDescription": brief,
        "changeType": status.partition("_")[0],
        "archived": False,
        "requester": requester,
        "processingStatus": status,
        "status": {"id": build.world.guid("topdesk", "change-status", status), "name": "In uitvoering"},
        "creationDate": "2026-11-02T09:00:00+0000",
        "modificationDate": "2026-11-16T09:00:00+0000",
    }
    _add(build, "change", brief, raw)


def _activity(build: Build, at: int, brief: str, home: Json, *, done: bool) -> None:
    raw: Obj = {
        "number": f"OM 2611 {at + 1:03d} {build.plan.short.upper()}",
        "briefDescription": brief,
        "type": {"id": build.world.guid("topdesk", "activity-type"), "name": "Onderhoud"},
        "plannedStartDate": "2026-12-07T08:00:00Z",
        "plannedEndDate": "2026-12-07T12:00:00Z",
        "resolved": {"value": done, "dateTime": "2026-11-07T10:00:00Z" if done else None},
        "skipped": {"value": False, "reason": None},
        "archived": {"value": False, "reason": None},
        "linkedBranches": [home],
    }
    _add(build, "activity", brief, raw)


def _laptop(build: Build, name: str, branch: Thing) -> None:
    link: Json = {
        "linkId": build.guid("asset-link", name),
        "type": "branch",
        "id": branch.id,
        "name": branch.raw["name"],
    }
    template = build.world.guid("topdesk", "template", "msp", "Laptop")
    raw: Obj = {"name": name, "templateId": template, "serial": build.guid("serial", name)[:12]}
    raw |= {"assignments": [link], "archived": False, "archivingReason": None}
    _add(build, "asset", name, raw)


def _hung(build: Build, call: Thing, caller: Thing) -> None:
    """Two lines of a trail, one of them for our own eyes, and a picture; they belong to the call's card."""
    staff: Json = {"id": build.world.guid("topdesk", "operator", "msp", "ERIK"), "name": "Jansen, Erik"}
    person: Json = {"id": caller.id, "name": caller.raw["dynamicName"]}
    picture = base64.b64encode(f"picture of {call.id}".encode()).decode()
    call.raw["trail"] = [
        _line(build, call, "asked", "Graag spoed a.u.b.", person=person, operator=None),
        _line(build, call, "note", "Zeurt vaak; niet tonen.", person=None, operator=staff, invisibleForCaller=True),
    ]
    call.raw["files"] = [
        {
            "id": build.guid("file", call.id),
            "fileName": "schermafbeelding <1>.png",
            "invisibleForCaller": False,
            "entryDate": "2026-11-17T09:31:00Z",
            "operator": staff,
            "person": None,
            "size": len(base64.b64decode(picture)),
            "description": "",
            "content": picture,
        }
    ]


def _line(build: Build, call: Thing, name: str, words: str, **more: Json) -> Json:
    return {
        "id": build.guid("trail", call.id, name),
        "memoText": words,
        "plainText": words,
        "invisibleForCaller": False,
        "entryDate": "2026-11-17T09:40:00Z",
        **more,
    }
