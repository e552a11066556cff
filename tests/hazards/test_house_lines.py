"""F1, F2, F23 and H37 in our own monitoring and vault: what these say, what is kept of them, and their lines."""

import json
from pathlib import Path

import pytest

from fakes.houses import TEMPLATE, Stage, stage
from fakes.leavings import (
    Told,
    after_contract,
    approved,
    calm,
    certificate,
    effects,
    plan,
    planned,
    removed,
    run,
    standing,
    trouble,
    verdicts,
)
from sendoff.engine.desk import read_checklist
from sendoff.engine.judging import stored_deeds
from sendoff.model.case import Case
from sendoff.model.digest import Digest
from sendoff.model.errors import Broken, Refused
from sendoff.model.inventory import Kind, Verb
from sendoff.model.state import SETTLED, State, StepId
from sendoff.model.template import Tier
from sendoff.model.verdict import Verdict
from sendoff.rules.chaining import faults
from sendoff.sandbox.wire import text
from sendoff.steps import by_id

PRTG, PROBE, EXPORT, GIVE, ERASE = (
    "remove-from-prtg",
    "remove-prtg-probe",
    "export-secrets",
    "hand-over-secrets",
    "erase-secrets",
)


def again(one: Stage, case: Case, step: str) -> State:
    planned(one, case, step)
    approved(one, case, step)
    run(one, case)
    return standing(one, case, step).state


# ---- F1, F2: an answer is no deed -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("step", "vendor", "kind"), [(PRTG, "prtg", "prtg."), (ERASE, "passwordstate", "vault.")])
def test_f1_a_system_of_our_own_that_says_yes_and_does_nothing_leaves_the_step_open(
    tmp_path: Path, step: str, vendor: str, kind: str
) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.until(one.opened(), step, "approved")
    after_contract(one, case)
    method = "DELETE" if vendor == "passwordstate" else ""
    trouble(one, do="lie", vendor=vendor, method=method)
    run(one, case)
    for _ in range(3):
        if standing(one, case, step).state is State.RUNNING:
            run(one, case)
    now = standing(one, case, step)
    assert now.state is State.LEFT and now.settled_at is None, now.reason
    assert [row for row in effects(one, "removed") if text(row, "kind").startswith(kind)] == []
    with pytest.raises(Refused, match=step):
        one.desk.close(one.who("paul"), case.id)
    calm(one)
    assert again(one, case, step) in (State.DONE, State.HELD), "lists of the vault are then a person's"
    assert [row for row in effects(one, "removed") if text(row, "kind").startswith(kind)]


def test_f2_one_group_that_the_core_does_not_delete_is_named_and_the_next_plan_touches_only_what_is_left(
    tmp_path: Path,
) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.until(one.opened(), PRTG, "approved")
    acts = [act for act in plan(one, case, PRTG).actions if act.verb is Verb.REMOVE]
    after_contract(one, case)
    trouble(one, do="status", status=500, vendor="prtg", path="deleteobject", nth=1, times=1)
    run(one, case)
    left = {row.ref for row in verdicts(one, case, PRTG, Verdict.LEFT)}
    gone = {row.ref for row in verdicts(one, case, PRTG, Verdict.GONE)}
    assert standing(one, case, PRTG).state is State.LEFT and len(left) == 1 and len(acts) > 2
    assert gone == {act.ref for act in acts} - left
    calm(one)
    planned(one, case, PRTG)
    assert {act.ref for act in plan(one, case, PRTG).actions if act.verb is Verb.REMOVE} == left
    approved(one, case, PRTG)
    run(one, case)
    assert standing(one, case, PRTG).state is State.DONE


# ---- F23: what was kept stays --------------------------------------------------------------------------------------


def files_of(one: Stage, case: Case, step: str) -> list[Digest]:
    """Every file that the receipts of a step name, and those that their manifests name."""
    found = []
    for deed in stored_deeds(one.desk.ports, one.desk.case(case.id), by_id(StepId(step))):
        for name, value in deed.receipt.said:
            if name == "manifest":
                told = json.loads(one.desk.ports.store.get(case.id, Digest(value)))
                found += [Digest(value), *(Digest(str(inside)) for inside in told["files"].values())]
    return found


def test_f23_what_was_exported_from_prtg_and_the_vault_is_there_byte_for_byte_at_the_end(full: Told) -> None:
    one, case = full.stage, full.stage.desk.case(full.case.id)
    files = [*files_of(one, case, PRTG), *files_of(one, case, PROBE)]
    assert len(files) > 20 and case.parcel is not None
    store = one.desk.ports.store
    assert all(store.has(case.id, name) for name in files)
    removals = [act for made in one.desk.plans(case.id) for act in made.actions if act.verb is Verb.REMOVE]
    kinds = {Kind.PRTG_GROUP, Kind.PRTG_PROBE, Kind.SECRET}
    images = [act.before for act in removals if act.kind in kinds]
    assert len(images) > 5 and all(image is not None and store.has(case.id, image) for image in images)
    said = certificate(one, full.case)
    assert str(case.parcel.digest) in str(said.handed_over)
    assert not store.has(case.id, Digest("sha256:" + "0" * 64)), "the same question does say no"


def test_f23_when_a_closed_case_is_erased_its_chain_still_holds_and_its_content_is_gone(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    ended = one.story(one.opened()).tell()
    events = [entry.event for entry in one.house.journal.entries(ended.id)]
    assert [row for row in events if str(row.kind) == "acted"], "what was done is among them"

    one.house.journal.erase(ended.id, actor=one.who("paul").id, at=one.house.clock.now())

    left = one.house.journal.entries(ended.id)
    assert [entry.event for entry in left] == events, "who did what when, by digest, stays"
    assert faults(left) == () and not [entry for entry in left if entry.body]
    with pytest.raises(Broken, match="erased"):
        one.desk.case(ended.id)
    assert certificate(one, ended).head in {event.digest for event in events}, "the certificate still names its journal"


# ---- H37: lines of our own systems do not vanish --------------------------------------------------------------------


def opened_without(one: Stage, *words: bytes) -> Case:
    """A case from our checklist without the lines that hold these words."""
    rows = TEMPLATE.read_bytes().split(b"\n")
    kept = [row for row in rows if not (row.startswith(b"- [") and any(word in row for word in words))]
    assert len(kept) < len(rows)
    template = read_checklist(b"\n".join(kept), "offboarding.md")
    return one.desk.open_case(one.who("carla"), template, one.facts(), by_hand={}, notice=one.notice())


@pytest.mark.parametrize("step", [PRTG, PROBE, EXPORT, GIVE])
def test_h37_no_line_of_monitoring_or_vault_is_talked_away_by_one_person(tmp_path: Path, step: str) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.opened()
    with pytest.raises(Refused, match="waive it, with a second person"):
        one.desk.not_applicable(one.who("paul"), case.id, StepId(step), reason="let us skip it")


def test_h37_monitoring_whose_lines_were_deleted_is_found_and_stands_there_again(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = opened_without(one, b"PRTG")
    for step in (PRTG, PROBE):
        line = standing(one, case, step)
        assert (line.state, line.removed, line.reason) == (
            State.NOT_APPLICABLE,
            True,
            "removed in the file; its gates stay",
        )
    one.desk.preflight(one.who("erik"), case.id)
    for step in (PRTG, PROBE):
        back = standing(one, case, step)
        assert back.added and back.state not in SETTLED and "not on your checklist" in back.reason


def test_h37_without_the_lines_of_the_vault_no_secret_is_disclosed_or_erased_and_the_certificate_has_them(
    tmp_path: Path,
) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    ended = one.story(opened_without(one, b"secrets")).tell()
    lines = {row.step: row for row in certificate(one, ended).lines}
    assert {lines[step].how for step in (EXPORT, GIVE)} == {"removed in the file; its gates stay"}
    assert not [row for row in effects(one) if text(row, "kind") == "vault.password"] and removed(one)


# ---- the same case over PRTG's API v2 ------------------------------------------------------------------------------


def test_h17_over_api_v2_everything_is_paused_before_it_is_removed_as_well(tmp_path: Path) -> None:
    first = stage(tmp_path / "plain", tier=Tier.PREMIUM)
    told = first.house.settings
    assert told.prtg is not None
    by_v2 = told.prtg.model_copy(update={"url_v2": "https://prtg.intercept.example:1616"})
    known = told.model_copy(update={"prtg": by_v2})
    one = stage(tmp_path / "plain", tier=Tier.PREMIUM, known=known, sandbox=first.sandbox)
    case = one.until(one.opened(), PROBE, "held")
    rows = [row for row in effects(one) if text(row, "kind") in ("prtg.group", "prtg.device", "prtg.probe")]
    order = [f"{row['verb']} {row['id']}" for row in rows]
    gone = [row for row in order if row.startswith("removed 2")]
    assert standing(one, case, PRTG).state is State.DONE and {"removed 2001", "removed 2100", "removed 2000"} <= {*gone}
    for row in ("2001", "2100", "2000"):
        assert order.index(f"changed {row}") < order.index(f"removed {row}")
    assert one.wire.calls("GET", "pause.htm") == 1, "only the sensor on somebody's device"
    assert one.wire.calls("DELETE", "/api/v2/experimental/") >= 3
