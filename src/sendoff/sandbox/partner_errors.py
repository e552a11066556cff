"""Partner Center's refusals: {code, description, data, source}, and the other shape of its 429.

Vendor's page: learn.microsoft.com/partner-center/developer/error-codes.
"""

from sendoff.sandbox.wire import Obj, Response, answer

NO_RELATION = 20002
NO_SUBSCRIPTION = 20003
BAD_SUBSCRIPTION = 800078
NO_TRANSFER = 900100
RUNNING = 900101
CANNOT = 900102
TAKEN = 900104
NO_MFA = 900421
UNAUTHORIZED = 401
"""Unverified: the page lists no code for a token that is missing or for another audience."""
FORBIDDEN = 403
"""Unverified: the page lists no code for a user without the role Admin agent."""
BAD_INPUT = 2000
"""Unverified: the code of a body or a query that cannot be read."""


def error(status: int, code: int, description: str) -> Response:
    """{"code", "description", "data", "source"}."""
    body: Obj = {"code": code, "description": description, "data": [], "source": "PartnerFD"}
    return answer(status, body)


def throttled(seconds: int) -> Response:
    """429 with a shape of its own."""
    why = f"Rate limit is exceeded. Try again in {seconds} seconds."
    return answer(429, {"statusCode": 429, "message": why}, {"Retry-After": str(seconds)})


def no_relation(customer: str) -> Response:
    """403: the partner has no commerce relation with the customer."""
    return error(403, NO_RELATION, f"The partner does not have a commerce relationship with the customer '{customer}'.")
