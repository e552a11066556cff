"""Azure: what a look unites, what a removal checks first, and what an exit package holds."""

import json
from collections.abc import Callable
from dataclasses import replace

import httpx2
import pytest

from fakes.connector_desk import ONCE, Desk, Tray, deed, elsewhere
from fakes.microsoft_hands import with_record
from sendoff.connectors.azure.client import AzureDoors
from sendoff.connectors.azure.connector import AzureConnector
from sendoff.connectors.azure.settings import VERBS
from sendoff.model.errors import Conflict, Confusing, Denied, Refused
from sendoff.model.inventory import Cell, Item, Kind, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.model.state import StepId
from sendoff.papers.rendering import JinjaPapers
from sendoff.ports import Connector
from sendoff.sandbox.wire import arr, dig, text


def azure(desk: Desk) -> AzureConnector:
    doors = AzureDoors(lighthouse=desk.ours("lighthouse"), app=desk.app())
    return AzureConnector(
        desk.facts, doors, clients=desk.clients, limits=desk.limits, wait=lambda _: None, papers=JinjaPapers()
    )


def cell(connector: Connector, kind: Kind, key: Key = Key.LIGHTHOUSE) -> Cell:
    return next(one for one in connector.cells() if one.kind is kind and one.key is key)


def items(connector: Connector, desk: Desk, kind: Kind, key: Key = Key.LIGHTHOUSE) -> list[Item]:
    return list(connector.look(cell(connector, kind, key), desk.tray))


def settled(connector: Connector, desk: Desk, item: Item, verb: Verb = Verb.REMOVE) -> Receipt:
    action = deed(item, verb)
    answer = connector.apply(action, once=ONCE, out=desk.tray)
    for _ in range(10):
        if isinstance(answer, Receipt):
            return answer
        answer = connector.follow(action, answer.operation)
    raise AssertionError("it does not end")


def one(connector: Connector, desk: Desk, kind: Kind, part: str, key: Key = Key.LIGHTHOUSE) -> Item:
    return next(item for item in items(connector, desk, kind, key) if part in item.id.lower())


def test_resource_graph_that_lags_behind_does_not_hide_a_resource() -> None:
    desk = Desk()
    before = {item.ref for item in items(azure(desk), desk, Kind.RESOURCE)}
    hidden = sorted(before)[0].rsplit("|", 1)[-1]

    def lag(request: httpx2.Request, body: bytes) -> bytes:
        if "ResourceGraph" not in request.url.path:
            return body
        page = json.loads(body)
        page["data"] = [row for row in page["data"] if row["id"].lower() != hidden]
        return json.dumps({**page, "count": len(page["data"]), "totalRecords": len(page["data"])}).encode()

    desk.wire.edit = lag
    assert {item.ref for item in items(azure(desk), desk, Kind.RESOURCE)} == before


def test_a_resource_graph_page_that_is_not_whole_is_confusing() -> None:
    desk = Desk()
    desk.trouble(do="empty-list", vendor="arm", path="ResourceGraph")
    with pytest.raises(Confusing):
        items(azure(desk), desk, Kind.RESOURCE)


def test_a_lock_of_the_customer_stops_us_although_it_would_not_stop_a_lighthouse_caller() -> None:
    desk = Desk()
    connector = azure(desk)
    locked = one(connector, desk, Kind.RESOURCE, "/rg-data/")
    receipt = settled(connector, desk, locked)
    assert (receipt.outcome, receipt.code) == (Outcome.REFUSED, "ScopeLocked")
    assert desk.wire.calls("DELETE", "") == 0
    assert connector.read(locked.target, desk.tray) is not None


def test_batches_of_a_step_share_the_list_of_locks_and_another_step_asks_anew() -> None:
    desk = Desk()
    connector = azure(desk)
    action = deed(one(connector, desk, Kind.RESOURCE, "/rg-data/"), Verb.REMOVE)
    before = desk.wire.calls("GET", "/locks")
    asked = []
    for step in ("remove-resources", "remove-resources", "remove-policies"):
        receipt = connector.apply(replace(action, step=StepId(step)), once=ONCE, out=Tray())
        assert isinstance(receipt, Receipt)
        assert receipt.code == "ScopeLocked"
        asked.append(desk.wire.calls("GET", "/locks") - before)

    assert asked == [1, 1, 2]


def test_a_group_in_which_something_is_not_marked_as_ours_is_left() -> None:
    desk = Desk()
    connector = azure(desk)
    receipt = settled(connector, desk, one(connector, desk, Kind.GROUP, "rg-web"))
    assert (receipt.outcome, receipt.code) == (Outcome.REFUSED, "GroupNotEmpty")


def test_a_long_removal_is_followed_to_its_end() -> None:
    desk = Desk()
    connector = azure(desk)
    item = one(connector, desk, Kind.RESOURCE, "/workspaces/law-intercept")
    started = connector.apply(deed(item, Verb.REMOVE), once=ONCE, out=desk.tray)
    assert isinstance(started, Again) and started.operation.startswith("https://management.azure.com/")
    assert settled(connector, desk, item).outcome is Outcome.DONE
    assert connector.read(item.target, desk.tray) is None


def test_a_long_removal_that_fails_is_refused_with_the_vendors_code() -> None:
    desk = Desk()
    connector = azure(desk)
    desk.trouble(do="fail-delete", vendor="arm")
    receipt = settled(connector, desk, one(connector, desk, Kind.RESOURCE, "/workspaces/law-intercept"))
    assert (receipt.outcome, receipt.code) == (Outcome.REFUSED, "Conflict")


def test_a_definition_in_use_is_a_conflict() -> None:
    desk = Desk()
    connector = azure(desk)
    definition = one(connector, desk, Kind.POLICY_DEFINITION, "int-require-tags")
    with pytest.raises(Conflict, match="InvalidDeletePolicyDefinitionRequest"):
        settled(connector, desk, definition)


def test_removing_the_delegation_ends_our_sight_and_counts_as_gone() -> None:
    desk = Desk()
    connector = azure(desk)
    delegation = one(connector, desk, Kind.DELEGATION, "registrationassignments")
    assert delegation.fact("can-remove-itself") == "yes"
    assert settled(connector, desk, delegation).outcome is Outcome.DONE
    assert connector.read(delegation.target, desk.tray) is None
    assert connector.read(replace(delegation.target, key=Key.APP), desk.tray) is None


def test_after_the_delegation_is_gone_a_resource_that_is_404_is_not_called_gone() -> None:
    desk = Desk()
    connector = azure(desk)
    resource = one(connector, desk, Kind.RESOURCE, "/workspaces/law-intercept")
    settled(connector, desk, one(connector, desk, Kind.DELEGATION, "registrationassignments"))
    with pytest.raises(Denied):
        connector.read(resource.target, desk.tray)


def test_role_assignments_are_read_by_the_app_only_and_stay_a_cell_without_it() -> None:
    desk = Desk()
    alone = AzureConnector(
        desk.facts, AzureDoors(lighthouse=desk.ours("lighthouse")), clients=desk.clients, limits=desk.limits
    )
    blind = [one for one in alone.cells() if one.kind is Kind.ROLE_ASSIGNMENT]
    assert blind and {one.key for one in blind} == {Key.APP}
    with pytest.raises(Denied):
        list(alone.look(blind[0], desk.tray))


def test_the_exit_package_is_whole_and_its_manifest_names_every_file() -> None:
    desk = Desk()
    connector = azure(desk)
    item = items(connector, desk, Kind.RESOURCE)[0]
    answer = connector.apply(elsewhere(deed(item, Verb.EXPORT), target=item.scope), once=ONCE, out=desk.tray)
    assert isinstance(answer, Receipt)
    said = dict(answer.said)
    manifest = json.loads(desk.tray.files[f"azure/{item.scope}/manifest.json"])
    assert {one["name"] for one in manifest["files"]} | {"manifest.json"} == {
        name.split("/", 2)[-1] for name in desk.tray.files
    }
    assert int(said["resources"]) == len(items(connector, desk, Kind.RESOURCE)) == manifest["counts"]["resources"]
    assert json.loads(desk.tray.files[f"azure/{item.scope}/template-errors.json"])
    assert said["manifest"].startswith("sha256:")


@pytest.mark.parametrize("path", ["/../", "//", "?x=", "%2e%2e", "\\"])
def test_an_id_that_could_lead_astray_is_refused(path: str) -> None:
    desk = Desk()
    connector = azure(desk)
    item = one(connector, desk, Kind.RESOURCE, "/workspaces/law-intercept")
    with pytest.raises(Refused):
        connector.read(replace(item.target, id=item.id + path + "x"), desk.tray)


def test_an_app_of_another_tenant_is_refused() -> None:
    desk = Desk()
    wrong = replace(desk.app(), tenant=desk.facts.provider.tenant)
    connector = AzureConnector(desk.facts, AzureDoors(app=wrong), clients=desk.clients, limits=desk.limits)
    with pytest.raises(Refused):
        connector.probe(Key.APP)


def test_a_subscription_of_another_customer_is_refused_although_our_lighthouse_principal_sees_it() -> None:
    desk = Desk()
    others = dig(desk.known, "customers", "meerzicht", "subscriptions")
    strange = text(arr(others)[0], "id")
    rows = (replace(desk.facts.scope[0], id=strange),)
    desk.facts = replace(desk.facts, scope=rows)
    connector = azure(desk)
    with pytest.raises(Refused):
        items(connector, desk, Kind.RESOURCE)
    with pytest.raises(Refused):
        connector.probe(Key.LIGHTHOUSE)


def test_what_is_inherited_is_seen_and_read_but_never_removed() -> None:
    desk = Desk()
    connector = azure(desk)
    found = [item for place in connector.cells() if place.kind is Kind.POLICY_ASSIGNMENT
             for item in connector.look(place, desk.tray) if item.fact("inherited") == "yes"]  # fmt: skip
    again = connector.read(found[0].target, desk.tray)
    assert again is not None and again.image == found[0].image
    with pytest.raises(Refused):
        connector.apply(deed(found[0], Verb.REMOVE), once=ONCE, out=desk.tray)


def test_a_subscription_that_stays_is_not_looked_at() -> None:
    desk = Desk()
    stays = {row.id for row in desk.facts.scope if row not in desk.facts.leaving}
    assert stays
    assert not {place.scope for place in azure(desk).cells()} & stays


def recorded(desk: Desk) -> AzureConnector:
    """With the record of onboarding, and the machine of the probe in a subscription that leaves."""
    desk.facts = with_record(desk)
    return azure(desk)


def put(item: Item) -> Action:
    """The deed that a plan would hold for a setting."""
    said = {
        Kind.DEFENDER_PLAN: (("tier", item.fact("before")),),
        Kind.SECURITY_CONTACT: (("emails", item.fact("rest") or item.fact("before")),),
    }
    return deed(item, VERBS[item.kind], content=said.get(item.kind, ()))


@pytest.mark.parametrize("kind", list(VERBS))
def test_what_onboarding_changed_is_put_back_once(kind: Kind) -> None:
    desk = Desk()
    connector = recorded(desk)
    others, found = desk.others(), items(connector, desk, kind)
    assert found
    for item in found:
        again = connector.read(item.target, desk.tray)
        assert again is not None and again.image == item.image
        assert connector.find(put(item), once=ONCE) is None
        receipt = connector.apply(put(item), once=ONCE, out=desk.tray)
        assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
        twice = connector.apply(put(item), once=ONCE, out=desk.tray)
        assert isinstance(twice, Receipt) and twice.outcome is Outcome.FOUND
        done = connector.find(put(item), once=ONCE)
        assert done is not None and connector.read(item.target, desk.tray) is None
    assert items(connector, desk, kind) == [] and desk.others() == others


def test_a_plan_that_the_customer_put_back_is_left_alone() -> None:
    desk = Desk()
    connector = recorded(desk)
    plan = items(connector, desk, Kind.DEFENDER_PLAN)[0]
    thing = desk.sandbox.world.get("arm", "microsoft.security/pricings", plan.id)
    assert thing is not None
    desk.sandbox.world.change(thing, {"properties": {"pricingTier": "Free"}})
    assert plan.ref not in {one.ref for one in items(connector, desk, Kind.DEFENDER_PLAN)}


def test_a_tier_that_the_record_does_not_name_is_refused() -> None:
    desk = Desk()
    connector = recorded(desk)
    plan = items(connector, desk, Kind.DEFENDER_PLAN)[0]
    with pytest.raises(Refused, match="record"):
        connector.apply(deed(plan, Verb.PUT_BACK, content=(("tier", "Standard"),)), once=ONCE, out=desk.tray)
    assert desk.wire.calls("PUT", "") == 0


def test_only_our_own_tag_is_taken_away() -> None:
    desk = Desk()
    connector = recorded(desk)
    tagged = items(connector, desk, Kind.TAG)[0]
    connector.apply(put(tagged), once=ONCE, out=desk.tray)
    (sent,) = [one for one in desk.wire.seen if one.method == "PATCH"]
    assert json.loads(sent.content) == {"operation": "Delete", "properties": {"tags": {"managedBy": "intercept"}}}


def test_who_defender_warns_keeps_the_customers_addresses_and_gets_nobody_new() -> None:
    desk = Desk()
    connector = recorded(desk)
    contact = items(connector, desk, Kind.SECURITY_CONTACT)[0]
    assert contact.fact("ours") == "1" and "intercept.example" not in contact.fact("rest")
    for address in ("desk@intercept.example", "somebody@elsewhere.example"):
        with pytest.raises(Refused):
            connector.apply(deed(contact, Verb.PUT_BACK, content=(("emails", address),)), once=ONCE, out=desk.tray)
    assert desk.wire.calls("PUT", "") == 0


def test_what_the_record_does_not_name_is_nobodys_to_put_back() -> None:
    desk = Desk()
    assert items(azure(desk), desk, Kind.TAG) == items(azure(desk), desk, Kind.DEFENDER_PLAN) == []


def test_the_probe_on_its_machine_is_seen_and_uninstalled() -> None:
    desk = Desk()
    connector = recorded(desk)
    (service,) = items(connector, desk, Kind.PROBE_SERVICE)
    scripts = [json.loads(one.content)["script"] for one in desk.wire.seen if one.url.path.endswith("/runCommand")]
    assert not [line for line in scripts[0] if "Stop-Service" in line or "delete" in line]
    assert settled(connector, desk, service).outcome is Outcome.DONE
    assert connector.read(service.target, desk.tray) is None
    assert items(connector, desk, Kind.PROBE_SERVICE) == []


def test_a_probe_elsewhere_is_no_cell_and_another_machine_is_refused() -> None:
    desk = Desk()
    assert not [one for one in azure(desk).cells() if one.kind is Kind.PROBE_SERVICE]
    connector = recorded(desk)
    (service,) = items(connector, desk, Kind.PROBE_SERVICE)
    with pytest.raises(Refused):
        connector.read(replace(service.target, id=service.id + "x"), desk.tray)


def script_says(*messages: str) -> Callable[[httpx2.Request, bytes], bytes]:
    """The operation of a run-command ends with these words on its outputs."""

    def edit(request: httpx2.Request, body: bytes) -> bytes:
        if "operationresults" not in request.url.path or not body:
            return body
        return json.dumps({"value": [{"message": one} for one in messages]}).encode()

    return edit


@pytest.mark.parametrize("said", [(), ("",), ("sendoff: absent\nsendoff: present",), ("something else",)])
def test_a_script_that_does_not_say_is_never_taken_for_gone(said: tuple[str, ...]) -> None:
    desk = Desk()
    connector = recorded(desk)
    desk.wire.edit = script_says(*said)
    with pytest.raises(Confusing):
        items(connector, desk, Kind.PROBE_SERVICE)


def test_a_core_server_is_never_uninstalled() -> None:
    desk = Desk()
    connector = recorded(desk)
    (service,) = items(connector, desk, Kind.PROBE_SERVICE)
    desk.wire.edit = script_says("", "sendoff: core server")
    receipt = settled(connector, desk, service)
    assert (receipt.outcome, receipt.code) == (Outcome.REFUSED, "CoreServer")


def test_a_machine_that_does_not_run_is_not_read() -> None:
    desk = Desk()
    connector = recorded(desk)
    desk.trouble(do="status", status=409, vendor="arm", path="runCommand")
    with pytest.raises(Conflict):
        items(connector, desk, Kind.PROBE_SERVICE)
