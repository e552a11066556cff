"""H1, H2, H3: no key goes before its last user, nobody is locked out, and we do not saw off our own branch."""

from dataclasses import replace
from pathlib import Path

import pytest

from fakes.houses import Stage, stage
from fakes.leavings import (
    Told,
    after_contract,
    approved,
    at_gate,
    calm,
    digests,
    hand,
    plan,
    planned,
    plant,
    removed,
    run,
    standing,
    there,
    trouble,
)
from sendoff.model.case import Case
from sendoff.model.digest import digest
from sendoff.model.errors import BadInput, Denied, Refused
from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, once
from sendoff.model.proof import ProofKind
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier

LIGHTHOUSE, ACCOUNTS, RESOURCES = "remove-lighthouse", "remove-accounts", "remove-resources"


class Nothing:
    """A tray for deeds that must not happen: it has no place for anything."""


def test_h1_lighthouse_cannot_even_be_planned_while_steps_before_it_are_open(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), "remove-policies", "ready")
    with pytest.raises(Refused, match="remove-lighthouse is waiting"):
        planned(one, case, LIGHTHOUSE)
    order = at_gate(one, case, LIGHTHOUSE, "order")
    assert order is not None
    assert {"remove-policies", "remove-resources", "remove-accounts"} <= set(order.reason.split(": ")[1].split(", "))
    with pytest.raises(Refused, match="a machine does and verifies this"):
        one.desk.attest(one.who("erik"), case.id, LIGHTHOUSE, [b"trust me"], note="it is gone")


def test_h1_lighthouse_stays_until_its_last_user_is_done_and_then_opens_nothing(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), LIGHTHOUSE, "approved")
    act = plan(one, case, LIGHTHOUSE).actions[0]
    plant(one, system="arm", kind="resource", name="intercept-heartbeat-late")
    one.desk.look(one.who("erik"), case.id, "by hand")
    one.story(case).decide("by hand")
    one.desk.look(one.who("erik"), case.id, "by hand")
    assert standing(one, case, RESOURCES).state is State.LEFT, "a later look opens what was done"
    run(one, case)
    gates = [at_gate(one, case, LIGHTHOUSE, name) for name in ("order", "last key out")]
    assert [gate and gate.reason for gate in gates] == [f"first: {RESOURCES}", f"still needed by: {RESOURCES}"]
    azure = hand(one, case.facts, System.AZURE)
    azure.probe(Key.LIGHTHOUSE)
    assert there(one, act) and standing(one, case, LIGHTHOUSE).state is State.APPROVED
    planned(one, case, RESOURCES)
    approved(one, case, RESOURCES)
    run(one, case)
    run(one, case)
    assert standing(one, case, LIGHTHOUSE).state is State.DONE and not there(one, act)
    with pytest.raises(Denied):
        azure.probe(Key.LIGHTHOUSE)


def test_h1_the_last_look_through_the_key_must_be_whole(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), LIGHTHOUSE, "approved")
    act = plan(one, case, LIGHTHOUSE).actions[0]
    trouble(one, do="forbid", vendor="arm", method="GET", path="Microsoft.Consumption/budgets$")
    run(one, case)
    gate = at_gate(one, case, LIGHTHOUSE, "last key out")
    assert gate is not None and "is not whole" in gate.reason and "budget" in gate.reason
    assert there(one, act)
    calm(one)
    run(one, case)
    assert standing(one, case, LIGHTHOUSE).state is State.DONE


def without_the_customer(folder: Path) -> tuple[Stage, Case]:
    """The customer's administrators do nothing; our accounts are planned and approved, and the contract is over."""
    one = stage(folder, tier=Tier.CSP)
    one.control("POST", "/cast/switch", who="customer", on=False)
    case = one.until(one.opened(), ACCOUNTS, "approved")
    after_contract(one, case)
    run(one, case)
    return one, case


def test_h2_no_account_goes_before_two_of_their_administrators_signed_in_with_mfa(tmp_path: Path) -> None:
    one, case = without_the_customer(tmp_path)
    act = plan(one, case, ACCOUNTS).actions[0]
    gate = at_gate(one, case, ACCOUNTS, "administrators")
    assert gate is not None and gate.who == "the customer"
    assert gate.reason == "we did not see 2 administrators of the customer sign in with MFA"
    assert there(one, act) and standing(one, case, ACCOUNTS).state is State.APPROVED
    one.control("POST", "/cast/switch", who="customer", on=True)
    one.story(case).turn()
    run(one, case)
    assert standing(one, case, ACCOUNTS).state is State.HELD and there(one, act), "disabled, and watched"
    case = one.until(case, ACCOUNTS, "done")
    assert not there(one, act)


def test_h2_an_attested_word_does_not_open_the_gate(tmp_path: Path) -> None:
    one, case = without_the_customer(tmp_path)
    act = plan(one, case, ACCOUNTS).actions[0]
    with pytest.raises(BadInput, match="has no step"):
        one.desk.attest(one.who("erik"), case.id, ProofKind.ADMINISTRATORS, [b"they told us"], note="they can sign in")
    for word in (ProofKind.BREAK_GLASS, ProofKind.PERMISSION):
        one.desk.attest(one.who("erik"), case.id, word, [b"they told us"], note="they can sign in")
    run(one, case)
    gate = at_gate(one, case, ACCOUNTS, "administrators")
    assert gate is not None and "we did not see 2" in gate.reason
    assert there(one, act)


def test_h2_a_sign_in_of_more_than_seven_days_ago_does_not_count(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    one.control("POST", "/cast/act")
    one.control("POST", "/cast/switch", who="customer", on=False)
    case = one.opened()
    one.desk.attest(one.who("carla"), case.id, ProofKind.BREAK_GLASS, [b"a letter"], note="confirmed by letter")
    case = one.until(case, ACCOUNTS, "approved")
    after_contract(one, case)
    run(one, case)
    gate = at_gate(one, case, ACCOUNTS, "administrators")
    assert gate is not None and "did not see 2" in gate.reason
    assert not [row for row in removed(one) if row == plan(one, case, ACCOUNTS).actions[0].target.lower()]


def test_h3_our_own_executor_is_in_no_plan_and_another_app_of_ours_is(full: Told) -> None:
    executor = full.case.facts.provider.executor.lower()
    plans = full.stage.desk.plans(full.case.id)
    targets = {action.target.lower() for one in plans for action in one.actions}
    assert executor and executor not in targets
    left = [alone for one in plans for alone in one.left if "this program works by it" in alone.why]
    assert {alone.item.kind for alone in left} == {Kind.SERVICE_PRINCIPAL, Kind.ROLE_ASSIGNMENT, Kind.DIRECTORY_ROLE}
    assert not {alone.item.id.lower() for alone in left} & targets
    apps = [action for one in plans for action in one.actions if action.kind is Kind.SERVICE_PRINCIPAL]
    assert apps, "the same planner does take other apps of ours"


@pytest.mark.parametrize("verb", [Verb.DISABLE, Verb.REMOVE])
def test_h3_the_connector_refuses_to_remove_what_it_runs_as(tmp_path: Path, verb: Verb) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    facts, before = one.facts(), digests(one)
    entra = hand(one, facts, System.ENTRA)
    ourselves = Action(
        step=StepId("remove-service-principals"),
        system=System.ENTRA,
        verb=verb,
        kind=Kind.SERVICE_PRINCIPAL,
        target=facts.provider.executor,
        name="Intercept Onboarding",
        scope=facts.customer.tenant,
        key=Key.APP,
        why="a mistake",
        before=digest("an image"),
    )
    unnamed = hand(one, replace(facts, provider=replace(facts.provider, executor="")), System.ENTRA)
    for hands in (entra, unnamed):
        with pytest.raises(Refused, match="this program runs as it"):
            hands.apply(ourselves, once=once("L1", ourselves), out=Nothing())  # type: ignore[arg-type]
    assert digests(one) == before
    entra.probe(Key.APP)
