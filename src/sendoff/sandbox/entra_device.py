"""Persons who sign in once and come back: the device-code flow and refresh tokens.

Vendor's pages: learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code and
v2-oauth2-auth-code-flow#refresh-the-access-token.
"""

import time
from datetime import timedelta

from sendoff.sandbox import entra
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, obj, text
from sendoff.sandbox.world import Device, Grant, World

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
PUBLIC = frozenset({"04b07795-8ddb-461a-bbee-02f9e1bf7b46", "1950a258-227b-4e31-a9cf-717495945fc2"})
"""The vendor's own public clients: Azure CLI and Azure PowerShell."""
LASTS = timedelta(minutes=15)
INTERVAL = 1
"""Seconds of real time between polls; the vendor says 5, which only makes tests slow."""


def start(world: World, tenant: str, request: Request) -> Response:
    """POST …/devicecode: a code for the person and one for the machine. Errors: 400 unknown client or scope."""
    form = request.form()
    client, scope = form.get("client_id", ""), form.get("scope", "")
    if not _known(world, client):
        return entra.refusal(
            400, "unauthorized_client", 700016, f"Application with identifier '{client}' was not found."
        )
    if entra.audience_of(scope) is None:
        return entra.refusal(400, "invalid_scope", 70011, f"The provided value for scope {scope} is not valid.")
    device, user = world.fresh("device-code"), world.fresh("user-code").replace("-", "")[:9].upper()
    world.devices[device] = Device(client, tenant, scope, world.now + LASTS)
    world.user_codes[user] = device
    where = "https://microsoft.com/devicelogin"
    return answer(
        200,
        {
            "user_code": user,
            "device_code": device,
            "verification_uri": where,
            "expires_in": int(LASTS.total_seconds()),
            "interval": INTERVAL,
            "message": f"To sign in, use a web browser to open the page {where} and enter the code {user}.",
        },
    )


def _known(world: World, client: str) -> bool:
    return client in PUBLIC or client in world.secrets


def approve(world: World, code: str, mail: str) -> Obj | None:
    """A person enters a code in the browser and signs in; the vendor's refusal, or None when it went well."""
    device = world.devices.get(world.user_codes.get(code.upper(), ""))
    if device is None or device.ends <= world.now:
        return {"error": "the code is unknown or has expired"}
    found = _home(world, device.tenant, mail)
    if found is None:
        return {"error": f"AADSTS50020: User account '{mail}' does not exist in tenant '{device.tenant}'."}
    device.person, device.tenant = mail, found
    return None


def _home(world: World, tenant: str, mail: str) -> str | None:
    """The tenant a sign-in lands in; the person's own when the client asked any organization."""
    wanted = [tenant] if tenant != "organizations" else [*world.tenants]
    for one in wanted:
        user = entra.person(world, one, mail)
        if user is not None and (tenant != "organizations" or text(user.raw, "userType") == "Member"):
            return one
    return None


def poll(world: World, form: dict[str, str]) -> Response:
    """Redeem a device code. Errors: authorization_pending, slow_down, expired_token, bad_verification_code."""
    code = form.get("device_code", "")
    device = world.devices.get(code)
    if device is None or device.client != form.get("client_id"):
        return _wait("bad_verification_code", 70018, "The verification code is invalid.")
    if device.ends <= world.now:
        return _wait("expired_token", 70020, "The device code has expired.")
    if not device.person:
        hasty, device.polled = time.monotonic() - device.polled < INTERVAL, time.monotonic()
        if hasty:
            return _wait("slow_down", 70017, "The client polls too often.")
        return _wait("authorization_pending", 70016, "OAuth 2.0 device flow is pending. Continue polling.")
    del world.devices[code]
    return _issued(world, Grant(client=device.client, tenant=device.tenant, mail=device.person, scope=device.scope))


def _wait(error: str, code: int, why: str) -> Response:
    return entra.refusal(400, error, code, why)


def again(world: World, tenant: str, form: dict[str, str]) -> Response:
    """Redeem a refresh token for any audience, in any tenant where the person has an account."""
    held = world.refresh.get(form.get("refresh_token", ""))
    client = form.get("client_id", "")
    if held is None or held.client != client:
        return entra.refusal(400, "invalid_grant", 70000, "The provided refresh token is invalid or has been revoked.")
    if client in world.secrets and client not in PUBLIC and form.get("client_secret") != world.secrets[client]:
        return entra.refusal(401, "invalid_client", 7000215, f"Invalid client secret provided. App: '{client}'.")
    scope = form.get("scope") or held.scope
    if entra.audience_of(scope) is None:
        return entra.refusal(400, "invalid_scope", 70011, f"The provided value for scope {scope} is not valid.")
    where = held.tenant if tenant == "organizations" else tenant
    return _issued(world, Grant(client=client, tenant=where, mail=held.mail, scope=scope), home=held.tenant)


def _issued(world: World, grant: Grant, home: str = "") -> Response:
    found = entra.signed_in(world, grant.tenant, entra.audience_of(grant.scope) or "", grant.mail, grant.client)
    if found.status != 200:
        return found
    token = remember(world, Grant(client=grant.client, tenant=home or grant.tenant, mail=grant.mail, scope=grant.scope))
    body: Json = {**obj(found.json()), "refresh_token": token, "scope": grant.scope}
    return answer(200, body, {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"})


def remember(world: World, grant: Grant) -> str:
    """A refresh token for a grant; older ones stay good, as at the vendor."""
    token = f"0.A{world.fresh('refresh').replace('-', '')}{world.fresh('refresh').replace('-', '')}"
    world.refresh[token] = grant
    return token
