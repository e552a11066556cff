"""Graph's change tracking: the first round tells of everything, and ends with a link for the next one.

Vendor's pages: learn.microsoft.com/graph/api/user-delta, serviceprincipal-delta and group-delta, and
/graph/delta-query-overview. No state is kept between rounds here: a token of an earlier round is answered as one that
is too old, 410, upon which the vendor has everybody begin anew.
"""

from urllib.parse import urlencode

from sendoff.sandbox.graph_filter import BASE, cut, error
from sendoff.sandbox.wire import Obj, Request, Response, answer, whole
from sendoff.sandbox.world import Identity, World

KINDS = {"users": "user", "serviceprincipals": "servicePrincipal", "groups": "group"}
ALLOWED = frozenset({"$select", "$skiptoken", "$deltatoken"})
"""What this way takes, beside a $filter on ids, which is not played."""


def asked(parts: list[str], request: Request) -> bool:
    """Whether this is a call for changes of a kind."""
    return request.method == "GET" and len(parts) == 2 and parts[1].lower() in ("delta", "delta()")


def serve(world: World, who: Identity, parts: list[str], request: Request) -> Response:
    """A page of the first round. Errors: 400 for a kind without changes or an option that this way does not take; 410
    for the token of an earlier round."""
    kind = KINDS.get(parts[0].lower())
    strange = [name for name, _ in request.query if name.lower() not in ALLOWED]
    if kind is None or strange:
        said = f"'{strange[0]}' is not supported with change tracking." if strange else "No changes are tracked here."
        return error(400, "Request_UnsupportedQuery", said)
    if request.ask("$deltatoken"):
        return error(410, "SyncStateNotFound", "Resync required. Begin a new round without a token.")
    found = [one.raw for one in world.all("graph", kind) if one.place == who.tenant]
    start = max(whole(request.ask("$skiptoken")), 0)
    end = start + max(request.rows, 1)
    kept = [one for one in request.query if one[0].lower() != "$skiptoken"]
    more = end < len(found)
    token = ("$skiptoken", str(end)) if more else ("$deltatoken", world.guid("delta", who.tenant, kind))
    link = f"{request.base}{request.path}?" + urlencode([*kept, token])
    rows = [cut(one, request.ask("$select")) for one in found[start:end]]
    body: Obj = {"@odata.context": f"{BASE}/$metadata#{parts[0]}", "value": rows}
    return answer(200, {**body, "@odata.nextLink" if more else "@odata.deltaLink": link})
