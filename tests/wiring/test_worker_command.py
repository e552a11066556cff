"""`sendoff worker` and `sendoff halt` as processes: they end when told, and a halt needs no database."""

import signal
import subprocess
import sys
from pathlib import Path

import tomli_w

from sendoff.cli.app import run
from sendoff.wiring.brakes import FileBrake
from sendoff.wiring.identity import me

PROVIDER = {"name": "Intercept", "tenant": "t", "domains": ["a.example"], "mailbox": "o@a.example"}


def settings(folder: Path, **more: object) -> Path:
    """A house without any system, in a folder."""
    file = folder / "sendoff.toml"
    file.write_text(tomli_w.dumps({"data": str(folder / "data"), "provider": PROVIDER, **more}), encoding="utf-8")
    return file


def test_a_worker_ends_when_it_is_told_to_and_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sendoff", "worker", "--settings", str(settings(tmp_path)), "--threads", "2"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as worker:
        assert worker.stderr is not None
        begun = worker.stderr.readline()
        worker.send_signal(signal.SIGTERM)
        said = worker.stderr.read()

    assert "working on every case with 2 threads" in begun
    assert "stopped; what was begun is written down" in said
    assert worker.returncode == 0


def test_a_worker_with_no_threads_is_a_usage_error(tmp_path: Path) -> None:
    assert run(["worker", "--settings", str(settings(tmp_path)), "--threads", "0"]) == 2


def test_everything_is_halted_although_the_database_is_away(tmp_path: Path) -> None:
    away = settings(tmp_path, database={"url": "postgresql://nobody@127.0.0.1:1/none"})

    code = run(["halt", "--reason", "the wrong tenant was named", "--settings", str(away)])

    assert code == 1, "no journal says so yet"
    assert FileBrake(tmp_path / "data").on() == "the wrong tenant was named"


def test_a_brake_that_cannot_be_read_halts(tmp_path: Path) -> None:
    brake = FileBrake(tmp_path)
    assert brake.on() == ""
    brake.file.mkdir()

    assert "cannot be read" in brake.on()


def test_a_halt_and_its_release_go_through_the_command(tmp_path: Path) -> None:
    file = settings(tmp_path, people=[{"id": "p-1", "name": "Me", "roles": ["Engineer"], "logins": [me()]}])

    assert run(["halt", "--reason", "everybody stop", "--settings", str(file)]) == 0
    assert FileBrake(tmp_path / "data").on() == "everybody stop"
    assert run(["halt", "--off", "--reason", "cleared", "--settings", str(file)]) == 0
    assert FileBrake(tmp_path / "data").on() == ""
