"""The sandbox behind an HTTP client without a socket: requests are turned over, counted, and cut short on demand."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

import httpx2

from sendoff.sandbox.sandbox import Sandbox
from sendoff.sandbox.wire import Request

HOSTS = {
    "login.microsoftonline.com": "login",
    "management.azure.com": "arm",
    "graph.microsoft.com": "graph",
    "prtg.intercept.example": "prtg",
    "prtg.intercept.example:1616": "prtg-v2",
    "vault.intercept.example": "passwordstate",
    "api.partnercenter.microsoft.com": "partner-center",
    "intercept.topdesk.example": "topdesk",
    "reassure.intercept.example": "reassure",
    "api.github.com": "github",
    "control.sandbox.example": "control",
}


class PowerCut(BaseException):
    """The process died; nothing may catch it but the test."""


@dataclass
class InProcess(httpx2.BaseTransport):
    """A transport to a sandbox. `cut_after` n: the n-th call still reaches the vendor, then the process dies."""

    sandbox: Sandbox
    cut_after: int = 0
    seen: list[httpx2.Request] = field(default_factory=list)
    answered: list[tuple[httpx2.Request, httpx2.Response]] = field(default_factory=list)
    edit: Callable[[httpx2.Request, bytes], bytes] | None = None
    """Changes what comes back, such as an index that lags behind."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Ask the vendor that answers at the request's host."""
        with self._lock:
            self.seen.append(request)
            count = len(self.seen)
        answer = self.sandbox.answer(HOSTS[request.url.netloc.decode()], turned(request))
        if self.cut_after and count >= self.cut_after:
            raise PowerCut(f"after call {count}")
        if answer.status == 0:
            raise httpx2.ReadTimeout("no answer", request=request)
        body = self.edit(request, answer.body) if self.edit else answer.body
        response = httpx2.Response(answer.status, headers=dict(answer.headers), content=body, request=request)
        self.answered.append((request, response))
        return response

    def calls(self, method: str, part: str) -> int:
        """How many calls of a method had this in their path."""
        return sum(1 for one in self.seen if one.method == method and part.lower() in one.url.path.lower())


def turned(request: httpx2.Request) -> Request:
    """An HTTP request as the sandbox reads it."""
    path, _, query = request.url.raw_path.decode().partition("?")
    return Request(
        method=request.method,
        path=unquote(path),
        query=tuple(parse_qsl(query, keep_blank_values=True)),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.read(),
        base=f"{request.url.scheme}://{request.url.host}",
        line=threading.current_thread().name,
    )
