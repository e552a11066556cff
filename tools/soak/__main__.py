"""`python -m tools.soak`: kill workers until the counts are reached, on each database, and write the table.

It can be ended at any time and taken up again: what was counted stands in build/soak. Exit 1 when anything was lost,
done twice or claimed otherwise than in the undisturbed leaving.
"""

import argparse
import os
import platform
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sendoff.model.template import Tier
from tools.soak.cradle import Cradle
from tools.soak.figures import Figures, Known, Progress
from tools.soak.leaving import Asked, run
from tools.soak.page import PAGE, page
from tools.soak.place import Place

ROOT = Path(__file__).resolve().parents[2]
DATABASES = ("sqlite", "postgres")
SEEDS = 3
"""Worlds that take turns; each is told undisturbed first."""
FULL_STACK, RESTART, DISK = 9, 4, 6
"""One leaving in so many is a Full Stack one; one in so many has its database restarted; one in so many a full disk."""
CONTROL = 2
"""Leavings with workers that forget."""


@dataclass(slots=True)
class Soak:
    """One database's soak."""

    place: Place
    progress: Progress
    cradle: Cradle
    kills: int
    pauses: int
    minutes: float
    quick: bool

    def over(self) -> bool:
        """True when the counts are reached, or the time is up."""
        had = self.progress.figures
        if had.kills >= self.kills and had.pauses >= self.pauses and (self.quick or had.restarts):
            return True
        return had.seconds >= self.minutes * 60

    def go(self) -> bool:
        """Leaving after leaving. False as soon as one was judged wrong."""
        while not self.over():
            number = self.progress.figures.leavings
            tier = Tier.FULL_STACK if number % FULL_STACK == FULL_STACK - 1 else Tier.CSP
            found = self._troubled(tier, 1 + number % SEEDS, number)
            self.progress.figures.add(found)
            self.progress.save()
            self._say(number, tier, found)
            if found.told:
                return False
        return True

    def _say(self, number: int, tier: Tier, found: Figures) -> None:
        had = self.progress.figures
        line = f"{self.place.kind} {number}: {tier}, {found.seconds:.0f} s, {found.kills} kills, {found.pauses} pauses"
        print(f"{line}; in all {had.kills} and {had.pauses} in {had.seconds:.0f} s", flush=True)
        for told in found.told:
            print(f"  WRONG: {told}", flush=True)

    def _undisturbed(self, tier: Tier, seed: int) -> Known:
        name = f"{tier} {seed}"
        if name not in self.progress.undisturbed:
            asked = self._asked(f"undisturbed-{tier}-{seed}", tier, seed, kills=False)
            figures, known = run(asked, self.cradle, None)
            if known is None or figures.told:
                raise SystemExit(f"the undisturbed leaving went wrong: {figures.told}")
            self.progress.undisturbed[name] = known
            self.progress.figures.seconds += figures.seconds
            self.progress.save()
        return self.progress.undisturbed[name]

    def _troubled(self, tier: Tier, seed: int, number: int) -> Figures:
        known = self._undisturbed(tier, seed)
        small = self.place.small_disk() if number % DISK == DISK - 2 and not self.quick else None
        try:
            asked = self._asked(f"{number:03d}-{tier}-{seed}", tier, seed, data=small)
            asked.pause_every = self._pause_every()
            if self.quick:
                asked.most_kills, asked.most_pauses, asked.slow, asked.pause_every = self.kills, self.pauses, 50, 0.5
            if small is not None:
                asked.disasters = [self.place.fill, self.place.fill]
            elif number % RESTART == 1 or self.quick:
                asked.disasters = [self.place.restart] * (1 if self.quick else 2)
            return run(asked, self.cradle, known)[0]
        finally:
            self.place.off_small_disk()

    def _pause_every(self) -> float:
        """Seconds between pauses, so that both counts are reached together."""
        had = self.progress.figures
        kills, pauses = max(1, self.kills - had.kills), max(0, self.pauses - had.pauses)
        return min(12.0, max(0.8, kills / pauses - 3.2)) if pauses else 12.0

    def control(self) -> None:
        """Workers that forget: the doubles must be seen."""
        for number in range(1 if self.quick else CONTROL):
            known = self._undisturbed(Tier.CSP, 1)
            asked = self._asked(f"control-{number}", Tier.CSP, 1)
            asked.forgets, asked.slow = True, 500
            found, _ = run(asked, self.cradle, known)
            self.progress.control.add(found)
            self.progress.save()
            shutil.rmtree(asked.folder, ignore_errors=True)
            print(f"{self.place.kind} control: {found.kills} kills, {found.twice} deeds more than once", flush=True)

    def _asked(self, name: str, tier: Tier, seed: int, *, kills: bool = True, data: Path | None = None) -> Asked:
        return Asked(
            folder=self.place.folder / name,
            tier=tier,
            seed=seed,
            chance=random.Random(f"{name} {time.time()}"),
            address=self.place.address(),
            data=data,
            kills=kills,
        )


def _about(kind: str, place: Place) -> dict[str, str]:
    version = f"SQLite {sqlite3.sqlite_version}"
    if kind == "postgres":
        version = f"PostgreSQL {(place.folder / 'postgres' / 'server' / 'PG_VERSION').read_text().strip()}"
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return {"database": version, "machine": machine, "date": datetime.now(UTC).date().isoformat()}


def soaked(kind: str, told: argparse.Namespace) -> bool:
    """One database, from where it stands. True when nothing was wrong."""
    state = Path(told.state) / ("quick" if told.quick else "")
    progress = Progress(state / f"{kind}.json")
    progress = progress if told.quick or told.anew else progress.load()
    work = Path(tempfile.mkdtemp(prefix=f"sendoff-soak-{kind}-", dir=told.work))
    work.chmod(0o755)
    place, cradle = Place(kind, work, random.Random()), Cradle()
    well = True
    try:
        place.open()
        progress.about |= _about(kind, place)
        soak = Soak(place, progress, cradle, told.kills, told.pauses, told.minutes, told.quick)
        if told.broken or not (told.quick or progress.control.leavings):
            soak.control()
        well = told.broken or soak.go()
    finally:
        cradle.close()
        place.close()
        if well:
            shutil.rmtree(work, ignore_errors=True)
        else:
            print(f"what went wrong is kept in {work}", flush=True)
    return well


def main() -> int:
    """Read the command line, soak, write the page."""
    reads = argparse.ArgumentParser(prog="tools.soak", description=__doc__)
    reads.add_argument("--database", choices=(*DATABASES, "both"), default="both")
    reads.add_argument("--kills", type=int, default=1000)
    reads.add_argument("--pauses", type=int, default=200)
    reads.add_argument("--minutes", type=float, default=30.0, help="at most, a database")
    reads.add_argument("--state", default=str(ROOT / "build" / "soak"), help="where the counts are kept")
    reads.add_argument("--work", default=None, help="where the leavings lie; a local disk")
    reads.add_argument("--anew", action="store_true", help="forget the counts")
    reads.add_argument("--quick", action="store_true", help="20 kills and 5 pauses on one database, for CI; no page")
    reads.add_argument("--broken", action="store_true", help="only workers that forget: the doubles must be seen")
    told = reads.parse_args()
    if told.quick:
        told.kills, told.pauses, told.minutes = 20, 5, 1.0
        told.database = "sqlite" if told.database == "both" else told.database
    # Told to end, end the workers and servers too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    names = DATABASES if told.database == "both" else (told.database,)
    well = [soaked(name, told) for name in names]
    if not told.quick:
        had = {name: Progress(Path(told.state) / f"{name}.json").load() for name in DATABASES}
        PAGE.write_text(page(had), encoding="utf-8")
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
