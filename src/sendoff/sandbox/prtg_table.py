"""PRTG's /api/table: content, columns, filters and paging, as JSON, XML or CSV."""

import re
from html import escape

from sendoff.sandbox.prtg_tree import ASIDE, below, children_of, every, row
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, plain, text, whole
from sendoff.sandbox.world import Thing, World

VERSION = "26.1.112.1234"
CONTENT = {"probes": "probe", "probenode": "probe", "groups": "group", "devices": "device", "sensors": "sensor"}
FILTER = re.compile(r"^@(sub|neq|above|below)\((.*)\)$", re.S)
DEFAULT = 500


def table(world: World, request: Request, output: str) -> Response:
    """GET /api/table.json|xml|csv. Errors: 400 XML on unknown content."""
    content = request.ask("content")
    if content == "sensortree":
        return plain(200, _sensortree(world, request), "text/xml; charset=utf-8")
    rows = _rows(world, request, content)
    if rows is None:
        return failed("Sorry, an invalid content type was requested.")
    chosen = [one for one in rows if _fits(one, request)]
    start = whole(request.ask("start"))
    start = max(start - 1, 0) if content == "messages" else start
    size = len(chosen) if request.ask("count") == "*" else whole(request.ask("count"), DEFAULT)
    part = [_columns(one, request.ask("columns")) for one in chosen[start : start + size]]
    kind = request.ask("output") or output
    if kind in ("csv", "csvtable"):
        return plain(200, _csv(part), "text/csv; charset=utf-8")
    if kind in ("xml", "xmltable"):
        return plain(200, _xml(content, part, len(chosen), start + size >= len(chosen)), "text/xml; charset=utf-8")
    lines: list[Json] = [*part]
    return answer(200, {"prtg-version": VERSION, "treesize": len(chosen), content: lines})


def failed(why: str, status: int = 400) -> Response:
    """PRTG's error body: XML, also from a .json call."""
    body = (
        f'<?xml version="1.0" encoding="UTF-8" ?><prtg><version>{VERSION}</version><error>{escape(why)}</error></prtg>'
    )
    return plain(status, body, "text/xml; charset=UTF-8")


def _rows(world: World, request: Request, content: str) -> list[Obj] | None:
    ident = request.ask("id")
    scope = {one.id for one in below(world, ident)} if ident and ident != "0" else None
    if content == "messages":
        logs = reversed(world.all("prtg", "log"))
        return [one.raw for one in logs if scope is None or text(one.raw, "objid") in {*scope, ident}]
    if content in ("notifications", "schedules", "reports"):
        return [_beside(one) for one in world.all("prtg", content.removesuffix("s"))]
    if content in ("history", "triggers", "channels", "values"):
        return []
    things = every(world) if content in ("", "objects") else world.all("prtg", CONTENT.get(content, "none"))
    if content and content != "objects" and content not in CONTENT:
        return None
    if content == "sensors" and scope is not None:
        scope.add(ident)
    asked = {value for key, value in request.query if key.lower() == "filter_objid" and value.isdecimal()}
    things = [one for one in things if (scope is None or one.id in scope) and (not asked or one.id in asked)]
    known = children_of(world) if things else {}
    return [row(world, one, known) for one in things]


def _beside(thing: Thing) -> Obj:
    """Templates, schedules and reports, which lie under a category of their own."""
    above = ASIDE[thing.kind]
    return {
        **thing.raw,
        "objid": int(thing.id),
        "active": True,
        "active_raw": -1,
        "parentid": above,
        "type": thing.kind,
    }


def _fits(line: Obj, request: Request) -> bool:
    asked: dict[str, list[str]] = {}
    for key, value in request.query:
        if key.lower().startswith("filter_"):
            asked.setdefault(key.lower().removeprefix("filter_"), []).append(value)
    return all(any(_one(line, name, value) for value in values) for name, values in asked.items())


def _one(line: Obj, name: str, value: str) -> bool:
    if name in ("dstart", "dend", "drel"):
        return True
    numeric = name in ("status", "priority", "active") and re.fullmatch(r"-?\d+|@\w+\(-?\d+\)", value) is not None
    left = text(line, f"{name}_raw") if numeric else text(line, name)
    found = FILTER.match(value)
    if found is None:
        return left.lower() == value.lower() or (name == "tags" and value in left.split())
    word, right = found.group(1), found.group(2)
    if word == "sub":
        return right.lower() in left.lower()
    if word == "neq":
        return left.lower() != right.lower()
    mine, other = whole(text(line, f"{name}_raw") or left), whole(right)
    return mine > other if word == "above" else mine < other


def _columns(line: Obj, asked: str) -> Obj:
    names = [one.strip() for one in asked.split(",") if one.strip()] or ["objid", "name"]
    found: Obj = {}
    for name in names:
        found[name] = line.get(name, "")
        found[f"{name}_raw"] = line.get(f"{name}_raw", line.get(name, ""))
    return found


def _csv(rows: list[Obj]) -> str:
    heads = list(rows[0]) if rows else []
    names = [f'"{one.removesuffix("_raw")}(RAW)"' if one.endswith("_raw") else f'"{one}"' for one in heads]
    lines = [",".join(f'"{text(one.get(key)).replace(chr(34), chr(34) * 2)}"' for key in heads) for one in rows]
    return "\r\n".join([",".join(names), *lines]) + "\r\n"


def _xml(content: str, rows: list[Obj], total: int, last: bool) -> str:
    items = "".join("<item>" + "".join(_tag(key, value) for key, value in one.items()) + "</item>" for one in rows)
    head = f'<{content} totalcount="{total}" listend="{int(last)}">'
    return f'<?xml version="1.0" encoding="UTF-8" ?>{head}<prtg-version>{VERSION}</prtg-version>{items}</{content}>'


def _tag(key: str, value: Json) -> str:
    padded = key.endswith("_raw") and isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return f"<{key}>{value:010d}</{key}>" if padded else f"<{key}>{escape(text(value))}</{key}>"


def _sensortree(world: World, request: Request) -> str:
    children: dict[str, list[Thing]] = {}
    for one in every(world):
        children.setdefault(text(one.raw, "parentid"), []).append(one)
    inner = "".join(_node(children, one) for one in children.get(request.ask("id") or "0", []))
    return (
        f'<?xml version="1.0" encoding="UTF-8" ?><prtg><version>{VERSION}</version><sensortree><nodes>'
        f'<group id="{request.ask("id") or "0"}">{inner}</group></nodes></sensortree></prtg>'
    )


def _node(children: dict[str, list[Thing]], thing: Thing) -> str:
    tag = "probenode" if thing.kind == "probe" else thing.kind
    inner = "".join(_node(children, one) for one in children.get(thing.id, []))
    return f'<{tag} id="{thing.id}"><name>{escape(text(thing.raw, "name"))}</name>{inner}</{tag}>'
