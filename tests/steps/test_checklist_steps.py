"""The list of steps as a whole: that it is complete, unambiguous and can be put in order."""

from collections import Counter
from pathlib import Path

import pytest

from sendoff import steps
from sendoff.model.proof import ProofKind
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.model.template import Tier
from sendoff.rules import wording
from sendoff.rules.compiling import HAZARDS, Row, order
from sendoff.steps import ALL, CHECKLIST, EVERY, READ, by_id

IDS = {step.id for step in ALL}
USERS_OF_LIGHTHOUSE = ("export-resources", "migration-details", "remove-policies", "remove-resources")


def test_every_step_has_a_file_of_its_name_and_the_checklist_has_18() -> None:
    files = {file.stem for file in Path(steps.__file__).parent.glob("*.py")}

    assert {step.id.replace("-", "_") for step in EVERY} == files - {"__init__"}
    assert all(step.on_checklist is (step in READ) for step in EVERY)
    assert len(ALL) == len(IDS) == 18


@pytest.mark.parametrize("step", ALL, ids=lambda step: step.id)
def test_the_first_line_of_a_steps_file_is_its_line_with_the_role(step: Step) -> None:
    file = Path(steps.__file__).parent / f"{step.id.replace('-', '_')}.py"
    first = file.read_text(encoding="utf-8").split("\n", 1)[0]

    assert first.removesuffix('"""') in (f'"""{step.role} >> {step.line}.', f'"""{step.line}.')


def test_no_wording_belongs_to_two_steps() -> None:
    owners = Counter(
        said for step in EVERY for said in {wording.squeezed(wording_) for wording_ in (step.line, *step.aliases)}
    )

    assert [said for said, count in owners.items() if count > 1] == []


@pytest.mark.parametrize("step", EVERY, ids=lambda step: step.id)
def test_a_typing_error_in_one_wording_never_leads_to_another_step(step: Step) -> None:
    others = [said for other in EVERY if other is not step for said in (other.line, *other.aliases)]

    for said in (step.line, *step.aliases):
        assert not any(wording.nearly(wording.words(said), wording.words(other)) for other in others)


def test_all_waits_and_hazards_name_steps_that_exist() -> None:
    files = {file.stem.replace("_", "-") for file in Path(steps.__file__).parent.glob("*.py")}

    assert {step for one in EVERY for step in one.after} <= files
    assert {step for row in HAZARDS for step in (row.first, row.then)} <= IDS
    assert {step for tier in CHECKLIST.values() for step in tier} == IDS


def test_the_steps_wait_for_each_other_without_a_circle() -> None:
    assert len(order([step.id for step in EVERY], steps=EVERY)) == len(EVERY)


@pytest.mark.parametrize("row", HAZARDS, ids=lambda row: f"{row.hazard}-{row.first}-{row.then}")
def test_every_hazard_is_also_a_wait(row: Row) -> None:
    assert StepId(row.first) in by_id(StepId(row.then)).after


def test_nothing_but_the_notice_begins_before_stage_0() -> None:
    for step in ALL:
        if step.id == "notice":
            assert step.after == frozenset()
        elif step.id == "confirm-termination":
            assert step.after == {"notice"}
        else:
            assert step.after >= {"notice", "confirm-termination"}


@pytest.mark.parametrize("gone", [None, *sorted(IDS)], ids=str)
@pytest.mark.parametrize("tier", list(Tier))
def test_lighthouse_goes_after_every_user_of_its_key_whatever_line_is_removed(tier: Tier, gone: StepId | None) -> None:
    turned = [step for step in reversed((*CHECKLIST[None], *CHECKLIST[tier])) if step != gone]
    solved = order(turned, steps=EVERY)

    if "remove-lighthouse" in solved:
        before = solved[: solved.index(StepId("remove-lighthouse"))]
        assert all(user in before for user in USERS_OF_LIGHTHOUSE if user in turned)


def test_each_proof_that_a_line_gives_is_given_by_one_line() -> None:
    given = {step.gives: step.id for step in ALL if step.gives}

    assert given == {
        ProofKind.NOTICE: "notice",
        ProofKind.CONFIRMED: "confirm-termination",
        ProofKind.MET: "meet",
        ProofKind.COSTS_KEPT: "migration-details",
        ProofKind.EXPORTED: "export-resources",
        ProofKind.SECRETS_SEALED: "export-secrets",
        ProofKind.HANDED_OVER: "hand-over-secrets",
        ProofKind.TRANSFERRED: "accept-transfer",
    }


def test_no_kind_is_ended_by_two_lines_of_the_checklist() -> None:
    ended = Counter(kind for step in ALL for kind in step.covers)

    assert [kind for kind, count in ended.items() if count > 1] == []
