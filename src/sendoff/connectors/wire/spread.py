"""Many small calls of one look, some in flight at once, for all looks of this process together."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

IN_FLIGHT = 8
T = TypeVar("T")
R = TypeVar("R")
_MADE = threading.Lock()
_POOL: list[ThreadPoolExecutor] = []


def spread(function: Callable[[T], R], values: Sequence[T]) -> list[R]:
    """The answers in the order of the values; what one call raises is raised here.

    Eight are handed over at a time, so that looks at several subscriptions take turns: none of them fills all hands
    with calls that wait for its own limit. A call stays inside the fence of whoever asked. Never spread within a call.
    """
    found: list[R] = []
    for at in range(0, len(values), IN_FLIGHT):
        futures = [_pool().submit(copy_context().run, function, value) for value in values[at : at + IN_FLIGHT]]
        found += [future.result() for future in futures]
    return found


def _pool() -> ThreadPoolExecutor:
    with _MADE:
        if not _POOL:
            _POOL.append(ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="spread"))
        return _POOL[0]
