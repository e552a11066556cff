"""What one subscription cost, month by month and by service: kept before billing moves, for it does not come along.

Page: learn.microsoft.com/rest/api/cost-management/query/usage.
"""

import csv
import io
import json
from datetime import timedelta

from sendoff.connectors.azure.client import SYSTEM, Arm
from sendoff.connectors.azure.ids import bare
from sendoff.connectors.wire.body import Object, dig, rows, text
from sendoff.model.errors import Confusing
from sendoff.model.facts import Facts
from sendoff.model.plan import Outcome, Receipt
from sendoff.ports import Sink

COSTS = "2025-03-01"  # [K] the newest stable version of the query API; not in the saved contracts
YEAR = timedelta(days=364)
"""How far back one query may reach: a year at most."""
MOST = 200
"""Pages after which the answer is called endless."""


def exported(arm: Arm, facts: Facts, out: Sink) -> Receipt:
    """Every row of the year up to the end of the contract, as JSON and CSV, with their counts."""
    columns, found = _queried(arm, facts)
    folder = f"azure/{bare(arm.root)}"
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(columns)
    writer.writerows(found)
    data = json.dumps({"columns": columns, "rows": found}, indent=1, ensure_ascii=False).encode()
    kept = out.file(f"{folder}/costs.json", data)
    out.file(f"{folder}/costs.csv", table.getvalue().encode("utf-8-sig"))
    return Receipt(outcome=Outcome.DONE, said=(("rows", str(len(found))), ("costs", kept)))


def _queried(arm: Arm, facts: Facts) -> tuple[list[str], list[list[str]]]:
    until = facts.contract_end
    body: Object = {
        "type": "ActualCost",
        "timeframe": "Custom",
        "timePeriod": {"from": f"{until - YEAR}T00:00:00Z", "to": f"{until}T23:59:59Z"},
        "dataset": {
            "granularity": "Monthly",
            "aggregation": {"totalCost": {"name": "Cost", "function": "Sum"}},
            "grouping": [{"type": "Dimension", "name": "ServiceName"}],
        },
    }
    columns: list[str] = []
    found: list[list[str]] = []
    path = f"{arm.root}/providers/Microsoft.CostManagement/query"
    for _ in range(MOST):
        page = arm.query(path, COSTS, body, "ask what the subscription cost").object()
        names = [text(one, "name") for one in rows(page, "properties", "columns")]
        if not names or (columns and names != columns):
            raise Confusing("ask what it cost: the answer has no columns, or other ones", system=SYSTEM)
        columns = names
        values = dig(page, "properties", "rows")
        if not isinstance(values, list):
            raise Confusing("ask what it cost: the answer has no rows", system=SYSTEM)
        found += [[text(cell) for cell in row] for row in values if isinstance(row, list)]
        path = text(page, "properties", "nextLink")
        if not path:
            return columns, found
    raise Confusing("ask what it cost: the pages do not end", system=SYSTEM)
