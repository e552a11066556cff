"""What our own people do by hand in our own systems: end the contract of a task, close calls, take a probe off."""

import re

from sendoff.sandbox.arm_ids import SERVICE
from sendoff.sandbox.seed_house import branch_of
from sendoff.sandbox.topdesk_wire import moment
from sendoff.sandbox.topdesk_work import OVER, REASONS
from sendoff.sandbox.wire import Json, Obj, arr, text
from sendoff.sandbox.world import Customer, Thing, World

NEAR_END = re.compile(r"\b(?:end|eind|until|tot)\w*\b\D{0,60}?(\d{4}-\d\d-\d\d)", re.I)
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _calls(world: World, customer: Customer) -> list[Thing]:
    branch = branch_of(world, customer.slug)
    ident = branch.id if branch else ""
    return [one for one in world.all("topdesk", "incident") if text(one.raw, "callerBranch", "id") == ident]


def _task(world: World, customer: Customer) -> Thing | None:
    """The newest task of ours for this branch: filed for it, or naming its number."""
    branch = branch_of(world, customer.slug)
    number = text(branch.raw, "clientReferenceNumber") if branch else "?"
    found = [
        one
        for one in world.all("topdesk", "incident")
        if text(one.raw, "externalNumber").startswith("so-")
        and (
            text(one.raw, "callerBranch", "clientReferenceNumber") == number
            or number in text(one.raw, "briefDescription") + text(one.raw, "request")
        )
    ]
    return found[-1] if found else None


def _end(task: Thing, asked: Obj) -> str:
    """The day that is asked for, that the task's text gives as the end, or by which it is due."""
    wish = text(asked, "end")
    said = text(task.raw, "briefDescription") + "\n" + text(task.raw, "request")
    near, first = NEAR_END.search(said), DAY.search(said)
    return wish or (near[1] if near else first[0] if first else text(task.raw, "targetDate")[:10])


def end_contract(world: World, customer: Customer, asked: Obj) -> list[str]:
    """An operator reads our task and sets the end on the contract card; without a task nobody touches anything."""
    task, branch = _task(world, customer), branch_of(world, customer.slug)
    end = _end(task, asked) if task else ""
    if task is None or branch is None or not end:
        return []
    found = [one for one in world.all("topdesk", "contract") if branch.id in map(text, arr(one.raw.get("branches")))]
    for one in found:
        world.change(one, {"endDate": end, "renewsAutomatically": False})
    _close(world, task)
    return [one.key for one in (*found, task)]


def _close(world: World, call: Thing) -> None:
    if call.raw.get("closed") is not True:
        now = moment(world)
        done: Obj = {"closed": True, "closedDate": now, "completed": True, "completedDate": now}
        world.change(call, {**done, "modificationDate": now})


def close_calls(world: World, customer: Customer, asked: Obj) -> list[str]:
    """The service desk closes every open call of the branch, cancels its changes and skips its activities."""
    found = [one for one in _calls(world, customer) if one.raw.get("closed") is not True]
    for one in found:
        _close(world, one)
    return [one.key for one in (*found, *_cancelled(world, customer), *_skipped(world, customer))]


def _cancelled(world: World, customer: Customer) -> list[Thing]:
    mine = [one for one in world.all("topdesk", "change") if one.owner == customer.slug]
    found = [one for one in mine if not text(one.raw, "processingStatus").endswith(OVER)]
    for one in found:
        world.change(one, {"processingStatus": f"{text(one.raw, 'changeType')}_cancelled"})
    return found


def _skipped(world: World, customer: Customer) -> list[Thing]:
    mine = [one for one in world.all("topdesk", "activity") if one.owner == customer.slug]
    found = [
        one for one in mine if "true" not in (text(one.raw, "resolved", "value"), text(one.raw, "skipped", "value"))
    ]
    reason: Json = {"id": world.guid("topdesk", "skipping", REASONS[0]), "name": REASONS[0]}
    for one in found:
        world.change(one, {"skipped": {"value": True, "reason": reason}})
    return found


def uninstall_probe(world: World, customer: Customer, asked: Obj) -> list[str]:
    """Somebody takes PRTG's probe service off the customer's machine."""
    found = [one for one in world.all("arm", SERVICE) if one.owner == customer.slug]
    for one in found:
        world.remove(one)
    return [one.key for one in found]
