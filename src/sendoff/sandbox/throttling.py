"""How much of a limit is left, in the headers by which each vendor tells it.

Vendor's pages: learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling,
/azure/governance/resource-graph/concepts/guidance-for-throttled-requests and /graph/throttling-limits.
"""

from typing import Protocol

from sendoff.sandbox import graph_units
from sendoff.sandbox.arm_errors import LIMITS
from sendoff.sandbox.wire import Request, Response

NEAR = 0.8
"""Graph says how near a limit is only above this."""


class Bucket(Protocol):
    """What is known of a limit: how much it holds, how fast it fills, how much is spent."""

    capacity: int
    rate: int
    spent: float


def cost(vendor: str, request: Request) -> int:
    """What one call takes out of a bucket."""
    return graph_units.cost(request) if vendor == "graph" else 1


def counted(vendor: str, request: Request, response: Response, bucket: Bucket) -> Response:
    """The answer with the headers of its vendor."""
    left = str(max(int(bucket.capacity - bucket.spent), 0))
    more: dict[str, str] = {}
    if vendor == "arm" and "microsoft.resourcegraph" in request.path.lower():
        seconds = int(bucket.spent / bucket.rate) if bucket.rate else 5
        resets = f"00:{seconds // 60:02d}:{seconds % 60:02d}"
        more = {"x-ms-user-quota-remaining": left, "x-ms-user-quota-resets-after": resets}
    elif vendor == "arm":
        kind = LIMITS.get(request.method, ("reads", ""))[0]
        more = {f"x-ms-ratelimit-remaining-subscription-{kind}": left}
    elif vendor == "graph":
        more = _graph(response, bucket)
    return Response(response.status, {**response.headers, **more}, response.body)


def _graph(response: Response, bucket: Bucket) -> dict[str, str]:
    more: dict[str, str] = {}
    share = bucket.spent / bucket.capacity
    if share > NEAR:
        more["x-ms-throttle-limit-percentage"] = f"{share:.1f}"
    if response.status == 429:
        more["x-ms-throttle-scope"] = "Tenant_Application/ReadWrite"
        more["x-ms-throttle-information"] = "ResourceUnitLimitExceeded"
    return more
