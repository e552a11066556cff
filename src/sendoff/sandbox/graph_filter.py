"""The part of OData that Graph answers here: $filter, $select, $top, $count and @odata.nextLink."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

from sendoff.sandbox.graph_path import counts
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, arr, obj, plain, text, whole

LONG = 1000
"""Rows of a report: the vendor's own default."""
Test = Callable[[Obj], bool]
CALL = re.compile(r"^(endswith|startswith|contains)\(([\w/]+),\s*'((?:[^']|'')*)'\)$", re.I)
COMPARE = re.compile(r"^([\w/@.]+)\s+(eq|ne|ge|gt|le|lt)\s+(.+)$", re.I)
ANY = re.compile(r"^([\w/]+)/any\((\w+):\s*(.+)\)$", re.I | re.S)
BASE = "https://graph.microsoft.com/v1.0"


class Unsupported(Exception):
    """A filter that Graph does not offer; the answer is 400 Request_UnsupportedQuery."""


def error(status: int, code: str, message: str) -> Response:
    """{"error": {"code", "message", "innerError"}} as Graph writes it."""
    inner: Obj = {
        "date": "2026-11-23T08:00:00",
        "request-id": "0f0e0d0c-0000-4000-8000-000000000000",
        "client-request-id": "0f0e0d0c-0000-4000-8000-000000000000",
    }
    return answer(status, {"error": {"code": code, "message": message, "innerError": inner}})


def not_found(ident: str) -> Response:
    """404 Request_ResourceNotFound."""
    return error(
        404,
        "Request_ResourceNotFound",
        f"Resource '{ident}' does not exist or one of its queried reference-property objects are not present.",
    )


def segment(name: str) -> Response:
    """400: nothing of this name lies there."""
    return error(400, "BadRequest", f"Resource not found for the segment '{name}'.")


def listing(rows: list[Obj], request: Request, context: str, default: tuple[str, ...] = ()) -> Response:
    """Filter, cut and page rows. Errors: 400 Request_UnsupportedQuery."""
    asked = request.ask("$filter")
    if "endswith(" in asked.lower() and not _eventual(request):
        return error(
            400,
            "Request_UnsupportedQuery",
            (
                "Operator 'endsWith' is not supported because the required parameters might be missing. Try adding "
                "$count=true query parameter and ConsistencyLevel:eventual header."
            ),
        )
    try:
        chosen = [one for one in rows if matches(asked, one)]
    except Unsupported:
        return error(400, "Request_UnsupportedQuery", f"Unsupported or invalid query filter clause: '{asked}'.")
    order = request.ask("$orderby")
    if order and asked and not _eventual(request):
        return error(400, "Request_UnsupportedQuery", "Sorting not supported for current query.")
    chosen = ordered(chosen, order)
    return _number(len(chosen), request) if counts(request) else _page(chosen, request, context, default)


def ordered(rows: list[Obj], order: str) -> list[Obj]:
    """The rows as $orderby has them: by one member after another, each with or without `desc`."""
    for one in reversed([one.split() for one in order.split(",") if one.strip()]):
        name, down = one[0], one[1:] == ["desc"]
        rows = sorted(rows, key=lambda row: text(_walk(row, name)).lower(), reverse=down)
    return rows


def _number(rows: int, request: Request) -> Response:
    """What $count after a list answers: a bare number, and only with the header of an advanced query."""
    if request.headers.get("consistencylevel", "").lower() != "eventual":
        return error(400, "Request_BadRequest", "$count is not currently supported.")
    return plain(200, str(rows), "text/plain")


def _eventual(request: Request) -> bool:
    counted = request.ask("$count").lower() == "true"
    return counted and request.headers.get("consistencylevel", "").lower() == "eventual"


def _page(rows: list[Obj], request: Request, context: str, default: tuple[str, ...]) -> Response:
    most = LONG if request.path.lower().endswith("/auditlogs/signins") else request.rows
    size = max(min(whole(request.ask("$top"), most), most), 1)
    start = max(whole(request.ask("$skiptoken") or request.ask("$skip")), 0)
    body: Obj = {"@odata.context": f"{BASE}/$metadata#{context}"}
    if request.ask("$count").lower() == "true":
        body["@odata.count"] = len(rows)
    if start + size < len(rows):
        kept = [one for one in request.query if one[0].lower() not in ("$skiptoken", "$skip")]
        body["@odata.nextLink"] = f"{request.base}{request.path}?" + urlencode([*kept, ("$skiptoken", start + size)])
    body["value"] = [cut(one, request.ask("$select"), default) for one in rows[start : start + size]]
    return answer(200, body)


def cut(row: Obj, select: str, default: tuple[str, ...] = ()) -> Json:
    """The members that $select names, else the type's default set, else all."""
    names = [one.strip() for one in select.split(",") if one.strip()] or [*default]
    return {name: row.get(name) for name in ["id", *names]} if names else row


def matches(clause: str, row: Obj) -> bool:
    """Whether a row fits a $filter. Raises Unsupported."""
    clause = _unwrap(clause.strip())
    if not clause:
        return True
    for word, over in ((" or ", any), (" and ", all)):
        parts = _split(clause, word)
        if len(parts) > 1:
            return over([matches(one, row) for one in parts])
    return _one(clause, row)


def _unwrap(clause: str) -> str:
    while clause.startswith("(") and clause.endswith(")") and _closes(clause) == len(clause) - 1:
        clause = clause[1:-1].strip()
    return clause


def _closes(clause: str) -> int:
    depth = 0
    for at, letter in enumerate(clause):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return at
    return -1


def _split(clause: str, word: str) -> list[str]:
    parts, depth, quoted, start = [], 0, False, 0
    for at, letter in enumerate(clause):
        quoted ^= letter == "'"
        depth += 0 if quoted else (letter == "(") - (letter == ")")
        if not quoted and depth == 0 and clause[at : at + len(word)].lower() == word:
            parts.append(clause[start:at])
            start = at + len(word)
    return [*parts, clause[start:]]


def _one(clause: str, row: Obj) -> bool:
    if clause.lower().startswith("not"):
        return not matches(clause[3:].strip(), row)
    if found := CALL.match(clause):
        word, name, value = found.group(1).lower(), found.group(2), found.group(3).replace("''", "'").lower()
        left = text(_walk(row, name)).lower()
        tests = {"endswith": left.endswith(value), "startswith": left.startswith(value), "contains": value in left}
        return tests[word]
    if found := ANY.match(clause):
        inner = re.sub(rf"\b{found.group(2)}/", "", found.group(3))
        inner = re.sub(rf"\b{found.group(2)}\b(?= (eq|ne) )", "itself", inner)
        return any(matches(inner, _itself(one)) for one in arr(_walk(row, found.group(1))))
    if found := COMPARE.match(clause):
        return _compare(_walk(row, found.group(1)), found.group(2).lower(), found.group(3).strip())
    raise Unsupported(clause)


def _itself(value: Json) -> Obj:
    return value if isinstance(value, dict) else {"itself": value}


def _walk(row: Obj, name: str) -> Json:
    found: Json = row
    for step in name.split("/"):
        inner = obj(found)
        found = next((value for key, value in inner.items() if key.lower() == step.lower()), None)
    return found


def _compare(left: Json, sign: str, right: str) -> bool:
    if right == "null":
        return (left is None) == (sign == "eq")
    mine, other = text(left).lower(), right.strip("'").replace("''", "'").lower()
    if sign in ("eq", "ne"):
        return (mine == other) == (sign == "eq")
    return {"ge": mine >= other, "gt": mine > other, "le": mine <= other, "lt": mine < other}[sign]
