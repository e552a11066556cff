"""What Azure keeps for a while after a delete, by the civil clock: key vaults, whose names stay taken, and workspaces.

Vendor's pages: learn.microsoft.com/azure/key-vault/general/soft-delete-overview and
/azure/azure-monitor/logs/delete-workspace.
"""

from datetime import datetime, timedelta

from sendoff.sandbox.arm_errors import error
from sendoff.sandbox.arm_ids import Place, place
from sendoff.sandbox.entra import utc
from sendoff.sandbox.record import VENDOR
from sendoff.sandbox.wire import Json, Obj, Response, answer, dig, obj, text, whole
from sendoff.sandbox.world import Thing, World

BIN = "arm-bin"
VAULT = "microsoft.keyvault/vaults"
WORKSPACE = "microsoft.operationalinsights/workspaces"
KEPT = {VAULT: 90, WORKSPACE: 14}
"""Days; a vault may say another number from 7 on itself."""
GONE = {"microsoft.keyvault/deletedvaults": VAULT, "microsoft.operationalinsights/deletedworkspaces": WORKSPACE}
ONE = "microsoft.keyvault/locations/deletedvaults"
PURGE = f"{ONE}/purge"


def bury(world: World, thing: Thing, *, force: bool = False) -> None:
    """Keep what was deleted, when its type is kept; `force` is how a workspace is deleted for good."""
    if thing.kind not in KEPT or (force and thing.kind == WORKSPACE) or world.get("arm", thing.kind, thing.id):
        return
    raw: Obj = {**thing.raw, "deletionDate": utc(world), "scheduledPurgeDate": _until(world, thing).isoformat()}
    with world.record.by(VENDOR):
        world.add(Thing(BIN, thing.kind, thing.id, thing.owner, raw, thing.place))


def _until(world: World, thing: Thing) -> datetime:
    said = whole(dig(thing.raw, "properties", "softDeleteRetentionInDays"))
    return world.now + timedelta(days=said if said and thing.kind == VAULT else KEPT[thing.kind])


def kept(world: World, kind: str, subscription: str) -> list[Thing]:
    """What is kept of a kind in a subscription; what is over its time goes."""
    found = []
    for one in world.all(BIN, kind):
        if datetime.fromisoformat(text(one.raw, "scheduledPurgeDate")) < world.now:
            with world.record.by(VENDOR):
                world.remove(one)
        elif one.place == subscription:
            found.append(one)
    return found


def listed(world: World, where: Place) -> Response:
    """GET …/deletedVaults or …/deletedWorkspaces of a subscription."""
    rows: list[Json] = [_shown(one) for one in kept(world, GONE[where.kind], where.subscription)]
    return answer(200, {"value": rows})


def one(world: World, where: Place, method: str) -> Response:
    """GET a deleted vault, or POST its purge. Errors: 400 with purge protection, 404, 405."""
    name = where.id.lower().removesuffix("/purge").rsplit("/", 1)[-1]
    held = [one for one in kept(world, VAULT, where.subscription) if text(one.raw, "name").lower() == name]
    if not held:
        return error(404, "DeletedVaultNotFound", f"The specified deleted vault '{name}' does not exist.")
    if method == "GET" and where.kind == ONE:
        return answer(200, _shown(held[0]))
    if method != "POST" or where.kind != PURGE:
        return error(405, "HttpMethodNotSupported", f"{method} is not supported at '{where.id}'.")
    if dig(held[0].raw, "properties", "enablePurgeProtection") is True:
        return error(400, "MethodNotAllowed", "Operation 'DeletedVaultPurge' is not allowed.")
    world.remove(held[0])
    return Response(200)


def taken(world: World, where: Place) -> Response | None:
    """409 when the name of a new vault or workspace is that of a deleted one."""
    if where.kind not in KEPT:
        return None
    names = [text(one.raw, "name").lower() for one in kept(world, where.kind, where.subscription)]
    if where.kind == VAULT and where.name.lower() in names:
        return error(
            409, "ConflictError", f"A vault with the same name '{where.name}' already exists in deleted state."
        )
    return None


def _shown(thing: Thing) -> Obj:
    at = place(thing.id)
    mark = f"/subscriptions/{thing.place}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/"
    props: Obj = {
        "vaultId": thing.id,
        "location": text(thing.raw, "location"),
        "deletionDate": text(thing.raw, "deletionDate"),
        "scheduledPurgeDate": text(thing.raw, "scheduledPurgeDate"),
        "tags": obj(thing.raw.get("tags")),
    }
    if thing.kind != VAULT:
        return {key: value for key, value in thing.raw.items() if key not in ("deletionDate", "scheduledPurgeDate")}
    return {"id": mark + at.name, "name": at.name, "type": "Microsoft.KeyVault/deletedVaults", "properties": props}
