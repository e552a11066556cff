"""docs/reliability.md, from what was counted."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tools.soak.figures import Figures, Progress

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
ROWS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("minutes", lambda had: f"{had.seconds / 60:.0f}"),
    ("leavings, from notice to certificate", lambda had: f"{had.leavings}"),
    ("real `kill -9` that met a living worker", lambda had: f"{had.kills}"),
    ("of them: the worker held a piece of work", lambda had: f"{had.kills_holding}"),
    ("of them: right after a deed, before its answer was back", lambda had: f"{had.kills_after_deed}"),
    ("`SIGSTOP` for longer than a lease", lambda had: f"{had.pauses}"),
    ("of them: the worker held a piece of work", lambda had: f"{had.pauses_holding}"),
    ("pieces taken over while their holder stood still", lambda had: f"{had.taken_over}"),
    ("calls that a woken holder still made for them", lambda had: f"**{had.zombie_calls}**"),
    ("calls it had been allowed before it stood still, and that left after (of them changing)", lambda had: _late(had)),
    ("times the database was restarted under the workers", lambda had: f"{had.restarts}"),
    ("times the disk was full under the workers (they said so)", lambda had: _full(had)),
    ("workers whose wall clock jumped by up to 3 hours, back and forth", lambda had: f"{had.jumping}"),
    ("workers that ended by themselves and were started anew", lambda had: f"{had.ended_alone}"),
    ("a dead worker's piece was taken over after: mean, longest", lambda had: _takeover(had)),
    ("deeds in the sandbox's own record", lambda had: f"{had.deeds}"),
    ("lost", lambda had: f"**{had.lost}**"),
    ("done twice", lambda had: f"**{had.twice}**"),
    ("certificates that claim other than undisturbed", lambda had: f"**{had.unequal}**"),
)
HEAD = """# Reliability

Made by `make soak`; do not edit. Whole leavings in the sandbox while workers are killed with `kill -9` and paused with
`SIGSTOP`, the database is restarted under them, their disk is full and their clocks jump. Each is compared with the
same leaving told undisturbed: what its certificate claims, and what the sandbox's own record says that we did; every
change must also belong to an approved plan, and every chain of events must hold.
"""
TAIL = """
A piece of work of a dead worker waits for its lease to run out, {lease} s here and 30 s as installed. Two workers with
two threads each share every case. A vendor's answer to a changing call comes 150 ms late, so that there is time to die
in it. "Restarted" is `pg_ctl stop -m immediate` and a new start on PostgreSQL; on SQLite, where there is no server, all
workers die and every connection is closed at once. "Done twice" leaves switches out that are set to off once more, and
readings of a secret before its parcel is sealed. "Lost" is a deed of the undisturbed leaving that never came, or a case
that did not end.

## The control row: a soak that can fail

The last row is the same soak with workers whose mailbox does not find what an earlier life of it sent, killed right
after a letter left: {control}.

## What is promised

- A worker may die, be paused or lose its network at any moment, on any machine; another one goes on after a lease.
- What was asked of a vendor is asked once: the intent is written before the deed, and after a crash it is looked for
  first. Where a vendor gives nothing to look for (a mail without an id), a person decides.
- The database may crash and come back. While it is away, or a disk is full, workers say so, do nothing and ask again.
- A machine's date may be wrong or jump. With SQLite leases stand on the machine's monotonic clock, with PostgreSQL on
  the clock of its server.

## What is not

- The clock of the PostgreSQL server itself must not jump by more than a lease.
- SQLite's file lies on a local disk of one machine; a network folder does not lock.
- A worker that stands still after it asked whether it still holds its work, and before its call leaves, for longer than
  a lease, makes that one call. The vendor's own mark (an id that we choose) is what then keeps it single.
- No machine lost its power here. What a disk then keeps is the promise of SQLite (`synchronous=FULL`) and PostgreSQL
  (`fsync=on`).
- A batch whose worker always dies before it ends never ends; a batch that was begun ten times was left alone for 8 s.
- A disk or server that loses what it said it had written (`fsync` off, a failed controller) is a case for the backup.
"""


def page(found: Mapping[str, Progress]) -> str:
    """The page as Markdown."""
    shown = {name: one for name, one in found.items() if one.figures.leavings}
    lines = [HEAD]
    lines += [f"- {NAMES[name]}: {_where(one.about)}" for name, one in shown.items()]
    lines += ["", f"| |{'|'.join(NAMES[name] for name in shown)}|", f"|---|{'---|' * len(shown)}"]
    for what, told in ROWS:
        lines.append(f"| {what} | {' | '.join(told(one.figures) for one in shown.values())} |")
    twice = " | ".join(f"{one.control.twice}" if one.control.leavings else "" for one in shown.values())
    lines.append(f"| control, workers that forget: done twice | {twice} |")
    wrong = [f"- {NAMES[name]}: {line}" for name, one in shown.items() for line in one.figures.told]
    if wrong:
        lines += ["", "What was wrong:", "", *wrong]
    control = "; ".join(f"{NAMES[name]} {_control(one.control)}" for name, one in shown.items() if one.control.leavings)
    return "\n".join(lines) + "\n" + TAIL.format(lease=1, control=control or "not run yet")


def _where(about: Mapping[str, str]) -> str:
    return f"{about.get('database', '')}, {about.get('machine', '')}, {about.get('date', '')}"


def _full(had: Figures) -> str:
    return f"{had.full_disks} ({had.full_disk_said})"


def _late(had: Figures) -> str:
    return f"{had.late_calls} ({had.late_changes})"


def _takeover(had: Figures) -> str:
    if not had.takeovers:
        return "none"
    return f"{had.takeover_sum / had.takeovers:.1f} s, {had.takeover_worst:.1f} s"


def _control(had: Figures) -> str:
    return f"{had.leavings} leavings, {had.kills} kills, {had.twice} deeds too many"
