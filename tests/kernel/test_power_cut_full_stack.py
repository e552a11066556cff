"""The power cut story of the greatest leaving: its own steps die at every commit and write, and at reads."""

import pytest

from fakes.power import (
    Lives,
    NoPoint,
    SampleOf,
    bare,
    both,
    certified,
    claims,
    deeds,
    in_sample,
    is_read,
    not_died,
    ours,
)
from sendoff.model.case import Case
from sendoff.model.template import Tier

ONLY_FULL_STACK = (
    "meet",
    "export-resources",
    "export-secrets",
    "create-administrator",
    "hand-over-secrets",
    "remove-prtg-probe",
    "erase-secrets",
)
"""Steps that a CSP leaving does not have: there the power goes out in the greatest tier."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lives, Case]:
    """The same leaving with the power on."""
    lives = Lives(tmp_path_factory.mktemp("on"), Tier.CSP, NoPoint())
    return lives, lives.told(1)


@pytest.fixture(scope="module")
def undisturbed_full(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lives, Case]:
    """The greatest leaving with the power on."""
    lives = Lives(tmp_path_factory.mktemp("full-on"), Tier.FULL_STACK, NoPoint())
    return lives, lives.told(1)


@pytest.fixture(scope="module")
def cut_full(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lives, Case, SampleOf]:
    """The greatest leaving, which dies at every commit and write of the steps that no other leaving has, and at one in
    three of their reads."""
    points = SampleOf(parts=ONLY_FULL_STACK)
    lives = Lives(tmp_path_factory.mktemp("full-off"), Tier.FULL_STACK, points)
    return lives, lives.told(2500), points


def test_the_greatest_leaving_that_dies_ends_with_the_same_claims(
    undisturbed_full: tuple[Lives, Case], cut_full: tuple[Lives, Case, SampleOf]
) -> None:
    expected = claims(certified(*undisturbed_full))

    found = claims(certified(cut_full[0], cut_full[1]))

    assert expected["outcome"] == "clean"
    assert found == expected


def test_the_greatest_leaving_that_dies_does_nothing_twice(
    undisturbed_full: tuple[Lives, Case], cut_full: tuple[Lives, Case, SampleOf]
) -> None:
    both(undisturbed_full[0], cut_full[0])


def test_a_secret_is_read_again_only_to_seal_it_or_to_compare_it_before_it_is_erased(
    cut_full: tuple[Lives, Case, SampleOf],
) -> None:
    lives = cut_full[0]

    read = [row for row in ours(lives) if row["verb"] == "disclosed"]
    sealing = [row for row in read if int(str(row["seq"])) <= lives.sealed[0]]

    assert len(lives.sealed) == 1, "one parcel is sealed, in all lives together"
    assert len(sealing) > len({row["id"] for row in sealing}), (
        "a cut in the middle of the pass reads again: nothing was given"
    )
    assert {row["id"] for row in read} == {row["id"] for row in sealing}, "afterwards only what was sealed is compared"
    erased = {row["id"]: int(str(row["seq"])) for row in ours(lives) if row["verb"] == "removed"}
    assert all(int(str(row["seq"])) < erased[row["id"]] for row in read if row["id"] in erased)


def test_the_power_went_out_at_every_write_of_every_batch_that_only_the_greatest_leaving_has(
    undisturbed: tuple[Lives, Case],
    undisturbed_full: tuple[Lives, Case],
    cut_full: tuple[Lives, Case, SampleOf],
) -> None:
    died = set(cut_full[2].died)
    on = undisturbed_full[0].points
    assert isinstance(on, NoPoint)
    reads = {bare(point) for point in on.met if is_read(point) and any(part in point for part in ONLY_FULL_STACK)}
    steps = {str(step) for step in undisturbed_full[1].steps} - {str(step) for step in undisturbed[1].steps}

    assert steps == set(ONLY_FULL_STACK)
    assert not_died(undisturbed_full[0], died, ONLY_FULL_STACK, in_sample) == set()
    assert {step for step in steps if any(f"call in {step}/" in point for point in died)} == steps
    assert sum(point.startswith("call in ") for point in died) > 150
    assert len(reads) / 4 < sum(in_sample(point) for point in reads) < len(reads) / 2, "one read in three"


def test_the_stories_have_every_deed_that_matters(
    undisturbed: tuple[Lives, Case], undisturbed_full: tuple[Lives, Case]
) -> None:
    on = undisturbed_full[0].points
    assert isinstance(on, NoPoint)

    small, great = ({(verb, kind) for verb, kind, _ in deeds(lives)} for lives, _ in (undisturbed, undisturbed_full))

    assert {
        ("sent", "graph.message"),
        ("changed", "graph.user"),
        ("removed", "graph.user"),
        ("created", "topdesk.incident"),
        ("changed", "reassure.article"),
        ("changed", "topdesk.branch"),
        ("changed", "partner-center.customer"),
    } <= small
    assert {
        ("created", "graph.event"),
        ("created", "graph.user"),
        ("disclosed", "vault.password"),
        ("removed", "vault.password"),
        ("removed", "arm.probeservice"),
        ("removed", "prtg.probe"),
    } <= great
    assert any("exporttemplate" in point.lower() for point in on.met)
