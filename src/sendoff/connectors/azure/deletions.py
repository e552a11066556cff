"""What the activity log of a subscription says was deleted: a third word beside the direct read and the second list.

Page: learn.microsoft.com/rest/api/monitor/activity-logs/list. Events come with a delay of minutes, and the log holds 90
days: that it does not tell of a delete says nothing.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from sendoff.connectors.azure.client import Arm
from sendoff.connectors.azure.creators import KEPT, LOG, VERSION
from sendoff.connectors.wire.body import Object, text


def deleted(arm: Arm, since: datetime, now: datetime) -> Iterator[str]:
    """The ids of everything that was deleted in the subscription since a moment, whoever did it."""
    start = max(since, now - KEPT).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    query = (("$filter", f"eventTimestamp ge '{start}'"),)
    rows = arm.listed(arm.root + LOG, VERSION, "read the activity log", query=query)
    return (text(row, "resourceId") for row in rows if _deleted(row))


def _deleted(row: Object) -> bool:
    named = text(row, "operationName", "value").lower().endswith("/delete")
    return named and text(row, "status", "value") == "Succeeded"
