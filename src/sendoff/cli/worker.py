"""`sendoff worker`."""

import signal
import sys
import threading
from typing import Annotated

from cyclopts import Parameter, validators

from sendoff.cli.caller import SettingsFile, house

Threads = Annotated[
    int | None,
    Parameter(name="--threads", help="Pieces at once; else the settings.", validator=validators.Number(gte=1, lte=64)),
]
Quiet = Annotated[bool, Parameter(name="--quiet", negative=(), help="Print nothing but troubles.")]


def worker(*, settings: SettingsFile = None, threads: Threads = None, quiet: Quiet = False) -> int:
    """Move every open case, until it is told to stop (Ctrl-C or SIGTERM): then it ends the moves it is at.

    What is approved and whose gates are open is done; what waits for people or dates costs nothing. With SQLite, run
    as many workers on the same machine as you like; with PostgreSQL ([database] in the settings), on any machine that
    has the same settings, keys and evidence. A worker that dies is replaced by another within a minute.

    **Example**

    ```
    sendoff worker
    sendoff worker --threads 16 --settings /etc/sendoff.toml
    ```
    """
    from sendoff.wiring.service import serve

    stopping, found = threading.Event(), house(settings)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda number, frame: stopping.set())
    say = _troubles if quiet else _said
    count = threads or found.settings.threads
    say(f"working on every case with {count} threads; Ctrl-C ends it")
    serve(found, say=say, threads=count, stopping=stopping)
    say("stopped; what was begun is written down")
    return 0


def _said(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _troubles(line: str) -> None:
    if "does not answer" in line or "halted" in line or "put off" in line:
        _said(line)
