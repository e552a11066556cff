"""`sendoff template`: what is understood of a checklist, and the same bytes back."""

import sys
from collections.abc import Iterable, Sequence
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

from sendoff.engine.desk import read_checklist
from sendoff.model.digest import Json, plain
from sendoff.model.errors import BadInput
from sendoff.model.template import Box, Template

if TYPE_CHECKING:
    from rich.table import Table

_LARGEST = 2 * 1024 * 1024
"""Bytes read from a file at most; what is larger is no checklist and may have no end."""
_SHOWN = ("line", "section", "path", "ordinal", "depth", "ticked", "tier", "role", "text", "kind", "step", "fact")
_NARROW = frozenset({"line", "kind", "step", "level"})
"""Columns that are not broken over several rows."""


def check(file: Path, /, *, json: bool = False) -> int:
    """Show what is understood of a GitHub issue template, line by line.

    Exit 0 when it can be run, 1 when something refuses it, 2 when the file cannot be read.

    **Example**

    ```
    sendoff template check .github/ISSUE_TEMPLATE/offboarding.md
    sendoff template check offboarding.md --json
    ```

    Parameters
    ----------
    file
        The issue template: Markdown, with front matter.
    json
        Print one JSON object with `front`, `sections`, `boxes`, `diagnostics` and `ok`.
    """
    template = read_checklist(_content(file), str(file))
    if json:
        _print_json(template)
    else:
        _print_tables(template)
    return 1 if template.errors else 0


def render(file: Path, /, *, out: Path | None = None) -> int:
    """Write the template again from what was read: the same bytes.

    **Example**

    ```
    sendoff template render offboarding.md | cmp - offboarding.md
    sendoff template render offboarding.md --out copy.md
    ```

    Parameters
    ----------
    file
        The issue template.
    out
        Where to write; standard output when left out.
    """
    text = read_checklist(_content(file), str(file)).text
    if out is None:
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()
        return 0
    try:
        out.write_bytes(text)
    except OSError as wrong:
        raise BadInput(f"cannot be written: {wrong.strerror or wrong}", where=str(out)) from wrong
    return 0


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            text = opened.read(_LARGEST + 1)
    except (OSError, ValueError) as wrong:
        why = wrong.strerror if isinstance(wrong, OSError) and wrong.strerror else str(wrong)
        raise BadInput(f"the file cannot be read: {why}", where=f"{file}:0") from wrong
    if len(text) > _LARGEST:
        raise BadInput(f"larger than {_LARGEST} bytes, so this is not a checklist", where=f"{file}:0")
    return text


def _sections(boxes: Iterable[Box]) -> dict[tuple[str, ...], list[Box]]:
    """The boxes by the trail of headings above them, in the order of the text."""
    found: dict[tuple[str, ...], list[Box]] = {}
    for box in boxes:
        found.setdefault(box.path, []).append(box)
    return found


def _print_json(template: Template) -> None:
    sections: list[Json] = [
        {"title": boxes[0].section, "path": list(path), "tier": plain(boxes[0].tier), "boxes": len(boxes)}
        for path, boxes in _sections(template.boxes).items()
    ]
    answer: dict[str, Json] = {
        "front": plain(template.front),
        "sections": sections,
        "boxes": [{name: plain(getattr(box, name)) for name in _SHOWN} for box in template.boxes],
        "diagnostics": plain(template.diagnostics),
        "ok": not template.errors,
    }
    print(dumps(answer, indent=2))


def _print_tables(template: Template) -> None:
    from rich.console import Console

    console = Console()
    console.print(_front_table(template))
    for boxes in _sections(template.boxes).values():
        console.print(_box_table(boxes))
    if template.diagnostics:
        said = [(str(one.line or "-"), one.level, one.message) for one in template.diagnostics]
        console.print(_table("What there is to say", ("line", "level", "message"), said))
    steps = len({box.step for box in template.boxes if box.step})
    errors = len(template.errors)
    console.print(
        f"{len(template.boxes)} boxes, {steps} different steps, errors: {errors}", markup=False, highlight=False
    )


def _front_table(template: Template) -> "Table":
    front = template.front
    rows = [
        ("name", front.name),
        ("version", front.version),
        ("title", front.title),
        ("labels", ", ".join(front.labels)),
        ("assignees", ", ".join(front.assignees)),
    ]
    return _table(template.source, ("front matter", "value"), rows)


def _box_table(boxes: Sequence[Box]) -> "Table":
    tier = f" ({boxes[0].tier})" if boxes[0].tier else ""
    rows = [(str(box.line), box.role or "-", box.text, box.kind, box.step or "NO STEP") for box in boxes]
    return _table(f"{boxes[0].section or 'no heading'}{tier}", ("line", "role", "text", "kind", "step"), rows)


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> "Table":
    """A table of texts as they are: a checklist is full of square brackets, which are no markup here."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(_visible(title)), title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in _NARROW)
    for row in rows:
        table.add_row(*(Text(_visible(cell)) for cell in row))
    return table


def _visible(text: str) -> str:
    """Without control characters, which could rewrite what the terminal shows."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
