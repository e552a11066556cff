"""A worker in the soak: `sendoff worker` as it is, but its names say its process, and its calls are written down.

It runs in a process of its own that the cradle forked, so what is changed here is changed for this worker alone.
"""

import itertools
import json
import math
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import NoReturn

import httpx2

import sendoff.connectors.wire.circuit
import sendoff.store.dispatch.procrastinate
import sendoff.wiring.service
from sendoff.cli.worker import worker
from sendoff.connectors.github import client as github
from sendoff.engine import worker as engine_worker
from sendoff.engine.fence import Fence
from sendoff.model.errors import SendoffError
from sendoff.model.facts import Facts
from sendoff.model.inventory import System
from sendoff.ports import Connector, Ports, Work
from sendoff.store.dispatch.embedded import EmbeddedDispatch
from sendoff.wiring import clocks
from sendoff.wiring.clocks import RandomIds
from sendoff.wiring.worlds import SettingsWorld
from tools.soak.forgetful import forgetful

THREADS = 2
JUMP = 3 * 3600.0
"""Seconds by which a wall clock jumps, at most, forwards or back."""
EVERY = 0.7
"""Seconds between two jumps."""
NOT_A_CALL = ("/clock",)
"""Asked of the sandbox as the sandbox: it is no vendor."""


def live(asked: Mapping[str, object]) -> NoReturn:
    """Be a worker until told to stop. Never returns: this process was forked for it."""
    code = 70
    try:
        said = os.open(str(asked["said"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(said, 1)
        os.dup2(said, 2)
        _named()
        _calls_written(Path(str(asked["calls"])) / f"calls-{os.getpid()}")
        if asked["jumps"]:
            _clock_jumps()
        if asked["forgets"]:
            _forgets()
        code = worker(settings=Path(str(asked["settings"])), threads=THREADS)
    except SendoffError as told:
        print(f"ended: {told}", file=sys.stderr, flush=True)
        code = 1
    finally:
        os._exit(code)


def _named() -> None:
    """Who looks at the rows sees which process holds a piece."""
    count = itertools.count(1)

    def name(self: RandomIds) -> str:
        return f"pid-{os.getpid()}-{next(count)}-{os.urandom(3).hex()}"

    _put(RandomIds, "worker", name)


def _calls_written(file: Path) -> None:
    """One line a call, written before it is made: when, when its fence was asked, since when the piece is held at the
    longest, for which piece and attempt, and what."""
    into, mine = file.open("a", encoding="utf-8"), threading.local()
    one_piece, send, check = engine_worker.one_piece, httpx2.Client.send, Fence.check
    take = EmbeddedDispatch.take

    def known(ports: Ports, work: Work, say: Callable[[str], None]) -> None:
        mine.piece, mine.asked = [work.step, work.batch, work.owner, work.attempt], math.inf
        mine.since = getattr(mine, "looked", 0.0)
        try:
            one_piece(ports, work, say)
        finally:
            mine.piece = None

    def sent(self: httpx2.Client, request: httpx2.Request, **more: object) -> httpx2.Response:
        piece = getattr(mine, "piece", None)
        if piece and request.url.path not in NOT_A_CALL:
            call = f"{request.method} {request.url.path}"
            row = {"at": time.monotonic(), "asked": mine.asked, "since": mine.since, "piece": piece, "call": call}
            # Each call is to ask anew.
            mine.asked = math.inf
            into.write(json.dumps(row) + "\n")
            into.flush()
        return send(self, request, **more)  # type: ignore[arg-type]

    def took(self: EmbeddedDispatch, *given: object, **more: object) -> Work | None:
        mine.looked = time.monotonic()
        return take(self, *given, **more)  # type: ignore[arg-type]

    def asked(self: Fence) -> None:
        check(self)
        mine.asked = time.monotonic()

    _put(engine_worker, "one_piece", known)
    _put(Fence, "check", asked)
    _put(EmbeddedDispatch, "take", took)
    _put(httpx2.Client, "send", sent)


def _clock_jumps() -> None:
    """The machine's date is changed again and again; its monotonic clock goes on, as it does on a real machine."""
    wall, start, seed = time.time, time.monotonic(), os.getpid()

    def off() -> float:
        jump = int((time.monotonic() - start) / EVERY)
        return random.Random(f"{seed} {jump}").uniform(-JUMP, JUMP)

    def jumping() -> float:
        return wall() + off()

    class Jumping(datetime):
        """The date of a machine whose clock somebody sets."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Jumping":
            """Hours off."""
            return cls.fromtimestamp(jumping(), tz or UTC)

    _put(time, "time", jumping)
    for room in (clocks, github, sendoff.connectors.wire.circuit):
        if hasattr(room, "datetime"):
            _put(room, "datetime", Jumping)


def _forgets() -> None:
    hands = SettingsWorld.connector

    def connector(self: SettingsWorld, facts: Facts, system: System) -> Connector | None:
        return forgetful(hands(self, facts, system), system, f"life {os.getpid()}")

    _put(SettingsWorld, "connector", connector)


def _put(place: object, name: str, value: object) -> None:
    setattr(place, name, value)
