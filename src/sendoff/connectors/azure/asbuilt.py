"""What the workbook and the as-built document say of one subscription: sheets and values, for either cut."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sendoff.connectors.azure.cut import WITHHELD
from sendoff.connectors.azure.ids import group_of, scope_of, type_of
from sendoff.connectors.azure.whole import Whole
from sendoff.connectors.wire.body import Object, dig, pairs, text
from sendoff.model.digest import Json
from sendoff.ports import Sheet

RESOURCE = ("Name", "Type", "Group", "Location", "Size or plan", "Tags", "Id")
TABLES: Mapping[str, tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    "groups": ("Resource groups", (("Name", ("name",)), ("Location", ("location",)), ("Id", ("id",)))),
    "locks": ("Locks", (("Name", ("name",)), ("Level", ("properties", "level")), ("Id", ("id",)))),
    "role-assignments": (
        "Role assignments",
        (
            ("Principal", ("properties", "principalId")),
            ("Kind", ("properties", "principalType")),
            ("Role", ("properties", "roleDefinitionId")),
            ("Scope", ("properties", "scope")),
        ),
    ),
    "policy-assignments": (
        "Policy assignments",
        (
            ("Name", ("name",)),
            ("Shown as", ("properties", "displayName")),
            ("Definition", ("properties", "policyDefinitionId")),
            ("Enforcement", ("properties", "enforcementMode")),
        ),
    ),
    "policy-exemptions": (
        "Policy exemptions",
        (
            ("Name", ("name",)),
            ("Category", ("properties", "exemptionCategory")),
            ("Until", ("properties", "expiresOn")),
            ("Assignment", ("properties", "policyAssignmentId")),
        ),
    ),
    "diagnostic-settings": ("Diagnostic settings", (("Name", ("name",)), ("Id", ("id",)))),
    "budgets": ("Budgets", (("Name", ("name",)), ("Amount", ("properties", "amount")), ("Id", ("id",)))),
    "deployments": (
        "Deployments",
        (("Name", ("name",)), ("When", ("properties", "timestamp")), ("Id", ("id",))),
    ),
}
"""Files that have a table, with its heading and columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What was found, as one of the two readers gets it."""

    subscription: str
    customer: str
    found: Mapping[str, Sequence[Object]]
    counts: Mapping[str, int]
    missing: tuple[str, ...]
    whole: Whole
    unsupported: int
    removed: int
    full: bool = True
    """False for the new MSP's cut."""


def for_others(shown: Shown, seen: Mapping[str, Sequence[Object]]) -> Shown:
    """The same for the new MSP: only the rows of their cut, and no names of what is missing."""
    missing = (WITHHELD,) if shown.missing else ()
    counts = {name: len(rows) for name, rows in seen.items()}
    return replace(shown, found=seen, counts=counts, missing=missing, full=False)


def sheets(shown: Shown) -> tuple[Sheet, ...]:
    """The workbook: a summary, the types, every resource, and a sheet for each other kind."""
    summary = Sheet(name="Summary", columns=("What", "Value"), rows=tuple(_summary(shown)))
    return (summary, *_tables(shown))


def document(shown: Shown) -> dict[str, Json]:
    """The values of the page `as-built`."""
    sections: list[Json] = [
        {"heading": one.name, "columns": [*one.columns], "rows": [[*row] for row in one.rows]} for one in _tables(shown)
    ]
    return {
        "title": f"As built: {shown.customer}",
        "customer": shown.customer,
        "subscription": shown.subscription,
        "complete": not shown.missing,
        "missing": [*shown.missing],
        "withheld": "" if shown.full else WITHHELD,
        "figures": [{"label": label, "value": value} for label, value in _summary(shown)],
        "sections": sections,
    }


def _summary(shown: Shown) -> list[tuple[str, str]]:
    found = [
        ("customer", shown.customer),
        ("subscription", shown.subscription),
        ("complete", "no" if shown.missing else "yes"),
        *((name, str(count)) for name, count in shown.counts.items()),
        ("in no template", str(shown.unsupported)),
        ("secret texts removed", str(shown.removed)),
    ]
    return [*found, *(("missing", one) for one in shown.missing)]


def _tables(shown: Shown) -> tuple[Sheet, ...]:
    made = [Sheet(name="Resources", columns=RESOURCE, rows=tuple(map(_resource, shown.found["resources"])))]
    if shown.full:
        made.insert(0, _types(shown.whole))
    for name, (heading, columns) in TABLES.items():
        if name in shown.found:
            rows = tuple(tuple(_said(row, path) for _, path in columns) for row in shown.found[name])
            made.append(Sheet(name=heading, columns=tuple(head for head, _ in columns), rows=rows))
    return tuple(made)


def _types(whole: Whole) -> Sheet:
    kinds = sorted(whole.read_by_type.keys() | whole.graph_by_type.keys())
    rows = tuple((kind, str(whole.read_by_type.get(kind, 0)), str(whole.graph_by_type.get(kind, 0))) for kind in kinds)
    return Sheet(name="Types", columns=("Type", "Read", "Resource Graph counts"), rows=rows)


def _resource(row: Object) -> tuple[str, ...]:
    ident = text(row, "id")
    if not ident:
        return (text(row, "kind") or WITHHELD, *("" for _ in RESOURCE[1:]))
    tags = ", ".join(f"{name}={value}" for name, value in pairs(row, "tags"))
    size = text(row, "sku", "name") or text(row, "properties", "hardwareProfile", "vmSize")
    group = group_of(ident).rsplit("/", 1)[-1]
    return (text(row, "name"), text(row, "type") or type_of(ident), group, text(row, "location"), size, tags, ident)


def _said(row: Object, path: tuple[str, ...]) -> str:
    value = dig(row, *path)
    if value is None and path == ("properties", "scope"):
        return scope_of(text(row, "id"))
    return text(value) if not isinstance(value, (dict, list)) else ""
