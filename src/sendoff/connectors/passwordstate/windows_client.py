"""Sign-in with a Windows account: NTLM on one connection, as IIS asks for it before it lets /winapi/ answer.

Pages: clickstudios.com.au/docs/apis/windows-integrated-api; MS-NTHT (the header); RFC 5929 (the channel that is named).
IIS signs a connection in, not a call: what follows on the same connection needs no message more. The library is loaded
when the first handshake begins.
"""

import base64
import struct
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx2

from sendoff.connectors.passwordstate.words import vault_code
from sendoff.model.errors import Denied
from sendoff.model.secret import Secret

if TYPE_CHECKING:
    from spnego.channel_bindings import GssChannelBindings

REFUSED = "AccountRefused"
PAUSE = 900.0
"""Seconds without another try after a refusal: a domain locks an account after a few of them."""
TURN = 20.0
"""Seconds to wait for the handshake of another thread."""
SCHEMES = ("NTLM", "Negotiate")
"""What IIS may offer, in the order of our choice; under Negotiate the same messages are taken [K]."""
STREAM = "network_stream"
"""Where the HTTP library names the connection of an answer."""
Flow = Generator[httpx2.Request, httpx2.Response, None]


class WindowsAccount(httpx2.Auth):
    """One account, DOMAIN\\user, and its password. One handshake at a time, so that a wrong password is tried once."""

    requires_response_body = True

    def __init__(self, name: str, password: Secret, *, now: Callable[[], float] = time.monotonic) -> None:
        self.name, self._password, self._now = name, password, now
        self._refused_until = float("-inf")
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"WindowsAccount({self.name!r})"

    def auth_flow(self, request: httpx2.Request) -> Flow:
        """The call as it is; a handshake when the connection is nobody's yet. Denied when Windows says no."""
        self._may()
        response = yield request
        scheme = _scheme(response)
        if response.status_code != 401 or not scheme or vault_code(response.content):
            return
        with self._alone():
            self._may()
            yield from self._shaken(request, response, scheme)

    def _shaken(self, request: httpx2.Request, response: httpx2.Response, scheme: str) -> Flow:
        import spnego

        hand = spnego.client(
            self.name,
            self._password.reveal(),
            hostname=request.url.host,
            service="HTTP",
            channel_bindings=_channel(response),
            protocol="ntlm",
            options=spnego.NegotiateOptions.use_ntlm,
        )
        asked = yield _with(request, scheme, hand.step())
        token = _token(asked, scheme)
        if token is None:
            raise httpx2.RemoteProtocolError("no challenge came", request=request)
        try:
            proof = hand.step(token)
        except (spnego.exceptions.SpnegoError, ValueError, struct.error):
            proof = None
        if proof is None:
            raise httpx2.RemoteProtocolError("the challenge is none of NTLM", request=request)
        last = yield _with(request, scheme, proof)
        del request.headers["Authorization"]
        self._judged(asked, last)

    def _judged(self, asked: httpx2.Response, last: httpx2.Response) -> None:
        """A no counts only on the connection that asked: another one knows nothing of this handshake."""
        if last.status_code != 401 or vault_code(last.content):
            return
        if asked.extensions.get(STREAM) is not last.extensions.get(STREAM):
            raise httpx2.RemoteProtocolError("the connection closed during sign-in", request=last.request)
        self._refused_until = self._now() + PAUSE
        self._may()

    def _may(self) -> None:
        if self._now() < self._refused_until:
            raise Denied(
                f"Windows refuses {self.name}: its password is wrong, or it is locked or disabled; not tried again for "
                f"{PAUSE / 60:.0f} minutes, so that the domain does not lock it",
                system="passwordstate",
                code=REFUSED,
            )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=TURN):
            raise httpx2.PoolTimeout("another sign-in of this account does not end")
        try:
            yield
        finally:
            self._lock.release()


def _with(request: httpx2.Request, scheme: str, token: bytes | None) -> httpx2.Request:
    request.headers["Authorization"] = f"{scheme} {base64.b64encode(token or b'').decode()}"
    return request


def _offers(response: httpx2.Response) -> list[str]:
    return [one.strip() for one in response.headers.get_list("www-authenticate", split_commas=True)]


def _scheme(response: httpx2.Response) -> str:
    offered = {one.partition(" ")[0].lower() for one in _offers(response)}
    return next((one for one in SCHEMES if one.lower() in offered), "")


def _token(response: httpx2.Response, scheme: str) -> bytes | None:
    found = [one.partition(" ")[2] for one in _offers(response) if one.lower().startswith(f"{scheme.lower()} ")]
    try:
        return base64.b64decode(found[0].strip(), validate=True) if found and response.status_code == 401 else None
    except ValueError:  # not base64, or not even ASCII
        return None


def _channel(response: httpx2.Response) -> "GssChannelBindings | None":
    """The channel by the certificate that we see, so that nobody in between can pass the proof on; None without TLS."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from spnego.channel_bindings import GssChannelBindings

    stream = response.extensions.get(STREAM)
    wire = stream.get_extra_info("ssl_object") if stream is not None else None
    shown = wire.getpeercert(True) if wire is not None else None
    if not shown:
        return None
    named = x509.load_der_x509_certificate(shown).signature_hash_algorithm
    weak = named is None or named.name in ("md5", "sha1")
    made = hashes.Hash(hashes.SHA256() if weak or named is None else named)
    made.update(shown)
    return GssChannelBindings(application_data=b"tls-server-end-point:" + made.finalize())
