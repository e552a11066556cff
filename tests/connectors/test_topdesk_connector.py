"""The service desk: one branch by its exact reference, none is said by 204, and nobody of ours is archived."""

import json
from dataclasses import replace

import httpx2
import pytest
from house_hands import REASON, act, approved, archiving, found, topdesk

from fakes.connector_desk import ONCE, Desk
from sendoff.connectors.topdesk.client import quoted
from sendoff.connectors.topdesk.tasks import mark
from sendoff.model.errors import Confusing, ConnectorError, Refused
from sendoff.model.inventory import Kind, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Outcome, Receipt
from sendoff.sandbox.wire import obj, text


def people(desk: Desk, slug: str) -> list[str]:
    """The ids of somebody's contact persons, as the sandbox keeps them."""
    return [one.id for one in desk.sandbox.world.all("topdesk", "person") if one.owner == slug]


def answers(desk: Desk, path: str, status: int, body: object) -> None:
    """The vendor answers calls with this in their path in another way."""
    inner = desk.wire.handle_request

    def handle(request: httpx2.Request) -> httpx2.Response:
        if path in str(request.url):
            desk.wire.seen.append(request)
            data = b"" if body is None else json.dumps(body).encode()
            return httpx2.Response(status, content=data, request=request)
        return inner(request)

    desk.client = httpx2.Client(transport=httpx2.MockTransport(handle))


@pytest.mark.parametrize("value", ["O'Brien; Sons", 'a"b', "a\\", '";archived==false', "x,name==*"])
def test_a_value_never_becomes_a_clause(value: str) -> None:
    inside = quoted(value)[1:-1].replace("\\\\", "").replace('\\"', "")
    assert quoted(value).startswith('"') and quoted(value).endswith('"') and '"' not in inside


@pytest.mark.parametrize("reference", ["VDM-00", "VDM-0011", "vdm-001", "VDM*", 'VDM-001";name=="x'])
def test_a_reference_that_is_not_exactly_the_branch_finds_none(reference: str) -> None:
    desk = Desk()
    desk.facts = replace(desk.facts, places=replace(desk.facts.places, topdesk_branch=reference))
    connector = topdesk(desk)
    with pytest.raises(Confusing, match=r"filter|not expected|400"):
        found(connector, desk, Kind.BRANCH)


def test_two_branches_with_one_reference_are_refused() -> None:
    desk = Desk()
    rows = [{"id": f"b{one}", "name": "x", "clientReferenceNumber": "VDM-001"} for one in range(2)]
    answers(desk, "/tas/api/branches?", 200, rows)
    with pytest.raises(Refused, match="unique"):
        found(topdesk(desk), desk, Kind.CALL)


def test_a_branch_that_a_filter_hides_is_not_an_empty_one() -> None:
    desk = Desk()
    answers(desk, "/tas/api/branches?", 200, [])
    with pytest.raises(Confusing, match="filter"):
        found(topdesk(desk), desk, Kind.CONTACT_PERSON)


@pytest.mark.parametrize("kind", [Kind.CONTACT_PERSON, Kind.CONTRACT, Kind.CALL])
def test_none_counts_only_after_the_control_read(kind: Kind) -> None:
    desk = Desk()
    paths = {Kind.CONTACT_PERSON: "/persons?", Kind.CONTRACT: "/slas?", Kind.CALL: "/incidents?"}
    answers(desk, paths[kind], 204, None)
    if kind is Kind.CONTACT_PERSON:
        with pytest.raises(Confusing, match="0 of 6 came"):
            found(topdesk(desk), desk, kind)
        return
    assert found(topdesk(desk), desk, kind) == []
    assert any("operators/current" in str(one.url) for one in desk.wire.seen)
    assert any("/branches/id/" in str(one.url) for one in desk.wire.seen)


def test_an_empty_page_where_204_says_none_is_confusing() -> None:
    desk = Desk()
    answers(desk, "/incidents?", 200, [])
    with pytest.raises(Confusing, match="204"):
        found(topdesk(desk), desk, Kind.CALL)


def test_contracts_that_do_not_fit_one_page_are_confusing() -> None:
    desk = Desk()
    answers(desk, "/slas?", 206, {"results": [{"contractId": "c"}]})
    with pytest.raises(Confusing, match="no second"):
        found(topdesk(desk), desk, Kind.CONTRACT)


def test_the_contract_is_asked_for_on_the_day_after_the_last() -> None:
    desk = Desk()
    contracts = found(topdesk(desk), desk, Kind.CONTRACT)
    asked = [one.url.params["contractDate"] for one in desk.wire.seen if "slas" in one.url.path]
    assert len(contracts) == 1 and asked == ["2027-01-01"] and contracts[0].fact("ended") == "no"


def test_a_contract_is_ended_by_a_person_and_then_found() -> None:
    desk = Desk()
    connector = topdesk(desk)
    one = found(connector, desk, Kind.CONTRACT)[0]
    action = act(connector, Kind.CONTRACT, Verb.END, one.id, one.scope, before=one.image)
    assert action.key is Key.PERSON and connector.find(action, once=ONCE) is None
    with pytest.raises(Refused, match="person"):
        connector.apply(action, once=ONCE, out=desk.tray)
    content = (
        ("brief", "End it"),
        ("request", approved(desk, b"End the contract on 2026-12-31.")),
        ("due", "2026-12-31"),
    )
    connector.apply(act(connector, Kind.TASK, Verb.CREATE, "t", one.scope, *content), once=ONCE, out=desk.tray)
    desk.control("POST", "/hands", {"do": "topdesk.end-contract", "customer": "vandermeer", "end": "2026-12-31"})
    receipt = connector.find(action, once=ONCE)
    assert receipt is not None and receipt.outcome is Outcome.FOUND
    assert found(connector, desk, Kind.CONTRACT) == [] and connector.read(one.target, desk.tray) is None


def test_no_name_of_a_person_stands_in_an_item_or_its_image() -> None:
    desk = Desk()
    items = found(topdesk(desk), desk, Kind.CONTACT_PERSON)
    world = [obj(one.raw) for one in desk.sandbox.world.all("topdesk", "person")]
    names = [name for one in world for key in ("surName", "firstName", "email") if len(name := text(one, key)) > 3]
    said = repr(items) + b"".join(desk.tray.images.values()).decode()
    assert len(items) == 6 and len(names) > 10 and [one for one in names if one in said] == []


def test_a_person_of_another_customer_is_neither_read_nor_archived() -> None:
    desk = Desk()
    connector = topdesk(desk)
    others, stranger = desk.others(), people(desk, "vandermeer-advocaten")[0]
    action = replace(archiving(desk, connector), target=stranger)
    for go in (lambda: connector.read(action.at, desk.tray), lambda: connector.find(action, once=ONCE),
               lambda: connector.apply(action, once=ONCE, out=desk.tray)):  # fmt: skip
        with pytest.raises(Refused):
            go()
    assert desk.others() == others


@pytest.mark.parametrize("link", ["tasLoginName", "email", "id"])
def test_the_person_behind_our_own_operator_is_never_archived(link: str) -> None:
    desk = Desk()
    connector = topdesk(desk)
    action = archiving(desk, connector)
    card = {"id": action.target, "branch": {"id": found(connector, desk, Kind.BRANCH)[0].id}, "status": "person"}
    card["tasLoginName" if link == "tasLoginName" else "email"] = "SENDOFF"
    me = {"id": action.target if link == "id" else "op", "email": "sendoff", "loginName": "SENDOFF"}
    answers(desk, f"/persons/id/{action.target}", 200, card)
    inner = desk.client

    def both(request: httpx2.Request) -> httpx2.Response:
        if "operators/current" in request.url.path:
            return httpx2.Response(200, json=me, request=request)
        return inner.send(request)

    desk.client = httpx2.Client(transport=httpx2.MockTransport(both))
    with pytest.raises(Refused, match="our own operator"):
        topdesk(desk).apply(action, once=ONCE, out=desk.tray)
    assert desk.wire.calls("PUT", "archive") == 0


def test_archived_is_found_and_shows_as_ended_and_leaves_the_list() -> None:
    desk = Desk()
    connector = topdesk(desk)
    action = archiving(desk, connector)
    before = connector.read(action.at, desk.tray)
    receipt = connector.apply(action, once=ONCE, out=desk.tray)
    after = connector.read(action.at, desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
    assert before is not None and after is not None and (before.fact("ended"), after.fact("ended")) == ("no", "yes")
    assert before.image == after.image
    assert action.target not in {one.id for one in found(connector, desk, Kind.CONTACT_PERSON)}


def test_a_reason_that_there_is_not_fails_early_and_a_missing_one_is_the_vendors_no() -> None:
    desk = Desk()
    action = archiving(desk, topdesk(desk))
    with pytest.raises(Confusing, match="archive_reason"):
        topdesk(desk, reason="Gone fishing").probe(Key.TOPDESK)
    receipt = topdesk(desk, reason="").apply(action, once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.REFUSED
    assert REASON in desk.wire.answered[-1][1].text or desk.wire.calls("PUT", "archive") == 1


def test_the_branch_is_archived_last_and_still_read_by_its_reference() -> None:
    desk = Desk()
    connector = topdesk(desk)
    branch = found(connector, desk, Kind.BRANCH)[0]
    action = act(connector, Kind.BRANCH, Verb.END, branch.id, branch.scope, before=branch.image)
    assert connector.find(action, once=ONCE) is None
    with pytest.raises(Refused, match="is open"):
        connector.apply(action, once=ONCE, out=desk.tray)
    desk.control("POST", "/hands", {"do": "topdesk.close-calls", "customer": "vandermeer"})
    receipt = connector.apply(action, once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
    after = connector.read(branch.target, desk.tray)
    assert after is not None and after.fact("ended") == "yes" and found(connector, desk, Kind.BRANCH) == []


def test_a_task_is_made_once_and_carries_our_mark() -> None:
    desk = Desk()
    connector = topdesk(desk)
    content = (
        ("brief", "End the contract"),
        ("request", approved(desk, b"By the end.\nThank you.")),
        ("due", "2026-12-31"),
    )
    action = act(connector, Kind.TASK, Verb.CREATE, "case-1/contract", "VDM-001", *content)
    assert connector.find(action, once=ONCE) is None
    assert connector.apply(action, once=ONCE, out=desk.tray).__class__ is Receipt
    again = topdesk(desk).apply(action, once=ONCE, out=desk.tray)
    assert isinstance(again, Receipt) and again.outcome is Outcome.FOUND
    sent = [json.loads(one.read()) for one in desk.wire.seen if one.method == "POST"]
    assert len(sent) == 1 and sent[0]["externalNumber"] == mark(ONCE) == f"so-{'ab' * 12}"
    assert sent[0]["targetDate"] == "2026-12-31T17:00:00.000+0100" and len(sent[0]["externalNumber"]) <= 60


def test_a_task_with_a_first_line_that_is_too_long_is_refused_before_it_is_made() -> None:
    desk = Desk()
    connector = topdesk(desk)
    content = (("brief", "x" * 81), ("request", approved(desk, b"y")))
    with pytest.raises(Refused, match="80"):
        connector.apply(act(connector, Kind.TASK, Verb.CREATE, "t", "VDM-001", *content), once=ONCE, out=desk.tray)
    assert desk.wire.calls("POST", "incidents") == 0


def test_the_export_holds_closed_calls_too_and_says_what_it_leaves_out() -> None:
    desk = Desk()
    connector = topdesk(desk)
    receipt = connector.apply(act(connector, Kind.CALL, Verb.EXPORT, "VDM-001", "VDM-001"), once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and dict(receipt.said)["not-exported"] == "bodies of mails"
    calls = json.loads(desk.tray.files["topdesk/calls.json"])
    assert len(calls) > len(found(connector, desk, Kind.CALL)) > 0
    tables = {"activities", "assets", "attachments", "calls", "changes", "contracts", "persons", "trail"}
    assert {one for one in desk.tray.files if one.endswith(".json")} == {f"topdesk/{name}.json" for name in tables}
    with pytest.raises(Refused):
        connector.apply(act(connector, Kind.CALL, Verb.EXPORT, "VDA-001", "VDM-001"), once=ONCE, out=desk.tray)


def test_an_asset_contract_is_archived_by_machine() -> None:
    desk = Desk()
    connector = topdesk(desk, mode="asset", template="Contract")
    one = found(connector, desk, Kind.CONTRACT)[0]
    action = act(connector, Kind.CONTRACT, Verb.END, one.id, one.scope, before=one.image)
    assert action.key is Key.TOPDESK and connector.find(action, once=ONCE) is None
    receipt = connector.apply(action, once=ONCE, out=desk.tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
    again = connector.find(action, once=ONCE)
    assert again is not None and found(connector, desk, Kind.CONTRACT) == []


def test_the_second_dialect_of_errors_gives_its_code_and_the_others_stay_silent() -> None:
    for body, code in (([{"message": "Jan Jansen is archived"}], "404"), ({"errors": [{"errorCode": "E7"}]}, "E7")):
        desk = Desk()
        answers(desk, "/tas/api/branches?", 418, body)
        with pytest.raises(ConnectorError) as caught:
            found(topdesk(desk), desk, Kind.BRANCH)
        assert "Jansen" not in str(caught.value) and caught.value.code in (code, "418")
