"""A PostgreSQL server of its own, thrown away afterwards: on a free port of the loopback, trusting whoever is here.

`python -m tools.postgres start FOLDER` prints its address, `stop FOLDER` ends it, and `python -m tools.postgres
COMMAND ...` runs a command with the address in SENDOFF_POSTGRES and ends the server after it. PostgreSQL does not run
as root: root starts it as the user `postgres`. Its programs are looked for in PATH, then where Debian keeps them.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine

PLACES = Path("/usr/lib/postgresql")
USER = "postgres"
PATIENCE = 60
"""Seconds for the server to start or stop."""
SETTINGS = {
    "fsync": "on",
    "listen_addresses": "'127.0.0.1'",
    "max_connections": "200",
    "unix_socket_directories": "''",
    "max_wal_size": "'32MB'",
    "min_wal_size": "'2MB'",
}


@dataclass(slots=True)
class Server:
    """A server whose data lie in a folder."""

    folder: Path

    @property
    def data(self) -> Path:
        """Where the server keeps its files."""
        return self.folder / "server"

    @property
    def address(self) -> str:
        """Its address, as settings write it."""
        port = (self.folder / "port").read_text(encoding="utf-8")
        return f"postgresql://sendoff@127.0.0.1:{port}/postgres"

    def make(self) -> None:
        """Make the files of a new server, and choose its port."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data.mkdir()
        if _root():
            owner = pwd.getpwnam(USER)
            os.chown(self.data, owner.pw_uid, owner.pw_gid)
            self.folder.chmod(0o755)
        (self.folder / "port").write_text(str(_free_port()), encoding="utf-8")
        told = ("--username", "sendoff", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--wal-segsize", "1")
        _run(["initdb", "--pgdata", str(self.data), *told])
        lines = [f"{name} = {value}" for name, value in SETTINGS.items()]
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def start(self) -> str:
        """Start it and wait until it answers; its address. An earlier life may have ended without a word."""
        port = (self.folder / "port").read_text(encoding="utf-8")
        log = str(self.data / "log.txt")
        _run(["pg_ctl", "-D", str(self.data), "-w", "-t", str(PATIENCE), "-l", log, "-o", f"-p {port}", "start"])
        return self.address

    def stop(self, how: str = "fast") -> None:
        """End it: `fast` writes everything down first, `immediate` is a crash that it recovers from."""
        _run(["pg_ctl", "-D", str(self.data), "-w", "-t", str(PATIENCE), "-m", how, "stop"])

    def alive(self) -> bool:
        """True while it runs."""
        return _quietly(["pg_ctl", "-D", str(self.data), "status"]).returncode == 0


def _run(command: list[str]) -> None:
    done = _quietly(command)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed: {done.stdout.decode(errors='replace')[-2000:]}")


def _quietly(command: list[str]) -> "subprocess.CompletedProcess[bytes]":
    as_user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"] if _root() else []
    told = [*as_user, _program(command[0]), *command[1:]]
    # Into a file: the server keeps what it inherits open, and a pipe would never end.
    with tempfile.TemporaryFile() as said:
        code = subprocess.run(told, stdout=said, stderr=said, check=False, cwd="/").returncode
        said.seek(0)
        return subprocess.CompletedProcess(told, code, said.read())


def _program(name: str) -> str:
    found = shutil.which(name)
    newest = sorted(PLACES.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    if found is None and not newest:
        raise SystemExit(f"there is no {name} here: install PostgreSQL 14 or newer")
    return found or str(newest[-1])


def _root() -> bool:
    return os.geteuid() == 0


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def fresh_schema(server: str) -> str:
    """The address of a new, empty schema on a server, thrown away with the server."""
    name = f"s{uuid.uuid4().hex[:12]}"
    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE SCHEMA "{name}"')
    engine.dispose()
    return f"{server}?options=-csearch_path%3D{name}"


@contextmanager
def running() -> Iterator[Server]:
    """A server for as long as this lasts."""
    with tempfile.TemporaryDirectory(prefix="sendoff-postgres-") as made:
        server = Server(Path(made))
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
            time.sleep(0.1)


def with_server(command: list[str]) -> int:
    """The exit code of a command that found a server's address in SENDOFF_POSTGRES."""
    with running() as server:
        told = {**os.environ, "SENDOFF_POSTGRES": server.address}
        return subprocess.run(command, env=told, check=False).returncode


def main(words: list[str]) -> int:
    """Start, stop, or run a command."""
    match words:
        case ["start", folder]:
            server = Server(Path(folder))
            if not server.data.exists():
                server.make()
            print(server.start())
        case ["stop", folder]:
            Server(Path(folder)).stop()
        case [_, *_]:
            return with_server(words)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
