"""H10, H13, H14, H30, H48, F14: what is taken out of the customer's settings, in which order, and what is said."""

from pathlib import Path

from fakes.houses import LEAVER, Stage, stage
from fakes.leavings import Told, certificate, plan, standing
from sendoff.model.case import Case
from sendoff.model.inventory import Kind, Whose
from sendoff.model.key import Key
from sendoff.model.state import State
from sendoff.model.template import Tier

TRACES, GROUPS, SETTINGS = "take-out-traces", "remove-directory-access", "put-back-settings"


def at_the_traces(tmp_path: Path) -> tuple[Stage, Case]:
    """A case that waits for the customer to take our traces out."""
    one = stage(tmp_path, tier=Tier.CSP)
    one.control("POST", "/hands", do="graph.plant-traces", customer=LEAVER)
    return one, one.until(one.opened(), TRACES, "held")


def test_h30_h48_the_customer_takes_our_traces_out_and_we_look_until_we_see_it(tmp_path: Path) -> None:
    one, case = at_the_traces(tmp_path)
    acts = plan(one, case, TRACES).actions
    assert {act.kind for act in acts} == {
        Kind.SIGN_IN_METHOD,
        Kind.APP_REGISTRATION,
        Kind.TRUST,
        Kind.ACCESS_POLICY,
        Kind.NAMED_LOCATION,
        Kind.NOTICE_CONTACT,
    }
    assert all(act.key is Key.PERSON and "admin centre" in act.why for act in acts)
    assert one.wire.calls("PATCH", "/identity/") == one.wire.calls("DELETE", "/authentication/methods") == 0
    one.control("POST", "/hands", do="graph.take-out-traces", customer=LEAVER)
    story = one.story(case)
    for _ in range(3):
        story.turn() or story.move_clock()
    assert standing(one, case, TRACES).state is State.DONE


def test_h14_an_app_of_ours_is_switched_off_first_and_what_still_uses_it_is_told(tmp_path: Path) -> None:
    one, case = at_the_traces(tmp_path)
    (act,) = (act for act in plan(one, case, TRACES).actions if act.kind is Kind.APP_REGISTRATION)
    assert "switch sign-in off, wait 14 days" in act.why and act.name == "Maandrapport"
    seen = {row.item.ref: row.item for row in one.desk.seen(case.id, "preflight")}
    assert seen[act.ref].fact("credentials") == "1"


def test_h10_our_tags_come_off_after_all_that_they_told_whose_it_is(full: Told) -> None:
    acts = plan(full.stage, full.case, SETTINGS).actions
    tags = [act.rank for act in acts if act.kind is Kind.TAG]
    assert tags and min(tags) > max(act.rank for act in acts if act.kind is not Kind.TAG)
    done = {str(name): one.settled_seq for name, one in full.case.steps.items()}
    assert done["remove-resources"] < done["put-back-settings"]


def test_h13_what_is_deleted_and_can_be_restored_stands_on_the_certificate_with_its_day(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    one.control("POST", "/hands", do="arm.plant-leftovers", customer=LEAVER, only="bin")
    case = one.opened()
    one.desk.preflight(one.who("erik"), case.id)
    seen = {row.item.name: row for row in one.desk.seen(case.id, "preflight")}
    assert seen["kv-intercept-oud"].provenance.whose is Whose.OURS
    said = certificate(one, one.story(case).tell())
    assert "kv-intercept-oud (key vault): deleted, restorable until 2027-02-21" in said.removed
    assert seen["law-intercept-oud"].item.fact("was") == "workspace"
    assert not any("law-intercept-oud" in row for row in said.removed), "its 14 days were over by then"
    assert not any("kv-vdm-oud" in row for row in said.removed)


def test_h48_inside_machines_is_printed_as_not_looked(full: Told) -> None:
    said = "inside machines: not looked; local accounts, agents and scheduled tasks of Intercept may be there"
    assert said in certificate(full.stage, full.case).not_looked
    pages = full.stage.desk.report(full.case.id)
    assert said in pages["certificate.html"].decode()


def test_f14_reservations_and_their_end_are_told_on_day_0(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()
    told = [row.said for row in one.desk.preflight(one.who("erik"), case.id).findings if " runs until " in row.said]
    seen = [row.item for row in one.desk.seen(case.id, "preflight") if row.item.kind is Kind.COMMITMENT]
    terms = {item.name: item.fact("term-end") for item in seen if item.fact("status") == "active"}
    terms = {name: end for name, end in terms.items() if end}
    assert any("Reserved VM Instance" in name for name in terms) and len(told) == len(terms)
    assert all(any(row.startswith(f"{name} runs until {end}") for row in told) for name, end in terms.items())
    others = [item.name for item in seen if item.name not in terms]
    assert "Power BI Pro" in others and not any(row.startswith(name) for row in told for name in others)
