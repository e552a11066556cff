"""Sign-in with what a machine or a certificate proves, through Microsoft's own azure-identity (the extra `azure`).

Page: learn.microsoft.com/python/api/overview/azure/identity-readme. A certificate, a managed identity and a workload
identity leave no secret to be copied. The library opens its own connections, and obeys REQUESTS_CA_BUNDLE and
HTTPS_PROXY.
"""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from sendoff.connectors.wire.login.client import LOGIN_URL, PACE, Kept, Token
from sendoff.model.errors import BadInput, Denied, Unreachable
from sendoff.model.secret import Secret
from sendoff.ports import Limits

CODE = re.compile(r"AADSTS\d{1,10}", re.A)


class Way(StrEnum):
    """How an identity proves that it is the one."""

    CERTIFICATE = "certificate"
    MANAGED = "managed-identity"
    """The virtual machine or container that this program runs on, as Azure knows it."""
    WORKLOAD = "workload-identity"
    """A token that the cluster or pipeline around this program writes to a file (federated credential)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An app registration or managed identity as seen from one tenant. `client_id` may be empty for the machine's own
    managed identity. A certificate is a PEM or PFX file with its private key."""

    tenant: str
    client_id: str
    way: Way
    certificate: Path | None = None
    password: Secret | None = None


class Granted(Protocol):
    """What the library answers."""

    @property
    def token(self) -> str:
        """The token itself."""

    @property
    def expires_on(self) -> int:
        """Seconds since 1970."""


class Credential(Protocol):
    """What the library's credentials have in common."""

    def get_token(self, *scopes: str) -> Granted:
        """A token for these scopes."""


class IdentityTokens(Kept):
    """Tokens for one identity and one audience. Denied when the identity is not taken or not there, BadInput when the
    extra is not installed or the certificate cannot be read."""

    def __init__(
        self,
        *,
        system: str,
        who: Identity,
        audience: str,
        login_url: str,
        limits: Limits,
        bucket: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(self._asked)
        self._system, self._who, self._audience, self._login_url = system, who, audience, login_url
        self._limits, self._bucket, self._now = limits, bucket, now
        self._credential: Credential | None = None

    def _asked(self) -> Token:
        if self._credential is None:
            self._credential = credential(self._who, self._login_url)
        from azure.core.exceptions import AzureError, ClientAuthenticationError
        from azure.identity import CredentialUnavailableError

        what = f"sign in by {self._who.way}"
        self._limits.take(f"{self._bucket}|{PACE.kind}", rate=PACE.rate, burst=PACE.burst)
        try:
            granted = self._credential.get_token(f"{self._audience}/.default")
        except CredentialUnavailableError:
            why, code = f"{what}: this machine has none", "NotThere"
        except ClientAuthenticationError as refused:
            why, code = f"{what}: it is not taken there", entra_code(str(refused))
            if not code and refused.response is None:
                # The library calls it a refusal as well when the sign-in host could not be reached.
                raise Unreachable(f"{what}: no usable answer", system=self._system, code="NoAnswer") from None
        except AzureError as failed:
            raise Unreachable(f"{what}: no usable answer", system=self._system, code=type(failed).__name__) from None
        else:
            return Token(value=Secret(granted.token), seconds=granted.expires_on - self._now())
        raise Denied(why, system=self._system, code=code)


def credential(who: Identity, login_url: str) -> Credential:
    """The library's credential for an identity."""
    try:
        import azure.identity as library
    except ImportError:
        raise BadInput("it needs the extra: pip install 'sendoff[azure]'", where=str(who.way)) from None
    for name in ("azure", "msal"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # Only Microsoft's own host is looked up there; that of another cloud or of a rehearsal is taken as said.
    alone = login_url != LOGIN_URL
    if who.way is Way.MANAGED:
        return library.ManagedIdentityCredential(client_id=who.client_id or None)
    try:
        if who.way is Way.WORKLOAD:
            return library.WorkloadIdentityCredential(
                tenant_id=who.tenant, client_id=who.client_id, authority=login_url, disable_instance_discovery=alone
            )
        return library.CertificateCredential(
            who.tenant,
            who.client_id,
            str(who.certificate),
            password=who.password.reveal() if who.password else None,
            authority=login_url,
            disable_instance_discovery=alone,
        )
    except (ValueError, OSError, TypeError):
        said = f"cannot use {who.certificate}: it is no PEM or PFX with a private key that its password opens"
        no_file = "the variable AZURE_FEDERATED_TOKEN_FILE does not say where the cluster or pipeline writes its token"
        raise BadInput(no_file if who.way is Way.WORKLOAD else said, where=str(who.way)) from None


def entra_code(said: str) -> str:
    """`AADSTS700027` out of the vendor's words, which are shown nowhere else: they may hold anything. Empty when there
    is none."""
    found = CODE.search(said)
    return found.group() if found else ""
