"""PRTG Network Monitor, the classic API: everything is a GET with the credentials in the query.

Vendor's page: paessler.com/manuals/prtg/http_api.
"""

from html import escape

from sendoff.sandbox import prtg_probe, prtg_tree
from sendoff.sandbox.prtg_data import historic
from sendoff.sandbox.prtg_table import VERSION, failed, table
from sendoff.sandbox.record import VENDOR
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, dig, obj, plain, text, whole
from sendoff.sandbox.world import Thing, World

OK = "<HTML><BODY class='no-content'><B class='no-content'>OK</B></BODY></HTML>"


def serve(world: World, request: Request) -> Response:
    """Answer one PRTG call. Errors: 401, 400 with XML, 302 to the login page outside /api."""
    path = request.path.rstrip("/")
    if request.headers.get("authorization", "").lower().startswith("bearer") and not request.ask("apitoken"):
        return failed("Unsupported authorization scheme", 401)
    if not _known(world, request):
        if path.startswith("/api/") and not path.startswith("/api/v2"):
            return failed("Unauthorized", 401)
        return Response(302, {"Location": f"/public/login.htm?loginurl={path}&errormsg="})
    prtg_tree.hurry(world)
    with world.record.by(VENDOR):
        prtg_probe.look(world)
    if path.startswith("/api/v2") or not path.startswith("/api/"):
        return Response(302, {"Location": f"/public/login.htm?loginurl={path}&errormsg="})
    return _call(world, path.removeprefix("/api/"), request)


def _known(world: World, request: Request) -> bool:
    ours = obj(world.msp.get("prtg"))
    token, name = request.ask("apitoken"), request.ask("username")
    good = bool(token) and token == text(ours, "apitoken")
    if name and name == text(ours, "username"):
        good |= request.ask("passhash") == text(ours, "passhash") or request.ask("password") == text(ours, "password")
    world.record.caller = f"prtg:{text(ours, 'username')}" if good else "nobody"
    return good


def _call(world: World, call: str, request: Request) -> Response:
    match call:
        case "table.json" | "table.xml" | "table.csv":
            return table(world, request, call.rsplit(".", 1)[1])
        case "deleteobject.htm":
            return _delete(world, request)
        case "pause.htm" | "pauseobjectfor.htm":
            return _pause(world, request, call)
        case "scannow.htm" | "restartprobes.htm":
            return plain(200, OK)
        case "probestate.htm":
            return _probe_state(world, request)
        case "getpasshash.htm":
            return plain(200, text(world.msp, "prtg", "passhash"), "text/plain")
        case "historicdata.csv" | "historicdata.json" | "historicdata.xml":
            return historic(world, request, call.rsplit(".", 1)[1])
        case _:
            return _read(world, call, request)


def _read(world: World, call: str, request: Request) -> Response:
    match call:
        case "getobjectproperty.htm" | "getobjectstatus.htm":
            return _property(world, request)
        case "getsensordetails.json" | "getsensordetails.xml":
            return _details(world, request)
        case "triggers.json":
            return answer(200, {"prtg-version": VERSION, "triggers": []})
        case "status.json":
            return answer(200, _status(world))
        case "getstatus.htm" | "getstatus.xml" | "status.xml":
            inner = "".join(f"<{key}>{escape(text(value))}</{key}>" for key, value in _status(world).items())
            return plain(200, f'<?xml version="1.0" encoding="UTF-8" ?><status>{inner}</status>', "text/xml")
        case "healthstatus.json":
            return answer(200, {"prtg-version": VERSION, "healthy": True})
        case _:
            return failed(f"The call '{call}' is unknown.", 404)


def _status(world: World) -> Obj:
    kinds = [one.kind for one in prtg_tree.every(world)]
    return {
        "NewMessages": str(len(world.all("prtg", "log"))),
        "Alarms": "0",
        "UpSens": str(kinds.count("sensor")),
        "PausedSens": "0",
        "Version": VERSION,
        "IsAdminUser": True,
        "ReadOnlyUser": "",
        "BackgroundTasks": "0",
        "Clock": world.now.strftime("%d-%m-%Y %H:%M:%S"),
        "MaxSensorCount": "2500",
    }


def _delete(world: World, request: Request) -> Response:
    if request.ask("approve") != "1":
        return plain(
            200, "<html><body><form action='/deleteobject.htm'>Do you really want to delete?</form></body></html>"
        )
    bad = False
    for ident in [one.strip() for one in request.ask("id").split(",")]:
        thing = prtg_tree.find(world, ident)
        if thing is None or ident in prtg_tree.PROTECTED:
            bad = True
        elif request.headers.get("x-sandbox-ends") == "Failed":
            bad = _half(world, thing, request)
        elif lag := whole(request.headers.get("x-sandbox-polls", "0")):
            world.prtg_pending[ident] = lag
        else:
            prtg_tree.remove(world, thing)
    return failed("Some of the selected objects could not be deleted.") if bad else plain(200, OK)


def _half(world: World, thing: Thing, request: Request) -> bool:
    """A delete that fails: nothing is gone, or half of what lies inside. There is no transaction."""
    inside = prtg_tree.below(world, thing.id) if request.headers.get("x-sandbox-half") else []
    for one in inside[len(inside) // 2 :]:
        prtg_tree.remove(world, one)
    return True


def _pause(world: World, request: Request, call: str) -> Response:
    found: list[Thing] = []
    for ident in request.ask("id").split(","):
        thing = prtg_tree.find(world, ident.strip())
        if thing is None:
            return failed("The selected object cannot be used here.")
        found.append(thing)
    resumed = call == "pause.htm" and request.ask("action") == "1"
    code = 0 if resumed else (12 if call == "pauseobjectfor.htm" else 7)
    for thing in found:
        world.change(thing, {"pausedas": code, "message": request.ask("pausemsg") or text(thing.raw, "message")})
        prtg_tree.log(world, thing, 605 if resumed else 604)
    return plain(200, OK)


def _probe_state(world: World, request: Request) -> Response:
    thing = world.get("prtg", "probe", request.ask("id"))
    action = request.ask("action")
    if thing is None or action not in ("allow", "allowanddiscover", "deny"):
        return failed("The selected object cannot be used here.")
    prtg_probe.decide(world, thing, action)
    return plain(200, OK)


def _property(world: World, request: Request) -> Response:
    thing = prtg_tree.find(world, request.ask("id"))
    name = request.ask("name")
    if thing is None:
        return failed("Sorry, the selected object cannot be used here.")
    known = {**prtg_tree.row(world, thing), **thing.raw, "authorized": text(thing.raw, "authorized") or "1"}
    value = text(known, name) if name in known else "(Property not found)"
    return plain(
        200,
        f'<?xml version="1.0" encoding="UTF-8" ?><prtg><version>{VERSION}</version>'
        f"<result>{escape(value)}</result></prtg>",
        "text/xml; charset=UTF-8",
    )


def _details(world: World, request: Request) -> Response:
    thing = world.get("prtg", "sensor", request.ask("id"))
    if thing is None:
        return failed("Sorry, the selected object cannot be used here.")
    line = prtg_tree.row(world, thing)
    data: Json = {
        "name": line["name"],
        "sensortype": text(thing.raw, "type"),
        "interval": "60 s",
        "probename": line["probe"],
        "parentgroupname": line["group"],
        "parentdevicename": line["device"],
        "parentdeviceid": text(thing.raw, "parentid"),
        "lastvalue": line["lastvalue"],
        "lastmessage": text(thing.raw, "message"),
        "statustext": line["status"],
        "statusid": text(dig(line, "status_raw")),
        "active": "true",
    }
    return answer(200, {"prtgversion": VERSION, "sensordata": data})
