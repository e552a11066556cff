"""H50: the new administrator cannot sign in, because Conditional Access lets in from our addresses alone."""

from datetime import timedelta
from pathlib import Path

import pytest

from fakes.houses import LEAVER, Stage, stage
from fakes.leavings import after_contract, at_gate, calm, move, plan, planned, run, standing, trouble
from sendoff.model.errors import Refused
from sendoff.model.inventory import Verb
from sendoff.model.proof import ProofKind
from sendoff.model.state import State
from sendoff.model.template import Tier
from sendoff.rules.deadlines import SOONEST
from sendoff.sandbox.wire import Json, Obj, obj, words
from sendoff.wiring.cards import table

MAKES, ACCOUNTS = "create-administrator", "remove-accounts"


def by_hand(one: Stage, deed: str) -> None:
    touched = table(one.control("POST", "/hands", do=deed, customer=LEAVER))["touched"]
    assert touched


def people(one: Stage) -> set[str]:
    """The ids of everybody who has an account at the customer."""
    return {thing.id for thing in one.sandbox.world.all("graph", "user") if thing.owner == LEAVER}


def enabled(one: Stage) -> set[str]:
    """Those of them who can sign in."""
    users = [thing for thing in one.sandbox.world.all("graph", "user") if thing.owner == LEAVER]
    return {thing.id for thing in users if thing.raw["accountEnabled"] is True}


def test_h50_a_policy_that_admits_only_our_addresses_is_found_on_day_0_with_what_to_mend(tmp_path: Path) -> None:
    one = stage(tmp_path)
    case = one.opened()
    before = one.desk.preflight(one.who("erik"), case.id).findings
    assert not [row for row in before if "nobody but us can sign in" in row.said]
    by_hand(one, "graph.plant-only-ours")
    found = [row for row in one.desk.preflight(one.who("erik"), case.id).findings if "nobody but us" in row.said]
    assert [(row.subject, row.good) for row in found] == [(MAKES, False)]
    assert "Gasten alleen vanaf beheer" in found[0].said and "named location" in found[0].said


def test_h50_nobody_is_asked_to_sign_in_and_no_account_goes_before_it_is_mended(tmp_path: Path) -> None:
    one = stage(tmp_path)
    by_hand(one, "graph.plant-only-ours")
    case = one.until(one.opened(), MAKES, "ready")
    with pytest.raises(Refused, match="nobody but us can sign in"):
        planned(one, case, MAKES)
    by_hand(one, "graph.mend-only-ours")
    planned(one, case, MAKES)
    assert Verb.ACCEPT in {act.verb for act in plan(one, case, MAKES).actions}


def test_h50_accounts_wait_for_it_as_well(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), ACCOUNTS, "ready")
    by_hand(one, "graph.plant-only-ours")
    with pytest.raises(Refused, match="nobody but us can sign in"):
        planned(one, case, ACCOUNTS)
    by_hand(one, "graph.mend-only-ours")
    planned(one, case, ACCOUNTS)


def test_h50_a_policy_that_only_reports_or_admits_others_too_is_in_nobodys_way(tmp_path: Path) -> None:
    one = stage(tmp_path)
    by_hand(one, "graph.plant-only-ours")
    case, world = one.opened(), one.sandbox.world
    (policy,) = [row for row in world.all("graph", "conditionalAccessPolicy") if row.owner == LEAVER]
    conditions = obj(policy.raw["conditions"])
    where = obj(conditions["locations"])
    (here,) = words(where["excludeLocations"])
    for state, left_out in (("enabledForReportingButNotEnforced", (here,)), ("enabled", (here, "a-country"))):
        named: list[Json] = [*left_out]
        changed: Obj = {**conditions, "locations": {**where, "excludeLocations": named}}
        world.change(policy, {"state": state, "conditions": changed})
        found = one.desk.preflight(one.who("erik"), case.id).findings
        assert not [row for row in found if "nobody but us" in row.said]


def test_h50_a_policy_that_comes_after_the_yes_holds_the_making_of_the_administrator(tmp_path: Path) -> None:
    one = stage(tmp_path)
    case = one.until(one.opened(), MAKES, "approved")
    by_hand(one, "graph.plant-only-ours")
    before = people(one)
    run(one, case)
    gate = at_gate(one, case, MAKES, "sign-in")
    assert gate is not None and gate.who == "the customer" and "named location" in gate.reason
    assert standing(one, case, MAKES).state is State.APPROVED and people(one) == before
    by_hand(one, "graph.mend-only-ours")
    run(one, case)
    assert at_gate(one, case, MAKES, "sign-in") is None and standing(one, case, MAKES).state is State.HELD
    assert len(people(one) - before) == 1


def test_h50_no_account_goes_on_sign_ins_from_before_it_was_mended(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), ACCOUNTS, "approved")
    after_contract(one, case)
    one.control("POST", "/cast/act")
    one.desk.attest(one.who("carla"), case.id, ProofKind.BREAK_GLASS, [b"a letter"], note="confirmed by letter")
    by_hand(one, "graph.plant-only-ours")
    before = enabled(one)
    run(one, case)
    assert at_gate(one, case, ACCOUNTS, "sign-in") is not None and enabled(one) == before
    by_hand(one, "graph.mend-only-ours")
    run(one, case)
    assert at_gate(one, case, ACCOUNTS, "sign-in") is None
    gate = at_gate(one, case, ACCOUNTS, "administrators")
    assert gate is not None and "did not see 2" in gate.reason, "who came in before may have come from us"
    move(one, one.house.clock.now() + timedelta(hours=1))
    one.control("POST", "/cast/act")
    run(one, case)
    assert standing(one, case, ACCOUNTS).state is State.HELD, "they signed in anew: disabled, and watched"
    assert enabled(one) < before


def test_h50_a_step_that_could_not_look_who_is_let_in_waits_and_goes_on_by_itself(tmp_path: Path) -> None:
    one = stage(tmp_path)
    case = one.until(one.opened(), MAKES, "approved")
    trouble(one, do="status", status=503, vendor="graph", path="conditionalAccess/policies")
    before = people(one)
    run(one, case)
    assert standing(one, case, MAKES).state is State.APPROVED and people(one) == before
    calm(one)
    move(one, one.house.clock.now() + SOONEST)
    run(one, case)
    assert standing(one, case, MAKES).state is State.HELD
