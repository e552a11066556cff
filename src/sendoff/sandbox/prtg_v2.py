"""PRTG's API v2, on a port of its own: REST and JSON, lists as bare arrays with their total in a header.

Vendor's page: paessler.com/support/prtg/api/v2/overview. It is not feature-complete: no probe is denied here, no user
is listed, there is no table of the log, and lists tell neither tags nor hosts. What a write answers (204) nobody has
seen [3].
"""

import re

from sendoff.sandbox import prtg_probe, prtg_tree
from sendoff.sandbox.prtg_data import historic_rows
from sendoff.sandbox.record import VENDOR
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, obj, text, whole
from sendoff.sandbox.world import Thing, World

KINDS = {"probes": "probe", "groups": "group", "devices": "device", "sensors": "sensor"}
DELETABLE = ("probes", "groups", "devices")
DEFAULT, MOST = 100, 3000
CLAUSE = re.compile(r"^\s*(?P<not>not\s+)?(?P<name>[\w.]+)\s*(?P<how>!=|=|contains)\s*\"?(?P<value>[^\"]*)\"?\s*$")
REFERENCED = {"probe": "REFERENCED_PROBE", "group": "REFERENCED_GROUP", "device": "REFERENCED_DEVICE"}


def serve(world: World, request: Request) -> Response:
    """Answer one call on the port of API v2. Errors: {code, message, request_id}."""
    path = request.path.rstrip("/").removeprefix("/api/v2")
    if path == request.path.rstrip("/"):
        return refuse(404, "NOT_FOUND", "There is nothing at this address.")
    if path == "/health":
        return Response(204)
    if path == "/session" and request.method == "POST":
        return _session(world, request)
    if not _known(world, request):
        return refuse(401, "AUTH_FAILED", "The API key or token is missing or wrong.")
    prtg_tree.hurry(world)
    with world.record.by(VENDOR):
        prtg_probe.look(world)
    return _call(world, path, request)


def refuse(status: int, code: str, why: str) -> Response:
    """An error body of API v2."""
    return answer(status, {"code": code, "message": why, "request_id": "00000000-0000-4000-8000-000000000001"})


def _session(world: World, request: Request) -> Response:
    ours, asked = obj(world.msp.get("prtg")), request.json()
    if (text(asked, "username"), text(asked, "password")) != (text(ours, "username"), text(ours, "password")):
        return refuse(401, "LOGIN_FAILED", "The user name or password is wrong.")
    return answer(200, {"token": _session_of(world), "expires_at": world.now.strftime("%Y-%m-%dT23:59:59Z")})


def _session_of(world: World) -> str:
    """The token of a session; it goes when the password does."""
    return world.guid("prtg-session", text(world.msp, "prtg", "password"))


def _known(world: World, request: Request) -> bool:
    ours = obj(world.msp.get("prtg"))
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    good = scheme.lower() == "bearer" and bool(token) and token in (text(ours, "apitoken"), _session_of(world))
    world.record.caller = f"prtg:{text(ours, 'username')}" if good else "nobody"
    return good


def _call(world: World, path: str, request: Request) -> Response:
    parts = path.strip("/").split("/")
    match request.method, parts:
        case "GET", ["experimental", "timeseries", sensor, window]:
            return _timeseries(world, sensor, window)
        case "GET", ["experimental", name] if name in KINDS:
            return _list(world, name, request)
        case "GET", [name, ident] if name in KINDS:
            thing = world.get("prtg", KINDS[name], ident)
            return answer(200, _shown(world, thing)) if thing else _missing(ident)
        case "POST", [name, ident, "pause" | "resume" as what] if name in KINDS:
            return _pause(world, name, ident, text(request.json(), "message"), resumed=what == "resume")
        case "DELETE", ["experimental", name, ident] if name in DELETABLE:
            return _delete(world, name, ident, request)
        case _:
            return refuse(404, "NOT_FOUND", "There is no such endpoint.")


def _missing(ident: str) -> Response:
    return refuse(404, "NOT_FOUND", f"The object {ident} does not exist.")


def _list(world: World, name: str, request: Request) -> Response:
    rows = world.all("prtg", KINDS[name])
    asked = request.ask("filter")
    if asked:
        clauses = [CLAUSE.match(one) for one in re.split(r"\s+and\s+", asked)]
        if any(one is None for one in clauses):
            return refuse(400, "INVALID_FILTER", "The filter cannot be understood.")
        rows = [one for one in rows if all(_fits(one, clause) for clause in clauses if clause)]
    first, limit = whole(request.ask("offset")), whole(request.ask("limit"), DEFAULT)
    page = rows[first : first + min(limit or MOST, MOST)]
    shown: list[Json] = [_shown(world, one) for one in page]
    heads = {"X-Total-Count": str(len(rows)), "X-Result-Count": str(len(page))}
    return answer(200, shown, heads)


def _fits(thing: Thing, clause: re.Match[str]) -> bool:
    known = {"id": thing.id, "name": text(thing.raw, "name"), "parentid": text(thing.raw, "parentid")}
    found, value = known.get(clause["name"], thing.kind if clause["name"] == "type" else ""), clause["value"]
    hit = value.lower() in found.lower() if clause["how"] == "contains" else found == value
    return hit is not (clause["how"] == "!=" or bool(clause["not"]))


def _shown(world: World, thing: Thing) -> Obj:
    line = [*reversed(prtg_tree.above(world, thing)), thing]
    path: list[Json] = [{"id": "0", "name": "Root", "type": "REFERENCED_ROOT", "href": "/api/v2/objects/0"}]
    path += [
        {
            "id": one.id,
            "name": text(one.raw, "name"),
            "type": REFERENCED.get(one.kind, "REFERENCED_SENSOR"),
            "href": f"/api/v2/{one.kind}s/{one.id}",
        }
        for one in line
    ]
    state = prtg_tree.STATES[prtg_tree.state(world, thing)].split(" ")[0].upper()
    return {
        "id": thing.id,
        "name": text(thing.raw, "name"),
        "status": state,
        "path": path,
        "favorite": False,
        "priority": 3,
        "scanning_interval": "60 s",
        **({"message": text(thing.raw, "message"), "sensor_kind": "ping"} if thing.kind == "sensor" else {}),
    }


def _pause(world: World, name: str, ident: str, message: str, *, resumed: bool) -> Response:
    thing = world.get("prtg", KINDS[name], ident)
    if thing is None:
        return _missing(ident)
    world.change(thing, {"pausedas": 0 if resumed else 7, "message": message or text(thing.raw, "message")})
    prtg_tree.log(world, thing, 605 if resumed else 604)
    return Response(204)


def _delete(world: World, name: str, ident: str, request: Request) -> Response:
    thing = world.get("prtg", KINDS[name], ident)
    if thing is None:
        return _missing(ident)
    if ident in prtg_tree.PROTECTED:
        return refuse(403, "FORBIDDEN", "This object cannot be deleted.")
    if request.headers.get("x-sandbox-ends") == "Failed":
        return refuse(504, "GATEWAY_TIMEOUT", "The core did not answer in time.")
    if lag := whole(request.headers.get("x-sandbox-polls", "0")):
        world.prtg_pending[ident] = lag
    else:
        prtg_tree.remove(world, thing)
    return Response(204)


def _timeseries(world: World, sensor: str, window: str) -> Response:
    if world.get("prtg", "sensor", sensor) is None:
        return _missing(sensor)
    rows = historic_rows(world, sensor, window)
    return answer(200, rows) if rows is not None else refuse(400, "INVALID_FILTER", "There is no such window.")
