"""The export of a subscription: the proof that it is whole, what no list shows, and templates in two forms."""

import json
from collections import Counter
from collections.abc import Callable

import httpx2
import pytest
from azure_export import MINE, WEB, export, ids, plant, read

from fakes.connector_desk import Desk
from sendoff.connectors.azure import templates
from sendoff.connectors.azure.client import AzureDoors
from sendoff.connectors.azure.connector import AzureConnector
from sendoff.model.digest import digest_bytes
from sendoff.model.errors import Refused
from sendoff.model.plan import Outcome
from sendoff.papers.rendering import JinjaPapers
from sendoff.sandbox.arm_ids import CONTENT, DEPLOYMENT, SEARCH, VARIABLE
from sendoff.sandbox.wire import Obj, arr, dig, obj, text

# ---- proof -------------------------------------------------------------------------------------------------------


def test_every_resource_is_in_the_export_as_its_own_address_shows_it_and_counts_equal_resource_graphs() -> None:
    desk = Desk()
    receipt, files = export(desk)
    manifest = read(files, "manifest.json")
    assert receipt.outcome is Outcome.DONE and dig(manifest, "complete") is True
    assert ids(read(files, "resources.json")) == ids(read(files, "resource-graph.json")) != []
    assert all(dig(one, "properties") for one in arr(read(files, "resources.json")))
    types = obj(dig(manifest, "types"))
    assert len(types) > 8 and all(dig(one, "read") == dig(one, "graph") for one in types.values())
    assert text(types["microsoft.web/sites"], "api-version") == "2025-03-01"
    shown = desk.sandbox.world
    first = text(arr(read(files, "resources.json"))[0], "id")
    kind = text(arr(read(files, "resources.json"))[0], "type").lower()
    thing = shown.get("arm", kind, first)
    assert thing is not None and thing.raw == arr(read(files, "resources.json"))[0]


def test_the_manifest_holds_the_digest_of_every_file_of_both_cuts() -> None:
    _, files = export(Desk())
    for folder in ("", "for-the-new-msp/"):
        named = {
            folder + text(one, "name"): text(one, "digest")
            for one in arr(dig(read(files, f"{folder}manifest.json"), "files"))
        }
        mine = {name for name in files if name.startswith(folder)} - {f"{folder}manifest.json"}
        assert named == {name: digest_bytes(files[name]) for name in mine}


def miscounting(kind: str) -> Callable[[object, bytes], bytes]:
    def edit(request: object, body: bytes) -> bytes:
        if b'"count_"' not in body:
            return body
        page = json.loads(body)
        for row in page["data"]:
            row["count_"] += row["type"] == kind
        return json.dumps(page).encode()

    return edit


def test_a_count_that_differs_makes_the_export_partial_and_is_named() -> None:
    desk = Desk()
    desk.wire.edit = miscounting("microsoft.compute/disks")
    receipt, files = export(desk)
    assert (receipt.outcome, receipt.code) == (Outcome.PARTLY, "NotComplete")
    assert ("missing", "microsoft.compute/disks: Resource Graph counts 4, 3 were read") in receipt.said
    assert dig(read(files, "manifest.json"), "complete") is False


def test_a_count_that_comes_right_in_another_round_is_whole() -> None:
    desk = Desk()
    wrong, asked = miscounting("microsoft.compute/disks"), []

    def once(request: object, body: bytes) -> bytes:
        asked.append(b'"count_"' in body)
        return wrong(request, body) if sum(asked) == 1 else body

    desk.wire.edit = once
    assert export(desk)[0].outcome is Outcome.DONE and sum(asked) == 2


def indexed(change: Callable[[list[Obj]], list[Obj]]) -> Callable[[httpx2.Request, bytes], bytes]:
    """Resource Graph with other rows, and counts that fit them."""
    kept: list[Obj] = []

    def edit(request: httpx2.Request, body: bytes) -> bytes:
        if "ResourceGraph" not in request.url.path:
            return body
        page = json.loads(body)
        if b'"count_"' in body:
            kinds = Counter(text(row, "type").lower() for row in kept)
            page["data"] = [{"type": kind, "count_": count} for kind, count in kinds.items()]
        else:
            kept[:] = change(page["data"])
            page["data"] = [*kept]
        return json.dumps({**page, "count": len(page["data"]), "totalRecords": len(page["data"])}).encode()

    return edit


def test_what_the_index_does_not_show_yet_is_read_all_the_same_and_named() -> None:
    desk = Desk()
    desk.wire.edit = indexed(lambda rows: [row for row in rows if not text(row, "id").endswith("/kv-vdm-a")])
    receipt, files = export(desk)
    assert receipt.outcome is Outcome.DONE
    beyond = arr(dig(read(files, "not-exported.json"), "not-in-resource-graph"))
    assert len(beyond) == 1 and beyond[0] in ids(read(files, "resources.json"))


def test_what_only_the_index_still_shows_is_gone_and_named() -> None:
    desk = Desk()
    desk.wire.edit = indexed(lambda rows: [*rows, {**rows[0], "id": text(rows[0], "id") + "-of-yesterday"}])
    receipt, files = export(desk)
    assert receipt.outcome is Outcome.DONE
    assert [str(one)[-13:] for one in arr(dig(read(files, "not-exported.json"), "gone-meanwhile"))] == ["-of-yesterday"]


@pytest.mark.parametrize(("status", "code"), [(403, "AuthorizationFailed"), (404, "ResourceNotFound")])
def test_a_resource_that_cannot_be_read_is_named_and_the_export_not_called_complete(status: int, code: str) -> None:
    desk = Desk()
    desk.trouble(
        do="status", vendor="arm", path="virtualMachines/vm-vdm-web-01", status=status, code=code, method="GET"
    )
    receipt, files = export(desk)
    assert receipt.outcome is Outcome.PARTLY
    lost = arr(dig(read(files, "not-exported.json"), "could-not-be-read"))
    assert any(text(one, "id").endswith("/vm-vdm-web-01") and text(one, "code") == code for one in lost)
    assert not any(ident.endswith("/vm-vdm-web-01") for ident in ids(read(files, "resources.json")))
    assert any("vm-vdm-web-01 could not be read" in value for name, value in receipt.said if name == "missing")


def test_what_no_list_shows_is_in_the_export() -> None:
    desk = Desk()
    law = f"{MINE}/providers/Microsoft.OperationalInsights/workspaces/law-intercept"
    aa = f"{MINE}/providers/Microsoft.Automation/automationAccounts/aa-intercept"
    plant(desk, SEARCH, f"{law}/savedSearches/late", properties={"query": "Heartbeat | take 5"})
    plant(desk, VARIABLE, f"{aa}/variables/window", properties={"value": '"sunday"', "isEncrypted": False})
    plant(
        desk, DEPLOYMENT, f"{WEB}/providers/Microsoft.Resources/deployments/first", properties={"mode": "Incremental"}
    )
    plant(desk, CONTENT, f"{aa}/runbooks/rb-patching/content", text="Start-Patching -Ring 2")
    _, files = export(desk)
    held = {name: len(arr(read(files, f"{name}.json"))) for name in (
        "workspaces-savedsearches", "automationaccounts-variables", "deployments", "locks", "budgets",
        "diagnostic-settings", "role-assignments", "policy-assignments", "policy-exemptions", "groups",
    )}  # fmt: skip
    assert all(held.values()), held
    assert files["runbooks/aa-intercept/rb-patching.txt"] == b"Start-Patching -Ring 2"


def test_a_list_below_a_resource_that_is_refused_is_named() -> None:
    desk = Desk()
    desk.trouble(do="status", vendor="arm", path="savedSearches", status=403, code="AuthorizationFailed")
    receipt, _ = export(desk)
    assert receipt.outcome is Outcome.PARTLY
    assert any(value.endswith("savedSearches could not be read (AuthorizationFailed)") for _, value in receipt.said)


def test_without_a_key_that_sees_rights_the_package_says_so_and_is_not_called_complete() -> None:
    desk = Desk()
    doors = AzureDoors(lighthouse=desk.ours("lighthouse"))
    hand = AzureConnector(desk.facts, doors, clients=desk.clients, limits=desk.limits, papers=JinjaPapers())
    receipt, files = export(desk, hand)
    manifest = read(files, "manifest.json")
    assert dig(manifest, "complete") is False and "role-assignments.json" not in files
    assert arr(dig(manifest, "missing")) == ["role assignments: no key of ours sees them"]
    assert dict(receipt.said)["role-assignments"] == "not readable"


def test_nobody_to_write_the_workbook_is_refused() -> None:
    desk = Desk()
    doors = AzureDoors(lighthouse=desk.ours("lighthouse"), app=desk.app())
    with pytest.raises(Refused, match="workbook"):
        export(desk, AzureConnector(desk.facts, doors, clients=desk.clients, limits=desk.limits))


# ---- templates ---------------------------------------------------------------------------------------------------


def crowded(desk: Desk) -> None:
    for at in range(201):
        ident = f"{WEB}/providers/Microsoft.Network/publicIPAddresses/ip-{at}"
        plant(desk, "microsoft.network/publicipaddresses", ident, location="westeurope", properties={})


def test_bicep_lies_beside_arm_and_what_is_in_no_template_is_listed() -> None:
    _, files = export(Desk())
    arm = {name for name in files if name.startswith("templates/") and name.endswith(".json")}
    assert (
        {name.replace(".json", ".bicep") for name in arm}
        == {name for name in files if name.endswith(".bicep")}
        != set()
    )
    assert b"resource r0 'Microsoft." in files["templates/rg-web.bicep"]
    formats = {text(one, "format") for one in arr(read(files, "template-errors.json"))}
    assert formats == {"Json", "Bicep"}
    unsupported = arr(dig(read(files, "not-exported.json"), "in-no-template"))
    assert {text(one, "type") for one in unsupported} == {"microsoft.automation/automationaccounts/runbooks"}


def test_a_group_over_200_falls_back_to_the_rows_and_says_so() -> None:
    desk = Desk()
    crowded(desk)
    receipt, files = export(desk)
    errors = [one for one in arr(read(files, "template-errors.json")) if text(one, "code") == "MoreThan200Resources"]
    assert [(text(one, "group"), text(one, "vendor-code")) for one in errors] == [
        ("rg-web", "ExportTemplateResourceCountLimit")
    ] * 2
    assert {text(one, "instead") for one in errors} == {"the rows in resources.json"}
    assert dict(receipt.said)["groups-over-200"] == "1" and receipt.outcome is Outcome.DONE
    assert not [name for name in files if name.startswith("templates/rg-web")]
    assert sum("/ip-" in ident for ident in ids(read(files, "resources.json"))) == 201


def test_without_batches_a_group_over_200_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "BY_BATCHES", False)
    desk = Desk()
    crowded(desk)
    _, files = export(desk)
    errors = [one for one in arr(read(files, "template-errors.json")) if text(one, "code") == "MoreThan200Resources"]
    assert len(errors) == 2 and not any(text(one, "vendor-code") for one in errors)
    assert desk.wire.calls("POST", "rg-web/exportTemplate") == 0


def test_a_group_over_200_comes_in_batches_where_the_vendor_takes_them() -> None:
    desk = Desk()
    crowded(desk)
    desk.control("POST", "/habits", {"batches": 1, "rows": 1000})
    _, files = export(desk)
    parts = [arr(dig(read(files, f"templates/rg-web-{at}.json"), "resources")) for at in (1, 2)]
    inside = sum(WEB.lower() in ident for ident in ids(read(files, "resources.json")))
    assert sum(map(len, parts)) == inside > templates.LARGEST >= max(map(len, parts))
