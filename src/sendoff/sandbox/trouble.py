"""Switchable faults: which call they meet, on which occasions, and what goes wrong then."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, unquote, urlsplit

from sendoff.sandbox import (
    arm_cost,
    arm_errors,
    entra,
    github,
    graph_filter,
    partner_errors,
    passwordstate,
    prtg_table,
    prtg_v2,
    reassure,
    throttling,
    topdesk,
    trouble_house,
)
from sendoff.sandbox.arm_ids import COST, place
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, arr, loads, obj, plain, text, whole
from sendoff.sandbox.world import World

SIGN_IN = {
    "AADSTS700016": ("unauthorized_client", "Application with identifier was not found in the directory."),
    "AADSTS7000112": ("unauthorized_client", "Application is disabled."),
    "AADSTS7000215": ("invalid_client", "Invalid client secret provided."),
    "AADSTS7000222": ("invalid_client", "The provided client secret keys are expired."),
    "AADSTS53003": ("invalid_grant", "Access has been blocked by Conditional Access policies."),
    "AADSTS90002": ("invalid_request", "Tenant not found."),
}
"""Codes of the sign-in page, as learn.microsoft.com/entra/identity-platform/reference-error-codes names them."""
HOUSE = {"topdesk": topdesk.refuse, "reassure": reassure.refuse, "github": github.refuse}
KINDS = frozenset(
    {
        "status",
        "throttle",
        "drop",
        "lost-answer",
        "slow-answer",
        "timeout",
        "drop-page",
        "empty-list",
        "forbid",
        "lie",
        "slow-delete",
        "fail-delete",
        "login-redirect",
        "error-page",
        "errormsg",
        "html",
        "first-page-only",
        "bucket",
        "location-only",
        "operation-only",
        "partial-delete",
        *trouble_house.KINDS,
    }
)


@dataclass(slots=True)
class Fault:
    """One fault: meets calls of `vendor`, `method`, `path` (regex), from the `nth` on, `times` times (0: always)."""

    id: str
    do: str
    vendor: str = ""
    method: str = ""
    path: str = ""
    nth: int = 1
    times: int = 0
    status: int = 500
    seconds: int = 1
    milliseconds: int = 200
    polls: int = 3
    code: str = "InternalServerError"
    met: int = 0
    capacity: int = 250
    rate: int = 25
    spent: float = 0.0
    since: float = 0.0

    def meets(self, vendor: str, request: Request) -> bool:
        """Whether it strikes this call; counts the calls that fit."""
        fits = self.vendor in ("", vendor, vendor.removesuffix("-v2")) and self.method.upper() in ("", request.method)
        if not fits or not re.search(self.path, request.path, re.I):
            return False
        self.met += 1
        return self.met >= self.nth and (not self.times or self.met < self.nth + self.times)

    def overdrawn(self, cost: int = 1) -> bool:
        """A token bucket: `capacity` calls (or units) at once, `rate` more a second of real time."""
        now = time.monotonic()
        self.spent = max(0.0, self.spent - (now - (self.since or now)) * self.rate)
        self.since = now
        if self.spent + cost > self.capacity:
            return True
        self.spent += cost
        return False

    def shown(self) -> Obj:
        """The fault as the control port shows it."""
        return {
            "id": self.id,
            "do": self.do,
            "vendor": self.vendor,
            "method": self.method,
            "path": self.path,
            "nth": self.nth,
            "times": self.times,
            "status": self.status,
            "met": self.met,
            "seconds": self.seconds,
            "polls": self.polls,
            "code": self.code,
        }


def fault(ident: str, asked: Obj) -> Fault | None:
    """A fault from the control port's JSON; None when its `do` is unknown."""
    if text(asked, "do") not in KINDS:
        return None
    return Fault(
        id=ident,
        do=text(asked, "do"),
        vendor=text(asked, "vendor"),
        method=text(asked, "method"),
        path=text(asked, "path"),
        nth=whole(asked.get("nth"), 1),
        times=whole(asked.get("times")),
        status=whole(asked.get("status"), 500),
        seconds=whole(asked.get("seconds"), 1),
        milliseconds=whole(asked.get("milliseconds"), 200),
        polls=whole(asked.get("polls"), 3),
        code=text(asked, "code") or "InternalServerError",
        capacity=whole(asked.get("capacity"), 250),
        rate=whole(asked.get("rate"), 25),
    )


def strike(
    world: World, vendor: str, request: Request, found: list[Fault], go: Callable[[Request], Response]
) -> Response:
    """Answer a call under its faults: before the vendor sees it, around it, or on its answer."""
    for one in found:
        early = _instead(vendor, request, one)
        if early is not None:
            return early
        if one.do in ("slow-delete", "fail-delete", "partial-delete"):
            request = _marked(request, one)
        request = trouble_house.marked(request, one.do)
    world.lying = any(one.do == "lie" for one in found)
    try:
        response = go(request)
    finally:
        world.lying = False
    for one in found:
        response = throttling.counted(vendor, request, response, one) if one.do == "bucket" else _after(response, one)
    return response


def _marked(request: Request, one: Fault) -> Request:
    more = {"x-sandbox-polls": str(one.polls)} if one.do == "slow-delete" else {"x-sandbox-ends": "Failed"}
    if one.do == "partial-delete":
        more["x-sandbox-half"] = "true"
    return replace(request, headers={**request.headers, **more})


def _instead(vendor: str, request: Request, one: Fault) -> Response | None:
    match one.do:
        case "drop" | "timeout":
            return Response(0, {"x-sandbox-wait": str(one.seconds)} if one.do == "timeout" else {})
        case "throttle" if vendor == "partner-center":
            return partner_errors.throttled(one.seconds)
        case "throttle" if vendor == "arm" and place(request.path).kind == COST:
            return arm_errors.dress(arm_cost.throttled(one.seconds), request.method)
        case "throttle":
            return _error(vendor, 429, "TooManyRequests").with_headers({"Retry-After": str(one.seconds)})
        case "bucket" if one.overdrawn(throttling.cost(vendor, request)):
            refused = _error(vendor, 429, "TooManyRequests").with_headers({"Retry-After": "1"})
            return throttling.counted(vendor, request, refused, one)
        case "status":
            return _error(vendor, one.status, one.code)
        case "forbid":
            return _error(vendor, 403, "AuthorizationFailed")
        case "login-redirect":
            return Response(302, {"Location": f"/public/login.htm?loginurl={request.path}&errormsg="})
        case "error-page":
            return Response(302, {"Location": "/error.htm?errormsg=Something%20went%20wrong"})
        case "errormsg":
            return plain(200, '<div class="errormsg">Sorry, there was an error.</div>')
        case "html":
            return plain(one.status, "<html><body><h1>Server Error</h1></body></html>")
        case _:
            return trouble_house.instead(one.do)


def _error(vendor: str, status: int, code: str) -> Response:
    why = "The sandbox was told to answer so."
    if vendor == "graph":
        return graph_filter.error(status, code, why)
    if vendor == "prtg":
        return prtg_table.failed(why, status)
    if vendor == "prtg-v2":
        return prtg_v2.refuse(status, code, why)
    if vendor == "passwordstate":
        return passwordstate.refuse(status, code, why)
    if vendor == "login" and code in SIGN_IN:
        error, said = SIGN_IN[code]
        return entra.refusal(status, error, int(code.removeprefix("AADSTS")), said)
    if vendor == "login":
        return answer(status, {"error": "temporarily_unavailable", "error_description": why, "error_codes": [90033]})
    if vendor == "partner-center":
        return partner_errors.error(status, 900000, why)
    if vendor in HOUSE:
        return HOUSE[vendor](status, code, why)
    return arm_errors.dress(arm_errors.error(status, code, why), "GET")


def _after(response: Response, one: Fault) -> Response:
    if one.do == "lost-answer":
        return Response(0)
    if one.do in ("location-only", "operation-only"):
        dropped = "Azure-AsyncOperation" if one.do == "location-only" else "Location"
        heads = {key: value for key, value in response.headers.items() if response.status != 202 or key != dropped}
        return Response(response.status, heads, response.body)
    if one.do == "slow-answer":
        return response.with_headers({"x-sandbox-wait": str(one.milliseconds / 1000)})
    body = loads(response.body)
    if one.do in ("drop-page", "first-page-only"):
        kept = {key: value for key, value in obj(body).items() if key not in ("nextLink", "@odata.nextLink")}
        if "next" in obj(kept.get("links")):
            kept["links"] = {key: value for key, value in obj(kept["links"]).items() if key != "next"}
        if "nextLink" in obj(kept.get("properties")):
            kept["properties"] = {**obj(kept["properties"]), "nextLink": None}
        return _with(response, kept)
    if one.do == "empty-list":
        return _with(response, _emptied(body))
    return trouble_house.after(response, one.do)


def has_more(response: Response) -> bool:
    """Whether an answer names a page after it, which `drop-page` would drop."""
    body = obj(loads(response.body))
    inner = obj(body.get("properties")).get("nextLink") or obj(body.get("links")).get("next")
    return bool(body.get("nextLink") or body.get("@odata.nextLink") or inner)


def _emptied(body: Json) -> Json:
    if isinstance(body, list):
        return []
    kept = {key: value for key, value in obj(body).items() if key not in ("nextLink", "@odata.nextLink")}
    if "rows" in obj(kept.get("properties")):
        kept["properties"] = {**obj(kept["properties"]), "nextLink": None, "rows": []}
    return {key: [] if isinstance(value, list) and arr(value) else value for key, value in kept.items()}


def _with(response: Response, body: Json) -> Response:
    fresh = answer(response.status, body)
    return fresh.with_headers({key: value for key, value in response.headers.items() if key != "Content-Type"})


def local(url: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Path and query of an absolute URL, to follow a nextLink in-process."""
    parts = urlsplit(url)
    return unquote(parts.path), tuple(parse_qsl(parts.query, keep_blank_values=True))
