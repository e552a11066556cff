"""F18: decisions that cross. Whoever is faster, nothing is done that a second person did not approve."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fakes.approvals import unapproved
from fakes.between import overtaken_by
from fakes.houses import Stage, stage
from fakes.leavings import everything, staffed, standing
from sendoff.engine.desk import Desk
from sendoff.model.case import Case
from sendoff.model.digest import Digest
from sendoff.model.errors import BadInput, Overtaken, Refused
from sendoff.model.event import Approved, Body, Planned, StepMoved, Tried
from sendoff.model.people import Person, PersonId
from sendoff.model.state import Move, State, StepId
from sendoff.model.template import Tier
from sendoff.rules.folding import body_of

LETTER, OTHER = StepId("confirm-termination"), StepId("remove-policies")
ANJA, BERT = everything("anja"), everything("bert")
NO = (Refused, BadInput)
Chain = list[tuple[PersonId, Body]]


def chain(one: Stage, case: Case) -> Chain:
    """Who wrote what, in order."""
    return [(entry.event.actor, body_of(entry)) for entry in one.house.journal.entries(case.id)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """One house for many cases: each example opens its own."""
    return staffed(stage(tmp_path_factory.mktemp("house"), tier=Tier.CSP), ANJA, BERT)


@dataclass(frozen=True)
class Deed:
    """One person at one door, who saw the case `ago` deeds earlier."""

    who: str
    door: str
    ago: int = 0


DEEDS = st.builds(
    Deed,
    who=st.sampled_from(["anja", "bert", "carla"]),
    door=st.sampled_from([*("plan", "approve", "run") * 2, "refuse", "change", "waive", "stop", "resume"]),
    ago=st.integers(0, 2),
)
PAIRS = st.tuples(DEEDS, st.none() | DEEDS)
"""A deed, and what somebody else does between its sight and its decision."""
SWAP = Deed("anja", "change")
AGREED: list[tuple[Deed, Deed | None]] = [(Deed("carla", "plan"), None), (Deed("bert", "approve"), None)]


class Crossing:
    """People at the doors of one case; each remembers what they saw."""

    def __init__(self, one: Stage) -> None:
        self.one, self.case = one, one.opened()
        self.seen: list[Case] = [self.case]
        self.written: Counter[PersonId] = Counter()

    def told(self, deed: Deed, meanwhile: Deed | None) -> None:
        """Do it; a refusal is an answer, anything else that is raised is not."""
        desk = self.one.desk
        if meanwhile is not None:
            desk = overtaken_by(desk, partial(self._knock, self.one.desk, meanwhile))
        self._knock(desk, deed)
        self.seen.append(self.one.desk.case(self.case.id))

    def _knock(self, desk: Desk, deed: Deed) -> None:
        saw = self.seen[max(0, len(self.seen) - 1 - deed.ago)]
        who = self.one.who(deed.who)
        try:
            self._door(desk, who, deed.door, saw)
        except NO:
            return
        if deed.door != "run":
            self.written[who.id] += 1

    def _door(self, desk: Desk, who: Person, door: str, saw: Case) -> None:
        case, facts = self.case.id, self.case.facts
        match door:
            case "plan":
                desk.plan(who, case, LETTER)
            case "approve":
                desk.approve(who, case, LETTER, saw.steps[LETTER].plan or Digest("sha256:" + "0" * 64))
            case "refuse":
                desk.refuse(who, case, LETTER, reason="not like this")
            case "change":
                assert facts.recipient is not None
                name = f"{facts.recipient.name} of {who.name}" if who.id == "carla" else "Somebody Else"
                other = replace(facts, recipient=replace(facts.recipient, name=name))
                desk.change_facts(who, case, other, reason="another recipient")
            case "waive":
                until = self.one.house.clock.now().date() + timedelta(days=30)
                desk.waive(who, case, LETTER, reason="it is not needed", until=until)
            case "run":
                desk.run(who, case, self.one.said.append, threads=1)
            case "stop":
                desk.stop(who, case, LETTER, reason="wait a moment")
            case "resume":
                desk.resume(who, case, LETTER, reason="go on again")


def sent(one: Stage) -> int:
    """Letters that left, of all cases."""
    return one.wire.calls("POST", "/send")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pairs=st.lists(PAIRS, min_size=3, max_size=9))
@example(pairs=[(Deed("anja", "plan"), None), (Deed("anja", "approve"), None)])
@example(pairs=[(Deed("anja", "plan"), None), (Deed("bert", "approve"), Deed("bert", "approve"))])
@example(pairs=[(Deed("anja", "plan"), None), (Deed("bert", "approve"), Deed("carla", "plan"))])
@example(pairs=[(Deed("anja", "plan"), None), (Deed("bert", "approve"), None), (Deed("carla", "run"), SWAP)])
@example(pairs=[*AGREED, (SWAP, None), (Deed("bert", "change"), None), (Deed("carla", "run"), None)])
def test_f18_however_decisions_cross_nothing_is_done_that_a_second_person_did_not_approve(
    house: Stage, pairs: list[tuple[Deed, Deed | None]]
) -> None:
    before, told = sent(house), Crossing(house)
    for deed, meanwhile in pairs:
        told.told(deed, meanwhile)
        assert unapproved(chain(house, told.case)) == []

    events = chain(house, told.case)
    tried = sum(isinstance(body, Tried) for _, body in events)
    wrote = Counter(actor for actor, body in events)
    assert sent(house) - before <= tried, "a letter leaves under an intent, once"
    assert all(wrote[who] >= count for who, count in told.written.items()), "nobody's decision was swallowed"


def crossed(house: Stage, *deeds: Deed) -> Crossing:
    """These deeds, one after another."""
    told = Crossing(house)
    for deed in deeds:
        told.told(deed, None)
    return told


def test_f18_the_doors_of_the_crossing_lead_somewhere(house: Stage) -> None:
    before = sent(house)

    told = crossed(house, Deed("anja", "plan"), Deed("bert", "approve"), Deed("carla", "run"))

    assert standing(house, told.case, LETTER).state is State.DONE
    assert sent(house) == before + 1


def test_f18_the_oracle_sees_what_must_not_be() -> None:
    one, two = Digest("sha256:" + "1" * 64), Digest("sha256:" + "2" * 64)
    now = datetime(2026, 11, 23, tzinfo=UTC)

    def plan(digest: Digest) -> Body:
        return Planned(step=LETTER, plan=digest, blob=digest, actions=1, irreversible=1, left=0, belt="", looked_at=now)

    def yes(digest: Digest) -> Body:
        return Approved(step=LETTER, plan=digest, until=now)

    begun = Tried(step=LETTER, batch=0, attempt=1, deeds=one, count=1, root=one)
    refused = StepMoved(step=LETTER, move=Move.REFUSE)
    a, b, r = PersonId("a"), PersonId("b"), PersonId("robot")
    assert unapproved([(a, plan(one)), (b, yes(one)), (r, begun)]) == []
    wrong: list[Chain] = [
        [(a, plan(one)), (a, yes(one))],
        [(a, plan(one)), (b, yes(two))],
        [(a, plan(one)), (r, begun)],
        [(a, plan(one)), (b, yes(one)), (b, refused), (r, begun)],
        [(a, plan(one)), (b, yes(one)), (a, plan(two)), (r, begun)],
        [(a, plan(one)), (b, yes(one)), (PersonId("c"), yes(one))],
    ]
    assert all(unapproved(rows) for rows in wrong)


def test_f18_a_yes_on_an_old_sight_of_the_plan_is_refused_and_the_refusal_changes_nothing(house: Stage) -> None:
    case = house.opened()
    house.desk.plan(ANJA, case.id, LETTER)
    lies = standing(house, case, LETTER).plan
    assert lies is not None
    no = partial(house.desk.refuse, house.who("paul"), case.id, LETTER, reason="not like this")

    with pytest.raises(Overtaken, match="moved on meanwhile"):
        overtaken_by(house.desk, lambda: void(no())).approve(BERT, case.id, LETTER, lies)

    assert standing(house, case, LETTER).state is State.READY


def void(found: object) -> None:
    """What a door answers is not asked for."""


def test_f18_two_wishes_for_facts_that_cross_do_not_swallow_each_other(house: Stage) -> None:
    case = house.opened()
    assert case.facts.recipient is not None
    mine, theirs = (
        replace(case.facts, recipient=replace(case.facts.recipient, name=name)) for name in ("One", "Another")
    )
    asks = partial(house.desk.change_facts, ANJA, case.id, mine, reason="another recipient")

    with pytest.raises(Overtaken, match="moved on meanwhile"):
        overtaken_by(house.desk, lambda: void(asks())).change_facts(BERT, case.id, theirs, reason="another recipient")

    wish = house.desk.case(case.id).facts_asked
    assert wish is not None and wish.by == ANJA.id, "the second asker heard that somebody was faster"
    assert house.desk.case(case.id).facts == case.facts


def test_f18_a_wish_for_another_step_that_crosses_stands_beside_mine(house: Stage) -> None:
    case = house.opened()
    until = house.house.clock.now().date() + timedelta(days=30)
    theirs = partial(house.desk.waive, ANJA, case.id, OTHER, reason="it is not needed", until=until)

    overtaken_by(house.desk, lambda: void(theirs())).waive(BERT, case.id, LETTER, reason="not needed", until=until)

    wishes = {step: row.waiver_asked.by for step, row in house.desk.case(case.id).steps.items() if row.waiver_asked}
    assert wishes == {LETTER: BERT.id, OTHER: ANJA.id}


def test_f18_of_two_who_approve_one_plan_at_once_exactly_one_says_yes(house: Stage) -> None:
    desks = (house.desk, staffed(same_folder(house), ANJA, BERT).desk)
    for _ in range(12):
        case = house.opened()
        house.desk.plan(house.who("carla"), case.id, LETTER)
        plan = standing(house, case, LETTER).plan
        assert plan is not None

        heard = at_once(
            *(partial(desk.approve, who, case.id, LETTER, plan) for desk, who in zip(desks, (ANJA, BERT), strict=True))
        )

        said = [body for _, body in chain(house, case) if isinstance(body, Approved)]
        refusals = [one for one in heard if isinstance(one, Refused)]
        assert len(said) == 1 and len(refusals) == 1
        assert "moved on meanwhile" in str(refusals[0]) or "no plan that waits for a yes" in str(refusals[0])
        assert standing(house, case, LETTER).state is State.APPROVED


def same_folder(one: Stage) -> Stage:
    """Another program over the same database."""
    return stage(one.folder, tier=one.tier, sandbox=one.sandbox)


def at_once(*doors: Callable[[], object]) -> list[object]:
    """What each hears who knocks at the same moment."""
    start, heard = threading.Barrier(len(doors)), []

    def knock(door: Callable[[], object]) -> None:
        start.wait()
        try:
            heard.append(door())
        except Exception as no:
            heard.append(no)

    threads = [threading.Thread(target=knock, args=(door,)) for door in doors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return heard
