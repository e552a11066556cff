"""What moves while somebody looks: one tailer thread asks the database, and every viewer is told by it.

However many look, what moved is read and drawn once. Handlers that wait here wait for the tailer and ask nothing.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass, field

from sendoff.model.errors import SendoffError, StoreDown

BREATH = 15.0
"""Seconds after which a viewer hears that the connection still stands."""
Drawn = Callable[[], str]


@dataclass(slots=True)
class Channel:
    """One drawing that many may look at."""

    case: str
    draw: Drawn
    viewers: int = 0
    drawn: str = ""
    number: int = 0
    moved: asyncio.Event = field(default_factory=asyncio.Event)


class Live:
    """Channels by name. All of it runs on the event loop but `tell`, which the tailer calls from its own thread."""

    def __init__(self) -> None:
        self._channels: dict[str, Channel] = {}
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = False

    def watched(self) -> frozenset[str]:
        """The cases that somebody looks at."""
        with self._lock:
            return frozenset(one.case for one in self._channels.values())

    def tell(self, cases: Iterable[str], say: Callable[[str], None]) -> None:
        """Draw anew what is looked at of these cases, once each, and pass it on."""
        moved = frozenset(cases)
        with self._lock:
            waiting = [(name, one) for name, one in self._channels.items() if one.case in moved]
        for name, one in waiting:
            try:
                drawn = one.draw()
            except StoreDown:
                raise
            except SendoffError as wrong:
                say(f"{name} cannot be drawn: {wrong}")
                continue
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._pass_on, name, drawn)

    def _pass_on(self, name: str, drawn: str) -> None:
        one = self._channels.get(name)
        if one is not None and one.drawn != drawn:
            one.drawn, one.number = drawn, one.number + 1
            one.moved.set()
            one.moved = asyncio.Event()

    async def look(
        self, name: str, case: str, draw: Drawn, still: Callable[[], bool], *, missed: Drawn | None = None
    ) -> AsyncGenerator[str, None]:
        """What one viewer hears: what they missed, and each drawing as it comes, while `still` says so.

        `missed` is asked only when the viewer is one of those who are told, so that nothing falls in between.
        """
        self._loop = asyncio.get_running_loop()
        with self._lock:
            one = self._channels.setdefault(name, Channel(case, draw))
            one.viewers += 1
        seen = one.number
        try:
            first = await asyncio.to_thread(missed) if missed is not None else ""
            yield as_event(first, 0) if first else ": you are looking\n\n"
            while not self._over and still():
                event = one.moved
                if one.number == seen:
                    try:
                        await asyncio.wait_for(event.wait(), BREATH)
                    except TimeoutError:
                        yield ": still here\n\n"
                        continue
                if one.number != seen:
                    seen = one.number
                    yield as_event(one.drawn, seen)
        finally:
            with self._lock:
                one.viewers -= 1
                if not one.viewers and self._channels.get(name) is one:
                    del self._channels[name]

    def end(self) -> None:
        """Let every viewer go."""
        self._over = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for one in self._channels.values():
            one.moved.set()


def as_event(drawn: str, number: int) -> str:
    """One server-sent event; every line of the drawing is a line of data."""
    lines = "".join(f"data: {line}\n" for line in drawn.splitlines())
    return f"id: {number}\n{lines}\n"
