"""Whose deed an effect is: what a vendor does by itself is the vendor's, whichever call brought it to light."""

from sandbox_callers import LEAVES, Estate, estate
from test_sandbox_partner_center import call, ours, pending, source
from test_sandbox_probe import later, probes, running
from test_sandbox_reassure import Portal

from sendoff.sandbox.wire import Obj, arr, obj, text

OURS = ("lighthouse:", "app:", "prtg:", "reassure:", "person:", "cast")


def _seq(world: Estate) -> int:
    return len(world.sandbox.world.record.rows)


def _since(world: Estate, seq: int) -> list[Obj]:
    return [obj(one) for one in arr(world.control("GET", f"/effects?since={seq}"))]


def _who(rows: list[Obj], kind: str) -> set[str]:
    return {text(one, "caller") for one in rows if text(one, "kind") == kind}


def test_the_portal_makes_its_monthly_invoice_itself_and_our_write_after_it_is_ours() -> None:
    portal = Portal()
    portal.day("2026-12-01T09:00:00+01:00")
    seq = _seq(portal.world)
    portal.list("invoices")
    assert _who(_since(portal.world, seq), "reassure.invoice") == {"vendor"}
    user = text(portal.list("users")[0], "id")
    portal.patch(f"/users/{user}", {"enabled": False})
    assert _who(_since(portal.world, seq), "reassure.user") == {"reassure:sendoff"}
    calls = [obj(one) for one in arr(portal.world.control("GET", f"/record?since={seq}"))]
    assert {text(one, "caller") for one in calls if text(one, "type") == "call"} == {"reassure:sendoff"}


def test_a_transfer_completes_and_another_expires_by_the_vendors_own_clerks() -> None:
    world = estate()
    first = pending(world, "AzureSubscription")
    world.control("POST", "/hands", {"do": "partner-center.accept-transfer", "customer": LEAVES})
    seq = _seq(world)
    later(world, 15)
    call(world, "GET", f"{ours(world)}/transfers/{first}", source(world))
    rows = _since(world, seq)
    assert _who(rows, "partner-center.transfer") == {"vendor"} == _who(rows, "partner-center.subscription")
    pending(world, "OnlineServicesNCE")
    seq = _seq(world)
    world.sandbox.world.move(world.sandbox.world.in_days(31))
    shown = call(world, "GET", f"{ours(world)}/transfers", source(world))
    assert text(arr(shown.json())[1], "status") == "Expired"
    assert _who(_since(world, seq), "partner-center.transfer") == {"vendor"}


def test_a_term_that_runs_out_while_we_write_is_the_vendors_and_the_write_is_ours() -> None:
    world = estate()
    mine = next(
        one
        for one in arr(obj(call(world, "GET", f"{ours(world)}/subscriptions", source(world)).json())["items"])
        if text(one, "friendlyName") == "Microsoft 365 Business Premium"
    )
    world.sandbox.world.move(world.sandbox.world.in_days(100))
    token, seq = source(world), _seq(world)
    call(world, "PATCH", f"{ours(world)}/subscriptions/{text(mine, 'id')}", token, {"autoRenewEnabled": False})
    mine_alone = [one for one in _since(world, seq) if text(one, "id") == text(mine, "id")]
    assert [text(one, "caller").partition(":")[0] for one in mine_alone] == ["vendor", "person"]


def test_a_probe_that_calls_again_is_nobodys_deed_of_ours() -> None:
    world = running()
    world.prtg("deleteobject.htm", id="2000", approve="1")
    later(world, 30)
    seq = _seq(world)
    assert probes(world)
    rows = _since(world, seq)
    assert _who(rows, "prtg.probe") == {"vendor"} == _who(rows, "prtg.log")
    assert not [one for one in rows if text(one, "caller").startswith(OURS)]


def test_a_bin_that_empties_itself_after_thirty_days_is_the_vendors() -> None:
    world = estate()
    key = world.app("https://graph.microsoft.com/.default")
    user = text(world.graph("GET", "/users/erik.jansen@vandermeer.example", key).json(), "id")
    world.graph("DELETE", f"/users/{user}", key)
    world.sandbox.world.move(world.sandbox.world.in_days(31))
    seq = _seq(world)
    world.graph("GET", "/directory/deletedItems/microsoft.graph.user", key)
    assert _who(_since(world, seq), "graph.deleted.user") == {"vendor"}


def test_a_long_delete_is_the_deed_of_who_asked_for_it_whoever_polls() -> None:
    world = estate()
    group = f"/subscriptions/{world.subscription()}/resourcegroups/rg-intercept-mgmt?api-version=2025-04-01"
    started = world.arm("DELETE", group, world.lighthouse())
    seq = _seq(world)
    assert world.finish(started, world.app()) == "Succeeded"
    (who,) = {text(one, "caller") for one in _since(world, seq) if text(one, "verb") == "removed"}
    assert who.startswith("lighthouse:")
