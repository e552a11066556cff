"""H22 to H25 and H49: nothing is cancelled or suspended, costs are kept first, and a transfer moves no rights."""

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from fakes.houses import LEAVER, Stage, stage
from fakes.leavings import (
    after_contract,
    approved,
    at_gate,
    calm,
    effects,
    plan,
    planned,
    run,
    standing,
    trouble,
    verdicts,
)
from sendoff.engine.run import question
from sendoff.model.case import Case
from sendoff.model.errors import Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Kind, Verb, Whose
from sendoff.model.proof import ProofKind
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier
from sendoff.model.verdict import Verdict
from sendoff.rules.deadlines import end_of
from sendoff.rules.gates import gates, shut
from sendoff.sandbox.wire import Obj, arr, obj, text
from sendoff.sandbox.world import Thing

ENDS, STOPS, DETAILS, ACCEPTS = "end-relationships", "stop-renewals", "migration-details", "accept-transfer"


def bought(one: Stage) -> list[Thing]:
    """What the leaving customer holds through us, by Partner Center."""
    ours = text(one.sandbox.world.msp, "tenant_id")
    place = f"{ours}/{one.sandbox.world.customers[LEAVER].tenant}"
    return [thing for thing in one.sandbox.world.all("partner-center", "subscription") if thing.place == place]


def reseller(one: Stage) -> bool:
    """True while we are the leaving customer's reseller."""
    ours = text(one.sandbox.world.msp, "tenant_id")
    tenant = one.sandbox.world.customers[LEAVER].tenant
    found = one.sandbox.world.get("partner-center", "customer", f"{ours}.{tenant}")
    return found is not None and text(found.raw, "relationshipToPartner") == "reseller"


def by_our_keys(one: Stage) -> list[Obj]:
    """Writes to what was bought, with any key of ours."""
    rows = [obj(row) for row in arr(one.control("GET", "/effects"))]
    kind = "partner-center.subscription"
    return [row for row in rows if row["kind"] == kind and text(row, "caller") not in ("control", "vendor", "cast")]


# ---- H22: the relationship ends when nothing bought through us is active ---------------------------------------------


def test_h22_the_relationship_is_not_ended_while_anything_bought_through_us_is_active(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), ENDS, "ready")
    left = next(thing for thing in bought(one) if text(thing.raw, "status") == "deleted")
    one.sandbox.world.change(left, {"status": "active"})
    with pytest.raises(Refused, match=r"1 things bought through us are active .*nothing is suspended"):
        planned(one, case, ENDS)
    assert reseller(one) and standing(one, case, ENDS).state is State.READY
    one.control("POST", "/hands", do="partner-center.end-commitments", customer=LEAVER)
    assert planned(one, case, ENDS).state is State.PLANNED, "when it has ended, the same step is planned"


def test_h22_what_became_active_after_the_yes_stops_the_end_of_the_relationship(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), ENDS, "approved")
    left = next(thing for thing in bought(one) if text(thing.raw, "status") == "deleted")
    one.sandbox.world.change(left, {"status": "active"})
    one.control("POST", "/hands", do="graph.end-gdap", customer=LEAVER)
    run(one, case)
    assert reseller(one) and standing(one, case, ENDS).state is not State.DONE
    one.control("POST", "/hands", do="partner-center.end-commitments", customer=LEAVER)
    story = one.story(case)
    for _ in range(4):
        story.turn()
    assert standing(one, case, ENDS).state is State.DONE and not reseller(one)


def test_h22_the_transfer_must_be_settled_whatever_the_order_of_lines_says(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), ENDS, "approved")
    steps = {**case.steps, StepId(ACCEPTS): replace(case.steps[StepId(ACCEPTS)], state=State.HELD)}
    ask = question(one.desk.ports, case, case.steps[StepId(ENDS)], plan(one, case, ENDS))
    assert not [gate for gate in shut(gates(ask)) if gate.gate == "transfer"]
    found = [
        gate.reason for gate in shut(gates(replace(ask, case=replace(case, steps=steps)))) if gate.gate == "transfer"
    ]
    assert found == ["the transfer is not complete; nothing is suspended to get there"]


def test_h22_nothing_is_ever_suspended_or_cancelled_on_the_way(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), ENDS, "done")
    patched = [call.url.path for call in one.wire.seen if call.method == "PATCH" and "partnercenter" in call.url.host]
    assert by_our_keys(one) == [] and not any("/subscriptions/" in path for path in patched)
    assert len(patched) == 1, "the end of the relationship itself"
    assert not [thing for thing in bought(one) if text(thing.raw, "status") == "suspended"]
    thing = bought(one)[0]
    with one.sandbox.world.record.by("partner-center:a-key"):
        one.sandbox.world.change(thing, {"status": "suspended"})
    assert len(by_our_keys(one)) == 1, "the same reading of the record does show one"
    assert case.steps[StepId(ENDS)].state is State.DONE


# ---- H23 and H49: terms are told, renewals are switched off in time, nothing is cancelled ---------------------------


def long_access(facts: Facts) -> Facts:
    """We keep access until a term of the customer's licences has ended and renewed itself."""
    return replace(facts, access_until=date(2027, 3, 15))


def test_h23_terms_and_renewals_stand_in_what_the_new_supplier_is_told(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), DETAILS, "done")
    mails = [
        thing.raw
        for thing in one.sandbox.world.all("graph", "message")
        if "migration-details.json" in str(thing.raw.get("attachments")) and not thing.place.startswith("offboarding")
    ]
    files = [obj(file) for mail in mails for file in arr(mail.get("attachments"))]
    told = json.loads(base64.b64decode(text(files[0], "contentBytes")))
    rows = {row["id"]: row for row in told["commitments"]}
    terms = [thing for thing in bought(one) if text(thing.raw, "commitmentEndDate")]
    assert len(terms) == 4
    for thing in terms:
        row = rows[text(thing.raw, "id")]
        assert row["term_end"] == text(thing.raw, "commitmentEndDate")[:10]
        assert row["renews"] == ("yes" if thing.raw["autoRenewEnabled"] is True else "no")
    assert case.facts.supplier is not None


def test_h23_a_term_that_outlasts_us_is_left_to_the_transfer_and_said_so(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), STOPS, "approved")
    renewing = [thing for thing in bought(one) if thing.raw["autoRenewEnabled"] is True]
    left = {row.item.id: row.why for row in plan(one, case, STOPS).left if row.item.kind is Kind.COMMITMENT}
    assert len(renewing) == 2 and set(left) == {text(thing.raw, "id") for thing in renewing}
    assert all("it moves with the transfer" in why and "its term runs until 2027-" in why for why in left.values())


def test_h23_and_h49_a_renewal_before_we_are_out_is_switched_off_and_nothing_is_cancelled(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(long_access), STOPS, "approved")
    soon = [act for act in plan(one, case, STOPS).actions if act.kind is Kind.COMMITMENT]
    assert [(act.name, act.verb, act.by_person) for act in soon] == [("Microsoft 365 Business Premium", Verb.END, True)]
    one.desk.attest(one.who("carla"), case.id, ProofKind.PERMISSION, [b"their letter"], note="a letter of today")
    story = one.story(case)
    for _ in range(6):
        story.turn() or story.move_clock()
        if standing(one, case, STOPS).state is State.DONE:
            break
    assert standing(one, case, STOPS).state is State.DONE
    there = {act.ref for act in soon} & {row.ref for row in verdicts(one, case, STOPS, Verdict.THERE)}
    assert there, "and the vendor says so: it does not renew, and it is still theirs"
    kept = next(thing for thing in bought(one) if text(thing.raw, "id") == soon[0].target)
    assert kept.raw["autoRenewEnabled"] is False and text(kept.raw, "status") == "active"
    assert by_our_keys(one) == []


def test_h49_the_contract_ends_by_its_date_weeks_before_the_line_of_the_contract(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), STOPS, "done")
    end = end_of(case.facts.contract_end, case.facts.zone)
    assert end - one.house.clock.now() > timedelta(days=30), "at notice, and not when the contract's own line comes"
    assert standing(one, case, "terminate-contract").state is not State.DONE
    gone = [row for row in verdicts(one, case, STOPS, Verdict.GONE) if "contract" in row.ref]
    assert gone, "by the service desk's own answer nothing is under contract on the day after"
    cards = [
        thing for thing in one.sandbox.world.all("topdesk", "contract") if thing.raw["renewsAutomatically"] is False
    ]
    assert any(text(thing.raw, "endDate") == case.facts.contract_end.isoformat() for thing in cards)


# ---- H24: costs first ---------------------------------------------------------------------------------------------


def test_h24_without_the_costs_nobody_is_told_and_so_nothing_can_be_accepted(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), DETAILS, "approved")
    trouble(one, do="status", status=500, vendor="arm", method="POST", path="CostManagement/query")
    run(one, case)
    now = standing(one, case, DETAILS)
    assert now.state is State.LEFT and "what stands on it did not begin" in now.reason
    assert one.sandbox.world.all("partner-center", "transfer") == []
    with pytest.raises(Refused, match="accept-transfer is waiting"):
        planned(one, case, ACCEPTS)
    calm(one)
    planned(one, case, DETAILS)
    approved(one, case, DETAILS)
    run(one, case)
    assert standing(one, case, DETAILS).state is State.DONE
    assert one.desk.case(case.id).proven(ProofKind.COSTS_KEPT) is not None


def test_h24_a_transfer_is_not_accepted_before_what_it_cost_is_kept(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    told = one.until(one.opened(), DETAILS, "done")
    one.control("POST", "/cast/act")
    assert told.proven(ProofKind.COSTS_KEPT) is not None
    other = one.until(one.opened(), "confirm-termination", "done")
    one.desk.not_applicable(one.who("paul"), other.id, StepId(DETAILS), reason="they were told by telephone")
    after_contract(one, other)
    assert planned(one, other, ACCEPTS).state is State.PLANNED, "the supplier's request is there"
    approved(one, other, ACCEPTS, "paul")
    run(one, other)
    gate = at_gate(one, other, ACCEPTS, "costs")
    assert gate is not None and "what the subscriptions cost is not kept yet" in gate.reason
    open_ones = [
        thing for thing in one.sandbox.world.all("partner-center", "transfer") if thing.raw["status"] == "Active"
    ]
    assert len(open_ones) == 1
    one.desk.attest(one.who("erik"), other.id, ProofKind.COSTS_KEPT, [b"the price sheet"], note="downloaded by hand")
    assert at_gate(one, other, ACCEPTS, "costs") is None


# ---- H25: a transfer moves billing and nothing else ---------------------------------------------------------------


def ours(one: Stage, case: Case, purpose: str, kinds: Sequence[Kind]) -> dict[Kind, int]:
    """How many of ours a look found of these kinds."""
    one.desk.look(one.who("erik"), case.id, purpose)
    seen = [row for row in one.desk.seen(case.id, purpose) if row.provenance.whose is Whose.OURS]
    return {kind: sum(row.item.kind is kind for row in seen) for kind in kinds}


def test_h25_after_the_transfer_foreign_group_gdap_and_guests_are_looked_for_and_keep_the_case_open(
    tmp_path: Path,
) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), ACCEPTS, "done")
    assert {text(thing.raw, "status") for thing in one.sandbox.world.all("partner-center", "transfer")} == {"Completed"}
    found = ours(one, case, "by hand", (Kind.ROLE_ASSIGNMENT, Kind.GDAP, Kind.GUEST, Kind.RELATIONSHIP))
    assert all(count > 0 for count in found.values()), found
    foreign = [
        row
        for row in one.desk.seen(case.id, "by hand")
        if row.item.fact("principalType") == "ForeignGroup" and row.provenance.whose is Whose.OURS
    ]
    assert len(foreign) == 2, "our Admin agents group, in both subscriptions"
    with pytest.raises(Refused, match=ENDS):
        one.desk.close(one.who("paul"), case.id)
    for step in ("remove-role-assignments", ENDS, "remove-accounts"):
        assert standing(one, case, step).state in (State.WAITING, State.READY, State.PLANNED, State.APPROVED)
    assert effects(one, "removed") == [] or standing(one, case, ENDS).state is not State.DONE
