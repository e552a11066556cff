"""The activity log that the sandbox keeps: who made what, for 90 days, page by page, and what the vendor refuses."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from sandbox_callers import Estate, code, estate

from sendoff.sandbox.wire import Response, arr, dig, obj, text

VALUES = "providers/Microsoft.Insights/eventtypes/management/values"
ALERT = "microsoft.insights/metricalerts"
SINCE = "eventTimestamp ge '2026-11-01T00:00:00Z'"


def url(world: Estate, clause: str) -> str:
    """The address of the log with a filter."""
    asked = f"&$filter={quote(clause)}" if clause else ""
    return f"/subscriptions/{world.subscription()}/{VALUES}?api-version=2015-04-01{asked}"


def asked(world: Estate, clause: str) -> Response:
    return world.arm("GET", url(world, clause), world.lighthouse())


def happened(world: Estate, caller: str, days: int, verb: str = "created", name: str = "one") -> str:
    """A line of the record, some days ago."""
    played = world.sandbox.world
    ident = (
        f"/subscriptions/{world.subscription()}/resourceGroups/rg-web/providers/Microsoft.Insights/metricAlerts/{name}"
    )
    with played.record.by(caller):
        played.record.effect((played.now - timedelta(days=days)).isoformat(), verb, f"arm.{ALERT}", ident, "vandermeer")
    return ident


def test_who_made_a_thing_stands_there_with_the_day_and_a_change_is_told_apart() -> None:
    world = estate()
    ident = happened(world, "person:erik@intercept.example", 5)
    happened(world, "person:bram@vandermeer.example", 2, "changed")
    rows = [obj(one) for one in arr(dig(asked(world, f"{SINCE} and resourceUri eq '{ident.upper()}'").json(), "value"))]
    assert [text(one, "caller") for one in rows] == ["bram@vandermeer.example", "erik@intercept.example"]
    assert [text(one, "subStatus", "value") for one in rows] == ["OK", "Created"], "newest first"
    assert text(rows[1], "eventTimestamp") < text(rows[0], "eventTimestamp") and text(rows[1], "resourceId") == ident


def test_an_app_stands_there_by_its_object_id() -> None:
    world = estate()
    token = world.app()
    who = world.sandbox.world.tokens[token]
    happened(world, f"app:{who.name}", 1)
    rows = arr(dig(asked(world, SINCE).json(), "value"))
    assert who.principal in [text(one, "caller") for one in rows]


def test_after_90_days_it_is_forgotten() -> None:
    world = estate()
    since = (world.sandbox.world.now - timedelta(days=89)).strftime("%Y-%m-%dT%H:%M:%SZ")
    kept, gone = happened(world, "a:b", 88, name="kept"), happened(world, "a:b", 91, name="gone")
    found = {text(one, "resourceId") for one in world.list_arm(url(world, f"eventTimestamp ge '{since}'"), world.app())}
    assert kept in found and gone not in found


def test_it_is_paged_with_the_filter_kept() -> None:
    world = estate()
    for _ in range(23):
        happened(world, "a:b", 1, "changed")
    ident = happened(world, "a:b", 1, name="other")
    clause = f"{SINCE} and resourceUri eq '{ident.replace('other', 'one')}'"
    assert text(asked(world, clause).json(), "nextLink")
    assert len(world.list_arm(url(world, clause), world.lighthouse())) == 23


@pytest.mark.parametrize(
    "clause",
    [
        "",
        "resourceGroupName eq 'rg-web'",
        "eventTimestamp le '2026-11-20T00:00:00Z'",
        "eventTimestamp ge 'yesterday'",
        "eventTimestamp ge '2026-11-01T00:00:00'",
        "eventTimestamp ge '2026-01-01T00:00:00Z'",
        f"{SINCE} and eventTimestamp le '2026-10-01T00:00:00Z'",
        f"{SINCE} and caller eq 'erik@intercept.example'",
        f"{SINCE} or resourceGroupName eq 'rg-web'",
    ],
)
def test_what_the_vendor_does_not_offer_is_refused(clause: str) -> None:
    answer = asked(estate(), clause)
    assert answer.status == 400 and code(answer) == "BadRequest"
    assert asked(estate(), SINCE).status == 200
