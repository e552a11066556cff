"""The second look by another way: Resource Graph for what ARM lists, and the lists of groups for what both showed.

Page: learn.microsoft.com/azure/governance/resource-graph/reference/supported-tables-resources. It shares no list with
`lists.py`, nor the paging of it: what one of them loses the other has. The index lags behind by seconds to minutes, so
it finds, and a direct read decides.
"""

from collections.abc import Mapping
from dataclasses import replace

from sendoff.connectors.azure.client import GRAPH, QUERIES, READS, RESOURCES, SYSTEM, Arm
from sendoff.connectors.wire.body import Object, rows, text
from sendoff.connectors.wire.client import Call
from sendoff.model.errors import Confusing
from sendoff.model.inventory import Kind

_AT_ONCE = 500
_ROWS = "project id, name, policyType=properties.policyType"
_TABLES: Mapping[Kind, tuple[str, str]] = {
    Kind.GROUP: ("resourcecontainers", "microsoft.resources/subscriptions/resourcegroups"),
    Kind.POLICY_ASSIGNMENT: ("policyresources", "microsoft.authorization/policyassignments"),
    Kind.POLICY_EXEMPTION: ("policyresources", "microsoft.authorization/policyexemptions"),
    Kind.POLICY_SET: ("policyresources", "microsoft.authorization/policysetdefinitions"),
    Kind.POLICY_DEFINITION: ("policyresources", "microsoft.authorization/policydefinitions"),
    Kind.ROLE_ASSIGNMENT: ("authorizationresources", "microsoft.authorization/roleassignments"),
    Kind.DELEGATION: ("managedservicesresources", "microsoft.managedservices/registrationassignments"),
}
"""Where Resource Graph keeps each kind, and under which type."""
_CUSTOM = frozenset({Kind.POLICY_SET, Kind.POLICY_DEFINITION})
SECOND = frozenset({*_TABLES, Kind.RESOURCE})
"""Kinds that have another way. Budgets, locks, remediations and diagnostic settings have none: they are asked for where
they lie."""


def shown(arm: Arm, kind: Kind) -> tuple[str, ...]:
    """The ids of a kind by the other way, in the vendor's spelling."""
    if kind is Kind.RESOURCE:
        groups = [text(one, "id") for one in _indexed(arm, Kind.GROUP)]
        return tuple(text(one, "id") for group in groups for one in _inside(arm, group))
    return tuple(text(one, "id") for one in _indexed(arm, kind))


def _indexed(arm: Arm, kind: Kind) -> list[Object]:
    table, full = _TABLES[kind]
    query = f"{table} | where type =~ '{full}' | {_ROWS} | order by id asc"
    found: list[Object] = []
    total = 1
    while len(found) < total:
        options: Object = {"resultFormat": "objectArray", "$top": _AT_ONCE, "$skip": len(found)}
        body: Object = {"query": query, "subscriptions": [arm.root.rsplit("/", 1)[-1]], "options": options}
        call = Call(
            method="POST",
            path="/providers/Microsoft.ResourceGraph/resources",
            what="look a second time",
            pace=QUERIES,
            query=(("api-version", GRAPH),),
            body=body,
            repeat=True,
        )
        page = arm.http.call(call).object()
        data = [one for one in rows(page, "data") if isinstance(one, dict) and text(one, "id")]
        total = int(text(page, "totalRecords") or -1)
        if total < 0 or (not data and len(found) < total):
            raise Confusing(f"look a second time: {len(found)} of {total} rows came", system=SYSTEM)
        found += data
    return [one for one in found if kind not in _CUSTOM or text(one, "policyType") == "Custom"]


def _inside(arm: Arm, group: str) -> list[Object]:
    """GET {group}/resources, page by page; a group that the index still shows and that is gone is empty."""
    found: list[Object] = []
    call = Call(
        method="GET",
        path=f"{group}/resources",
        what="look into a group a second time",
        pace=READS,
        query=(("api-version", RESOURCES),),
        fine=frozenset({200, 404}),
        repeat=True,
    )
    while call.path:
        answer = arm.http.call(call)
        page = answer.object() if answer.status == 200 else {}
        found += [one for one in rows(page, "value") if isinstance(one, dict) and text(one, "id")]
        call = replace(call, path=text(page, "nextLink"), query=())
    return found
