"""Passwordstate's standard API behind an APIKey header, and the same calls behind /winapi/ for a Windows account.

Vendor's page: clickstudios.com.au/docs/apis/standard-api.
"""

from sendoff.sandbox.vault_permissions import changed
from sendoff.sandbox.vault_reach import PERMISSIONS, Reach
from sendoff.sandbox.vault_reports import documents, history, report
from sendoff.sandbox.vault_windows import offered, signed_in
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, arr, dig, obj, plain, text
from sendoff.sandbox.world import Thing, World

SECRET = ("Password", "OTP")
HIDDEN = ("History", "Documents", "Links", "Seed", PERMISSIONS)
"""What the world keeps with a record and no answer shows."""
FIELDS = (
    "Title",
    "UserName",
    "HostName",
    "Description",
    "Notes",
    "URL",
    "AccountType",
    "Domain",
    *[f"GenericField{n}" for n in range(1, 11)],
)


def serve(world: World, request: Request) -> Response:
    """Answer one call. Errors: 401/403/404 as an array with one object of errors; a search without hit is a 404."""
    parts = [one for one in request.path.split("/") if one]
    if not parts or parts[0].lower() not in ("api", "winapi"):
        return plain(404, "<html><body><h1>404</h1></body></html>")
    windows = parts[0].lower() == "winapi"
    if len(parts) == 1 and not windows:
        return plain(200, "<html><body>Passwordstate V9.9 (Build 9950)</body></html>")
    reach = signed_in(world, request) if windows else _reach(world, request)
    if isinstance(reach, Response):
        return reach
    if "&" in request.path or len(parts) == 1:
        return plain(404, "<html><body><h1>404</h1></body></html>")
    found = _call(world, parts[1].lower(), parts[2:], request, reach)
    return offered(found, world) if windows else found


def refuse(status: int, message: str, phrase: str) -> Response:
    """The vendor's error: an array with one object, whose `errors` is an array of single-key objects."""
    return answer(status, [{"errors": [{"message": message}, {"phrase": phrase}]}])


def _reach(world: World, request: Request) -> Reach | Response:
    key = request.headers.get("apikey") or request.ask("apikey") or text(request.json(), "APIKey")
    ours = obj(world.msp.get("passwordstate"))
    if key and key == text(ours, "api_key"):
        world.record.caller = "passwordstate:system-wide"
        return Reach(everything=True, reports=True)
    for ident, value in obj(ours.get("list_keys")).items():
        if key and key == value:
            world.record.caller = f"passwordstate:list-{ident}"
            return Reach(lists=frozenset({ident}))
    return refuse(401, "No Authorization", "The API Key supplied is not valid.")


def _call(world: World, call: str, rest: list[str], request: Request, reach: Reach) -> Response:
    match call:
        case "folders":
            return _folders(world, request, reach)
        case "passwordlists" | "searchpasswordlists":
            return _lists(world, rest, request, reach, searched=call.startswith("search"))
        case "passwords":
            return _passwords(world, rest, request, reach)
        case "searchpasswords":
            return _search(world, rest, request, reach)
        case "passwordhistory":
            return _history(world, rest, request, reach)
        case "onetimepassword":
            return _code(world, rest, request, reach)
        case "document":
            return documents(world, rest, reach)
        case "reporting":
            return report(world, rest, reach)
        case "passwordlistpermissions" | "folderpermissions":
            return changed(world, call, request, reach)
        case _:
            return plain(404, "<html><body><h1>404</h1></body></html>")


def _folders(world: World, request: Request, reach: Reach) -> Response:
    if not reach.everything and not reach.names:
        return refuse(403, "Forbidden", "The API Key supplied is a Password List key; a System Wide key is needed.")
    rows: list[Json] = [
        {key: value for key, value in one.raw.items() if key not in HIDDEN}
        for one in world.all("vault", "folder")
        if reach.sees(one) and _contains(one, request, ("FolderName", "Description", "TreePath", "SiteID"))
    ]
    return answer(200, rows) if rows else refuse(404, "Not Found", "No Folders were found.")


def _contains(thing: Thing, request: Request, names: tuple[str, ...]) -> bool:
    return all(request.ask(name).lower() in text(thing.raw, name).lower() for name in names if request.ask(name))


def _lists(world: World, rest: list[str], request: Request, reach: Reach, *, searched: bool) -> Response:
    found = [one for one in world.all("vault", "list") if reach.to(one.id) and not one.raw["PrivatePasswordList"]]
    if rest:
        found = [one for one in found if one.id == rest[0]]
    if searched:
        found = [one for one in found if _contains(one, request, ("PasswordList", "Description", "TreePath", "SiteID"))]
    rows: list[Json] = [{key: value for key, value in one.raw.items() if key not in HIDDEN} for one in found]
    return answer(200, rows) if rows else refuse(404, "Not Found", "No Password Lists were found.")


def _passwords(world: World, rest: list[str], request: Request, reach: Reach) -> Response:
    if request.method == "DELETE":
        return _delete(world, rest, request, reach)
    if request.method != "GET":
        return plain(405, "<html><body><h1>405</h1></body></html>")
    if not request.has("QueryAll"):
        return _one(world, rest, request, reach)
    if not rest:
        return _shown(world, [one for one in world.all("vault", "password") if _open(world, one, reach)], request)
    if world.get("vault", "list", rest[0]) is None or not reach.to(rest[0]):
        return refuse(
            404, "Not Found", f"A Password List of ID '{rest[0]}' was not found, or you have no access to it."
        )
    return _shown(world, [one for one in world.all("vault", "password") if _lies_in(one, rest[0])], request, rest[0])


def _lies_in(record: Thing, ident: str) -> bool:
    """In its own list, or linked into another one: it is the same record there."""
    return record.place == ident or ident in map(text, arr(record.raw.get("Links")))


def _open(world: World, record: Thing, reach: Reach) -> bool:
    held = world.get("vault", "list", record.place)
    return reach.to(record.place) and held is not None and held.raw["PrivatePasswordList"] is not True


def _one(world: World, rest: list[str], request: Request, reach: Reach) -> Response:
    found = world.get("vault", "password", rest[0]) if rest else None
    if found is None or not _open(world, found, reach):
        return refuse(404, "Not Found", f"A Password of ID '{rest[0] if rest else ''}' was not found in the database.")
    return _shown(world, [found], request)


def _shown(world: World, found: list[Thing], request: Request, held: str = "") -> Response:
    for ident in {held or one.place for one in found}:
        refused = _reason(world, ident, request)
        if refused is not None:
            return refused
    if not found:
        return refuse(404, "Not Found", "No Passwords were found.")
    closed = request.ask("ExcludePassword").lower() == "true"
    for one in found:
        if not closed:
            world.effect("disclosed", one)
    rows: list[Json] = [
        {
            key: "" if closed and key in SECRET else held if held and key == "PasswordListID" else value
            for key, value in one.raw.items()
            if key not in HIDDEN
        }
        for one in found
    ]
    if "x-sandbox-rotates" in request.headers:
        for one in found:
            world.change(one, {"Password": world.fresh("reset")})
    return answer(200, rows)


def _code(world: World, rest: list[str], request: Request, reach: Reach) -> Response:
    """GET /api/onetimepassword/{id}: the code of this half minute; its seed never comes out."""
    found = world.get("vault", "password", rest[0]) if rest else None
    if found is None or not _open(world, found, reach) or not text(found.raw, "Seed"):
        return refuse(404, "Not Found", "No One-Time Password was found.")
    refused = _reason(world, found.place, request)
    if refused is not None:
        return refused
    world.effect("disclosed", found)
    return answer(
        200, [{"OTP": f"{sum(text(found.raw, 'Seed').encode()) + int(world.now.timestamp()) // 30:06d}"[-6:]}]
    )


def _reason(world: World, ident: str, request: Request) -> Response | None:
    held = world.get("vault", "list", ident)
    if held is None or dig(held.raw, "ProvideAccessReason") is not True or request.headers.get("reason"):
        return None
    return refuse(
        401,
        "No Authorization",
        (f"PasswordListID '{ident}' is configured so the Reason Header Attribute is mandatory, and it is missing."),
    )


def _search(world: World, rest: list[str], request: Request, reach: Reach) -> Response:
    found = [
        one
        for one in world.all("vault", "password")
        if _open(world, one, reach) and (not rest or one.place == rest[0]) and _hit(one, request)
    ]
    return _shown(world, found, request)


def _hit(record: Thing, request: Request) -> bool:
    free = request.ask("Search").lower()
    names = [name for name in FIELDS if request.ask(name)]
    if free and not any(free in text(record.raw, name).lower() for name in FIELDS):
        return False
    return all(request.ask(name).lower() in text(record.raw, name).lower() for name in names)


def _history(world: World, rest: list[str], request: Request, reach: Reach) -> Response:
    found = world.get("vault", "password", rest[0]) if rest else None
    if found is None or not _open(world, found, reach):
        return refuse(404, "Not Found", "No Password History was found.")
    refused = _reason(world, found.place, request)
    if refused is not None:
        return refused
    world.effect("disclosed", found)
    return history(found)


def _delete(world: World, rest: list[str], request: Request, reach: Reach) -> Response:
    found = world.get("vault", "password", rest[0]) if rest else None
    if found is None or not _open(world, found, reach):
        return refuse(404, "Not Found", f"A Password of ID '{rest[0] if rest else ''}' was not found in the database.")
    refused = _reason(world, found.place, request)
    if refused is not None:
        return refused
    if reach.names and not reach.writes(found.place):
        return refuse(403, "Forbidden", "You do not have Modify access to this Password List.")
    world.remove(found)
    _recount(world, found.place)
    if request.ask("MoveToRecycleBin").lower() == "true":
        gone: Obj = {**found.raw, "Recycled": world.at()}
        world.add(Thing("vault", "recycled", found.id, found.owner, gone, found.place))
    return Response(204)


def _recount(world: World, ident: str) -> None:
    held = world.get("vault", "list", ident)
    if held is not None and not world.lying:
        held.raw["TotalPasswords"] = sum(1 for one in world.all("vault", "password") if one.place == ident)
