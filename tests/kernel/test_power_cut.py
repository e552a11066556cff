"""The power cut story: one leaving dies at every commit and every call, and still does everything once."""

import base64
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fakes.houses import Stage
from fakes.power import EveryPoint, Lives, NoPoint, OnePoint, PointsOf, effects, named
from sendoff.model.case import Case
from sendoff.model.certificate import Predicate
from sendoff.model.digest import Digest, Json, digest
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Receipt
from sendoff.model.shape import shaped
from sendoff.model.template import Tier
from sendoff.ports import Ability, Connector, Sink, World
from sendoff.rules.folding import after, body_of

PERSONS = ("cast", "control", "person", "vendor", "nobody")
"""Callers of the record who are not this program; in Partner Center it acts for a person of ours."""
FOR_A_PERSON = "person:paul@intercept.example"


AFTER_THE_DEED = ("/directory/deletedItems/", "/operationresults/*", "commit work done")
"""Points that come only when the power was on at the deed just before them; they are died at in lives of their own."""


def stage_of(lives: Lives) -> Stage:
    assert lives.last is not None
    return lives.last


def certified(lives: Lives, case: Case) -> Predicate:
    assert case.certificate is not None
    envelope = json.loads(stage_of(lives).desk.ports.store.get(case.id, case.certificate))
    statement = json.loads(base64.b64decode(envelope["payload"]))
    return shaped(Predicate, statement["predicate"])


def claims(told: Predicate) -> Mapping[str, object]:
    """What a certificate claims, without its dates and digests."""
    handed = told.handed_over
    return {
        "outcome": told.outcome,
        "exceptions": told.exceptions,
        "lines": [(one.step, one.state, one.grade, one.how if one.state == "done" else "") for one in told.lines],
        "other lines": told.other_lines,
        "removed": sorted(told.removed),
        "kept": sorted(told.kept),
        "coverage": told.coverage,
        "doors": [(one.key, one.outcome) for one in told.doors],
        "handed over": (handed.vault, handed.inside, handed.withheld) if handed else None,
    }


def ours(lives: Lives) -> list[Mapping[str, Json]]:
    """What this program did, by the sandbox's own record. The log that PRTG keeps of it is not a deed."""
    rows = effects(stage_of(lives).sandbox)
    return [row for row in rows if _is_ours(str(row["caller"])) and row["kind"] != "prtg.log"]


def _is_ours(caller: str) -> bool:
    return caller == FOR_A_PERSON or caller.partition(":")[0] not in PERSONS


def deeds(lives: Lives) -> Counter[tuple[str, str, str]]:
    """How often each deed was done. What the vendor makes carries the vendor's own new id, and is counted by kind."""
    return Counter((str(row["verb"]), str(row["kind"]), _known(row)) for row in ours(lives))


def _known(row: Mapping[str, Json]) -> str:
    kind, ident = str(row["kind"]), str(row["id"])
    made = row["verb"] == "created" and not kind.startswith("graph.deleted.")
    return "" if made or kind in ("graph.message", "graph.event", "reassure.draft") else ident


def once_only(found: Counter[tuple[str, str, str]]) -> Counter[tuple[str, str, str]]:
    """Deeds that may happen once. A secret is read again until its parcel is sealed, and a switch that is off may be
    set to off again: both are judged apart."""
    return Counter({deed: count for deed, count in found.items() if deed[0] not in ("disclosed", "changed")})


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lives, Case]:
    """The same leaving with the power on."""
    lives = Lives(tmp_path_factory.mktemp("on"), Tier.CSP, NoPoint())
    return lives, lives.told(1)


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
def undisturbed_full(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lives, Case]:
    """The greatest leaving with the power on."""
    lives = Lives(tmp_path_factory.mktemp("full-on"), Tier.FULL_STACK, NoPoint())
    return lives, lives.told(1)


@pytest.fixture(scope="module")
def cut_full(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lives, Case, PointsOf]:
    """The greatest leaving, which dies at every commit and call of the steps that no other leaving has."""
    points = PointsOf(parts=ONLY_FULL_STACK)
    lives = Lives(tmp_path_factory.mktemp("full-off"), Tier.FULL_STACK, points)
    return lives, lives.told(2500), points


@pytest.fixture(scope="module")
def cut(
    tmp_path_factory: pytest.TempPathFactory, undisturbed: tuple[Lives, Case]
) -> tuple[Lives, Case, EveryPoint, frozenset[str]]:
    """The leaving that dies at every commit, every call of a batch, every call that writes, and 25 reads besides."""
    looked = [name for name in dict.fromkeys(undisturbed[0].looked) if "*" not in name]
    reads = frozenset(random.Random(7).sample(looked, 25))
    points = EveryPoint()
    lives = Lives(tmp_path_factory.mktemp("off"), Tier.CSP, points, reads)
    return lives, lives.told(2500), points, reads


def both(on: Lives, off: Lives) -> None:
    """Nothing was done twice, and nothing else than with the power on; only switches were set again."""
    expected, found = deeds(on), deeds(off)
    assert once_only(found) == once_only(expected)
    assert set(found) == set(expected)
    removed = Counter({deed: count for deed, count in found.items() if deed[0] == "removed" and deed[2]})
    assert removed
    assert set(removed.values()) == {1}
    again = {deed[1] for deed, count in found.items() if count > expected[deed] and deed[0] == "changed"}
    assert again <= SWITCHES, "disabled, paused or ended once more: still off"


SWITCHES = {"graph.user", "graph.servicePrincipal", "prtg.group", "prtg.probe"}


def test_a_leaving_that_dies_everywhere_ends_with_the_same_claims(
    undisturbed: tuple[Lives, Case], cut: tuple[Lives, Case, EveryPoint, frozenset[str]]
) -> None:
    expected = claims(certified(*undisturbed))

    found = claims(certified(cut[0], cut[1]))

    assert expected["outcome"] == "clean", "every door was tried, and every recorded kind was looked at"
    assert found == expected


def test_the_greatest_leaving_that_dies_ends_with_the_same_claims(
    undisturbed_full: tuple[Lives, Case], cut_full: tuple[Lives, Case, PointsOf]
) -> None:
    expected = claims(certified(*undisturbed_full))

    found = claims(certified(cut_full[0], cut_full[1]))

    assert expected["outcome"] == "clean"
    assert found == expected


def test_a_leaving_that_dies_everywhere_does_nothing_twice(
    undisturbed: tuple[Lives, Case], cut: tuple[Lives, Case, EveryPoint, frozenset[str]]
) -> None:
    both(undisturbed[0], cut[0])


def test_the_greatest_leaving_that_dies_does_nothing_twice(
    undisturbed_full: tuple[Lives, Case], cut_full: tuple[Lives, Case, PointsOf]
) -> None:
    both(undisturbed_full[0], cut_full[0])


def test_a_secret_is_read_again_only_to_seal_it_or_to_compare_it_before_it_is_erased(
    cut_full: tuple[Lives, Case, PointsOf],
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


def test_the_power_went_out_after_every_event_and_at_every_call_of_every_batch(
    undisturbed: tuple[Lives, Case], cut: tuple[Lives, Case, EveryPoint, frozenset[str]]
) -> None:
    lives, case, points, reads = cut

    died = set(points.died)

    assert lives.lives == len(points.died) + 1 == len(died) + 1, "each life gets one further"
    assert undisturbed[1].seq >= 60
    assert {name for name in _events(lives, case) if not any(name in point for point in died)} == set()
    assert not_died(undisturbed[0], died, ("",)) == set()
    assert {name for name in reads if f"read {name}" not in died} == set()
    assert sum(point.startswith("call in ") for point in died) > 300


def test_the_power_went_out_at_every_call_of_every_batch_that_only_the_greatest_leaving_has(
    undisturbed: tuple[Lives, Case],
    undisturbed_full: tuple[Lives, Case],
    cut_full: tuple[Lives, Case, PointsOf],
) -> None:
    died = set(cut_full[2].died)
    steps = {str(step) for step in undisturbed_full[1].steps} - {str(step) for step in undisturbed[1].steps}

    assert steps == set(ONLY_FULL_STACK)
    assert not_died(undisturbed_full[0], died, ONLY_FULL_STACK) == set()
    assert {step for step in steps if any(f"call in {step}/" in point for point in died)} == steps
    assert sum(point.startswith("call in ") for point in died) > 300


def not_died(lives: Lives, died: set[str], parts: tuple[str, ...]) -> set[str]:
    """Points of the leaving with the power on at which it never went out, but for those right after a deed."""
    on = lives.points
    assert isinstance(on, NoPoint)
    met = {_bare(point) for point in on.met if any(part in point for part in parts)}
    mine, theirs = ({one for point in points for one in GUID.findall(point)} for points in (met, died))
    left = {_named(point, mine & theirs) for point in met} - {_named(_bare(point), mine & theirs) for point in died}
    return {point for point in left if not any(part in point for part in AFTER_THE_DEED)}


GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DIGEST = re.compile(r"(?<![0-9a-f-])[0-9a-f]{8}(?:[0-9a-f]{4})?(?![0-9a-f-])")


def _named(point: str, known: set[str]) -> str:
    """A point without ids that the vendor made in one of the two worlds alone, and without digests over them."""
    return DIGEST.sub("*", GUID.sub(lambda one: one[0] if one[0] in known else "*", point))


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


def _bare(point: str) -> str:
    """A point without how often it came in one life: a life that begins within a batch meets it less often."""
    return point.rpartition(" #")[0] or point


def _events(lives: Lives, closed: Case) -> Iterator[str]:
    case: Case | None = None
    for entry in stage_of(lives).house.journal.entries(closed.id):
        body = body_of(entry)
        yield named(case, body)
        case = after(case, entry.event, body)


# ---- the test can fail ----------------------------------------------------------------------------------------------


@dataclass
class Forgetful:
    """A connector that never finds what an earlier life did, and does not know its own mark again."""

    inner: Connector
    life: str
    system: System = System.OFFICE
    able: Mapping[tuple[Kind, Verb], Ability] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.able = self.inner.able

    def probe(self, key: Key) -> None:
        """As the connector does."""
        self.inner.probe(key)

    def cells(self) -> tuple[Cell, ...]:
        """As the connector does."""
        return self.inner.cells()

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """As the connector does."""
        return self.inner.look(cell, out)

    def read(self, target: Target, out: Sink) -> Item | None:
        """As the connector does."""
        return self.inner.read(target, out)

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """Only in the life that did it."""
        return self.inner.find(action, once=self._mark(once))

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Under a mark that the next life does not know."""
        return self.inner.apply(action, once=self._mark(once), out=out)

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """As the connector does."""
        return self.inner.follow(action, operation)

    def _mark(self, once: Digest) -> Digest:
        return digest([self.life, once])


@dataclass
class ForgetfulWorld:
    """A world whose mailbox is forgetful."""

    inner: World
    life: str

    def __post_init__(self) -> None:
        self.id, self.sandbox, self.addresses = self.inner.id, self.inner.sandbox, self.inner.addresses
        self.issues = self.inner.issues

    def connector(self, facts: Facts, system: System) -> Connector | None:
        """Our hands, one of them forgetful."""
        hand = self.inner.connector(facts, system)
        return Forgetful(hand, self.life) if hand is not None and system is System.OFFICE else hand


@dataclass
class ForgetfulLives(Lives):
    """Lives with a forgetful mailbox."""

    def world(self, here: Stage) -> World | None:
        """Another mark in each life."""
        return ForgetfulWorld(here.desk.ports.world, f"life {self.lives}")


LETTERS = 2
"""Of a CSP leaving: the confirmation, and the details for the migration."""


def mails(lives: Lives) -> int:
    return sum(count for deed, count in deeds(lives).items() if deed[:2] == ("sent", "graph.message"))


def test_a_connector_that_does_not_find_is_caught_sending_twice(tmp_path: Path) -> None:
    mended = Lives(tmp_path / "mended", Tier.CSP, OnePoint("/send "))
    worse = ForgetfulLives(tmp_path / "worse", Tier.CSP, OnePoint("/send "))

    mended.told(3)
    worse.told(3)

    assert mended.lives == worse.lives == 2, "the power went out once, after the mail had left"
    assert mails(mended) == LETTERS
    assert mails(worse) == LETTERS + 1


@pytest.mark.parametrize("point", AFTER_THE_DEED)
def test_a_cut_right_after_a_deed_was_asked_after_changes_nothing(tmp_path: Path, point: str) -> None:
    on, off = Lives(tmp_path / "on", Tier.CSP, NoPoint()), Lives(tmp_path / "off", Tier.CSP, OnePoint(point))

    expected, found = claims(certified(on, on.told(1))), claims(certified(off, off.told(2)))

    assert off.lives == 2
    assert found == expected
    assert once_only(deeds(off)) == once_only(deeds(on))


def test_without_its_intent_on_record_nothing_was_done(tmp_path: Path) -> None:
    lives = Lives(tmp_path, Tier.CSP, OnePoint("Tried confirm-termination"))
    done = lives.points

    lives.told(3)

    assert isinstance(done, OnePoint)
    assert done.died
    assert mails(lives) == LETTERS
