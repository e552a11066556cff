"""H11, H12: policies go with their remediations and the rights of their identities, and nobody loses protection
unawares."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fakes.houses import Stage, stage
from fakes.leavings import (
    after_contract,
    calm,
    effects,
    objects,
    plan,
    planned,
    plant,
    removed,
    run,
    standing,
    trouble,
)
from sendoff.model.digest import Digest
from sendoff.model.errors import Refused
from sendoff.model.inventory import BlindSpot, Cell, Inventory, Item, Kind, Provenance, System, Verb, Whose
from sendoff.model.key import Key
from sendoff.model.plan import Disposition
from sendoff.model.situation import Owned, Situation
from sendoff.model.state import State
from sendoff.model.template import Tier
from sendoff.rules.planning import spared
from sendoff.rules.protections import lost
from sendoff.rules.provenance import owned
from sendoff.sandbox.wire import text
from sendoff.steps.remove_policies import plan as plan_policies
from sendoff.steps.remove_resources import plan as plan_resources

POLICIES = "remove-policies"
MOMENT = datetime(2027, 1, 5, tzinfo=UTC)
BLOB = Digest("sha256:" + "a" * 64)
SUB = "/subscriptions/s"
ASSIGNMENT = f"{SUB}/policyAssignments/agent"


def item(kind: Kind, ident: str, *, uses: tuple[str, ...] = (), key: Key = Key.LIGHTHOUSE, **detail: str) -> Item:
    return Item(
        system=System.AZURE,
        kind=kind,
        id=ident,
        name=ident.rpartition("/")[2],
        scope="s",
        key=key,
        image=BLOB,
        uses=tuple(one.lower() for one in uses),
        detail=tuple((name.replace("_", "-"), value) for name, value in detail.items()),
    )


def of(whose: Whose, thing: Item) -> Owned:
    return Owned(item=thing, provenance=Provenance(whose=whose, reasons=("a sign",)))


def ours(*things: Item) -> tuple[Owned, ...]:
    return tuple(of(Whose.OURS, thing) for thing in things)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Situation:
    """The facts of a case, and nothing seen."""
    facts = stage(tmp_path_factory.mktemp("facts"), tier=Tier.CSP).facts()
    return Situation(case="L1", facts=facts, at=MOMENT, inventory=Inventory(read=(), blind=(), items=()), owned=())


def now(empty: Situation, *things: Owned, blind: tuple[BlindSpot, ...] = ()) -> Situation:
    seen = Inventory(read=(), blind=blind, items=tuple(one.item for one in things))
    return replace(empty, inventory=seen, owned=things)


AGENT = item(Kind.POLICY_ASSIGNMENT, ASSIGNMENT, identity="P-1", policyDefinitionId=f"{SUB}/policyDefinitions/deploy")
RIGHT = item(Kind.ROLE_ASSIGNMENT, f"{SUB}/roleAssignments/r", key=Key.APP, principalId="p-1")
TASK = item(Kind.POLICY_REMEDIATION, f"{SUB}/remediations/t", uses=(ASSIGNMENT,), policyAssignmentId=ASSIGNMENT.upper())


def test_h11_a_running_remediation_its_exemption_and_the_rights_of_the_identity_go_before_the_assignment(
    empty: Situation,
) -> None:
    spare = item(Kind.POLICY_EXEMPTION, f"{SUB}/policyExemptions/e", uses=(ASSIGNMENT,))
    other = item(Kind.ROLE_ASSIGNMENT, f"{SUB}/roleAssignments/other", key=Key.APP, principalId="p-2")
    done = item(Kind.POLICY_REMEDIATION, f"{SUB}/remediations/done", provisioningState="Succeeded")

    made = plan_policies(now(empty, *ours(AGENT, RIGHT, TASK, spare, other, done)))

    rows = sorted((act.rank, act.verb, act.name, act.key) for act in made.actions)
    assert rows == [
        (1, Verb.DISABLE, "t", Key.LIGHTHOUSE),
        (2, Verb.REMOVE, "done", Key.LIGHTHOUSE),
        (2, Verb.REMOVE, "t", Key.LIGHTHOUSE),
        (3, Verb.REMOVE, "e", Key.LIGHTHOUSE),
        (3, Verb.REMOVE, "r", Key.APP),
        (4, Verb.REMOVE, "agent", Key.LIGHTHOUSE),
    ], "the right of another principal has its own step"


def test_h11_without_a_key_to_rights_they_become_the_customers_and_are_not_forgotten(empty: Situation) -> None:
    cell = Cell(system=System.AZURE, kind=Kind.ROLE_ASSIGNMENT, scope="s", key=Key.APP)
    spot = BlindSpot(cell=cell, reason="we hold no app key", code="NoKey", denied=True)

    made = plan_policies(now(empty, *ours(AGENT), blind=(spot,)))

    assert [act.name for act in made.actions] == ["agent"]
    assert [(one.item.name, one.disposition) for one in made.left] == [("agent", Disposition.HAND_OVER)]
    assert "what its identity p-1 may do was not read" in made.left[0].why
    assert plan_policies(now(empty, *ours(AGENT))).left == ()


def test_h11_what_is_left_keeps_what_it_names(empty: Situation) -> None:
    lock = of(Whose.CUSTOMERS, item(Kind.LOCK, f"{SUB}/rg/providers/Microsoft.Authorization/locks/theirs"))
    spare = item(Kind.POLICY_EXEMPTION, f"{SUB}/rg/policyExemptions/e", uses=(ASSIGNMENT,))

    made = plan_policies(now(empty, *ours(AGENT, spare), lock))

    assert made.actions == ()
    assert {one.item.name: one.why.partition(",")[0] for one in made.left} == {
        "e": "the lock theirs covers it: the customer lifts it; " + lock.item.id,
        "agent": "e",
    }


def test_h11_a_remediation_is_whose_its_assignment_is(empty: Situation) -> None:
    record = replace(empty.facts.record[0], kind=Kind.POLICY_ASSIGNMENT, id=ASSIGNMENT)
    facts = replace(empty.facts, record=(record,))
    theirs = item(Kind.POLICY_REMEDIATION, f"{SUB}/remediations/own", policyAssignmentId=f"{SUB}/policyAssignments/own")

    said = {one.item.name: one.provenance.whose for one in owned((AGENT, RIGHT, TASK, theirs), facts, {})}

    assert said == {"agent": Whose.OURS, "r": Whose.OURS, "t": Whose.OURS, "own": Whose.CUSTOMERS}


def test_h11_in_a_whole_leaving_the_task_is_cancelled_first_and_what_it_deployed_stays(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    plant(one, system="arm", kind="policy-remediation", name="INT-agent-all")
    made = f"/subscriptions/{one.facts().leaving[0].id}/resourceGroups/rg-web"
    plant(one, system="arm", kind="policy-deployment", name="PolicyDeployment_17", made=made)
    case = one.until(one.opened(), POLICIES, "approved")
    left = {row.item.name: row.why for row in plan(one, case, POLICIES).left}
    assert made in left["PolicyDeployment_17"] and "what it made stays" in left["PolicyDeployment_17"]
    after_contract(one, case)
    run(one, case)
    story = one.story(case)
    while standing(one, case, POLICIES).state is not State.DONE and story.turn():
        pass
    assert standing(one, case, POLICIES).state is State.DONE
    done = [(text(row, "verb"), text(row, "id").rpartition("/")[2]) for row in effects(one)]
    task, agent = ("removed", "INT-agent-all"), ("removed", "INT-agent")
    right = next(ident for ident in removed(one) if "/roleassignments/" in ident)
    order = [done.index(("changed", "INT-agent-all")), done.index(task), done.index(agent)]
    assert order == sorted(order)
    assert done.index(("removed", right.rpartition("/")[2])) < done.index(agent)
    assert any("PolicyDeployment_17" in key for key in objects(one))


DEPLOYS = item(Kind.POLICY_DEFINITION, f"{SUB}/policyDefinitions/deploy", effect="DeployIfNotExists")


def test_h12_what_protects_is_listed_by_what_it_does_and_the_customers_own_is_not() -> None:
    whole = item(Kind.POLICY_SET, f"{SUB}/policySetDefinitions/base", uses=(DEPLOYS.id,))
    base = item(Kind.POLICY_ASSIGNMENT, f"{SUB}/policyAssignments/base", policyDefinitionId=whole.id)
    vendors = item(Kind.POLICY_ASSIGNMENT, f"{SUB}/policyAssignments/vendors", policyDefinitionId="/providers/x/backup")
    alerts = [item(Kind.RESOURCE, f"{SUB}/alert{at}", type="microsoft.insights/metricalerts") for at in range(3)]
    things = ours(DEPLOYS, whole, base, AGENT, vendors, *alerts, item(Kind.BUDGET, f"{SUB}/budget"))

    told = {one.name: one.what for one in lost((*things, of(Whose.CUSTOMERS, replace(AGENT, name="theirs"))))}

    assert told["agent"] == told["base"] == "deploys what is missing on everything new"
    assert "was not read" in told["vendors"]
    assert told["3"].startswith("alert and collection rules of ours") and "budgets of ours" in told["1"]
    assert set(told) == {"agent", "base", "vendors", "3", "1"}


def policies(one: Stage) -> list[str]:
    """What our keys removed of policies, by the sandbox's record."""
    return [row for row in removed(one) if "microsoft.authorization/policy" in row]


# ---- resources ----------------------------------------------------------------------------------------------------

GROUP = item(Kind.GROUP, f"{SUB}/resourceGroups/mgmt", resources="2")
PAGE = item(Kind.RESOURCE, f"{GROUP.id}/providers/x/actionGroups/page")
ALERT = item(Kind.RESOURCE, f"{GROUP.id}/providers/x/alerts/a", uses=(PAGE.id,))
BUDGET = item(Kind.BUDGET, f"{SUB}/budgets/b", uses=(PAGE.id,))


def test_h11_budgets_and_alerts_go_before_the_action_group_they_name_and_the_group_last(empty: Situation) -> None:
    made = plan_resources(now(empty, *ours(GROUP, PAGE, ALERT, BUDGET)))

    assert [act.name for act in sorted(made.actions, key=lambda act: act.rank)][-3:] == ["a", "page", "mgmt"]
    assert {act.name: act.rank for act in made.actions}["b"] < {act.name: act.rank for act in made.actions}["page"]
    assert made.left == ()


def test_h9_a_group_stays_when_anything_in_it_stays_or_was_not_seen(empty: Situation) -> None:
    theirs = of(Whose.CUSTOMERS, item(Kind.RESOURCE, f"{GROUP.id}/providers/x/sites/theirs"))
    fuller = replace(GROUP, detail=(("resources", "3"),))

    for things in ((*ours(GROUP, PAGE, ALERT), theirs), ours(fuller, PAGE, ALERT)):
        made = plan_resources(now(empty, *things))

        assert {act.name for act in made.actions} == {"a", "page"}
        assert [(one.item.name, one.disposition) for one in made.left] == [("mgmt", Disposition.HAND_OVER)]


def test_f9_a_lock_of_ours_goes_first_by_the_key_that_may_else_by_the_customer(empty: Situation) -> None:
    lock = item(Kind.LOCK, f"{GROUP.id}/providers/Microsoft.Authorization/locks/ours", key=Key.APP)

    by_us = plan_resources(now(empty, *ours(PAGE, lock)))
    by_them = plan_resources(now(empty, *ours(PAGE, replace(lock, key=Key.LIGHTHOUSE))))

    assert [(act.name, act.key) for act in sorted(by_us.actions, key=lambda act: act.rank)] == [
        ("ours", Key.APP),
        ("page", Key.LIGHTHOUSE),
    ]
    assert [act.by_person for act in sorted(by_them.actions, key=lambda act: act.rank)] == [True, False]


def test_f9_a_lock_of_ours_goes_before_the_policies_where_only_our_app_removes_them(empty: Situation) -> None:
    lock = item(Kind.LOCK, f"{SUB}/providers/Microsoft.Authorization/locks/ours", key=Key.APP)
    elsewhere = item(Kind.LOCK, "/subscriptions/t/providers/Microsoft.Authorization/locks/ours", key=Key.APP)

    by_app = plan_policies(now(empty, *ours(replace(AGENT, key=Key.APP), lock, elsewhere)))
    delegated = plan_policies(now(empty, *ours(AGENT, lock)))

    assert [(act.target, act.verb) for act in sorted(by_app.actions, key=lambda act: act.rank)] == [
        (lock.id, Verb.REMOVE),
        (AGENT.id, Verb.REMOVE),
    ]
    assert [act.name for act in delegated.actions] == ["agent"], "a delegation is not stopped"


def test_h11_what_an_alert_of_ours_that_stays_calls_stays_with_it(empty: Situation) -> None:
    lock = of(Whose.CUSTOMERS, item(Kind.LOCK, f"{ALERT.id}/providers/Microsoft.Authorization/locks/theirs"))

    made = plan_resources(now(empty, *ours(PAGE, ALERT), lock))

    assert made.actions == () and {one.item.name for one in made.left} == {"a", "page"}
    assert spared(now(empty, *ours(PAGE)), plan_resources(now(empty, *ours(PAGE)))).left == ()


def test_f9_nothing_is_planned_while_locks_could_not_be_read(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), "remove-resources", "ready")
    trouble(one, do="status", status=500, vendor="arm", method="GET", path="Microsoft.Authorization/locks$")
    with pytest.raises(Refused, match="could not look at lock"):
        planned(one, case, "remove-resources")
    calm(one)
    assert planned(one, case, "remove-resources").state is State.PLANNED
