"""The managing tenant's own activity log: which delegations to it came and went.

Vendor's page: learn.microsoft.com/azure/lighthouse/how-to/monitor-delegation-changes. Who reads it holds Monitoring
Reader at the root of that tenant.
"""

import json

from sendoff.sandbox.arm_errors import error
from sendoff.sandbox.links import Link
from sendoff.sandbox.wire import Json, Obj, Response
from sendoff.sandbox.world import Identity, World

WORDS = {"created": "register", "removed": "unregister"}


def events(world: World, who: Identity) -> list[Obj] | Response:
    """Oldest first. Errors: 403 for who holds no Monitoring Reader at the root of their tenant."""
    if who.principal not in world.proofs.watchers:
        return error(
            403,
            "AuthorizationFailed",
            f"The client '{who.principal}' does not have authorization to perform action "
            "'microsoft.insights/eventtypes/values/read' over scope '/'.",
        )
    return [_event(world, at, one) for at, one in enumerate(world.slow.links) if one.manager == who.tenant]


def _event(world: World, at: int, link: Link) -> Obj:
    name = f"Microsoft.Resources/tenants/{WORDS[link.verb]}/action"
    said: Obj = {
        "eventCategory": "Administrative",
        "subscriptionTenantId": link.tenant,
        "delegationResourceId": link.id.partition("/providers/")[0],
        "subscriptionId": link.subscription,
    }
    kind: Json = {"value": "Microsoft.Resources/tenants", "localizedValue": "Microsoft.Resources/tenants"}
    return {
        "id": f"/providers/microsoft.insights/eventtypes/management/values/{at}",
        "eventDataId": world.guid("delegation-event", at),
        "eventName": {"value": "EndRequest", "localizedValue": "End request"},
        "eventTimestamp": link.at,
        "resourceType": kind,
        "resourceId": f"/tenants/{link.manager}",
        "operationName": {"value": name, "localizedValue": name},
        "status": {"value": "Succeeded", "localizedValue": "Succeeded"},
        "description": json.dumps(said),
        "level": "Informational",
    }
