"""F1 to F7, F22: what was reported, what was done, and what only could not be seen."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from fakes.houses import stage
from fakes.leavings import (
    Told,
    after_contract,
    approved,
    at_gate,
    calm,
    certificate,
    cut_short,
    effects,
    hand,
    next_life,
    objects,
    plan,
    planned,
    plant,
    removed,
    rows,
    run,
    seq,
    standing,
    there,
    trouble,
    unexplained,
    verdicts,
)
from sendoff.model.certificate import Result
from sendoff.model.digest import digest
from sendoff.model.errors import Refused
from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.plan import NEEDS_BEFORE_IMAGE
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier
from sendoff.model.verdict import Verdict
from sendoff.sandbox.wire import text

RESOURCES = "remove-resources"


def test_f1_a_vendor_that_reports_success_and_does_nothing_leaves_the_step_open(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), RESOURCES, "approved")
    acts = plan(one, case, RESOURCES).actions
    after_contract(one, case)
    trouble(one, do="lie", vendor="arm", method="DELETE")
    run(one, case)
    now = standing(one, case, RESOURCES)
    assert one.wire.calls("DELETE", "budgets") == len(acts) and not removed(one)
    assert now.state is State.LEFT and now.settled_at is None
    left = verdicts(one, case, RESOURCES, Verdict.LEFT)
    assert {row.ref for row in left} == {action.ref for action in acts}
    assert all("still there; the vendor answered done" in row.why for row in left)
    with pytest.raises(Refused, match=RESOURCES):
        one.desk.close(one.who("paul"), case.id)
    calm(one)
    planned(one, case, RESOURCES)
    approved(one, case, RESOURCES)
    run(one, case)
    assert standing(one, case, RESOURCES).state is State.DONE
    assert removed(one) == {action.target.lower() for action in acts}


def test_f2_one_of_several_fails_and_the_next_plan_touches_only_that_one(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    for number in range(1, 4):
        plant(one, system="arm", kind="resource", name=f"intercept-heartbeat-{number}")
    case = one.until(one.opened(), RESOURCES, "approved")
    acts = plan(one, case, RESOURCES).actions
    unlucky = next(action for action in acts if "heartbeat-2" in action.target)
    assert len(acts) == 5
    after_contract(one, case)
    trouble(one, do="status", status=500, vendor="arm", method="DELETE", path="heartbeat-2$")
    run(one, case)
    others = {action.ref for action in acts} - {unlucky.ref}
    assert standing(one, case, RESOURCES).state is State.LEFT
    assert {row.ref for row in verdicts(one, case, RESOURCES, Verdict.GONE)} == others
    assert {row.ref for row in verdicts(one, case, RESOURCES, Verdict.LEFT)} == {unlucky.ref}
    assert unlucky.name in standing(one, case, RESOURCES).reason
    calm(one)
    planned(one, case, RESOURCES)
    assert [action.ref for action in plan(one, case, RESOURCES).actions] == [unlucky.ref]
    approved(one, case, RESOURCES)
    before = seq(one)
    run(one, case)
    assert standing(one, case, RESOURCES).state is State.DONE
    assert [text(row, "id").lower() for row in effects(one, since=before)] == [unlucky.target.lower()]


def test_f3_every_effect_of_our_keys_is_an_approved_action(full: Told) -> None:
    plans = full.stage.desk.plans(full.case.id)
    assert len(effects(full.stage)) > 80
    assert unexplained(full, plans) == []
    without = [one for one in plans if one.step != "remove-policies"]
    assert len(unexplained(full, without)) == 10, "the same check misses what is in no plan"


def test_f3_every_removal_has_its_before_image_in_the_evidence_store(full: Told) -> None:
    store, case = full.stage.desk.ports.store, full.case.id
    acts = [act for one in full.stage.desk.plans(case) for act in one.actions if act.verb in NEEDS_BEFORE_IMAGE]
    assert len(acts) > 50
    for action in acts:
        assert action.before is not None
        image = json.loads(store.get(case, action.before))
        assert action.name in json.dumps(image) or action.target.lower() in json.dumps(image).lower()
    assert not store.has(case, digest("an image that nobody made"))


def test_f4_what_changed_at_the_customer_is_what_was_approved_and_nothing_else(full: Told) -> None:
    now = objects(full.stage)
    lost = {key.split(":", 2)[2].lower() for key in set(full.mine) - set(now)}
    by_us = removed(full.stage)
    by_hand = {
        text(row, "id").lower()
        for row in full.stage.sandbox.world.record.since(0, "effect")
        if isinstance(row, dict) and row["verb"] == "removed" and row["caller"] == "control"
    }
    assert lost and lost <= by_us | by_hand


PUT_BACK = {Kind.TAG, Kind.DEFENDER_PLAN, Kind.SECURITY_CONTACT}


def test_f4_what_is_changed_in_azure_is_what_onboarding_changed_and_was_approved(full: Told) -> None:
    now = objects(full.stage)
    changed = {key for key in full.mine.keys() & now.keys() if full.mine[key] != now[key]}
    acts = [act for one in full.stage.desk.plans(full.case.id) for act in one.actions if act.kind in PUT_BACK]
    in_azure = {key.split(":", 2)[2].lower() for key in changed if key.startswith("arm:")}
    assert in_azure == {act.target.lower() for act in acts}
    assert in_azure <= {row.id.lower() for row in full.case.facts.record}


def test_f4_what_is_changed_elsewhere_is_on_the_record_with_who_did_it(full: Told) -> None:
    now = objects(full.stage)
    changed = {key for key in full.mine.keys() & now.keys() if full.mine[key] != now[key] and key[:4] != "arm:"}
    told = {
        f"{row['kind']}:{row['id']}" for row in rows(full.stage.control("GET", "/effects")) if row["verb"] == "changed"
    }
    emptied = {key for key in changed if key.startswith("vault:list:")}
    assert {key.replace(":", ".", 1) for key in changed - emptied} <= told
    assert len(emptied) <= 1, "a list that lost its records says how many it has"


def test_f4_an_effect_that_nobody_approved_is_seen(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), RESOURCES, "approved")
    action = plan(one, case, RESOURCES).actions[0]
    story = Told(one, case, objects(one), {}, {}, {})
    ordered = one.desk.plans(case.id)
    assert unexplained(story, ordered) == []
    azure = hand(one, case.facts, System.AZURE)
    tray = type("Nothing", (), {})()
    azure.apply(action, once=digest("nobody ordered this"), out=tray)
    rest = [each for each in ordered if each.step != RESOURCES]
    assert unexplained(story, rest) == [f"removed arm.microsoft.consumption/budgets {action.target}"]


BY_USE = "remove-articles"
"""The articles that are billed by use end under a plan of their own, when the invoice of the last day is made."""
WATCHED = {"remove-accounts", "remove-service-principals"}
"""What is deleted after its watch, by a second plan."""
NOT_YET = {"accept-transfer": "no", "terminate-contract": "1", "end-relationships": "5"}
"""No request yet, an open call, and five commitments: the first word of why a step cannot be planned on day 0."""


@pytest.mark.parametrize("seed", [1, 2, 7])
def test_f5_the_dry_run_is_the_real_run_on_every_estate(tmp_path: Path, seed: int) -> None:
    one = stage(tmp_path, tier=Tier.CSP, seed=seed)
    case = one.opened()
    one.desk.preflight(one.who("erik"), case.id)
    one.story(case).decide("preflight")
    told = one.desk.forecast(case.id)
    forecast = {made.plan.step: made.plan for made in told.drawn if made.plan.actions}
    assert set(forecast) >= {RESOURCES, "remove-lighthouse", "remove-accounts", "remove-role-assignments"}
    ended = one.story(case).tell()
    real_plans = one.desk.plans(ended.id)
    real = {made.digest: made.step for made in real_plans}
    assert {step for step, made in forecast.items() if made.digest not in real} == set()
    later = {step for made, step in real.items() if step not in forecast or made != forecast[step].digest}
    assert later == {step for step, _ in told.not_yet} | {BY_USE} | WATCHED, "what waits, and what is billed by use"
    deeds = [(act.step, act.verb) for one in real_plans for act in one.actions if one.step in WATCHED]
    assert {verb for step, verb in deeds} == {Verb.DISABLE, Verb.REMOVE}, "the dry run tells the first of two plans"
    assert {step: why.partition(" ")[0] for step, why in told.not_yet} == NOT_YET


def test_f5_a_forecast_of_another_estate_is_another_plan(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()
    one.desk.preflight(one.who("erik"), case.id)
    first = {made.plan.step: made.plan.digest for made in one.desk.forecast(case.id).drawn}
    assert first == {made.plan.step: made.plan.digest for made in one.desk.forecast(case.id).drawn}
    plant(one, system="prtg", kind="device", name="forgotten", parent="2001")
    second = {made.plan.step: made.plan.digest for made in one.desk.forecast(case.id).drawn}
    assert {step for step in first if first[step] != second[step]} == {"remove-from-prtg"}


PLANTS: tuple[tuple[str, Mapping[str, str]], ...] = (
    (RESOURCES, {"system": "arm", "kind": "resource"}),
    ("remove-accounts", {"system": "graph", "kind": "user"}),
    ("remove-from-prtg", {"system": "prtg", "kind": "device", "parent": "50"}),
)


@pytest.mark.parametrize(("step", "what"), PLANTS, ids=[step for step, _ in PLANTS])
def test_f6_a_thing_made_after_the_approval_is_untouched_and_reported(
    tmp_path: Path, step: str, what: Mapping[str, str]
) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), step, "approved")
    before = objects(one)
    plant(one, name="intercept-latecomer", **what)
    late = {key: value for key, value in objects(one).items() if key not in before}
    assert len(late) == 1
    after_contract(one, case)
    run(one, case)
    now = standing(one, case, step)
    assert late.items() <= objects(one).items()
    done = Verdict.HELD if step in WATCHED else Verdict.GONE
    assert verdicts(one, case, step, done), "what was approved is gone, or disabled and watched"
    assert now.state is State.LEFT and "latecomer" in now.reason
    open_ones = [*verdicts(one, case, step, Verdict.LEFT), *verdicts(one, case, step, Verdict.UNKNOWN)]
    assert ["latecomer" in row.name for row in open_ones] == [True]


FAILURES: tuple[Mapping[str, str | int], ...] = (
    {"do": "forbid"},
    {"do": "throttle", "seconds": 0},
    {"do": "status", "status": 500},
    {"do": "timeout", "seconds": 0},
    {"do": "drop"},
    {"do": "html", "status": 200},
)
named = pytest.mark.parametrize("fault", FAILURES, ids=lambda one: "-".join(map(str, one.values())))


@named
def test_f7_a_list_that_fails_is_never_an_empty_one(tmp_path: Path, fault: Mapping[str, str | int]) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), "remove-policies", "ready")
    trouble(one, vendor="arm", method="GET", path="policyAssignments", **fault)
    left = planned(one, case, "remove-policies")
    assert left.state is State.LEFT and "policy-assignment" in left.reason
    blind = one.desk.case(case.id).looks["plan remove-policies"].blind
    assert len(blind) == 2 and all("policy-assignment" in spot for spot in blind)
    calm(one)
    assert planned(one, case, "remove-policies").state is State.DONE, "the same look, unhindered, is clean"


def test_f7_a_dropped_page_never_makes_a_plan_smaller(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    for number in range(12):
        plant(one, system="arm", kind="resource", name=f"intercept-heartbeat-{number:02d}")
    case = one.until(one.opened(), RESOURCES, "approved")
    whole = plan(one, case, RESOURCES)
    assert len(whole.actions) == 14
    trouble(one, do="drop-page", vendor="arm")
    after = planned(one, case, RESOURCES)
    assert after.state is State.LEFT or after.plan == whole.digest


@pytest.mark.parametrize("fault", FAILURES[::2], ids=lambda one: str(one["do"]))
def test_f7_what_could_not_be_read_makes_no_clean_certificate(
    tmp_path: Path, csp: Told, fault: Mapping[str, str | int]
) -> None:
    whole = certificate(csp.stage, csp.case)
    assert whole.outcome is Result.CLEAN and whole.exceptions == ()
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), "remove-app-registration", "ready")
    trouble(one, vendor="prtg", path="table", **fault)
    with pytest.raises(Refused, match="cells could not be read"):
        one.story(case).tell()
    assert one.desk.case(case.id).certificate is None
    one.desk.attest(one.who("paul"), case.id, "blind-spots-accepted", [b"I know"], note="the core is being moved")
    ended = one.desk.close(one.who("paul"), case.id)
    said = certificate(one, ended)
    assert (
        said.outcome is not Result.CLEAN and ended.outcome != "clean" and len(said.exceptions) > len(whole.exceptions)
    )
    assert any(row.startswith("not read: prtg-") for row in said.exceptions)
    assert "nothing of Intercept is left there" not in said.sentence


def test_f7_only_a_direct_no_makes_a_thing_gone(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), RESOURCES, "approved")
    acts = plan(one, case, RESOURCES).actions
    after_contract(one, case)
    trouble(one, do="forbid", vendor="arm", method="GET", path="budgets/")
    run(one, case)
    assert standing(one, case, RESOURCES).state is State.LEFT
    assert not verdicts(one, case, RESOURCES, Verdict.GONE)
    assert all(there(one, action) for action in acts), "nothing is removed that cannot be read first"
    assert at_gate(one, case, RESOURCES, "export") is None and all(act.verb is Verb.REMOVE for act in acts)
    assert StepId(RESOURCES) in one.desk.case(case.id).steps


def test_f22_a_halt_in_the_middle_of_a_batch_strands_nothing(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), "remove-from-prtg", "approved")
    acts = [act for act in plan(one, case, "remove-from-prtg").actions if act.verb is not Verb.EXPORT]
    after_contract(one, case)
    cut_short(one, case, "deleteobject")
    later = next_life(one)
    later.desk.halt(later.who("carla"), case.id, on=True, reason="the wrong customer?")
    run(later, case)
    assert all(there(later, act) for act in acts), "a halted case does nothing"
    later.desk.halt(later.who("carla"), case.id, on=False, reason="the right one")
    assert run(later, case).steps[StepId("remove-from-prtg")].state is State.DONE
    assert not any(there(later, act) for act in acts)
