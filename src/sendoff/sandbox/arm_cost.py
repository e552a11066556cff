"""Cost Management's query: what a subscription or a group cost, by month or day, service and group, in pages.

Vendor's page: learn.microsoft.com/rest/api/cost-management/query/usage. A page is asked for by POST of the same body.
"""

import base64
import binascii
from collections import defaultdict
from urllib.parse import urlencode

from sendoff.sandbox.arm_cost_asked import GRAINS, Asked, asked
from sendoff.sandbox.arm_cost_books import Charge, booked
from sendoff.sandbox.arm_errors import error
from sendoff.sandbox.arm_ids import Place
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer
from sendoff.sandbox.world import World

PAGE = 10
CURRENCY = "EUR"
DOLLARS = 1.08
LIMIT = "x-ms-ratelimit-microsoft.costmanagement"
LEFT = {
    f"{LIMIT}-qpu-consumed": "1",
    f"{LIMIT}-qpu-remaining": "QueriesPerHour:599,QueriesPerMin:59,QueriesPer10Sec:11",
    "x-ms-ratelimit-remaining-microsoft.costmanagement-entity-requests": "DefaultQuota:3",
    "x-ms-ratelimit-remaining-microsoft.costmanagement-tenant-requests": "DefaultQuota:49",
}


def serve(world: World, where: Place, request: Request) -> Response:
    """POST {scope}/…/query. Errors: 400 BadRequest for a body or a token that is wrong, 405."""
    if request.method != "POST" or where.name:
        return error(405, "HttpMethodNotSupported", f"{request.method} is not supported at '{request.path}'.")
    wanted = asked(request.json(), world.now.date())
    if isinstance(wanted, str):
        return error(400, "BadRequest", f"{wanted} (Request ID: {world.guid('cost', wanted)})")
    start = _start(request.ask("$skiptoken"))
    if start < 0:
        return error(400, "BadRequest", "Invalid query definition: Invalid value for $skiptoken.")
    return _page(world, where, request, wanted, start)


def throttled(seconds: int) -> Response:
    """429: the seconds stand in headers of Cost Management's own, one for each limit; the longest counts."""
    waits = {f"{LIMIT}-qpu-retry-after": "0", f"{LIMIT}-entity-retry-after": str(seconds)}
    return error(429, "429", "Too many requests. Please retry.").with_headers(waits)


def _page(world: World, where: Place, request: Request, wanted: Asked, start: int) -> Response:
    rows = _remembered(world, where, wanted)
    link = _next(request, start + PAGE) if start + PAGE < len(rows) else None
    inner: Obj = {"nextLink": link, "columns": _columns(wanted), "rows": rows[start : start + PAGE]}
    name = world.guid("cost-query", where.scope, str(wanted))
    kind = "Microsoft.CostManagement/query"
    ident = f"{where.scope.lstrip('/')}/providers/{kind}/{name}"
    return answer(200, {"id": ident, "name": name, "type": kind, "properties": inner}, LEFT)


def _remembered(world: World, where: Place, wanted: Asked) -> list[Json]:
    """The rows of one question; all its pages are the same question, and the same seed gives the same books."""
    key = (world.seed, world.tier, world.size, where.scope.lower(), str(wanted), world.now.date())
    if key not in _BOOKS:
        if len(_BOOKS) >= REMEMBERED:
            _BOOKS.clear()
        _BOOKS[key] = _rows(wanted, [one for one in booked(world, where) if wanted.takes(one)])
    return _BOOKS[key]


REMEMBERED = 64
_BOOKS: dict[tuple[object, ...], list[Json]] = {}


def _columns(wanted: Asked) -> list[Json]:
    date, kind = GRAINS[wanted.grain]
    named = [(one, "Number") for one in wanted.sums]
    named += [(date, kind)] if date else []
    named += [(one, "String") for one in (*wanted.groups, "Currency")]
    return [{"name": name, "type": kind} for name, kind in named]


def _rows(wanted: Asked, charges: list[Charge]) -> list[Json]:
    """One row for each date and group, oldest first; sums are exact until they are shown."""
    sums: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    for one in charges:
        cell = sums[(wanted.date(one), *[one.dimension(name) for name in wanted.groups])]
        cell[0] += one.micros
        cell[1] += one.hours
    rows: list[Json] = []
    for (date, *names), (micros, hours) in sorted(sums.items()):
        shown: list[Json] = [_sum(one, micros, hours) for one in wanted.sums]
        shown += [] if wanted.grain == "none" else [int(date) if wanted.grain == "daily" else date]
        rows.append([*shown, *names, CURRENCY])
    return rows


def _sum(name: str, micros: int, hours: int) -> Json:
    if name == "UsageQuantity":
        return float(hours)
    return micros / 1_000_000 if not name.endswith("USD") else round(micros * DOLLARS) / 1_000_000


def _start(token: str) -> int:
    """Where a page starts; -1 when the token is none of ours."""
    try:
        return int(base64.b64decode(token, validate=True)) if token else 0
    except (binascii.Error, ValueError):
        return -1


def _next(request: Request, start: int) -> str:
    kept = [(key, value) for key, value in request.query if key.lower() != "$skiptoken"]
    token = base64.b64encode(str(start).encode()).decode()
    return f"{request.base}{request.path}?" + urlencode([*kept, ("$skiptoken", token)])
