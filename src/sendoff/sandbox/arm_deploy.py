"""ARM deploys a template into a resource group: each of its resources is written, parents before children.

Vendor's page: learn.microsoft.com/rest/api/resources/deployments/create-or-update.
"""

from sendoff.sandbox.arm_errors import error
from sendoff.sandbox.arm_ids import DEPLOYMENT, GROUP, Place, spell, versions
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, arr, dig, obj, text
from sendoff.sandbox.world import Thing, World

MODES = ("Incremental", "Complete")


def deploy(world: World, where: Place, request: Request) -> Response:
    """PUT …/resourcegroups/{rg}/providers/Microsoft.Resources/deployments/{n}: 201 when all of it was written. Errors:
    400 InvalidRequestContent, InvalidTemplate; 404 for the group. Nothing is written unless the template is whole."""
    home = world.get("arm", GROUP, where.scope)
    if home is None:
        return error(404, "ResourceGroupNotFound", f"Resource group '{where.group}' could not be found.")
    asked = obj(request.json().get("properties"))
    if text(asked, "mode") not in MODES:
        return error(400, "InvalidRequestContent", "The request content was invalid: the mode is missing.")
    resources = [obj(one) for one in arr(dig(asked, "template", "resources"))]
    wrong = _wrong(obj(asked.get("template")), resources)
    if wrong:
        return error(400, "InvalidTemplate", f"Deployment template validation failed: '{wrong}'.")
    made: list[Json] = []
    for one in sorted(resources, key=lambda row: text(row, "name").count("/")):
        made.append({"id": _written(world, where, home, one)})
    raw: Obj = {
        "id": where.id,
        "name": where.name,
        "type": "Microsoft.Resources/deployments",
        "properties": {
            "provisioningState": "Succeeded",
            "timestamp": world.at(),
            "mode": text(asked, "mode"),
            "parameters": obj(asked.get("parameters")),
            "outputResources": made,
        },
    }
    before = world.get("arm", DEPLOYMENT, where.id)
    if before is not None:
        world.change(before, raw)
        return answer(200, raw)
    world.add(Thing("arm", DEPLOYMENT, where.id, home.owner, raw, where.subscription))
    return answer(201, raw)


def _wrong(template: Obj, resources: list[Obj]) -> str:
    """What is wrong with a template, in the vendor's manner; empty when nothing is."""
    if "deploymentTemplate.json" not in text(template, "$schema") or not text(template, "contentVersion"):
        return "the schema or the content version is missing"
    for one in resources:
        kind, name = text(one, "type").lower(), text(one, "name")
        if kind.count("/") < 1 or name.count("/") != kind.count("/") - 1:
            return f"the resource '{name}' of type '{kind}' has incorrect segment lengths"
        known = versions(kind)
        if known is None or text(one, "apiVersion") not in known:
            return f"no registered provider for '{kind}' and API version '{text(one, 'apiVersion')}'"
    return ""


def _written(world: World, where: Place, home: Thing, resource: Obj) -> str:
    spelled, names = spell(text(resource, "type").lower()).split("/"), text(resource, "name").split("/")
    tail = "/".join(f"{kind}/{name}" for kind, name in zip(spelled[1:], names, strict=True))
    ident = f"{home.id}/providers/{spelled[0]}/{tail}"
    kept = {key: value for key, value in resource.items() if key not in ("apiVersion", "name", "type", "dependsOn")}
    raw: Obj = {"id": ident, "name": names[-1], "type": "/".join(spelled), **kept}
    raw["properties"] = {"provisioningState": "Succeeded", **obj(kept.get("properties"))}
    before = world.get("arm", text(resource, "type").lower(), ident)
    if before is not None:
        world.change(before, raw)
    else:
        world.add(Thing("arm", text(resource, "type").lower(), ident, home.owner, raw, where.subscription))
    return ident
