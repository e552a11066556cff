"""Sign-in with client credentials: POST {login}/{tenant}/oauth2/v2.0/token, the token kept in memory only.

Here too is what all sign-ins share: the port that connectors ask for a signature, the token kept until shortly before
its end, and the claims of a token for people to read.
"""

import base64
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from sendoff.connectors.wire.body import dig, parsed, text
from sendoff.connectors.wire.client import Answer, Call, Clients, Http, Pace, Shape, Sign
from sendoff.model.errors import Confusing, Denied
from sendoff.model.secret import Secret
from sendoff.ports import Limits

LOGIN_URL = "https://login.microsoftonline.com"
MARGIN = 300.0
"""Seconds before its end at which a token counts as ended."""
PACE = Pace(kind="tokens", rate=10, burst=50)
ISSUER = "https://sts.windows.net/"
"""What stands before the home tenant in the claim `idp` of a guest."""


class TokenSource(Protocol):
    """Whoever signs calls for one audience in one tenant: an app with its key, or a person who signed in."""

    def sign(self) -> Sign:
        """The bearer header; signs in when there is no token that still holds."""

    def fresh(self) -> None:
        """Forget the token and sign in anew. Denied when that is not possible any more."""


class PersonSignIn(Protocol):
    """A person who signed in, and whom every audience and tenant they may enter gives tokens to."""

    def tokens(self, audience: str, tenant: str = "") -> TokenSource:
        """Tokens for an audience, such as https://management.azure.com, in a tenant; in their own when none is said."""


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
    refresh_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token, and for how many seconds from now it holds."""

    value: Secret
    seconds: float


class Kept:
    """One token, asked for when it is needed and kept until shortly before its end; the answer to TokenSource."""

    def __init__(self, ask: Callable[[], Token]) -> None:
        self._ask, self._lock = ask, threading.Lock()
        self._token: Secret | None = None
        self._until = 0.0

    def fresh(self) -> None:
        """Sign in anew. Denied when who asks is not known there any more."""
        with self._lock:
            self._renew()

    def sign(self) -> Sign:
        """The bearer header."""
        with self._lock:
            token = self._token if self._token and time.monotonic() < self._until else self._renew()
            return Sign(headers={"Authorization": f"Bearer {token.reveal()}"})

    def _renew(self) -> Secret:
        self._token = None
        token = self._ask()
        self._token, self._until = token.value, time.monotonic() + token.seconds - MARGIN
        return self._token


class Tokens(Kept):
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
        super().__init__(self._asked)
        self._who, self._audience = who, audience
        self._http = login_wire(system, login_url, bucket, clients, limits)

    def _asked(self) -> Token:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._who.client_id,
            "scope": f"{self._audience}/.default",
            "client_secret": self._who.secret.reveal(),
        }
        answer = exchanged(self._http, self._who.tenant, form, "sign in")
        if answer.status == 400:
            raise Denied("sign in: the app is not known there", system=self._http.system, code=answer.code)
        return granted(answer)[0]


def login_wire(system: str, url: str, bucket: str, clients: Clients, limits: Limits) -> Http:
    """The wire to the sign-in host, unsigned."""
    return Http(system=system, base=url, bucket=bucket, clients=clients, limits=limits, sign=Sign, code=login_code)


def exchanged(http: Http, tenant: str, form: Mapping[str, str], what: str, *, repeat: bool = True) -> Answer:
    """POST the token endpoint of a tenant: 200 with a grant, or 400 with the reason why not."""
    path = f"/{tenant}/oauth2/v2.0/token"
    fine = frozenset({200, 400})
    return http.call(Call(method="POST", path=path, what=what, pace=PACE, form=form, fine=fine, repeat=repeat))


def granted(answer: Answer) -> tuple[Token, Secret | None]:
    """The token of a grant, and the refresh token when one came with it."""
    found = answer.shaped(Granted)
    again = Secret(found.refresh_token) if found.refresh_token else None
    return Token(value=Secret(found.access_token), seconds=found.expires_in), again


def login_code(body: bytes) -> str:
    """`invalid_client AADSTS7000215` out of the sign-in page's error body."""
    value = parsed(body)
    codes = dig(value, "error_codes")
    number = f" AADSTS{codes[0]}" if isinstance(codes, list) and codes else ""
    return text(value, "error")[:80] + number


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token says about who holds it, read without checking its signature: for people to see, never to decide.

    `tenant` is the tenant that it opens, `home` the one that the person comes from; `name` is the sign-in name.
    """

    tenant: str
    home: str
    name: str
    object_id: str
    app: str
    expires: int
    """Seconds since 1970; 0 when the token does not say."""


def claims(source: TokenSource, *, system: str = "login") -> Claims:
    """The claims of the token that a source signs with. Confusing when it is not a JWT."""
    token = source.sign().headers.get("Authorization", "").removeprefix("Bearer ")
    told = parsed(_decoded(token.split(".")[1])) if token.count(".") == 2 else None
    if not isinstance(told, dict):
        raise Confusing("read the token: it does not say whose it is", system=system)
    tenant, issuer = text(told, "tid"), text(told, "idp")
    expires = told.get("exp")
    return Claims(
        tenant=tenant,
        home=issuer.removeprefix(ISSUER).strip("/") if issuer.startswith(ISSUER) else tenant,
        name=text(told, "upn") or text(told, "preferred_username") or text(told, "unique_name"),
        object_id=text(told, "oid"),
        app=text(told, "appid") or text(told, "azp"),
        expires=expires if isinstance(expires, int) else 0,
    )


def _decoded(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        return b""
