"""WORKER: take a piece of work, move it, let go. Several threads, a piece each; a poison piece is put off, not lost."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sendoff.engine.fence import Fence, fenced_calls
from sendoff.engine.mirror import ISSUE, mirrored
from sendoff.engine.run import Moved, Next, move, parked
from sendoff.model.errors import Broken, LeaseLost, Overtaken, SendoffError, StoreDown, TooNew
from sendoff.model.people import ROBOT
from sendoff.model.state import State
from sendoff.ports import Ports, Work
from sendoff.rules.life import due
from sendoff.steps import by_id

Say = Callable[[str], None]
BEATS = 3
"""Beats in one lease: two may be lost."""
PUT_OFF = 30.0
"""Seconds before a piece that failed is tried again."""


def work_off(ports: Ports, *, case: str, say: Say, threads: int = 4) -> None:
    """Move one case until nothing of it can move now; what waits for people or dates stays in its rows."""
    if halted := ports.brake.on():
        say(f"everything is halted: {halted}")
        return
    for line in _sweep(ports, case):
        say(line)
    crew, said = _Crew(), _once(say)

    def loop() -> None:
        owner = ports.ids.worker()
        while crew.goes_on():
            try:
                work = ports.dispatch.take(owner, case=case)
                if work is not None:
                    one_piece(ports, work, said)
            except BaseException as failed:
                crew.failed(failed)
                raise
            if work is None:
                crew.waits()
            else:
                crew.moved()

    _threads(loop, threads)
    if crew.failures:
        raise crew.failures[0]


class _Crew:
    """Threads of one run. Who finds no work waits for the others, whose moves may make some; when nobody is at work
    and there is none, all go home."""

    def __init__(self) -> None:
        self.failures: list[BaseException] = []
        self._changed = threading.Condition()
        self._busy = self._moves = 0
        self._home = False
        self._seen = threading.local()

    def goes_on(self) -> bool:
        """True when this thread should look for work."""
        with self._changed:
            if self._home or self.failures:
                return False
            self._busy += 1
            self._seen.moves = self._moves
            return True

    def waits(self) -> None:
        """There was no work: wait until somebody moved something, or nobody is left who could."""
        with self._changed:
            self._busy -= 1
            if not self._busy and self._seen.moves == self._moves:
                self._home = True
            self._changed.notify_all()
            while not (self._home or self.failures or self._seen.moves != self._moves):
                self._changed.wait()

    def moved(self) -> None:
        """This thread moved a piece: there may be new work."""
        with self._changed:
            self._busy -= 1
            self._moves += 1
            self._changed.notify_all()

    def failed(self, why: BaseException) -> None:
        """This thread cannot go on, and so nobody does."""
        with self._changed:
            self._busy -= 1
            self.failures.append(why)
            self._changed.notify_all()


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


def _sweep(ports: Ports, case: str) -> Iterator[str]:
    """Hand out what should be looked at and has no row: a hint may be lost, a step never is. A batch that was begun
    and not ended, such as one that met a halt, is handed out again; one that somebody holds stays theirs. Says which
    steps wait for another version of their code."""
    found = ports.journal.load(case)
    for step in due(found):
        ports.dispatch.ready(case, step)
        if not found.steps[step].by_hand:
            yield from filter(None, [parked(by_id(step), found.steps[step])])
    for one in found.steps.values():
        if one.state is State.RUNNING and one.tried and not found.halted:
            ports.dispatch.ready(case, one.step, batches=[batch for batch, _ in one.tried])


@contextmanager
def beating(fence: Fence, *, every: float | None = None) -> Iterator[None]:
    """Keep the lease while one call takes long, such as the export of a whole subscription: a beat on a thread of its
    own, until the move ends or the lease turns out to be lost. While the database is away a beat is a lost one."""
    over = threading.Event()
    pause = every or fence.lease / BEATS

    def beat() -> None:
        while not over.wait(pause):
            with suppress(StoreDown):
                if not fence.beat():
                    return

    thread = threading.Thread(target=beat, name=f"beat-{fence.work.step}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def one_piece(ports: Ports, work: Work, say: Say) -> None:
    """Move one piece that was taken, and let go of it. Raises Broken and StoreDown; the rest is put off and said."""
    if ports.brake.on():
        ports.dispatch.later(work, seconds=1.0)
        return
    try:
        fence = Fence(ports, work)
        with beating(fence):
            moved = issue_moved(ports, work, fence) if work.step == ISSUE else move(ports, work, fence)
    except (Broken, StoreDown):
        raise
    except TooNew as newer:
        # A worker of the newer program moves it; this one asks now and then, and goes on with the other cases.
        say(str(newer))
        ports.dispatch.later(work, seconds=PUT_OFF)
        return
    except (LeaseLost, Overtaken) as lost:
        # Somebody else has the piece, or moved the case: the next look decides anew.
        say(str(lost))
        ports.dispatch.later(work, seconds=0.2)
        return
    except SendoffError as failed:
        say(f"{work.step}: {failed}; it is tried again")
        ports.dispatch.later(work, seconds=PUT_OFF)
        return
    if work.step != ISSUE and work.batch < 0 and moved.next is Next.DONE and ports.world.issues is not None:
        ports.dispatch.ready(work.case, ISSUE)
    _let_go(ports, work, moved)
    if moved.said:
        say(moved.said)


def issue_moved(ports: Ports, work: Work, fence: Fence) -> Moved:
    """The move of the issue is to bring it up to date, inside a fence as a batch is, so that no two workers write the
    same comment. LeaseLost when another one has it."""
    fence.begin()
    with fenced_calls(fence):
        bodies = mirrored(ports, ports.journal.load(work.case))
    if bodies:
        ports.journal.append(work.case, None, bodies, actor=ROBOT, at=ports.clock.now(), work=work)
    return Moved(next=Next.DONE)


def unpoisoned(ports: Ports, work: Work, say: Say) -> None:
    """Move one piece for a worker that serves every case: a piece that is broken, or that we do wrong, is said and put
    off, and the other cases go on. Raises StoreDown."""
    try:
        one_piece(ports, work, say)
    except StoreDown:
        raise
    except Exception as poison:  # noqa: BLE001 (the worker's top: one poisoned piece must not stop the house)
        why = str(poison) if isinstance(poison, SendoffError) else type(poison).__name__
        say(f"{work.case} {work.step}: {why}; it is put off, and the other cases go on")
        ports.dispatch.later(work, seconds=PUT_OFF)


def _let_go(ports: Ports, work: Work, moved: Moved) -> None:
    if moved.next is Next.LATER:
        ports.dispatch.later(work, civil=moved.until)
    elif moved.next is Next.AGAIN:
        ports.dispatch.later(work)
    else:
        ports.dispatch.done(work)
