"""Calendars behind Graph: events with transactionId, invitations to attendees, answers and cancelling."""

import base64

from sendoff.sandbox.entra import utc
from sendoff.sandbox.graph_filter import BASE, error, listing
from sendoff.sandbox.graph_mail import deliver
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, arr, dig, obj, text
from sendoff.sandbox.world import Thing, World


def serve(world: World, box: str, rest: list[str], request: Request) -> Response:
    """Answer a call below /events or /calendar. Errors: 400, 404 ErrorItemNotFound."""
    low = [one.lower() for one in rest]
    if low[0] == "calendar":
        if low[1:] == ["getschedule"]:
            return _schedule(world, request.json())
        rest = rest[1:]
    if len(rest) == 1:
        return _create(world, box, request.json()) if request.method == "POST" else _list(world, box, request)
    thing = world.get("graph", "event", rest[1])
    if thing is None or thing.place != box:
        return error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    if len(rest) > 2:
        return _verb(world, box, thing, rest[2].lower(), request)
    return _single(world, box, thing, request)


def _list(world: World, box: str, request: Request) -> Response:
    if "transactionid" in request.ask("$filter").lower():
        return error(400, "ErrorInvalidProperty", "The property 'transactionId' does not support filtering.")
    return listing([one.raw for one in world.all("graph", "event") if one.place == box], request, "events")


def _single(world: World, box: str, thing: Thing, request: Request) -> Response:
    if request.method == "DELETE":
        world.remove(thing)
        return Response(204)
    if request.method == "PATCH":
        return _changed(world, box, thing, request.json())
    return answer(200, {"@odata.context": f"{BASE}/$metadata#events/$entity", **thing.raw})


def _changed(world: World, box: str, thing: Thing, asked: Obj) -> Response:
    """The organizer's change reaches the copy of everybody invited, with a mail; a new attendee is invited."""
    if "transactionId" in asked:
        return error(400, "ErrorPropertyValidationFailure", "The property 'transactionId' cannot be changed.")
    marks = [*arr(thing.raw.get("singleValueExtendedProperties"))]
    for one in arr(asked.get("singleValueExtendedProperties")):
        marks = [row for row in marks if text(row, "id") != text(one, "id")] + [one]
    world.change(thing, {**asked, "singleValueExtendedProperties": marks, "lastModifiedDateTime": utc(world)})
    copies = {one.place: one for one in _copies(world, thing)}
    for person in arr(thing.raw.get("attendees")):
        to = text(dig(person, "emailAddress"), "address").lower()
        if to in copies:
            shared = ("subject", "body", "start", "end", "attendees")
            world.change(copies[to], {name: asked[name] for name in shared if name in asked})
            deliver(world, to, box, f"Updated: {text(thing.raw, 'subject')}", f"iCalUId: {text(thing.raw, 'iCalUId')}")
        else:
            _invite(world, box, to, thing.raw)
    return answer(200, {"@odata.context": f"{BASE}/$metadata#events/$entity", **thing.raw})


def _create(world: World, box: str, body: Obj) -> Response:
    once = text(body, "transactionId")
    for one in world.all("graph", "event"):
        if once and one.place == box and text(one.raw, "transactionId") == once:
            return answer(201, {"@odata.context": f"{BASE}/$metadata#events/$entity", **one.raw})
    if not text(body, "start", "dateTime") or not text(body, "end", "dateTime"):
        return error(400, "ErrorPropertyValidationFailure", "At least one property failed validation: start, end.")
    raw = _event(world, box, body)
    _store(world, box, raw)
    for person in arr(raw.get("attendees")):
        _invite(world, box, text(dig(person, "emailAddress"), "address").lower(), raw)
    return answer(201, {"@odata.context": f"{BASE}/$metadata#events/$entity", **raw})


def _event(world: World, box: str, body: Obj) -> Obj:
    join: Json = {"joinUrl": f"https://teams.microsoft.com/l/meetup-join/{world.fresh('meeting')}"}
    people: list[Json] = [
        {"type": "required", **obj(one), "status": {"response": "none", "time": utc(world)}}
        for one in arr(body.get("attendees"))
    ]
    ident = _ident(world)
    return {
        "createdDateTime": utc(world),
        "lastModifiedDateTime": utc(world),
        "isCancelled": False,
        "isAllDay": False,
        "isOnlineMeeting": False,
        "onlineMeetingProvider": "unknown",
        "transactionId": None,
        "type": "singleInstance",
        "organizer": {"emailAddress": {"name": box, "address": box}},
        **body,
        "id": ident,
        "isOrganizer": True,
        "iCalUId": world.fresh("ical"),
        "webLink": f"https://outlook.office365.com/owa/?itemid={ident}",
        "attendees": people,
        "onlineMeeting": join if body.get("isOnlineMeeting") is True else None,
        "responseStatus": {"response": "organizer", "time": "0001-01-01T00:00:00Z"},
    }


def _ident(world: World) -> str:
    return "AAMkE" + base64.urlsafe_b64encode(world.fresh("event").encode()).decode().rstrip("=")


def _store(world: World, box: str, raw: Obj, verb: str = "created") -> None:
    there = world.get("graph", "mailbox", box)
    world.add(Thing("graph", "event", text(raw, "id"), there.owner if there else "outside", raw, box), verb)


def _invite(world: World, box: str, to: str, raw: Obj) -> None:
    if world.get("graph", "mailbox", to) is None or to == box:
        return
    copy: Obj = {
        **raw,
        "id": _ident(world),
        "isOrganizer": False,
        "transactionId": None,
        "responseStatus": {"response": "notResponded", "time": utc(world)},
    }
    _store(world, to, copy, "sent")
    deliver(world, to, box, f"Invitation: {text(raw, 'subject')}", f"iCalUId: {text(raw, 'iCalUId')}")


def _verb(world: World, box: str, thing: Thing, verb: str, request: Request) -> Response:
    if verb == "cancel" and request.method == "POST":
        if thing.raw.get("isOrganizer") is not True:
            return error(400, "ErrorInvalidRequest", "Your request can't be completed. You need to be an organizer.")
        world.change(thing, {"isCancelled": True})
        for copy in _copies(world, thing):
            world.change(copy, {"isCancelled": True})
        return Response(202)
    if verb in ("accept", "decline", "tentativelyaccept") and request.method == "POST":
        _respond(world, box, thing, {"accept": "accepted", "decline": "declined"}.get(verb, "tentativelyAccepted"))
        return Response(202)
    return error(400, "BadRequest", f"Resource not found for the segment '{verb}'.")


def _copies(world: World, thing: Thing) -> list[Thing]:
    return [
        one
        for one in world.all("graph", "event")
        if one is not thing and one.raw.get("iCalUId") == thing.raw.get("iCalUId")
    ]


def _respond(world: World, box: str, thing: Thing, word: str) -> None:
    world.change(thing, {"responseStatus": {"response": word, "time": utc(world)}})
    for copy in _copies(world, thing):
        if copy.raw.get("isOrganizer") is True:
            people: list[Json] = [_marked(world, obj(one), box, word) for one in arr(copy.raw.get("attendees"))]
            world.change(copy, {"attendees": people})


def _marked(world: World, person: Obj, box: str, word: str) -> Json:
    if text(dig(person, "emailAddress"), "address").lower() != box:
        return person
    return {**person, "status": {"response": word, "time": utc(world)}}


def _schedule(world: World, body: Obj) -> Response:
    rows: list[Json] = [
        {"scheduleId": text(one), "availabilityView": "0", "scheduleItems": []} for one in arr(body.get("schedules"))
    ]
    return answer(200, {"value": rows})
