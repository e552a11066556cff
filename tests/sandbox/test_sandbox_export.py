"""What an export asks of the sandbox: counts by type, Bicep, children below their parents, and deploying a template."""

import pytest
from sandbox_callers import Estate, code, estate

from sendoff.sandbox.arm_ids import CONTENT, SEARCH, VARIABLE
from sendoff.sandbox.wire import Json, Obj, arr, dig, obj, text
from sendoff.sandbox.world import Thing

V = "api-version"


def _sub(world: Estate) -> str:
    return f"/subscriptions/{world.subscription()}"


def _mine(world: Estate) -> str:
    return f"{_sub(world)}/resourceGroups/rg-intercept-mgmt/providers"


def _graph(world: Estate, query: str) -> list[Json]:
    body: Obj = {"query": query, "subscriptions": [world.subscription()], "options": {"$top": 1000}}
    url = f"/providers/Microsoft.ResourceGraph/resources?{V}=2021-03-01"
    return arr(dig(world.arm("POST", url, world.lighthouse(), body).json(), "data"))


def test_resource_graph_counts_by_type() -> None:
    world = estate()
    counts = {text(row, "type"): dig(row, "count_") for row in _graph(world, "resources | summarize count() by type")}
    rows = [text(row, "type") for row in _graph(world, "resources")]
    assert len(counts) > 8 and counts == {kind: rows.count(kind) for kind in rows}


@pytest.mark.parametrize(
    ("form", "version", "status"),
    [("Bicep", "2024-11-01", 202), ("Bicep", "2021-04-01", 400), ("Pdf", "2025-04-01", 400)],
)
def test_bicep_needs_an_api_version_that_knows_it(form: str, version: str, status: int) -> None:
    world = estate()
    body: Obj = {"resources": ["*"], "outputFormat": form}
    url = f"{_sub(world)}/resourcegroups/rg-web/exportTemplate?{V}={version}"
    assert world.arm("POST", url, world.lighthouse(), body).status == status


def test_bicep_comes_as_text_with_the_same_error() -> None:
    world = estate()
    key = world.lighthouse()
    body: Obj = {"resources": ["*"], "outputFormat": "Bicep"}
    url = f"{_sub(world)}/resourcegroups/rg-intercept-mgmt/exportTemplate?{V}=2025-04-01"
    asked = world.arm("POST", url, key, body)
    answers = [world.arm("GET", asked.headers["Location"], key).json() for _ in range(2)]
    assert "Microsoft.Insights/actionGroups@2023-01-01' = {" in text(answers[1], "output")
    assert dig(answers[1], "template") is None and arr(dig(answers[1], "error", "details"))


def test_what_lies_below_a_parent_is_in_no_list_and_no_index() -> None:
    world = estate()
    aa = f"{_mine(world)}/Microsoft.Automation/automationAccounts/aa-intercept"
    law = f"{_mine(world)}/Microsoft.OperationalInsights/workspaces/law-intercept"
    before = len(_graph(world, "resources"))
    for kind, ident in ((VARIABLE, f"{aa}/variables/v"), (SEARCH, f"{law}/savedSearches/s")):
        world.sandbox.world.add(Thing("arm", kind, ident, "vandermeer", {"id": ident}, world.subscription()))
    assert len(_graph(world, "resources")) == before
    key = world.lighthouse()
    for url in (f"{aa}/variables?{V}=2024-10-23", f"{law}/savedSearches?{V}=2025-07-01"):
        assert len(arr(dig(world.arm("GET", url, key).json(), "value"))) == 1
    assert world.arm("GET", f"{law}x/savedSearches?{V}=2025-07-01", key).status == 404


def test_a_runbook_has_a_text() -> None:
    world = estate()
    key = world.lighthouse()
    book = f"{_mine(world)}/Microsoft.Automation/automationAccounts/aa-intercept/runbooks/rb-patching"
    assert b"Write-Output" in world.arm("GET", f"{book}/content?{V}=2024-10-23", key).body
    kept = Thing("arm", CONTENT, f"{book}/content", "vandermeer", {"text": "exit 3"}, world.subscription())
    world.sandbox.world.add(kept)
    assert world.arm("GET", f"{book}/content?{V}=2024-10-23", key).body == b"exit 3"
    assert world.arm("GET", f"{book}x/content?{V}=2024-10-23", key).status == 404


def template(*resources: Obj) -> Obj:
    rows: list[Json] = [*resources]
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    inner: Obj = {"$schema": schema, "contentVersion": "1.0.0.0", "resources": rows}
    return {"properties": {"mode": "Incremental", "template": inner}}


PLAN: Obj = {
    "type": "Microsoft.Web/serverfarms",
    "apiVersion": "2025-03-01",
    "name": "plan-x",
    "location": "westeurope",
}


def test_a_template_is_deployed_whole_or_not_at_all() -> None:
    world = estate()
    key, base = world.app(), f"{_sub(world)}/resourcegroups/rg-web/providers"
    url = f"{base}/Microsoft.Resources/deployments/d1?{V}=2026-06-01"
    for wrong in ({**PLAN, "apiVersion": "1999-01-01"}, {**PLAN, "name": "a/b"}, {**PLAN, "type": "Contoso.None/x"}):
        assert code(world.arm("PUT", url, key, template({**PLAN, "name": "other"}, {**wrong}))) == "InvalidTemplate"
    assert code(world.arm("PUT", url, key, {"properties": {}})) == "InvalidRequestContent"
    assert world.arm("GET", f"{base}/Microsoft.Web/serverfarms/other?{V}=2025-03-01", key).status == 404
    done = world.arm("PUT", url, key, template(PLAN))
    assert done.status == 201 and text(done.json(), "properties", "provisioningState") == "Succeeded"
    got = obj(world.arm("GET", f"{base}/Microsoft.Web/serverfarms/plan-x?{V}=2025-03-01", key).json())
    assert text(got, "location") == "westeurope"
    assert world.arm("PUT", url, key, template(PLAN)).status == 200
    shown = world.arm("GET", f"{base}/Microsoft.Resources/deployments?{V}=2026-06-01", key)
    assert [text(one, "name") for one in arr(dig(shown.json(), "value"))] == ["d1"]
