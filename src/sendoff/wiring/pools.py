"""HTTP clients, one a thread."""

import ssl
import threading
from collections.abc import Callable

import httpx2

from sendoff.connectors.wire.circuit import Circuits, Guarded

Clients = Callable[[], httpx2.Client]


def pool_per_thread(verify: ssl.SSLContext | bool = True) -> Clients:
    """A client a thread: one shared pool slows down above a handful of connections. They share a circuit a vendor."""
    local = threading.local()

    def client() -> httpx2.Client:
        found = getattr(local, "client", None)
        if isinstance(found, httpx2.Client):
            return found
        made = httpx2.Client(verify=verify, http2=False)
        local.client = made
        return made

    return Guarded(client, Circuits())
