"""Cost Management, played: what is asked and answered fits the vendor's page, and nothing is lost between pages."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from sandbox_callers import Estate, code, estate

from sendoff.sandbox.wire import Json, Obj, Response, arr, dig, obj, text

V, OLD = "api-version=2025-03-01", "api-version=2025-04-01"
YEAR: Obj = {"from": "2025-12-01T00:00:00Z", "to": "2026-11-30T23:59:59Z"}
COST: Obj = {"totalCost": {"name": "Cost", "function": "Sum"}}
CONTRACT = Path(__file__).with_name("cost-query.openapi.json")
CONTRACTED = {"QueryDefinition", "QueryResult", "ErrorResponse"}


def _fits(schema: str, value: Json) -> list[str]:
    assert schema in CONTRACTED
    whole = json.loads(CONTRACT.read_text(encoding="utf-8"))
    checker = Draft202012Validator({**whole, "$ref": f"#/components/schemas/{schema}"})
    return [one.message for one in checker.iter_errors(value)]


def _url(world: Estate, at: int = 0, group: str = "") -> str:
    below = f"/resourceGroups/{group}" if group else ""
    return f"/subscriptions/{world.subscription(at)}{below}/providers/Microsoft.CostManagement/query?{V}"


def _asked(*groups: str, grain: str = "Monthly", **more: Json) -> Obj:
    grouping: list[Json] = [{"type": "Dimension", "name": one} for one in groups]
    dataset: Obj = {"granularity": grain, "aggregation": COST, "grouping": grouping, **more}
    return {"type": "ActualCost", "timeframe": "Custom", "timePeriod": YEAR, "dataset": dataset}


def _post(world: Estate, body: Obj, url: str = "", key: str = "") -> Response:
    return world.arm("POST", url or _url(world), key or world.lighthouse(), body)


def _all(world: Estate, body: Obj, url: str = "") -> tuple[list[str], list[list[Json]]]:
    """The columns, and the rows of all pages; the nextLink is asked for with POST and the same body."""
    names: list[str] = []
    rows: list[list[Json]] = []
    url, key = url or _url(world), world.lighthouse()
    while url:
        got = _post(world, body, url, key)
        assert got.status == 200 and _fits("QueryDefinition", body) == [] and _fits("QueryResult", got.json()) == []
        inner = obj(dig(got.json(), "properties"))
        names = [text(one, "name") for one in arr(inner["columns"])]
        rows += [arr(one) for one in arr(inner["rows"])]
        assert len(arr(inner["rows"])) <= 10
        url = text(inner, "nextLink")
    return names, rows


def _total(rows: list[list[Json]]) -> float:
    return round(sum(float(text(one[0])) for one in rows), 4)


def test_a_year_by_month_and_service_comes_in_pages_and_loses_nothing() -> None:
    names, rows = _all(estate(), _asked("ServiceName"))
    assert names == ["Cost", "BillingMonth", "ServiceName", "Currency"]
    months = sorted({text(one[1]) for one in rows})
    assert (months[0], months[-1], len(months)) == ("2025-12-01T00:00:00", "2026-11-01T00:00:00", 12)
    assert len(rows) > 10 and len({(text(one[1]), text(one[2])) for one in rows}) == len(rows)
    assert all(isinstance(one[0], float) and one[0] > 0 and one[3] == "EUR" for one in rows)


def test_every_way_to_cut_the_same_costs_adds_up_to_the_same_sum() -> None:
    world = estate()
    whole = _total(_all(world, _asked(grain="None"))[1])
    for body in (_asked("ServiceName"), _asked("ServiceName", "ResourceGroupName"), _asked("ResourceGroup")):
        assert _total(_all(world, body)[1]) == whole
    groups = sorted({text(one[2]) for one in _all(world, _asked("ResourceGroupName"))[1]})
    assert groups == ["rg-data", "rg-intercept-mgmt", "rg-web"]
    single = [_total(_all(world, _asked(grain="None"), _url(world, group=one))[1]) for one in groups]
    assert round(sum(single), 4) == whole


def test_the_same_seed_has_the_same_costs_and_a_deleted_group_keeps_its_history() -> None:
    world, other = estate(), estate()
    body, key = _asked("ResourceGroupName", "ServiceName"), world.lighthouse()
    gone = world.arm("DELETE", f"/subscriptions/{world.subscription()}/resourcegroups/rg-intercept-mgmt?{OLD}", key)
    assert world.finish(gone, key) == "Succeeded"
    assert _all(world, body) == _all(other, body)
    assert _all(world, body) != _all(estate(seed=8), body)


def test_the_running_month_grows_with_the_clock_and_thirteen_months_are_kept() -> None:
    world = estate()
    now: Obj = {"type": "Usage", "timeframe": "MonthToDate", "dataset": {"granularity": "Daily", "aggregation": COST}}
    names, rows = _all(world, now)
    assert names == ["Cost", "UsageDate", "Currency"] and [one[1] for one in rows][-1] == 20261123
    world.control("POST", "/clock", {"now": "2026-11-25T09:00:00+01:00"})
    assert len(_all(world, now)[1]) == len(rows) + 2
    old: Obj = {**_asked(), "timePeriod": {"from": "2025-03-01T00:00:00Z", "to": "2026-02-28T00:00:00Z"}}
    assert text(_all(world, old)[1][0][1]) == "2025-11-01T00:00:00"


def test_a_filter_leaves_only_what_it_names() -> None:
    one: Obj = {"dimensions": {"name": "ServiceName", "operator": "In", "values": ["Storage"]}}
    two: Obj = {"dimensions": {"name": "ResourceGroup", "operator": "In", "values": ["RG-WEB"]}}
    _, rows = _all(estate(), _asked("ServiceName", "ResourceGroup", grain="None", filter={"and": [one, two]}))
    assert [row[1:3] for row in rows] == [["Storage", "rg-web"]]


WRONG: list[tuple[str, Obj]] = [
    ("no body", {}),
    ("type", {**_asked(), "type": "Forecast"}),
    ("timeframe", {**_asked(), "timeframe": "Yesterday"}),
    ("no period", {key: value for key, value in _asked().items() if key != "timePeriod"}),
    ("backwards", {**_asked(), "timePeriod": {"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}}),
    ("too long", {**_asked(), "timePeriod": {"from": "2025-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z"}}),
    ("no dataset", {key: value for key, value in _asked().items() if key != "dataset"}),
    ("granularity", _asked(grain="Yearly")),
    ("function", _asked(aggregation={"a": {"name": "Cost", "function": "Max"}})),
    ("column", _asked(aggregation={"a": {"name": "Price", "function": "Sum"}})),
    ("three sums", _asked(aggregation={key: {"name": "Cost", "function": "Sum"} for key in "abc"})),
    ("dimension", _asked("Customer")),
    ("three groups", _asked("ServiceName", "ResourceGroup", "ChargeType")),
    ("filter", _asked(filter={"dimensions": {"name": "ServiceName", "operator": "Like", "values": ["x"]}})),
]


@pytest.mark.parametrize(("name", "body"), WRONG, ids=[name for name, _ in WRONG])
def test_a_bad_query_is_a_400_in_arms_shape(name: str, body: Obj) -> None:
    got = _post(estate(), body)
    assert (got.status, code(got)) == (400, "BadRequest") and _fits("ErrorResponse", got.json()) == []


def test_a_page_token_of_nobody_and_another_verb_are_refused() -> None:
    world = estate()
    assert code(_post(world, _asked(), f"{_url(world)}&$skiptoken=tomorrow")) == "BadRequest"
    assert world.arm("GET", _url(world), world.lighthouse()).status == 405
    assert code(_post(world, _asked(), _url(world).replace(V, "api-version=1999-01-01"))) == "NoRegisteredProviderFound"


def test_our_app_and_key_a_may_read_costs_and_others_may_not() -> None:
    world = estate()
    assert _post(world, _asked(), key=world.app()).status == 200
    assert _post(world, _asked(), key=world.app(slug="meerzicht")).status in (401, 403)
    alone = next(at for at in range(4) if world.arm("GET", _sub(world, at), world.lighthouse()).status == 403)
    refused = _post(world, _asked(), _url(world, alone))
    assert (refused.status, code(refused)) == (403, "AuthorizationFailed")
    assert "Microsoft.CostManagement/query/action" in text(refused.json(), "error", "message")


def _sub(world: Estate, at: int) -> str:
    return f"/subscriptions/{world.subscription(at)}?api-version=2022-12-01"


def test_throttling_tells_the_wait_in_headers_of_its_own_only() -> None:
    world = estate()
    trouble: Obj = {"do": "throttle", "vendor": "arm", "path": "CostManagement/query$", "seconds": 7, "times": 1}
    world.control("POST", "/trouble", trouble)
    got = _post(world, _asked())
    assert (got.status, code(got)) == (429, "429") and "Retry-After" not in got.headers
    assert got.headers["x-ms-ratelimit-microsoft.costmanagement-entity-retry-after"] == "7"
    assert _post(world, _asked()).status == 200


def test_a_dropped_page_and_an_emptied_answer_look_like_the_whole_truth() -> None:
    world = estate()
    world.control("POST", "/trouble", {"do": "drop-page", "vendor": "arm", "path": "query$"})
    assert len(_all(world, _asked("ServiceName"))[1]) == 10
    world.control("POST", "/trouble", {"do": "empty-list", "vendor": "arm", "path": "query$"})
    names, rows = _all(world, _asked("ServiceName"))
    assert names[0] == "Cost" and rows == []
