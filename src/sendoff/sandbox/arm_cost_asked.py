"""A query definition of Cost Management, read and checked.

Vendor's page: learn.microsoft.com/rest/api/cost-management/query/usage. Names compare without case, as at the vendor.
Unverified [M]: that Monthly is taken as a granularity (the contract names Daily alone, the vendor's examples None too),
and the wording of the errors.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sendoff.sandbox.arm_cost_books import DIMENSIONS, Charge
from sendoff.sandbox.wire import Json, Obj, arr, dig, obj, text, words

TYPES = ("Usage", "ActualCost", "AmortizedCost")
FRAMES = ("MonthToDate", "BillingMonthToDate", "TheLastMonth", "TheLastBillingMonth", "WeekToDate", "Custom")
GRAINS = {"none": ("", ""), "daily": ("UsageDate", "Number"), "monthly": ("BillingMonth", "Datetime")}
"""Granularities, and the name and type of the column each adds."""
SUMS = ("PreTaxCost", "Cost", "CostUSD", "PreTaxCostUSD", "UsageQuantity")
MOST = 2
BAD = "Invalid query definition: "


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query wants: the days (both taken), the granularity, and the columns to sum and to group by."""

    first: date
    last: date
    grain: str
    sums: tuple[str, ...]
    groups: tuple[str, ...]
    filter: Json

    def takes(self, charge: Charge) -> bool:
        """Whether a charge lies in the days and passes the filter."""
        return self.first <= charge.day <= self.last and _passes(obj(self.filter), charge)

    def date(self, charge: Charge) -> str:
        """The date column's value for a charge; empty without granularity."""
        if self.grain == "daily":
            return charge.day.strftime("%Y%m%d")
        return f"{charge.day:%Y-%m}-01T00:00:00" if self.grain == "monthly" else ""


def asked(body: Obj, today: date) -> Asked | str:
    """The query in a body; a string says what is wrong with it."""
    if not body:
        return "Invalid query definition, Missing query definition."
    if not _one_of(text(body, "type"), TYPES):
        return BAD + f"Missing or invalid type '{text(body, 'type')}', valid values: {_listed(TYPES)}."
    days = _days(body, today)
    if isinstance(days, str):
        return BAD + days
    if not isinstance(body.get("dataset"), dict):
        return BAD + "Missing dataset."
    return _dataset(obj(body["dataset"]), *days)


def _dataset(dataset: Obj, first: date, last: date) -> Asked | str:
    grain = text(dataset, "granularity").lower() or "none"
    if grain not in GRAINS:
        return BAD + f"Invalid dataset granularity '{text(dataset, 'granularity')}'."
    sums, groups = _sums(dataset.get("aggregation")), _groups(dataset.get("grouping"))
    if isinstance(sums, str):
        return BAD + sums
    if isinstance(groups, str):
        return BAD + groups
    wrong = _wrong(dataset.get("filter"))
    return BAD + wrong if wrong else Asked(first, last, grain, sums, groups, dataset.get("filter"))


def _days(body: Obj, today: date) -> tuple[date, date] | str:
    frame = _one_of(text(body, "timeframe"), FRAMES)
    start = today.replace(day=1)
    match frame:
        case "MonthToDate" | "BillingMonthToDate":
            return start, today
        case "TheLastMonth" | "TheLastBillingMonth":
            end = start - timedelta(days=1)
            return end.replace(day=1), end
        case "WeekToDate":
            return today - timedelta(days=(today.weekday() + 1) % 7), today
        case "Custom":
            return _period(body.get("timePeriod"))
    return f"Missing or invalid timeframe '{text(body, 'timeframe')}', valid values: {_listed(FRAMES)}."


def _period(period: Json) -> tuple[date, date] | str:
    try:
        first, last = (datetime.fromisoformat(text(period, name)) for name in ("from", "to"))
    except ValueError:
        return "A custom timeframe needs timePeriod with from and to as date-times."
    if first.date() > last.date():
        return "The start date of timePeriod lies after its end date."
    if last.date() > _year_on(first.date()):
        return "The time period for pulling the data cannot exceed 1 year(s)."
    return first.date(), last.date()


def _year_on(day: date) -> date:
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28) if leap else day.replace(year=day.year + 1)


def _sums(given: Json) -> tuple[str, ...] | str:
    """The names of the columns to sum; the alias that is each one's key is not shown."""
    if given is None:
        return ()
    if not isinstance(given, dict) or not 1 <= len(given) <= MOST:
        return f"aggregation is an object of 1 to {MOST} clauses."
    found = [_one_of(text(one, "name"), SUMS) for one in given.values()]
    if any(text(one, "function").lower() != "sum" for one in given.values()):
        return "Invalid aggregation function, valid values: 'Sum'."
    return tuple(found) if all(found) else f"Invalid aggregation column, valid values: {_listed(SUMS)}."


def _groups(given: Json) -> tuple[str, ...] | str:
    if given is not None and (not isinstance(given, list) or len(given) > MOST):
        return f"grouping is an array of at most {MOST} clauses."
    rows = arr(given)
    if any(text(one, "type").lower() != "dimension" for one in rows):
        return "Invalid grouping type, valid values: 'Dimension' (this sandbox does not play TagKey)."
    found = [_one_of(text(one, "name"), DIMENSIONS) for one in rows]
    return tuple(found) if all(found) else f"Invalid dimension name, valid values: {_listed(DIMENSIONS)}."


def _wrong(given: Json) -> str:
    """What is wrong with a filter; empty when nothing is."""
    if given is None:
        return ""
    if not isinstance(given, dict) or len(given) != 1 or not set(given) <= {"and", "or", "dimensions"}:
        return "A filter is one of and, or, dimensions (this sandbox does not play tags)."
    for name in {"and", "or"} & set(given):
        rows = arr(given[name])
        return next(filter(None, map(_wrong, rows)), "") if len(rows) > 1 else f"'{name}' needs at least 2 items."
    clause = given["dimensions"]
    good = _one_of(text(clause, "name"), DIMENSIONS) and text(clause, "operator").lower() == "in"
    return "" if good and words(dig(clause, "values")) else "Invalid filter: name, operator In and values are needed."


def _passes(given: Obj, charge: Charge) -> bool:
    if "and" in given:
        return all(_passes(obj(one), charge) for one in arr(given["and"]))
    if "or" in given:
        return any(_passes(obj(one), charge) for one in arr(given["or"]))
    if "dimensions" not in given:
        return True
    name = _one_of(text(given, "dimensions", "name"), DIMENSIONS)
    values = [one.lower() for one in words(dig(given, "dimensions", "values"))]
    return charge.dimension(name).lower() in values


def _one_of(name: str, known: tuple[str, ...]) -> str:
    return next((one for one in known if one.lower() == name.lower()), "")


def _listed(known: tuple[str, ...]) -> str:
    return ", ".join(f"'{one}'" for one in known)
