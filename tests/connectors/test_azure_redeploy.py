"""A template of the export, deployed into an empty group of another sandbox, differs by nothing for these types."""

import pytest
from azure_export import MINE, WEB, export, read
from connector_hands import azure, seen

from fakes.connector_desk import Desk
from sendoff.model.digest import Json
from sendoff.model.inventory import Kind
from sendoff.sandbox.arm_ids import DEPLOYMENT
from sendoff.sandbox.wire import Obj, arr, obj, text

V = "api-version"
DATA = "/resourceGroups/rg-data"
LISTED = {
    WEB: {
        "microsoft.compute/disks", "microsoft.compute/virtualmachines", "microsoft.insights/metricalerts",
        "microsoft.network/networkinterfaces", "microsoft.network/virtualnetworks",
        "microsoft.storage/storageaccounts", "microsoft.web/serverfarms", "microsoft.web/sites",
    },
    DATA: {
        "microsoft.compute/disks", "microsoft.insights/metricalerts", "microsoft.keyvault/vaults",
        "microsoft.storage/storageaccounts",
    },
    MINE: {
        "microsoft.automation/automationaccounts", "microsoft.insights/actiongroups",
        "microsoft.insights/activitylogalerts", "microsoft.insights/datacollectionrules",
        "microsoft.insights/metricalerts", "microsoft.insights/scheduledqueryrules",
        "microsoft.operationalinsights/workspaces",
    },
}  # fmt: skip
"""The types of which this is shown, by the group they lie in."""
FILLED_IN = ("systemData", "createdTime", "changedTime")


def emptied(group: str) -> Desk:
    """The same world, with nothing in one group."""
    desk = Desk()
    world = desk.sandbox.world
    home = f"/subscriptions/{desk.facts.leaving[0].id}{group}/".lower()
    for one in list(world.each("arm")):
        if one.id.lower().startswith(home):
            world.remove(one)
    return desk


def standing(desk: Desk, group: str) -> dict[str, Json]:
    """What lies in a group, without what the vendor fills in by itself."""
    home = f"/subscriptions/{desk.facts.leaving[0].id}{group}/providers/".lower()
    kept = [one for one in desk.sandbox.world.each("arm") if one.id.lower().startswith(home)]
    return {
        one.id.lower(): {key: value for key, value in one.raw.items() if key not in FILLED_IN}
        for one in kept
        if "/microsoft.insights/diagnosticsettings/" not in one.id.lower()
        and "/microsoft.authorization/" not in one.id.lower()
        and one.kind not in ("probeservice", DEPLOYMENT, "microsoft.automation/automationaccounts/runbooks")
    }


def redeployed(template: Json, group: str) -> dict[str, Json]:
    """What stands in the emptied group of another sandbox after the template went in."""
    desk = emptied(group)
    assert standing(desk, group) == {}
    hand = azure(desk)
    seen(hand, desk, Kind.GROUP)
    token = next(one.headers["authorization"] for one in desk.wire.seen if one.url.host == "management.azure.com")
    body: Obj = {"properties": {"mode": "Incremental", "template": template}}
    sub = desk.facts.leaving[0].id
    path = f"/subscriptions/{sub}{group.replace('resourceGroups', 'resourcegroups')}"
    url = f"https://management.azure.com{path}/providers/Microsoft.Resources/deployments/again?{V}=2026-06-01"
    answer = desk.client.put(url, json=body, headers={"authorization": token})
    assert answer.status_code == 201, answer.text
    return standing(desk, group)


@pytest.mark.parametrize("group", [WEB, DATA, MINE])
def test_a_template_deployed_into_an_empty_group_differs_by_nothing(group: str) -> None:
    desk = Desk()
    before = standing(desk, group)
    _, files = export(desk)
    template = read(files, f"templates/{group.rsplit('/', 1)[-1]}.json")
    assert {text(one, "type").lower() for one in before.values()} == LISTED[group]
    assert len(before) > 3 and redeployed(template, group) == before


def test_the_same_comparison_finds_a_template_that_lost_a_resource_or_a_property() -> None:
    desk = Desk()
    before = standing(desk, WEB)
    _, files = export(desk)
    template = obj(read(files, "templates/rg-web.json"))
    rows = arr(template["resources"])
    assert redeployed({**template, "resources": rows[1:]}, WEB) != before
    changed: Json = [{**obj(rows[0]), "properties": {}}, *rows[1:]]
    assert redeployed({**template, "resources": changed}, WEB) != before
