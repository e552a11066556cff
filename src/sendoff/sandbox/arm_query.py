"""Resource Graph: four tables and a small tolerant part of its query language.

Vendor's page: learn.microsoft.com/azure/governance/resource-graph/concepts/query-language.
"""

import re
from collections import Counter
from collections.abc import Callable

from sendoff.sandbox.arm_access import managing, sees
from sendoff.sandbox.arm_errors import error
from sendoff.sandbox.arm_ids import (
    ASSIGNMENT,
    DEFINITION,
    DELEGATION,
    EXEMPTION,
    GROUP,
    OFFER,
    ROLE,
    SET,
    SUBSCRIPTION,
    place,
)
from sendoff.sandbox.arm_lists import resources
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, dig, obj, text, whole, words
from sendoff.sandbox.world import Identity, Thing, World

TABLES = {
    "resourcecontainers": (GROUP, SUBSCRIPTION),
    "policyresources": (ASSIGNMENT, DEFINITION, SET, EXEMPTION),
    "managedservicesresources": (DELEGATION, OFFER),
    "authorizationresources": (ROLE,),
}
WHERE = re.compile(r"([\w.\[\]'\"]+)\s*(=~|==|!=|!~|contains|startswith|has|in~|in)\s*(.+)", re.I | re.S)


def query(world: World, who: Identity, request: Request) -> Response:
    """POST …/Microsoft.ResourceGraph/resources. Errors: 400 BadRequest on what it cannot read."""
    body = request.json()
    stages = [one.strip() for one in text(body, "query").split("|")]
    seen = _subscriptions(world, who, words(body.get("subscriptions")))
    rows = _table(world, stages[0].strip("\n ;").lower(), seen)
    if stages[0].lower() == "authorizationresources" and managing(world, who):
        rows = []  # a delegation is never shown who holds rights
    if rows is None:
        return _bad(f"Invalid table name '{stages[0]}'.")
    rows = _indexed(world, f"{who.principal} {stages[0].lower()} {sorted(seen)}", rows)
    for stage in stages[1:]:
        rows = _stage(rows, stage)
        if rows is None:
            return _bad(f"Query is invalid. Please refer to the documentation: '{stage}'.")
    return _page(rows, obj(body.get("options")))


def _indexed(world: World, key: str, rows: list[Obj]) -> list[Obj]:
    """The rows as the index has them: for some answers after a change still those from before it."""
    shown, left = world.slow.index.get(key, (rows, 0)) if world.habits.lag else (rows, 0)
    if world.habits.lag:
        fresh = shown == rows or not left
        world.slow.index[key] = (rows, world.habits.lag) if fresh else (shown, left - 1)
        return rows if fresh else shown
    return rows


def _bad(why: str) -> Response:
    return error(400, "BadRequest", f"Please provide below info when asking for support. {why}")


def _subscriptions(world: World, who: Identity, asked: list[str]) -> set[str]:
    mine = {one.place for one in world.all("arm", SUBSCRIPTION) if sees(world, who, one)}
    return mine & {one.lower() for one in asked} if asked else mine


def _table(world: World, name: str, seen: set[str]) -> list[Obj] | None:
    if name == "resources":
        return [_row(world, one) for sub in sorted(seen) for one in resources(world, sub)]
    if name not in TABLES:
        return None
    return [_row(world, one) for kind in TABLES[name] for one in world.all("arm", kind) if one.place in seen]


def _row(world: World, thing: Thing) -> Obj:
    where = place(thing.id)
    home = world.get("arm", SUBSCRIPTION, f"/subscriptions/{where.subscription}")
    kind = "microsoft.resources/subscriptions/resourcegroups" if thing.kind == GROUP else thing.kind
    row: Obj = {
        "id": thing.id,
        "name": thing.raw.get("name") or thing.raw.get("displayName") or "",
        "type": kind,
        "tenantId": text(home.raw, "tenantId") if home else "",
        "kind": "",
        "location": "",
        "managedBy": "",
        "resourceGroup": where.group,
        "subscriptionId": where.subscription,
        "sku": None,
        "plan": None,
        "tags": None,
        "identity": None,
        "zones": None,
        "properties": {},
    }
    return {**row, **{key: value for key, value in thing.raw.items() if key in row and key not in ("id", "type")}}


def _stage(rows: list[Obj], stage: str) -> list[Obj] | None:
    word, _, rest = stage.partition(" ")
    match word.lower():
        case "where":
            return _where(rows, rest)
        case "project":
            names = [one.strip() for one in rest.split(",")]
            return [{_alias(one): _field(row, _source(one)) for one in names} for row in rows]
        case "order" | "sort":
            key = rest.strip().removeprefix("by").split()[0]
            return sorted(rows, key=lambda row: text(_field(row, key)), reverse=rest.strip().endswith("desc"))
        case "take" | "limit":
            return rows[: whole(rest.strip())]
        case "summarize" if rest.strip().lower().startswith("count() by "):
            return _summed(rows, rest.strip()[len("count() by ") :].strip())
        case "count":
            return [{"Count": len(rows)}]
        case _:
            return None


def _summed(rows: list[Obj], column: str) -> list[Obj]:
    counts = Counter(text(_field(row, column)) for row in rows)
    return [{_alias(column): value, "count_": counts[value]} for value in sorted(counts)]


def _alias(column: str) -> str:
    return column.split("=")[0].strip().replace(".", "_")


def _source(column: str) -> str:
    return column.split("=")[-1].strip()


def _field(row: Obj, name: str) -> Json:
    steps = [one for one in re.split(r"\.|\[['\"]|['\"]\]", name.strip()) if one]
    found: Json = row
    for step in steps:
        inner = obj(found)
        found = next((value for key, value in inner.items() if key.lower() == step.lower()), None)
    return found


def _where(rows: list[Obj], clause: str) -> list[Obj] | None:
    tests = [_test(one) for one in re.split(r"\s+and\s+", clause, flags=re.I)]
    if any(test is None for test in tests):
        return None
    return [row for row in rows if all(test(row) for test in tests if test is not None)]


def _test(clause: str) -> Callable[[Obj], bool] | None:
    found = WHERE.match(re.sub(r"\btolower\(([^)]*)\)", r"\1", clause.strip(), flags=re.I))
    if found is None:
        return None
    name, sign, right = found.group(1), found.group(2).lower(), found.group(3)
    values = [one.lower() if sign not in ("==", "!=") else one for one in re.findall(r"['\"]([^'\"]*)['\"]", right)]

    def test(row: Obj) -> bool:
        left = text(_field(row, name))
        left = left if sign in ("==", "!=") else left.lower()
        if sign in ("!=", "!~"):
            return left not in values
        if sign == "contains" or sign == "has":
            return any(one in left for one in values)
        return any(left.startswith(one) for one in values) if sign == "startswith" else left in values

    return test if values else None


def _page(rows: list[Obj], options: Obj) -> Response:
    size = min(whole(options.get("$top"), 100) or 100, 1000)
    start = whole(dig(options, "$skipToken")) or whole(options.get("$skip"))
    part: list[Json] = [*rows[start : start + size]]
    body: Obj = {"totalRecords": len(rows), "count": len(part), "resultTruncated": "false", "data": part, "facets": []}
    if start + size < len(rows):
        body["$skipToken"], body["resultTruncated"] = str(start + size), "true" if not _has_id(rows) else "false"
    return answer(200, body, {"x-ms-user-quota-remaining": "14", "x-ms-user-quota-resets-after": "00:00:05"})


def _has_id(rows: list[Obj]) -> bool:
    return bool(rows) and "id" in rows[0]
