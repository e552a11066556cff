"""The vendors' own clients run against the sandbox unmodified: what they accept, it says as the vendor says it."""

# mypy: ignore-errors
# ruff: noqa: E402
import warnings

warnings.simplefilter("ignore")

import passwords
import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.managedservices import ManagedServicesClient
from azure.mgmt.resource.locks import ManagementLockClient
from azure.mgmt.resource.policy import PolicyClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resourcegraph import ResourceGraphClient
from azure.mgmt.resourcegraph.models import QueryRequest
from prtg.api import ApiClient
from prtg.auth import BasicToken
from requests_ntlm import HttpNtlmAuth

SCOPE = ["https://management.azure.com/.default"]


@pytest.fixture(scope="module")
def leaver(served):
    return served["known"]["customers"]["vandermeer"]


@pytest.fixture(scope="module")
def arm(served):
    return {
        "base_url": served["urls"]["arm"],
        "connection_verify": served["ca"],
        "polling_interval": 0,
        "credential_scopes": SCOPE,
    }


def signed_in(served, tenant, app, secret=None):
    return ClientSecretCredential(
        tenant,
        app["client_id"],
        secret or app["client_secret"],
        authority=served["urls"]["login"],
        disable_instance_discovery=True,
        connection_verify=served["ca"],
    )


@pytest.fixture(scope="module")
def lighthouse(served):
    return signed_in(served, served["known"]["msp"]["tenant_id"], served["known"]["msp"]["lighthouse"])


@pytest.fixture(scope="module")
def app(served, leaver):
    return signed_in(served, leaver["tenant_id"], leaver["app"])


def test_azure_identity_is_refused_with_a_wrong_secret(served):
    msp = served["known"]["msp"]
    wrong = signed_in(served, msp["tenant_id"], msp["lighthouse"], secret="not it")

    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        wrong.get_token(*SCOPE)


def test_the_resource_client_pages_lists_exports_and_deletes(arm, lighthouse, leaver):
    client = ResourceManagementClient(lighthouse, leaver["subscriptions"][0]["id"], **arm)
    ident = next(one.id for one in client.resources.list() if one.name == "law-intercept")

    assert len(list(client.resources.list(expand="createdTime"))) > 10
    assert "rg-intercept-mgmt" in [group.name for group in client.resource_groups.list()]
    assert client.resource_groups.begin_export_template("rg-intercept-mgmt", {"resources": ["*"]}).result().template
    client.resources.begin_delete_by_id(ident, api_version="2025-07-01").result()
    with pytest.raises(ResourceNotFoundError):
        client.resources.get_by_id(ident, api_version="2025-07-01")


def test_the_resource_graph_client_reads_rows(arm, lighthouse, leaver):
    client = ResourceGraphClient(lighthouse, **{key: arm[key] for key in arm if key != "polling_interval"})
    scope = leaver["subscriptions"][1]["id"]

    answer = client.resources(QueryRequest(query="resources | project id, name", subscriptions=[scope]))

    assert answer.total_records == len(answer.data) > 5


def test_the_policy_lock_and_role_clients_read_what_their_key_may_read(arm, lighthouse, app, leaver):
    first, second = (row["id"] for row in leaver["subscriptions"][:2])

    assert list(PolicyClient(lighthouse, first, **arm).policy_assignments.list())
    assert list(ManagementLockClient(app, second, **arm).management_locks.list_at_subscription_level())
    assert list(AuthorizationManagementClient(app, second, **arm).role_assignments.list_for_subscription())
    with pytest.raises(HttpResponseError):
        list(AuthorizationManagementClient(lighthouse, second, **arm).role_assignments.list_for_subscription())


def test_the_managed_services_client_ends_a_delegation_and_the_key_is_shut_out(arm, lighthouse, leaver):
    scope = leaver["subscriptions"][1]["id"]
    client = ManagedServicesClient(lighthouse, **{**arm, "api_version": "2022-10-01"})
    rows = list(client.registration_assignments.list(f"subscriptions/{scope}", expand_registration_definition=True))

    client.registration_assignments.begin_delete(f"subscriptions/{scope}", rows[0].name).result()

    with pytest.raises(HttpResponseError) as no:
        list(ResourceManagementClient(lighthouse, scope, **arm).resource_groups.list())
    assert no.value.status_code == 403


def test_the_prtg_client_finds_pauses_and_deletes(served, leaver):
    token = BasicToken(served["known"]["msp"]["prtg"]["apitoken"])
    client = ApiClient(served["urls"]["prtg"], token, requests_verify=served["ca"], retries=0, timeout=5)
    group = leaver["prtg"]["group_ids"][0]

    assert client.get_probe(leaver["prtg"]["probe_id"])["name"]
    assert client.get_devices_by_group_id(group)
    client.pause_object(group)
    client.delete_object(group)

    assert group not in [one["objid"] for one in client.get_groups_by_name_containing("Van der Meer")]


def test_the_passwordstate_client_reads_one_record(served, leaver, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", served["ca"])
    vault = served["known"]["msp"]["passwordstate"]
    client = passwords.PasswordstateLookup(served["urls"]["passwordstate"], vault["api_key"])

    assert client.get_login_by_title(str(leaver["passwordstate"]["list_ids"][0]), "account 1000")["username"]


def test_requests_ntlm_signs_in_at_the_vault_and_sees_what_the_account_may_see(served):
    account = served["known"]["msp"]["passwordstate"]["windows"]
    with requests.Session() as session:
        session.trust_env, session.verify = False, served["ca"]
        session.auth = HttpNtlmAuth(account["account"], account["password"])
        for _ in range(2):
            answer = session.get(f"{served['urls']['passwordstate']}/winapi/passwordlists/101")
            assert answer.status_code == 200 and answer.json()[0]["PasswordListID"] == 101
        session.auth = HttpNtlmAuth(account["account"], "not it")
        session.close()
        assert session.get(f"{served['urls']['passwordstate']}/winapi/passwordlists").status_code == 401
