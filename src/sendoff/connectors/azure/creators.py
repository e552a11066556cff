"""Who made a thing, by the activity log of its subscription: asked only where our tag alone says that it is ours.

Page: learn.microsoft.com/rest/api/monitor/activity-logs/list. The log holds 90 days: who made an older thing is not
known, which says nothing about whose it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sendoff.connectors.azure.client import Arm
from sendoff.connectors.wire.body import Object, text
from sendoff.model.errors import Denied
from sendoff.model.facts import Facts
from sendoff.model.inventory import Item, Kind, Sign, SignKind

VERSION = "2015-04-01"
KEPT = timedelta(days=89, hours=23)
"""The vendor refuses a time before its 90 days; an hour is left for clocks that differ."""
LOG = "/providers/Microsoft.Insights/eventtypes/management/values"
ASKED = frozenset(
    {
        Kind.RESOURCE,
        Kind.GROUP,
        Kind.POLICY_ASSIGNMENT,
        Kind.POLICY_EXEMPTION,
        Kind.POLICY_SET,
        Kind.POLICY_DEFINITION,
    }
)
"""Kinds that can carry our tag."""
MADE = "Created"
"""The word of the log for a write that made something; a write that changes it says OK."""


def with_creator(arm: Arm, item: Item, facts: Facts, now: datetime) -> Item:
    """The item with who made it, when our tag is on it and the record does not know it; else as it is. Of somebody who
    is not ours only the domain is kept."""
    if item.kind not in ASKED or not _tagged(item, facts) or _recorded(item, facts):
        return item
    try:
        caller = _creator(_events(arm, item.id, now))
    except Denied as no:
        return replace(item, detail=(*item.detail, ("creator", f"the activity log may not be read: {no}")))
    return (
        replace(item, signs=(*item.signs, Sign(kind=SignKind.CREATOR, value=_kept(caller, facts)))) if caller else item
    )


def _tagged(item: Item, facts: Facts) -> bool:
    tag = facts.provider.tag.lower()
    return any(one.kind in (SignKind.TAG, SignKind.METADATA) and one.value.lower() == tag for one in item.signs)


def _recorded(item: Item, facts: Facts) -> bool:
    return any(one.id.lower() == item.id.lower() and one.kind is item.kind for one in facts.record)


def _events(arm: Arm, ident: str, now: datetime) -> Iterator[Object]:
    """The events of one thing: the log answers for ids in any letters, so the id is compared again."""
    since = (now - KEPT).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    query = (("$filter", f"eventTimestamp ge '{since}' and resourceUri eq '{ident}'"),)
    rows = arm.listed(arm.root + LOG, VERSION, "read the activity log", query=query)
    return (row for row in rows if text(row, "resourceId").lower() == ident.lower())


def _creator(events: Iterator[Object]) -> str:
    """The caller of the newest write that made it; empty when the log holds none."""
    made = [row for row in events if _made(row)]
    return text(max(made, key=lambda row: text(row, "eventTimestamp")), "caller") if made else ""


def _made(row: Object) -> bool:
    wrote = text(row, "operationName", "value").lower().endswith("/write")
    return wrote and text(row, "status", "value") == "Succeeded" and text(row, "subStatus", "value") == MADE


def _kept(caller: str, facts: Facts) -> str:
    domain = caller.rpartition("@")[2].lower()
    ours: Sequence[str] = [one.lower() for one in facts.provider.domains]
    return caller if "@" not in caller or domain in ours else f"@{domain}"
