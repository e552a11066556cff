"""ARM deletes: locks, references, soft answers and the long-running ones with their operation to poll."""

import json
import time

from sendoff.sandbox import arm_remediation, arm_soft
from sendoff.sandbox.arm_access import locked, managing
from sendoff.sandbox.arm_errors import error, scope_locked
from sendoff.sandbox.arm_ids import (
    ASSIGNMENT,
    DEFINITION,
    DELEGATION,
    EXTENSIONS,
    GROUP,
    OFFER,
    ROLE,
    SET,
    Place,
    place,
    under,
)
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, arr, dig, obj, text
from sendoff.sandbox.world import Identity, Operation, Thing, World

SLOW = frozenset(
    {
        DELEGATION,
        GROUP,
        "microsoft.compute/virtualmachines",
        "microsoft.compute/disks",
        "microsoft.sql/servers/databases",
        "microsoft.operationalinsights/workspaces",
        "microsoft.network/virtualnetworks",
        "microsoft.sql/servers",
        "microsoft.network/networkinterfaces",
        "microsoft.network/publicipaddresses",
        "microsoft.network/networksecuritygroups",
    }
)
VAULT = "microsoft.recoveryservices/vaults"
ECHO = frozenset({ASSIGNMENT, ROLE})
PATIENCE = 0.5


def delete(world: World, who: Identity, where: Place, request: Request) -> Response:
    """Delete by id: 204 when absent (404 for a group), 200 or 202 else. Errors: 400 in use, 409 locked or nested."""
    thing = world.get("arm", where.kind, where.id)
    if thing is None:
        if where.kind == GROUP:
            return error(404, "ResourceGroupNotFound", f"Resource group '{where.name}' could not be found.")
        return Response(204)
    refused = _refused(world, who, thing)
    if refused is not None:
        return refused
    if thing.kind in SLOW or (world.habits.deleting and thing.kind not in EXTENSIONS):
        return start(world, request, thing)
    for one in reversed(family(world, thing)):
        _remove(world, one)
    return answer(200, thing.raw) if thing.kind in ECHO else Response(200)


def _refused(world: World, who: Identity, thing: Thing) -> Response | None:
    locks = [] if managing(world, who) or thing.kind.endswith("/locks") else locked(world, thing.id)
    if locks:
        return scope_locked(thing.id, locks)
    manager = world.get("arm", place(text(thing.raw, "managedBy")).kind, text(thing.raw, "managedBy"))
    if manager is not None:
        return error(409, "OperationNotAllowed", f"'{thing.id}' is managed by '{manager.id}'; delete that instead.")
    if thing.kind == VAULT and _protects(world, thing):
        return error(409, "ServiceResourceNotEmptyWithBackendMessage", f"'{thing.id}' has existing resources in it.")
    if thing.kind in {DEFINITION, SET}:
        return _in_use(world, thing)
    if (used := _needed(world, thing)) is not None:
        return used
    if arm_remediation.busy(thing):
        return arm_remediation.refused(thing)
    if thing.kind == OFFER:
        return _delegates(world, thing)
    if thing.kind == "microsoft.sql/servers" and len(family(world, thing)) > 1 and _held(world, thing):
        return error(409, "CannotDeleteResource", f"Can not delete resource '{thing.id}' before nested resources.")
    return None


USED: dict[str, tuple[str, int, str]] = {
    "microsoft.web/serverfarms": ("microsoft.web/sites", 409, "Conflict"),
    "microsoft.network/networkinterfaces": ("microsoft.compute/virtualmachines", 400, "NicInUse"),
    "microsoft.network/publicipaddresses": (
        "microsoft.network/networkinterfaces",
        400,
        "PublicIPAddressCannotBeDeleted",
    ),
    "microsoft.network/networksecuritygroups": (
        "microsoft.network/networkinterfaces",
        400,
        "InUseNetworkSecurityGroupCannotBeDeleted",
    ),
}
"""Types that are not deleted while one of the other type names them, with what is answered then."""


def _needed(world: World, thing: Thing) -> Response | None:
    """What another thing still stands on: refused, with who names it."""
    if thing.kind not in USED:
        return None
    kind, status, code = USED[thing.kind]
    users = [one.id for one in world.all("arm", kind) if thing.id.lower() in json.dumps(one.raw).lower()]
    return error(status, code, f"'{thing.id}' is in use by '{users[0]}' and cannot be deleted.") if users else None


def _protects(world: World, vault: Thing) -> bool:
    """Backups keep a vault from going. The code is not on the vendor's page; the refusal is."""
    return any(under(text(one.raw, "id"), vault.id) for one in world.each("arm-backup"))


def _held(world: World, thing: Thing) -> bool:
    return any(one.kind not in EXTENSIONS and one is not thing for one in family(world, thing))


def _in_use(world: World, thing: Thing) -> Response | None:
    if text(thing.raw, "properties", "policyType") != "Custom":
        return error(400, "InvalidDeletePolicyDefinitionRequest", f"'{thing.id}' is built in and cannot be deleted.")
    users = [
        one.id
        for one in world.all("arm", ASSIGNMENT)
        if text(one.raw, "properties", "policyDefinitionId").lower() == thing.id.lower()
    ]
    users += [one.id for one in world.all("arm", SET) if thing.id.lower() in _parts(one)]
    if not users:
        return None
    name, what = thing.id.rsplit("/", 1)[-1], "set definition" if thing.kind == SET else "definition"
    code = "InvalidDeletePolicySetDefinitionRequest" if thing.kind == SET else "InvalidDeletePolicyDefinitionRequest"
    return error(400, code, f"The policy {what} '{name}' cannot be deleted as it is currently in use by '{users[0]}'.")


def _parts(initiative: Thing) -> set[str]:
    return {
        text(one, "policyDefinitionId").lower() for one in arr(dig(initiative.raw, "properties", "policyDefinitions"))
    }


def _delegates(world: World, offer: Thing) -> Response | None:
    users = [
        one
        for one in world.all("arm", DELEGATION)
        if text(one.raw, "properties", "registrationDefinitionId").lower() == offer.id.lower()
    ]
    if not users:
        return None
    return error(409, "RegistrationDefinitionInUse", f"The registration definition is used by '{users[0].id}'.")


def family(world: World, thing: Thing) -> list[Thing]:
    """The object and everything ARM removes with it, in the reverse of the vendor's order: children go first, then what
    manages others, then the rest, and the object itself last."""
    inner = world.inside(thing.id)
    managers = {text(one.raw, "managedBy").lower() for one in inner}
    return [thing, *sorted(inner, key=lambda one: (one.id.count("/"), one.id.lower() in managers))]


def start(world: World, request: Request, thing: Thing) -> Response:
    """Accept a long-running delete: 202 with Azure-AsyncOperation, Location and Retry-After."""
    sub = place(thing.id).subscription
    running = world.operations.removing.get(thing.id.lower())
    if running is not None and thing.kind == GROUP:
        return error(409, "ResourceGroupBeingDeleted", f"The resource group '{thing.id}' is being deleted.")
    operation = running or _operation(world, request, thing, sub)
    url = f"{request.base}/subscriptions/{sub}/operationresults/{operation.id}?api-version={request.ask('api-version')}"
    return Response(202, {"Azure-AsyncOperation": url, "Location": url + "&final=delete", **_later(world)})


def _operation(world: World, request: Request, thing: Thing, sub: str) -> Operation:
    polls, takes = int(request.headers.get("x-sandbox-polls", "1")), world.habits.deleting / 1000
    operation = Operation(
        id=world.fresh("operation"),
        place=sub,
        targets=family(world, thing),
        polls=0 if takes else polls,
        until=time.monotonic() + takes,
        due=time.monotonic() + (takes or (PATIENCE if polls <= 1 else 3600.0)),
        ends=request.headers.get("x-sandbox-ends", "Succeeded"),
        force=request.ask("force").lower() == "true",
        half="x-sandbox-half" in request.headers,
        lie=world.lying,
        caller=world.record.caller,
    )
    return world.operations.begun(operation)


def _later(world: World) -> dict[str, str]:
    """When to ask again: after so many whole seconds as a delete takes."""
    return {"Retry-After": str(-(-world.habits.deleting // 1000))}


def poll(world: World, operation: Operation) -> Response:
    """GET the operation: 200 always; InProgress first, then Succeeded, or Failed with an error."""
    ident = operation.id
    if still(operation):
        return answer(200, {"id": ident, "name": ident, "status": "InProgress"}, _later(world))
    finish(world, operation)
    body: Obj = {"id": ident, "name": ident, "status": operation.ends}
    if operation.result is not None and operation.ends == "Succeeded":
        body["properties"] = {"output": operation.result}
    if operation.ends != "Succeeded":
        body["error"] = {"code": "Conflict", "message": "The operation could not be completed: the resource is in use."}
    return answer(200, body)


def still(operation: Operation) -> bool:
    """Whether an operation that is asked after goes on: so many times, or until its moment."""
    if operation.done or (operation.polls <= 0 and time.monotonic() >= operation.until):
        return False
    operation.polls -= 1
    return True


def finish(world: World, operation: Operation) -> None:
    """Bring an operation to its end, once."""
    if operation.done:
        return
    world.operations.ended(operation)
    targets = operation.targets[::-1]
    if operation.half:
        targets = targets[: len(targets) // 2]
    if (operation.half or operation.ends == "Succeeded") and not operation.lie:
        with world.record.by(operation.caller):
            for thing in targets:
                _remove(world, thing, force=operation.force)


def _remove(world: World, thing: Thing, *, force: bool = False) -> None:
    if thing.kind == DELEGATION:
        offer = world.get("arm", OFFER, text(thing.raw, "properties", "registrationDefinitionId"))
        if offer is not None and not world.lying:
            world.slow.ended.append((world.now, time.monotonic(), thing, offer))
    world.remove(thing)
    arm_soft.bury(world, thing, force=force)


def settle(world: World) -> None:
    """End the operations whose time has come though nobody polled them."""
    now = time.monotonic()
    for operation in [one for one in world.operations.running.values() if one.due <= now]:
        finish(world, operation)


def shown(world: World, thing: Thing) -> Obj:
    """The object as a GET shows it: provisioningState Deleting while its deletion is under way."""
    if thing.id.lower() not in world.operations.removing or not isinstance(dig(thing.raw, "properties"), dict):
        return thing.raw
    state: Json = {**obj(dig(thing.raw, "properties")), "provisioningState": "Deleting"}
    return {**thing.raw, "properties": state}
