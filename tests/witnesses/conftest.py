"""The sandbox as a process of its own, for clients that nobody here wrote. Collected only where those are installed."""

import importlib.util
import json
import os
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

collect_ignore_glob = [] if importlib.util.find_spec("msgraph") else ["test_*.py"]
if not collect_ignore_glob:
    from witnesses.azure_keys import app, leaver, lighthouse, opened, sub  # noqa: F401
    from witnesses.graph_keys import directory, done, house  # noqa: F401
Card = dict[str, dict[str, object]]


@contextmanager
def _running(folder: Path) -> Iterator[Card]:
    command = [sys.executable, "-m", "sendoff.sandbox", "--folder", str(folder), "--parent-pid", str(os.getpid())]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline() if process.stdout else ""
    try:
        yield json.loads(line)
    finally:
        process.terminate()
        process.wait(timeout=10)


class Behind:
    """The sandbox's own books, through its control port: what really is there, whatever a client was told."""

    def __init__(self, card: Card) -> None:
        self._url, self._token = str(card["control"]["url"]), str(card["control"]["token"])
        self._tls = ssl.create_default_context(cafile=str(card["ca"]))

    def ids(self, system: str, kind: str = "", customer: str = "vandermeer", below: str = "") -> set[str]:
        """The ids (lower case) of a customer's things; of one kind, and below one scope, when these are given."""
        start = f"{system}:{kind}:".lower() if kind else f"{system}:"
        keys = [one.lower() for one in self._call("GET", f"/world/objects?customer={customer}")]
        found = {one.split(":", 2)[2] for one in keys if one.startswith(start)}
        return {one for one in found if one.startswith(below.lower())}

    def record(self, path: str, method: str = "GET") -> list[int]:
        """The statuses of all calls so far whose path ends with `path`, oldest first."""
        rows = [one for one in self._call("GET", "/record") if one["type"] == "call" and one["method"] == method]
        return [one["status"] for one in rows if one["path"].lower().endswith(path.lower())]

    @contextmanager
    def trouble(self, **fault: object) -> Iterator[None]:
        """A fault that is there for the while of a `with`."""
        ident = self._call("POST", "/trouble", fault)["id"]
        try:
            yield
        finally:
            self._call("DELETE", f"/trouble?id={ident}")

    def _call(self, method: str, path: str, body: object = None):  # type: ignore[no-untyped-def]
        raw = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self._url + path, raw, {"X-Control": self._token}, method=method)
        with urllib.request.urlopen(asked, context=self._tls, timeout=10) as said:
            return json.loads(said.read() or b"null")


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Card]:
    """The card of a running sandbox that all tests share."""
    with _running(tmp_path_factory.mktemp("sandbox")) as card:
        yield card


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Card]:
    """The card of a sandbox that only one file's tests change."""
    with _running(tmp_path_factory.mktemp("sandbox")) as card:
        yield card


@pytest.fixture(scope="module")
def behind(alone: Card) -> Behind:
    """The books of the sandbox `alone`."""
    return Behind(alone)
