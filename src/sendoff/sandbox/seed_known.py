"""What the MSP has on file: its own keys, and per customer the contacts, apps, ids and the onboarding record."""

from sendoff.sandbox.seed_build import MAILBOX, MSP_DOMAIN, NEW_SUPPLIER, STAFF, Build
from sendoff.sandbox.seed_house import house_known
from sendoff.sandbox.seed_onboarded import probe_host
from sendoff.sandbox.seed_partner import MPN
from sendoff.sandbox.seed_prtg import BASE as PRTG
from sendoff.sandbox.seed_prtg import BESIDE, CROWD, gid_of
from sendoff.sandbox.seed_traces import ADDRESSES, PHONES, PIPELINES
from sendoff.sandbox.seed_vault import ACCOUNT, LISTS
from sendoff.sandbox.seed_vault import BASE as VAULT
from sendoff.sandbox.wire import Json, Obj
from sendoff.sandbox.world import Thing, World


def known_msp(world: World, tenant: str) -> None:
    """The MSP's own part of `known`."""
    staff: list[Json] = [{"name": name, "mail": f"{local}@{MSP_DOMAIN}", "role": role} for name, local, role in STAFF]
    keys: Obj = {
        str(base + at + 1): world.guid("vault-key", base + at + 1).replace("-", "")
        for base in VAULT.values()
        for at in range(len(LISTS))
    }
    world.msp = {
        "name": "Intercept",
        "tenant_id": tenant,
        "domain": MSP_DOMAIN,
        "domains": [MSP_DOMAIN],
        "mailbox": MAILBOX,
        "admin_group_id": world.guid("msp", "admin-agents"),
        "staff": staff,
        "engineers_group_id": world.guid("msp", "engineers"),
        "lighthouse": _client(world, "lighthouse"),
        "house": _client(world, "house"),
        "mpn_id": MPN,
        "addresses": [*ADDRESSES],
        "phones": [*PHONES],
        "pipelines": [*PIPELINES],
        "partner_center": {**_client(world, "partner-center"), "refresh_token": world.guid("msp", "refresh-token")},
        "prtg": {
            "username": "sendoff",
            "apitoken": world.guid("prtg-token").replace("-", "").upper(),
            "passhash": "1234567890",
            "password": world.guid("prtg-password"),
        },
        "passwordstate": {
            "api_key": world.guid("vault-key").replace("-", ""),
            "list_keys": keys,
            "windows": {
                "account": ACCOUNT,
                "password": world.guid("vault-account"),
                "groups": [],
                "reports": True,
            },
        },
    }


def _client(world: World, role: str) -> Obj:
    return {
        "client_id": world.guid("msp", role, "client"),
        "client_secret": world.guid("msp", role, "secret"),
        "principal_id": world.guid("msp", role, "principal"),
    }


def known_customer(build: Build) -> None:
    """One customer's part of `known`."""
    plan, has = build.plan, build.plan.tier != "csp"
    subs: list[Json] = [
        {"id": build.guid("subscription", name), "name": name, "leaves": leaves} for name, leaves in plan.subscriptions
    ]
    people: list[Json] = [
        {
            "name": one.name,
            "mail": f"{one.local}@{plan.domain}",
            "role": one.role,
            "phone": one.phone,
            "signatory": one.signatory,
        }
        for one in plan.contacts
    ]
    safe = VAULT[plan.slug]
    lists: list[Json] = [safe + at + 1 for at in range(len(LISTS))] if has else []
    lists += [int(one.id) for one in _many(build, "vault", "list")]
    build.world.customers[plan.slug].known = {
        "name": plan.name,
        "tenant_id": build.tenant,
        "tier": plan.tier,
        "domains": [plan.domain, plan.domain.replace(".example", ".onmicrosoft.example")],
        "subscriptions": subs,
        "contacts": people,
        "app": {
            "client_id": build.guid("app", "client"),
            "client_secret": build.guid("app", "secret"),
            "object_id": build.guid("app", "object"),
            "service_principal_id": build.guid("app", "principal"),
        },
        "prtg": _watched(build, has=has),
        "passwordstate": {
            "folder": f"\\Customers\\{plan.name.removesuffix(' B.V.')}" if has else None,
            "list_ids": lists,
        },
        "new_supplier": _supplier(build.world) if plan.slug == "vandermeer" else None,
        "onboarding": build.onboarding,
        **house_known(build),
    }


def _many(build: Build, system: str, kind: str) -> list[Thing]:
    """What a crowd brought."""
    return [one for one in build.world.all(system, kind) if one.owner == build.plan.slug and int(one.id) >= CROWD]


def _watched(build: Build, *, has: bool) -> Obj:
    base, slug = PRTG[build.plan.slug], build.plan.slug
    groups: list[Json] = [base + 1, base + 100] if has else []
    groups += [int(one.id) for one in _many(build, "prtg", "group")]
    beside: list[Json] = [f"{kind}:{base + number}" for number, kind, _ in BESIDE] if has else []
    gid = gid_of(build.world, slug) if has else ""
    return {
        "group_ids": groups,
        "probe_id": base if has else None,
        "probe_host": _probe_host(build),
        "probe_gid": gid,
        "objects": beside,
        "tag": f"customer-{slug}",
    }


def _probe_host(build: Build) -> str:
    if build.plan.tier == "csp":
        return ""
    return probe_host(build, build.guid("subscription", build.plan.subscriptions[0][0]))


def _supplier(world: World) -> Obj:
    who: Json = {
        "name": NEW_SUPPLIER["admin_name"],
        "mail": NEW_SUPPLIER["admin_mail"],
        "role": "User Administrator",
    }
    return {**NEW_SUPPLIER, "tenant_id": world.guid("new-supplier", "tenant"), "administrator": who}
