"""ARM's exportTemplate: partly exported is a 200 with `error`."""

import json
import time

from sendoff.sandbox.arm_delete import finish, still
from sendoff.sandbox.arm_errors import error
from sendoff.sandbox.arm_ids import GROUP, Place, spell, under, versions
from sendoff.sandbox.arm_lists import resources
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, obj, text, words
from sendoff.sandbox.world import Operation, Thing, World

FORMS = ("Json", "Bicep")
BICEP_SINCE = "2024-11-01"
UNKNOWN = ("microsoft.automation/automationaccounts/runbooks",)


def export(world: World, where: Place, request: Request) -> Response:
    """POST …/resourcegroups/{rg}/exportTemplate: 202, then 200 at the Location. Errors: 400 over 200 resources, 404."""
    group = world.get("arm", GROUP, where.scope)
    if group is None:
        return error(404, "ResourceGroupNotFound", f"Resource group '{where.group}' could not be found.")
    asked = words(request.json().get("resources"))
    found = [one for one in resources(world, where.subscription) if under(one.id, group.id)]
    chosen = found if asked in ([], ["*"]) else [one for one in found if one.id.lower() in {i.lower() for i in asked}]
    if len(chosen if world.habits.batches else found) > 200:
        return error(400, "ExportTemplateResourceCountLimit", "The resource group has more than 200 resources.")
    form = text(request.json(), "outputFormat") or "Json"
    if form not in FORMS or (form == "Bicep" and request.ask("api-version") < BICEP_SINCE):
        return error(400, "InvalidRequestContent", f"The output format '{form}' is not supported.")
    operation = Operation(
        id=world.fresh("export"),
        place=where.subscription,
        targets=[],
        polls=1,
        due=time.monotonic() + 3600,
        result=_bicep(chosen) if form == "Bicep" else _result(chosen),
    )
    world.operations.begun(operation)
    url = (
        f"{request.base}/subscriptions/{where.subscription}/operationresults/{operation.id}"
        f"?api-version={request.ask('api-version')}&final=export"
    )
    return Response(202, {"Location": url, "Retry-After": "0"})


def result(world: World, operation: Operation, final: str) -> Response:
    """The answer at the Location: 202 while it runs, then 200 with the template, or 204 after a delete."""
    if still(operation):
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
    return {**body, **_missing(things)}


def _missing(things: list[Thing]) -> Obj:
    """The member `error` for what the vendor cannot export; nothing when there is no such thing."""
    missing: list[Json] = [
        {
            "code": "ExportTemplateProviderError",
            "target": one.id,
            "message": f"Could not get resources of the type '{one.kind}'. They will not be exported.",
        }
        for one in things
        if one.kind in UNKNOWN
    ]
    if not missing:
        return {}
    said: Obj = {
        "code": "ExportTemplateCompletedWithErrors",
        "details": missing,
        "message": "Export template operation completed with errors. Some were not exported.",
    }
    return {"error": said}


def _bicep(things: list[Thing]) -> Json:
    """The same resources as Bicep text in `output`."""
    parts = []
    for at, one in enumerate(thing for thing in things if thing.kind not in UNKNOWN):
        row = obj(_resource(one))
        inner = {key: value for key, value in row.items() if key not in ("type", "apiVersion")}
        parts.append(f"resource r{at} '{text(row, 'type')}@{text(row, 'apiVersion')}' = {_written(inner, 0)}\n")
    return {"output": "\n".join(parts), **_missing(things)}


def _written(value: Json, deep: int) -> str:
    """A value as Bicep spells it: one member or element a line, texts in single quotes."""
    pad, end = "  " * (deep + 1), "  " * deep
    if isinstance(value, dict):
        rows = [
            f"{pad}{key if key.isidentifier() else _quoted(key)}: {_written(one, deep + 1)}"
            for key, one in value.items()
        ]
        return "{\n" + "\n".join([*rows, end + "}"])
    if isinstance(value, list):
        return "[\n" + "\n".join([*[f"{pad}{_written(one, deep + 1)}" for one in value], end + "]"])
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


def _quoted(value: str) -> str:
    for plain, spelled in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("${", "\\${")):
        value = value.replace(plain, spelled)
    return f"'{value}'"


def _resource(thing: Thing) -> Json:
    """One resource of a template: the whole name of a child, the newest api-version, nothing the vendor fills in."""
    raw, kind = thing.raw, spell(thing.kind)
    names = thing.id[thing.id.lower().rfind("/providers/") :].split("/")[4::2]
    kept: Obj = {key: raw[key] for key in ("location", "tags", "kind", "sku", "identity", "zones") if key in raw}
    properties = {key: one for key, one in obj(raw.get("properties")).items() if key != "provisioningState"}
    known = sorted(one for one in versions(thing.kind) or () if "preview" not in one)
    version = known[-1] if known else "2023-01-01"
    return {"type": kind, "apiVersion": version, "name": "/".join(names), **kept, "properties": properties}
