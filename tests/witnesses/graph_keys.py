"""Microsoft's own Graph client and its key into the sandbox, for the witnesses."""

# mypy: ignore-errors
import asyncio
import ssl

import httpx
import pytest
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph_core import GraphClientFactory, PageIterator

from witnesses.azure_keys import signed_in

SCOPE = ["https://graph.microsoft.com/.default"]


@pytest.fixture(scope="module")
def done():
    """Runs what the client promises, on one loop for a file."""
    with asyncio.Runner() as runner:
        yield runner.run


def client(alone, tenant, app):
    """The client as its page says to make it, at the sandbox's address and with the sandbox's authority."""
    tls = ssl.create_default_context(cafile=alone["ca"])
    sent = GraphClientFactory.create_with_default_middleware(client=httpx.AsyncClient(verify=tls))
    key = signed_in(alone, tenant, app)
    adapter = GraphRequestAdapter(AzureIdentityAuthenticationProvider(key, scopes=SCOPE), client=sent)
    adapter.base_url = alone["urls"]["graph"] + "/v1.0"
    return GraphServiceClient(request_adapter=adapter)


@pytest.fixture(scope="module")
def directory(alone, leaver):
    """The customer's directory, by our app in it."""
    return client(alone, leaver["tenant_id"], leaver["app"])


@pytest.fixture(scope="module")
def house(alone):
    """Our own directory, by the app that only sends mail."""
    return client(alone, alone["known"]["msp"]["tenant_id"], alone["known"]["msp"]["house"])


async def every(client, asked):
    """All rows of a list, through the client's own iterator over pages."""
    found = []
    await PageIterator(await asked, client.request_adapter).iterate(lambda one: found.append(one) or True)
    return found
