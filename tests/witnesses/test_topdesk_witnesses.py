"""Three TOPdesk clients, unmodified: they find a customer's cards, follow 206, archive, file a call, and read files."""

# mypy: ignore-errors
# ruff: noqa: E402
import base64
import sys
from types import ModuleType

import pytest
from hij5_topdesk_api.topdesk import TopdeskConnector
from topdesk import Topdesk
from topdesk.errors import HttpException

# The second client converts attachments with a package that is not needed here; its name must only be there.
sys.modules.setdefault("markitdown", ModuleType("markitdown")).MarkItDown = dict

from topdesk_mcp._topdesk_sdk import connect


@pytest.fixture
def login(served, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", served["ca"])
    ours = served["known"]["msp"]["topdesk"]
    return ours["login"], ours["password"]


@pytest.fixture
def desk(served, login):
    return connect(served["urls"]["topdesk"], *login)


@pytest.fixture
def wrapper(served, login):
    return Topdesk(served["urls"]["topdesk"], app_creds=login)


def test_the_sdk_finds_the_branch_its_people_and_its_calls(desk, served):
    number = served["known"]["customers"]["vandermeer"]["topdesk"]["branch"]
    (branch,) = desk.branch.get_list(query=f"clientReferenceNumber=={number}")
    ours = f"branch.id=={branch['id']}"

    assert desk.branch.get(branch["id"])["clientReferenceNumber"] == number
    assert len(desk.person.get_list(query=ours)) == 6
    assert len(desk.person.get_list(query=ours, page_size=4)) == 6
    assert len(desk.incident.get_list(query=f"callerBranch.id=={branch['id']}")) == 4
    found = desk.operational_activities.get_list()
    assert len(found if isinstance(found, list) else found.get("results") or found.get("item")) == 6


def test_the_sdk_archives_a_person_and_changes_a_branch(desk, served):
    number = served["known"]["customers"]["meerzicht"]["topdesk"]["branch"]
    (branch,) = desk.branch.get_list(query=f"clientReferenceNumber=={number}")
    person = desk.person.get_list(query=f"branch.id=={branch['id']}")[-1]
    reason = desk.utils.request_topdesk("/tas/api/archiving-reasons").json()[0]["id"]

    assert desk.person.archive(person["id"], reason)["status"] == "personArchived"
    assert desk.branch.update(branch["id"], additionalInfo="left")["additionalInfo"] == "left"
    assert person["id"] not in [one["id"] for one in desk.person.get_list(query=f"branch.id=={branch['id']}")]


def test_the_wrapper_files_a_call_and_finds_it_by_our_number(wrapper):
    made = wrapper.create_incident({"briefDescription": "A task", "externalNumber": "so-1"})

    found = wrapper.incidents({"query": "externalNumber==so-1"})

    assert [one["id"] for one in found] == [made["id"]]
    assert wrapper.incident(made["id"])["briefDescription"] == "A task"
    with pytest.raises(HttpException):
        wrapper.create_incident({"briefDescription": "x" * 81})


def test_the_wrapper_reads_the_version_and_archives_an_asset(wrapper):
    reason = wrapper.archiving_reasons()[0]["id"]
    asset = wrapper.get("/assetmgmt/assets")["dataSet"][-1]["id"]

    assert wrapper.version()
    assert wrapper.archive_asset(asset, reason)


@pytest.fixture
def third(served, login):
    key = base64.b64encode(":".join(login).encode()).decode()
    return TopdeskConnector(f"{served['urls']['topdesk']}/tas/api/", f"Basic {key}")


def test_the_third_client_signs_in_and_lists_operators(third):
    assert third.valid_connection()
    assert "SENDOFF" in {one["loginName"] for one in third.operators()}


def test_the_third_client_reads_activities_and_their_cards(third):
    found = third.operational_activities_by_type("Onderhoud", amount=100)

    assert {one["briefDescription"] for one in found} == {"Monthly patching", "Yearly restore test"}
    card = third.operational_activity_with_status(found[0]["id"])
    assert card["number"] == found[0]["number"] and card["linkedBranches"]


def test_the_third_client_reads_the_attachments_of_a_call(third, desk, served):
    number = served["known"]["customers"]["vandermeer"]["topdesk"]["branch"]
    (branch,) = desk.branch.get_list(query=f"clientReferenceNumber=={number}")
    call = desk.incident.get_list(query=f"callerBranch.id=={branch['id']}")[0]
    (file,) = third.incident_attachments(call["id"])

    content, name = third.download_attachment(call["id"], file["id"])

    assert content == f"picture of {call['id']}".encode() and name == file["fileName"]
