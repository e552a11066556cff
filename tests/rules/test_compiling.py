"""From a checklist to a runbook: what is refused, what is mended, and what is said about both."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

import sendoff
from sendoff.engine.checklist import make_runbook, read_checklist
from sendoff.model.errors import Refused
from sendoff.model.people import PersonId, Role
from sendoff.model.runbook import Runbook
from sendoff.model.state import StepId
from sendoff.model.template import BoxKind, Level, Tier
from sendoff.rules.compiling import HAZARDS, Row, order
from sendoff.steps import ALL, CHECKLIST, by_id

OWN = (Path(sendoff.__file__).parent / "templates" / "offboarding.md").read_text(encoding="utf-8")
ANNA = PersonId("p-anna")
ORDERED = tuple(row for row in HAZARDS if not row.moves)
MENDED = tuple(row for row in HAZARDS if row.moves)


def compiled(text: str, by_hand: dict[int, PersonId] | None = None) -> Runbook:
    return make_runbook(read_checklist(text.encode(), "own.md"), by_hand or {})


def at(text: str, step: str, tier: Tier) -> int:
    """The line number of a step in the section of a tier."""
    boxes = read_checklist(text.encode(), "own.md").boxes
    return next(box.line for box in boxes if box.step == step and box.tier is tier)


def moved(text: str, line: int, before: int) -> str:
    """The text with one line moved before another."""
    rows = text.split("\n")
    row = rows.pop(line - 1)
    rows.insert(before - 1, row)
    return "\n".join(rows)


def without(text: str, *lines: int) -> str:
    return "\n".join(row for number, row in enumerate(text.split("\n"), start=1) if number not in lines)


def turned(row: Row, tier: Tier = Tier.FULL_STACK) -> tuple[str, int, int]:
    """Our checklist with the two lines of a hazard the wrong way round, and where they then stand."""
    first, then = at(OWN, row.first, tier), at(OWN, row.then, tier)
    return moved(OWN, then, first), first, first + 1


def test_our_own_checklist_compiles_with_nothing_said() -> None:
    template = read_checklist(OWN.encode(), "own.md")
    runbook = compiled(OWN)

    assert template.diagnostics == ()
    assert runbook.repairs == ()
    assert (runbook.name, runbook.version, runbook.title) == (
        "Offboarding a customer",
        "v1.0",
        "[Offboarding] %customer%",
    )
    assert runbook.template == template.digest


def test_our_own_checklist_has_the_steps_of_every_tier_in_the_order_they_run() -> None:
    lines = compiled(OWN).lines

    for tier, steps in CHECKLIST.items():
        assert tuple(line.step for line in lines if line.tier is tier) == steps
    assert [len(CHECKLIST[tier]) for tier in (None, *Tier)] == [2, 16, 15, 8]
    boxes = read_checklist(OWN.encode(), "own.md").boxes
    assert [box.fact for box in boxes if box.kind is BoxKind.FIELD] == ["contract-end", "ending-tier", "new-supplier"]


@pytest.mark.parametrize("tier", list(Tier))
def test_our_own_checklist_stands_in_the_solved_order(tier: Tier) -> None:
    steps = (*CHECKLIST[None], *CHECKLIST[tier])

    assert order(steps, steps=ALL) == steps


def test_a_line_keeps_its_own_role_and_a_silent_one_gets_its_steps_role() -> None:
    text = OWN.replace("Engineer >> Export all resources", "CSM >> Export all resources")
    roles = {(line.step, line.tier): line.role for line in compiled(text).lines}

    assert roles[StepId("notice"), None] is Role.CSM
    assert roles[StepId("export-resources"), Tier.FULL_STACK] is Role.CSM


def test_the_table_refuses_these_orders_and_no_others() -> None:
    assert {(row.hazard, row.first, row.then) for row in ORDERED} == {
        ("H8", "export-resources", "remove-policies"),
        ("H8", "export-resources", "remove-resources"),
        ("H1", "export-resources", "remove-lighthouse"),
        ("H1", "migration-details", "remove-lighthouse"),
        ("H1", "remove-policies", "remove-lighthouse"),
        ("H1", "remove-resources", "remove-lighthouse"),
        ("H2", "create-administrator", "remove-accounts"),
        ("H7", "export-secrets", "hand-over-secrets"),
        ("H17", "remove-from-prtg", "remove-prtg-probe"),
    }


@pytest.mark.parametrize("row", ORDERED, ids=lambda row: f"{row.hazard}-{row.first}-{row.then}")
def test_a_hazard_in_the_order_is_refused_by_name_and_lines(row: Row) -> None:
    text, wrong, right = turned(row)

    with pytest.raises(Refused) as refused:
        compiled(text)

    [told] = [line for line in str(refused.value).split("\n") if f"{row.hazard}: " in line and f"line {right} " in line]
    assert told.startswith(f"  line {wrong}: {row.hazard}: ")
    assert row.why in told
    compiled(OWN)  # the same file the right way round is not refused


@pytest.mark.parametrize("row", MENDED, ids=lambda row: f"{row.hazard}-{row.first}-{row.then}")
def test_an_order_that_can_be_mended_is_listed_with_its_reason(row: Row) -> None:
    text, wrong, right = turned(row)

    repairs = compiled(text).repairs

    assert any(said.line == wrong and f"line {right} " in said.message and row.why in said.message for said in repairs)
    assert all(said.level is Level.REPAIR for said in repairs)


def test_a_hazard_in_one_tier_does_not_lean_on_lines_of_another() -> None:
    premium = without(OWN, at(OWN, "create-administrator", Tier.PREMIUM))

    compiled(premium)  # Full Stack's administrator stands before it, Premium's is removed: no line is wrong


def test_a_wait_without_a_hazard_is_mended_too() -> None:
    policies, resources = (at(OWN, step, Tier.CSP) for step in ("remove-policies", "remove-resources"))

    [said] = compiled(moved(OWN, resources, policies)).repairs

    assert (said.line, "remove-resources waits for remove-policies" in said.message) == (policies, True)


def test_unknown_lines_are_all_named_with_their_numbers() -> None:
    text = OWN + "- [ ] Engineer >> Water the plants\n- [ ] Owner:\n"
    last = text.count("\n")

    with pytest.raises(Refused, match="Water the plants") as refused:
        compiled(text)

    assert re.findall(r"^  line (\d+):", str(refused.value), re.MULTILINE) == [str(last - 1), str(last)]


def test_an_unknown_line_is_run_when_a_person_accepts_it_as_done_by_hand() -> None:
    text = OWN + "- [ ] Engineer >> Water the plants\n"
    last = text.count("\n")

    runbook = compiled(text, {last: ANNA})

    line = runbook.lines[-1]
    assert (line.step, line.line, line.by_hand, line.role, line.tier) == (
        f"by-hand-{last}",
        last,
        True,
        Role.ENGINEER,
        Tier.CSP,
    )
    assert [(said.line, str(ANNA) in said.message) for said in runbook.repairs] == [(last, True)]


def test_only_a_line_that_no_step_knows_can_be_accepted_by_hand() -> None:
    line = at(OWN, "remove-lighthouse", Tier.CSP)

    with pytest.raises(Refused, match=f"line {line}: accepted as done by hand"):
        compiled(OWN, {line: ANNA})


def test_what_cannot_be_read_is_not_accepted_by_hand() -> None:
    with pytest.raises(Refused, match="line 1: the file is empty"):
        compiled("", {1: ANNA})


def test_a_line_that_was_deleted_comes_back_as_removed_at_its_place() -> None:
    gone = ("meet", "remove-policies", "terminate-contract")
    text = without(OWN, *(at(OWN, step, Tier.FULL_STACK) for step in gone))

    runbook = compiled(text)

    lines = [line for line in runbook.lines if line.tier is Tier.FULL_STACK]
    assert tuple(line.step for line in lines) == CHECKLIST[Tier.FULL_STACK]
    assert {line.step for line in lines if line.removed} == set(gone)
    assert {(line.line, line.section) for line in lines if line.removed} == {(0, "Full Stack offboarding")}
    assert all(step in runbook.repairs[0].message for step in gone)
    assert not any(line.removed for line in runbook.lines if line.tier is not Tier.FULL_STACK)


def test_a_section_that_was_deleted_is_kept_as_removed_lines() -> None:
    text = OWN[: OWN.index("### Premium")]

    lines = compiled(text).lines

    for tier in (Tier.PREMIUM, Tier.CSP):
        section = [line for line in lines if line.tier is tier]
        assert tuple(line.step for line in section) == CHECKLIST[tier]
        assert all(line.removed for line in section)


def test_a_step_that_stands_twice_in_one_tier_is_refused_with_both_lines() -> None:
    line = at(OWN, "remove-lighthouse", Tier.CSP)
    rows = OWN.split("\n")
    rows.insert(line, rows[line - 1])

    with pytest.raises(Refused, match=rf"line {line + 1}: .* as line {line}: delete one"):
        compiled("\n".join(rows))


def test_a_file_without_tiers_is_judged_as_one_list() -> None:
    with pytest.raises(Refused, match="line 1: H1: "):
        compiled("- [ ] Engineer >> Remove Azure Lighthouse\n- [ ] Engineer >> Remove all Intercept Policies\n")


def test_steps_without_a_wait_keep_the_order_of_the_text() -> None:
    ids = [StepId("remove-articles"), StepId("by-hand-7"), StepId("disable-reassure"), StepId("meet")]

    assert order(ids, steps=ALL) == tuple(ids)


def test_steps_that_wait_in_a_circle_are_refused_by_name() -> None:
    meet, probe = by_id(StepId("meet")), by_id(StepId("remove-prtg-probe"))
    steps = (replace(meet, after=frozenset({probe.id})), replace(probe, after=frozenset({meet.id})))

    with pytest.raises(Refused, match="meet -> remove-prtg-probe -> meet"):
        order([meet.id, probe.id], steps=steps)
