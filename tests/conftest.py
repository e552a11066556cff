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
sys.path.append(str(Path(__file__).parents[1]))

from fakes.postgres import fresh_schema, hung_up

MEMORY = Path("/dev/shm")
"""A folder in memory, where there is one with room: each commit of a test house would wait for the disk."""
ROOM = 2 * 1024**3

if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
    tempfile.tempdir = str(MEMORY)


HERE = Path(__file__).parent
LONGEST = (
    "kernel/test_power_cut.py",
    "kernel/test_power_cut_full_stack.py",
    "fieldfailures/test_what_was_done.py",
    "hazards/test_outsiders.py",
    "fieldfailures/test_ways_out.py",
    "hazards/test_every_line.py",
    "hazards/test_notice_and_facts.py",
    "kernel/test_power_cut_once.py",
    "kernel/test_running.py",
)
"""Files of half a minute and more begin first: begun last, one of them would keep a single worker busy in the end."""


def pytest_configure(config: pytest.Config) -> None:
    """Workers take the files as they come here; else xdist puts those with the most tests first."""
    assert all((HERE / name).is_file() for name in LONGEST)
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, after the order of all was shuffled."""
    places = {HERE / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(LONGEST)))


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
