"""The search itself: bytes, what is packed in them, and every file of a folder."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.canary.spellings import spellings
from tools.canary.unpacking import SQLITE, database, unpacked

DEEPEST = 6
"""Layers of packing that are opened."""

BEGINNING = 8
"""Bytes of a spelling that are looked for first."""
SHORTEST = 12
"""Characters of a secret that chance does not write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A secret that was found: which, where, through which layers, and how it was spelled."""

    secret: str
    where: str
    spelled: str

    def __str__(self) -> str:
        return f"{self.secret} in {self.where} ({self.spelled})"


class Searcher:
    """Knows some secrets by name, in every spelling."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        short = [name for name, secret in secrets.items() if len(secret) < SHORTEST]
        if short:
            raise ValueError(f"too short to be told from chance: {', '.join(short)}")
        # Many secrets begin alike, and so do their spellings: most bytes hold not even a beginning of one.
        self._beginning: dict[bytes, list[tuple[bytes, str, str]]] = defaultdict(list)
        for name, secret in secrets.items():
            for needle, spelled in spellings(secret).items():
                self._beginning[needle[:BEGINNING]].append((needle, name, spelled))

    def within(self, data: bytes, where: str) -> list[Leak]:
        """Every secret in some bytes and in all that is packed in them."""
        return list(dict.fromkeys(self._within(data, where, DEEPEST, set())))

    def below(self, folder: Path, *, but: tuple[Path, ...] = ()) -> list[Leak]:
        """Every secret in a folder: in names and contents of files, and in the rows of databases; `but` is left out."""
        found: list[Leak] = []
        for file in sorted(folder.rglob("*")):
            if any(file.is_relative_to(one) for one in but):
                continue
            found += self.within(str(file.relative_to(folder)).encode(), f"the name of {file}")
            if file.is_file() and not file.is_symlink():
                found += self.file(file)
        return found

    def file(self, file: Path) -> list[Leak]:
        """Every secret in one file."""
        data = file.read_bytes()
        found = self.within(data, str(file))
        if data.startswith(SQLITE) or file.with_name(f"{file.name}-wal").exists():
            for table, value in database(file):
                found += self.within(value, f"{file} > {table}")
        return list(dict.fromkeys(found))

    def _within(self, data: bytes, where: str, deep: int, known: set[int]) -> Iterator[Leak]:
        mark = hash(data)
        if mark in known:
            return
        known.add(mark)
        for beginning, needles in self._beginning.items():
            if beginning in data:
                hits = [(name, spelled) for needle, name, spelled in needles if needle in data]
                yield from (Leak(secret=name, where=where, spelled=spelled) for name, spelled in hits)
        if deep:
            for layer, inner in unpacked(data):
                yield from self._within(inner, f"{where} > {layer}", deep - 1, known)
