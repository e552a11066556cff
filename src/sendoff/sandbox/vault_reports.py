"""Passwordstate's history, documents and the few reports that name them."""

import base64

from sendoff.sandbox.vault_permissions import allowed
from sendoff.sandbox.vault_reach import Reach
from sendoff.sandbox.wire import Json, Obj, Response, answer, arr, obj, plain, text, whole
from sendoff.sandbox.world import Thing, World


def history(record: Thing) -> Response:
    """GET /api/passwordhistory/{id}: every change with all fields in clear."""
    rows: list[Json] = [_line(record, obj(one), at) for at, one in enumerate(arr(record.raw.get("History")))]
    return answer(200, rows or [_line(record, {}, 0)])


def _line(record: Thing, change: Obj, at: int) -> Json:
    base: Obj = {
        key: value for key, value in record.raw.items() if key not in ("History", "Documents", "Links", "Seed")
    }
    more: Obj = {
        "PasswordHistoryID": whole(record.id) * 10 + at,
        "DateChanged": "3-11-2026 10:12:00",
        "UserID": "intercept\\erik",
        "FirstName": "Erik",
        "Surname": "Jansen",
    }
    return {**more, **base, **change}


KINDS = {"password": "password", "passwordlist": "list", "folder": "folder"}


def documents(world: World, rest: list[str], reach: Reach) -> Response:
    """GET /api/document/{password|passwordlist|folder}/{DocumentID}: the raw bytes, or 404."""
    kind = KINDS.get(rest[0].lower(), "") if len(rest) == 2 else ""
    for record in world.all("vault", kind):
        held = record.place if kind == "password" else record.id
        for one in arr(record.raw.get("Documents")):
            if text(one, "DocumentID") == rest[1] and reach.to(held):
                world.effect("disclosed", record)
                return Response(
                    200, {"Content-Type": "application/octet-stream"}, base64.b64decode(text(one, "Content"))
                )
    return plain(
        404, '[{"errors":[{"message":"Not Found"},{"phrase":"The document was not found."}]}]', "application/json"
    )


def report(world: World, rest: list[str], reach: Reach) -> Response:
    """GET /api/reporting/{id}: 23 permissions, 32 activity, 45-47 documents; needs more than a list key."""
    ident = rest[0] if rest else ""
    if not reach.reports:
        body = '[{"errors":[{"message":"Forbidden"},{"phrase":"A Reporting key is needed."}]}]'
        return plain(403, body, "application/json")
    match ident:
        case "23":
            return answer(200, allowed(world))
        case "32":
            return answer(200, _activity(world))
        case "43":
            return answer(200, _linked(world))
        case "45":
            return answer(200, _documents(world, "folder", "FolderID"))
        case "46":
            return answer(200, _documents(world, "list", "PasswordListID"))
        case "47":
            return answer(200, _documents(world, "password", "PasswordID"))
        case _:
            return plain(404, "<html><body><h1>404</h1></body></html>")


def _activity(world: World) -> list[Json]:
    found: list[Json] = []
    for row in world.record.since(0, "effect"):
        line = obj(row)
        if text(line, "kind").startswith("vault."):
            found.append(
                {
                    "AuditID": line["seq"],
                    "AuditDate": line["at"],
                    "Activity": f"API {line['verb']}",
                    "Description": f"{line['kind']} {line['id']}",
                    "UserID": line["caller"],
                }
            )
    return found


def _linked(world: World) -> list[Json]:
    """A row for each list in which a record lies that lies in several [3]: nobody has seen the real columns."""
    return [
        {"PasswordID": whole(one.id), "Title": text(one.raw, "Title"), "PasswordListID": whole(held)}
        for one in world.all("vault", "password")
        if arr(one.raw.get("Links"))
        for held in (one.place, *map(text, arr(one.raw.get("Links"))))
    ]


def _documents(world: World, kind: str, owner: str) -> list[Json]:
    return [
        {
            "DocumentID": whole(text(one, "DocumentID")),
            "DocumentName": text(one, "DocumentName"),
            owner: whole(record.id),
            "Title": text(record.raw, "Title") or text(record.raw, "PasswordList"),
        }
        for record in world.all("vault", kind)
        for one in arr(record.raw.get("Documents"))
    ]
