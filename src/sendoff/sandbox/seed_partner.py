"""The seed of Partner Center: who sells to whom, what was sold, and who may speak for a partner."""

from sendoff.sandbox.seed_build import CREATED, MSP_DOMAIN, NEW_SUPPLIER, Build
from sendoff.sandbox.wire import Obj, text
from sendoff.sandbox.world import Grant, Thing, World

MPN, TARGET_MPN = "1234567", "7654321"
SCOPE = "https://api.partnercenter.microsoft.com/user_impersonation offline_access"
AGENT = f"paul@{MSP_DOMAIN}"
GOODS = (
    ("AzureReservation", "Reserved VM Instance, Standard_D2s_v5, West Europe", 2, "P1Y", "2027-05-31T00:00:00Z", True),
    ("AzureSavingsPlan", "Compute savings plan, EUR 1.50 an hour", 1, "P3Y", "2028-02-29T00:00:00Z", False),
    ("OnlineServicesNCE", "Microsoft 365 Business Premium", 26, "P1Y", "2027-02-28T00:00:00Z", True),
    ("OnlineServicesNCE", "Power BI Pro", 3, "P1Y", "2026-11-10T00:00:00Z", False),
)


def partners(world: World) -> None:
    """The MSP and the new supplier as partners, each with one person in its Admin agents group."""
    msp, target = text(world.msp, "tenant_id"), world.guid("new-supplier", "tenant")
    world.partners[msp] = (text(world.msp, "name"), MPN)
    world.partners[target] = (text(NEW_SUPPLIER, "name"), TARGET_MPN)
    _agents(world, msp, text(world.msp, "admin_group_id"), AGENT, "msp")
    world.refresh[text(world.msp, "partner_center", "refresh_token")] = Grant(
        client=text(world.msp, "partner_center", "client_id"), tenant=msp, mail=AGENT, scope=SCOPE
    )
    for key in ("admin_mail", "desk_mail"):
        _agents(world, target, world.guid("admin-agents-of", target), text(NEW_SUPPLIER, key), "outside")


def _agents(world: World, tenant: str, group: str, mail: str, owner: str) -> None:
    raw: Obj = {"id": group, "displayName": "AdminAgents", "securityEnabled": True, "mailEnabled": False}
    member = world.guid("user", mail)
    if world.get("graph", "group", group) is None:
        world.add(Thing("graph", "group", group, owner, raw, tenant))
    link: Obj = {"groupId": group, "memberId": member, "rel": "members"}
    world.add(Thing("graph", "membership", f"{group}.{member}", owner, link, tenant))


def partner(build: Build) -> None:
    """One customer at Partner Center: our reseller relationship, its Azure subscriptions under our care, its terms."""
    msp = text(build.world.msp, "tenant_id")
    _relation(build, msp, build.plan.slug)
    leaver = any(leaves for _, leaves in build.plan.subscriptions)
    for name, leaves in build.plan.subscriptions:
        if leaves or not leaver:
            _sold(build, build.guid("subscription", name), "AzureSubscription", name, 1, {"isTrial": False})
    for at, (kind, name, count, term, end, renews) in enumerate(GOODS):
        more: Obj = {"commitmentEndDate": end, "termDuration": term, "autoRenewEnabled": renews, "isTrial": False}
        more["status"] = "expired" if end < "2026-11-23" else "active"
        _sold(build, build.guid("sold", at), kind, name, count, more)
    if leaver:
        _relation(build, build.world.guid("new-supplier", "tenant"), "outside")


def _relation(build: Build, seller: str, owner: str) -> None:
    raw: Obj = {
        "id": build.tenant,
        "commerceId": build.world.guid("commerce", seller, build.plan.slug),
        "companyProfile": {
            "tenantId": build.tenant,
            "domain": build.plan.domain,
            "companyName": build.plan.name,
            "attributes": {"objectType": "CustomerCompanyProfile"},
        },
        "relationshipToPartner": "reseller",
        "allowDelegatedAccess": False,
        "attributes": {"objectType": "Customer"},
    }
    build.world.add(Thing("partner-center", "customer", f"{seller}.{build.tenant}", owner, raw, seller))


def _sold(build: Build, ident: str, kind: str, name: str, count: int, more: Obj) -> None:
    msp = text(build.world.msp, "tenant_id")
    raw: Obj = {
        "id": ident,
        "offerId": f"{build.world.guid('offer', kind, name)[:12].upper()}:0001",
        "offerName": "Microsoft Azure" if kind == "AzureSubscription" else name,
        "friendlyName": name,
        "productType": {"id": kind, "displayName": kind},
        "quantity": count,
        "unitType": "Usage-based" if kind == "AzureSubscription" else "Licenses",
        "creationDate": CREATED,
        "effectiveStartDate": CREATED,
        "status": "active",
        "autoRenewEnabled": False,
        "billingType": "usage" if kind == "AzureSubscription" else "license",
        "billingCycle": "monthly",
        "isMicrosoftProduct": True,
        "partnerId": MPN,
        "orderId": build.world.guid("order", ident)[:12],
        "attributes": {"objectType": "Subscription"},
        **more,
    }
    build.world.add(Thing("partner-center", "subscription", ident, build.plan.slug, raw, f"{msp}/{build.tenant}"))
