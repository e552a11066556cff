"""What plans share: what stays and why, locks that are not ours, and the size belt."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.told import told
from sendoff.model.digest import Digest
from sendoff.model.inventory import Inventory, Item, Kind, Provenance, System, Verb, Whose
from sendoff.model.key import Key
from sendoff.model.people import PersonId
from sendoff.model.plan import Disposition, Plan
from sendoff.model.proof import Grade, Proof, ProofKind
from sendoff.model.situation import Owned, Situation
from sendoff.model.state import StepId
from sendoff.model.template import Tier
from sendoff.rules.planning import BELT_COUNT, belt, removals, unlocked

STEP = StepId("remove-resources")
BLOB = Digest("sha256:" + "a" * 64)


@pytest.fixture(autouse=True, scope="module")
def a_story() -> None:
    """Told before anything is measured: the first one to ask for it waits."""
    told()


def item(name: str, kind: Kind = Kind.RESOURCE, *, holds: bool = False, **detail: str) -> Item:
    return Item(
        system=System.AZURE,
        kind=kind,
        id=f"/subscriptions/s/{name}",
        name=name,
        scope="s",
        key=Key.LIGHTHOUSE,
        image=BLOB,
        detail=tuple(detail.items()),
        holds_data=holds,
    )


def of(whose: Whose, thing: Item) -> Owned:
    return Owned(item=thing, provenance=Provenance(whose=whose, reasons=("a sign",)))


def now(*things: Owned, exported: bool = False, remaining: Tier | None = None) -> Situation:
    case = told().case
    proof = Proof(kind=ProofKind.EXPORTED, at=case.at, by=PersonId("robot"), grade=Grade.OBSERVED, evidence=BLOB)
    return Situation(
        case=case.id,
        facts=replace(case.facts, remaining=remaining),
        inventory=Inventory(read=(), blind=(), items=tuple(one.item for one in things)),
        owned=things,
        proofs=(proof,) if exported else (),
        at=case.at,
    )


RANKS = {Kind.RESOURCE: 1, Kind.GROUP: 2}


def test_ours_is_removed_and_nothing_else_is() -> None:
    found = removals(now(*(of(whose, item(whose.name)) for whose in Whose)), STEP, RANKS)

    assert [(act.name, act.verb, act.rank, act.before) for act in found.actions] == [("OURS", Verb.REMOVE, 1, BLOB)]
    assert {left.item.name: left.disposition for left in found.left} == {
        "SHARED": Disposition.HAND_OVER,
        "UNKNOWN": None,
    }


@pytest.mark.parametrize(
    ("thing", "disposition"),
    [
        (item("a", inherited="yes"), None),
        (item("a", holds=True), Disposition.HAND_OVER),
        (item("a", Kind.ROLE_ASSIGNMENT), Disposition.KEEP),
    ],
)
def test_ours_stays_where_it_must_and_says_why(thing: Item, disposition: Disposition | None) -> None:
    ranks = {**RANKS, Kind.ROLE_ASSIGNMENT: 3}

    found = removals(now(of(Whose.OURS, thing), remaining=Tier.CSP), STEP, ranks)

    assert found.actions == ()
    assert [(left.disposition, bool(left.why)) for left in found.left] == [(disposition, True)]


def test_what_stays_by_agreement_goes_where_nothing_was_agreed() -> None:
    ours = of(Whose.OURS, item("a", Kind.ROLE_ASSIGNMENT))

    assert len(removals(now(ours), STEP, {Kind.ROLE_ASSIGNMENT: 3}).actions) == 1


def test_what_holds_data_goes_once_it_was_exported() -> None:
    things = of(Whose.OURS, item("a", holds=True))

    assert removals(now(things), STEP, RANKS).actions == ()
    assert len(removals(now(things, exported=True), STEP, RANKS).actions) == 1


def test_the_program_does_not_remove_what_it_works_by() -> None:
    executor = told().case.facts.provider.executor
    assert executor
    mine = replace(item("app", Kind.SERVICE_PRINCIPAL), id=executor.upper(), system=System.ENTRA)

    found = removals(now(of(Whose.OURS, mine)), STEP, {Kind.SERVICE_PRINCIPAL: 1})

    assert found.actions == ()
    assert "goes last" in found.left[0].why


def test_soft_first_disables_in_an_earlier_rank() -> None:
    found = removals(now(of(Whose.OURS, item("a"))), STEP, RANKS, disable=True)

    assert [(act.verb, act.rank) for act in found.actions] == [(Verb.DISABLE, 0), (Verb.REMOVE, 1)]


@pytest.mark.parametrize(
    ("whose", "at", "free"),
    [
        (Whose.CUSTOMERS, "a", False),
        (Whose.UNKNOWN, "a", False),
        (Whose.OURS, "a", True),
        (Whose.CUSTOMERS, "A", False),
        (Whose.CUSTOMERS, "ab", True),
        (Whose.CUSTOMERS, "a/child", True),
    ],
)
def test_a_lock_that_is_not_ours_stops_what_it_covers(whose: Whose, at: str, free: bool) -> None:
    lock = item(f"{at}/providers/Microsoft.Authorization/locks/stay", Kind.LOCK)
    situation = now(of(Whose.OURS, item("a")), of(whose, lock))

    found = unlocked(situation, removals(situation, STEP, RANKS))

    assert bool(found.actions) is free
    assert any("lifts it" in left.why for left in found.left) is not free


def planned(count: int, kind: Kind = Kind.RESOURCE) -> Plan:
    things = now(*(of(Whose.OURS, item(str(number), kind)) for number in range(count)))
    acts = removals(things, STEP, {kind: 1}).actions
    return Plan(case="L1", world="w", step=STEP, scope=BLOB, facts=BLOB, actions=acts)


@pytest.mark.parametrize(
    ("removed", "there", "over"),
    [
        (0, 0, False),
        (19, 19, False),
        (4, 20, False),
        (5, 20, True),
        (20, 100, False),
        (21, 100, True),
        (BELT_COUNT, BELT_COUNT * 10, False),
        (BELT_COUNT + 1, BELT_COUNT * 10, True),
    ],
)
def test_the_belt_holds_at_two_hundred_or_a_fifth_of_a_kind(removed: int, there: int, over: bool) -> None:
    found = belt(planned(removed), [item(str(number)) for number in range(there)])

    assert bool(found) is over


PLACES = st.lists(st.sampled_from("abB"), min_size=1, max_size=3).map("/".join)


@given(
    st.lists(PLACES, unique_by=str.lower, min_size=1, max_size=6), st.lists(st.tuples(PLACES, st.sampled_from("xyz")))
)
def test_of_many_locks_each_covers_what_it_is_on_and_what_lies_below_and_the_last_is_named(
    names: list[str], at: list[tuple[str, str]]
) -> None:
    locks = [item(f"{place}/providers/Microsoft.Authorization/locks/{name}", Kind.LOCK) for place, name in at]
    things = [item(name) for name in names]
    situation = now(*(of(Whose.OURS, one) for one in things), *(of(Whose.CUSTOMERS, one) for one in locks))

    found = unlocked(situation, removals(situation, STEP, RANKS))

    def over(thing: Item) -> list[str]:
        low = thing.id.lower() + "/"
        return [one.id for one in locks if low.startswith(one.id.lower().partition("/providers/")[0] + "/")]

    assert [one.name for one in found.actions] == [one.name for one in things if not over(one)]
    named = {one.item.id: one.why.rpartition("; ")[2] for one in found.left}
    assert named == {one.id: over(one)[-1] for one in things if over(one)}
