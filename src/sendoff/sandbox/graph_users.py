"""Graph's users: list, read, change, soft delete, sessions, what they hold, invitations."""

import re

from sendoff.sandbox import graph_activity, graph_guard, graph_methods
from sendoff.sandbox.entra import person, utc
from sendoff.sandbox.graph_filter import BASE, cut, error, listing, not_found, segment
from sendoff.sandbox.graph_mail import deliver
from sendoff.sandbox.graph_path import cast
from sendoff.sandbox.wire import Json, Obj, Request, Response, answer, obj, text
from sendoff.sandbox.world import Identity, Thing, World

HOLDINGS = (
    ("roleAssignment", "principalId"),
    ("roleEligibilitySchedule", "principalId"),
    ("membership", "memberId"),
    ("appRoleAssignment", "principalId"),
    ("oauth2PermissionGrant", "clientId"),
    ("authenticationMethod", "userId"),
    ("temporaryAccessPass", "userId"),
)
DEFAULT = (
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
)


def serve(world: World, who: Identity, parts: list[str], request: Request) -> Response:
    """Answer a call below /users or /invitations. Errors: 400, 403, 404."""
    if parts[0].lower() == "invitations":
        return invite(world, who, request.json())
    if len(parts) == 1:
        return _all(world, who, request)
    user = person(world, who.tenant, parts[1])
    if user is None:
        return not_found(parts[1])
    if len(parts) == 2:
        no = graph_activity.refused(world, who, parts[1]) if graph_activity.asked(request) else None
        return no or _one(world, who, user, request)
    return _below(world, who, user, parts[2:], request)


def _all(world: World, who: Identity, request: Request) -> Response:
    if request.method == "POST":
        return _create(world, who, request.json())
    people = [one for one in world.all("graph", "user") if one.place == who.tenant]
    if not graph_activity.asked(request):
        return listing([one.raw for one in people], request, "users", DEFAULT)
    no = graph_activity.refused(world, who)
    rows = [graph_activity.shown(world, one) for one in people]
    return no or listing(rows, request, "users", DEFAULT)


def _one(world: World, who: Identity, user: Thing, request: Request) -> Response:
    match request.method:
        case "GET":
            row = obj(cut(graph_activity.shown(world, user), request.ask("$select"), DEFAULT))
            return answer(200, {"@odata.context": f"{BASE}/$metadata#users/$entity", **row})
        case "PATCH":
            return _change(world, who, user, request.json())
        case "DELETE":
            return _delete(world, who, user)
        case _:
            return error(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")


def _change(world: World, who: Identity, user: Thing, more: Obj) -> Response:
    if not graph_guard.may_touch(world, who, user):
        return error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    if more.get("accountEnabled") is False and graph_guard.is_last(world, user):
        return graph_guard.refusal()
    world.change(user, more)
    return Response(204)


def _delete(world: World, who: Identity, user: Thing) -> Response:
    if not graph_guard.may_touch(world, who, user):
        return error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    if graph_guard.is_last(world, user):
        return graph_guard.refusal()
    soft_delete(world, user)
    return Response(204)


def soft_delete(world: World, thing: Thing) -> None:
    """Move an object to deletedItems for 30 days of civil time; its directory roles and memberships go."""
    world.remove(thing)
    for kind, member in HOLDINGS:
        for one in world.all("graph", kind):
            if text(one.raw, member) == thing.id:
                world.remove(one)
    gone: Obj = {**thing.raw, "deletedDateTime": utc(world)}
    world.add(Thing("graph", f"deleted.{thing.kind}", thing.id, thing.owner, gone, thing.place))


def _below(world: World, who: Identity, user: Thing, rest: list[str], request: Request) -> Response:
    match rest[0].lower():
        case "revokesigninsessions" if request.method == "POST":
            world.change(user, {"signInSessionsValidFromDateTime": utc(world)})
            return answer(200, {"@odata.context": f"{BASE}/$metadata#Edm.Boolean", "value": True})
        case "memberof" | "transitivememberof":
            held = cast(_groups(world, user) + _roles(world, user), rest[1:])
            return listing(held, request, "directoryObjects")
        case "ownedobjects":
            return listing(cast(_owned(world, user), rest[1:]), request, "directoryObjects")
        case "approleassignments":
            held = [one.raw for one in world.all("graph", "appRoleAssignment")]
            return listing([one for one in held if text(one, "principalId") == user.id], request, "appRoleAssignments")
        case "oauth2permissiongrants" | "licensedetails":
            return listing([], request, rest[0])
        case "authentication":
            return graph_methods.serve(world, who, user, rest[1:], request)
        case _:
            return segment(rest[0])


def _groups(world: World, user: Thing) -> list[Obj]:
    found = []
    for one in world.all("graph", "membership"):
        group = world.get("graph", "group", text(one.raw, "groupId"))
        if text(one.raw, "memberId") == user.id and group is not None and text(one.raw, "rel") != "owners":
            found.append({"@odata.type": "#microsoft.graph.group", **group.raw})
    return found


def _owned(world: World, user: Thing) -> list[Obj]:
    """Groups and apps that a user owns; what an app is owned by stands beside the owners of groups."""
    links = [one.raw for one in world.all("graph", "membership") if text(one.raw, "rel") == "owners"]
    ids = [text(one, "groupId") for one in links if text(one, "memberId") == user.id]
    kinds = ("group", "application", "servicePrincipal")
    found = [(kind, world.get("graph", kind, ident)) for ident in ids for kind in kinds]
    return [{"@odata.type": f"#microsoft.graph.{kind}", **thing.raw} for kind, thing in found if thing is not None]


def _roles(world: World, user: Thing) -> list[Obj]:
    found = []
    for one in world.all("graph", "roleAssignment"):
        role = world.get("graph", "roleDefinition", text(one.raw, "roleDefinitionId"))
        if text(one.raw, "principalId") == user.id and role is not None:
            found.append(graph_guard.directory_role(world, one.place, role))
    return found


def _create(world: World, who: Identity, body: Obj) -> Response:
    needed = ("displayName", "mailNickname", "userPrincipalName", "passwordProfile", "accountEnabled")
    missing = [one for one in needed if body.get(one) in (None, "")]
    if missing:
        why = f"One or more required properties are missing: {', '.join(missing)}."
        return error(400, "Request_BadRequest", why)
    name = text(body, "userPrincipalName")
    held = [text(one.raw, "id").lower() for one in world.all("graph", "domain") if one.place == who.tenant]
    if name.rpartition("@")[2].lower() not in held:
        why = (
            "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domains."
        )
        return error(400, "Request_BadRequest", why)
    if person(world, who.tenant, name) is not None:
        return error(
            400,
            "Request_BadRequest",
            "Another object with the same value for property userPrincipalName already exists.",
        )
    user = new_user(world, who.tenant, {key: value for key, value in body.items() if key != "passwordProfile"})
    return answer(201, {"@odata.context": f"{BASE}/$metadata#users/$entity", **user.raw})


def new_user(world: World, tenant: str, more: Obj) -> Thing:
    """Add a user to a tenant; members that are not given get the vendor's defaults."""
    ident = world.fresh("user")
    owner = next((one.slug for one in world.customers.values() if one.tenant == tenant), "msp")
    world.newcomers.add(ident)
    raw: Obj = {
        "id": ident,
        "accountEnabled": True,
        "businessPhones": [],
        "givenName": None,
        "jobTitle": None,
        "mail": None,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": None,
        "surname": None,
        "userType": "Member",
        "createdDateTime": utc(world),
        "creationType": None,
        "externalUserState": None,
        "otherMails": [],
        **more,
    }
    return world.add(Thing("graph", "user", ident, owner, raw, tenant))


def invite(world: World, who: Identity, body: Obj) -> Response:
    """POST /invitations: a guest that waits for acceptance, and a mail to the invited address when asked."""
    mail = text(body, "invitedUserEmailAddress")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", mail):
        return error(400, "BadRequest", "The invited user email address is not valid.")
    guest = person(world, who.tenant, mail) or new_user(world, who.tenant, _guest(world, who.tenant, mail, body))
    redeem = f"https://login.microsoftonline.com/redeem?rd={guest.id}&tenant={who.tenant}"
    if body.get("sendInvitationMessage") is True:
        deliver(world, mail, "invites@microsoft.com", f"You are invited to {who.tenant}", redeem)
    whole: Json = {
        "@odata.context": f"{BASE}/$metadata#invitations/$entity",
        "id": world.fresh("invitation"),
        "inviteRedeemUrl": redeem,
        "invitedUserEmailAddress": mail,
        "status": "PendingAcceptance",
        "inviteRedirectUrl": text(body, "inviteRedirectUrl"),
        "invitedUser": {"id": guest.id},
        "sendInvitationMessage": body.get("sendInvitationMessage") is True,
        "invitedUserType": "Guest",
        "invitedUserDisplayName": text(guest.raw, "displayName"),
    }
    return answer(201, whole)


def _guest(world: World, tenant: str, mail: str, body: Obj) -> Obj:
    domain = world.tenants[tenant].replace(".example", ".onmicrosoft.example")
    return {
        "displayName": text(body, "invitedUserDisplayName") or mail,
        "mail": mail,
        "userType": "Guest",
        "userPrincipalName": f"{mail.replace('@', '_')}#EXT#@{domain}",
        "creationType": "Invitation",
        "externalUserState": "PendingAcceptance",
        "otherMails": [mail],
    }
