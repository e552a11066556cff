"""Microsoft's own ARM clients and their keys into the sandbox, for the witnesses."""

# mypy: ignore-errors
import pytest
from azure.identity import ClientSecretCredential
from azure.mgmt.resourcegraph import ResourceGraphClient

SCOPE = ["https://management.azure.com/.default"]
NOT_LISTED = ("microsoft.authorization", "microsoft.managedservices", "microsoft.consumption", "microsoft.security")
"""Namespaces whose things lie upon a scope: the vendor's list of resources does not hold them."""


def signed_in(alone, tenant, app, **more):
    return ClientSecretCredential(
        tenant,
        app["client_id"],
        more.pop("secret", app["client_secret"]),
        authority=alone["urls"]["login"],
        disable_instance_discovery=True,
        **{"connection_verify": alone["ca"], **more},
    )


@pytest.fixture(scope="module")
def leaver(alone):
    return alone["known"]["customers"]["vandermeer"]


@pytest.fixture(scope="module")
def sub(leaver):
    return leaver["subscriptions"][0]["id"]


@pytest.fixture(scope="module")
def lighthouse(alone):
    msp = alone["known"]["msp"]
    return signed_in(alone, msp["tenant_id"], msp["lighthouse"])


@pytest.fixture(scope="module")
def app(alone, leaver):
    return signed_in(alone, leaver["tenant_id"], leaver["app"])


@pytest.fixture(scope="module")
def opened(alone):
    """Any of the clients, at the sandbox."""

    def make(kind, *who, **more):
        polling = {} if kind is ResourceGraphClient else {"polling_interval": 0}
        at = {"base_url": alone["urls"]["arm"], "connection_verify": alone["ca"], "credential_scopes": SCOPE}
        return kind(*who, **at, **polling, **more)

    return make


def lower(rows):
    """The ids of rows, in lower case."""
    return {one.id.lower() for one in rows}


def listed(ident):
    """Whether a list of resources holds it: no group, nothing that lies upon another thing, no Windows service."""
    _, _, inner = ident.rpartition("/providers/")
    extension = inner.startswith(NOT_LISTED) or "/diagnosticsettings/" in f"/{inner}" or "/services/" in inner
    return "/providers/" in ident and not extension


def resources_of(behind, scope):
    """What a list of resources must hold below a scope, by the sandbox's books."""
    return {one for one in behind.ids("arm", below=scope) if listed(one)}
