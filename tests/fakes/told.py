"""One leaving of the CSP tier, told to its end once for all tests that only read it."""

import functools
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fakes.houses import Stage, stage
from sendoff.model.case import Case
from sendoff.model.envelope import Entry
from sendoff.model.template import Tier


@dataclass(frozen=True)
class Told:
    """A closed case with its house."""

    house: Stage
    case: Case

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The chain as stored."""
        return self.house.house.journal.entries(self.case.id)

    def copied(self, folder: Path) -> Path:
        """A copy of the house's data folder, to be spoiled."""
        return Path(shutil.copytree(self.house.folder / "data", folder / "data"))


@functools.cache
def told() -> Told:
    """The story; the folder stays until the tests end."""
    keep = tempfile.TemporaryDirectory(prefix="told-")
    _KEPT.append(keep)
    house = stage(Path(keep.name), tier=Tier.CSP)
    return Told(house, house.story(house.opened(), threads=1).tell())


_KEPT: list["tempfile.TemporaryDirectory[str]"] = []
