"""The second look at a directory by another way: what the vendor tells whoever follows its changes, from the start.

Pages: learn.microsoft.com/graph/api/user-delta and serviceprincipal-delta. A first round tells of everything that is
there, page by page, and ends with a link for the next round; without that link it did not end. It shares no list with
`client.py`, nor the paging of it. It may lag, so it finds, and a direct read decides. Groups are left out: this way
tells all groups of a customer, ours among them by nothing but a read of each.
"""

from collections.abc import Callable
from dataclasses import replace

from sendoff.connectors.entra.client import READS, SYSTEM, Directory
from sendoff.connectors.wire.body import Object, rows, text
from sendoff.connectors.wire.client import Call
from sendoff.model.errors import Confusing
from sendoff.model.facts import Facts
from sendoff.model.inventory import Kind

_PATHS = {Kind.USER: "/users/delta", Kind.GUEST: "/users/delta", Kind.SERVICE_PRINCIPAL: "/servicePrincipals/delta"}
SECOND = frozenset(_PATHS)
"""Kinds that have another way."""
_FIELDS = {"/users/delta": "id,userType", "/servicePrincipals/delta": "id,appId,appOwnerOrganizationId"}
"""That a first round can be cut to these fields is unverified [K]; a refusal is told, and hides nothing."""
PAGES = 10_000


def shown(directory: Directory, kind: Kind, facts: Facts, client: str) -> tuple[str, ...]:
    """The ids of a kind by the other way: every account or guest, and of apps those that are ours."""
    path, wanted = _PATHS[kind], _wanted(kind, facts, client)
    found: dict[str, Object] = {}
    call = Call(
        method="GET",
        path=path,
        what="look a second time",
        pace=READS,
        query=(("$select", _FIELDS[path]),),
        repeat=True,
    )
    for _ in range(PAGES):
        page = directory.http.call(call).object()
        for one in rows(page, "value"):
            if not isinstance(one, dict) or not text(one, "id"):
                raise Confusing("look a second time: a row has no id", system=SYSTEM)
            name = text(one, "id").lower()
            found[name] = _later(found.get(name, {}), one)
        if text(page, "@odata.deltaLink"):
            return tuple(text(one, "id") for one in found.values() if "@removed" not in one and wanted(one))
        following = text(page, "@odata.nextLink")
        if not following or following == call.path:
            raise Confusing("look a second time: the round did not end", system=SYSTEM)
        call = replace(call, path=following, query=())
    raise Confusing("look a second time: the pages do not end", system=SYSTEM)


def _later(known: Object, row: Object) -> Object:
    """An object may come again in a round, perhaps only with what changed; what went meanwhile comes as removed, and
    may come back."""
    return {**{name: value for name, value in known.items() if name != "@removed"}, **row}


def _wanted(kind: Kind, facts: Facts, client: str) -> Callable[[Object], bool]:
    if kind is Kind.SERVICE_PRINCIPAL:
        ours = facts.provider.tenant.lower()
        return lambda one: (
            text(one, "appOwnerOrganizationId").lower() == ours or text(one, "appId").lower() == client.lower()
        )
    return lambda one: (text(one, "userType").lower() == "guest") is (kind is Kind.GUEST)
