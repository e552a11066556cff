"""The life table: no illegal state, always a way out, and no timer that says yes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendoff.model.errors import Refused
from sendoff.model.state import SETTLED, Move, State
from sendoff.rules.life import TABLE, allows, moved

WAYS_OUT = (Move.STOP, Move.SKIP, Move.WAIVE)
BEYOND_A_YES = frozenset({State.APPROVED, State.RUNNING})


@given(st.lists(st.sampled_from(list(Move)), max_size=60))
def test_no_row_of_moves_leads_anywhere_but_along_the_table(moves: list[Move]) -> None:
    state, approved = State.WAITING, False
    for move in moves:
        before = state
        if not allows(state, move):
            with pytest.raises(Refused, match=f"a step that is {state} cannot {move}"):
                moved(state, move)
            continue
        state = moved(state, move)
        assert state is TABLE[before][move]
        approved = move is Move.APPROVE or (approved and state in BEYOND_A_YES | {State.HELD})
        if state in BEYOND_A_YES:
            assert approved, "nothing runs that nobody approved"


@pytest.mark.parametrize("state", [state for state in State if state not in SETTLED])
def test_every_unsettled_state_has_a_way_out_for_a_person(state: State) -> None:
    assert any(allows(state, move) for move in WAYS_OUT)


@pytest.mark.parametrize("state", State)
def test_from_every_state_a_settled_one_can_be_reached(state: State) -> None:
    reached, before = {state}, set[State]()
    while reached != before:
        before = set(reached)
        reached |= {after for one in before for after in TABLE[one].values()}

    assert reached & SETTLED


@pytest.mark.parametrize("state", State)
def test_time_that_runs_out_never_says_yes(state: State) -> None:
    after = TABLE[state].get(Move.EXPIRE)

    assert after in (None, State.READY)


def test_only_a_person_approves_and_only_a_plan() -> None:
    assert ways_to(State.APPROVED) == [(State.PLANNED, Move.APPROVE)]


def ways_to(end: State) -> list[tuple[State, Move]]:
    return [(state, move) for state, row in TABLE.items() for move, after in row.items() if after is end]


def test_only_what_was_approved_begins_and_only_what_had_begun_goes_on_after_a_wait() -> None:
    assert ways_to(State.RUNNING) == [(State.APPROVED, Move.BEGIN), (State.HELD, Move.BEGIN)]
    assert ways_to(State.HELD) == [(State.RUNNING, Move.HOLD), (State.HELD, Move.HOLD)]


def test_what_runs_cannot_be_attested_skipped_or_waived() -> None:
    assert not {Move.ATTEST, Move.SKIP, Move.WAIVE} & set(TABLE[State.RUNNING])


def test_the_table_has_every_state_once() -> None:
    assert set(TABLE) == set(State)
