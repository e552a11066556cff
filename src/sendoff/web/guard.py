"""What every request passes first: the right host, the right origin, not too large; and the headers of every answer."""

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 25 * 2**20
"""Bytes of a request: evidence of one decision, all files together."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class TooLarge(Exception):
    """A request with more bytes than anybody needs."""


class Guard:
    """The outermost middleware. `hosts` are the names by which this server may be called: a page elsewhere whose name
    was pointed here (DNS rebinding) is not among them."""

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str]) -> None:
        self._app, self._hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through, or answer with the reason."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        no = self._refused(str(scope["method"]), Headers(scope=scope))
        answering = _with_headers(send, str(scope["path"]))
        if no is not None:
            await no(scope, receive, answering)
            return
        try:
            await self._app(scope, _counted(receive), answering)
        except TooLarge:
            await _answer(413, "too large: 25 MiB are enough for the evidence of one decision")(
                scope, receive, answering
            )

    def _refused(self, method: str, headers: Headers) -> PlainTextResponse | None:
        host = headers.get("host", "")
        if host.rpartition(":")[0].strip("[]") not in self._hosts and host.strip("[]") not in self._hosts:
            return _answer(421, "this server is called by another name")
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST:
            return _answer(413, "too large: 25 MiB are enough for the evidence of one decision")
        if method not in SAFE and not _same_origin(headers, host):
            return _answer(403, "this came from another place than our own pages; nothing was done")
        return None


def _same_origin(headers: Headers, host: str) -> bool:
    """True when the browser says that our own page sent this. Where it says nothing, nobody did."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site != "same-origin":
        return False
    if origin is not None:
        return origin in (f"http://{host}", f"https://{host}")
    return site == "same-origin"


def _answer(status: int, words: str) -> PlainTextResponse:
    return PlainTextResponse(words, status_code=status)


def _counted(receive: Receive) -> Receive:
    """The request, as long as it is not too large: a body may come without saying how long it is."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > LARGEST:
            raise TooLarge
        return message

    return counted


def _with_headers(send: Send, path: str) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-cache" if path.startswith("/static/") else "no-store")
        await send(message)

    return sent
