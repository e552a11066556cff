"""Second doors: a word given too early, a judge in one's own case, and a parcel sealed to somebody who was replaced."""

from dataclasses import replace
from pathlib import Path

import pytest

from fakes.houses import stage
from fakes.leavings import at_gate
from sendoff.model.errors import Refused
from sendoff.model.inventory import Whose
from sendoff.model.proof import ProofKind
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier

RESOURCES = StepId("remove-resources")
HAND_OVER = StepId("hand-over-secrets")
SEAL = StepId("export-secrets")


def test_h8_an_export_cannot_be_accepted_before_there_is_one(tmp_path: Path) -> None:
    one = stage(tmp_path)
    case = one.opened()

    with pytest.raises(Refused, match="no export"):
        one.desk.attest(one.who("carla"), case.id, "export-accepted", [b"yes, all fine"], note="they said so")

    assert one.desk.case(case.id).proven(ProofKind.EXPORT_ACCEPTED) is None


def test_h9_who_decided_that_a_thing_is_ours_does_not_approve_its_removal(tmp_path: Path) -> None:
    one = stage(tmp_path)
    case = one.until(one.opened(), RESOURCES, "ready")
    unknown = next(
        row.item
        for row in one.desk.seen(case.id, "preflight")
        if row.item.name == "sqr-intercept-heartbeat" or row.provenance.whose is Whose.UNKNOWN
    )
    one.desk.decide(one.who("emma"), case.id, unknown.ref, Whose.OURS, name=unknown.name, reason="I remember making it")
    planned = one.desk.plan(one.who("erik"), case.id, RESOURCES).steps[RESOURCES]
    assert planned.plan is not None
    plan = one.desk.plan_of(case.id, RESOURCES)
    if plan is None or unknown.ref not in {action.ref for action in plan.actions}:
        pytest.fail(f"{unknown.name} is not in the plan, so this test would prove nothing")

    with pytest.raises(Refused, match="decided"):
        one.desk.approve(one.who("emma"), case.id, RESOURCES, planned.plan, over_belt=True)
    one.desk.approve(one.who("paul"), case.id, RESOURCES, planned.plan, over_belt=True)


def test_h45_a_parcel_sealed_to_somebody_else_is_not_handed_over(tmp_path: Path) -> None:
    one = stage(tmp_path)
    case = one.until(one.opened(), HAND_OVER, "ready")
    assert case.facts.recipient is not None
    other = replace(case.facts.recipient, name="Anna van der Meer", mail="anna@vandermeer.example")
    changed = replace(case.facts, recipient=other)
    for person in ("carla", "paul"):
        one.desk.change_facts(one.who(person), case.id, changed, reason="Bram left the company")

    again = one.desk.case(case.id)
    assert again.steps[SEAL].state is State.LEFT and "sealed to bram@vandermeer.example" in again.steps[SEAL].reason
    with pytest.raises(Refused, match="a machine does and verifies this"):
        one.desk.attest(one.who("erik"), case.id, HAND_OVER, [b"receipt"], note="given")
    order = at_gate(one, case, HAND_OVER, "order")
    assert order is not None and order.reason == "first: export-secrets"

    story = one.story(case)
    for _ in range(2):
        story.turn(before=(HAND_OVER, "ready"))

    sealed = one.desk.case(case.id)
    assert sealed.parcel is not None and sealed.parcel.recipient == "anna@vandermeer.example"


def test_the_word_on_blind_spots_counts_for_the_look_before_it_only(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), "remove-app-registration", "ready")
    one.desk.attest(one.who("paul"), case.id, "blind-spots-accepted", [b"I know"], note="in advance")
    assert one.house.control is not None
    one.house.control.ask("POST", "/trouble", {"do": "forbid", "vendor": "prtg", "path": "table"})

    with pytest.raises(Refused, match="cells could not be read"):
        one.story(case).tell()
