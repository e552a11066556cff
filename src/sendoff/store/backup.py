"""A backup: one tar file of rows and evidence, the same for every database.

Rows are the truth alone (event, body, case_key), a line of JSON each, read in one view while others write. Evidence is
copied after it, so that everything the rows name is there. The manifest comes last: a file without it was cut short.
"""

import base64
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, Table, func, select

from sendoff.model.digest import canonical, digest_bytes
from sendoff.model.envelope import HOUSE
from sendoff.model.errors import BadInput, Broken, Refused
from sendoff.model.shape import shaped
from sendoff.store.chains import chains
from sendoff.store.database import reading
from sendoff.store.evidence import BlobStore
from sendoff.store.schema import body, case_key, event
from sendoff.store.versions import versions

FORMAT = 1
TRUTH: tuple[Table, ...] = (event, body, case_key)
MANIFEST = "manifest.json"
CHUNK = 1 << 20
EVERY = 1000
"""Pieces of evidence between two lines of progress."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds, and what is needed to read it. Keys are named by their fingerprints."""

    format: int
    program: str
    made_at: str
    version: int
    """Of the tables it was made from."""
    runs_from: int
    """The oldest version of programs that could work on them."""
    cases: int
    events: int
    evidence: int
    damaged: tuple[str, ...]
    """Evidence that was not whole in the house already, and is not in the backup."""
    house_key: str
    signer: str
    with_keys: bool
    files: tuple[tuple[str, str], ...]
    """Every file but evidence, whose name is its digest, with its SHA-256."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """What goes into a backup beside the tables."""

    evidence: BlobStore
    files: Mapping[str, bytes]
    """Keys and other small files, by their name in the backup."""
    house_key: str
    signer: str
    with_keys: bool
    program: str
    made_at: str


def backed_up(engine: Engine, file: Path, mine: Belongings, say: Say) -> Manifest:
    """Write a backup, readable by its owner only. Refused when the file exists; on any failure there is no file."""
    with _new(file) as tar:
        sums: dict[str, str] = {}
        with reading(engine) as connection:
            version, runs_from = versions(connection) or (0, 0)
            every = (*chains(connection), HOUSE)
            events = connection.execute(select(func.count()).select_from(event)).scalar_one()
            for table in TRUTH:
                say(f"rows of {table.name}")
                _rows(tar, connection, table, every, file.parent, sums)
        count, damaged = _evidence(tar, mine.evidence, every, say)
        for name, data in mine.files.items():
            _add(tar, name, data, sums)
        manifest = Manifest(
            format=FORMAT,
            program=mine.program,
            made_at=mine.made_at,
            version=version,
            runs_from=runs_from,
            cases=len(every) - 1,
            events=events,
            evidence=count,
            damaged=damaged,
            house_key=mine.house_key,
            signer=mine.signer,
            with_keys=mine.with_keys,
            files=tuple(sums.items()),
        )
        _add(tar, MANIFEST, canonical(manifest), sums)
        tar.write(bytes(2 * tarfile.BLOCKSIZE))
    return manifest


@contextmanager
def _new(file: Path) -> Iterator[IO[bytes]]:
    """A file that is there whole or not at all, for the owner only."""
    if file.exists():
        raise Refused(f"{file} is there already, and a backup is never written over another")
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        try:
            # A link, unlike a rename, never takes the place of a file that came meanwhile.
            os.link(part, file)
        except FileExistsError as there:
            raise Refused(f"{file} is there already, and a backup is never written over another") from there
    finally:
        part.unlink(missing_ok=True)


def _rows(
    tar: IO[bytes], connection: Connection, table: Table, every: Iterable[str], folder: Path, sums: dict[str, str]
) -> None:
    """One table as lines of JSON, a chain at a time; on the way through a file that has no name."""
    name = f"rows/{table.name}.jsonl"
    with tempfile.TemporaryFile(dir=folder) as lines:
        total = sha256()
        order = table.primary_key.columns.values()
        for chain in every:
            for row in connection.execute(select(table).where(table.c.chain == chain).order_by(*order)).mappings():
                line = canonical({str(column): _text(value) for column, value in row.items()}) + b"\n"
                total.update(line)
                lines.write(line)
        tar.write(_head(name, lines.tell()))
        lines.seek(0)
        shutil.copyfileobj(lines, tar, CHUNK)
        tar.write(_padding(lines.tell()))
    sums[name] = total.hexdigest()


def _head(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.USTAR_FORMAT)


def _padding(size: int) -> bytes:
    """A tar file is written in whole blocks."""
    return bytes(-size % tarfile.BLOCKSIZE)


def _text(value: object) -> object:
    return base64.b64encode(value).decode() if isinstance(value, (bytes, memoryview)) else value


def _add(tar: IO[bytes], name: str, data: bytes, sums: dict[str, str]) -> None:
    # By hand: the library would remember every member, and there may be very many.
    tar.write(_head(name, len(data)) + data + _padding(len(data)))
    sums[name] = sha256(data).hexdigest()


def _evidence(tar: IO[bytes], store: BlobStore, every: Iterable[str], say: Say) -> tuple[int, tuple[str, ...]]:
    """Every piece of evidence of these cases; how many, and which were not whole."""
    count, damaged, there = 0, [], set(store.cases())
    for case in every:
        for digest in store.names(case) if case in there else ():
            try:
                data = store.get(case, digest)
            except (Broken, Refused) as wrong:
                damaged.append(str(wrong))
                continue
            _add(tar, f"evidence/{case}/{digest.removeprefix('sha256:')}", data, {})
            count += 1
            if count % EVERY == 0:
                say(f"{count} pieces of evidence")
    return count, tuple(damaged)


class Backup:
    """A backup being read. Everything in it was compared with its manifest when this is made; Broken says what is
    wrong."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.files: dict[str, bytes] = {}
        self._rows: dict[str, _Place] = {}
        self.manifest = self._checked()

    def rows(self, table: Table) -> Iterator[dict[str, str | int | bytes]]:
        """The rows of a table, in order, as the database takes them."""
        sealed, place = {"sealed", "wrapped"}, self._rows[f"rows/{table.name}.jsonl"]
        with self._file.open("rb") as tar:
            tar.seek(place.start)
            while tar.tell() < place.start + place.size:
                told: dict[str, str | int] = json.loads(tar.readline())
                yield {name: base64.b64decode(str(value)) if name in sealed else value for name, value in told.items()}

    def evidence(self) -> Iterator[tuple[str, bytes]]:
        """Case and bytes of every piece of evidence."""
        for tar, place in self._members():
            if place.name.startswith("evidence/"):
                yield place.name.split("/")[1], _evidence_of(tar, place)

    def _checked(self) -> Manifest:
        sums: dict[str, str] = {}
        count = 0
        for tar, place in self._members():
            kind = place.name.partition("/")[0]
            if kind == "evidence":
                _evidence_of(tar, place)
                count += 1
            elif kind == "rows":
                self._rows[place.name], sums[place.name] = place, _sum(tar, place)
            else:
                self.files[place.name] = _whole(tar, place)
                sums[place.name] = sha256(self.files[place.name]).hexdigest()
        manifest = _manifest(self._file, self.files)
        sums.pop(MANIFEST)
        wrong = sorted(set(sums.items()) ^ set(manifest.files))
        if wrong or count != manifest.evidence:
            what = wrong[0][0] if wrong else f"evidence ({count} pieces of {manifest.evidence})"
            raise Broken(f"{self._file}: {what} is not what its manifest says; it was cut short or changed")
        return manifest

    def _members(self) -> Iterator[tuple[IO[bytes], "_Place"]]:
        """Every file in the backup, with the backup open at its first byte."""
        try:
            with self._file.open("rb") as tar:
                while (block := tar.read(tarfile.BLOCKSIZE)) != bytes(tarfile.BLOCKSIZE):
                    info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
                    place = _Place(name=info.name, start=tar.tell(), size=info.size)
                    yield tar, place
                    tar.seek(place.start + place.size + len(_padding(place.size)))
        except tarfile.TarError as wrong:
            raise Broken(f"{self._file}: it was cut short or changed, or it is no backup of ours ({wrong})") from wrong
        except OSError as wrong:
            raise BadInput(f"it cannot be read: {wrong.strerror or wrong}", where=str(self._file)) from wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a file lies in a backup, in bytes."""

    name: str
    start: int
    size: int


def _manifest(file: Path, files: Mapping[str, bytes]) -> Manifest:
    if MANIFEST not in files:
        raise Broken(f"{file}: it has no manifest at its end; it was cut short, or it is no backup of ours")
    told = json.loads(files[MANIFEST])
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise Refused(f"{file}: its format is not {FORMAT}; a newer program made it, and a newer one reads it")
    return shaped(Manifest, told, where="manifest")


def _evidence_of(tar: IO[bytes], place: _Place) -> bytes:
    data = _whole(tar, place)
    if digest_bytes(data) != f"sha256:{place.name.rpartition('/')[2]}":
        raise Broken(f"{place.name}: it was changed in the backup")
    return data


def _whole(tar: IO[bytes], place: _Place) -> bytes:
    data = tar.read(place.size)
    if len(data) != place.size:
        raise Broken(f"{place.name}: it is cut short in the backup")
    return data


def _sum(tar: IO[bytes], place: _Place) -> str:
    total, left = sha256(), place.size
    while left and (data := tar.read(min(CHUNK, left))):
        total.update(data)
        left -= len(data)
    return total.hexdigest()
