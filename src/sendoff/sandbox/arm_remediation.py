"""Remediation tasks of Azure Policy: cancelled before they are deleted, and listed where they were made.

Vendor's page: learn.microsoft.com/rest/api/policyinsights/remediations.
"""

from sendoff.sandbox.arm_errors import error
from sendoff.sandbox.arm_ids import REMEDIATION, Place
from sendoff.sandbox.wire import Obj, Response, answer, obj, text
from sendoff.sandbox.world import Thing, World

CANCEL = f"{REMEDIATION}/cancel"
BUSY = frozenset({"Accepted", "Evaluating", "InProgress", "Running", "Cancelling"})
"""States from which a task still moves."""
CANCELLING = "Cancelling"


def cancel(world: World, where: Place) -> Response:
    """POST …/remediations/{n}/cancel: 200 with the task, which is cancelled a moment later. Errors: 404, 409 when it
    has ended."""
    thing = world.get("arm", REMEDIATION, where.id.rsplit("/", 1)[0])
    if thing is None:
        return error(404, "RemediationNotFound", f"The remediation '{where.id.rsplit('/', 2)[-2]}' was not found.")
    if not busy(thing):
        return error(409, "InvalidCancelRemediationRequest", f"The remediation '{thing.id}' has ended.")
    world.change(thing, {"properties": _moved(thing, CANCELLING)})
    return answer(200, thing.raw)


def busy(thing: Thing) -> bool:
    """True while a task has not ended."""
    return thing.kind == REMEDIATION and text(thing.raw, "properties", "provisioningState") in BUSY


def refused(thing: Thing) -> Response:
    """DELETE of a task that has not ended."""
    return error(409, "Conflict", f"The remediation '{thing.id}' is in progress; cancel it before it is deleted.")


def settle(world: World) -> None:
    """What was being cancelled is cancelled."""
    for thing in world.all("arm", REMEDIATION):
        if text(thing.raw, "properties", "provisioningState") == CANCELLING:
            thing.raw["properties"] = _moved(thing, "Canceled")


def _moved(thing: Thing, state: str) -> Obj:
    return {**obj(thing.raw.get("properties")), "provisioningState": state, "lastUpdatedOn": "2026-11-23T08:00:00Z"}
