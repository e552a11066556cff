"""The cradle: a process that has loaded everything once, and forks a real worker process whenever it is asked to.

`python -m tools.soak.cradle` reads one line of JSON a request and answers with one. It has a single thread, is the
parent of every worker, and so knows for certain what a signal met: a living worker, or one that had ended by itself.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

PATIENCE = 15.0
"""Seconds that a worker has to end the moves it is at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A worker to be started."""

    settings: Path
    said: Path
    """Where its lines for people go."""
    calls: Path
    """The folder where each of its calls is written down before it is made, in a file of its own."""
    jumps: bool = False
    """Its wall clock jumps by hours, back and forth."""
    forgets: bool = False
    """Its mailbox does not find what an earlier life sent."""


# ---- in the cradle's own process -------------------------------------------------------------------------------------


def main() -> int:
    """Answer until the other side hangs up; then every worker that is left is ended."""
    from tools.soak import worker

    born: set[int] = set()
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["do"] == "start":
            pid = os.fork()
            if not pid:
                worker.live(asked)
            born.add(pid)
            answer: object = pid
        else:
            answer = _done(asked["do"], int(asked["pid"]))
        print(json.dumps(answer), flush=True)
    for pid in born:
        if _running(pid):
            os.kill(pid, signal.SIGKILL)
    return 0


def _done(what: str, pid: int) -> bool | int:
    if not _running(pid):
        return False if what != "end" else 0
    match what:
        case "kill":
            os.kill(pid, signal.SIGKILL)
            return os.WIFSIGNALED(os.waitpid(pid, 0)[1])
        case "stop":
            os.kill(pid, signal.SIGSTOP)
            return os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1])
        case "go on":
            os.kill(pid, signal.SIGCONT)
        case "end":
            return _ended(pid)
    return True


def _running(pid: int) -> bool:
    """False once it has ended by itself, or was waited for."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == 0
    except ChildProcessError:
        return False


def _ended(pid: int) -> int:
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


# ---- the other side --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Cradle:
    """The cradle as its user sees it; several threads may ask."""

    _process: "subprocess.Popen[str]" = field(
        default_factory=lambda: subprocess.Popen(
            [sys.executable, "-m", "tools.soak.cradle"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, wanted: Wanted) -> int:
        """The process id of a new worker."""
        told = {"settings": str(wanted.settings), "said": str(wanted.said), "calls": str(wanted.calls)}
        return int(self._ask({"do": "start", **told, "jumps": wanted.jumps, "forgets": wanted.forgets}))

    def kill(self, pid: int) -> bool:
        """kill -9. True when it met a living worker, which is dead now."""
        return bool(self._ask({"do": "kill", "pid": pid}))

    def stop(self, pid: int) -> bool:
        """SIGSTOP. True when it met a living worker, which stands still now."""
        return bool(self._ask({"do": "stop", "pid": pid}))

    def go_on(self, pid: int) -> bool:
        """SIGCONT."""
        return bool(self._ask({"do": "go on", "pid": pid}))

    def alive(self, pid: int) -> bool:
        """False when it ended by itself."""
        return bool(self._ask({"do": "alive", "pid": pid}))

    def end(self, pid: int) -> int:
        """SIGTERM, and the exit code; -9 when it did not end in time."""
        return int(self._ask({"do": "end", "pid": pid}))

    def close(self) -> None:
        """No more workers."""
        into, out = _ends(self._process)
        into.close()
        self._process.wait(30)
        out.close()

    def _ask(self, what: Mapping[str, object]) -> int:
        with self._lock:
            into, out = _ends(self._process)
            into.write(json.dumps(dict(what)) + "\n")
            into.flush()
            answer = out.readline()
        if not answer:
            raise SystemExit("the cradle died; see the lines above")
        return int(json.loads(answer))


def _ends(process: "subprocess.Popen[str]") -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


if __name__ == "__main__":
    sys.exit(main())
