"""The sandbox is as strict as Azure Resource Manager: points 1 to 6, 8, 9 and 12 of the twelve, a test each."""

import pytest
from sandbox_callers import Estate, code, estate

from sendoff.sandbox import Response
from sendoff.sandbox.arm_access import CONTRIBUTOR
from sendoff.sandbox.wire import Obj, arr, dig, obj, text
from sendoff.sandbox.world import Thing

V = "api-version"
AUTH = "providers/Microsoft.Authorization"
LIGHT = "providers/Microsoft.ManagedServices/registrationAssignments"
WORKSPACE = "providers/Microsoft.OperationalInsights/workspaces/law-intercept"


def _sub(world: Estate, at: int = 0) -> str:
    return f"/subscriptions/{world.subscription(at)}"


def _mine(world: Estate) -> str:
    return f"{_sub(world)}/resourceGroups/rg-intercept-mgmt"


def _disk(world: Estate) -> str:
    return f"{_sub(world)}/resourceGroups/rg-data/providers/Microsoft.Compute/disks/disk-vdm-copied-tags"


def _put(world: Estate, kind: str, ident: str, **raw: str) -> Thing:
    home = world.subscription()
    row: Obj = {"id": ident, "name": ident.rsplit("/", 1)[-1], "location": "westeurope", "properties": {}, **raw}
    return world.sandbox.world.add(Thing("arm", kind, ident, "vandermeer", row, home))


def _gone(world: Estate, ident: str) -> bool:
    kind, low = ident.split("/providers/")[-1].lower(), ident.lower()
    return not any(one.id.lower() == low for one in world.sandbox.world.each("arm")) and bool(kind)


def test_point_1_who_calls_decides_and_an_old_token_lingers_when_it_is_told_to() -> None:
    world = estate()
    assert world.arm("GET", f"{_sub(world)}/{AUTH}/roleAssignments?{V}=2022-04-01", world.lighthouse()).status == 403
    assert world.arm("GET", f"{_sub(world)}/{AUTH}/roleAssignments?{V}=2022-04-01", world.app()).status == 200
    disk = f"{_disk(world)}?{V}=2025-01-02"
    assert code(world.arm("DELETE", disk, world.app())) == "ScopeLocked"
    assert world.arm("DELETE", disk, world.lighthouse()).status == 202

    world.control("POST", "/habits", {"lingering": 15})
    old = world.lighthouse()
    link = text(world.list_arm(f"{_sub(world)}/{LIGHT}?{V}=2022-10-01", old)[0], "id")
    assert world.finish(world.arm("DELETE", f"{link}?{V}=2022-10-01", old), old) == "Succeeded"
    here = f"{_sub(world)}?{V}=2022-12-01"
    assert world.arm("GET", here, old).status == 200 and world.arm("GET", here, world.lighthouse()).status == 403
    world.control("POST", "/clock", {"now": "2026-11-23T09:15:00+01:00"})
    assert world.arm("GET", here, old).status == 403


def test_point_2_an_api_version_is_a_must_and_letters_do_not_matter() -> None:
    world = estate()
    key, disk = world.lighthouse(), _disk(world)
    assert code(world.arm("GET", disk, key)) == "MissingApiVersionParameter"
    assert code(world.arm("GET", f"{disk}?{V}=2022-12-01", key)) == "NoRegisteredProviderFound"
    assert code(world.arm("GET", f"{_sub(world)}/resourcegroups?{V}=1999-01-01", key)) == "InvalidApiVersionParameter"
    for spelled in (disk, disk.upper(), disk.replace("resourceGroups", "resourcegroups")):
        assert text(world.arm("GET", f"{spelled}?{V}=2025-01-02", key).json(), "id") == disk


@pytest.mark.parametrize(
    ("fault", "kept", "dropped"),
    [("location-only", "Location", "Azure-AsyncOperation"), ("operation-only", "Azure-AsyncOperation", "Location")],
)
def test_point_3_a_delete_answers_in_every_way_the_vendor_has(fault: str, kept: str, dropped: str) -> None:
    world = estate()
    key, url = world.lighthouse(), f"{_disk(world)}?{V}=2025-01-02"
    world.control("POST", "/trouble", {"do": fault, "vendor": "arm", "method": "DELETE"})
    accepted = world.arm("DELETE", url, key)
    assert accepted.status == 202 and kept in accepted.headers and dropped not in accepted.headers
    assert text(world.arm("GET", url, key).json(), "properties", "provisioningState") == "Deleting"
    said = [world.arm("GET", accepted.headers[kept], key) for _ in range(2)]
    if kept == "Location":
        assert [one.status for one in said] == [202, 204]
    else:
        assert [text(one.json(), "status") for one in said] == ["InProgress", "Succeeded"]
        assert [one.status for one in said] == [200, 200]
    assert world.arm("GET", url, key).status == 404
    assert world.arm("DELETE", url, key).status == 204


def test_point_3_a_failed_operation_is_carried_by_a_200() -> None:
    world = estate()
    key, url = world.lighthouse(), f"{_disk(world)}?{V}=2025-01-02"
    world.control("POST", "/trouble", {"do": "fail-delete", "vendor": "arm", "method": "DELETE"})
    accepted = world.arm("DELETE", url, key)
    said = [world.arm("GET", accepted.headers["Azure-AsyncOperation"], key) for _ in range(2)]
    assert [(one.status, text(one.json(), "status")) for one in said] == [(200, "InProgress"), (200, "Failed")]
    assert code(said[1]) == "Conflict" and world.arm("GET", url, key).status == 200


def test_point_4_a_group_goes_in_order_and_may_fail_half_way() -> None:
    world = estate()
    key, group = world.lighthouse(), _mine(world)
    whole = [one for one in world.sandbox.world.each("arm") if one.id.lower().startswith(group.lower() + "/")]
    world.control("POST", "/trouble", {"do": "partial-delete", "vendor": "arm", "method": "DELETE"})
    begun = len(world.sandbox.world.record.rows)
    assert world.finish(world.arm("DELETE", f"{group}?{V}=2025-04-01", key), key) == "Failed"
    left = [one for one in whole if not _gone(world, one.id)]
    assert 0 < len(left) < len(whole) and not _gone(world, group)
    world.control("DELETE", "/trouble")
    assert world.finish(world.arm("DELETE", f"{group}?{V}=2025-04-01", key), key) == "Succeeded"
    rows = [obj(one) for one in world.sandbox.world.record.since(begun, "effect")]
    order = [text(one, "id").lower() for one in rows if text(one, "verb") == "removed"]
    books = [at for at, one in enumerate(order) if "/runbooks/" in one]
    assert order[-1] == group.lower() and max(books) < order.index(
        next(one for one in order if one.endswith("/aa-intercept"))
    )


def test_point_4_locks_children_and_what_is_managed_are_refused() -> None:
    world = estate()
    app = world.app()
    data = f"{_sub(world)}/resourceGroups/rg-data"
    assert code(world.arm("DELETE", f"{data}?{V}=2025-04-01", app)) == "ScopeLocked"
    server = f"{_sub(world)}/resourceGroups/rg-web/providers/Microsoft.Sql/servers/s1"
    _put(world, "microsoft.sql/servers", server)
    _put(world, "microsoft.sql/servers/databases", f"{server}/databases/d1")
    assert code(world.arm("DELETE", f"{server}?{V}=2023-08-01", world.lighthouse())) == "CannotDeleteResource"
    machine = f"{_sub(world)}/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachines/vm-vdm-web-02"
    held = _put(
        world,
        "microsoft.compute/disks",
        machine.replace("virtualMachines/vm-vdm-web-02", "disks/d1"),
        managedBy=machine,
    )
    refused = world.arm("DELETE", f"{held.id}?{V}=2025-01-02", world.lighthouse())
    assert (refused.status, code(refused)) == (409, "OperationNotAllowed") and not _gone(world, held.id)
    assert world.arm("DELETE", f"{machine}?{V}=2025-04-01", world.lighthouse()).status == 202


def test_point_5_what_was_deleted_softly_is_kept_as_long_as_the_clock_says() -> None:
    world = estate()
    key, vault = (
        world.lighthouse(),
        f"{_sub(world)}/resourceGroups/rg-data/providers/Microsoft.KeyVault/vaults/kv-vdm-a",
    )
    services = f"{_sub(world)}/providers"
    bins = {
        f"{services}/Microsoft.KeyVault/deletedVaults?{V}=2026-05-15": "kv-vdm-a",
        f"{services}/Microsoft.OperationalInsights/deletedWorkspaces?{V}=2025-07-01": "law-intercept",
    }
    assert all(world.list_arm(url, key) == [] for url in bins)
    assert world.arm("DELETE", f"{vault}?{V}=2026-05-15", key).status == 200
    gone = world.arm("DELETE", f"{_mine(world)}/{WORKSPACE}?{V}=2025-07-01", key)
    assert world.finish(gone, key) == "Succeeded"
    assert [text(world.list_arm(url, key)[0], "name") for url in bins] == [*bins.values()]
    again = world.arm("PUT", f"{vault}?{V}=2026-05-15", key, {"location": "westeurope"})
    assert (again.status, code(again)) == (409, "ConflictError")
    kept = [len(world.list_arm(url, key)) for url in bins]
    world.control("POST", "/clock", {"now": "2026-12-08T09:00:00+01:00"})
    assert kept == [1, 1] and [len(world.list_arm(url, key)) for url in bins] == [1, 0]
    purge = f"{services}/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-vdm-a/purge?{V}=2026-05-15"
    assert world.arm("POST", purge, key).status == 200 and world.arm("POST", purge, key).status == 404


def test_point_5_a_workspace_deleted_by_force_is_not_kept() -> None:
    world = estate()
    key = world.lighthouse()
    gone = world.arm("DELETE", f"{_mine(world)}/{WORKSPACE}?{V}=2025-07-01&force=true", key)
    assert world.finish(gone, key) == "Succeeded"
    url = f"{_sub(world)}/providers/Microsoft.OperationalInsights/deletedWorkspaces?{V}=2025-07-01"
    assert world.list_arm(url, key) == [] and _gone(world, f"{_mine(world)}/{WORKSPACE}")


def test_point_6_a_policy_in_use_stays_and_its_identity_leaves_a_role_behind() -> None:
    world = estate()
    key, base = world.lighthouse(), f"{_sub(world)}/{AUTH}"
    refused = world.arm("DELETE", f"{base}/policyDefinitions/INT-require-tags?{V}=2026-06-01", key)
    assert (refused.status, code(refused)) == (400, "InvalidDeletePolicyDefinitionRequest")
    agent = world.arm("GET", f"{base}/policyAssignments/INT-agent?{V}=2026-06-01", key).json()
    identity = text(agent, "identity", "principalId")
    assert identity and world.arm("DELETE", f"{base}/policyAssignments/INT-agent?{V}=2026-06-01", key).status == 200
    roles = world.list_arm(f"{base}/roleAssignments?{V}=2022-04-01", world.app())
    held = [one for one in roles if text(one, "properties", "principalId") == identity]
    assert held and text(held[0], "properties", "roleDefinitionId").endswith(CONTRIBUTOR)


def test_point_8_pages_are_small_their_links_absolute_and_booleans_strings() -> None:
    world = estate()
    key = world.lighthouse()
    first = world.arm("GET", f"{_sub(world)}/resources?{V}=2025-04-01", key).json()
    assert len(arr(dig(first, "value"))) == 10
    link = text(first, "nextLink")
    assert link.startswith("https://") and "%24skiptoken=" in link and V in link
    world.control("POST", "/habits", {"rows": 3})
    assert len(arr(dig(world.arm("GET", f"{_sub(world)}/resources?{V}=2025-04-01", key).json(), "value"))) == 3
    body: Obj = {"query": "resources | project id", "subscriptions": [world.subscription()]}
    said = world.arm("POST", f"/providers/Microsoft.ResourceGraph/resources?{V}=2021-03-01", key, body).json()
    assert dig(said, "resultTruncated") == "false"


def _exported(world: Estate, group: str, key: str) -> Response:
    body: Obj = {"resources": ["*"]}
    return world.arm("POST", f"{group}/exportTemplate?{V}=2025-04-01", key, body)


def test_point_9_an_export_takes_its_time_says_what_is_missing_and_has_an_end() -> None:
    world = estate()
    key, group = world.lighthouse(), _mine(world)
    accepted = _exported(world, group, key)
    said = [world.arm("GET", accepted.headers["Location"], key) for _ in range(2)]
    assert [one.status for one in said] == [202, 200]
    assert code(said[1]) == "ExportTemplateCompletedWithErrors" and arr(dig(said[1].json(), "error", "details"))
    for number in range(201):
        _put(
            world,
            "microsoft.network/publicipaddresses",
            f"{group}/providers/Microsoft.Network/publicIPAddresses/p{number}",
        )
    refused = _exported(world, group, key)
    assert (refused.status, code(refused)) == (400, "ExportTemplateResourceCountLimit")


def test_point_12_resource_graph_is_behind_a_direct_read() -> None:
    world = estate()
    key, disk = world.lighthouse(), _disk(world)
    body: Obj = {"query": "resources | project id", "subscriptions": [world.subscription()], "options": {"$top": 1000}}

    def seen() -> bool:
        said = world.arm("POST", f"/providers/Microsoft.ResourceGraph/resources?{V}=2021-03-01", key, body).json()
        return disk in [text(one, "id") for one in arr(dig(said, "data"))]

    world.control("POST", "/habits", {"lag": 2})
    assert seen()
    assert world.finish(world.arm("DELETE", f"{disk}?{V}=2025-01-02", key), key) == "Succeeded"
    assert world.arm("GET", f"{disk}?{V}=2025-01-02", key).status == 404
    assert [seen(), seen(), seen()] == [True, True, False]
