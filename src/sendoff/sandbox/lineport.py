"""A loopback port on which somebody talks in lines, inside TLS from the first byte: mail goes out and is read so."""

import socket
import socketserver
import ssl

from sendoff.sandbox.sandbox import Sandbox


class LinePort(socketserver.ThreadingTCPServer):
    """One port of one protocol; `base` is its address, such as smtps://127.0.0.1:port."""

    daemon_threads, allow_reuse_address = True, True
    vendor, scheme = "", ""
    talk: type[socketserver.BaseRequestHandler]

    def __init__(self, sandbox: Sandbox, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), self.talk)
        self.sandbox, self.context = sandbox, context
        self.base = f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    def get_request(self) -> tuple[socket.socket, object]:
        """Accept, and wrap in TLS without shaking hands yet."""
        plain, address = super().get_request()
        plain.settimeout(120)
        return self.context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no news."""
