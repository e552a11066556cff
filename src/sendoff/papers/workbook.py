"""Excel workbooks: sheets of texts in, bytes out. A cell is never a formula or a link, whatever it begins with."""

import io
from collections.abc import Sequence
from datetime import datetime

from sendoff.model.errors import BadInput
from sendoff.ports import Sheet

LONGEST = 32_767
"""Characters that a cell of Excel holds."""
ROWS = 1_048_575
"""Rows that a sheet of Excel holds, below its head."""
MADE = datetime(2000, 1, 1)
"""The same for every workbook: the same values give the same bytes."""
NOT_IN_A_NAME = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The workbook, its first row frozen on every sheet. BadInput when a sheet has more rows than Excel holds."""
    from xlsxwriter import Workbook  # late: only an export needs it, and it would slow every start

    for one in sheets:
        if len(one.rows) > ROWS:
            raise BadInput(f"{one.name} has {len(one.rows)} rows; Excel holds {ROWS}", where="workbook")
    data = io.BytesIO()
    book = Workbook(data, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": MADE})
    bold = book.add_format({"bold": True})
    for one in sheets:
        page = book.add_worksheet(one.name.translate(NOT_IN_A_NAME)[:31])
        page.freeze_panes(1, 0)
        for at, head in enumerate(one.columns):
            page.write_string(0, at, head, bold)
            page.set_column(at, at, 28)
        for row, values in enumerate(one.rows, start=1):
            for at, value in enumerate(values):
                page.write_string(row, at, _plain(value))
    book.close()
    return data.getvalue()


def _plain(value: str) -> str:
    """The text without characters that XML cannot hold, as long as a cell may be."""
    kept = "".join(one for one in value if one in "\t\n" or (ord(one) >= 32 and not 0xD800 <= ord(one) <= 0xDFFF))
    return kept if len(kept) <= LONGEST else kept[: LONGEST - 1] + "…"
