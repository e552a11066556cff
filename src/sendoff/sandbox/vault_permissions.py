"""Who may what on lists and folders of the vault: report 23, and the call that takes a permission away.

Vendor's page: clickstudios.com.au/docs/apis/standard-api, Permissions. Nobody has seen the columns of the report [3].
"""

from sendoff.sandbox.vault_reach import ADMIN, MODIFY, PERMISSIONS, VIEW, Reach, named, permissions
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, plain, text, whole
from sendoff.sandbox.world import Thing, World

PLACES = {"passwordlistpermissions": ("list", "PasswordListID"), "folderpermissions": ("folder", "FolderID")}
APPLY = ("ApplyPermissionsForUserID", "ApplyPermissionsForSecurityGroupID", "ApplyPermissionsForSecurityGroupName")


def allowed(world: World) -> list[Json]:
    """Report 23: a row for each user or group that may anything on a list."""
    return [_row(held, one) for held in world.all("vault", "list") for one in permissions(held)]


def _row(held: Thing, one: Obj) -> Json:
    return {
        "PasswordListID": whole(held.id),
        "PasswordList": text(held.raw, "PasswordList"),
        "TreePath": text(held.raw, "TreePath"),
        "UserID": text(one, "UserID"),
        "SecurityGroupName": text(one, "SecurityGroupName"),
        "Admin": _yes(one, ADMIN),
        "Modify": _yes(one, ADMIN, MODIFY),
        "View": _yes(one, ADMIN, MODIFY, VIEW),
        "Mobile Access": "No",
    }


def _yes(one: Obj, *levels: str) -> str:
    return "Yes" if text(one, "Permission") in levels else "No"


def changed(world: World, call: str, request: Request, reach: Reach) -> Response:
    """DELETE with a JSON body: the list or folder, and exactly one of the three ways to name whose permission it is."""
    if request.method != "DELETE":
        return plain(405, "<html><body><h1>405</h1></body></html>")
    kind, key = PLACES[call]
    asked = request.json()
    given = [name for name in APPLY if text(asked, name)]
    if len(given) != 1 or not text(asked, key):
        return _refuse(400, "Bad Request", f"Specify {key} and exactly one of {', '.join(APPLY)}.")
    held = world.get("vault", kind, text(asked, key))
    if held is None or not _administers(held, reach):
        return _refuse(403, "Forbidden", "You do not have Administrator access.")
    field = "UserID" if given[0] == APPLY[0] else "SecurityGroupName"
    gone = [one for one in permissions(held) if text(one, field).lower() == text(asked, given[0]).lower()]
    if not gone:
        return _refuse(404, "Not Found", "The permission was not found.")
    whose = "user" if field == "UserID" else "group"
    _taken(world, held, gone[0], "/".join((held.id, whose, *text(gone[0], field).split("\\"))))
    return answer(200, [{"Status": "Success"}])


def _administers(held: Thing, reach: Reach) -> bool:
    rows = [one for one in permissions(held) if named(one) in reach.names and text(one, "Permission") == ADMIN]
    return reach.everything or bool(rows)


def _taken(world: World, held: Thing, row: Obj, ident: str) -> None:
    if world.lying:
        return
    held.raw[PERMISSIONS] = [one for one in permissions(held) if one != row]
    world.effect("removed", Thing("vault", "permission", ident, held.owner, row, held.id))


def _refuse(status: int, message: str, phrase: str) -> Response:
    return answer(status, [{"errors": [{"message": message}, {"phrase": phrase}]}])
