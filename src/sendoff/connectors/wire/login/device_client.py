"""Sign-in of a person with a device code: they type a code in a browser anywhere, and we wait for it.

Page: learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code. Nothing is written to disk: the refresh token
lives in memory, and gives tokens for other audiences and tenants without asking the person again.
"""

import threading
import time
from collections.abc import Callable

from sendoff.connectors.wire.body import text
from sendoff.connectors.wire.client import Answer, Call, Clients, Shape
from sendoff.connectors.wire.login.client import (
    LOGIN_URL,
    PACE,
    Kept,
    Token,
    TokenSource,
    exchanged,
    granted,
    login_wire,
)
from sendoff.model.errors import Denied, Unreachable
from sendoff.model.secret import Secret
from sendoff.ports import Limits

SYSTEM = "login"
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
"""Microsoft's own public client of the Azure CLI, known in every tenant [K]: nothing need be registered to look."""
HOME = "organizations"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
INTERVAL = 5.0
SLOWER = 5.0
"""Seconds that `slow_down` adds to the interval (RFC 8628, section 3.5)."""
ENDED = {
    "expired_token": "nobody typed the code in time; start again",
    "code_expired": "nobody typed the code in time; start again",
    "authorization_declined": "the person at the browser said no",
    "access_denied": "the person at the browser said no",
    "bad_verification_code": "the vendor does not know the code; start again",
}


class Started(Shape):
    """What the vendor answers to the wish to sign in."""

    device_code: str
    user_code: str
    verification_uri: str
    expires_in: int
    interval: float = INTERVAL


class DeviceCode:
    """A person's sign-in; the answer to PersonSignIn. `say(user_code, verification_uri)` tells them what to type.

    They sign in to a public client, or to an app of ours that has a `secret`."""

    def __init__(
        self,
        *,
        say: Callable[[str, str], None],
        clients: Clients,
        limits: Limits,
        client_id: str = AZURE_CLI,
        secret: Secret | None = None,
        tenant: str = HOME,
        login_url: str = LOGIN_URL,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._say, self._client_id, self._tenant, self._wait = say, client_id, tenant, wait
        self._http = login_wire(SYSTEM, login_url, "login|person", clients, limits)
        self._proof = secret
        self._lock = threading.Lock()
        self._again: Secret | None = None

    def tokens(self, audience: str, tenant: str = "") -> TokenSource:
        """Tokens for an audience; the person is asked when the first one is needed, and once."""
        return Kept(lambda: self._asked(f"{audience}/.default", tenant or self._tenant))

    def _asked(self, scope: str, tenant: str) -> Token:
        with self._lock:
            if self._again is None:
                self._again = self._signed_in(scope)
            form = {
                "grant_type": "refresh_token",
                "client_id": self._client_id,
                "refresh_token": self._again.reveal(),
                "scope": f"{scope} offline_access openid profile",
            }
            answer = exchanged(self._http, tenant, self._proven(form), "give a token to a person who signed in")
            if answer.status == 400:
                why = "give a token to a person who signed in: not for this audience or tenant"
                raise Denied(why, system=SYSTEM, code=answer.code)
            token, rotated = granted(answer)
            self._again = rotated or self._again
            return token

    def _signed_in(self, scope: str) -> Secret:
        """Ask for a code, say it, and poll until the person is done; the refresh token."""
        started = self._started(scope)
        self._say(started.user_code, started.verification_uri)
        form = {"grant_type": GRANT, "client_id": self._client_id, "device_code": started.device_code}
        interval, left = started.interval, float(started.expires_in)
        while left > 0:
            self._wait(interval)
            left -= interval
            what = "ask whether the person signed in"
            answer = exchanged(self._http, self._tenant, self._proven(form), what, repeat=False)
            if answer.status == 200:
                return _refresh(answer)
            interval += _slower(answer)
        raise Denied(f"sign in: {ENDED['expired_token']}", system=SYSTEM, code="expired_token")

    def _proven(self, form: dict[str, str]) -> dict[str, str]:
        """An app that has a secret shows it, also where a person signs in to it."""
        return {**form, "client_secret": self._proof.reveal()} if self._proof else form

    def _started(self, scope: str) -> Started:
        form = {"client_id": self._client_id, "scope": f"{scope} offline_access openid profile"}
        path, fine = f"/{self._tenant}/oauth2/v2.0/devicecode", frozenset({200, 400})
        answer = self._http.call(
            Call(method="POST", path=path, what="ask for a device code", pace=PACE, form=form, fine=fine, repeat=True)
        )
        if answer.status == 400:
            raise Denied("ask for a device code: the app or tenant is not known", system=SYSTEM, code=answer.code)
        return answer.shaped(Started)


def _refresh(answer: Answer) -> Secret:
    _, again = granted(answer)
    if again is None:
        raise Unreachable("sign in: no refresh token came with the sign-in", system=SYSTEM)
    return again


def _slower(answer: Answer) -> float:
    """How much longer to wait between two questions; Denied when there is nothing to wait for."""
    error = text(answer.object(), "error")
    if error == "authorization_pending":
        return 0.0
    if error == "slow_down":
        return SLOWER
    raise Denied(f"sign in: {ENDED.get(error, 'the vendor refuses')}", system=SYSTEM, code=answer.code)
