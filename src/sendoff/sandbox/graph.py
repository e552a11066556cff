"""Microsoft Graph v1.0: signs the caller in, decides what its key opens, and hands the call on.

Vendor's page: learn.microsoft.com/graph/api/overview.
"""

from datetime import datetime, timedelta

from sendoff.sandbox import graph_calendar, graph_delta, graph_directory, graph_mail, graph_units, graph_users
from sendoff.sandbox.arm_access import is_global_admin
from sendoff.sandbox.entra import bearer, gdap, person
from sendoff.sandbox.graph_filter import error, not_found
from sendoff.sandbox.graph_path import counts, segments
from sendoff.sandbox.wire import Request, Response, text
from sendoff.sandbox.world import Identity, World

MAIL = frozenset({"sendmail", "messages", "mailfolders", "events", "calendar", "mailboxsettings", "outlook"})
OWN = ["tenantrelationships", "delegatedadminrelationships"]
"""What the house app may read of its own tenant's directory; that an app alone may is unverified."""


def serve(world: World, request: Request) -> Response:
    """Answer one Graph call. Errors: 401 token, 403 rights, 404, 400 query or last administrator."""
    response = _signed_in(world, request)
    made = ""
    if response.status == 201 and world.habits.unsettled:
        made = text(response.json(), "invitedUser", "id") or text(response.json(), "id")
    if made:
        world.slow.unsettled[made] = world.habits.unsettled
    return response.with_headers(
        {
            "request-id": "0f0e0d0c-0000-4000-8000-000000000000",
            "x-ms-resource-unit": str(graph_units.cost(request)),
            "Cache-Control": "no-cache",
            "client-request-id": request.headers.get("client-request-id", "0f0e0d0c-0000-4000-8000-000000000000"),
            "Strict-Transport-Security": "max-age=31536000",
        }
    )


def _signed_in(world: World, request: Request) -> Response:
    who = bearer(world, request, "graph")
    if isinstance(who, str):
        return error(401, "InvalidAuthenticationToken", who)
    parts = segments(request)
    if request.path.split("/")[1] not in ("v1.0", "beta") or not parts:
        return error(400, "BadRequest", "Invalid version.")
    if parts[0] == "me":
        parts = ["users", who.principal, *parts[1:]]
    if parts[0].lower() == "users" and len(parts) > 2 and parts[2].lower() in MAIL:
        return _mail(world, who, parts, request)
    if _unsettled(world, parts):
        return not_found(parts[1])
    said = _directory(world, who, parts, request)
    single = counts(request) and said.status == 200 and not said.headers["Content-Type"].startswith("text/plain")
    return error(400, "BadRequest", "Resource not found for the segment '$count'.") if single else said


def _unsettled(world: World, parts: list[str]) -> bool:
    """Whether a new object is not there yet for this call; each call brings it nearer."""
    left = world.slow.unsettled.get(parts[1], 0) if len(parts) > 1 else 0
    if left:
        world.slow.unsettled[parts[1]] = left - 1
    return bool(left)


def _mail(world: World, who: Identity, parts: list[str], request: Request) -> Response:
    box = _mailbox(world, who, parts[1])
    if box is None:
        return error(404, "ErrorInvalidUser", f"The requested user '{parts[1]}' is invalid.")
    if not _opens(world, who, box):
        return error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    rest = parts[2:]
    if rest[0].lower() in ("events", "calendar"):
        return graph_calendar.serve(world, box, rest, request)
    return graph_mail.serve(world, box, rest, request)


def _mailbox(world: World, who: Identity, name: str) -> str | None:
    user = person(world, who.tenant, name)
    address = text(user.raw, "mail") if user else name
    return address.lower() if world.get("graph", "mailbox", address) else None


def _opens(world: World, who: Identity, box: str) -> bool:
    there = world.get("graph", "mailbox", box)
    if there is None or there.place != who.tenant:
        return False
    if who.kind == "house":
        return True
    user = world.get("graph", "user", who.principal)
    return who.kind == "person" and user is not None and text(user.raw, "mail").lower() == box


def _directory(world: World, who: Identity, parts: list[str], request: Request) -> Response:
    if not _administers(world, who, parts, request.method):
        return error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    if graph_delta.asked(parts, request):
        return graph_delta.serve(world, who, parts, request)
    if parts[0].lower() in ("users", "invitations"):
        return graph_users.serve(world, who, parts, request)
    return graph_directory.serve(world, who, parts, request)


def _lingers(world: World, who: Identity, method: str) -> bool:
    """Whether the token of an app that is gone is still let in to read, for as long as that habit says."""
    gone = world.get("graph", "deleted.servicePrincipal", who.principal)
    if gone is None or method != "GET":
        return False
    since = datetime.fromisoformat(text(gone.raw, "deletedDateTime"))
    return world.now < since + timedelta(minutes=world.habits.lingering)


def _administers(world: World, who: Identity, parts: list[str], method: str) -> bool:
    if who.kind == "house":
        return method == "GET" and [one.lower() for one in parts[:2]] == OWN
    if who.kind == "app":
        return world.get("graph", "servicePrincipal", who.principal) is not None or _lingers(world, who, method)
    if who.kind != "person":
        return False
    if [one.lower() for one in parts[:2]] == OWN:
        return True
    user = world.get("graph", "user", who.principal)
    if user is not None and user.place != who.tenant:
        return method == "GET" and gdap(world, who.tenant, who.principal)
    return method == "GET" or is_global_admin(world, who.tenant, who.principal)
