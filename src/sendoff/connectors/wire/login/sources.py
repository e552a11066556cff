"""From a key of ours to whoever signs with it."""

from sendoff.connectors.wire.client import Clients
from sendoff.connectors.wire.login.client import ClientCredentials, Tokens, TokenSource
from sendoff.connectors.wire.login.identity_client import Identity, IdentityTokens
from sendoff.ports import Limits

AppKey = ClientCredentials | Identity
"""An app of ours as one tenant knows it: by its secret, or by what a machine or certificate proves."""


def source_of(
    who: AppKey, *, system: str, audience: str, login_url: str, clients: Clients, limits: Limits, bucket: str
) -> TokenSource:
    """Tokens for one app and one audience, asked for when the first is needed."""
    if isinstance(who, Identity):
        return IdentityTokens(
            system=system, who=who, audience=audience, login_url=login_url, limits=limits, bucket=bucket
        )
    return Tokens(
        system=system,
        who=who,
        audience=audience,
        login_url=login_url,
        clients=clients,
        limits=limits,
        bucket=bucket,
    )
