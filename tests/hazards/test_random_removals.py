"""F4, F5, F6 on random estates: what was planned and approved is what is gone afterwards, exactly, and nothing else.

The estates are those of test_random_estates, with policies whole, locks, budgets and settings besides. Plans are made
by the steps' own functions from what the real connectors see, frozen, and applied by the engine on the sandbox.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fakes.connector_desk import SLUG, Desk
from fakes.told import told
from hazards.test_random_estates import ESTATES, Estate, cleaned, estate, seeds
from sendoff.connectors.azure.client import AzureDoors
from sendoff.connectors.azure.connector import AzureConnector
from sendoff.engine.acting import _deeds
from sendoff.engine.fence import Fence
from sendoff.model.case import Case
from sendoff.model.facts import Facts
from sendoff.model.inventory import Inventory, Item, Kind, System, Verb, Whose
from sendoff.model.plan import Action, Outcome
from sendoff.model.situation import Owned, Situation
from sendoff.ports import Connector
from sendoff.rules.provenance import owned
from sendoff.sandbox.arm_ids import BUDGET, DIAGNOSTIC, EXEMPTION, LOCK, REMEDIATION
from sendoff.sandbox.wire import Obj
from sendoff.steps.remove_policies import REMOVE_POLICIES
from sendoff.steps.remove_resources import REMOVE_RESOURCES
from sendoff.steps.remove_role_assignments import REMOVE_ROLE_ASSIGNMENTS

STEPS = (REMOVE_POLICIES, REMOVE_RESOURCES, REMOVE_ROLE_ASSIGNMENTS)
AUTH = "providers/Microsoft.Authorization"
NOW = datetime(2027, 1, 5, tzinfo=UTC)


class Still(Fence):
    """A fence of a worker whom nobody disturbs."""

    def check(self) -> None:
        """Nothing is lost."""

    def wait(self, seconds: float) -> None:
        """No time passes."""

    def called_off(self) -> bool:
        """Never."""
        return False


def more(one: Estate) -> None:
    """Kinds that the plain estates have not: each of ours on the record, each of theirs beside it."""
    scope = f"/subscriptions/{one.sub}"
    for ours in (True, False):
        policy = one.policy(ours)
        alert = one.alert(ours)
        if ours:
            one.note(Kind.POLICY_ASSIGNMENT, policy)
            one.note(Kind.RESOURCE, alert)
        name, state = one.name(), one.chance.choice(("Evaluating", "Succeeded"))
        task: Obj = {"policyAssignmentId": policy.upper(), "provisioningState": state}
        spare: Obj = {"policyAssignmentId": policy, "displayName": name}
        planted: tuple[tuple[Kind, str, str, Obj], ...] = (
            (Kind.POLICY_REMEDIATION, REMEDIATION, f"{scope}/providers/Microsoft.PolicyInsights/remediations", task),
            (Kind.POLICY_EXEMPTION, EXEMPTION, f"{scope}/{AUTH}/policyExemptions", spare),
            (Kind.BUDGET, BUDGET, f"{scope}/providers/Microsoft.Consumption/budgets", {"category": "Cost"}),
            (Kind.DIAGNOSTIC_SETTING, DIAGNOSTIC, f"{alert}/providers/Microsoft.Insights/diagnosticSettings", {}),
        )
        for kind, vendors, place, inner in planted:
            put(one, ours, kind, vendors, f"{place}/{name}", inner)
        if one.chance.random() < 0.5:
            put(one, ours, Kind.LOCK, LOCK, f"{one.alert(ours)}/{AUTH}/locks/{name}", {"level": "CanNotDelete"})


def put(one: Estate, ours: bool, kind: Kind, vendors: str, ident: str, inner: Obj) -> None:
    one._plain(lambda: one.build.arm(vendors, ident, {"properties": {**inner}}, one.sub).id)
    one.truth[ident.lower()] = ours
    if ours:
        one.note(kind, ident)


def hand_of(one: Estate, facts: Facts) -> AzureConnector:
    desk, now = one.desk, one.desk.sandbox.world.now
    doors = AzureDoors(app=desk.app())
    return AzureConnector(
        facts, doors, clients=desk.clients, limits=desk.limits, now=lambda: now, wait=lambda seconds: None
    )


def seen(one: Estate, hand: AzureConnector, facts: Facts) -> tuple[Owned, ...]:
    """What a look sees in this subscription, with the before-image of everything of ours by a direct read."""
    kinds = frozenset().union(*(step.covers | step.looks_at | step.takes_along for step in STEPS))
    cells = [cell for cell in hand.cells() if cell.kind in kinds and cell.scope.lower() == one.sub.lower()]
    rows = owned([item for cell in cells for item in hand.look(cell, one.desk.tray)], facts, {})
    return tuple(row if row.provenance.whose is not Whose.OURS else _again(one, hand, row) for row in rows)


def _again(one: Estate, hand: AzureConnector, row: Owned) -> Owned:
    direct = hand.read(row.item.target, one.desk.tray)
    assert direct is not None
    return replace(row, item=replace(row.item, image=direct.image))


def plans(case: Case, facts: Facts, rows: Sequence[Owned]) -> list[Action]:
    """What the steps intend, in the order of the steps and of their ranks."""
    items = tuple(row.item for row in rows)
    now = Situation(
        case=case.id, facts=facts, at=NOW, inventory=Inventory(read=(), blind=(), items=items), owned=tuple(rows)
    )
    found: list[Action] = []
    taken: set[str] = set()
    for step in STEPS:
        assert step.plan is not None
        made = sorted(step.plan(now).actions, key=lambda act: (act.rank, act.kind, act.target, act.verb))
        found += [act for act in made if act.ref not in taken]
        taken |= {act.ref for act in made}
    return found


def applied(one: Estate, case: Case, hand: Connector, approved: Sequence[Action]) -> Mapping[str, Outcome]:
    fence = Still(ports=None, work=None)  # type: ignore[arg-type]
    ranks = list(dict.fromkeys((act.step, act.rank, act.verb) for act in approved))
    found: dict[str, Outcome] = {}
    for rank in ranks:
        batch = [act for act in approved if (act.step, act.rank, act.verb) == rank]
        made = _deeds(case, batch, {System.AZURE: hand}, one.desk.tray, fence, False)  # type: ignore[arg-type]
        found |= {f"{deed.ref}|{deed.verb}": deed.receipt.outcome for deed in made}
    return found


def lost(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    """The ids, in lower case, of what is not there any more; everything else is as it was."""
    gone = set(before) - set(after)
    return {key.split(":", 2)[2].lower() for key in gone}


@pytest.fixture(scope="module")
def desk() -> Desk:
    return cleaned()


def removed_exactly(one: Estate, case: Case) -> tuple[int, int]:
    """Plan, approve, add a late thing, apply; how many were removed, and how many were left of ours."""
    world = one.desk.sandbox.world
    facts = replace(one.desk.facts, record=tuple(one.record))
    hand = hand_of(one, facts)
    rows = seen(one, hand, facts)
    approved = plans(case, facts, rows)
    assert approved == plans(case, facts, tuple(reversed(rows))), "F5: the same look gives the same plan"
    in_ours = one.number % 2 == 1
    late = one.alert(True, tag=True, inside=in_ours)
    before = world.objects(SLUG)
    outcomes = applied(one, case, hand, approved)
    after = world.objects(SLUG)
    gone = lost(before, after)
    ordered = {act.target.lower() for act in approved if act.verb is Verb.REMOVE}
    # What came into a group after the yes keeps the group, and nothing else.
    kept = {group_of(one)} & ordered if in_ours else set()
    assert gone == ordered - kept, f"F4: {sorted(gone ^ ordered)}; {outcomes}"
    assert not [ident for ident in gone if one.truth.get(ident) is not True and ident != group_of(one)]
    changed = {key for key in before.keys() & after.keys() if before[key] != after[key]}
    assert changed == set() and late.lower() not in gone, "F6"
    refused = [ref for ref, outcome in outcomes.items() if outcome not in (Outcome.DONE, Outcome.FOUND)]
    assert len(refused) == len(kept) and all("|resource-group|" in ref for ref in refused)
    return len(gone), sum(mine for ident, mine in one.truth.items() if ident not in gone)


def group_of(one: Estate) -> str:
    return f"/subscriptions/{one.sub}/resourcegroups/{one.place}".lower()


def test_f4_in_every_random_estate_exactly_what_was_approved_is_gone(desk: Desk) -> None:
    case = told().case
    others, total = desk.others(), 0
    for seed in seeds():
        one = estate(desk, seed)
        more(one)
        removed, left = removed_exactly(one, case)
        one.cleared()
        print(f"seed {seed}: {removed} removed, {left} of ours left on purpose")
        total += removed
    assert total > ESTATES * 5 and desk.others() == others


def by_tag(rows: Sequence[Owned]) -> list[Owned]:
    """A wrong judge: whatever carries our tag is ours."""
    ours = replace(rows[0].provenance, whose=Whose.OURS, reasons=("its tag",))
    return [replace(row, provenance=ours) if tagged(row.item) else row for row in rows]


def tagged(item: Item) -> bool:
    return any(sign.value == "managedBy=intercept" for sign in item.signs)


def test_f4_the_same_check_catches_a_judge_who_takes_the_tag_for_proof(desk: Desk) -> None:
    case = told().case
    caught = set()
    for seed in (1, 2, 3):
        one = estate(desk, seed)
        facts = replace(one.desk.facts, record=tuple(one.record))
        rows = by_tag(seen(one, hand_of(one, facts), facts))
        caught |= {act.target.lower() for act in plans(case, facts, rows) if one.truth.get(act.target.lower()) is False}
        one.cleared()
    assert caught
