"""H1, H25: the end. What a shut door rests on, the last key, and what a transfer leaves behind."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fakes.houses import LEAVER, Stage, stage
from fakes.leavings import Told, calm, certificate, move, plan, removed, standing, trouble
from sendoff.model.case import Case
from sendoff.model.certificate import Result
from sendoff.model.errors import Refused
from sendoff.model.facts import EndedBy, Facts
from sendoff.model.inventory import Kind
from sendoff.model.key import Key
from sendoff.model.proof import ProofKind
from sendoff.model.state import SETTLED, State, StepId
from sendoff.model.template import Tier
from sendoff.model.trial import Met
from sendoff.rules.doors import told

RIGHTS, APP, ENDS = "remove-role-assignments", "remove-app-registration", "end-relationships"


def settled_but(one: Stage, case: Case, last: str = "") -> None:
    """Tell the story until every step but this one is settled."""
    story = one.story(case)
    one.desk.preflight(one.who("erik"), case.id)
    story.decide("preflight")
    for _ in range(80):
        now = one.desk.case(case.id)
        if all(row.state in SETTLED for row in now.steps.values() if row.step != last):
            return
        if not story.turn(before=(StepId(last), "ready") if last else None) and not story.move_clock():
            break
    raise AssertionError("the story got stuck: " + "; ".join(one.said[-5:]))


def test_h1_every_door_that_was_tried_says_what_its_no_rests_on(full: Told) -> None:
    said = certificate(full.stage, full.case)
    tried = {door.key: door for door in said.doors}
    assert len(tried) == 5 and {door.outcome for door in said.doors} == {"shut"}
    assert {row.name for key in ("aobo", "gdap", "partner-center") for row in tried[key].conditions} == {"read whole"}
    names = {row.name.rpartition(": ")[2] for row in tried["lighthouse"].conditions}
    assert names == {
        "read before",
        "removal accepted",
        "fresh sign-in",
        "control read",
        "list of subscriptions",
        "our own activity log",
    }
    assert {row.met for door in tried.values() for row in door.conditions} == {Met.YES}
    assert "AADSTS700016" in tried["app"].said and "AuthorizationFailed" in tried["lighthouse"].said
    assert said.outcome is Result.CLEAN
    assert [line for line in told(said.doors) if "door app, shut: read before yes" in line], "as `verify` prints it"
    page = full.stage.desk.report(full.case.id)["certificate.html"].decode()
    assert "control read: yes" in page and "our own activity log: yes" in page


def test_h1_the_order_of_the_end_is_lighthouse_then_transfer_then_foreign_groups_then_gdap_then_our_app(
    full: Told,
) -> None:
    steps = full.case.steps
    order = ("remove-lighthouse", RIGHTS, ENDS, APP)
    ended = [steps[StepId(step)].settled_seq for step in order]
    assert ended == sorted(ended), list(zip(order, ended, strict=True))
    assert steps[StepId("accept-transfer")].settled_seq < steps[StepId(RIGHTS)].settled_seq
    rows = [row for row in certificate(full.stage, full.case).coverage if row.kind is Kind.DELEGATION]
    assert rows and all(row.key is Key.APP and row.outcome == "read" for row in rows), "not by the key that just went"


def test_h25_the_foreign_group_is_the_customers_to_remove_and_is_looked_for_until_it_is_seen_gone(
    tmp_path: Path,
) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), RIGHTS, "approved")
    acts = [act for act in plan(one, case, RIGHTS).actions if act.kind is Kind.ROLE_ASSIGNMENT]
    assert len(acts) == 2 and all(act.by_person and "the customer removes it" in act.why for act in acts)
    assert standing(one, case, "accept-transfer").state in SETTLED
    one.desk.run(one.who("erik"), case.id, one.said.append, threads=1)
    held = standing(one, case, RIGHTS)
    assert held.state is State.HELD and held.held_until is not None
    assert not {act.target.lower() for act in acts} & removed(one), "no key of ours took it away"
    with pytest.raises(Refused, match="a machine does and verifies this"):
        one.desk.attest(one.who("erik"), case.id, RIGHTS, [b"trust me"], note="they did it")
    one.control("POST", "/hands", do="arm.remove-foreign-groups", customer=LEAVER)
    move(one, held.held_until)
    one.desk.run(one.who("erik"), case.id, one.said.append, threads=1)
    assert standing(one, case, RIGHTS).state is State.DONE


def by_our_app(facts: Facts) -> Facts:
    """Both agreed that our app takes the foreign group away."""
    return replace(facts, provider=replace(facts.provider, foreign_group=EndedBy.APP))


def test_h25_where_the_settings_say_so_our_app_takes_the_foreign_group_away_and_a_look_tells(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(by_our_app), RIGHTS, "approved")
    acts = [act for act in plan(one, case, RIGHTS).actions if act.kind is Kind.ROLE_ASSIGNMENT]
    assert len(acts) == 2 and all(act.key is Key.APP for act in acts)
    assert not {act.target.lower() for act in acts} & removed(one), "nothing before its time"
    one.desk.run(one.who("erik"), case.id, one.said.append, threads=1)
    assert standing(one, case, RIGHTS).state is State.DONE
    assert {act.target.lower() for act in acts} <= removed(one)


def test_h1_the_last_key_is_not_attested_away_while_it_could_open_what_was_not_read(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()
    settled_but(one, case, APP)
    erik, evidence = one.who("erik"), [b"a screenshot of the admin centre"]
    with pytest.raises(Refused, match="first `sendoff case look"):
        one.desk.attest(erik, case.id, APP, evidence, note="it is gone")
    trouble(one, do="forbid", vendor="arm", method="GET", path="roleAssignments$")
    one.desk.look(erik, case.id, "final")
    with pytest.raises(Refused, match=r"cells that it could open were not read \(role-assignment in azure"):
        one.desk.attest(erik, case.id, APP, evidence, note="it is gone")
    assert standing(one, case, APP).state is not State.ATTESTED
    one.desk.attest(one.who("emma"), case.id, ProofKind.BLIND_SPOTS, [b"their letter"], note="they say it is empty")
    one.desk.look(erik, case.id, "final")
    with pytest.raises(Refused, match="were not read"):
        one.desk.attest(erik, case.id, APP, evidence, note="the word is older than the look")
    calm(one)
    one.desk.look(erik, case.id, "final")
    one.desk.attest(erik, case.id, APP, evidence, note="it is gone")
    assert standing(one, case, APP).state is State.ATTESTED


def test_h1_a_token_from_before_that_still_reads_keeps_the_case_open_until_its_time_is_over(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    one.control("POST", "/habits", lingering=60)
    case = one.opened()
    settled_but(one, case)
    with pytest.raises(Refused, match=r"our key app is refused to a fresh sign-in, and a token from before still"):
        one.desk.close(one.who("paul"), case.id)
    assert one.desk.case(case.id).certificate is None
    move(one, one.house.clock.now() + timedelta(minutes=90))
    said = certificate(one, one.desk.close(one.who("paul"), case.id))
    assert {door.outcome for door in said.doors} == {"shut"}


def test_h1_a_secret_that_was_revoked_is_unknown_on_the_certificate_and_never_shut(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()
    settled_but(one, case)
    trouble(one, do="status", vendor="login", status=401, code="AADSTS7000222")
    said = certificate(one, one.desk.close(one.who("paul"), case.id))
    doors = {door.key: door for door in said.doors}
    assert {doors[key].outcome for key in ("lighthouse", "app")} == {"unknown"} and said.outcome is Result.LIMITED
    assert all("AADSTS7000222" in doors[key].said for key in ("lighthouse", "app"))
    assert "our key app is unknown" in " ".join(said.exceptions)
