"""TOPdesk's REST API, played: branches, persons, operators, calls, changes, activities, contracts and assets.

Vendor's page: developers.topdesk.com. Errors come in three dialects; 206 is a success that is not the whole.
"""

import base64
import binascii
from collections.abc import Callable

from sendoff.sandbox import topdesk_assets, topdesk_calls, topdesk_cards, topdesk_work
from sendoff.sandbox.topdesk_wire import accepts, message, missing
from sendoff.sandbox.wire import Obj, Request, Response, answer, plain, text
from sendoff.sandbox.world import World

Call = Callable[[World, list[str], Request], Response]
VERSION: Obj = {"version": "26.1.7", "major": 26, "minor": 1, "patch": 7}
MEDIA = ("application/json", "application/*", "*/*")


def serve(world: World, request: Request) -> Response:
    """Answer one call. Errors: 400, 401, 403, 404, 405, 406 in the dialect of the module that was called."""
    parts = [one for one in request.path.split("/") if one]
    if [one.lower() for one in parts[:2]] != ["tas", "api"] or len(parts) == 2:
        return plain(404, "<html><body><h1>404 Not Found</h1></body></html>")
    refused = _stranger(world, request, parts[2])
    if refused is not None:
        return refused
    if parts[2] in ("version", "productVersion"):
        return answer(200, VERSION)
    call = CALLS.get(parts[2])
    if call is None:
        return missing()
    if parts[2] in PLAIN and not accepts(request, *MEDIA):
        return Response(406)
    return call(world, parts[3:], request)


def refuse(status: int, code: str, why: str) -> Response:
    """The commonest of the three dialects: an array of messages."""
    return message(status, why)


def _stranger(world: World, request: Request, module: str) -> Response | None:
    login, password = _credentials(request.headers.get("authorization", ""))
    ours = world.msp.get("topdesk")
    if not login or (login, password) != (text(ours, "login"), text(ours, "password")):
        if module == "incidents":
            return Response(401)
        return message(401, "No authentication token provided").with_headers({"WWW-Authenticate": "Basic"})
    world.record.caller = f"topdesk:{login}"
    me = topdesk_cards.current(world)
    if me is None or me.raw.get("archived") is True:
        return message(401, "User removed or archived")
    return None


def _credentials(header: str) -> tuple[str, str]:
    scheme, _, coded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        login, _, password = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return login, password


PLAIN = frozenset({"branches", "operators", "operatorgroups", "archiving-reasons", "incidents"})
CALLS: dict[str, Call] = {
    "branches": topdesk_cards.branches,
    "persons": topdesk_cards.persons,
    "operators": topdesk_cards.operators,
    "operatorgroups": topdesk_cards.operator_groups,
    "archiving-reasons": topdesk_cards.reasons,
    "incidents": topdesk_calls.incidents,
    "assetmgmt": topdesk_assets.assetmgmt,
    "operationalActivities": topdesk_work.activities,
    "operatorChanges": topdesk_work.changes,
}
