"""Our own customer portal, played after its profile docs/reassure.openapi.yaml: users, articles, invoices, reports.

The portal keeps what it billed: nothing is ever deleted, a user is disabled and an article gets an end date.
"""

import hashlib
from collections.abc import Callable
from datetime import date

from sendoff.sandbox.reassure_billing import drafted, freeze, invoiced
from sendoff.sandbox.record import VENDOR
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, canonical, text, whole
from sendoff.sandbox.world import Thing, World

PAGE, MOST = 20, 100
LISTS = {
    "users": "user",
    "articles": "article",
    "invoices": "invoice",
    "invoice-drafts": "draft",
    "reports": "report",
}
SINGLES = {key: kind for key, kind in LISTS.items() if key != "reports"}


def serve(world: World, request: Request) -> Response:
    """Answer one call. Errors: {code, message} with 400, 401, 404, 405, 409 retention, 412 stale,
    422, 428."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not token or token != text(world.msp, "reassure", "token"):
        return refuse(401, "unauthenticated", "A bearer token of the portal is needed.")
    world.record.caller = "reassure:sendoff"
    parts = [one for one in request.path.split("/") if one]
    if len(parts) < 2:
        return _missing()
    if parts[0] == "customers":
        return _customer(world, parts[1], parts[2:], request)
    kind = SINGLES.get(parts[0])
    thing = world.get("reassure", kind, parts[1]) if kind else None
    return _missing() if thing is None else _single(world, thing, parts[2:], request)


def refuse(status: int, code: str, why: str) -> Response:
    """The portal's error: {code, message}."""
    return answer(status, {"code": code, "message": why})


def etag(thing: Thing) -> str:
    """The strong entity tag of an object as it is now."""
    return f'"{hashlib.sha256(canonical(thing.raw)).hexdigest()[:16]}"'


def _missing() -> Response:
    return refuse(404, "not-found", "There is no such object.")


def _not_allowed(allowed: str) -> Response:
    return refuse(405, "method-not-allowed", f"Allowed: {allowed}.").with_headers({"Allow": allowed})


def _shown(thing: Thing) -> Obj:
    return {**thing.raw, "etag": etag(thing)}


def _customer(world: World, ident: str, rest: list[str], request: Request) -> Response:
    customer = world.get("reassure", "customer", ident)
    if customer is None or len(rest) > 1:
        return _missing()
    with world.record.by(VENDOR):
        invoiced(world, customer)
    if not rest:
        return _one(customer) if request.method == "GET" else _not_allowed("GET")
    if rest == ["invoice-drafts"] and request.method == "POST":
        return _draft(world, customer, request)
    kind = LISTS.get(rest[0])
    if kind is None:
        return _missing()
    return _list(world, customer, kind, request) if request.method == "GET" else _not_allowed("GET")


def _one(thing: Thing, status: int = 200) -> Response:
    return answer(status, _shown(thing), {"ETag": etag(thing)})


def _list(world: World, customer: Thing, kind: str, request: Request) -> Response:
    page, size = whole(request.ask("page", "1")), whole(request.ask("per_page", str(PAGE)))
    if page < 1 or not 1 <= size <= MOST:
        return refuse(400, "bad-page", f"page is 1 or more, per_page is 1 to {MOST}.")
    found = [one for one in world.all("reassure", kind) if text(one.raw, "customer_id") == customer.id]
    rows: list[Json] = [_shown(one) for one in found[(page - 1) * size : page * size]]
    return answer(200, rows, {"X-Total-Count": str(len(found))})


def _single(world: World, thing: Thing, rest: list[str], request: Request) -> Response:
    if rest == ["freeze"] and thing.kind == "draft":
        return _frozen(world, thing) if request.method == "POST" else _not_allowed("POST")
    if rest:
        return _missing()
    if request.method == "GET":
        return _one(thing)
    if request.method == "DELETE" and thing.kind in ("user", "article"):
        return refuse(409, "retention", "Users and articles are kept for as long as their invoices are.")
    change = CHANGES.get(thing.kind)
    if request.method != "PATCH" or change is None:
        return _not_allowed("GET, PATCH" if change else "GET")
    wanted = request.headers.get("if-match", "")
    if not wanted:
        return refuse(428, "if-match", "A change needs the header If-Match with the ETag that was read.")
    if wanted not in ("*", etag(thing)):
        return refuse(412, "stale", "The object has changed since it was read.")
    return change(world, thing, request.json())


def _switch(world: World, user: Thing, asked: Obj) -> Response:
    if set(asked) != {"enabled"} or not isinstance(asked["enabled"], bool):
        return refuse(422, "invalid", "Only enabled can be changed, to true or false.")
    if user.raw.get("enabled") is not asked["enabled"]:
        world.change(user, {"enabled": asked["enabled"]})
    return _one(user)


def _end(world: World, article: Thing, asked: Obj) -> Response:
    if set(asked) != {"end_date"}:
        return refuse(422, "invalid", "Only end_date can be changed.")
    end = asked["end_date"]
    if end is not None and _day(end) is None:
        return refuse(422, "invalid", "end_date is a date (YYYY-MM-DD) or null.")
    if isinstance(end, str) and end < text(article.raw, "start_date"):
        return refuse(422, "invalid", "end_date lies before start_date.")
    if article.raw.get("end_date") != end:
        world.change(article, {"end_date": end})
    return _one(article)


CHANGES: dict[str, Callable[[World, Thing, Obj], Response]] = {"user": _switch, "article": _end}


def _day(value: Json) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def _draft(world: World, customer: Thing, request: Request) -> Response:
    once, asked = request.headers.get("idempotency-key", ""), request.json()
    if not 1 <= len(once) <= 255:
        return refuse(400, "idempotency-key", "The header Idempotency-Key is needed, at most 255 characters.")
    until = _day(asked.get("until"))
    if until is None or set(asked) != {"until"}:
        return refuse(422, "invalid", "until is a date (YYYY-MM-DD), and the only member.")
    used = world.get("reassure", "once", once)
    if used is not None:
        return _again(world, used, customer, until)
    draft = drafted(world, customer, until)
    if draft is None:
        return refuse(422, "already-invoiced", "Everything up to that day is on an invoice already.")
    raw: Obj = {"customer_id": customer.id, "until": until.isoformat(), "draft": draft.id}
    world.add(Thing("reassure", "once", once, "msp", raw))
    return _one(draft, 201).with_headers({"Location": f"/invoice-drafts/{draft.id}"})


def _again(world: World, used: Thing, customer: Thing, until: date) -> Response:
    draft = world.get("reassure", "draft", text(used.raw, "draft"))
    if (text(used.raw, "customer_id"), text(used.raw, "until")) != (customer.id, until.isoformat()) or draft is None:
        return refuse(422, "idempotency-mismatch", "This Idempotency-Key was used for another request.")
    return _one(draft, 201).with_headers({"Location": f"/invoice-drafts/{draft.id}", "Idempotent-Replayed": "true"})


def _frozen(world: World, draft: Thing) -> Response:
    if draft.raw.get("frozen") is not True:
        freeze(world, draft)
    return _one(draft)
