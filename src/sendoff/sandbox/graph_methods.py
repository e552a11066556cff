"""How persons prove who they are, behind Graph: methods, temporary access passes, and who registered for MFA.

Vendor's pages: learn.microsoft.com/graph/api/authentication-post-temporaryaccesspassmethods and
authenticationmethodsroot-list-userregistrationdetails.
"""

from sendoff.sandbox import graph_guard
from sendoff.sandbox.entra import utc
from sendoff.sandbox.graph_filter import BASE, error, listing, not_found
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, text, whole
from sendoff.sandbox.world import Identity, Thing, World

PASS = "temporaryAccessPass"
METHOD = "authenticationMethod"
SHORTEST, LONGEST = 10, 43200


def serve(world: World, who: Identity, user: Thing, rest: list[str], request: Request) -> Response:
    """Answer a call below /users/{id}/authentication. Errors: 400, 403, 404."""
    match [one.lower() for one in rest]:
        case ["methods"] if request.method == "GET":
            return listing(methods(world, user), request, f"users('{user.id}')/authentication/methods")
        case ["temporaryaccesspassmethods"] if request.method == "POST":
            return _create(world, who, user, request.json())
        case ["temporaryaccesspassmethods"]:
            return listing([_shown(one) for one in _passes(world, user)], request, "temporaryAccessPassMethods")
        case ["temporaryaccesspassmethods", ident]:
            return _single(world, user, ident, request)
        case _:
            return error(400, "BadRequest", f"Resource not found for the segment '{'/'.join(rest)}'.")


def _passes(world: World, user: Thing) -> list[Thing]:
    return [one for one in world.all("graph", PASS) if text(one.raw, "userId") == user.id]


def _shown(one: Thing) -> Obj:
    return {key: value for key, value in one.raw.items() if key != "userId"}


def _single(world: World, user: Thing, ident: str, request: Request) -> Response:
    found = next((one for one in _passes(world, user) if one.id == ident), None)
    if found is None:
        return not_found(ident)
    if request.method == "DELETE":
        world.remove(found)
        return Response(204)
    return answer(200, _shown(found))


def _create(world: World, who: Identity, user: Thing, body: Obj) -> Response:
    """POST: the value comes back this once; a new pass replaces the old one."""
    if not graph_guard.may_touch(world, who, user):
        return error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    if text(user.raw, "userType") == "Guest":
        return error(400, "badRequest", "Temporary Access Pass cannot be added to an external guest user.")
    minutes = whole(body.get("lifetimeInMinutes"), 60)
    if not SHORTEST <= minutes <= LONGEST:
        return error(400, "badRequest", f"lifetimeInMinutes must be between {SHORTEST} and {LONGEST}.")
    for old in _passes(world, user):
        world.remove(old)
    ident = world.fresh("access-pass")
    raw: Obj = {
        "id": ident,
        "userId": user.id,
        "temporaryAccessPass": None,
        "createdDateTime": utc(world),
        "startDateTime": text(body, "startDateTime") or utc(world),
        "lifetimeInMinutes": minutes,
        "isUsableOnce": body.get("isUsableOnce") is True,
        "isUsable": True,
        "methodUsabilityReason": "EnabledByPolicy",
    }
    made = world.add(Thing("graph", PASS, ident, user.owner, raw, user.place), "disclosed")
    value = world.fresh("access-pass-value").replace("-", "")[:12]
    context = f"{BASE}/$metadata#users('{user.id}')/authentication/temporaryAccessPassMethods/$entity"
    return answer(201, {"@odata.context": context, **_shown(made), "temporaryAccessPass": value})


def registered(world: World, user: Thing) -> bool:
    """Whether a user has a second factor: whoever was there before, and whoever signed in with one since."""
    if text(user.raw, "externalUserState") == "PendingAcceptance":
        return False
    if user.id not in world.newcomers:
        return True
    strong = "multiFactorAuthentication"
    signs = [one.raw for one in world.all("graph", "signIn") if text(one.raw, "userId") == user.id]
    return any(text(one, "authenticationRequirement") == strong for one in signs)


def methods(world: World, user: Thing) -> list[Obj]:
    """The methods of a user: a password, and an authenticator when one is registered."""
    password: Obj = {
        "@odata.type": "#microsoft.graph.passwordAuthenticationMethod",
        "id": "28c10230-6103-485e-b985-444c60001490",
        "password": None,
    }
    more = [_shown(one) for one in world.all("graph", METHOD) if text(one.raw, "userId") == user.id]
    if not registered(world, user):
        return [password, *more]
    strong: Obj = {
        "@odata.type": "#microsoft.graph.microsoftAuthenticatorAuthenticationMethod",
        "id": world.guid("authenticator", user.id),
        "displayName": "Phone",
    }
    return [password, strong, *more]


def registrations(world: World, who: Identity, request: Request) -> Response:
    """GET /reports/authenticationMethods/userRegistrationDetails of the caller's tenant."""
    rows = [_row(world, one) for one in world.all("graph", "user") if one.place == who.tenant]
    return listing(rows, request, "reports/authenticationMethods/userRegistrationDetails")


def _row(world: World, user: Thing) -> Obj:
    has = registered(world, user)
    held: list[Json] = ["microsoftAuthenticatorPush"] if has else []
    return {
        "id": user.id,
        "userPrincipalName": text(user.raw, "userPrincipalName"),
        "userDisplayName": text(user.raw, "displayName"),
        "userType": text(user.raw, "userType").lower(),
        "isAdmin": bool(graph_guard.roles_of(world, user.id)),
        "isMfaRegistered": has,
        "isMfaCapable": has,
        "isPasswordlessCapable": False,
        "isSsprRegistered": has,
        "isSsprEnabled": True,
        "isSsprCapable": has,
        "isSystemPreferredAuthenticationMethodEnabled": True,
        "methodsRegistered": held,
        "defaultMfaMethod": "microsoftAuthenticatorPush" if has else "none",
        "lastUpdatedDateTime": utc(world),
    }
