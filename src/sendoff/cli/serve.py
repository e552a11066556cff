"""`sendoff serve`."""

import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter, validators

from sendoff.cli.caller import SettingsFile, house
from sendoff.cli.drawing import out
from sendoff.model.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

    from sendoff.wiring import House

Port = Annotated[int, Parameter(help="0 takes a free one.", validator=validators.Number(gte=0, lte=65535))]


def serve(
    *,
    host: str = "127.0.0.1",
    port: Port = 8080,
    worker: Annotated[bool, Parameter(help="Move the cases too; without, run `sendoff worker` beside it.")] = True,
    settings: SettingsFile = None,
) -> int:
    """Serve the pages, and move every open case, in one process, until it is told to stop (Ctrl-C or SIGTERM).

    In the sandbox each person is one click. Outside the sandbox, and on any address but this machine's own, it is
    refused: people will sign in there with their own account.

    **Example**

    ```
    sendoff serve --settings sandbox/sendoff.toml
    ```

    Parameters
    ----------
    host
        The address to listen on.
    """
    served(settings, host, port, worker=worker)
    return 0


def served(settings: "Path | None", host: str, port: int, *, worker: bool = True) -> None:
    """Serve until a signal comes."""
    from sendoff.web.app import app_for, pages_for
    from sendoff.wiring.opendoors import may_serve

    found = house(settings)
    may_serve(found, host)
    pages, listening = pages_for(found), _listening(host, port)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda number, frame: pages.stopping.set())
    hands = _worker(found, pages.stopping) if worker else None
    shown = listening.getsockname()
    out(f"The pages are at http://{f'[{shown[0]}]' if ':' in shown[0] else shown[0]}:{shown[1]}/ ; Ctrl-C ends it.")
    try:
        _until_told(app_for(pages, say=_said), listening)
    finally:
        pages.stopping.set()
        if hands is not None:
            hands.join()
    out("stopped; what was begun is written down")


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=128
        )
    except OSError as wrong:
        raise BadInput(f"nothing can listen there: {wrong.strerror or wrong}", where=f"{host}:{port}") from wrong


def _until_told(app: "FastAPI", listening: socket.socket) -> None:
    import uvicorn

    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, ws="none", timeout_graceful_shutdown=3
    )
    uvicorn.Server(config).run(sockets=[listening])


def _worker(found: "House", stopping: threading.Event) -> threading.Thread:
    """The worker of the same process, with connections of its own."""
    from sendoff.wiring.service import serve as work

    def moves() -> None:
        work(found, say=_said, threads=found.settings.threads, stopping=stopping)

    thread = threading.Thread(target=moves, name="worker")
    thread.start()
    return thread


def _said(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
