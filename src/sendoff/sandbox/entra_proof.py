"""What an app may show instead of a secret: an assertion signed with a certificate or by a trusted issuer, and the
machine's own identity.

Vendor's pages: learn.microsoft.com/entra/identity-platform/certificate-credentials,
/entra/workload-id/workload-identity-federation and /azure/app-service/overview-managed-identity.
"""

import base64
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from sendoff.sandbox import entra
from sendoff.sandbox.proofs import Trusted
from sendoff.sandbox.wire import Obj, Request, Response, answer, dig, loads, obj, text, whole
from sendoff.sandbox.world import World

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EXCHANGE = "api://AzureADTokenExchange"
"""The audience that a cluster or pipeline asks its own token for."""
MACHINE = "/msi/token"


def application(world: World, tenant: str, audience: str, form: dict[str, str], endpoint: str) -> Response:
    """Client credentials with an assertion. Errors: 401 AADSTS700027, 700021, 700024; 400 AADSTS70021, 700016."""
    client = form.get("client_id", "")
    refused = _refused(world, client, form, endpoint) if entra.principal_of(world, tenant, client) else None
    return refused or entra.granted(world, tenant, client, audience)


def _refused(world: World, client: str, form: dict[str, str], endpoint: str) -> Response | None:
    if form.get("client_assertion_type") != JWT_BEARER:
        return entra.refusal(401, "invalid_client", 7000218, "The request body must contain a client_assertion.")
    claims, ok = _opened(form.get("client_assertion", ""), world.proofs.keys.get(client, []))
    if not ok:
        why = f"The certificate used to sign the client assertion is not registered on application '{client}'."
        return entra.refusal(401, "invalid_client", 700027, why)
    if whole(dig(claims, "exp")) < time.time():
        return entra.refusal(401, "invalid_client", 700024, "Client assertion is not within its valid time range.")
    federated = ok.issuer != ""
    fits = (text(claims, "iss"), text(claims, "sub")) == ((ok.issuer, ok.subject) if federated else (client, client))
    if text(claims, "aud") != (EXCHANGE if federated else endpoint) or not fits:
        if federated:
            why = "No matching federated identity record found for presented assertion subject, issuer or audience."
            return entra.refusal(400, "invalid_request", 70021, why)
        return entra.refusal(401, "invalid_client", 700021, "Client assertion audience, issuer or subject is wrong.")
    return None


def _opened(token: str, known: list[Trusted]) -> tuple[Obj, Trusted | None]:
    """The claims of a JWT, and whose key signed it; nobody's when it is none of the known."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}, None
    head, claims = (obj(loads(_plain(one))) for one in parts[:2])
    signed, signature = ".".join(parts[:2]).encode(), _plain(parts[2])
    ways = {"RS256": padding.PKCS1v15(), "PS256": padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size)}
    way = ways.get(text(head, "alg"))
    for one in known:
        if way is None:
            break
        try:
            one.key.verify(signature, signed, way, hashes.SHA256())
        except InvalidSignature:
            continue
        return claims, one
    return claims, None


def _plain(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        return b""


def machine(world: World, request: Request) -> Response:
    """GET /msi/token: a token for the identity of the machine. Errors: 401 without the machine's own header, 400."""
    if not world.proofs.machine or request.headers.get("x-identity-header") != world.proofs.machine[0]:
        return answer(401, {"statusCode": 401, "message": "The X-IDENTITY-HEADER is missing or wrong."})
    _, client, tenant = world.proofs.machine
    audience = entra.audience_of(f"{request.ask('resource')}/.default")
    if audience is None or request.ask("client_id", client) != client or not request.ask("api-version"):
        return answer(
            400, {"statusCode": 400, "message": "No Managed Identity found for specified ClientId/ResourceId."}
        )
    granted = entra.granted(world, tenant, client, audience)
    if granted.status != 200:
        return granted
    said = obj(loads(granted.body))
    ends = str(int(time.time()) + whole(dig(said, "expires_in")))
    told: Obj = {"access_token": text(said, "access_token"), "expires_on": ends, "token_type": "Bearer"}
    return answer(200, {**told, "resource": request.ask("resource"), "client_id": client})
