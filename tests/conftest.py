"""Where the fakes are, no waiting between retries, and no waiting for a disk."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

sys.path.insert(0, str(Path(__file__).parent))

from fakes.postgres import fresh_schema, hung_up

MEMORY = Path("/dev/shm")
"""A folder in memory, where there is one with room: each commit of a test house would wait for the disk."""
ROOM = 2 * 1024**3

if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
    tempfile.tempdir = str(MEMORY)


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    """Retries happen, their waits do not."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The kernel is one on both databases: empty for a SQLite file, or the address of a new schema on PostgreSQL."""
    if request.param == "sqlite":
        yield ""
        return
    if "SENDOFF_POSTGRES" not in os.environ:
        pytest.skip("no server: make test-postgres starts one")
    with hung_up():
        yield fresh_schema()
