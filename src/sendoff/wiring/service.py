"""A worker of this house: every case is moved, by looking for work or by jobs, as the database allows."""

import threading
from collections.abc import Callable

from sendoff.engine.serving import Shift, answering
from sendoff.store.dispatch.procrastinate import ProcrastinateDispatch
from sendoff.wiring.house import House


def serve(house: House, *, say: Callable[[str], None], threads: int, stopping: threading.Event) -> None:
    """Until `stopping`; each thread ends the move it is at."""
    ports = house.desk.ports
    shift = Shift(ports, say, threads, stopping)
    dispatch = ports.dispatch
    if not isinstance(dispatch, ProcrastinateDispatch):
        shift.run()
        return
    while not stopping.is_set():
        with answering(say, stopping):
            dispatch.serve(shift.advance, threads=threads, stopping=stopping)
