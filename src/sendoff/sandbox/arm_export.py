"""ARM's exportTemplate: partly exported is a 200 with `error`."""

import time

from sendoff.sandbox.arm_delete import finish
from sendoff.sandbox.arm_errors import error
from sendoff.sandbox.arm_ids import GROUP, Place, under
from sendoff.sandbox.arm_lists import resources
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, obj, words
from sendoff.sandbox.world import Operation, Thing, World

UNKNOWN = ("microsoft.automation/automationaccounts/runbooks",)


def export(world: World, where: Place, request: Request) -> Response:
    """POST …/resourcegroups/{rg}/exportTemplate: 202, then 200 at the Location. Errors: 400 over 200 resources, 404."""
    group = world.get("arm", GROUP, where.scope)
    if group is None:
        return error(404, "ResourceGroupNotFound", f"Resource group '{where.group}' could not be found.")
    asked = words(request.json().get("resources"))
    found = [one for one in resources(world, where.subscription) if under(one.id, group.id)]
    if len(found) > 200:
        return error(400, "ExportTemplateResourceCountLimit", "The resource group has more than 200 resources.")
    chosen = found if asked in ([], ["*"]) else [one for one in found if one.id.lower() in {i.lower() for i in asked}]
    operation = Operation(
        id=world.fresh("export"),
        place=where.subscription,
        targets=[],
        polls=1,
        due=time.monotonic() + 3600,
        result=_result(chosen),
    )
    world.operations[operation.id] = operation
    url = (
        f"{request.base}/subscriptions/{where.subscription}/operationresults/{operation.id}"
        f"?api-version={request.ask('api-version')}&final=export"
    )
    return Response(202, {"Location": url, "Retry-After": "0"})


def result(world: World, operation: Operation, final: str) -> Response:
    """The answer at the Location: 202 while it runs, then 200 with the template, or 204 after a delete."""
    if not operation.done and operation.polls > 0:
        operation.polls -= 1
        return Response(202, {"Retry-After": "0"})
    finish(world, operation)
    if operation.ends != "Succeeded":
        return error(409, "Conflict", "The operation could not be completed: the resource is in use.")
    return answer(200, operation.result) if final in ("export", "run") else Response(204)


def _result(things: list[Thing]) -> Json:
    rows: list[Json] = [_resource(one) for one in things if one.kind not in UNKNOWN]
    body: Obj = {
        "template": {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0",
            "parameters": {},
            "variables": {},
            "resources": rows,
        }
    }
    missing: list[Json] = [
        {
            "code": "ExportTemplateProviderError",
            "target": one.id,
            "message": f"Could not get resources of the type '{one.kind}'. They will not be exported.",
        }
        for one in things
        if one.kind in UNKNOWN
    ]
    if missing:
        body["error"] = {
            "code": "ExportTemplateCompletedWithErrors",
            "details": missing,
            "message": "Export template operation completed with errors. Some were not exported.",
        }
    return body


def _resource(thing: Thing) -> Json:
    raw = thing.raw
    kept: Obj = {key: raw[key] for key in ("name", "type", "location", "tags", "kind", "sku") if key in raw}
    return {**kept, "apiVersion": "2023-01-01", "properties": obj(raw.get("properties"))}
