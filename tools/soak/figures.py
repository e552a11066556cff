"""What was counted on one database, kept in a file, so that a soak can be taken up again."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from tools.soak.compared import Deeds


@dataclass(slots=True, kw_only=True)
class Figures:
    """Sums over leavings that ended and were judged."""

    seconds: float = 0.0
    leavings: int = 0
    kills: int = 0
    """kill -9 that met a living worker."""
    kills_holding: int = 0
    """Of them: the worker held a piece of work."""
    kills_after_deed: int = 0
    """Of them: at once after a deed came into the sandbox's record, before its answer was back."""
    pauses: int = 0
    pauses_holding: int = 0
    taken_over: int = 0
    """Pieces that another worker took while their holder stood still, which then woke up."""
    zombie_calls: int = 0
    """Calls that a woken worker made for a piece that was another's by then, and had not asked for before."""
    late_calls: int = 0
    """Calls that it had asked for before it stood still, and that left afterwards; at most one a pause and piece."""
    late_changes: int = 0
    """Of them: calls that change something."""
    restarts: int = 0
    """Of the database, under running workers."""
    full_disks: int = 0
    full_disk_said: int = 0
    """Of them: a worker said so."""
    jumping: int = 0
    """Workers whose wall clock jumped by hours all the time."""
    ended_alone: int = 0
    """Workers that ended without being killed, and were started anew."""
    takeovers: int = 0
    """Pieces of killed workers that another one took."""
    takeover_sum: float = 0.0
    takeover_worst: float = 0.0
    """Seconds from the kill to the next worker, with the database there."""
    deeds: int = 0
    lost: int = 0
    twice: int = 0
    unequal: int = 0
    told: list[str] = field(default_factory=list)
    """What was wrong, in words."""

    def add(self, other: "Figures") -> None:
        """Sum up; the worst is the worst of both."""
        worst = max(self.takeover_worst, other.takeover_worst)
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
        self.takeover_worst = worst


@dataclass(slots=True, kw_only=True)
class Known:
    """An undisturbed leaving: what its certificate claims and what was done."""

    claims: str
    deeds: Deeds


@dataclass(slots=True)
class Progress:
    """The state of one database's soak, in one file; written whole or not at all."""

    file: Path
    figures: Figures = field(default_factory=Figures)
    control: Figures = field(default_factory=Figures)
    """The row of workers that forget."""
    undisturbed: dict[str, Known] = field(default_factory=dict)
    about: dict[str, str] = field(default_factory=dict)
    """Versions and dates."""

    def load(self) -> "Progress":
        """As it was left, or new."""
        if self.file.exists():
            told = json.loads(self.file.read_text(encoding="utf-8"))
            self.figures, self.control = Figures(**told["figures"]), Figures(**told["control"])
            self.undisturbed = {name: _known(one) for name, one in told["undisturbed"].items()}
            self.about = told["about"]
        return self

    def save(self) -> None:
        """Write it down."""
        told = {
            "figures": asdict(self.figures),
            "control": asdict(self.control),
            "about": self.about,
            "undisturbed": {
                name: {"claims": one.claims, "deeds": [[*deed, count] for deed, count in sorted(one.deeds.items())]}
                for name, one in self.undisturbed.items()
            },
        }
        self.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps(told, indent=1), encoding="utf-8")
        fresh.replace(self.file)


def _known(told: Mapping[str, object]) -> Known:
    rows = told["deeds"]
    assert isinstance(rows, list)
    counted = Deeds({(str(a), str(b), str(c)): int(count) for a, b, c, count in rows})
    return Known(claims=str(told["claims"]), deeds=counted)
