"""The seed of directories: staff, contacts, users, guests, roles, groups, apps and mailboxes."""

from sendoff.sandbox.arm_access import GLOBAL_ADMIN
from sendoff.sandbox.graph_guard import MANAGE_ROLES, PRIVILEGED_AUTH, PRIVILEGED_ROLE
from sendoff.sandbox.seed_build import CREATED, MSP_DOMAIN, Build
from sendoff.sandbox.seed_entitled import entitled
from sendoff.sandbox.seed_groups import groups
from sendoff.sandbox.wire import Json, Obj, text
from sendoff.sandbox.world import Thing, World

ROLES = (
    ("Global Administrator", GLOBAL_ADMIN),
    ("Privileged Authentication Administrator", PRIVILEGED_AUTH),
    ("Privileged Role Administrator", PRIVILEGED_ROLE),
    ("User Administrator", "fe930be7-5e62-47db-91af-98c3a49a38b1"),
    ("Global Reader", "f2ef992c-3afb-46b9-b7cf-a126ee74c451"),
)
FIRST = ("Daan", "Sem", "Lotte", "Julia", "Bas", "Noor", "Finn", "Eva", "Jesse", "Fleur", "Lars", "Iris", "Ruben")
LAST = ("de Boer", "Mulder", "Dekker", "Brouwer", "de Wit", "Dijkstra", "Smits", "de Graaf", "van Dijk")
USERS = 24


def roles(world: World) -> None:
    """The directory role definitions, the same in every tenant."""
    for name, ident in ROLES:
        raw: Obj = {
            "id": ident,
            "displayName": name,
            "description": name,
            "isBuiltIn": True,
            "templateId": ident,
            "isEnabled": True,
        }
        world.add(Thing("graph", "roleDefinition", ident, "vendor", raw))


def mailbox(world: World, address: str, owner: str, tenant: str, name: str) -> None:
    """A mailbox and, unless there is one, the user behind it."""
    world.add(Thing("graph", "mailbox", address, owner, {"id": address, "displayName": name}, tenant))
    ident = world.guid("user", address)
    if world.get("graph", "user", ident) is None:
        world.add(Thing("graph", "user", ident, owner, user(ident, name, address), tenant))


def user(ident: str, name: str, address: str, **more: Json) -> Obj:
    """A user as Graph keeps it."""
    given, _, surname = name.partition(" ")
    return {
        "id": ident,
        "displayName": name,
        "givenName": given,
        "surname": surname,
        "mail": address,
        "userPrincipalName": address,
        "accountEnabled": True,
        "userType": "Member",
        "creationType": None,
        "externalUserState": None,
        "businessPhones": [],
        "jobTitle": None,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": "nl-NL",
        "otherMails": [],
        "createdDateTime": CREATED,
        **more,
    }


def house_principals(world: World, tenant: str) -> None:
    """The MSP's own apps in its tenant: the Lighthouse principal, the house app and the Partner Center app."""
    for role in ("lighthouse", "house", "partner-center"):
        known = role.replace("-", "_")
        client = text(world.msp, known, "client_id")
        ident = world.guid("msp", role, "principal")
        raw = principal(ident, client, f"Intercept {role}", tenant)
        world.add(Thing("graph", "servicePrincipal", ident, "msp", raw, tenant))
        world.secrets[client], world.roles[client] = text(world.msp, known, "client_secret"), role


def principal(ident: str, client: str, name: str, home: str) -> Obj:
    """A service principal as Graph keeps it; `home` is the tenant that owns the app."""
    return {
        "id": ident,
        "appId": client,
        "displayName": name,
        "appOwnerOrganizationId": home,
        "accountEnabled": True,
        "servicePrincipalType": "Application",
        "createdDateTime": CREATED,
        "tags": [],
    }


def directory(build: Build) -> None:
    """The customer's tenant: organization, domains, persons, our accounts, groups and apps."""
    plan = build.plan
    domains: list[Json] = [
        {"name": plan.domain, "isDefault": True, "isInitial": False, "type": "Managed", "capabilities": "Email"},
        {
            "name": _onmicrosoft(build),
            "isDefault": False,
            "isInitial": True,
            "type": "Managed",
            "capabilities": "Email",
        },
    ]
    build.graph(
        "organization", build.tenant, {"displayName": plan.name, "verifiedDomains": domains, "createdDateTime": CREATED}
    )
    for name in (plan.domain, _onmicrosoft(build)):
        build.graph("domain", name, {"isDefault": name == plan.domain, "isVerified": True})
    _contacts(build)
    _staff(build)
    _look_alikes(build)
    if plan.tier != "csp":
        _named(build)
    _guests(build)
    _apps(build)
    groups(build)
    entitled(build)


def _onmicrosoft(build: Build) -> str:
    return build.plan.domain.replace(".example", ".onmicrosoft.example")


def _role(build: Build, principal_id: str, role: str) -> Thing:
    ident = build.guid("directory-role", principal_id, role).replace("-", "")
    return build.graph(
        "roleAssignment", ident, {"principalId": principal_id, "roleDefinitionId": role, "directoryScopeId": "/"}
    )


def _person(build: Build, name: str, address: str, **more: Json) -> Thing:
    ident = build.guid("user", address)
    return build.graph("user", ident, user(ident, name, address, **more))


def _contacts(build: Build) -> None:
    for one in build.plan.contacts:
        address = f"{one.local}@{build.plan.domain}"
        ident = build.world.guid("user", address)
        build.graph("user", ident, user(ident, one.name, address, jobTitle=one.role))
        mailbox(build.world, address, build.plan.slug, build.tenant, one.name)
        _role(build, ident, GLOBAL_ADMIN)
    glass = _person(build, "Break Glass", f"breakglass@{_onmicrosoft(build)}", mail=None)
    _role(build, glass.id, GLOBAL_ADMIN)


def _staff(build: Build) -> None:
    for at in range(USERS):
        name = f"{FIRST[at % len(FIRST)]} {LAST[(at * 5 + at // len(FIRST)) % len(LAST)]}"
        address = f"{name.lower().replace(' ', '.')}{at}@{build.plan.domain}"
        _person(build, name, address, jobTitle="employee")


def _look_alikes(build: Build) -> None:
    domain = build.plan.domain
    _person(build, "Intercept Reception", f"intercept.reception@{domain}", jobTitle="front desk of the building")
    _person(build, "Erik Jansen", f"e.jansen@{domain}", jobTitle="driver")
    partner = _person(
        build,
        "Pien Mol (Accountant)",
        f"pien_accountant.example#EXT#@{_onmicrosoft(build)}",
        userType="Guest",
        creationType="Invitation",
        externalUserState="Accepted",
    )
    build.world.change(partner, {"mail": "pien@accountant.example", "otherMails": ["pien@accountant.example"]})


def _named(build: Build) -> None:
    named = [
        ("Erik Jansen (Intercept)", "erik.jansen", GLOBAL_ADMIN),
        ("Intercept Administrator", "admin.intercept", GLOBAL_ADMIN),
    ]
    for name, local, role in named[:1] if build.plan.tier == "premium" else named:
        one = _person(build, name, f"{local}@{build.plan.domain}", companyName="Intercept")
        build.note("graph", "user", one.id)
        given = _role(build, one.id, role)
        build.note("graph", "roleAssignment", given.id)


def _guests(build: Build) -> None:
    staff = ("carla",) if build.plan.tier == "csp" else ("carla", "emma")
    for local in staff:
        mail = f"{local}@{MSP_DOMAIN}"
        name = f"{local.capitalize()} (Intercept)"
        upn = f"{local}_{MSP_DOMAIN}#EXT#@{_onmicrosoft(build)}"
        one = _person(
            build,
            name,
            upn,
            userType="Guest",
            creationType="Invitation",
            externalUserState="Accepted",
            mail=mail,
            otherMails=[mail],
        )
        if local == "carla" and build.plan.tier != "csp":
            build.note("graph", "user", one.id)


def _apps(build: Build) -> None:
    client, ident, twin = build.guid("app", "client"), build.guid("app", "object"), build.guid("app", "principal")
    name = "Intercept Onboarding"
    secret: Obj = {
        "keyId": build.guid("app", "key"),
        "displayName": "onboarding",
        "endDateTime": "2027-03-14T00:00:00Z",
    }
    build.graph(
        "application",
        ident,
        {
            "appId": client,
            "displayName": name,
            "passwordCredentials": [secret],
            "keyCredentials": [],
            "createdDateTime": CREATED,
            "signInAudience": "AzureADMyOrg",
        },
    )
    build.graph("servicePrincipal", twin, principal(twin, client, name, build.tenant))
    build.world.secrets[client] = build.guid("app", "secret")
    _role(build, twin, PRIVILEGED_AUTH)
    permission = build.guid("app", "permission", MANAGE_ROLES)
    held: Obj = {"principalId": twin, "appRoleId": MANAGE_ROLES, "resourceDisplayName": "Microsoft Graph"}
    build.graph("appRoleAssignment", permission, held)
    build.note("graph", "application", ident)
    build.note("graph", "servicePrincipal", twin)
    _foreign(build)


def _foreign(build: Build) -> None:
    world = build.world
    ours, other = build.guid("foreign", "intercept"), build.guid("foreign", "payroll")
    build.graph(
        "servicePrincipal",
        ours,
        principal(ours, world.guid("msp", "portal", "client"), "Intercept Portal", text(world.msp, "tenant_id")),
    )
    build.note("graph", "servicePrincipal", ours)
    build.graph(
        "servicePrincipal",
        other,
        principal(other, world.guid("payroll", "client"), "Payroll Online", world.guid("payroll", "tenant")),
    )
    own = build.guid("own", "app")
    build.graph(
        "application",
        own,
        {
            "appId": build.guid("own", "client"),
            "displayName": f"{build.plan.name} intranet",
            "passwordCredentials": [],
            "keyCredentials": [],
            "createdDateTime": CREATED,
        },
    )
