"""What runs on in the service desk: changes, operational activities and assets of one branch. The wire.

Pages: developers.topdesk.com/explorer for change 1.4, operations management 1.10 and assets 1.91. Lists of changes and
of activities have no count, so pages are read until one is empty.
"""

from collections.abc import Mapping

from sendoff.connectors.topdesk.client import ASSETS, SYSTEM, ServiceDesk, quoted
from sendoff.connectors.wire.body import Object, dig, rows, text
from sendoff.connectors.wire.client import Query
from sendoff.model.errors import Confusing

ACTIVITIES = {"Accept": "application/x.topdesk-collection-om-activity-v1+json"}
ACTIVITY = {"Accept": "application/x.topdesk-om-activity-v1+json"}
FIELDS = "id,number,briefDescription,plannedEndDate,resolved,skipped,archived,linkedBranches"
OVER = ("closed", "cancelled", "rejected", "nogo")
"""How the processing status of a change that is over ends."""
FOUND = frozenset({200, 404})
HELD = "@held"
"""Ours: the branches of the persons that an asset is assigned to."""
ASSIGNED: Query = (("showAssignments", "true"), ("fetchCount", "true"))


def activities(desk: ServiceDesk, branch: str) -> list[Object]:
    """GET operationalActivities that are linked to a branch, archived ones included."""
    query = (("query", f"linkedBranches.id=={quoted(branch)}"), ("fields", FIELDS), ("sort", "creationDate:asc"))
    found = _until_empty(desk, "/tas/api/operationalActivities", "list activities", query, "item", ACTIVITIES)
    if any(branch not in linked(one) for one in found):
        raise Confusing("list activities: one came that is not linked to the branch", system=SYSTEM)
    return found


def activity(desk: ServiceDesk, ident: str) -> Object | None:
    """GET one activity; None for a 404."""
    return _one(desk, f"/tas/api/operationalActivities/{ident}", "read an activity", ident, ACTIVITY)


def linked(row: Object) -> list[str]:
    """The branches that an activity is linked to."""
    return [text(one, "id") for one in rows(row, "linkedBranches")]


def over(row: Object) -> bool:
    """True for an activity that is resolved, skipped or archived, and for a change that is closed or archived."""
    said = [dig(row, name, "value") for name in ("resolved", "skipped", "archived")]
    return True in said or dig(row, "archived") is True or text(row, "processingStatus").endswith(OVER)


def changes(desk: ServiceDesk, *, only_open: bool) -> list[Object]:
    """GET operatorChanges of every customer, with their cards: the list tells of no branch and takes no query."""
    query: Query = (("open", "true"), ("archived", "false")) if only_open else ()
    listed = _until_empty(desk, "/tas/api/operatorChanges", "list changes", query, "results", {})
    cards = [change(desk, text(one, "id")) for one in listed]
    return [one for one in cards if one is not None]


def change(desk: ServiceDesk, ident: str) -> Object | None:
    """GET one change; None for a 404."""
    return _one(desk, f"/tas/api/operatorChanges/{ident}", "read a change", ident, {})


def assets(desk: ServiceDesk, branch: str, archived: str) -> list[Object]:
    """GET assets that are linked to a branch or to one of its persons, archived ones too: an asset may hang on a person
    alone. With what else they are assigned to, and to whose people."""
    people = {text(one, "id"): branch for one in desk.persons(f"branch.id=={quoted(branch)}")}
    holders = (f"branch/{branch}", *(f"person/{ident}" for ident in people))
    found = {_asset_id(row): row for holder in holders for row in _linked_to(desk, holder, archived)}
    return [_with_holders(desk, row, people) for row in found.values()]


def _with_holders(desk: ServiceDesk, row: Object, people: dict[str, str]) -> Object:
    """The row with the branches of the persons that have it; `people` are those that were read already."""
    for one in rows(row, "@assignments", "persons"):
        ident = text(one, "person", "id")
        if ident and ident not in people:
            card = desk.person(ident)
            people[ident] = text(card, "branch", "id") if card is not None else ""
    held = [people.get(text(one, "person", "id"), "") for one in rows(row, "@assignments", "persons")]
    return {**row, HELD: [branch for branch in held if branch]}


def _linked_to(desk: ServiceDesk, holder: str, archived: str) -> list[Object]:
    """Every page of one list, compared with the vendor's count."""
    found: dict[str, Object] = {}
    while True:
        page = (("pageStart", str(len(found))), ("pageSize", str(desk.page)))
        query = (("linkedTo", holder), ("archived", archived), *ASSIGNED, *page)
        answer = desk.get("/tas/api/assetmgmt/assets", "list assets", query, fine=frozenset({200, 206}), headers=ASSETS)
        body = answer.object()
        total, now = dig(body, "count"), [one for one in rows(body, "dataSet") if isinstance(one, dict)]
        before = len(found)
        found.update({_asset_id(one): {**one, "id": _asset_id(one), "name": _asset_name(one)} for one in now})
        if not isinstance(total, int) or len(found) > total or (len(found) == before and before < total):
            raise Confusing(f"list assets: {len(found)} of {total} came", system=SYSTEM)
        if len(found) == total:
            return list(found.values())


def asset(desk: ServiceDesk, ident: str) -> Object | None:
    """GET one asset and its assignments, as a row of the list shows them; None for a 404."""
    answer = desk.get(f"/tas/api/assetmgmt/assets/{ident}", "read an asset", fine=FOUND)
    if answer.status == 404:
        return None
    card = dig(answer.object(), "data")
    if not isinstance(card, dict):
        raise Confusing("read an asset: it has no data", system=SYSTEM)
    links = desk.get(f"/tas/api/assetmgmt/assets/{ident}/assignments", "read an asset's assignments").object()
    return _with_holders(desk, {**card, "id": ident, "name": _asset_name(card), "@assignments": links}, {})


def assigned(row: Object) -> list[str]:
    """The branches that an asset is assigned to, by itself or through who has it."""
    places = [found for one in rows(row, "@assignments", "locations") if (found := text(one, "branch", "id"))]
    return list(dict.fromkeys((*places, *(one for one in rows(row, HELD) if isinstance(one, str)))))


def _asset_id(row: Object) -> str:
    found = text(row, "unid") or text(row, "id")
    if not found:
        raise Confusing("list assets: a row has no id", system=SYSTEM)
    return found


def _asset_name(row: Object) -> str:
    return text(row, "name") or text(row, "text")


def _until_empty(
    desk: ServiceDesk, path: str, what: str, query: Query, member: str, headers: Mapping[str, str]
) -> list[Object]:
    """Every page, until one is empty; a page that only repeats what came is Confusing."""
    found: dict[str, Object] = {}
    while True:
        paging = (("pageStart", str(len(found))), ("pageSize", str(desk.page)))
        answer = desk.get(path, what, (*query, *paging), headers=headers, fine=frozenset({200, 206}))
        body = answer.object()
        if not isinstance(body.get(member), list):
            raise Confusing(f"{what}: the page has no '{member}'", system=SYSTEM)
        now = [one for one in rows(body, member) if isinstance(one, dict)]
        if not now:
            return list(found.values())
        before = len(found)
        found.update({text(one, "id"): one for one in now})
        if "" in found or len(found) == before:
            raise Confusing(f"{what}: a page repeats what came before, or a row has no id", system=SYSTEM)


def _one(desk: ServiceDesk, path: str, what: str, ident: str, headers: Mapping[str, str]) -> Object | None:
    answer = desk.get(path, what, fine=FOUND, headers=headers)
    if answer.status == 404:
        return None
    card = answer.object()
    if text(card, "id") != ident:
        raise Confusing(f"{what}: another one came", system=SYSTEM)
    return card
