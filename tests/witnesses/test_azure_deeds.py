"""Microsoft's own ARM clients, unmodified: what they change, what refuses them, and how they wait."""

# mypy: ignore-errors
# ruff: noqa: E402
import warnings

warnings.simplefilter("ignore")

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure.core.pipeline.transport import RequestsTransport
from azure.mgmt.managedservices import ManagedServicesClient
from azure.mgmt.resource.locks import ManagementLockClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.subscriptions import SubscriptionClient

from witnesses.azure_keys import resources_of

AUTH = "microsoft.authorization"


def test_a_long_delete_is_polled_to_its_end(behind, opened, app, leaver):
    sub = leaver["subscriptions"][1]["id"]
    client = opened(ResourceManagementClient, app, sub)
    scope = f"/subscriptions/{sub}/resourcegroups/rg-web"
    assert behind.ids("arm", below=f"{scope}/")

    with behind.trouble(do="slow-delete", vendor="arm", method="DELETE", polls=3):
        poller = client.resource_groups.begin_delete("rg-web")
        poller.wait()

    assert poller.status() == "Succeeded" and not behind.ids("arm", below=scope)
    with pytest.raises(ResourceNotFoundError) as no:
        client.resource_groups.get("rg-web")
    assert no.value.error.code == "ResourceGroupNotFound"


def test_a_long_delete_that_fails_says_so(behind, opened, lighthouse, sub):
    client = opened(ResourceManagementClient, lighthouse, sub)
    (ident,) = [one for one in resources_of(behind, f"/subscriptions/{sub}/") if "/virtualnetworks/" in one]

    with behind.trouble(do="fail-delete", vendor="arm", method="DELETE"), pytest.raises(HttpResponseError) as no:
        client.resources.begin_delete_by_id(ident, api_version="2025-01-01").result()

    assert no.value.error.code == "Conflict" and ident in behind.ids("arm")


def test_refusals_are_the_clients_own_errors(alone, behind, opened, app, lighthouse, leaver, sub):
    mine = opened(ResourceManagementClient, app, sub).resources
    held = f"/subscriptions/{sub}/resourceGroups/rg-data/providers/Microsoft.Compute/disks/disk-vdm-copied-tags"
    gone = held.replace("disk-vdm-copied-tags", "none")
    stays = alone["known"]["customers"]["meerzicht"]["subscriptions"][0]["id"]

    for kind, status, code, call in (
        (ResourceExistsError, 409, "ScopeLocked", lambda: mine.begin_delete_by_id(held, api_version="2025-01-02")),
        (ResourceNotFoundError, 404, "ResourceNotFound", lambda: mine.get_by_id(gone, api_version="2025-01-02")),
        (
            HttpResponseError,
            403,
            "AuthorizationFailed",
            lambda: opened(ManagementLockClient, lighthouse, sub).management_locks.delete_at_resource_group_level(
                "rg-data", "do-not-delete"
            ),
        ),
        (
            ClientAuthenticationError,
            401,
            "InvalidAuthenticationTokenTenant",
            lambda: list(opened(ResourceManagementClient, app, stays).resources.list()),
        ),
    ):
        with pytest.raises(kind) as no:
            call()
        assert (no.value.status_code, no.value.error.code) == (status, code)
    assert held.lower() in behind.ids("arm") and behind.ids(
        "arm", f"{AUTH}/locks", below=held.lower().split("/providers")[0]
    )


def test_a_token_that_nobody_gave_is_refused(opened, sub):
    class Forged:
        def get_token(self, *_, **__):
            return AccessToken("not.a.token", 4102444800)

    with pytest.raises(ClientAuthenticationError) as no:
        list(opened(SubscriptionClient, Forged()).subscriptions.list())

    assert (no.value.status_code, no.value.error.code) == (401, "InvalidAuthenticationToken")


class Patient(RequestsTransport):
    """The client's own transport, whose waits are written down rather than waited."""

    def __init__(self, **more):
        super().__init__(**more)
        self.waits = []

    def sleep(self, duration):
        self.waits.append(duration)


def test_a_throttled_call_waits_as_long_as_it_was_told(behind, opened, lighthouse, alone, sub):
    transport = Patient(connection_verify=alone["ca"])
    client = opened(ResourceManagementClient, lighthouse, sub, transport=transport)
    before = len(behind.record("/resourcegroups"))

    with behind.trouble(do="throttle", vendor="arm", path="/resourcegroups$", seconds=17, times=2):
        assert list(client.resource_groups.list())

    assert behind.record("/resourcegroups")[before:] == [429, 429, 200]
    assert transport.waits == [17, 17]
    always = behind.trouble(do="throttle", vendor="arm", path="/resourcegroups$", seconds=17)
    with always, pytest.raises(HttpResponseError) as no:
        list(client.resource_groups.list())
    assert (no.value.status_code, no.value.error.code) == (429, "TooManyRequests")


def test_a_delegation_ends_and_the_key_is_shut_out(behind, opened, lighthouse, leaver):
    sub = leaver["subscriptions"][1]["id"]
    client = opened(ManagedServicesClient, lighthouse, api_version="2022-10-01")
    (link,) = client.registration_assignments.list(f"subscriptions/{sub}")

    client.registration_assignments.begin_delete(f"subscriptions/{sub}", link.name).result()

    assert link.id.lower() not in behind.ids("arm")
    assert sub not in [one.subscription_id for one in opened(SubscriptionClient, lighthouse).subscriptions.list()]
    with pytest.raises(HttpResponseError) as no:
        opened(SubscriptionClient, lighthouse).subscriptions.get(sub)
    assert (no.value.status_code, no.value.error.code) == (403, "AuthorizationFailed")
