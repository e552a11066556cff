"""The Entra sign-in: client credentials v2, the discovery document, and persons of the cast who sign in with MFA.

Vendor's page: learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow.
"""

import base64
import json
import time
from datetime import UTC

from sendoff.sandbox.graph_blocked import blocked
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, dig, text
from sendoff.sandbox.world import Identity, Thing, World

HOUR = 3600
AUDIENCES = {
    "https://management.azure.com": "arm",
    "https://management.core.windows.net": "arm",
    "https://graph.microsoft.com": "graph",
    "https://api.partnercenter.microsoft.com": "partner-center",
}
NAMED = {
    "arm": "https://management.azure.com",
    "graph": "https://graph.microsoft.com",
    "partner-center": "https://api.partnercenter.microsoft.com",
}
SHOWN = {
    "arm": "Windows Azure Service Management API",
    "graph": "Microsoft Graph",
    "partner-center": "Microsoft Partner Center",
}
ADDRESS = "192.0.2.17"
"""Where the cast signs in from."""
CAST_GRANT = "urn:sendoff:cast"
CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"


def discovery(base: str, tenant: str) -> Json:
    """The OpenID discovery document of a tenant."""
    root = f"{base}/{tenant}"
    return {
        "token_endpoint": f"{root}/oauth2/v2.0/token",
        "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
        "issuer": f"{root}/v2.0",
        "jwks_uri": f"{root}/discovery/v2.0/keys",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
    }


def audience_of(scope: str) -> str | None:
    """The vendor whose resource a scope names first, such as https://host/.default or https://host/user_impersonation."""
    for one in scope.split():
        scheme, _, rest = one.partition("://")
        found = AUDIENCES.get(f"{scheme}://{rest.split('/')[0]}")
        if found is not None:
            return found
    return None


def application(world: World, tenant: str, audience: str, form: dict[str, str]) -> Response:
    """Client credentials. Errors: 400 unknown in the directory, 401 wrong secret or disabled."""
    client = form.get("client_id", "")
    known = principal_of(world, tenant, client) is not None
    if known and (not form.get("client_secret") or world.secrets.get(client) != form["client_secret"]):
        why = f"Invalid client secret provided. Ensure the secret being sent is the value. App: '{client}'."
        return refusal(401, "invalid_client", 7000215, why)
    return granted(world, tenant, client, audience)


def granted(world: World, tenant: str, client: str, audience: str) -> Response:
    """A token for an app that proved itself. Errors: 400 unknown there, 401 disabled."""
    twin = principal_of(world, tenant, client)
    if twin is None:
        where = f"Application with identifier '{client}' was not found in the directory '{tenant}'."
        return refusal(400, "unauthorized_client", 700016, where)
    if dig(twin.raw, "accountEnabled") is False:
        return refusal(401, "unauthorized_client", 7000112, f"Application '{client}' is disabled.")
    who = Identity(
        kind=world.roles.get(client, "app"),
        tenant=tenant,
        client=client,
        principal=twin.id,
        name=text(twin.raw, "displayName"),
        audience=audience,
        expires=time.monotonic() + HOUR,
    )
    return issue(world, who)


def principal_of(world: World, tenant: str, client: str) -> Thing | None:
    twins = world.all("graph", "servicePrincipal")
    return next((one for one in twins if one.place == tenant and text(one.raw, "appId") == client), None)


def cast_person(world: World, tenant: str, audience: str, form: dict[str, str]) -> Response:
    """A person of the cast, by the cast's own secret. Errors: as `signed_in`, 401 without the secret."""
    if form.get("assertion") != world.cast_secret:
        return refusal(401, "invalid_grant", 50126, "Error validating credentials due to invalid username or password.")
    kept = form.get("session") == "kept"
    return signed_in(world, tenant, audience, form.get("username", ""), CLI, kept=kept)


def signed_in(world: World, tenant: str, audience: str, mail: str, client: str, *, kept: bool = False) -> Response:
    """A person's token in a tenant; `kept` is a session from before, which leaves no sign-in behind.

    Errors: 400 invalid_grant without an account there, disabled, or not redeemed."""
    user = person(world, tenant, mail) or stands_in(world, tenant, mail)
    if user is None and any(person(world, one, mail) for one in world.tenants if one != tenant):
        why = f"User account '{mail}' does not exist in tenant '{tenant}' and cannot access the application '{client}'."
        return refusal(400, "invalid_grant", 50020, why)
    if user is None or dig(user.raw, "accountEnabled") is False:
        return refusal(400, "invalid_grant", 50034, "The user account does not exist or is disabled.")
    if dig(user.raw, "externalUserState") == "PendingAcceptance":
        return refusal(400, "invalid_grant", 65001, "The invitation has not been redeemed.")
    if blocked(world, tenant, user, ADDRESS):
        why = "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."
        return refusal(400, "invalid_grant", 53003, why)
    if not kept:
        note_sign_in(world, user, audience)
    who = Identity(
        kind="person",
        tenant=tenant,
        client=client,
        principal=user.id,
        name=text(user.raw, "userPrincipalName"),
        audience=audience,
        expires=time.monotonic() + HOUR,
        mfa=world.mfa,
    )
    return issue(world, who)


def person(world: World, tenant: str, name: str) -> Thing | None:
    """The user of a tenant by sign-in name or mail address."""
    for user in world.all("graph", "user"):
        names = (text(user.raw, "userPrincipalName").lower(), text(user.raw, "mail").lower(), user.id)
        if user.place == tenant and name.lower() in names:
            return user
    return None


def stands_in(world: World, tenant: str, mail: str) -> Thing | None:
    """A person of a partner, who comes into a customer's tenant without an account there: through the partner's group
    in its subscriptions (AOBO), or through an active delegated relationship (GDAP)."""
    for home in world.tenants:
        user = person(world, home, mail) if home != tenant else None
        if user is not None and (foreign_groups(world, tenant, user.id) or gdap(world, tenant, user.id)):
            return user
    return None


def foreign_groups(world: World, tenant: str, principal: str) -> set[str]:
    """The groups of another tenant that this principal is in and that hold roles in subscriptions of this one."""
    mine = {text(one.raw, "groupId") for one in world.all("graph", "membership") if _is_member(one, principal)}
    subs = {one.place for one in world.all("arm", "microsoft.resources/subscriptions") if _of(one, tenant)}
    roles = world.all("arm", "microsoft.authorization/roleassignments")
    held = {text(one.raw, "properties", "principalId") for one in roles if one.place in subs and _is_foreign(one)}
    return mine & held


def gdap(world: World, tenant: str, principal: str) -> bool:
    """Whether an active delegated relationship lets this person, one of the partner's Admin agents, into a tenant."""
    user = world.get("graph", "user", principal)
    home = user.place if user else ""
    return is_agent(world, home, principal) and any(
        one.place == home and text(one.raw, "status") == "active" and text(one.raw, "customer", "tenantId") == tenant
        for one in world.all("graph", "delegatedAdminRelationship")
    )


def is_agent(world: World, home: str, principal: str) -> bool:
    """Whether somebody is in the Admin agents group of a partner tenant."""
    ours = home == text(world.msp, "tenant_id")
    group = text(world.msp, "admin_group_id") if ours else world.guid("admin-agents-of", home)
    return world.get("graph", "membership", f"{group}.{principal}") is not None


def _is_member(link: Thing, principal: str) -> bool:
    return text(link.raw, "memberId") == principal


def _is_foreign(role: Thing) -> bool:
    return text(role.raw, "properties", "principalType") == "ForeignGroup"


def _of(subscription: Thing, tenant: str) -> bool:
    return text(subscription.raw, "tenantId") == tenant


def note_sign_in(world: World, user: Thing, audience: str) -> None:
    """Leave the row that a multi-factor sign-in leaves in auditLogs/signIns."""
    ident = world.fresh("sign-in")
    raw: Obj = {
        "id": ident,
        "createdDateTime": utc(world),
        "userDisplayName": text(user.raw, "displayName"),
        "userPrincipalName": text(user.raw, "userPrincipalName"),
        "userId": user.id,
        "appId": "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
        "appDisplayName": "Azure Portal",
        "ipAddress": ADDRESS,
        "clientAppUsed": "Browser",
        "isInteractive": True,
        "resourceDisplayName": SHOWN[audience],
        "conditionalAccessStatus": "success",
        "riskState": "none",
        "authenticationRequirement": "multiFactorAuthentication" if world.mfa else "singleFactorAuthentication",
        "status": {"errorCode": 0, "failureReason": "Other.", "additionalDetails": "MFA requirement satisfied"},
    }
    world.add(Thing("graph", "signIn", ident, user.owner, raw, user.place))


def utc(world: World) -> str:
    """Civil time as Microsoft spells it: UTC with a Z."""
    return world.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def issue(world: World, who: Identity) -> Response:
    """The token answer: a token that looks like a JWT and is remembered here."""
    token = _jwt(world, who)
    world.tokens[token] = who
    world.record.caller = f"{who.kind}:{who.name}"
    return answer(
        200,
        {"token_type": "Bearer", "expires_in": HOUR - 1, "ext_expires_in": HOUR - 1, "access_token": token},
        {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"},
    )


def _jwt(world: World, who: Identity) -> str:
    now = int(time.time())
    claims: Obj = {
        "aud": NAMED[who.audience],
        "iss": f"https://sts.windows.net/{who.tenant}/",
        "iat": now,
        "exp": now + HOUR,
        "appid": who.client,
        "oid": who.principal,
        "tid": who.tenant,
        "idtyp": "user" if who.kind == "person" else "app",
        "uti": world.fresh("token"),
        "ver": "1.0",
    }
    if who.kind == "person":
        claims["upn"], claims["scp"] = who.name, "user_impersonation"
        claims["amr"] = ["pwd", "mfa"] if who.mfa else ["pwd"]
    head: Obj = {"typ": "JWT", "alg": "RS256", "kid": "sandbox"}
    return ".".join([_b64(json.dumps(head)), _b64(json.dumps(claims)), _b64(world.fresh("signature"))])


def _b64(value: str) -> str:
    return base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")


def refusal(status: int, error: str, code: int, why: str) -> Response:
    """An error of the token endpoint."""
    trace = "00000000-0000-0000-0000-00000000aa00"
    return answer(
        status,
        {
            "error": error,
            "error_description": f"AADSTS{code}: {why} Trace ID: {trace}",
            "error_codes": [code],
            "timestamp": time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime()),
            "trace_id": trace,
            "correlation_id": trace,
        },
    )


def bearer(world: World, request: Request, audience: str) -> Identity | str:
    """Who the bearer token speaks for, or the reason why it is refused."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    who = world.tokens.get(token)
    if not token:
        return "Authentication failed. The 'Authorization' header is missing."
    if who is None:
        return "The access token is invalid."
    if who.expires < time.monotonic():
        return "The access token expiry is in the past."
    if who.audience != audience:
        return "The access token has been obtained for the wrong audience or resource."
    world.record.caller = f"{who.kind}:{who.name}"
    return who
