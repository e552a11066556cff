"""Which lines are a case's: three tiers, who stays, no supplier, removed lines; none is ever lost."""

from dataclasses import replace

import pytest

from fakes.houses import TEMPLATE
from fakes.told import told
from sendoff.engine.checklist import make_runbook, read_checklist
from sendoff.model.facts import Destination, Facts, LeavesCsp
from sendoff.model.inventory import Kind
from sendoff.model.runbook import OpenedStep, Runbook
from sendoff.model.state import StepId
from sendoff.model.template import Tier
from sendoff.rules.choosing import chosen, kept
from sendoff.steps import CHECKLIST, EVERY

RUNBOOK = make_runbook(read_checklist(TEMPLATE.read_bytes(), "offboarding.md"), {})
SUPPLIERS = {"accept-transfer", "migration-details", "create-administrator"}


def facts(tier: Tier = Tier.FULL_STACK, leaves: LeavesCsp = LeavesCsp.YES, remaining: Tier | None = None) -> Facts:
    return replace(told().case.facts, ending=tier, leaves_csp=leaves, remaining=remaining)


def mine(its: Facts, runbook: Runbook = RUNBOOK) -> dict[str, OpenedStep]:
    return {row.step: row for row in chosen(runbook, its, EVERY)[0]}


def off(its: Facts, runbook: Runbook = RUNBOOK) -> set[str]:
    return {step for step, row in mine(its, runbook).items() if not row.applicable}


@pytest.mark.parametrize("tier", Tier)
def test_a_case_has_stage_zero_and_the_lines_of_the_tier_that_ends(tier: Tier) -> None:
    found = mine(facts(tier))

    assert set(found) == {*CHECKLIST[None], *CHECKLIST[tier]}
    assert off(facts(tier)) == set()


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("leaves", LeavesCsp)
@pytest.mark.parametrize("remaining", [None, Tier.CSP])
def test_every_line_of_the_text_is_on_record_with_a_reason(
    tier: Tier, leaves: LeavesCsp, remaining: Tier | None
) -> None:
    rows, others = chosen(RUNBOOK, facts(tier, leaves, remaining), EVERY)

    assert len(rows) + len(others) == len(RUNBOOK.lines)
    assert all(row.reason for row in (*rows, *others))
    assert not any(row.applicable for row in others)


@pytest.mark.parametrize(
    ("its", "not_applicable"),
    [
        (
            facts(leaves=LeavesCsp.NO, remaining=Tier.CSP),
            {"accept-transfer", "migration-details", "remove-lighthouse", "disable-reassure"},
        ),
        (facts(leaves=LeavesCsp.NO), {"accept-transfer", "migration-details"}),
        (facts(leaves=LeavesCsp.NEVER_WAS), {"accept-transfer", "migration-details"}),
        (replace(facts(), supplier=None, no_supplier_because="in-house"), SUPPLIERS),
        (
            replace(facts(Tier.CSP), supplier=None, no_supplier_because="wound down"),
            SUPPLIERS - {"create-administrator"},
        ),
        (facts(Tier.PREMIUM, remaining=Tier.CSP), {"remove-lighthouse", "disable-reassure"}),
    ],
    ids=["keeps the CSP service", "stays in the CSP", "never in the CSP", "no supplier", "no supplier, CSP", "to CSP"],
)
def test_lines_do_not_apply_for_what_stays_or_for_nobody_to_hand_to(its: Facts, not_applicable: set[str]) -> None:
    assert off(its) == not_applicable


def test_a_subscription_that_stays_keeps_what_is_tenant_wide() -> None:
    scope = facts().scope
    its = replace(facts(), scope=(replace(scope[0], destination=Destination.STAYS), *scope[1:]))

    assert "remove-accounts" in off(its)
    assert {Kind.USER, Kind.GUEST} <= kept(its)


@pytest.mark.parametrize("tier", Tier)
def test_a_removed_line_stays_on_record_as_not_applicable(tier: Tier) -> None:
    step = StepId("remove-policies")
    lines = tuple(replace(line, removed=line.step == step) for line in RUNBOOK.lines)

    row = mine(facts(tier), replace(RUNBOOK, lines=lines))[step]

    assert (row.applicable, row.removed) == (False, True)
    assert "its gates stay" in row.reason


def test_what_stays_by_agreement_is_no_residue_and_all_else_is() -> None:
    assert kept(facts()) == frozenset()
    assert kept(facts(Tier.PREMIUM, remaining=Tier.CSP)) >= {Kind.DELEGATION, Kind.ROLE_ASSIGNMENT}
    assert not kept(facts(Tier.PREMIUM, remaining=Tier.CSP)) & {Kind.USER, Kind.GUEST, Kind.RESOURCE}
