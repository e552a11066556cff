"""The manifest of onboarding, as a spreadsheet or a script wrote it: its lines, before anything in them is believed."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sendoff.model.errors import BadInput

COLUMNS: Mapping[str, str] = {
    "tenant": "the id of the customer's Entra tenant; in JSON it may stand once, beside `rows`",
    "kind": "what it is, such as `resource` or `defender-plan`",
    "id": "the vendor's id",
    "system": "where it is; may be left out, since each kind belongs to one system",
    "before": "what stood there before; only for what was set rather than made",
    "on": "the day, as 2024-03-31",
    "by": "who made or set it",
}
"""Every column with what stands in it; the first three must be there."""
NEEDED = ("tenant", "kind", "id")
SEPARATORS = (";", ",", "\t")
MOST_SAID = 40
"""Complaints that are shown; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row as it was written, and where: `file:line`, or `file: rows[3]`."""

    where: str
    told: Mapping[str, str]


def lines_of(data: bytes, name: str) -> tuple[Line, ...]:
    """The rows of a manifest in JSON or CSV; which of the two its first character says. BadInput names every row that
    cannot be read."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise BadInput(f"not UTF-8 at byte {wrong.start}: save it as 'CSV UTF-8'", where=name) from wrong
    begins = text.lstrip()[:1]
    found = _json(text, name) if begins in ("{", "[") else _csv(text, name)
    if not found:
        raise BadInput("it has no rows: nothing would be recorded", where=name)
    return found


def complain(wrong: Sequence[str]) -> None:
    """One BadInput with every complaint, a line each; nothing when there is none."""
    if not wrong:
        return
    rest = len(wrong) - MOST_SAID
    shown = [*wrong[:MOST_SAID], *([f"and {rest} more"] if rest > 0 else [])]
    count = "1 row" if len(wrong) == 1 else f"{len(wrong)} rows"
    raise BadInput(f"{count} cannot be used, and nothing was written\n" + "\n".join(shown))


def _csv(text: str, name: str) -> tuple[Line, ...]:
    rows = _cells(text, name)
    at, names = next(rows, (1, []))
    columns = [one.lower() for one in names]
    _columns(columns, f"{name}:{at}")
    found, wrong = [], []
    for at, cells in rows:
        where = f"{name}:{at}"
        if len(cells) > len(columns) and any(cells[len(columns) :]):
            wrong.append(f"{where}: {len(cells)} cells under {len(columns)} columns: quote a cell with the separator")
        else:
            found.append(Line(where=where, told=dict(zip(columns, cells, strict=False))))
    complain(wrong)
    return tuple(found)


def _cells(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """The number of the line on which each row begins, and its cells; empty rows are left out."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    skipped, separator = 0, ""
    # Some spreadsheets write their separator on a line of its own above the columns.
    if lines[0].strip().strip('"').lower() in [f"sep={one}".strip() for one in SEPARATORS]:
        skipped, separator = 1, lines[0].strip().strip('"')[4:] or "\t"
    head = next((line for line in lines[skipped:] if line.strip()), "")
    separator = separator or max(SEPARATORS, key=head.count)
    reader = csv.reader((f"{line}\n" for line in lines[skipped:]), delimiter=separator, strict=True)
    begins = skipped + 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield begins, cells
            begins = skipped + reader.line_num + 1
    except csv.Error as wrong:
        raise BadInput(f"not readable as CSV: {wrong}", where=f"{name}:{begins}") from wrong


def _columns(columns: Sequence[str], where: str) -> None:
    known = ", ".join(COLUMNS)
    for one in columns:
        if one not in COLUMNS:
            raise BadInput(f"unknown column {one!r}; known: {known}", where=where)
        if columns.count(one) > 1:
            raise BadInput(f"the column {one!r} stands there twice", where=where)
    missing = [one for one in NEEDED if one not in columns]
    if missing:
        raise BadInput(f"the first row names the columns; missing: {', '.join(missing)}", where=where)


def _json(text: str, name: str) -> tuple[Line, ...]:
    try:
        data: object = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as wrong:
        raise BadInput(f"not readable as JSON: {wrong}", where=name) from wrong
    head, rows = _head(data, name)
    found, wrong_rows = [], []
    for number, row in enumerate(rows):
        where = f"{name}: rows[{number}]"
        try:
            found.append(Line(where=where, told={**head, **_texts(row, where)}))
        except BadInput as wrong:
            wrong_rows.append(str(wrong))
    complain(wrong_rows)
    return tuple(found)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name!r} stands twice in one object")
        found[name] = value
    return found


def _head(data: object, name: str) -> tuple[dict[str, str], list[object]]:
    """What stands once for all rows, and the rows."""
    if isinstance(data, list):
        return {}, data
    if not isinstance(data, dict) or not isinstance(data.get("rows"), list) or not data.keys() <= {"tenant", "rows"}:
        raise BadInput("expected a list of rows, or an object with `tenant` and `rows`", where=name)
    return _texts({key: value for key, value in data.items() if key == "tenant"}, name), data["rows"]


def _texts(row: object, where: str) -> dict[str, str]:
    if not isinstance(row, dict):
        raise BadInput(f"expected an object, found {type(row).__name__}", where=where)
    found = {}
    for key, value in row.items():
        if key not in COLUMNS:
            raise BadInput(f"unknown name {key!r}; known: {', '.join(COLUMNS)}", where=where)
        if not isinstance(value, str | None):
            raise BadInput(f"expected text in quotes, found {type(value).__name__} {value!r}", where=f"{where}.{key}")
        found[key] = (value or "").strip()
    return found
