"""The login host: which tenant is meant, which grant is asked, and who answers it.

Vendor's page: learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow.
"""

from sendoff.sandbox import entra_device, entra_proof
from sendoff.sandbox.entra import CAST_GRANT, application, audience_of, cast_person, discovery, refusal
from sendoff.sandbox.wire import Request, Response, answer
from sendoff.sandbox.world import World


def serve(world: World, request: Request) -> Response:
    """Answer one call at the login host. Errors: 400/401 with AADSTS codes, 404 elsewhere."""
    parts = request.path.strip("/").split("/")
    if request.path == entra_proof.MACHINE and request.method == "GET":
        return entra_proof.machine(world, request)
    if len(parts) < 2:
        return answer(404, {"error": "not_found"})
    tenant = _tenant(world, parts[0], shared=parts[-1] in ("devicecode", "token"))
    if tenant is None:
        return refusal(400, "invalid_tenant", 90002, f"Tenant '{parts[0]}' not found.")
    if parts[-1] == "openid-configuration":
        return answer(200, discovery(request.base, tenant))
    if request.method == "POST" and parts[1:] == ["oauth2", "v2.0", "token"]:
        return _token(world, tenant, request.form(), request.base + request.path)
    if request.method == "POST" and parts[1:] == ["oauth2", "v2.0", "devicecode"]:
        return entra_device.start(world, tenant, request)
    return answer(404, {"error": "not_found"})


def _tenant(world: World, name: str, *, shared: bool) -> str | None:
    if shared and name.lower() in ("organizations", "common"):
        return "organizations"
    return next((tid for tid, domain in world.tenants.items() if name.lower() in (tid, domain)), None)


def _token(world: World, tenant: str, form: dict[str, str], endpoint: str) -> Response:
    if form.get("grant_type") == entra_device.DEVICE_GRANT:
        return entra_device.poll(world, form)
    if form.get("grant_type") == "refresh_token":
        return entra_device.again(world, tenant, form)
    audience = audience_of(form.get("scope", ""))
    if audience is None:
        return refusal(400, "invalid_scope", 70011, f"The provided value for scope {form.get('scope')} is not valid.")
    if form.get("grant_type") == CAST_GRANT:
        return cast_person(world, tenant, audience, form)
    if form.get("grant_type") != "client_credentials":
        return refusal(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
    if "client_assertion" in form:
        return entra_proof.application(world, tenant, audience, form, endpoint)
    return application(world, tenant, audience, form)
