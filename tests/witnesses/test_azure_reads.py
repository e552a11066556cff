"""Microsoft's own ARM clients, unmodified: what they list is what the sandbox's own books hold."""

# mypy: ignore-errors
# ruff: noqa: E402
import warnings

warnings.simplefilter("ignore")

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
    ServiceRequestError,
)
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.managedservices import ManagedServicesClient
from azure.mgmt.resource.locks import ManagementLockClient
from azure.mgmt.resource.policy import PolicyClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.subscriptions import SubscriptionClient
from azure.mgmt.resourcegraph import ResourceGraphClient
from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions

from witnesses.azure_keys import SCOPE, lower, resources_of, signed_in

AUTH = "microsoft.authorization"


def test_identity_signs_in_over_tls_and_is_refused_by_code(alone, leaver):
    right = signed_in(alone, leaver["tenant_id"], leaver["app"]).get_token(*SCOPE)
    assert right.token

    for tenant, secret, why in (
        (leaver["tenant_id"], "not it", "AADSTS7000215"),
        ("00000000-0000-0000-0000-000000000000", None, "Unable to get authority configuration"),
        (alone["known"]["msp"]["tenant_id"], None, "AADSTS700016"),
    ):
        with pytest.raises(ClientAuthenticationError, match=why):
            signed_in(alone, tenant, leaver["app"], secret=secret or leaver["app"]["client_secret"]).get_token(*SCOPE)
    with pytest.raises((ServiceRequestError, ClientAuthenticationError), match="CERTIFICATE_VERIFY_FAILED"):
        signed_in(alone, leaver["tenant_id"], leaver["app"], connection_verify=True, retry_total=0).get_token(*SCOPE)


def test_the_subscriptions_are_those_that_are_delegated(behind, opened, lighthouse, alone, leaver, sub):
    client = opened(SubscriptionClient, lighthouse)
    known = alone["known"]["customers"]
    delegations = [
        one for slug in known for one in behind.ids("arm", "microsoft.managedservices/registrationassignments", slug)
    ]

    found = {one.subscription_id: one for one in client.subscriptions.list()}

    assert set(found) == {one.split("/")[2] for one in delegations}
    assert alone["known"]["msp"]["tenant_id"] in [one.tenant_id for one in found[sub].managed_by_tenants]
    one = client.subscriptions.get(sub)
    assert (one.id, one.tenant_id, one.state) == (f"/subscriptions/{sub}", leaver["tenant_id"], "Enabled")


def test_groups_and_resources_come_page_by_page(behind, opened, lighthouse, sub):
    client = opened(ResourceManagementClient, lighthouse, sub)
    groups = behind.ids("arm", "microsoft.resources/resourcegroups", below=f"/subscriptions/{sub}/")
    pages = [list(one) for one in client.resource_groups.list(top=2).by_page()]
    many = [list(one) for one in client.resources.list().by_page()]
    one_group = client.resources.list_by_resource_group("rg-web")

    assert [len(one) for one in pages] == [2] * (len(groups) // 2) + [1] * (len(groups) % 2) and len(pages) > 1
    assert {one.id.lower() for page in pages for one in page} == groups
    assert lower(row for page in many for row in page) == resources_of(behind, f"/subscriptions/{sub}/")
    assert len(many) > 2 and sum(map(len, many)) == len({row.id for page in many for row in page})
    assert lower(one_group) == resources_of(behind, f"/subscriptions/{sub}/resourcegroups/rg-web/")
    disks = client.resources.list(filter="resourceType eq 'Microsoft.Compute/disks'")
    assert lower(disks) == behind.ids("arm", "microsoft.compute/disks", below=f"/subscriptions/{sub}/")
    assert client.resource_groups.check_existence("rg-web") and not client.resource_groups.check_existence("rg-none")


def test_a_resource_is_read_by_id_at_a_version_its_type_knows(opened, lighthouse, sub):
    client = opened(ResourceManagementClient, lighthouse, sub)
    disk = next(iter(client.resources.list(filter="resourceType eq 'Microsoft.Compute/disks'")))
    types = {one.resource_type: one.api_versions for one in client.providers.get("Microsoft.Compute").resource_types}
    known = types["disks"][0]

    assert client.resources.get_by_id(disk.id, api_version=known).id == disk.id
    assert client.resources.get_by_id(disk.id.upper(), api_version=known).id == disk.id
    with pytest.raises(HttpResponseError) as no:
        client.resources.get_by_id(disk.id, api_version="1999-01-01")
    assert (no.value.status_code, no.value.error.code) == (400, "NoRegisteredProviderFound")


def test_locks_lie_at_their_scopes(behind, opened, app, sub):
    locks = opened(ManagementLockClient, app, sub).management_locks
    all_here = behind.ids("arm", f"{AUTH}/locks", below=f"/subscriptions/{sub}/")

    assert lower(locks.list_at_subscription_level()) == all_here != set()
    assert lower(locks.list_at_resource_group_level("rg-data")) == all_here
    assert list(locks.list_at_resource_group_level("rg-web")) == []
    one = locks.get_by_scope(f"subscriptions/{sub}/resourceGroups/rg-data", "do-not-delete")
    assert (one.level, one.name) == ("CanNotDelete", "do-not-delete")
    disk = f"subscriptions/{sub}/resourceGroups/rg-data/providers/Microsoft.Compute/disks/disk-vdm-copied-tags"
    assert lower(locks.list_by_scope(disk)) == all_here


def test_policies_are_assigned_defined_and_exempted(behind, opened, lighthouse, sub):
    policy = opened(PolicyClient, lighthouse, sub)
    mine, scope = f"/subscriptions/{sub}/", f"subscriptions/{sub}"
    above = {one for one in behind.ids("arm", f"{AUTH}/policyassignments") if not one.startswith("/subscriptions/")}
    (exempt,) = behind.ids("arm", f"{AUTH}/policyexemptions", below=mine)

    assigned = behind.ids("arm", f"{AUTH}/policyassignments", below=mine)
    assert lower(policy.policy_assignments.list()) == assigned | above and above
    inner = {one for one in assigned if "/resourcegroups/" in one}
    assert lower(policy.policy_assignments.list(filter="atScope()")) == (assigned - inner) | above and inner
    assert lower(policy.policy_assignments.list_for_resource_group("rg-web")) == assigned | above
    defined = policy.policy_definitions.list(filter="policyType eq 'Custom'")
    assert lower(defined) == behind.ids("arm", f"{AUTH}/policydefinitions", below=mine)
    sets = lower(policy.policy_set_definitions.list(filter="policyType eq 'Custom'"))
    assert sets == behind.ids("arm", f"{AUTH}/policysetdefinitions", below=mine)
    assert {one.policy_type for one in policy.policy_definitions.list()} >= {"Custom", "BuiltIn"}
    assert policy.policy_assignments.get(f"/{scope}", "INT-baseline").policy_definition_id.lower() in sets
    # The GA client has lost exemptions; the resource client reads any id.
    read = opened(ResourceManagementClient, lighthouse, sub).resources.get_by_id(
        exempt, api_version="2026-01-01-preview"
    )
    assert read.properties["policyAssignmentId"].lower() in assigned
    with pytest.raises(ResourceNotFoundError) as no:
        policy.policy_definitions.get("nothing-of-the-kind")
    assert no.value.error.code == "PolicyDefinitionNotFound"


def test_role_assignments_are_the_customers_own_to_see(behind, opened, app, lighthouse, leaver, sub):
    roles = opened(AuthorizationManagementClient, app, sub).role_assignments
    here = behind.ids("arm", f"{AUTH}/roleassignments", below=f"/subscriptions/{sub}/")
    principal = leaver["app"]["service_principal_id"]

    rows = list(roles.list_for_subscription())
    assert lower(rows) == here and len(here) > 3
    some = list(roles.list_for_scope(f"/subscriptions/{sub}", filter=f"principalId eq '{principal}'"))
    assert lower(some) == lower(one for one in rows if one.principal_id == principal) != set()
    assert lower(some) < here
    assert "ForeignGroup" in {one.principal_type for one in rows}
    assert roles.get_by_id(some[0].id).role_definition_id == some[0].role_definition_id
    with pytest.raises(HttpResponseError) as no:
        list(opened(AuthorizationManagementClient, lighthouse, sub).role_assignments.list_for_subscription())
    assert (no.value.status_code, no.value.error.code) == (403, "AuthorizationFailed")


@pytest.mark.parametrize("version", [{}, {"api_version": "2022-10-01"}], ids=["its own version", "2022-10-01"])
def test_delegations_show_their_definitions(behind, opened, lighthouse, alone, sub, version):
    client = opened(ManagedServicesClient, lighthouse, **version)
    scope, kind = f"subscriptions/{sub}", "microsoft.managedservices/registration"

    (link,) = client.registration_assignments.list(scope, expand_registration_definition=True)
    offers = {one.id.lower(): one for one in client.registration_definitions.list(scope)}

    assert {link.id.lower()} == behind.ids("arm", f"{kind}assignments", below=f"/{scope}/")
    assert set(offers) == behind.ids("arm", f"{kind}definitions", below=f"/{scope}/")
    inner, offer = link.properties.registration_definition, offers[link.properties.registration_definition_id.lower()]
    assert inner.properties.managed_by_tenant_id == alone["known"]["msp"]["tenant_id"]
    assert [one.role_definition_id for one in inner.properties.authorizations] == [
        one.role_definition_id for one in offer.properties.authorizations
    ]
    assert client.registration_assignments.get(scope, link.name).id == link.id


def test_resource_graph_pages_by_skip_token_and_tells_its_quota(behind, opened, lighthouse, sub):
    client, quota, found, token = opened(ResourceGraphClient, lighthouse), [], [], None
    while True:
        asked = QueryRequest(
            query="Resources | project id, name, type | order by id asc",
            subscriptions=[sub],
            options=QueryRequestOptions(top=7, skip_token=token, result_format="objectArray"),
        )
        answer = client.resources(asked, raw_response_hook=lambda said: quota.append(dict(said.http_response.headers)))
        found += [one["id"].lower() for one in answer.data]
        token = answer.skip_token
        if not token:
            break

    assert set(found) == resources_of(behind, f"/subscriptions/{sub}/") and len(found) == answer.total_records
    assert len(quota) == -(-len(found) // 7) > 2 and answer.result_truncated == "false"
    assert all(int(one["x-ms-user-quota-remaining"]) >= 0 and one["x-ms-user-quota-resets-after"] for one in quota)
    exempt = QueryRequest(query="policyresources | where type =~ 'microsoft.authorization/policyexemptions'")
    assert {one["id"].lower() for one in client.resources(exempt).data} >= behind.ids("arm", f"{AUTH}/policyexemptions")
    with pytest.raises(HttpResponseError) as no:
        client.resources(QueryRequest(query="nothing | project id", subscriptions=[sub]))
    assert (no.value.status_code, no.value.error.code) == (400, "BadRequest")
