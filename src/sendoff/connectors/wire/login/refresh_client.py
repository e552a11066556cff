"""Sign-in with a refresh token: an app together with a person (secure application model).

Page: learn.microsoft.com/partner-center/developer/enable-secure-app-model, and the token endpoint's `refresh_token`
grant. The person signed in once with MFA, and the token carries that claim on; without it Partner Center refuses.
"""

from dataclasses import dataclass

from sendoff.connectors.wire.client import Clients
from sendoff.connectors.wire.login.client import Kept, Token, exchanged, granted, login_wire
from sendoff.model.errors import Denied
from sendoff.model.secret import Secret
from sendoff.ports import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshGrant:
    """An app registration, and the refresh token of the person who consented to it."""

    tenant: str
    client_id: str
    secret: Secret
    refresh_token: Secret


class RefreshTokens(Kept):
    """Tokens for one app with one person and one scope. A rotated refresh token is kept in memory, never shown."""

    def __init__(
        self,
        *,
        system: str,
        who: RefreshGrant,
        scope: str,
        login_url: str,
        clients: Clients,
        limits: Limits,
        bucket: str,
    ) -> None:
        super().__init__(self._asked)
        self._who, self._scope, self._again = who, scope, who.refresh_token
        self._http = login_wire(system, login_url, bucket, clients, limits)

    def _asked(self) -> Token:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._who.client_id,
            "client_secret": self._who.secret.reveal(),
            "refresh_token": self._again.reveal(),
            "scope": self._scope,
        }
        answer = exchanged(self._http, self._who.tenant, form, "sign in with a refresh token")
        if answer.status == 400:
            raise Denied(
                "sign in with a refresh token: it does not hold any more; the person who gave consent signs in again, "
                "with MFA, and the new one is put in its place",
                system=self._http.system,
                code=answer.code,
            )
        token, rotated = granted(answer)
        self._again = rotated or self._again
        return token
