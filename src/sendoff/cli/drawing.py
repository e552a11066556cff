"""Answers drawn: a table for people, JSON for programs. Text of others is never taken as markup."""

import json
import sys
from collections.abc import Iterable, Sequence

from sendoff.model.digest import plain

WIDE = 140
"""Columns of a table that goes to a file or a pipe."""


def as_json(value: object) -> None:
    """One JSON document on standard output."""
    json.dump(plain(value), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str = "none") -> None:
    """A table; `empty` is said when it has no rows."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=Text(title), title_justify="left", title_style="bold")
    for column in columns:
        drawn.add_column(column, overflow="fold")
    count = 0
    for row in rows:
        drawn.add_row(*(Text(_shown(cell)) for cell in row))
        count += 1
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    console.print(drawn if count else Text(f"{title}: {empty}"))


def _shown(cell: object) -> str:
    """Text for a terminal: control characters, which could move a cursor, are shown and not sent."""
    text = "" if cell is None else str(cell)
    return "".join(char if char.isprintable() or char == "\n" else repr(char)[1:-1] for char in text)


def say(text: str) -> None:
    """A line of progress on standard error."""
    print(_shown(text), file=sys.stderr)


def out(text: str) -> None:
    """A line of an answer on standard output."""
    print(_shown(text))
