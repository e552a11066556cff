"""Azure Resource Manager: signs the caller in, checks api-version and rights, and hands the call on.

Vendor's page: learn.microsoft.com/rest/api/azure.
"""

from dataclasses import replace

from sendoff.sandbox import (
    arm_activity,
    arm_children,
    arm_cost,
    arm_delete,
    arm_deploy,
    arm_errors,
    arm_export,
    arm_lists,
    arm_query,
    arm_remediation,
    arm_run,
    arm_security,
    arm_soft,
    arm_tags,
    arm_traces,
    arm_write,
)
from sendoff.sandbox.arm_access import managing, may
from sendoff.sandbox.arm_ids import (
    CHILDREN,
    CONTACT,
    CONTENT,
    COST,
    DEFINITION,
    DELEGATION,
    DEPLOYMENT,
    GROUP,
    PRICING,
    ROLE,
    RUN,
    SET,
    SUBSCRIPTION,
    TAGS,
    VIEW,
    Place,
    place,
    spell,
    versions,
)
from sendoff.sandbox.entra import bearer
from sendoff.sandbox.wire import Request, Response, answer, text
from sendoff.sandbox.world import Identity, Thing, World

WORDS = {"GET": "read", "DELETE": "delete", "POST": "action", "PUT": "write", "PATCH": "write"}


def serve(world: World, request: Request) -> Response:
    """Answer one ARM call. Errors: 400 api-version, 401 token, 403 rights, 404, 409 locks."""
    asked = _there(world, request) if request.method == "HEAD" else _signed_in(world, request)
    return arm_errors.dress(asked, request.method)


def _there(world: World, request: Request) -> Response:
    """HEAD of an id: 204 when it is there, else the status a GET would have; never a body."""
    if not place(request.path).name:
        return Response(405)
    read = _signed_in(world, replace(request, method="GET"))
    return Response(204) if read.status == 200 else replace(read, body=b"")


def _signed_in(world: World, request: Request) -> Response:
    who = bearer(world, request, "arm")
    if isinstance(who, str):
        return arm_errors.unauthorized(who)
    arm_delete.settle(world)
    arm_remediation.settle(world)
    where = place(request.path)
    if where.kind == "microsoft.resources/operationresults":
        return _poll(world, where.name, request.ask("final"))
    return _versioned(world, who, where, request) or _route(world, who, where, request)


def _poll(world: World, ident: str, final: str) -> Response:
    operation = world.operations.known.get(ident.lower())
    if operation is None:
        return arm_errors.error(404, "OperationNotFound", f"The operation '{ident}' was not found.")
    if final == "run" and operation.done:
        return answer(200, operation.result)
    if final:
        return arm_export.result(world, operation, final)
    return arm_delete.poll(world, operation)


def _versioned(world: World, who: Identity, where: Place, request: Request) -> Response | None:
    asked = request.ask("api-version")
    if not asked:
        return arm_errors.no_version()
    known = versions(where.kind)
    if known is None:
        return arm_errors.error(
            404,
            "InvalidResourceType",
            (f"The resource type '{where.kind}' could not be found in the namespace for api version '{asked}'."),
        )
    return None if asked in known else arm_errors.bad_version(asked, where.kind, known)


def _route(world: World, who: Identity, where: Place, request: Request) -> Response:
    if where.kind == "microsoft.resourcegraph/resources":
        return arm_query.query(world, who, request)
    if where.kind == SUBSCRIPTION and not where.name:
        return arm_lists.subscriptions(world, who, request)
    refused = _refused(world, who, where, request)
    if refused is not None:
        return refused
    special = _special(world, who, where, request)
    if special is not None:
        return special
    if request.method == "POST":
        return arm_export.export(world, where, request) if _is_export(where) else _no_way(request)
    if request.method == "DELETE" and where.name:
        return arm_delete.delete(world, who, where, request)
    if request.method in ("PUT", "PATCH") and where.name:
        return arm_write.write(world, who, where, request)
    if request.method != "GET":
        return _no_way(request)
    return _read(world, who, where, request)


def _special(world: World, who: Identity, where: Place, request: Request) -> Response | None:
    """Types with rules of their own."""
    if where.kind == TAGS:
        return arm_tags.serve(world, who, where, request)
    if where.kind in arm_soft.GONE and request.method == "GET":
        return arm_soft.listed(world, where)
    if where.kind in (arm_soft.ONE, arm_soft.PURGE):
        return arm_soft.one(world, where, request.method)
    if request.method == "GET" and (shown := arm_traces.serve(world, who, where)) is not None:
        return shown
    if where.kind == DEPLOYMENT and request.method == "PUT" and where.name:
        return arm_deploy.deploy(world, where, request)
    if where.kind in CHILDREN and request.method == "GET" and (where.kind == CONTENT or not where.name):
        return arm_children.below(world, where, request)
    if where.kind == arm_remediation.CANCEL and request.method == "POST":
        return arm_remediation.cancel(world, where)
    if where.kind == COST:
        return arm_cost.serve(world, where, request)
    if where.kind in (PRICING, CONTACT):
        return arm_security.serve(world, where, request)
    if where.kind == RUN and request.method == "POST":
        return arm_run.run(world, where, request)
    return arm_run.view(world, where) if where.kind == VIEW and request.method == "GET" else None


def _is_export(where: Place) -> bool:
    return where.kind == "microsoft.resources/exporttemplate" and bool(where.group)


def _no_way(request: Request) -> Response:
    return arm_errors.error(405, "HttpMethodNotSupported", f"{request.method} is not supported at '{request.path}'.")


def _refused(world: World, who: Identity, where: Place, request: Request) -> Response | None:
    home = world.get("arm", SUBSCRIPTION, f"/subscriptions/{where.subscription}") if where.subscription else None
    if where.subscription and home is None:
        return arm_errors.error(
            404, "SubscriptionNotFound", f"The subscription '{where.subscription}' could not be found."
        )
    abroad = who.kind in ("app", "person") and not managing(world, who)
    if home is not None and abroad and text(home.raw, "tenantId") != who.tenant:
        return arm_errors.wrong_tenant(where.subscription)
    if may(world, who, where, request.method != "GET" and where.kind != COST):
        return None
    return arm_errors.forbidden(who, f"{spell(where.kind)}/{WORDS.get(request.method, 'action')}", where.id)


def _read(world: World, who: Identity, where: Place, request: Request) -> Response:
    if where.kind.startswith("microsoft.insights/eventtypes"):
        return arm_activity.activity(world, who, where, request)
    if where.kind == "microsoft.resources/providers":
        return arm_lists.providers(world, where, request)
    if not where.name:
        return arm_lists.listing(world, who, where, request)
    return _object(world, where, request)


def _object(world: World, where: Place, request: Request) -> Response:
    thing = world.get("arm", where.kind, where.id)
    if thing is None:
        return _absent(world, where)
    if where.kind == SUBSCRIPTION:
        return answer(200, arm_lists.subscription(world, thing))
    if where.kind == DELEGATION:
        return answer(200, arm_lists.expanded(world, thing, request))
    return answer(200, arm_delete.shown(world, thing))


def _absent(world: World, where: Place) -> Response:
    name = where.id.rsplit("/", 1)[-1]
    if where.kind == GROUP:
        return arm_errors.error(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")
    if where.group and not _group(world, where):
        return arm_errors.error(404, "ResourceGroupNotFound", f"Resource group '{where.group}' could not be found.")
    codes = {
        DEFINITION: "PolicyDefinitionNotFound",
        SET: "PolicySetDefinitionNotFound",
        ROLE: "RoleAssignmentNotFound",
        "microsoft.authorization/policyassignments": "PolicyAssignmentNotFound",
        "microsoft.authorization/policyexemptions": "PolicyExemptionNotFound",
    }
    return arm_errors.error(
        404,
        codes.get(where.kind, "ResourceNotFound"),
        (f"The Resource '{spell(where.kind)}/{name}' under resource group '{where.group or '<null>'}' was not found."),
    )


def _group(world: World, where: Place) -> Thing | None:
    return world.get("arm", GROUP, f"/subscriptions/{where.subscription}/resourceGroups/{where.group}")
