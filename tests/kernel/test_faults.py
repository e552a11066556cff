"""A fifth of all answers goes wrong: every leaving ends, and what the certificate calls gone is gone in the world."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import stamina

from fakes.houses import Stage, stage
from fakes.leavings import (
    after_contract,
    approved,
    certificate,
    in_the_bin,
    objects,
    planned,
    run,
    standing,
    trouble,
    unexplained,
)
from fakes.weathered import INSIDE, KEPT, Hand, Hours, Hurried, Weathered, weathered, with_hand
from sendoff.connectors.wire.circuit import PAUSE, ROW, Circuits
from sendoff.engine.closing import judgements_of
from sendoff.engine.planning import approved_plans
from sendoff.model.case import Case
from sendoff.model.digest import Digest
from sendoff.model.envelope import EventKind
from sendoff.model.errors import ConnectorError, Denied, Refused, Unreachable
from sendoff.model.inventory import Cell, Item, System, Target
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier
from sendoff.model.verdict import Verdict
from sendoff.ports import Connector, Sink
from sendoff.rules.surprising import IN_A_ROW
from sendoff.sandbox.weather import KINDS

SEEDS = ((Tier.CSP, 5), (Tier.FULL_STACK, 3))
EVERY = (
    *((Tier.CSP, seed) for seed in (1, 2, 3, 10)),
    *((Tier.FULL_STACK, seed) for seed in (1, 2, 4, 5)),
    (Tier.PREMIUM, 1),
)
MORE = EVERY if os.environ.get("WEATHER") == "every" else ((Tier.CSP, 1), (Tier.FULL_STACK, 1), (Tier.PREMIUM, 1))
"""More weather; `make soak` asks for every one."""
SECRETS = "export-secrets"
BUDGETS = "remove-resources"


@pytest.fixture(scope="module")
def calm_retries() -> Iterator[None]:
    """Retries without waits, also where a story is told for a whole module."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory, calm_retries: None) -> tuple[Weathered, ...]:
    """A leaving for each of these seeds, told to its end."""
    return tuple(weathered(tmp_path_factory.mktemp(f"{tier}-{seed}"), tier, seed) for tier, seed in SEEDS)


def undone(made: Stage, case: Case) -> list[str]:
    """What the last verdicts call gone while the sandbox's own world still has it."""
    alive = {key.lower() for key in objects(made) if not in_the_bin(key)}
    found = []
    for row in (row for step in case.steps for row in judgements_of(made.desk.ports, case, step)):
        _, kind, target = (*row.ref.split("|"), "", "")[:3]
        if row.verdict is Verdict.GONE and target and kind not in INSIDE | KEPT:
            found += [row.ref for key in alive if key.endswith(f":{target}")]
    return found


def twice(one: Weathered) -> list[str]:
    """What our keys removed more than once."""
    rows = [row for row in one.told.stage.sandbox.world.record.rows if row.get("verb") == "removed"]
    counts = Counter(f"{row['kind']} {row['id']}" for row in rows if row["kind"] != "graph.message")
    assert counts
    return [what for what, count in counts.items() if count > 1]


def holds(one: Weathered) -> None:
    """The record against the certificate: the same comparison for every seed."""
    made, case = one.told.stage, one.told.case
    said = certificate(made, case)
    now = {slug: digest for slug, digest in _digests(one).items() if slug != "vandermeer"}
    assert case.certificate is not None
    assert said.events > 0
    assert one.story.gone, "there were verdicts to hold against the world"
    assert (one.story.false, undone(made, case)) == ([], [])
    assert twice(one) == []
    assert unexplained(one.told, approved_plans(made.desk.ports, case)) == []
    assert now == {slug: one.told.digests[slug] for slug in now}, "who stays was not touched"


def _digests(one: Weathered) -> dict[str, str]:
    return one.told.stage.sandbox.world.digests()


def test_every_leaving_ends_and_what_is_called_gone_is_gone(stories: tuple[Weathered, ...]) -> None:
    for one in stories:
        holds(one)


def test_a_fifth_of_all_answers_was_struck_and_each_kind_among_them(stories: tuple[Weathered, ...]) -> None:
    for one in stories:
        calls, struck = one.weather["calls"], one.weather["struck"]
        assert isinstance(calls, int)
        assert isinstance(struck, int)
        assert calls > 2000
        assert 0.17 < struck / calls < 0.23
        marked = Counter(str(row["struck"]) for row in one.told.stage.sandbox.world.record.rows if row.get("struck"))
        assert dict(marked) == one.kinds, "the record says the same"
    assert {kind for one in stories for kind in one.kinds} == set(KINDS)


def test_wrong_answers_became_unknown(stories: tuple[Weathered, ...]) -> None:
    for one in stories:
        entries = one.told.stage.house.journal.entries(one.told.case.id)
        bodies = {kind: [row.body for row in entries if row.event.kind is kind] for kind in EventKind}
        acted = [dict(_pairs(body, "outcomes")) for body in bodies[EventKind.ACTED]]
        judged = [dict(_pairs(body, "verdicts")) for body in bodies[EventKind.JUDGED]]
        assert sum("unknown" in row for row in acted), "answers that never came"
        assert sum("unknown" in row or "left" in row for row in judged), "and what a look then said of them"


def _pairs(body: object, name: str) -> list[tuple[str, int]]:
    assert isinstance(body, dict)
    return [(str(row[0]), int(row[1])) for row in body[name]]


@pytest.mark.slow
@pytest.mark.parametrize(("tier", "seed"), MORE)
def test_so_it_is_in_more_weather(tmp_path: Path, tier: Tier, seed: int) -> None:
    holds(weathered(tmp_path, tier, seed))


# ---- the comparison can find -----------------------------------------------------------------------------------------


class Credulous(Hurried):
    """Hands that take a failed direct read for: nothing there."""

    def read(self, target: Target, out: Sink) -> Item | None:
        """None whenever the vendor did not answer."""
        try:
            return self.inner.read(target, out)
        except ConnectorError:
            return None


class Shortsighted(Hurried):
    """Hands that take a failed list for an empty one."""

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """Whatever came before the failure."""
        try:
            yield from self.inner.look(cell, out)
        except ConnectorError:
            return


@pytest.mark.parametrize("hand", [Hurried, Credulous])
def test_hands_that_take_a_failure_for_absence_are_found_out(tmp_path: Path, hand: Hand) -> None:
    one = with_hand(stage(tmp_path, tier=Tier.CSP), hand)
    case = one.until(one.opened(), BUDGETS, "approved")
    after_contract(one, case)
    trouble(one, do="drop", vendor="arm", method="GET", path="budgets/", times=0)

    after = run(one, case)

    assert len(undone(one, after)) == (2 if hand is Credulous else 0)
    assert (after.steps[StepId(BUDGETS)].state is State.LEFT) is (hand is Hurried)


def test_hands_that_take_a_failed_list_for_an_empty_one_are_found_out(tmp_path: Path) -> None:
    one = with_hand(stage(tmp_path, tier=Tier.FULL_STACK), Shortsighted)
    case = one.until(one.opened(), SECRETS, "ready")
    trouble(one, do="drop", vendor="passwordstate", path="/api/passwords/103$", times=0)

    blind = planned(one, case, SECRETS)

    assert blind.state is State.PLANNED, "it takes what it got for everything"


# ---- nothing is planned on a guess -----------------------------------------------------------------------------------


def test_secrets_are_not_given_away_in_part_because_one_list_could_not_be_read(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.FULL_STACK)
    case = one.until(one.opened(), SECRETS, "ready")
    trouble(one, do="drop", vendor="passwordstate", path="/api/passwords/103$", times=0)

    with pytest.raises(Refused, match=r"could not look at secret in passwordstate 103.*look again"):
        planned(one, case, SECRETS)
    one.control("DELETE", "/trouble")

    assert planned(one, case, SECRETS).planned == 24


def test_a_cell_that_failed_once_is_read_again_and_is_not_blind(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()
    trouble(one, do="drop", vendor="partner-center", path="/transfers$", times=3)

    looked = one.desk.look(one.who("erik"), case.id, "by hand").looks["by hand"]

    assert [spot for spot in looked.blind if "transfer" in spot] == []
    assert one.wire.calls("GET", "/transfers") == 4, "three attempts, and the one that was answered"


def test_a_letter_that_could_not_be_looked_for_is_unknown_with_the_reason(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()
    letter = "confirm-termination"
    planned(one, case, letter, by="carla")
    approved(one, case, letter, by="paul")
    trouble(one, do="drop", vendor="graph", method="POST", path="/send$", nth=1, times=1)
    trouble(one, do="drop", vendor="graph", method="GET", path="/messages", nth=2, times=0)

    run(one, case)

    now = standing(one, case, letter)
    assert now.state is State.LEFT
    assert "could not look again: office: " in now.reason


# ---- circuits and halts ----------------------------------------------------------------------------------------------


def test_one_vendors_outage_stops_its_own_steps_and_no_others(tmp_path: Path) -> None:
    hours = Hours()
    one = with_hand(stage(tmp_path, tier=Tier.FULL_STACK, circuits=Circuits(now=hours)), Hurried)
    case = one.until(one.opened(), SECRETS, "ready")
    one.control("POST", "/weather", share=1, vendors=["passwordstate"], kinds=["drop"], seconds=0)
    before = len(one.wire.seen)

    with pytest.raises(Refused, match=r"left alone until \d\d:\d\d:\d\d UTC \(CircuitOpen\)"):
        planned(one, case, SECRETS)
    asked = [call for call in one.wire.seen[before:] if call.url.host == "vault.intercept.example"]
    one.control("DELETE", "/weather")
    with pytest.raises(Refused, match="CircuitOpen"):
        planned(one, case, SECRETS)

    assert planned(one, case, "stop-renewals", by="carla").state is State.PLANNED, "another vendor's step goes on"
    assert ROW <= len(asked) <= ROW + 6, "six readers at most were under way when it opened"
    hours.at += PAUSE
    assert planned(one, case, SECRETS).planned == 24


@dataclass
class Stubborn(Hurried):
    """Hands whose deeds end, in turn, in everything that is a surprise."""

    calls: list[str] = field(default_factory=list)

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Changed, refused, unknown, and then as it should be."""
        if action.system is not System.PASSWORDSTATE:
            return Hurried.apply(self, action, once=once, out=out)
        self.calls.append(action.ref)
        if len(self.calls) == 2:
            raise Denied("no", system="passwordstate", code="Forbidden")
        if len(self.calls) == 3:
            raise Unreachable("no answer", system="passwordstate", code="CircuitOpen")
        return Receipt(outcome=Outcome.CHANGED)


def test_changed_refused_and_unknown_in_a_row_stop_the_step_within_one_batch(tmp_path: Path) -> None:
    plain = stage(tmp_path, tier=Tier.FULL_STACK)
    case = plain.until(plain.opened(), SECRETS, "approved")
    met: list[Stubborn] = []

    def stubborn(inner: Connector) -> Connector:
        met.append(Stubborn(inner))
        return met[-1]

    one = with_hand(plain, stubborn)
    run(one, case)

    now = one.desk.case(case.id).steps[StepId(SECRETS)]
    assert sum(len(hand.calls) for hand in met) == IN_A_ROW
    assert dict(now.outcomes) == {"changed": 1, "refused": 1, "unknown": 1}
    assert now.state is State.LEFT


def test_a_vault_that_goes_down_in_a_batch_does_not_burn_through_it(tmp_path: Path) -> None:
    one = with_hand(stage(tmp_path, tier=Tier.FULL_STACK, circuits=Circuits(now=Hours())), Hurried)
    case = one.until(one.opened(), SECRETS, "approved")
    one.control("POST", "/weather", share=1, vendors=["passwordstate"], kinds=["drop"], seconds=0)
    before = one.wire.calls("GET", "/api/passwords")

    run(one, case)

    now = standing(one, case, SECRETS)
    assert dict(now.outcomes) == {"unknown": IN_A_ROW}
    assert now.state is State.LEFT
    blind = one.desk.case(case.id).looks[f"after {SECRETS}"].blind
    assert any("is left alone until" in spot for spot in blind)
    assert one.wire.calls("GET", "/api/passwords") - before <= ROW + 1
