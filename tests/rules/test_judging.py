"""Verdicts: only gone is done, and a failed look is never gone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendoff.model.digest import Digest
from sendoff.model.inventory import Item, Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Deed, Outcome, Plan, Receipt
from sendoff.model.state import Move, StepId
from sendoff.model.verdict import Judgement, Verdict
from sendoff.rules.judging import Reread, judge_others, judge_removals, lasting, outcomes, verdict_of

BLOB = Digest("sha256:" + "a" * 64)
THING = Item(
    system=System.AZURE, kind=Kind.LOCK, id="/things/one", name="one", scope="s", key=Key.LIGHTHOUSE, image=BLOB
)


def plan(verb: Verb, key: Key = Key.LIGHTHOUSE) -> Plan:
    act = Action(
        step=StepId("x"),
        system=System.AZURE,
        verb=verb,
        kind=Kind.LOCK,
        target="/things/one",
        name="one",
        scope="s",
        key=key,
        why="ours",
        before=BLOB,
    )
    return Plan(case="L1", world="w", step=StepId("x"), scope=BLOB, facts=BLOB, actions=(act,))


def deed(outcome: Outcome, verb: Verb = Verb.REMOVE) -> dict[tuple[str, Verb], Deed]:
    ref = plan(verb).actions[0].ref
    return {(ref, verb): Deed(once=BLOB, ref=ref, verb=verb, name="one", receipt=Receipt(outcome=outcome, code="204"))}


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

    seen = judge_others(made, deed(outcome, Verb.SEND), {(made.actions[0].ref, Verb.SEND): "looked up"})
    unseen = judge_others(made, deed(outcome, Verb.SEND), {})

    assert [(one.verdict, one.how) for one in seen] == [(Verdict.THERE, "looked up")]
    if outcome is Outcome.ASKED:
        assert [(one.verdict, one.why) for one in unseen] == [
            (Verdict.HELD, "the vendor took it and goes on with it by itself")
        ]
    else:
        assert [one.verdict for one in unseen] == [Verdict.UNKNOWN]
        assert str(outcome) in unseen[0].why


@pytest.mark.parametrize("other", [verb for verb in Verb if verb is not Verb.SEND])
def test_another_deed_on_the_same_thing_is_not_this_one(other: Verb) -> None:
    made = plan(Verb.SEND)

    found = judge_others(made, deed(Outcome.DONE, other), {(made.actions[0].ref, other): "looked up"})

    assert [(one.verdict, one.why) for one in found] == [
        (Verdict.UNKNOWN, "it was not seen afterwards; nothing was done")
    ]


@pytest.mark.parametrize("verb", [Verb.REMOVE, Verb.END, Verb.PUT_BACK, Verb.DISABLE])
def test_what_a_person_takes_away_is_waited_for_until_it_is_seen_gone(verb: Verb) -> None:
    made = plan(verb, Key.PERSON)

    still = judge_removals(made, {THING.ref: Reread(item=THING, how="direct")}, {})
    gone = judge_removals(made, {THING.ref: Reread(item=None, how="direct")}, {})
    blind = judge_removals(made, {THING.ref: Reread(item=None, failed="403", how="direct")}, {})

    assert [one.verdict for one in (*still, *gone, *blind)] == [Verdict.HELD, Verdict.GONE, Verdict.UNKNOWN]
    assert still[0].why == "a person does it, and it was not seen yet: ours"


@pytest.mark.parametrize("outcome", Outcome)
def test_what_a_person_makes_is_waited_for_whatever_was_written_down_of_it(outcome: Outcome) -> None:
    made = plan(Verb.ACCEPT, Key.PERSON)

    unseen = judge_others(made, deed(outcome, Verb.ACCEPT), {})
    seen = judge_others(made, {}, {(made.actions[0].ref, Verb.ACCEPT): "looked up again"})

    assert [one.verdict for one in (*unseen, *seen)] == [Verdict.HELD, Verdict.THERE]


@pytest.mark.parametrize(
    ("verb", "ended", "verdict"),
    [
        (Verb.END, "yes", Verdict.THERE),
        (Verb.DISABLE, "yes", Verdict.THERE),
        (Verb.REMOVE, "yes", Verdict.LEFT),
        (Verb.PUT_BACK, "yes", Verdict.LEFT),
        (Verb.END, "no", Verdict.LEFT),
        (Verb.DISABLE, "", Verdict.LEFT),
    ],
)
def test_what_was_ended_is_there_and_over_and_what_was_removed_is_not_there(
    verb: Verb, ended: str, verdict: Verdict
) -> None:
    left = replace(THING, detail=(("ended", ended),))

    found = judge_removals(plan(verb), {THING.ref: Reread(item=left, how="direct")}, deed(Outcome.DONE, verb))

    assert [one.verdict for one in found] == [verdict]


def test_what_is_disabled_on_the_way_to_its_removal_is_judged_once() -> None:
    soft, hard = plan(Verb.DISABLE).actions[0], plan(Verb.REMOVE).actions[0]
    made = replace(plan(Verb.REMOVE), actions=(soft, hard))

    assert lasting(made) == (hard,)
    assert judge_others(made, {}, {}) == ()


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
