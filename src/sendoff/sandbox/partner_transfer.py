"""Billing transfers at Partner Center: the target asks, the source accepts with line items, the vendor completes.

Vendor's pages: learn.microsoft.com/partner-center/developer/create-a-transfer, update-a-transfer,
transfer-entity-resources.
"""

from datetime import UTC, datetime, timedelta

from sendoff.sandbox.partner_errors import BAD_INPUT, BAD_SUBSCRIPTION, CANNOT, NO_TRANSFER, RUNNING, TAKEN, error
from sendoff.sandbox.partner_stock import active, hand_over
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, arr, obj, text, words
from sendoff.sandbox.world import Identity, Thing, World

KIND = "transfer"
PENDING, RUNS, DONE, EXPIRED = "Active", "InProgress", "Completed", "Expired"
"""Active, InProgress and Completed stand on the vendor's page; Expired is unverified (the portal says "expired")."""
HALF = "CompletedWithErrors"
"""Known of billing transfers in ARM; that Partner Center says so too is unverified."""
ACCEPTS = frozenset({"accept", "accepted", "inprogress", "complete", "completed"})
"""Unverified: the page's value for accepting could not be read, so the likely ones are all understood."""
PRODUCTS = ("AzureSubscription", "AzureReservation", "AzureSavingsPlan", "OnlineServicesNCE", "Software", "SaaS")
MOST = 25
LAPSES = timedelta(days=30)
TAKES = timedelta(minutes=15)
COUNTS_FROM = "_accepted"


def collection(world: World, who: Identity, customer: str, request: Request) -> Response:
    """GET: a plain array of the transfers both sides see. POST: the target asks. Errors: 400, 403, 409."""
    if request.method == "POST":
        return _create(world, who, customer, request.json())
    rows: list[Json] = [shown(one) for one in _seen(world, who, customer)]
    return answer(200, rows)


def single(world: World, who: Identity, customer: str, ident: str, request: Request) -> Response:
    """GET or PATCH one. Errors: 404 code 900100, 400 and 409 for what its status forbids."""
    found = next((one for one in _seen(world, who, customer) if one.id == ident.lower()), None)
    if found is None:
        return error(404, NO_TRANSFER, f"The transfer '{ident}' was not found.")
    if request.method == "GET":
        return answer(200, shown(found))
    if request.method == "PATCH":
        return _update(world, who, found, request.json())
    return error(400, CANNOT, "Only transfers of traditional licence subscriptions can be withdrawn so.")


def shown(thing: Thing) -> Json:
    """A transfer as the vendor shows it."""
    return {key: value for key, value in thing.raw.items() if not key.startswith("_")}


def of(world: World, customer: str) -> list[Thing]:
    """All transfers of a customer, oldest first."""
    return [one for one in world.all("partner-center", KIND) if one.place == customer]


def _seen(world: World, who: Identity, customer: str) -> list[Thing]:
    sides = ("sourcePartnerTenantId", "targetPartnerTenantId")
    return [one for one in of(world, customer) if who.tenant in [text(one.raw, side) for side in sides]]


def _create(world: World, who: Identity, customer: str, body: Obj) -> Response:
    missing = [one for one in ("sourcePartnerTenantId", "sourcePartnerName", "customerEmailId") if not text(body, one)]
    if missing:
        return error(400, BAD_INPUT, f"Required properties are missing: {', '.join(missing)}.")
    source, target = text(body, "sourcePartnerTenantId").lower(), text(body, "targetPartnerTenantId") or who.tenant
    if target.lower() != who.tenant or source == who.tenant:
        return error(400, CANNOT, "A transfer is created by the partner that the subscriptions go to.")
    if any(one not in PRODUCTS for one in words(body.get("targetProductTypes"))):
        return error(400, BAD_INPUT, "targetProductTypes holds an unknown product type.")
    if not active(world, source, customer):
        return error(
            400, BAD_SUBSCRIPTION, "The source partner has nothing with this customer that can be transferred."
        )
    if any(text(one.raw, "status") in (PENDING, RUNS) for one in _seen(world, who, customer)):
        return error(409, RUNNING, "The original transfer is still in progress.")
    return answer(201, shown(_made(world, who, customer, source, body)))


def _made(world: World, who: Identity, customer: str, source: str, body: Obj) -> Thing:
    ident = world.fresh("transfer")
    owner = next((one for one in world.customers.values() if one.tenant == customer), None)
    products: list[Json] = [*(words(body.get("targetProductTypes")) or PRODUCTS)]
    raw: Obj = {
        "id": ident,
        "status": PENDING,
        "transferType": text(body, "transferType") or "5",
        "customerEmailId": text(body, "customerEmailId"),
        "customerName": text(body, "customerName") or (owner.name if owner else ""),
        "customerTenantId": customer,
        "partnertenantid": who.tenant,
        "createdTime": _moment(world.now),
        "lastModifiedTime": _moment(world.now),
        "lastModifiedUser": who.name,
        "expirationTime": _moment(world.now + LAPSES),
        "sourcePartnerName": text(body, "sourcePartnerName"),
        "sourcePartnerTenantId": source,
        "targetPartnerName": world.partners.get(who.tenant, ("", ""))[0],
        "targetPartnerTenantId": who.tenant,
        "targetPartnerEmailId": text(body, "targetPartnerEmailId"),
        "targetProductTypes": products,
        "lineItems": [],
        "links": {"self": {"uri": f"/customers/{customer}/transfers/{ident}", "method": "GET", "headers": []}},
        "attributes": {"objectType": "TransferEntity"},
    }
    if text(body, "partnerOnRecord"):
        raw["partnerOnRecord"] = text(body, "partnerOnRecord")
    return world.add(Thing("partner-center", KIND, ident, owner.slug if owner else "outside", raw, customer))


def _update(world: World, who: Identity, transfer: Thing, body: Obj) -> Response:
    wanted, source = text(body, "status").lower(), text(transfer.raw, "sourcePartnerTenantId") == who.tenant
    if text(body, "id").lower() not in ("", transfer.id):
        return error(400, BAD_INPUT, "The id in the body is not the id in the path.")
    if wanted in ACCEPTS and source:
        return _accept(world, who, transfer, [obj(one) for one in arr(body.get("lineItems"))])
    ends = ("reject", "rejected") if source else ("cancel", "canceled", "cancelled")
    if wanted in ends:
        if text(transfer.raw, "status") != PENDING:
            return error(400, CANNOT, "The transfer can be ended only while it is pending.")
        _turned(world, who, transfer, {"status": "Reject" if source else "Cancel"})
        return answer(200, shown(transfer))
    return error(400, CANNOT, f"The transfer cannot be changed to '{text(body, 'status')}' by this partner.")


def _accept(world: World, who: Identity, transfer: Thing, items: list[Obj]) -> Response:
    if text(transfer.raw, "status") in (RUNS, DONE):
        return error(409, TAKEN, "The transfer is already handled by another request.")
    if text(transfer.raw, "status") != PENDING:
        return error(400, CANNOT, "The transfer cannot be processed: it is no longer pending.")
    if not items or len(items) > MOST:
        return error(400, CANNOT, f"A transfer takes 1 to {MOST} line items.")
    fit = {text(one.raw, "id"): one for one in transferable(world, transfer)}
    asked = [text(one, "subscriptionId").lower() for one in items]
    wrong = [one for one in asked if one not in fit]
    if wrong or len(set(asked)) != len(asked):
        return error(400, BAD_SUBSCRIPTION, f"Invalid subscriptions for a transfer: {', '.join(wrong or asked)}.")
    accept(world, who, transfer, [fit[one] for one in asked])
    return answer(200, shown(transfer))


def transferable(world: World, transfer: Thing) -> list[Thing]:
    """What the source may pick: active with the source, and of a product type that was asked for."""
    kinds = words(transfer.raw.get("targetProductTypes"))
    rows = active(world, text(transfer.raw, "sourcePartnerTenantId"), transfer.place)
    return [one for one in rows if text(one.raw, "productType", "id") in kinds]


def accept(world: World, who: Identity, transfer: Thing, chosen: list[Thing]) -> None:
    """The source's yes: from here on nobody can take it back."""
    items: list[Json] = [_line(at, one) for at, one in enumerate(chosen)]
    _turned(world, who, transfer, {"status": RUNS, "lineItems": items, COUNTS_FROM: world.at()})


def _line(at: int, thing: Thing) -> Json:
    return {
        "id": at,
        "subscriptionId": text(thing.raw, "id"),
        "quantity": thing.raw.get("quantity", 1),
        "friendlyName": text(thing.raw, "friendlyName"),
        "offerId": text(thing.raw, "offerId"),
        "billingCycle": text(thing.raw, "billingCycle"),
        "status": RUNS,
    }


def _turned(world: World, who: Identity, transfer: Thing, more: Obj) -> None:
    world.change(transfer, {**more, "lastModifiedTime": _moment(world.now), "lastModifiedUser": who.name})


def settle(world: World) -> None:
    """The vendor's clerks: pending ones lapse after 30 civil days, accepted ones complete after 15 civil minutes."""
    for one in world.all("partner-center", KIND):
        status = text(one.raw, "status")
        if status == PENDING and datetime.fromisoformat(text(one.raw, "expirationTime")) <= world.now:
            world.change(one, {"status": EXPIRED, "lastModifiedTime": text(one.raw, "expirationTime")})
        if status == RUNS and datetime.fromisoformat(text(one.raw, COUNTS_FROM)) + TAKES <= world.now:
            _complete(world, one)


def _complete(world: World, transfer: Thing) -> None:
    end = _moment(datetime.fromisoformat(text(transfer.raw, COUNTS_FROM)) + TAKES)
    items: list[Json] = [{**obj(one), "status": DONE} for one in arr(transfer.raw.get("lineItems"))]
    target = text(transfer.raw, "targetPartnerTenantId")
    chosen = {text(one, "subscriptionId") for one in items}
    for one in active(world, text(transfer.raw, "sourcePartnerTenantId"), transfer.place):
        if text(one.raw, "id") in chosen:
            hand_over(world, one, target, world.partners.get(target, ("", ""))[1])
    world.change(transfer, {"status": DONE, "lineItems": items, "completedTime": end, "lastModifiedTime": end})


def fail_half(world: World, transfer: Thing) -> bool:
    """The vendor ends an accepted transfer when some of its lines went and the last did not; our choice of words."""
    lines = [obj(one) for one in arr(transfer.raw.get("lineItems"))]
    if text(transfer.raw, "status") != RUNS or len(lines) < 2:
        return False
    target, went = text(transfer.raw, "targetPartnerTenantId"), {text(one, "subscriptionId") for one in lines[:-1]}
    for one in active(world, text(transfer.raw, "sourcePartnerTenantId"), transfer.place):
        if text(one.raw, "id") in went:
            hand_over(world, one, target, world.partners.get(target, ("", ""))[1])
    told: list[Json] = [*({**one, "status": DONE} for one in lines[:-1]), {**lines[-1], "status": "Failed"}]
    end = _moment(world.now)
    world.change(transfer, {"status": HALF, "lineItems": told, "completedTime": end, "lastModifiedTime": end})
    return True


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
