"""ARM, played: who is refused, what a delete does, and what the lists hide."""

from sandbox_callers import Estate, code, estate

from sendoff.sandbox.wire import Obj, arr, dig, obj, text

V = "api-version"
WORKSPACE = "Microsoft.OperationalInsights/workspaces"
LIGHT = "providers/Microsoft.ManagedServices/registrationAssignments"
POLICY = "providers/Microsoft.Authorization"


def _sub(world: Estate, at: int = 0) -> str:
    return f"/subscriptions/{world.subscription(at)}"


def _delegation(world: Estate, token: str) -> str:
    return text(world.list_arm(f"{_sub(world)}/{LIGHT}?{V}=2022-10-01", token)[0], "id")


def _locked_alert(world: Estate) -> str:
    return f"{_sub(world)}/resourceGroups/rg-data/providers/Microsoft.Insights/metricAlerts/intercept-storage"


def test_after_the_delegation_is_gone_key_a_is_refused_and_no_longer_sees_the_subscription() -> None:
    world = estate()
    key = world.lighthouse()
    link = _delegation(world, key)
    gone = world.arm("DELETE", f"{link}?{V}=2022-10-01", key)
    assert gone.status == 202 and gone.headers["Retry-After"] == "0"
    assert world.finish(gone, key) == "Succeeded"
    fresh = world.lighthouse()
    assert world.arm("GET", f"{_sub(world)}?{V}=2022-12-01", fresh).status == 403
    seen = [text(one, "subscriptionId") for one in world.list_arm(f"/subscriptions?{V}=2022-12-01", fresh)]
    assert world.subscription(0) not in seen and world.subscription(1) in seen
    assert world.arm("GET", f"{link}?{V}=2022-10-01", world.app()).status == 404


def test_a_lock_stops_the_customers_admin_and_our_app_but_not_key_a() -> None:
    world = estate()
    url = f"{_locked_alert(world)}?{V}=2018-03-01"
    for token in (world.person(), world.app()):
        refused = world.arm("DELETE", url, token)
        assert (refused.status, code(refused)) == (409, "ScopeLocked")
    assert world.arm("DELETE", url, world.lighthouse()).status == 200
    assert world.arm("GET", url, world.lighthouse()).status == 404


def test_key_a_sees_no_role_assignments_and_the_app_sees_them_all() -> None:
    world = estate()
    url = f"{_sub(world)}/{POLICY}/roleAssignments?{V}=2022-04-01"
    assert code(world.arm("GET", url, world.lighthouse())) == "AuthorizationFailed"
    rows = world.list_arm(url, world.app())
    assert "ForeignGroup" in {text(one, "properties", "principalType") for one in rows}


def test_a_missing_or_unknown_api_version_is_a_400() -> None:
    world = estate()
    key, vm = world.lighthouse(), f"{_sub(world)}/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachines/x"
    assert code(world.arm("GET", f"{_sub(world)}/resources", key)) == "MissingApiVersionParameter"
    assert code(world.arm("GET", f"{_sub(world)}/resources?{V}=1999-01-01", key)) == "InvalidApiVersionParameter"
    assert code(world.arm("GET", f"{vm}?{V}=1999-01-01", key)) == "NoRegisteredProviderFound"


def test_a_second_page_exists_and_a_dropped_page_is_really_dropped() -> None:
    world = estate()
    key, url = world.lighthouse(), f"{_sub(world)}/resources?{V}=2025-04-01"
    whole = world.list_arm(url, key)
    assert len(whole) > 10
    world.control("POST", "/trouble", {"do": "drop-page", "vendor": "arm", "path": "/resources$"})
    assert len(world.list_arm(url, key)) == 10
    world.control("DELETE", "/trouble")
    assert len(world.list_arm(url, key)) == len(whole)


def test_a_lie_answers_as_usual_and_does_nothing() -> None:
    world = estate()
    key, url = world.lighthouse(), f"{_locked_alert(world)}?{V}=2018-03-01"
    before = world.control("GET", "/world/digests")
    world.control("POST", "/trouble", {"do": "lie", "vendor": "arm", "method": "DELETE"})
    assert world.arm("DELETE", url, key).status == 200
    slow = world.arm("DELETE", f"{_delegation(world, key)}?{V}=2022-10-01", key)
    assert slow.status == 202 and world.finish(slow, key) == "Succeeded"
    assert world.arm("GET", url, key).status == 200
    assert world.control("GET", "/world/digests") == before
    assert world.control("GET", "/effects") == []


def test_deleting_twice_answers_204() -> None:
    world = estate()
    key, url = world.lighthouse(), f"{_locked_alert(world)}?{V}=2018-03-01"
    assert [world.arm("DELETE", url, key).status for _ in range(2)] == [200, 204]
    assert world.arm("DELETE", url.upper().replace("API-VERSION", V), key).status == 204


def test_a_failed_long_running_delete_leaves_the_thing_standing() -> None:
    world = estate()
    key = world.lighthouse()
    url = f"{_sub(world)}/resourceGroups/rg-intercept-mgmt/providers/{WORKSPACE}/law-intercept"
    world.control("POST", "/trouble", {"do": "fail-delete", "vendor": "arm", "method": "DELETE"})
    gone = world.arm("DELETE", f"{url}?{V}=2025-07-01", key)
    assert text(world.arm("GET", f"{url}?{V}=2025-07-01", key).json(), "properties", "provisioningState") == "Deleting"
    assert world.finish(gone, key) == "Failed"
    assert world.arm("GET", f"{url}?{V}=2025-07-01", key).status == 200


def test_a_policy_definition_in_use_is_refused_and_names_its_user() -> None:
    world = estate()
    key, base, at = world.lighthouse(), f"{_sub(world)}/{POLICY}", f"?{V}=2026-06-01"
    refused = world.arm("DELETE", f"{base}/policyDefinitions/INT-require-tags{at}", key)
    assert code(refused) == "InvalidDeletePolicyDefinitionRequest" and b"INT-baseline" in refused.body
    initiative = f"{base}/policySetDefinitions/INT-baseline{at}"
    assert code(world.arm("DELETE", initiative, key)) == "InvalidDeletePolicySetDefinitionRequest"
    deleted = world.arm("DELETE", f"{base}/policyAssignments/INT-baseline{at}", key)
    assert deleted.status == 200 and text(deleted.json(), "name") == "INT-baseline"
    assert world.arm("DELETE", initiative, key).status == 200
    assert world.arm("DELETE", f"{base}/policyDefinitions/INT-require-tags{at}", key).status == 200


def test_the_role_assignment_of_a_policy_identity_is_left_behind() -> None:
    world = estate()
    key, base = world.lighthouse(), f"{_sub(world)}/{POLICY}"
    deleted = world.arm("DELETE", f"{base}/policyAssignments/INT-agent?{V}=2026-06-01", key).json()
    who = text(deleted, "identity", "principalId")
    rows = world.list_arm(f"{base}/roleAssignments?{V}=2022-04-01", world.app())
    assert who and who in {text(one, "properties", "principalId") for one in rows}


def test_inherited_assignments_are_listed_but_not_ours_to_delete() -> None:
    world = estate()
    key = world.lighthouse()
    rows = world.list_arm(f"{_sub(world)}/{POLICY}/policyAssignments?{V}=2026-06-01", key)
    above = next(text(one, "id") for one in rows if "managementGroups" in text(one, "id"))
    assert world.arm("DELETE", f"{above}?{V}=2026-06-01", key).status == 403


def test_a_definition_of_a_delegation_cannot_be_deleted_by_key_a() -> None:
    world = estate()
    offers = f"{_sub(world)}/providers/Microsoft.ManagedServices/registrationDefinitions?{V}=2022-10-01"
    one = text(world.list_arm(offers, world.lighthouse())[0], "id")
    assert world.arm("DELETE", f"{one}?{V}=2022-10-01", world.lighthouse()).status == 403
    assert world.arm("DELETE", f"{one}?{V}=2022-10-01", world.app()).status == 409


def test_the_app_is_refused_once_its_role_assignment_is_gone() -> None:
    world = estate()
    key, base = world.app(), f"{_sub(world)}/{POLICY}/roleAssignments"
    mine = text(world.customer(), "app", "service_principal_id")
    rows = world.list_arm(f"{base}?{V}=2022-04-01&$filter=principalId eq '{mine}'", key)
    assert len(rows) == 1
    assert world.arm("DELETE", f"{text(rows[0], 'id')}?{V}=2022-04-01", key).status == 200
    assert world.arm("GET", f"{base}?{V}=2022-04-01", key).status == 403


def test_resource_graph_pages_and_spells_booleans_as_strings() -> None:
    world = estate()
    asked = "resources | where tags.managedBy =~ 'INTERCEPT' | project id, name, type"
    url = f"/providers/Microsoft.ResourceGraph/resources?{V}=2021-03-01"
    first = obj(
        world.arm(
            "POST",
            url,
            world.lighthouse(),
            {"query": asked, "subscriptions": [world.subscription()], "options": {"$top": 5}},
        ).json()
    )
    assert first["resultTruncated"] == "false" and first["count"] == 5
    more = obj(
        world.arm(
            "POST",
            url,
            world.lighthouse(),
            {
                "query": asked,
                "subscriptions": [world.subscription()],
                "options": {"$top": 5, "$skipToken": first["$skipToken"]},
            },
        ).json()
    )
    assert obj(arr(first["data"])[0])["id"] != obj(arr(more["data"])[0])["id"]


def test_a_group_export_is_partly_done_and_says_so() -> None:
    world = estate()
    key, group = world.lighthouse(), f"{_sub(world)}/resourcegroups/rg-intercept-mgmt"
    asked = world.arm("POST", f"{group}/exportTemplate?{V}=2025-04-01", key, {"resources": ["*"]})
    url = asked.headers["Location"]
    assert [world.arm("GET", url, key).status for _ in range(2)] == [202, 200]
    body = world.arm("GET", url, key).json()
    assert arr(dig(body, "template", "resources")) and arr(dig(body, "error", "details"))


def test_a_group_goes_with_everything_in_it() -> None:
    world = estate()
    key, group = world.lighthouse(), f"{_sub(world)}/resourceGroups/rg-intercept-mgmt"
    assert world.finish(world.arm("DELETE", f"{group}?{V}=2025-04-01", key), key) == "Succeeded"
    assert code(world.arm("GET", f"{group}?{V}=2025-04-01", key)) == "ResourceGroupNotFound"
    assert code(world.arm("DELETE", f"{group}?{V}=2025-04-01", key)) == "ResourceGroupNotFound"


def test_a_lost_answer_means_the_deed_was_done() -> None:
    world = estate()
    key, url = world.lighthouse(), f"{_locked_alert(world)}?{V}=2018-03-01"
    world.control("POST", "/trouble", {"do": "lost-answer", "vendor": "arm", "method": "DELETE", "times": 1})
    assert world.arm("DELETE", url, key).status == 0
    assert world.arm("DELETE", url, key).status == 204


def test_a_slow_answer_means_the_deed_was_done_before_the_wait() -> None:
    world = estate()
    url = f"{_locked_alert(world)}?{V}=2018-03-01"
    slow: Obj = {"do": "slow-answer", "vendor": "arm", "method": "DELETE", "times": 1, "milliseconds": 1}
    world.control("POST", "/trouble", slow)
    done = world.arm("DELETE", url, world.lighthouse())
    assert (done.status, done.headers["x-sandbox-wait"]) == (200, "0.001")
    assert world.arm("DELETE", url, world.lighthouse()).status == 204


def test_throttling_says_when_to_come_back() -> None:
    world = estate()
    world.control("POST", "/trouble", {"do": "throttle", "vendor": "arm", "nth": 2, "times": 1, "seconds": 3})
    url = f"/subscriptions?{V}=2022-12-01"
    found = [world.arm("GET", url, world.lighthouse()) for _ in range(3)]
    assert [one.status for one in found] == [200, 429, 200] and found[1].headers["Retry-After"] == "3"


def test_a_shared_action_group_is_detached_by_a_patch_and_a_lock_is_put_back_by_the_customer() -> None:
    world = estate()
    alert = f"{_sub(world)}/resourceGroups/rg-web/providers/Microsoft.Insights/metricAlerts/vdm-portal-slow"
    done = world.arm("PATCH", f"{alert}?{V}=2018-03-01", world.lighthouse(), {"properties": {"actions": []}})
    assert done.status == 200 and arr(dig(done.json(), "properties", "actions")) == []
    assert text(done.json(), "properties", "severity") == "2"
    lock = f"{_sub(world)}/resourceGroups/rg-data/{POLICY}/locks/do-not-delete?{V}=2020-05-01"
    level: Obj = {"properties": {"level": "CanNotDelete"}}
    assert world.arm("DELETE", lock, world.lighthouse()).status == 403
    assert world.arm("DELETE", lock, world.app()).status == 200
    assert world.arm("PUT", lock, world.app(), level).status == 201


def test_a_token_bucket_throttles_a_burst() -> None:
    world = estate()
    world.control("POST", "/trouble", {"do": "bucket", "vendor": "arm", "capacity": 3, "rate": 1})
    key, url = world.lighthouse(), f"/subscriptions?{V}=2022-12-01"
    assert [world.arm("GET", url, key).status for _ in range(4)] == [200, 200, 200, 429]


def test_without_the_delete_role_key_a_cannot_remove_the_delegation_and_the_customer_can() -> None:
    world = estate()
    key = world.lighthouse()
    link = _delegation(world, key)
    world.control("POST", "/hands", {"do": "arm.drop-delete-role", "customer": "vandermeer"})
    assert world.arm("DELETE", f"{link}?{V}=2022-10-01", key).status == 403
    gone = world.arm("DELETE", f"{link}?{V}=2022-10-01", world.person())
    assert world.finish(gone, world.person()) == "Succeeded"


def test_managed_by_tenants_follows_the_delegation() -> None:
    world = estate()
    key, url = world.app(), f"{_sub(world)}?{V}=2022-12-01"
    assert len(arr(dig(world.arm("GET", url, key).json(), "managedByTenants"))) == 1
    world.control("POST", "/hands", {"do": "arm.remove-delegation", "customer": "vandermeer"})
    assert arr(dig(world.arm("GET", url, key).json(), "managedByTenants")) == []


def test_a_page_number_that_is_none_is_no_crash() -> None:
    world = estate()
    url = f"{_sub(world)}/resources?{V}=2025-04-01&$skiptoken=abc&$top=x"
    assert world.arm("GET", url, world.lighthouse()).status == 200


def test_a_head_says_whether_it_is_there_and_nothing_more() -> None:
    world = estate()
    key, group = world.lighthouse(), f"{_sub(world)}/resourcegroups"
    for path, status in (("rg-data", 204), ("rg-none", 404)):
        said = world.arm("HEAD", f"{group}/{path}?{V}=2025-04-01", key)
        assert (said.status, said.body) == (status, b"")
    assert world.arm("HEAD", f"{group}/rg-data?{V}=1999-01-01", key).status == 400
    assert world.arm("HEAD", f"{group}?{V}=2025-04-01", key).status == 405


def test_a_delete_goes_on_for_as_long_as_the_habit_says_and_tells_when_to_ask_again() -> None:
    world = estate()
    key, url = world.lighthouse(), f"{_locked_alert(world)}?{V}=2018-03-01"
    world.control("POST", "/habits", {"deleting": 60_000})
    accepted = world.arm("DELETE", url, key)
    again = world.arm("DELETE", url, key)
    asked = world.arm("GET", accepted.headers["Azure-AsyncOperation"], key)
    assert (accepted.status, accepted.headers["Retry-After"]) == (202, "60")
    assert again.headers["Azure-AsyncOperation"] == accepted.headers["Azure-AsyncOperation"], "it is one operation"
    assert text(asked.json(), "status") == "InProgress"
    assert text(world.arm("GET", url, key).json(), "properties", "provisioningState") == "Deleting"
    world.control("POST", "/habits", {"deleting": 1})
    short = world.arm("DELETE", url.replace("intercept-storage", "none"), key)
    assert short.status == 204, "what is not there is not waited for"


def test_a_group_goes_with_everything_in_it_and_nothing_beside_it() -> None:
    world = estate()
    key, group = world.lighthouse(), f"{_sub(world)}/resourceGroups/rg-intercept-mgmt"
    before = {text(one, "id") for one in world.list_arm(f"{_sub(world)}/resources?{V}=2025-04-01", key)}
    inside = {one for one in before if one.startswith(f"{group}/")}
    world.finish(world.arm("DELETE", f"{group}?{V}=2025-04-01", key), key)
    after = {text(one, "id") for one in world.list_arm(f"{_sub(world)}/resources?{V}=2025-04-01", key)}
    assert inside and before - after == inside


def test_a_vault_with_backups_in_it_is_not_deleted() -> None:
    world = estate()
    world.control("POST", "/hands", {"do": "arm.plant-leftovers", "customer": "vandermeer", "only": "bin"})
    key, where = world.app(), f"/subscriptions/{world.subscription(0)}/resources?api-version=2025-04-01"
    ident = next(text(one, "id") for one in world.list_arm(where, key) if text(one, "name") == "rsv-intercept")

    refused = world.arm("DELETE", f"{ident}?api-version=2026-11-01", key)

    assert (refused.status, code(refused)) == (409, "ServiceResourceNotEmptyWithBackendMessage")
