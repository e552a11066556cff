"""The seed: the MSP, three customers and the new supplier, the same for the same number, always."""

from dataclasses import replace
from pathlib import Path

from sendoff.sandbox.seed_azure import azure
from sendoff.sandbox.seed_build import CUSTOMERS, MAILBOX, MSP_DOMAIN, NEW_SUPPLIER, STAFF, Build, Plan
from sendoff.sandbox.seed_crowd import Crowd, crowd, grown
from sendoff.sandbox.seed_entitled import engineers
from sendoff.sandbox.seed_house import customer, house
from sendoff.sandbox.seed_known import known_customer, known_msp
from sendoff.sandbox.seed_partner import partner, partners
from sendoff.sandbox.seed_people import directory, house_principals, mailbox, roles
from sendoff.sandbox.seed_prtg import core, prtg, watched
from sendoff.sandbox.seed_vault import kept, vault
from sendoff.sandbox.world import Customer, World

NOBODY = Crowd()
TIERS = ("full-stack", "premium", "csp")


def seeded(seed: int, tier: str, size: int = 1, folder: Path | None = None, many: Crowd = NOBODY) -> World:
    """A fresh world, its leaving customer grown by a crowd. Raises ValueError on an unknown tier."""
    if tier not in TIERS:
        raise ValueError(f"unknown tier {tier!r}; one of {', '.join(TIERS)}")
    world = World(seed, tier, size, folder)
    _msp(world)
    for plan in CUSTOMERS:
        leaver = plan.slug == "vandermeer"
        _customer(world, grown(replace(plan, tier=tier), many) if leaver else plan, many if leaver else NOBODY)
    world.quiet = False
    return world


def _msp(world: World) -> None:
    tenant = world.guid("msp", "tenant")
    world.tenants[tenant] = MSP_DOMAIN
    known_msp(world, tenant)
    world.proofs.watchers.add(world.guid("msp", "lighthouse", "principal"))
    roles(world)
    house_principals(world, tenant)
    for name, local, _ in STAFF:
        mailbox(world, f"{local}@{MSP_DOMAIN}", "msp", tenant, name)
    mailbox(world, MAILBOX, "msp", tenant, "Offboarding desk")
    supplier = world.guid("new-supplier", "tenant")
    world.tenants[supplier] = str(NEW_SUPPLIER["domain"])
    for key in ("admin_mail", "desk_mail"):
        mailbox(world, str(NEW_SUPPLIER[key]), "outside", supplier, str(NEW_SUPPLIER["admin_name"]))
    partners(world)
    engineers(world)
    house(world)
    core(world)


def _customer(world: World, plan: Plan, many: Crowd) -> None:
    tenant = world.guid(plan.slug, "tenant")
    world.tenants[tenant] = plan.domain
    world.customers[plan.slug] = Customer(plan.slug, plan.name, tenant, plan.domain)
    build = Build(world, plan, tenant)
    directory(build)
    azure(build)
    crowd(build, many)
    prtg(build)
    vault(build)
    watched(build, many.sensors)
    kept(build, many.secrets)
    partner(build)
    customer(build)
    known_customer(build)
