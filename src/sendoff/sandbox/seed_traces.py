"""Traces that years of management leave in a directory and its settings, and the customer's own that look like them.

They are not in the seed: a hand plants them (`graph.plant-traces`), and the customer takes ours out again
(`graph.take-out-traces`), as a person would in the admin centre.
"""

from collections.abc import Callable

from sendoff.sandbox.graph_apps import CREDENTIAL, GRANT, LOCATION, POLICY
from sendoff.sandbox.graph_methods import METHOD
from sendoff.sandbox.graph_users import soft_delete
from sendoff.sandbox.seed_build import CREATED, CUSTOMERS, MSP_DOMAIN, Build
from sendoff.sandbox.seed_people import principal, user
from sendoff.sandbox.wire import Json, Obj, arr, obj, text, words
from sendoff.sandbox.world import Customer, Thing, World

ADDRESSES = ("198.51.100.0/27",)
PHONES = ("+31 20 555 0900",)
PIPELINES = ("repo:intercept/", "https://vstoken.dev.azure.com/5f1c7a52-0d6b-4c0e-9a3b-2d1f4f0c9a11")
GITHUB = "https://token.actions.githubusercontent.com"
AUDIENCE = "api://AzureADTokenExchange"
DESK = f"beheer@{MSP_DOMAIN}"
TYPE = "#microsoft.graph."


def plant(world: World, customer: Customer, asked: Obj) -> list[str]:
    """All of it at one customer; the keys of what is ours or names us, by the name of the trace."""
    plan = next(one for one in CUSTOMERS if one.slug == customer.slug)
    build = Build(world, plan, customer.tenant)
    things = [*_methods(build), *_apps(build), *_consents(build), *_access(build), *_bin(build)]
    _notices(build)
    onboarding = customer.known["onboarding"]
    assert isinstance(onboarding, list)
    onboarding += build.onboarding
    return [one.key for one in things]


def _staff(build: Build) -> list[Thing]:
    people = [one for one in build.world.all("graph", "user") if one.place == build.tenant]
    return [one for one in people if text(one.raw, "jobTitle") == "employee"]


def _method(build: Build, account: Thing, kind: str, name: str, **raw: Json) -> Thing:
    ident = build.guid("method", name)
    row: Obj = {"@odata.type": f"{TYPE}{kind}AuthenticationMethod", "userId": account.id, **raw}
    return build.graph(METHOD, ident, row)


def _methods(build: Build) -> list[Thing]:
    """Our number and our address on accounts of theirs; a key that is only called like us; and their own number."""
    first, second, third = _staff(build)[:3]
    own = build.plan.contacts[0].phone
    _method(build, third, "phone", "own", phoneNumber=own, phoneType="mobile")
    return [
        _method(build, first, "phone", "our number", phoneNumber="+31 205550900", phoneType="alternateMobile"),
        _method(build, second, "email", "our address", emailAddress=DESK),
        _method(build, second, "fido2", "called", displayName="Intercept kluis", model="YubiKey 5", aaGuid=""),
    ]


def _apps(build: Build) -> list[Thing]:
    """A second registration of ours, and two credentials on an app of theirs that trust our pipelines."""
    empty: list[Json] = []
    app: Obj = {
        "appId": build.guid("reporting", "client"),
        "displayName": "Maandrapport",
        "publisherDomain": MSP_DOMAIN,
        "passwordCredentials": [{"keyId": build.guid("reporting", "key"), "endDateTime": "2027-01-01T00:00:00Z"}],
        "keyCredentials": empty,
        "createdDateTime": CREATED,
    }
    ours = build.graph("application", build.guid("reporting", "app"), app)
    on = build.guid("own", "app")
    own = f"repo:{build.plan.slug}/intranet:ref:refs/heads/main"
    _trust(build, on, "own-deploy", GITHUB, own)
    return [
        ours,
        _trust(build, on, "deploy", GITHUB, "repo:intercept/landing-zones:environment:production"),
        _trust(build, on, "devops", PIPELINES[1], "sc://intercept/klanten/azure"),
    ]


def _trust(build: Build, app: str, name: str, issuer: str, subject: str) -> Thing:
    audiences: list[Json] = [AUDIENCE]
    raw: Obj = {"appObjectId": app, "name": name, "issuer": issuer, "subject": subject, "audiences": audiences}
    return build.graph(CREDENTIAL, build.guid("trust", name), {**raw, "description": None})


def _consents(build: Build) -> list[Thing]:
    """What the customer allowed the app of our portal, for everybody and by itself; and an app of another company."""
    ours, other, graph = build.guid("foreign", "intercept"), build.guid("foreign", "payroll"), build.guid("graph")
    grant: Obj = {"consentType": "AllPrincipals", "principalId": None, "resourceId": graph, "scope": "User.Read.All"}
    build.graph(GRANT, build.guid("grant", "payroll"), {**grant, "clientId": other})
    role: Obj = {
        "principalId": ours,
        "appRoleId": "df021288-bdef-4463-88db-98f22de89214",
        "resourceDisplayName": "Microsoft Graph",
    }
    return [
        build.graph(GRANT, build.guid("grant", "portal"), {**grant, "clientId": ours}),
        build.graph("appRoleAssignment", build.guid("role", "portal"), role),
    ]


def _access(build: Build) -> list[Thing]:
    """Locations and policies that name us, and one of each that does not."""
    _location(build, "Hoofdkantoor", "203.0.113.0/28")
    place = _location(build, "Beheer", "203.0.113.64/28", "198.51.100.16/29")
    group = build.guid("group", "Intercept operators")
    own: Obj = {"includeUsers": ["All"], "excludeGroups": [build.guid("group", "sg-azure-owners")]}
    guests: Obj = {
        "guestOrExternalUserTypes": "serviceProvider",
        "externalTenants": {"membershipKind": "enumerated", "members": [text(build.world.msp, "tenant_id")]},
    }
    _policy(build, "MFA voor iedereen", own)
    return [
        place,
        _policy(build, "MFA behalve beheer", {"includeUsers": ["All"], "excludeGroups": [group]}),
        _policy(build, "Toegang beheerpartij", {"includeUsers": [], "includeGuestsOrExternalUsers": guests}),
    ]


def _location(build: Build, name: str, *ranges: str) -> Thing:
    held: list[Json] = [{"@odata.type": f"{TYPE}iPv4CidrRange", "cidrAddress": one} for one in ranges]
    raw: Obj = {"@odata.type": f"{TYPE}ipNamedLocation", "displayName": name, "isTrusted": True, "ipRanges": held}
    return build.graph(LOCATION, build.guid("location", name), raw)


def _policy(build: Build, name: str, users: Obj) -> Thing:
    apps: Obj = {"includeApplications": ["All"], "excludeApplications": []}
    grant: Obj = {"operator": "OR", "builtInControls": ["mfa"]}
    raw: Obj = {"displayName": name, "state": "enabled", "grantControls": grant}
    return build.graph(
        POLICY, build.guid("policy", name), {**raw, "conditions": {"users": users, "applications": apps}}
    )


def _notices(build: Build) -> None:
    home = next(one for one in build.world.all("graph", "organization") if one.place == build.tenant)
    own = f"it@{build.plan.domain}"
    more: Obj = {
        "technicalNotificationMails": [own, DESK],
        "securityComplianceNotificationMails": [f"soc@{MSP_DOMAIN}"],
        "marketingNotificationEmails": [own],
    }
    build.world.change(home, more)


def _bin(build: Build) -> list[Thing]:
    """Deleted lately: an account and an app of ours, and two accounts of theirs, of which one let its mail go to us."""
    ident, theirs = build.guid("bin", "ours"), build.guid("bin", "theirs")
    gone = build.graph("user", ident, user(ident, "Oude beheerder", f"oud@{build.plan.domain}", mail=DESK))
    build.note("graph", "user", ident)
    mailed = build.guid("bin", "mailed")
    to_us = build.graph("user", mailed, user(mailed, "Post In", f"post@{build.plan.domain}", mail=DESK))
    own = build.graph("user", theirs, user(theirs, "Piet Uit", f"piet@{build.plan.domain}"))
    client, app = build.guid("bin", "client"), build.guid("bin", "app")
    tenant = text(build.world.msp, "tenant_id")
    old = build.graph("servicePrincipal", app, principal(app, client, "Oude koppeling", tenant))
    for one in (gone, own, to_us, old):
        soft_delete(build.world, one)
    return [Thing("graph", f"deleted.{one.kind}", one.id, one.owner, one.raw, one.place) for one in (gone, old)]


def take_out(world: World, customer: Customer, asked: Obj) -> list[str]:
    """What the customer's administrator does with the list of traces: each is taken out of where it stands."""
    found: list[str] = []
    for kind, out in _OUT.items():
        for one in [one for one in world.all("graph", kind) if one.place == customer.tenant]:
            if out(world, one):
                found.append(one.key)
    return found


def _without(world: World, thing: Thing) -> bool:
    """A method, a credential or an app that names us goes as a whole."""
    told = " ".join(text(thing.raw, name) for name in ("phoneNumber", "emailAddress", "publisherDomain", "displayName"))
    told += f" {text(thing.raw, 'issuer')} {text(thing.raw, 'subject')}"
    digits = "".join(one for one in told if one.isdigit())
    phones = any("".join(one for one in phone if one.isdigit())[-9:] in digits for phone in PHONES)
    ours = MSP_DOMAIN in told or "Intercept kluis" in told or any(one in told for one in PIPELINES) or phones
    if ours:
        world.remove(thing)
    return ours


def _fewer_ranges(world: World, thing: Thing) -> bool:
    kept = [one for one in arr(thing.raw.get("ipRanges")) if not text(one, "cidrAddress").startswith("198.51.100.")]
    world.change(thing, {"ipRanges": kept})
    return True


def _fewer_names(world: World, thing: Thing) -> bool:
    conditions = obj(thing.raw.get("conditions"))
    users = {**obj(conditions.get("users")), "includeGuestsOrExternalUsers": None}
    named = text(next((one.raw for one in world.all("graph", "group") if one.place == thing.place
                       and text(one.raw, "displayName") == "Intercept operators"), {}), "id")  # fmt: skip
    kept: list[Json] = [one for one in words(users.get("excludeGroups")) if one != named]
    world.change(thing, {"conditions": {**conditions, "users": {**users, "excludeGroups": kept}}})
    return True


def _fewer_mails(world: World, thing: Thing) -> bool:
    more: Obj = {}
    for name in ("technicalNotificationMails", "securityComplianceNotificationMails"):
        kept: list[Json] = [one for one in words(thing.raw.get(name)) if not one.endswith(MSP_DOMAIN)]
        more[name] = kept
    world.change(thing, more)
    return True


_OUT: dict[str, Callable[[World, Thing], bool]] = {
    METHOD: _without,
    CREDENTIAL: _without,
    "application": _without,
    LOCATION: _fewer_ranges,
    POLICY: _fewer_names,
    "organization": _fewer_mails,
}
