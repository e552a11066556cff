"""WORKER: take a piece of work, move it, let go. Several threads, a piece each; a poison piece is put off, not lost."""

import threading
from collections.abc import Callable

from sendoff.engine.run import Moved, Next, move
from sendoff.model.errors import Broken, Refused, SendoffError
from sendoff.ports import Ports, Work
from sendoff.rules.life import due

Say = Callable[[str], None]
PUT_OFF = 30.0
"""Seconds before a piece that failed is tried again."""


def work_off(ports: Ports, *, case: str, say: Say, threads: int = 4) -> None:
    """Move one case until nothing of it can move now; what waits for people or dates stays in its rows."""
    _sweep(ports, case)
    failures: list[BaseException] = []
    said = _once(say)

    def loop() -> None:
        owner = ports.ids.worker()
        while not failures:
            work = ports.dispatch.take(owner, case=case)
            if work is None:
                return
            try:
                _one(ports, work, said)
            except BaseException as failed:
                failures.append(failed)
                raise

    _threads(loop, threads)
    if failures:
        raise failures[0]


def _once(say: Say) -> Say:
    """Say each line once in a run: a step that still waits says nothing new."""
    heard: set[str] = set()

    def said(line: str) -> None:
        if line not in heard:
            heard.add(line)
            say(line)

    return said


def _threads(loop: Callable[[], None], count: int) -> None:
    if count == 1:
        loop()
        return
    running = [threading.Thread(target=_quiet, args=(loop,), name=f"work-{number}") for number in range(count)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def _quiet(loop: Callable[[], None]) -> None:
    """A failure is kept by the loop and raised by the caller's thread; a thread has nobody to raise to."""
    try:
        loop()
    except BaseException:  # noqa: BLE001 (the worker's top; the failure is raised again by the caller)
        return


def _sweep(ports: Ports, case: str) -> None:
    """Hand out what should be looked at and has no row: a hint may be lost, a step never is."""
    for step in due(ports.journal.load(case)):
        ports.dispatch.ready(case, step)


def _one(ports: Ports, work: Work, say: Say) -> None:
    try:
        moved = move(ports, work)
    except Broken:
        raise
    except Refused as lost:
        # The fence was lost or somebody else moved the case: the next look decides anew.
        say(str(lost))
        ports.dispatch.later(work, seconds=0.2)
        return
    except SendoffError as failed:
        say(f"{work.step}: {failed}; it is tried again")
        ports.dispatch.later(work, seconds=PUT_OFF)
        return
    _let_go(ports, work, moved)
    if moved.said:
        say(moved.said)


def _let_go(ports: Ports, work: Work, moved: Moved) -> None:
    if moved.next is Next.LATER:
        ports.dispatch.later(work, civil=moved.until)
    elif moved.next is Next.AGAIN:
        ports.dispatch.later(work)
    else:
        ports.dispatch.done(work)
