"""Workbooks: every cell is a text, whatever it begins with, and the same values give the same bytes."""

import io
import zipfile
from xml.etree import ElementTree

import pytest

from sendoff.model.errors import BadInput
from sendoff.papers import workbook as room
from sendoff.papers.rendering import JinjaPapers
from sendoff.ports import Sheet

SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
HOSTILE = (
    "=cmd|' /C calc'!A0", "=1+1", "+31201234567", "-2+3", "@SUM(A1)", "{=A1}", "\t=1", "https://evil.example",
    "mailto:a@b.example", "internal:A1", "<b>&", "\x00\x0b\ud800x", "é€𝄞", "x" * 40_000, "",
)  # fmt: skip


def made(*cells: str) -> zipfile.ZipFile:
    sheet = Sheet(name="a/b:c", columns=("Name",), rows=tuple((one,) for one in cells))
    return zipfile.ZipFile(io.BytesIO(JinjaPapers().workbook([sheet])))


def formulas(book: zipfile.ZipFile) -> list[str]:
    tree = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    return [one.text or "" for one in tree.iter(f"{SPACE}f")]


def texts(book: zipfile.ZipFile) -> list[str]:
    strings = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    shared = ["".join(part.text or "" for part in one.iter(f"{SPACE}t")) for one in strings.iter(f"{SPACE}si")]
    tree = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    cells = [(one.get("t"), one.findtext(f"{SPACE}v") or "") for one in tree.iter(f"{SPACE}c")]
    assert {kind for kind, _ in cells} == {"s"}, "every cell is a text"
    return [shared[int(value)] for _, value in cells]


def test_no_cell_is_a_formula_or_a_link() -> None:
    book = made(*HOSTILE)
    assert formulas(book) == [] and not [one for one in book.namelist() if one.endswith(".rels") and "sheet" in one]
    said = texts(book)
    assert said[1:12] == [*HOSTILE[:11]]
    assert said[12:14] == ["x", "é€𝄞"] and len(said[14]) == room.LONGEST and said[14].endswith("…")


def test_the_same_reader_finds_a_formula_and_a_link() -> None:
    from xlsxwriter import Workbook

    data = io.BytesIO()
    book = Workbook(data, {"in_memory": True})
    page = book.add_worksheet()
    page.write(0, 0, "=1+1")
    page.write(1, 0, "https://evil.example")
    book.close()
    open_wide = zipfile.ZipFile(data)
    assert formulas(open_wide) == ["1+1"]
    assert [one for one in open_wide.namelist() if one.endswith(".rels") and "sheet" in one]


def test_the_same_values_give_the_same_bytes() -> None:
    sheet = Sheet(name="Resources", columns=("Name", "Type"), rows=(("a", "b"), ("c", "d")))
    assert JinjaPapers().workbook([sheet]) == JinjaPapers().workbook([sheet])


def test_more_rows_than_excel_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "ROWS", 1)
    sheet = Sheet(name="Resources", columns=("Name",), rows=(("a",), ("b",)))
    with pytest.raises(BadInput, match="2 rows"):
        room.workbook([sheet])
