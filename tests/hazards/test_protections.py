"""H12: no policy of ours goes before the customer accepted what ends with it, on the list that they saw."""

from pathlib import Path

from fakes.houses import Stage, stage
from fakes.leavings import (
    after_contract,
    approved,
    at_gate,
    calm,
    plan,
    planned,
    plant,
    removed,
    run,
    standing,
    trouble,
)
from sendoff.model.inventory import Whose
from sendoff.model.proof import ProofKind
from sendoff.model.state import State
from sendoff.model.template import Tier

POLICIES, LATE = "remove-policies", "made-later"
WORD = ProofKind.PROTECTIONS_ACCEPTED


def policies(one: Stage) -> list[str]:
    """What our keys removed of policies, by the sandbox's record."""
    return [row for row in removed(one) if "microsoft.authorization/policy" in row]


def test_h12_no_policy_goes_before_the_customer_accepted_what_ends(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    one.control("POST", "/cast/switch", deed="accept-protections", on=False)
    case = one.until(one.opened(), POLICIES, "approved")
    after_contract(one, case)
    run(one, case)
    gate = at_gate(one, case, POLICIES, "protections")
    assert gate is not None and gate.who == "the customer" and "lost-protections-accepted" in gate.reason
    assert standing(one, case, POLICIES).state is State.APPROVED and not policies(one)
    assert "INT-agent" in one.desk.report(case.id)["exit-plan.html"].decode(), "the list is in the exit plan"
    one.desk.attest(one.who("carla"), case.id, WORD, [b"we know"], note="accepted by mail")
    run(one, case)
    assert at_gate(one, case, POLICIES, "protections") is None and policies(one)


def test_h12_a_word_is_about_the_list_that_was_shown_and_no_policy_made_later(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    one.control("POST", "/cast/switch", deed="accept-protections", on=False)
    case = one.until(one.opened(), POLICIES, "ready")
    one.desk.attest(one.who("carla"), case.id, WORD, [b"we know"], note="accepted by mail")
    after_contract(one, case)
    plant(one, system="arm", kind="policy-assignment", name=LATE)
    planned(one, case, POLICIES)
    late = next(row.item for row in one.desk.seen(case.id, f"plan {POLICIES}") if row.item.id.endswith(LATE))
    one.desk.decide(one.who("erik"), case.id, late.ref, Whose.OURS, name=late.name, reason="Erik made it last week")
    planned(one, case, POLICIES)
    approved(one, case, POLICIES)
    assert late.ref in {act.ref for act in plan(one, case, POLICIES).actions}

    run(one, case)

    gate = at_gate(one, case, POLICIES, "protections")
    assert gate is not None and "was not on the list" in gate.reason and late.name in gate.reason
    assert not policies(one)
    one.desk.preflight(one.who("erik"), case.id)
    one.desk.attest(one.who("carla"), case.id, WORD, [b"we know"], note="that one, too")
    run(one, case)
    assert at_gate(one, case, POLICIES, "protections") is None and policies(one)


def test_h12_a_word_on_a_list_that_could_not_be_read_is_about_nothing(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    one.control("POST", "/cast/switch", deed="accept-protections", on=False)
    case = one.until(one.opened(), POLICIES, "ready")
    trouble(one, do="forbid", vendor="arm", method="GET", path="policyAssignments$")
    one.desk.preflight(one.who("erik"), case.id)
    calm(one)
    after_contract(one, case)
    one.desk.attest(one.who("carla"), case.id, WORD, [b"we know"], note="accepted by mail")
    planned(one, case, POLICIES)
    approved(one, case, POLICIES)

    run(one, case)

    gate = at_gate(one, case, POLICIES, "protections")
    assert gate is not None and "was not on the list" in gate.reason and not policies(one)
