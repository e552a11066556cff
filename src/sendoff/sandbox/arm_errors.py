"""ARM's refusals and common headers, worded as the vendor words them."""

from uuid import uuid4

from sendoff.sandbox.wire import Obj, Response, answer
from sendoff.sandbox.world import Identity

LIMITS = {
    "GET": ("reads", "249"),
    "POST": ("writes", "199"),
    "PUT": ("writes", "199"),
    "PATCH": ("writes", "199"),
    "DELETE": ("deletes", "199"),
}


def error(status: int, code: str, message: str, **more: str) -> Response:
    """{"error": {"code", "message"}} with extra members."""
    body: Obj = {"code": code, "message": message, **more}
    return answer(status, {"error": body})


def dress(response: Response, method: str) -> Response:
    """Add the headers every ARM answer carries, the remaining quota among them."""
    kind, left = LIMITS.get(method, ("reads", "249"))
    ident = str(uuid4())
    return response.with_headers(
        {
            "Cache-Control": "no-cache",
            "Pragma": "no-cache",
            "Expires": "-1",
            "X-Content-Type-Options": "nosniff",
            "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
            "x-ms-request-id": ident,
            "x-ms-correlation-request-id": ident,
            "x-ms-routing-request-id": f"WESTEUROPE:20261123T080000Z:{ident}",
            f"x-ms-ratelimit-remaining-subscription-{kind}": left,
            f"x-ms-ratelimit-remaining-subscription-global-{kind}": "3749",
        }
    )


def unauthorized(why: str) -> Response:
    """401 with the challenge header."""
    code = (
        "ExpiredAuthenticationToken"
        if "expiry" in why
        else ("InvalidAuthenticationTokenAudience" if "audience" in why else "InvalidAuthenticationToken")
    )
    code = "AuthenticationFailed" if "missing" in why else code
    challenge = 'Bearer authorization_uri="https://login.windows.net/", error="invalid_token", error_description="No"'
    return error(401, code, why).with_headers({"WWW-Authenticate": challenge})


def forbidden(who: Identity, action: str, scope: str) -> Response:
    """403 AuthorizationFailed."""
    return error(
        403,
        "AuthorizationFailed",
        (
            f"The client '{who.client}' with object id '{who.principal}' does not have authorization to perform action "
            f"'{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh "
            "your credentials."
        ),
    )


def wrong_tenant(subscription: str) -> Response:
    """401 for a token of a tenant that has nothing to do with the subscription."""
    return error(
        401,
        "InvalidAuthenticationTokenTenant",
        (
            "The access token is from the wrong issuer. It must match the tenant associated with this subscription "
            f"'{subscription}'."
        ),
    )


def no_version() -> Response:
    """400: the api-version is missing."""
    return error(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
    )


def bad_version(asked: str, kind: str, known: tuple[str, ...]) -> Response:
    """400: the type does not know this api-version."""
    name, _, rest = kind.partition("/")
    if name == "microsoft.resources":
        return error(
            400,
            "InvalidApiVersionParameter",
            f"The api-version '{asked}' is invalid. The supported versions are '{','.join(known)}'.",
        )
    return error(
        400,
        "NoRegisteredProviderFound",
        (
            f"No registered resource provider found for location 'westeurope' and API version '{asked}' for type "
            f"'{rest}'. The supported api-versions are '{', '.join(known)}'."
        ),
    )


def scope_locked(target: str, scopes: list[str]) -> Response:
    """409: a management lock forbids the delete."""
    return error(
        409,
        "ScopeLocked",
        (
            f"The scope '{target}' cannot perform delete operation because following scope(s) are locked: "
            f"'{','.join(scopes)}'. Please remove the lock and try again."
        ),
    )
