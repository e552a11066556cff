"""What people do by hand in Partner Center: accept a request, switch a renewal off, and what the vendor's clerks do."""

from sendoff.sandbox import partner_center, partner_stock, partner_transfer
from sendoff.sandbox.seed_partner import AGENT
from sendoff.sandbox.wire import Obj, text, words
from sendoff.sandbox.world import Customer, Identity, World


def accept_transfer(world: World, customer: Customer, asked: Obj) -> list[str]:
    """Our Practice Lead says yes to the requests that wait, with all that is wanted and may go."""
    partner_center.settle(world)
    waiting = [one for one in partner_transfer.of(world, customer.tenant) if text(one.raw, "status") == "Active"]
    wanted = words(asked.get("subscriptions"))
    for one in waiting:
        fit = partner_transfer.transferable(world, one)
        chosen = [item for item in fit if not wanted or text(item.raw, "id") in wanted]
        partner_transfer.accept(world, _practice_lead(world), one, chosen)
    return [one.key for one in waiting]


def fail_half(world: World, customer: Customer, asked: Obj) -> list[str]:
    """What the vendor's clerks do: an accepted transfer ends when part of it went."""
    return [one.key for one in partner_transfer.of(world, customer.tenant) if partner_transfer.fail_half(world, one)]


def _practice_lead(world: World) -> Identity:
    return Identity(
        kind="person",
        tenant=text(world.msp, "tenant_id"),
        client="portal",
        principal="",
        name=AGENT,
        audience="partner-center",
        expires=0.0,
        mfa=True,
    )


def renewal_off(world: World, customer: Customer, asked: Obj) -> list[str]:
    """Automatic renewal is switched off."""
    partner_center.settle(world)
    ours = partner_stock.active(world, text(world.msp, "tenant_id"), customer.tenant)
    wanted = words(asked.get("subscriptions"))
    found = [one for one in ours if one.raw.get("autoRenewEnabled") is True]
    found = [one for one in found if not wanted or text(one.raw, "id") in wanted]
    for one in found:
        world.change(one, {"autoRenewEnabled": False})
    return [one.key for one in found]


def end_commitments(world: World, customer: Customer, asked: Obj) -> list[str]:
    """The customer buys from Microsoft itself from now on: what it held through us is deleted, a term expires."""
    partner_center.settle(world)
    found = partner_stock.held(world, text(world.msp, "tenant_id"), customer.tenant)
    for one in found:
        status = "expired" if text(one.raw, "commitmentEndDate") else "deleted"
        world.change(one, {"status": status, "autoRenewEnabled": False})
    return [one.key for one in found]
