"""A measured figure, and the table it stands in."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, the figure with its unit, the bar it is held against, and how it stands to a bound."""

    what: str
    figure: float
    unit: str
    bar: str = ""
    ratio: str = ""


def drawn(title: str, about: str, rows: Iterable[Row]) -> list[str]:
    """A section of the page."""
    head = [f"## {title}", "", about, "", "| what | measured | bar | against the bound |", "|---|---|---|---|"]
    return [*head, *(f"| {row.what} | {_figure(row)} | {row.bar} | {row.ratio} |" for row in rows), ""]


def _figure(row: Row) -> str:
    many = f"{row.figure:,.0f}" if row.figure >= 100 else f"{row.figure:.3g}"
    return f"{many} {row.unit}".strip()
