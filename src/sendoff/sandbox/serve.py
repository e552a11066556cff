"""The sandbox behind loopback ports: TLS with its own CA, one port a vendor, HTTP/1.1 with keep-alive."""

import hashlib
import json
import os
import signal
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import trustme

from sendoff.sandbox.imap import Mailroom
from sendoff.sandbox.sandbox import VENDORS, Sandbox
from sendoff.sandbox.seed import NOBODY
from sendoff.sandbox.seed_crowd import Crowd
from sendoff.sandbox.smtp import Post
from sendoff.sandbox.wire import Json, Obj, Request, Response

REASONS = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 302: "Found"}


class Shown(ssl.SSLContext):
    """A server context that knows the hash of the certificate that it shows (RFC 5929: tls-server-end-point)."""

    binding: bytes = b""


class Port(ThreadingHTTPServer):
    """One vendor's port; the TLS handshake happens in the connection's own thread."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, sandbox: Sandbox, vendor: str, context: Shown) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.sandbox, self.vendor, self.context = sandbox, vendor, context
        self.base = f"https://127.0.0.1:{self.server_address[1]}"

    def get_request(self) -> tuple[socket.socket, object]:
        """Accept, switch Nagle off, and wrap in TLS without shaking hands yet."""
        plain, address = super().get_request()
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.settimeout(120)
        wrapped = self.context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        return wrapped, address

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no news."""


class Handler(BaseHTTPRequestHandler):
    """Turns HTTP into Request and Response into HTTP, in one write."""

    protocol_version = "HTTP/1.1"
    server: Port

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        if len(body) < length:
            # Whoever asked went away in the middle of it: half a request is none.
            self.close_connection = True
            return
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(parts.path),
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            headers={key.lower(): value for key, value in self.headers.items()},
            body=body,
            base=self.server.base,
            line="{}:{}".format(*self.client_address),
            binding=self.server.context.binding,
        )
        self._write(self.server.sandbox.answer(self.server.vendor, request))

    def _write(self, response: Response) -> None:
        if response.status == 0:
            self.close_connection = True
            return
        self.close_connection = self.close_connection or response.headers.get("Connection") == "close"
        lines = [f"HTTP/1.1 {response.status} {REASONS.get(response.status, 'Status')}"]
        lines += [f"{key}: {value}" for key, value in response.headers.items() if not key.startswith("x-sandbox")]
        body = b"" if self.command == "HEAD" else response.body
        if response.status != 204:
            lines.append(f"Content-Length: {len(body)}")
        lines.append(f"Date: {self.date_time_string()}")
        self.wfile.write("\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body)
        self.wfile.flush()

    def finish(self) -> None:
        """The connection closes: who signed in on it is forgotten."""
        with self.server.sandbox.world.lock:
            self.server.sandbox.world.lines.closed("{}:{}".format(*self.client_address))
        super().finish()

    do_HEAD = do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    def log_message(self, format: str, *args: object) -> None:
        """The record is the log."""


def context(folder: Path) -> Shown:
    """A server context with a certificate of a new CA, whose public part goes to ca.pem."""
    authority = trustme.CA()
    made = Shown(ssl.PROTOCOL_TLS_SERVER)
    issued = authority.issue_cert("127.0.0.1", "localhost")
    issued.configure_cert(made)
    shown = ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode())
    made.binding = hashlib.sha256(shown).digest()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    return made


def run(folder: Path, seed: int, tier: str, size: int = 1, parent: int | None = None, crowd: Crowd = NOBODY) -> None:
    """Serve until SIGTERM or until the parent process is gone; prints sandbox.json as one line when ready."""
    folder.mkdir(parents=True, exist_ok=True)
    sandbox = Sandbox(seed, tier, folder, size, crowd)
    tls = context(folder)
    web = [Port(sandbox, vendor, tls) for vendor in VENDORS]
    ports: list[Port | Post | Mailroom] = [*web, Post(sandbox, tls), Mailroom(sandbox, tls)]
    keep(folder / "customer-age-key.txt", sandbox.world.customer_age_key)
    for port in ports:
        threading.Thread(target=port.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True).start()
    done = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: done.set())
    line = json.dumps(card(sandbox, ports, folder), ensure_ascii=False)
    (folder / "sandbox.json").write_text(line, encoding="utf-8")
    print(line, flush=True)
    while not done.wait(0.5):
        if parent is not None and not _alive(parent):
            break


def keep(file: Path, secret: str) -> None:
    """Write the secret half of the customer's key, for the owner's eyes only; it is the cast's, not the MSP's."""
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(f"{secret}\n", encoding="utf-8")


def card(sandbox: Sandbox, ports: Sequence[Port | Post | Mailroom], folder: Path) -> Obj:
    """The content of sandbox.json: where everything is, the control token, and what the MSP knows."""
    urls: dict[str, Json] = {port.vendor: port.base for port in ports}
    return {
        "pid": os.getpid(),
        "seed": sandbox.world.seed,
        "tier": sandbox.world.tier,
        "size": sandbox.world.size,
        "urls": urls,
        "ca": str(folder / "ca.pem"),
        "control": {"url": urls["control"], "token": sandbox.token},
        "record": str(folder / "record.jsonl"),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "known": sandbox.known(),
    }


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
