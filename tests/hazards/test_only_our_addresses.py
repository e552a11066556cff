"""H50: the new administrator cannot sign in, because Conditional Access lets in from our addresses alone."""

from pathlib import Path

import pytest

from fakes.houses import LEAVER, Stage, stage
from fakes.leavings import plan, planned
from sendoff.model.errors import Refused
from sendoff.model.inventory import Verb
from sendoff.model.template import Tier
from sendoff.sandbox.wire import Json, Obj, obj, words
from sendoff.wiring.cards import table

MAKES, ACCOUNTS = "create-administrator", "remove-accounts"


def by_hand(one: Stage, deed: str) -> None:
    touched = table(one.control("POST", "/hands", do=deed, customer=LEAVER))["touched"]
    assert touched


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
