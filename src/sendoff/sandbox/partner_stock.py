"""What a partner has sold to a customer, and how it lives on: terms run out or renew by the civil clock."""

from datetime import datetime, timedelta

from sendoff.sandbox.partner_errors import BAD_INPUT, NO_SUBSCRIPTION, error
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, text
from sendoff.sandbox.world import Thing, World

KIND = "subscription"
TERMS = {"P1M": 30, "P1Y": 365, "P3Y": 1095}
CHANGEABLE = ("autoRenewEnabled", "status", "friendlyName", "quantity")


def sold(world: World, partner: str, customer: str) -> list[Thing]:
    """Everything that a partner bills a customer for, or once did."""
    rows = world.all("partner-center", KIND)
    return [one for one in rows if one.place == f"{partner}/{customer}"]


def active(world: World, partner: str, customer: str) -> list[Thing]:
    """What still runs: subscriptions, reservations, savings plans and licences with status active."""
    return [one for one in sold(world, partner, customer) if text(one.raw, "status") == "active"]


def held(world: World, partner: str, customer: str) -> list[Thing]:
    """What a customer still holds through a partner, suspended or not: all that neither ran out nor went."""
    return [one for one in sold(world, partner, customer) if text(one.raw, "status") not in ("deleted", "expired")]


def listed(world: World, partner: str, customer: str) -> Response:
    """GET …/subscriptions: the whole collection."""
    rows: list[Json] = [one.raw for one in sold(world, partner, customer)]
    return answer(200, {"totalCount": len(rows), "items": rows, "attributes": {"objectType": "Collection"}})


def single(world: World, partner: str, customer: str, ident: str, request: Request) -> Response:
    """GET or PATCH one subscription. Errors: 404 code 20003, 400 for a body that changes nothing it may."""
    found = next((one for one in sold(world, partner, customer) if text(one.raw, "id") == ident.lower()), None)
    if found is None:
        return error(404, NO_SUBSCRIPTION, f"The subscription '{ident}' was not found.")
    if request.method == "PATCH":
        body = request.json()
        more: Obj = {key: body[key] for key in CHANGEABLE if key in body and body[key] != found.raw.get(key)}
        if not body or text(more, "status") not in ("", "active", "suspended"):
            return error(400, BAD_INPUT, "The subscription cannot be changed so.")
        if more:
            world.change(found, more)
    return answer(200, found.raw)


def settle(world: World) -> None:
    """Terms that ended by the civil clock: renewed when they renew, expired when not."""
    for one in world.all("partner-center", KIND):
        ends = text(one.raw, "commitmentEndDate")
        if not ends or text(one.raw, "status") != "active":
            continue
        moment = datetime.fromisoformat(ends.replace("Z", "+00:00"))
        if moment > world.now:
            continue
        if one.raw.get("autoRenewEnabled") is not True:
            world.change(one, {"status": "expired"})
            continue
        days = TERMS.get(text(one.raw, "termDuration"), 365)
        while moment <= world.now:
            moment += timedelta(days=days)
        world.change(one, {"commitmentEndDate": moment.strftime("%Y-%m-%dT%H:%M:%SZ")})


def hand_over(world: World, thing: Thing, partner: str, mpn: str) -> None:
    """The billing owner changes: the source's row is deleted, the target gets its own; rights in Azure stay."""
    customer = thing.place.split("/")[1]
    world.change(thing, {"status": "deleted", "autoRenewEnabled": False})
    raw: Obj = {
        **thing.raw,
        "status": "active",
        "partnerId": mpn,
        "autoRenewEnabled": bool(text(thing.raw, "termDuration")),
    }
    world.add(Thing("partner-center", KIND, f"{partner}.{text(raw, 'id')}", "outside", raw, f"{partner}/{customer}"))
