"""What a Graph call costs in resource units, by which the directory throttles.

Vendor's page: learn.microsoft.com/graph/throttling-limits, "identity and access".
"""

from sendoff.sandbox.wire import Request, whole

COSTS = {"users": 2, "applications": 2, "contracts": 3, "members": 3, "transitivemembers": 5}


def cost(request: Request) -> int:
    """Units of one call, at least one: $select makes it cheaper, $expand dearer, fewer than 20 rows cheaper."""
    names = [one.lower() for one in request.path.split("/")]
    base = max((COSTS[one] for one in names if one in COSTS), default=1) if request.method == "GET" else 1
    few = request.has("$top") and whole(request.ask("$top"), 20) < 20
    return max(base - request.has("$select") + request.has("$expand") - few, 1)
