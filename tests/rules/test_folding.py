"""The fold: the same events give the same case, whatever prefix of them and however often."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.told import told
from sendoff.model.case import Case
from sendoff.model.digest import Digest
from sendoff.model.errors import Broken, Refused
from sendoff.model.event import Acted, Approved, Body, FactsChanged, Halted, Judged, StepMoved, Tried
from sendoff.model.people import PersonId
from sendoff.model.state import SETTLED, Move, State, StepId
from sendoff.rules.chaining import chained
from sendoff.rules.folding import after, body_of, fold
from sendoff.rules.life import due
from sendoff.rules.surprising import halts_itself, surprises

BLOB = Digest("sha256:" + "b" * 64)


def then(case: Case, *bodies: Body) -> Case:
    """The case after these events."""
    for body in bodies:
        entry = chained(
            body, case=case.id, seq=case.seq + 1, prev=case.head, at=case.at, actor=PersonId("erik"), salt="00" * 32
        )
        case = after(case, entry.event, body)
    return case


def prefix(kind: type[Body], step: str = "") -> Case:
    """The story up to and with the first event of this kind (of this step)."""
    entries = told().entries
    for place, entry in enumerate(entries, start=1):
        body = body_of(entry)
        if isinstance(body, kind) and (not step or getattr(body, "step", "") == step):
            return fold(entries[:place])
    raise AssertionError(f"the story has no {kind.__name__} of {step}")


@settings(deadline=None)  # the story is told once for the whole file, by whichever example comes first
@given(st.data())
def test_every_prefix_folds_to_one_case_in_one_go_or_in_two(data: st.DataObject) -> None:
    entries = told().entries
    length = data.draw(st.integers(1, len(entries)))
    cut = data.draw(st.integers(1, length))

    whole = fold(entries[:length])
    going_on = fold(entries[:cut])
    for entry in entries[cut:length]:
        going_on = after(going_on, entry.event, body_of(entry))

    assert going_on == whole == fold(entries[:length])
    assert (whole.seq, whole.head) == (length, entries[length - 1].event.digest)


def test_a_step_is_waiting_exactly_while_one_before_it_is_not_settled() -> None:
    case: Case | None = None
    for entry in told().entries:
        case = after(case, entry.event, body_of(entry))
        for one in case.steps.values():
            free = all(case.steps[step].state in SETTLED for step in one.after if step in case.steps)
            assert not (one.state is State.WAITING and free), one.step
            assert not (one.state is State.READY and not free), one.step


def test_an_erased_body_and_a_chain_without_a_beginning_cannot_be_folded() -> None:
    entries = told().entries

    with pytest.raises(Broken, match="erased"):
        fold((replace(entries[0], body=None, salt=None),))
    with pytest.raises(Broken, match="the first event is"):
        fold(entries[1:])
    with pytest.raises(Refused, match="no events"):
        fold(())


def test_an_approval_of_another_plan_is_refused() -> None:
    case = prefix(Approved, "confirm-termination")
    standing = case.steps[StepId("confirm-termination")]
    planned = replace(case, steps={**case.steps, standing.step: replace(standing, state=State.PLANNED, approval=None)})

    with pytest.raises(Refused, match="another plan"):
        then(planned, Approved(step=standing.step, plan=BLOB, until=case.at))


def test_a_changed_frozen_fact_takes_every_approval_back_and_a_free_one_none() -> None:
    case = prefix(Approved, "confirm-termination")
    step = StepId("confirm-termination")
    changed = FactsChanged(facts=case.facts, reason="new key", frozen_changed=True, asked_by=PersonId("emma"))

    frozen, free = then(case, changed), then(case, replace(changed, frozen_changed=False))

    assert (frozen.steps[step].state, frozen.steps[step].approval, frozen.steps[step].plan) == (State.READY, None, None)
    assert free.steps[step].state is State.APPROVED


@pytest.mark.parametrize("move", [Move.REFUSE, Move.EXPIRE, Move.STOP])
def test_a_step_taken_back_forgets_its_plan_and_its_yes(move: Move) -> None:
    step = StepId("confirm-termination")

    found = then(prefix(Approved, step), StepMoved(step=step, move=move, reason="no")).steps[step]

    assert (found.plan, found.plan_blob, found.approval) == (None, None, None)
    assert found.state is (State.STOPPED if move is Move.STOP else State.READY)


def test_an_intent_begins_the_step_and_its_outcome_closes_the_batch() -> None:
    step = StepId("confirm-termination")
    case = prefix(Approved, step)
    tried = Tried(step=step, batch=0, attempt=1, deeds=BLOB, count=1, root=BLOB)
    acted = Acted(step=step, batch=0, deeds=BLOB, count=1, root=BLOB, outcomes=(("refused", 2), ("done", 1)))

    begun = then(case, tried)
    again = then(begun, replace(tried, attempt=2))
    done = then(again, acted)

    assert begun.steps[step].state is State.RUNNING
    assert dict(begun.steps[step].tried) == dict(again.steps[step].tried) == {0: BLOB}
    assert (done.steps[step].tried, done.steps[step].acted) == ((), (0,))
    assert surprises(done.steps[step]) == 2
    assert step not in due(begun)
    assert step in due(done)


def test_nothing_is_due_in_a_halted_case() -> None:
    case = prefix(Approved, "confirm-termination")

    assert due(case) == (StepId("confirm-termination"),)
    assert due(then(case, Halted(on=True, reason="stop"))) == ()
    assert due(then(case, Halted(on=True, reason="stop"), Halted(on=False, reason="go"))) != ()


def test_a_step_that_was_done_and_is_found_left_keeps_those_after_it_waiting_again() -> None:
    step = StepId("confirm-termination")
    case = prefix(Judged, step)
    assert case.steps[step].state is State.DONE
    free = [one.step for one in case.steps.values() if step in one.after and one.state is State.READY]
    assert free

    left = then(case, StepMoved(step=step, move=Move.LEAVE, reason="still there"))

    assert left.steps[step].state is State.LEFT
    assert {left.steps[one].state for one in free} == {State.WAITING}


def test_an_event_about_a_step_that_the_case_does_not_have_is_refused() -> None:
    with pytest.raises(Refused, match="no step"):
        then(told().case, StepMoved(step=StepId("nothing"), move=Move.STOP))


def test_a_step_halts_itself_at_three_surprises_in_a_row_or_at_a_fifth_of_what_was_done() -> None:
    def halts(row: int, **outcomes: int) -> bool:
        found = prefix(Approved).steps[StepId("remove-resources")]
        return halts_itself(replace(found, row=row, outcomes=tuple(outcomes.items())))

    assert halts(3, done=500, refused=3)
    assert halts(1, done=12, refused=3)
    assert not halts(2, done=100, refused=4), "one here and there among hundreds is named, and the others are done"
    assert not halts(0, done=100)
