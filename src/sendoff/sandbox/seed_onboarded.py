"""What onboarding changed at the customer's own things: tags, Defender plans, the security contact, the probe."""

from sendoff.sandbox.arm_ids import CONTACT, PRICING, SERVICE
from sendoff.sandbox.arm_run import NAME
from sendoff.sandbox.seed_build import MSP_DOMAIN, Build
from sendoff.sandbox.seed_resource import OURS
from sendoff.sandbox.seed_theirs import DATA, WEB
from sendoff.sandbox.wire import Json, Obj, obj

RAISED = (("VirtualMachines", "Standard", "Free"), ("KeyVaults", "Standard", "Free"))
THEIRS = (("StorageAccounts", "Standard"), ("SqlServers", "Free"), ("Arm", "Free"))


def onboarded(build: Build, sub: str, *, first: bool) -> None:
    """Tags and Defender in every managed subscription; the probe's service in the first, above tier csp."""
    _tags(build, sub)
    _defender(build, sub)
    if first and build.plan.tier != "csp":
        machine = probe_host(build, sub)
        raw: Obj = {"name": NAME, "displayName": "PRTG Probe Service", "status": "Running"}
        build.arm(SERVICE, f"{machine}/services/{NAME}", raw, sub)


def probe_host(build: Build, sub: str) -> str:
    """The ARM id of the Windows machine that our probe runs on."""
    machine = f"vm-{build.plan.short}-web-02"
    return f"/subscriptions/{sub}/resourceGroups/{WEB}/providers/Microsoft.Compute/virtualMachines/{machine}"


def _tags(build: Build, sub: str) -> None:
    group = f"/subscriptions/{sub}/resourceGroups/{WEB}"
    tagged = {
        "microsoft.compute/virtualmachines": probe_host(build, sub),
        "microsoft.web/sites": f"{group}/providers/Microsoft.Web/sites/app-{build.plan.short}-portal",
        "microsoft.resources/resourcegroups": f"/subscriptions/{sub}/resourceGroups/{DATA}",
    }
    for kind, ident in tagged.items():
        thing = build.world.get("arm", kind, ident)
        if thing is not None:
            build.world.change(thing, {"tags": {**obj(thing.raw.get("tags")), **OURS}})
            build.note("arm", "tag", thing.id, before="")


def _defender(build: Build, sub: str) -> None:
    scope = f"/subscriptions/{sub}/providers/Microsoft.Security"
    for name, tier, before in RAISED:
        build.arm(PRICING, f"{scope}/pricings/{name}", {"properties": {"pricingTier": tier, "subPlan": "P2"}}, sub)
        build.note("arm", PRICING, f"{scope}/pricings/{name}", before=before)
    for name, tier in THEIRS:
        build.arm(PRICING, f"{scope}/pricings/{name}", {"properties": {"pricingTier": tier}}, sub)
    roles: Json = ["Owner"]
    sources: Json = [{"sourceType": "Alert", "minimalSeverity": "Medium"}]
    theirs = f"it@{build.plan.domain}"
    contact: Obj = {
        "emails": f"oncall@{MSP_DOMAIN};{theirs}",
        "phone": "",
        "isEnabled": True,
        "notificationsByRole": {"state": "On", "roles": roles},
        "notificationsSources": sources,
    }
    build.arm(CONTACT, f"{scope}/securityContacts/default", {"properties": contact}, sub)
    build.note("arm", CONTACT, f"{scope}/securityContacts/default", before=theirs)
