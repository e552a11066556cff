"""When users last signed in: a property that Graph gives only to who asks for it, may read it, and pays for it.

Vendor's page: learn.microsoft.com/graph/api/resources/signinactivity. The words of the refusals are [K].
"""

import re

from sendoff.sandbox.entra import utc
from sendoff.sandbox.graph_filter import error
from sendoff.sandbox.wire import Obj, Request, Response, obj, text
from sendoff.sandbox.world import Customer, Identity, Thing, World

NAME = "signInActivity"
CHEAP, BLIND = "withoutPremium", "withoutAuditRead"
"""Kinds that stand for a tenant without Entra ID P1, and for one whose app of ours lacks AuditLog.Read.All."""
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)


def asked(request: Request) -> bool:
    """Whether a call names the property; without that it is never there."""
    told = f"{request.ask('$select')},{request.ask('$filter')}".lower()
    return request.method == "GET" and NAME.lower() in told


def refused(world: World, who: Identity, name: str = "") -> Response | None:
    """The vendor's no, when there is one. `name` is how one user is named: by anything but its id it is 400."""
    if world.get("graph", CHEAP, who.tenant) is not None:
        why = "Neither tenant is B2C or tenant doesn't have premium license"
        return error(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", why)
    if who.kind == "app" and world.get("graph", BLIND, who.tenant) is not None:
        why = "The principal does not have required Microsoft Graph permission(s): AuditLog.Read.All to call this API."
        return error(403, "Authentication_MSGraphPermissionMissing", why)
    if name and GUID.fullmatch(name) is None:
        return error(400, "BadRequest", "Get By Key only supports UserId and the key has to be a valid Guid")
    return None


def shown(world: World, user: Thing) -> Obj:
    """The user with the property: null for who never signed in, else what is known of it."""
    kept = obj(user.raw.get(NAME))
    signs = [one.raw for one in world.all("graph", "signIn") if text(one.raw, "userId") == user.id]
    newest = max((text(one, "createdDateTime") for one in signs), default="")
    if newest > text(kept, "lastSignInDateTime"):
        kept = {**kept, "lastSignInDateTime": newest, "lastSuccessfulSignInDateTime": newest}
    return {**user.raw, NAME: kept or None}


def use(world: World, customer: Customer, asked: Obj) -> list[str]:
    """By hand: somebody, or a script, uses an account (`user` is its sign-in name) at `at`, which is now when empty.
    `script`: it signs in without a person at the keyboard."""
    at = text(asked, "at") or utc(world)
    kind = "lastNonInteractiveSignInDateTime" if asked.get("script") is True else "lastSignInDateTime"
    people = [one for one in world.all("graph", "user") if one.place == customer.tenant]
    found = [one for one in people if text(one.raw, "userPrincipalName") == text(asked, "user")]
    for one in found:
        world.change(one, {NAME: {**obj(one.raw.get(NAME)), kind: at, "lastSuccessfulSignInDateTime": at}})
    return [one.key for one in found]


def without_premium(world: World, customer: Customer, asked: Obj) -> list[str]:
    """By hand: the tenant has no Entra ID P1 any more."""
    return _marked(world, customer, CHEAP)


def without_audit_read(world: World, customer: Customer, asked: Obj) -> list[str]:
    """By hand: the customer never gave our app AuditLog.Read.All."""
    return _marked(world, customer, BLIND)


def _marked(world: World, customer: Customer, kind: str) -> list[str]:
    tenant = customer.tenant
    return [world.add(Thing("graph", kind, tenant, customer.slug, {"id": tenant}, tenant)).key]
