"""The seed of our own systems: TOPdesk, the portal and the repository, and the key that the leaving customer made."""

import hashlib
from datetime import date

from sendoff.sandbox import age
from sendoff.sandbox.reassure_billing import invoiced
from sendoff.sandbox.seed_build import MSP_DOMAIN, STAFF, Build
from sendoff.sandbox.seed_desk import standing
from sendoff.sandbox.wire import Json, Obj, text
from sendoff.sandbox.world import Thing, World

LOGIN = "SENDOFF"
REPOSITORY = "intercept/offboarding"
REASONS = ("No longer a customer", "Left the company", "Duplicate")
GROUPS = ("Contract administration", "Service desk")
BRANCH = {"vandermeer": "VDM-001", "vandermeer-advocaten": "VDA-001", "meerzicht": "MZ-001"}
PORTAL = {"vandermeer": "RA-1001", "vandermeer-advocaten": "RA-1002", "meerzicht": "RA-1003"}
BRIEFS = ("Laptop does not start", "New mailbox for a colleague", "VPN drops every hour", "Question about the invoice")
ARTICLES = (
    ("Managed Azure", "fixed", "1450.00", "Beheer"),
    ("Monitoring", "fixed", "320.00", "Beheer"),
    ("Azure consumption", "consumption", "2310.50", "Cloud"),
    ("Backup storage", "consumption", "184.25", "Cloud"),
)
SINCE = date(2026, 8, 1)


def house(world: World) -> None:
    """What our systems hold before any customer: logins, reasons, groups, operators, repositories."""
    world.msp["topdesk"] = {"login": LOGIN, "password": world.guid("topdesk", "password")[:29]}
    world.msp["reassure"] = {"token": world.guid("reassure", "token")}
    world.msp["github"] = {"token": f"github_pat_{world.guid('github').replace('-', '')}", "repository": REPOSITORY}
    world.msp["smtp"] = {"login": f"sendoff@{MSP_DOMAIN}", "password": world.guid("smtp", "password")}
    for name, private in ((REPOSITORY, True), ("intercept/handbook", False)):
        raw: Obj = {"private": private, "push": True, "has_issues": True, "seen": True, "labels": ["bug"]}
        world.add(Thing("github", "repository", name, "msp", raw))
    world.add(Thing("topdesk", "setting", "archiving", "msp", {"reasonMandatory": True}))
    for name in REASONS:
        _card(world, "archiving-reason", "msp", name, {"name": name})
    for name in GROUPS:
        _card(world, "operatorgroup", "msp", name, {"groupName": name, "archived": False})
    _card(world, "template", "msp", "Contract", {"name": "Contract", "archived": False})
    _card(world, "template", "msp", "Laptop", {"name": "Laptop", "archived": False})
    _branch(world, "msp", "Intercept", "INT-001")
    _branch(world, "msp", "Van der Meer Logistiek (oud)", "VDM-000", archived=True)
    for name, local, _ in STAFF:
        _operator(world, name, local.upper(), administrator=local == "paul")
    _operator(world, "Sendoff", LOGIN, administrator=False)


def _card(world: World, kind: str, owner: str, name: str, raw: Obj) -> Thing:
    ident = world.guid("topdesk", kind, owner, name)
    return world.add(Thing("topdesk", kind, ident, owner, {"id": ident, **raw}))


def _operator(world: World, name: str, login: str, *, administrator: bool) -> Thing:
    first, _, last = name.partition(" ")
    raw: Obj = {
        "firstName": first,
        "surName": last or first,
        "dynamicName": f"{last}, {first}" if last else first,
        "loginName": login,
        "loginPermission": True,
        "email": f"{login.lower()}@{MSP_DOMAIN}",
        "linkedPerson": None,
        "apiAccount": login == LOGIN,
        "archived": False,
        "administrator": administrator,
        "hiddenBranches": [],
    }
    return _card(world, "operator", "msp", login, raw)


def _branch(world: World, owner: str, name: str, number: str, *, archived: bool = False) -> Thing:
    raw: Obj = {
        "name": name,
        "clientReferenceNumber": number,
        "branchType": "independentBranch",
        "headBranch": None,
        "phone": "",
        "email": "",
        "additionalInfo": "",
        "archived": archived,
        "archivingReason": None,
    }
    return _card(world, "branch", owner, number, raw)


def customer(build: Build) -> None:
    """A customer's branch with its people, contract and calls, and its account in the portal."""
    branch = _branch(build.world, build.plan.slug, build.plan.name, BRANCH[build.plan.slug])
    people = _people(build, branch)
    _contract(build, branch)
    standing(build, branch, people[0], _calls(build, branch, people[0]))
    _portal(build)
    if build.plan.slug == "vandermeer":
        build.world.customer_age_key = pair(build.world)[1]


def pair(world: World) -> tuple[str, str]:
    """The key pair that the leaving customer made: public and secret half."""
    return age.pair(hashlib.sha256(world.guid("vandermeer", "age").encode()).digest())


def house_known(build: Build) -> Obj:
    """The part of `known` about one customer that our own systems give."""
    found: Obj = {
        "topdesk": {"branch": BRANCH[build.plan.slug]},
        "reassure": {"customer_id": PORTAL[build.plan.slug]},
    }
    return {**found, "age_key": pair(build.world)[0]} if build.plan.slug == "vandermeer" else found


def _short(branch: Thing) -> Obj:
    return {key: branch.raw[key] for key in ("id", "name", "clientReferenceNumber")}


def _people(build: Build, branch: Thing) -> list[Thing]:
    """The contacts, three colleagues, and a card that is linked to our own operator: archiving it would end us."""
    named = [(one.name, f"{one.local}@{build.plan.domain}", one.role) for one in build.plan.contacts]
    named += [(f"{name} {build.plan.short.upper()}", f"{name.lower()}@{build.plan.domain}", "employee") for name in
              ("Daan", "Lotte", "Noor")]  # fmt: skip
    found = [_person(build, branch, *one) for one in named]
    if build.plan.slug == "vandermeer":
        own = _person(build, branch, "Sendoff Intercept", f"{LOGIN.lower()}@{MSP_DOMAIN}", "service desk")
        operator = next(one for one in build.world.all("topdesk", "operator") if one.raw["loginName"] == LOGIN)
        build.world.change(operator, {"linkedPerson": {"id": own.id, "name": own.raw["dynamicName"]}})
    return found


def _person(build: Build, branch: Thing, name: str, mail: str, title: str) -> Thing:
    first, _, last = name.partition(" ")
    raw: Obj = {
        "firstName": first,
        "surName": last,
        "dynamicName": f"{last}, {first}",
        "email": mail,
        "jobTitle": title,
        "phoneNumber": "",
        "branch": _short(branch),
        "archived": False,
        "archivingReason": None,
    }
    return _card(build.world, "person", build.plan.slug, mail, raw)


def _contract(build: Build, branch: Thing) -> None:
    """A contract without an end that renews by itself, and the same contract as an asset."""
    world, number = build.world, f"C {BRANCH[build.plan.slug]}"
    services: list[Json] = [
        {
            "id": build.guid("sla", name),
            "serviceId": world.guid("topdesk", "service", name),
            "serviceName": name,
            "serviceLevelId": world.guid("topdesk", "level"),
            "serviceLevelName": "Gold",
        }
        for name in ("Managed Azure", "Service desk")
    ]
    raw: Obj = {
        "name": f"Support {build.plan.name}",
        "number": number,
        "branches": [branch.id],
        "startDate": "2023-03-14",
        "endDate": None,
        "renewsAutomatically": True,
        "services": services,
    }
    _card(world, "contract", build.plan.slug, number, raw)
    link: Json = {"linkId": build.guid("asset-link"), "type": "branch", "id": branch.id, "name": branch.raw["name"]}
    template = world.guid("topdesk", "template", "msp", "Contract")
    asset: Obj = {"name": f"Contract {BRANCH[build.plan.slug]}", "templateId": template, "end-date": None}
    asset |= {"assignments": [link], "archived": False, "archivingReason": None}
    _card(world, "asset", build.plan.slug, number, asset)


def _calls(build: Build, branch: Thing, caller: Thing) -> list[Thing]:
    """One open call and three closed ones; the open one of the leaver is from last week."""
    found = []
    for at, brief in enumerate(BRIEFS):
        done = at > 0
        day = f"2026-{11 if not done else 10 - at:02d}-17T09:30:00Z"
        raw: Obj = {
            "number": f"I 26{11 if not done else 10 - at:02d} {at + 1:03d} {build.plan.short.upper()}",
            "status": "firstLine" if at % 2 == 0 else "secondLine",
            "briefDescription": brief,
            "request": f"{brief}. Reported by telephone.",
            "externalNumber": "",
            "caller": {key: caller.raw[key] for key in ("id", "dynamicName", "email", "branch")},
            "callerBranch": _short(branch),
            "operatorGroup": None,
            "targetDate": None,
            "closed": done,
            "closedDate": day if done else None,
            "completed": done,
            "completedDate": day if done else None,
            "creationDate": day,
            "callDate": day,
            "modificationDate": day,
            "processingStatus": {"id": build.world.guid("topdesk", "statuses", "Open"), "name": "Open"},
        }
        found.append(_card(build.world, "incident", build.plan.slug, brief, raw))
    return found


def _portal(build: Build) -> None:
    world, slug, ident = build.world, build.plan.slug, PORTAL[build.plan.slug]
    raw: Obj = {"id": ident, "name": build.plan.name, "since": SINCE.isoformat()}
    account = world.add(Thing("reassure", "customer", ident, slug, raw))
    for at, one in enumerate(build.plan.contacts):
        _portal_user(build, at, one.name, f"{one.local}@{build.plan.domain}", f"2026-11-{20 - at:02d}T08:15:00+01:00")
    for at, name in enumerate(("Daan", "Lotte", "Noor"), start=2):
        _portal_user(
            build, at, name, f"{name.lower()}@{build.plan.domain}", None if at == 4 else "2026-09-02T10:00:00+02:00"
        )
    for at, (name, charge, price, project) in enumerate(ARTICLES):
        number = f"{ident}-A{at + 1}"
        about: Obj = {"id": number, "customer_id": ident, "name": name, "charge": charge, "price": price}
        about |= {"project": project, "currency": "EUR", "start_date": "2023-03-14", "end_date": None}
        world.add(Thing("reassure", "article", number, slug, about))
    for month in ("2026-09", "2026-10"):
        number = f"{ident}-R{month}"
        sheet: Obj = {"id": number, "customer_id": ident, "title": "Service report", "period": month}
        sheet |= {
            "made_at": f"{month}-28T06:00:00+01:00",
            "format": "text/csv",
            "content": f"month;calls\r\n{month};3\r\n",
        }
        world.add(Thing("reassure", "report", number, "msp", sheet))
    invoiced(world, account)


def _portal_user(build: Build, at: int, name: str, mail: str, seen: str | None) -> None:
    ident = f"{PORTAL[build.plan.slug]}-U{at + 1}"
    raw: Obj = {"id": ident, "customer_id": PORTAL[build.plan.slug], "name": name, "email": mail}
    raw |= {"enabled": True, "last_login": seen}
    build.world.add(Thing("reassure", "user", ident, build.plan.slug, raw))


def branch_of(world: World, slug: str) -> Thing | None:
    """The branch card of a customer."""
    found = (one for one in world.all("topdesk", "branch") if text(one.raw, "clientReferenceNumber") == BRANCH[slug])
    return next(found, None)
