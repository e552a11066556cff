"""The sandbox as a process of its own, for clients that nobody here wrote. Collected only where those are installed."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

collect_ignore_glob = [] if importlib.util.find_spec("azure") else ["test_*.py"]
Table = dict[str, "object"]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, object]]]:
    """The card of a running sandbox."""
    folder: Path = tmp_path_factory.mktemp("sandbox")
    command = [sys.executable, "-m", "sendoff.sandbox", "--folder", str(folder), "--parent-pid", str(os.getpid())]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline() if process.stdout else ""
    try:
        yield json.loads(line)
    finally:
        process.terminate()
        process.wait(timeout=10)
