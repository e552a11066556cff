"""Sign-in with client credentials: POST {login}/{tenant}/oauth2/v2.0/token, the token kept in memory only."""

import threading
import time
from dataclasses import dataclass

from sendoff.connectors.wire.body import dig, parsed, text
from sendoff.connectors.wire.client import Call, Clients, Http, Pace, Shape, Sign
from sendoff.model.errors import Denied
from sendoff.model.secret import Secret
from sendoff.ports import Limits

LOGIN_URL = "https://login.microsoftonline.com"
MARGIN = 300.0
"""Seconds before its end at which a token counts as ended."""
PACE = Pace(kind="tokens", rate=10, burst=50)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """An app registration as seen from one tenant, and its secret."""

    tenant: str
    client_id: str
    secret: Secret


class Granted(Shape):
    """The token endpoint's answer."""

    access_token: str
    expires_in: int


class Tokens:
    """Tokens for one app and one audience; `fresh` forgets the one it has."""

    def __init__(
        self,
        *,
        system: str,
        who: ClientCredentials,
        audience: str,
        login_url: str,
        clients: Clients,
        limits: Limits,
        bucket: str,
    ) -> None:
        self._who, self._audience = who, audience
        self._http = Http(
            system=system, base=login_url, bucket=bucket, clients=clients, limits=limits, sign=Sign, code=login_code
        )
        self._lock = threading.Lock()
        self._token: Secret | None = None
        self._until = 0.0

    def fresh(self) -> None:
        """Sign in anew. Denied when the app, its secret or its tenant is not known there any more."""
        with self._lock:
            self._renew()

    def sign(self) -> Sign:
        """The bearer header."""
        with self._lock:
            token = self._token if self._token and time.monotonic() < self._until else self._renew()
            return Sign(headers={"Authorization": f"Bearer {token.reveal()}"})

    def _renew(self) -> Secret:
        self._token = None
        form = {
            "grant_type": "client_credentials",
            "client_id": self._who.client_id,
            "scope": f"{self._audience}/.default",
            "client_secret": self._who.secret.reveal(),
        }
        answer = self._http.call(
            Call(
                method="POST",
                path=f"/{self._who.tenant}/oauth2/v2.0/token",
                what="sign in",
                pace=PACE,
                form=form,
                fine=frozenset({200, 400}),
                repeat=True,
            )
        )
        if answer.status == 400:
            raise Denied("sign in: the app is not known there", system=self._http.system, code=answer.code)
        granted = answer.shaped(Granted)
        self._token, self._until = Secret(granted.access_token), time.monotonic() + granted.expires_in - MARGIN
        return self._token


def login_code(body: bytes) -> str:
    """`invalid_client AADSTS7000215` out of the sign-in page's error body."""
    value = parsed(body)
    codes = dig(value, "error_codes")
    number = f" AADSTS{codes[0]}" if isinstance(codes, list) and codes else ""
    return text(value, "error")[:80] + number
