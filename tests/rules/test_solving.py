"""The order of steps is solved from keys, references and proofs, with its reasons; a circle is named."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendoff.model.digest import Digest
from sendoff.model.errors import Refused
from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.model.template import Tier
from sendoff.rules.keys import needed, taken
from sendoff.rules.ordering import befores, explained, ranks, solved
from sendoff.steps import CHECKLIST, EVERY, by_id

POLICIES, RESOURCES, LIGHTHOUSE = StepId("remove-policies"), StepId("remove-resources"), StepId("remove-lighthouse")


def cut_short(order: Sequence[StepId]) -> list[str]:
    """Steps that come when a key they go through is gone, walked by hand: no word of the solver is used."""
    gone: dict[Key, StepId] = {}
    found = []
    for one in map(by_id, order):
        found += [f"{one.id} without {key}" for key in needed(one) if key in gone]
        gone |= dict.fromkeys(taken(one), one.id)
    return found


def bare(step: Step) -> Step:
    """The step without its typed list."""
    return replace(step, after=frozenset())


@pytest.mark.parametrize("tier", list(Tier))
def test_h1_in_every_tier_no_step_takes_a_key_that_a_later_step_or_look_needs(tier: Tier) -> None:
    backwards = [*reversed((*CHECKLIST[None], *CHECKLIST[tier])), *(step.id for step in EVERY if not step.on_checklist)]

    order = solved(backwards, EVERY).order

    assert set(order) == set(backwards) and cut_short(order) == []
    assert cut_short(backwards), "the order that was given does cut short, and the same check sees it"


@given(st.lists(st.sampled_from([step.id for step in EVERY]), unique=True))
def test_h1_whatever_lines_are_there_and_whatever_is_typed_no_key_goes_too_early(some: list[StepId]) -> None:
    for steps in (EVERY, [bare(step) for step in EVERY]):
        order = solved(some, steps).order

        assert sorted(order) == sorted(some) and cut_short(order) == []


@given(st.lists(st.sampled_from([step.id for step in EVERY]), unique=True))
def test_every_edge_is_kept_and_says_why(some: list[StepId]) -> None:
    found = solved(some, EVERY)

    assert all(found.order.index(edge.first) < found.order.index(edge.then) for edge in found.edges)
    assert all(edge.because for edge in found.edges)


def test_the_order_is_told_in_plain_words() -> None:
    edges = {(edge.first, edge.then): edge.because for edge in solved([one.id for one in EVERY], EVERY).edges}

    assert edges[POLICIES, RESOURCES] == (
        "policy-assignment before resource: a policy that deploys would make again what was removed"
    )
    assert (
        "through the key lighthouse, which remove-lighthouse takes away (the delegation)"
        in (edges[POLICIES, LIGHTHOUSE])
    )
    assert edges[StepId("hand-over-secrets"), StepId("erase-secrets")].startswith("it waits for secrets-handed-over")


def test_what_a_step_declares_is_the_least_and_the_solver_completes_it() -> None:
    waits = befores(EVERY)

    assert all(waits[step.id] >= step.after for step in EVERY)
    assert StepId("stop-renewals") in waits[StepId("end-relationships")], "it reads commitments by the key that ends"
    assert POLICIES in befores([bare(step) for step in EVERY])[LIGHTHOUSE]


def test_a_circle_is_refused_and_named_with_its_reasons() -> None:
    early = replace(by_id(POLICIES), after=frozenset({LIGHTHOUSE}))

    with pytest.raises(Refused, match="in a circle") as no:
        solved([LIGHTHOUSE, POLICIES], [early, by_id(LIGHTHOUSE)])

    assert "remove-lighthouse after remove-policies (it reads" in str(no.value)
    assert "remove-policies after remove-lighthouse (the checklist says so)" in str(no.value)


def test_h11_the_ranks_of_policies_follow_from_what_names_what() -> None:
    kinds = (
        Kind.POLICY_DEFINITION,
        Kind.POLICY_SET,
        Kind.POLICY_ASSIGNMENT,
        Kind.ROLE_ASSIGNMENT,
        Kind.POLICY_EXEMPTION,
        Kind.POLICY_REMEDIATION,
    )

    found = ranks(*kinds, first=1)

    assert sorted(kinds, key=lambda kind: (found[kind], kind)) == [
        Kind.POLICY_REMEDIATION,
        Kind.POLICY_EXEMPTION,
        Kind.ROLE_ASSIGNMENT,
        Kind.POLICY_ASSIGNMENT,
        Kind.POLICY_SET,
        Kind.POLICY_DEFINITION,
    ]
    assert found[Kind.POLICY_EXEMPTION] < found[Kind.POLICY_ASSIGNMENT] < found[Kind.POLICY_SET]


def action(kind: Kind, rank: int, verb: Verb = Verb.REMOVE) -> Action:
    return Action(
        step=RESOURCES,
        system=System.AZURE,
        verb=verb,
        kind=kind,
        target=f"/{kind}/{rank}",
        name=str(kind),
        scope="s",
        key=Key.LIGHTHOUSE,
        why="ours",
        rank=rank,
        before=Digest("sha256:" + "0" * 64),
    )


def test_the_ranks_of_a_plan_are_told_in_words_and_only_where_they_hold() -> None:
    told = explained([action(Kind.BUDGET, 1), action(Kind.RESOURCE, 2), action(Kind.RESOURCE, 3)])

    assert told == (
        "budget before resource: a budget names an action group",
        "resource by resource: each before what it uses",
    )
    assert explained([action(Kind.BUDGET, 2), action(Kind.RESOURCE, 2)]) == ()
