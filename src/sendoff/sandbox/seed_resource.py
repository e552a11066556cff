"""How one Azure resource or group gets into a seed: its id, tags and line on the onboarding record."""

from sendoff.sandbox.arm_ids import GROUP, spell
from sendoff.sandbox.seed_build import CREATED, Build
from sendoff.sandbox.wire import Json, Obj

OURS: Obj = {"managedBy": "intercept"}
MINE = "rg-intercept-mgmt"
INSIGHTS = "microsoft.insights"


def resource(
    build: Build,
    sub: str,
    group: str,
    kind: str,
    name: str,
    *,
    ours: bool = False,
    record: bool = True,
    tags: Obj | None = None,
    also: Obj | None = None,
    **properties: Json,
) -> str:
    """One resource in a group; ours carry the tag and go on the onboarding record unless told otherwise."""
    names, spelled = name.split("/"), spell(kind).split("/")
    tail = "/".join(f"{one}/{called}" for one, called in zip(spelled[1:], names, strict=True))
    ident = f"/subscriptions/{sub}/resourceGroups/{group}/providers/{spelled[0]}/{tail}"
    raw: Obj = {
        "location": "westeurope",
        "tags": tags if tags is not None else ({**OURS} if ours else {}),
        "properties": {"provisioningState": "Succeeded", **properties, **(also or {})},
        "systemData": _made_by(build, ours),
        "createdTime": CREATED,
        "changedTime": CREATED,
    }
    build.arm(kind, ident, raw, sub)
    if ours and record:
        build.note("arm", kind, ident)
    return ident


def _made_by(build: Build, ours: bool) -> Json:
    who = build.guid("app", "client") if ours else f"{build.plan.contacts[1].local}@{build.plan.domain}"
    kind = "Application" if ours else "User"
    made: Obj = {"createdBy": who, "createdByType": kind, "createdAt": CREATED}
    return {**made, "lastModifiedBy": who, "lastModifiedByType": kind, "lastModifiedAt": CREATED}


def group(build: Build, sub: str, name: str, tags: Obj | None = None) -> str:
    """A resource group."""
    ident = f"/subscriptions/{sub}/resourceGroups/{name}"
    build.arm(
        GROUP,
        ident,
        {
            "location": "westeurope",
            "tags": tags or {},
            "type": "Microsoft.Resources/resourceGroups",
            "properties": {"provisioningState": "Succeeded"},
        },
        sub,
    )
    return ident


def alert(page: str, sub: str) -> Obj:
    """The properties of a metric alert on a subscription that calls an action group."""
    return {
        "enabled": True,
        "severity": 2,
        "scopes": [f"/subscriptions/{sub}"],
        "evaluationFrequency": "PT5M",
        "windowSize": "PT15M",
        "criteria": {"odata.type": "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria", "allOf": []},
        "actions": [{"actionGroupId": page}],
    }
