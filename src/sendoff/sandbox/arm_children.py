"""What lies below a resource, a group or a subscription and in no list of resources: deployments, saved searches,
variables, and the text of a runbook.

Vendor's pages: learn.microsoft.com/rest/api/automation/runbook/get-content, /rest/api/loganalytics/saved-searches,
/rest/api/resources/deployments.
"""

from sendoff.sandbox.arm_delete import shown
from sendoff.sandbox.arm_errors import error
from sendoff.sandbox.arm_ids import CONTENT, DEPLOYMENT, Place, place
from sendoff.sandbox.arm_lists import page
from sendoff.sandbox.wire import Request, Response, text
from sendoff.sandbox.world import World

RUNBOOK = "microsoft.automation/automationaccounts/runbooks"


def below(world: World, where: Place, request: Request) -> Response:
    """GET a list below its parent, or a runbook's text. Errors: 404 when the parent is not there."""
    if where.kind == CONTENT:
        return _text(world, where)
    parent = where.scope if where.kind == DEPLOYMENT else where.id.rsplit("/", 1)[0]
    if world.get("arm", place(parent).kind, parent) is None:
        return error(404, "ResourceNotFound", f"The Resource '{parent}' was not found.")
    start = where.id.lower() + "/"
    return page(
        [shown(world, one) for one in world.all("arm", where.kind) if one.id.lower().startswith(start)], request
    )


def _text(world: World, where: Place) -> Response:
    ident = where.id.rsplit("/", 1)[0]
    if world.get("arm", RUNBOOK, ident) is None:
        return error(404, "ResourceNotFound", f"The Resource '{ident}' was not found.")
    kept = world.get("arm", CONTENT, where.id)
    said = text(kept.raw, "text") if kept else f"# {ident.rsplit('/', 1)[-1]}\nWrite-Output 'done'\n"
    return Response(200, {"Content-Type": "text/powershell"}, said.encode())
