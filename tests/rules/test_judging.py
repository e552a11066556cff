"""Verdicts: only gone is done, and a failed look is never gone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendoff.model.digest import Digest
from sendoff.model.inventory import Item, Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Deed, Outcome, Plan, Receipt
from sendoff.model.state import Move, StepId
from sendoff.model.verdict import Judgement, Verdict
from sendoff.rules.judging import Reread, judge_others, judge_removals, outcomes, verdict_of

BLOB = Digest("sha256:" + "a" * 64)
THING = Item(
    system=System.AZURE, kind=Kind.LOCK, id="/things/one", name="one", scope="s", key=Key.LIGHTHOUSE, image=BLOB
)


def plan(verb: Verb) -> Plan:
    act = Action(
        step=StepId("x"),
        system=System.AZURE,
        verb=verb,
        kind=Kind.LOCK,
        target="/things/one",
        name="one",
        scope="s",
        key=Key.LIGHTHOUSE,
        why="ours",
        before=BLOB,
    )
    return Plan(case="L1", world="w", step=StepId("x"), scope=BLOB, facts=BLOB, actions=(act,))


def deed(outcome: Outcome, verb: Verb = Verb.REMOVE) -> dict[str, Deed]:
    ref = plan(verb).actions[0].ref
    return {ref: Deed(once=BLOB, ref=ref, verb=verb, name="one", receipt=Receipt(outcome=outcome, code="204"))}


@pytest.mark.parametrize("outcome", [*Outcome, None])
@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (Reread(item=None, how="direct"), Verdict.GONE),
        (Reread(item=THING, how="direct"), Verdict.LEFT),
        (Reread(item=None, failed="403", how="direct"), Verdict.UNKNOWN),
        (Reread(item=THING, failed="503", how="direct"), Verdict.UNKNOWN),
    ],
)
def test_what_was_removed_is_judged_by_the_second_look_alone(
    seen: Reread, verdict: Verdict, outcome: Outcome | None
) -> None:
    found = judge_removals(plan(Verb.REMOVE), {THING.ref: seen}, deed(outcome) if outcome else {})

    assert [one.verdict for one in found] == [verdict]


@pytest.mark.parametrize("outcome", Outcome)
def test_what_was_sent_is_there_only_when_it_was_seen(outcome: Outcome) -> None:
    made = plan(Verb.SEND)

    seen = judge_others(made, deed(outcome, Verb.SEND), frozenset({made.actions[0].ref}), "looked up")
    unseen = judge_others(made, deed(outcome, Verb.SEND), frozenset(), "looked up")

    assert [one.verdict for one in (*seen, *unseen)] == [Verdict.THERE, Verdict.UNKNOWN]


@given(st.lists(st.sampled_from(list(Verdict))))
def test_a_step_is_clean_only_when_nothing_is_left_unknown_or_held(verdicts: list[Verdict]) -> None:
    rows = [Judgement(ref=str(n), name=str(n), verdict=one, how="") for n, one in enumerate(verdicts)]

    move, why = verdict_of(rows)

    assert why
    assert (move is Move.CLEAN) == (set(verdicts) <= {Verdict.GONE, Verdict.THERE})
    assert (move is Move.LEAVE) == bool({Verdict.LEFT, Verdict.UNKNOWN} & set(verdicts))


def test_outcomes_are_counted_by_name() -> None:
    rows = [*deed(Outcome.DONE).values(), *deed(Outcome.DONE).values(), *deed(Outcome.REFUSED).values()]

    assert outcomes(rows) == (("done", 2), ("refused", 1))
