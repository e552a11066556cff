"""The checklist that all of this was made for, typos and all."""

import os
from collections import Counter
from pathlib import Path

import pytest

from sendoff.engine.checklist import make_runbook, read_checklist
from sendoff.model.people import Role
from sendoff.model.template import BoxKind, Level, Template, Tier
from sendoff.rules.compiling import order
from sendoff.rules.reading import rendered
from sendoff.steps import ALL, CHECKLIST


@pytest.fixture
def seed() -> Template:
    """The users' file is not ours to commit: it lies in the folder SENDOFF_SHARED, and must do so in CI."""
    file = Path(os.environ.get("SENDOFF_SHARED", "")) / "seed" / "offboarding-template.md"
    if not file.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail("SENDOFF_SHARED must name the folder with seed/offboarding-template.md")
        pytest.skip("SENDOFF_SHARED is not set")
    return read_checklist(file.read_bytes(), str(file))


def test_the_seed_has_44_boxes_at_their_places(seed: Template) -> None:
    count = Counter((box.tier, box.kind) for box in seed.boxes)

    assert count == {
        (None, BoxKind.GATE): 1,
        (None, BoxKind.STEP): 1,
        (None, BoxKind.FIELD): 3,
        (Tier.FULL_STACK, BoxKind.STEP): 16,
        (Tier.PREMIUM, BoxKind.STEP): 15,
        (Tier.CSP, BoxKind.STEP): 8,
    }
    lines = (17, 18, 21, 22, 23, *range(27, 43), *range(45, 60), *range(62, 70))
    assert tuple(box.line for box in seed.boxes) == lines


def test_the_seed_front_matter_is_understood(seed: Template) -> None:
    assert seed.front.name == "Intercept | Offboarding customer"
    assert seed.front.version == "v2023.01"
    assert seed.front.title == "[Offboarding] %customer%"
    assert seed.front.labels == ("ISSUE",)
    assert seed.front.assignees == ()


def test_every_line_of_the_seed_has_exactly_one_of_18_steps(seed: Template) -> None:
    assert {box.step for box in seed.boxes} == {step.id for step in ALL}
    assert len(ALL) == 18
    for tier, steps in CHECKLIST.items():
        boxes = [box.step for box in seed.boxes if box.tier is tier and box.kind is not BoxKind.FIELD]
        assert sorted(boxes, key=str) == sorted(steps)


def test_every_role_of_the_seed_is_right(seed: Template) -> None:
    roles = {step.id: step.role for step in ALL}
    silent = [box for box in seed.boxes if box.role is None]

    assert [box.line for box in silent] == [17, 21, 22, 23]
    assert all(box.role is roles[box.step] for box in seed.boxes if box.role and box.step)
    assert Counter(box.role for box in seed.boxes)[Role.PRACTICE_LEAD] == 3


def test_the_three_fields_of_the_seed_ask_for_three_facts(seed: Template) -> None:
    facts = {box.line: (box.fact, box.step) for box in seed.boxes if box.kind is BoxKind.FIELD}

    assert facts == {21: ("contract-end", "notice"), 22: ("ending-tier", "notice"), 23: ("new-supplier", "notice")}


def test_the_seed_comes_back_byte_for_byte(seed: Template) -> None:
    assert rendered(seed) == Path(seed.source).read_bytes()


def test_the_seed_passes_with_its_listed_repairs(seed: Template) -> None:
    runbook = make_runbook(seed, {})

    assert seed.errors == ()
    assert [(said.line, said.level) for said in seed.diagnostics] == [(34, Level.REPAIR), (51, Level.REPAIR)]
    assert runbook.repairs == seed.diagnostics
    assert all("H3" in repair.message and "Remove all named" in repair.message for repair in runbook.repairs)
    assert len(runbook.lines) == 41
    assert not any(line.removed or line.by_hand for line in runbook.lines)


@pytest.mark.parametrize("tier", list(Tier))
def test_the_solved_order_of_the_seed_is_that_of_our_own_checklist(seed: Template, tier: Tier) -> None:
    lines = [line.step for line in make_runbook(seed, {}).lines if line.tier in (None, tier)]

    assert order(lines, steps=ALL) == (*CHECKLIST[None], *CHECKLIST[tier])
