"""The sandbox's ports: what reaches a vendor, and what does not."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.ports import serving
from sendoff.sandbox.sandbox import Sandbox
from sendoff.sandbox.serve import Port, context

HEAD = b"POST /v1.0/users/x@intercept.example/messages HTTP/1.1\r\nHost: graph\r\nConnection: close\r\n"


@pytest.fixture
def port(tmp_path: Path) -> Iterator[Port]:
    with serving(Port(Sandbox(1, "csp"), "graph", context(tmp_path))) as made:
        yield made


def answered(port: Port, folder: Path, sent: bytes, *, hangs_up: bool = False) -> bytes:
    """What comes back when somebody sends this and waits, or hangs up at once."""
    trusts = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    with (
        socket.create_connection(("127.0.0.1", port.server_address[1])) as plain,
        trusts.wrap_socket(plain, server_hostname="127.0.0.1") as wire,
    ):
        wire.sendall(sent)
        if not hangs_up:
            return wire.recv(1000)
        wire.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            # Until the other side has hung up as well, and so has done what it would do.
            while wire.recv(1000):
                pass
        return b""


def test_half_a_request_reaches_no_vendor(port: Port, tmp_path: Path) -> None:
    answered(port, tmp_path, HEAD + b"Content-Length: 200\r\n\r\nhalf", hangs_up=True)
    after_half = list(port.sandbox.world.record.rows)
    whole = answered(port, tmp_path, HEAD + b"Content-Length: 2\r\n\r\n{}")

    assert after_half == []
    assert whole.startswith(b"HTTP/1.1 401")
    assert len(port.sandbox.world.record.rows) == 1
