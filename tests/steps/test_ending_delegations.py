"""H1: of our delegations the one that carries the right to remove goes last, and covers those beside it."""

from datetime import UTC, datetime

from fakes.told import told
from sendoff.model.digest import Digest
from sendoff.model.inventory import Inventory, Item, Kind, Sign, SignKind, System
from sendoff.model.key import Key
from sendoff.model.plan import Action
from sendoff.model.situation import Situation
from sendoff.model.state import StepId
from sendoff.rules.provenance import owned
from sendoff.steps import by_id

STEP = by_id(StepId("remove-lighthouse"))
FIRST, SECOND = "sub-1", "sub-2"
MOMENT = datetime(2027, 1, 5, tzinfo=UTC)


def delegation(subscription: str, name: str, *, carries: str, group: str = "") -> Item:
    place = f"/subscriptions/{subscription}" + (f"/resourceGroups/{group}" if group else "")
    return Item(
        system=System.AZURE,
        kind=Kind.DELEGATION,
        id=f"{place}/providers/Microsoft.ManagedServices/registrationAssignments/{name}",
        name=name,
        scope=subscription,
        key=Key.LIGHTHOUSE,
        image=Digest("sha256:" + "0" * 64),
        signs=(Sign(kind=SignKind.OWNER_TENANT, value=told().case.facts.provider.tenant),),
        detail=(("can-remove-itself", carries),),
    )


def planned(*things: Item) -> dict[str, Action]:
    facts = told().case.facts
    assert STEP.plan is not None
    seen = Inventory(read=(), blind=(), items=things)
    made = STEP.plan(Situation(case="L1", facts=facts, at=MOMENT, inventory=seen, owned=owned(things, facts, {})))
    return {action.name: action for action in made.actions}


def test_h1_groups_go_first_then_subscriptions_and_last_the_one_with_the_right_to_remove() -> None:
    acts = planned(
        delegation(FIRST, "carries", carries="yes"),
        delegation(FIRST, "plain", carries="no"),
        delegation(FIRST, "of-a-group", carries="no", group="rg"),
    )
    assert {name: act.rank for name, act in acts.items()} == {"of-a-group": 0, "plain": 1, "carries": 2}
    assert all(act.key is Key.LIGHTHOUSE for act in acts.values()), "the one that carries it covers the others"


def test_h1_what_no_delegation_of_the_same_subscription_covers_is_the_customers_to_remove() -> None:
    acts = planned(
        delegation(FIRST, "carries", carries="yes"),
        delegation(SECOND, "alone", carries="no"),
        delegation(SECOND, "a-group-does-not-cover", carries="yes", group="rg"),
    )
    assert {name for name, act in acts.items() if act.by_person} == {"alone"}
    assert "the customer removes it" in acts["alone"].why
