"""Partner Center REST v1: customers, what was sold to them, billing transfers and the audit log.

Vendor's page: learn.microsoft.com/partner-center/developer/scenarios. A partner is a tenant; the customer's id is the
customer's tenant id. Needs app+user with the MFA claim, or for all but ending a relationship the app alone.
"""

from sendoff.sandbox import partner_stock, partner_transfer
from sendoff.sandbox.entra import bearer, is_agent, utc
from sendoff.sandbox.partner_errors import (
    BAD_INPUT,
    CANNOT,
    FORBIDDEN,
    NO_MFA,
    UNAUTHORIZED,
    error,
    no_relation,
)
from sendoff.sandbox.record import VENDOR
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, loads, obj, text, whole
from sendoff.sandbox.world import Identity, Thing, World

PAGE = 2
ECHOED = ("ms-correlationid", "ms-requestid")
WRITES = frozenset({"POST", "PATCH", "DELETE"})


def serve(world: World, request: Request) -> Response:
    """Answer one call. Errors: 401 token or code 900421, 403 code 20002, 404, 400, 409; {code, description}."""
    who = bearer(world, request, "partner-center")
    if isinstance(who, str):
        return _dressed(error(401, UNAUTHORIZED, who), request)
    if who.kind == "person" and not who.mfa:
        why = "The access token does not carry the MFA claim. Sign in with multi-factor authentication."
        return _dressed(error(401, NO_MFA, why), request, who)
    if who.kind == "person" and not is_agent(world, who.tenant, who.principal):
        return _dressed(error(403, FORBIDDEN, "The user does not hold the role Admin agent."), request, who)
    settle(world)
    return _dressed(_once(world, who, request), request, who)


def settle(world: World) -> None:
    """Bring terms and transfers up to the civil clock."""
    with world.record.by(VENDOR):
        partner_transfer.settle(world)
        partner_stock.settle(world)


def _dressed(response: Response, request: Request, who: Identity | None = None) -> Response:
    more = {key: request.headers.get(key, "00000000-0000-4000-8000-000000000000") for key in ECHOED}
    named = {"MS-CorrelationId": more["ms-correlationid"], "MS-RequestId": more["ms-requestid"]}
    if who is not None and request.headers.get("validatemfa", "").lower() == "true":
        named["isMfaCompliant"] = "true" if who.mfa or who.kind != "person" else "false"
    return response.with_headers(named)


def _once(world: World, who: Identity, request: Request) -> Response:
    """The same MS-RequestId on a write gets the first answer again."""
    asked = request.headers.get("ms-requestid", "")
    key = f"{who.tenant} {request.method} {request.path.lower()} {asked}"
    if asked and request.method in WRITES and key in world.answered:
        return world.answered[key]
    response = _route(world, who, request)
    if request.method in WRITES and response.status < 300:
        if asked and not world.lying:
            world.answered[key] = response
        _audit(world, who, request)
    return response


def _route(world: World, who: Identity, request: Request) -> Response:
    parts = request.path.strip("/").split("/")
    if parts[:2] == ["v1", "auditrecords"] and request.method == "GET":
        return _records(world, who, request)
    if parts[:2] != ["v1", "customers"]:
        return error(404, BAD_INPUT, f"No resource '{request.path}'.")
    if len(parts) == 2:
        return _customers(world, who, request)
    customer, rest = parts[2].lower(), [one.lower() for one in parts[3:]]
    if rest[:1] == ["transfers"]:
        return _transfers(world, who, customer, rest[1:], request)
    mine = world.get("partner-center", "customer", f"{who.tenant}.{customer}")
    if mine is None or text(mine.raw, "relationshipToPartner") == "none":
        return no_relation(customer)
    if not rest:
        return _customer(world, who, mine, request)
    return _below(world, who, customer, rest, request)


def _transfers(world: World, who: Identity, customer: str, rest: list[str], request: Request) -> Response:
    mine = world.get("partner-center", "customer", f"{who.tenant}.{customer}")
    if mine is None:
        return no_relation(customer)
    if not rest:
        return partner_transfer.collection(world, who, customer, request)
    if rest[1:]:
        return error(400, CANNOT, "Only transfers of traditional licence subscriptions are accepted so.")
    return partner_transfer.single(world, who, customer, rest[0], request)


def _below(world: World, who: Identity, customer: str, rest: list[str], request: Request) -> Response:
    match rest, request.method:
        case ["subscriptions"], "GET":
            return partner_stock.listed(world, who.tenant, customer)
        case ["subscriptions", ident], "GET" | "PATCH":
            return partner_stock.single(world, who.tenant, customer, ident, request)
        case ["relationships"], "GET":
            none: list[Json] = []
            return answer(200, {"totalCount": 0, "items": none, "attributes": {"objectType": "Collection"}})
        case ["transferseligibility"], "GET":
            rows = partner_stock.active(world, who.tenant, customer)
            why = "Only traditional licence subscriptions are eligible."
            unfit: list[Json] = [{"id": text(one.raw, "id"), "isEligible": False, "reason": why} for one in rows]
            return answer(200, unfit)
        case _:
            return error(404, BAD_INPUT, f"No resource '{request.path}' for {request.method}.")


def _customers(world: World, who: Identity, request: Request) -> Response:
    rows = [
        one.raw
        for one in world.all("partner-center", "customer")
        if one.place == who.tenant and text(one.raw, "relationshipToPartner") != "none" and _fits(one, request)
    ]
    size = max(min(whole(request.ask("size"), PAGE), 500), 1)
    start = whole(request.headers.get("ms-continuationtoken")) if request.ask("seekOperation") else 0
    part: list[Json] = [*rows[start : start + size]]
    links: Obj = {"self": {"uri": "/customers", "method": "GET", "headers": []}}
    if start + size < len(rows):
        token: Json = {"key": "MS-ContinuationToken", "value": str(start + size)}
        links["next"] = {"uri": f"/customers?size={size}&seekOperation=Next", "method": "GET", "headers": [token]}
    return answer(
        200, {"totalCount": len(part), "items": part, "links": links, "attributes": {"objectType": "Collection"}}
    )


def _fits(thing: Thing, request: Request) -> bool:
    asked = obj(loads(request.ask("filter")))
    if not asked:
        return True
    name = {"CompanyName": "companyName", "Domain": "domain"}.get(text(asked, "Field"), "")
    return text(thing.raw, "companyProfile", name).lower().startswith(text(asked, "Value").lower())


def _customer(world: World, who: Identity, mine: Thing, request: Request) -> Response:
    if request.method == "GET":
        return answer(200, mine.raw)
    body = request.json()
    if request.method != "PATCH" or text(body, "relationshipToPartner") != "none":
        return error(400, BAD_INPUT, "Only relationshipToPartner can be changed, and only to 'none'.")
    if text(body, "attributes", "objectType") != "Customer":
        return error(400, BAD_INPUT, "attributes.objectType must be 'Customer'.")
    if who.kind != "person":
        return error(403, FORBIDDEN, "This call needs App+User credentials.")
    busy = partner_stock.active(world, who.tenant, text(mine.raw, "id"))
    if busy:
        why = f"The customer still has active subscriptions or reservations: {text(busy[0].raw, 'id')}."
        return error(400, CANNOT, why)
    world.change(mine, {"relationshipToPartner": "none", "allowDelegatedAccess": False})
    return answer(200, mine.raw)


def _audit(world: World, who: Identity, request: Request) -> None:
    parts = request.path.strip("/").split("/")
    raw: Obj = {
        "partnerId": who.tenant,
        "customerId": parts[2] if len(parts) > 2 else "",
        "userPrincipalName": who.name,
        "applicationId": who.client,
        "resourceType": parts[3] if len(parts) > 3 else "customer",
        "operationType": f"{request.method.lower()}_{parts[3] if len(parts) > 3 else 'customer'}",
        "operationStatus": "succeeded",
        "operationDate": utc(world),
        "attributes": {"objectType": "AuditRecord"},
    }
    world.audits.append(raw)


def _records(world: World, who: Identity, request: Request) -> Response:
    since, until = request.ask("startDate"), request.ask("endDate") or "9999"
    if not since:
        return error(400, BAD_INPUT, "startDate is required.")
    rows: list[Json] = [
        one
        for one in world.audits
        if text(one, "partnerId") == who.tenant and since[:10] <= text(one, "operationDate")[:10] <= until[:10]
    ]
    size = whole(request.ask("size"), 500)
    return answer(
        200, {"totalCount": len(rows[:size]), "items": rows[:size], "attributes": {"objectType": "Collection"}}
    )
