"""What something else still uses is tried again in the same plan, for as long as that brings us on."""

from collections.abc import Mapping
from dataclasses import replace

from fakes.connector_desk import SLUG, Desk, deed
from fakes.told import told
from sendoff.connectors.azure.client import AzureDoors
from sendoff.connectors.azure.connector import AzureConnector
from sendoff.engine.acting import _deeds
from sendoff.engine.fence import Fence
from sendoff.model.inventory import Item, Kind, System, Verb
from sendoff.model.plan import Action, Outcome, once
from sendoff.ports import Connector
from sendoff.sandbox.seed_build import CUSTOMERS, Build
from sendoff.sandbox.seed_resource import resource

PLAN, SITE = "microsoft.web/serverfarms", "microsoft.web/sites"


class Still(Fence):
    """A fence of a worker whom nobody disturbs."""

    def check(self) -> None:
        """Nothing is lost."""

    def wait(self, seconds: float) -> None:
        """No time passes."""

    def called_off(self) -> bool:
        """Never."""
        return False


def planted(desk: Desk, sites: int) -> list[Item]:
    """A plan of ours and sites on it, in the order in which they cannot go, as the connector sees them."""
    sub = desk.facts.leaving[0].id
    customer = next(one for one in CUSTOMERS if one.slug == SLUG)
    build = Build(desk.sandbox.world, customer, desk.sandbox.world.customers[SLUG].tenant)
    farm = resource(build, sub, "rg-web", PLAN, "zz-plan", ours=True)
    for at in range(sites):
        resource(build, sub, "rg-web", SITE, f"zz-site-{at}", ours=True, serverFarmId=farm)
    hand = AzureConnector(desk.facts, AzureDoors(app=desk.app()), clients=desk.clients, limits=desk.limits)
    cell = next(one for one in hand.cells() if one.kind is Kind.RESOURCE and one.scope.lower() == sub.lower())
    found = sorted((one for one in hand.look(cell, desk.tray) if one.name.startswith("zz-")), key=lambda one: one.name)
    return [replace(one, image=again.image) for one in found if (again := hand.read(one.target, desk.tray))]


def done(desk: Desk, items: list[Item]) -> dict[str, Outcome]:
    """One batch over these things, in this order."""
    hand = AzureConnector(
        desk.facts,
        AzureDoors(app=desk.app()),
        clients=desk.clients,
        limits=desk.limits,
        wait=lambda seconds: None,
    )
    hands: Mapping[System, Connector] = {System.AZURE: hand}
    actions: list[Action] = [deed(item, Verb.REMOVE) for item in items]
    case = told().case
    fence = Still(ports=None, work=None)  # type: ignore[arg-type]
    found = _deeds(case, actions, hands, desk.tray, fence, False)  # type: ignore[arg-type]
    assert [one.once for one in found] == [once(case.id, action) for action in actions], "each is told once"
    return {one.name: one.receipt.outcome for one in found}


def test_what_was_in_use_goes_in_a_later_pass_of_the_same_plan() -> None:
    desk = Desk()
    things = planted(desk, 2)

    assert done(desk, things) == dict.fromkeys(("zz-plan", "zz-site-0", "zz-site-1"), Outcome.DONE)
    assert desk.wire.calls("DELETE", "zz-plan") == 2, "refused once, and done in the second pass"


def test_what_stays_in_use_is_refused_and_not_tried_for_ever() -> None:
    desk = Desk()
    farm, site, other = planted(desk, 2)
    assert other.name == "zz-site-1"

    assert done(desk, [farm, site]) == {"zz-plan": Outcome.REFUSED, "zz-site-0": Outcome.DONE}
    assert desk.wire.calls("DELETE", "zz-plan") == 2, "a pass that brings nothing is the last"


def test_nothing_is_tried_again_when_nothing_was_freed() -> None:
    desk = Desk()
    farm = planted(desk, 1)[0]

    assert done(desk, [farm]) == {"zz-plan": Outcome.REFUSED}
    assert desk.wire.calls("DELETE", "zz-plan") == 1
