"""TOPdesk's service levels: the services of the contracts that are valid on a day. No API writes a contract.

Vendor's page: developers.topdesk.com, GET /incidents/slas.
"""

from sendoff.sandbox.topdesk_query import Malformed
from sendoff.sandbox.topdesk_wire import MALFORMED, UUID, bounds, message, moment, stamp
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, arr, obj, text
from sendoff.sandbox.world import Thing, World


def slas(world: World, request: Request) -> Response:
    """GET /incidents/slas: the services of the contracts that are valid on a day. 206 cannot be paged further."""
    try:
        _, size = bounds(request, "start-of-no-page", "page_size", 10, 100)
    except Malformed:
        return message(400, MALFORMED)
    day = stamp(request.ask("contractDate") or moment(world))
    narrow = [request.ask(one) for one in ("branch", "contract") if request.ask(one)]
    if request.method != "GET" or day is None or any(UUID.fullmatch(one) is None for one in narrow):
        return message(400, MALFORMED)
    rows = [
        row for one in world.all("topdesk", "contract") if _valid(world, one, request, day[:10]) for row in _levels(one)
    ]
    part: list[Json] = [*rows[:size]]
    return answer(206 if len(rows) > size else 200, {"results": part}) if part else Response(204)


def _valid(world: World, contract: Thing, request: Request, day: str) -> bool:
    end = text(contract.raw, "endDate")
    if day < text(contract.raw, "startDate") or (end and day > end):
        return False
    if request.ask("contract"):
        return contract.id == request.ask("contract").lower()
    branch = request.ask("branch").lower()
    head = world.get("topdesk", "branch", branch) if branch else None
    mine = {branch, text(head.raw, "headBranch", "id") if head else ""}
    return not branch or bool(mine & {text(one) for one in arr(contract.raw.get("branches"))})


def _levels(contract: Thing) -> list[Obj]:
    about: Obj = {
        "contractId": contract.id,
        "contractName": text(contract.raw, "name"),
        "contractSequenceNumber": text(contract.raw, "number"),
    }
    return [{**obj(one), **about} for one in arr(contract.raw.get("services"))]
