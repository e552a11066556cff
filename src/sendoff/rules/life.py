"""The life of a step: State x Move -> State, as one table. What is not in the table is refused and changes nothing.

Two rules for whoever edits this file: every state that is not settled keeps a way out (STOP, SKIP or WAIVE), and no
move that a timer makes (EXPIRE) may lead to APPROVED or further. The picture in docs/states.svg is drawn from here.
"""

from sendoff.model.case import Case, Standing
from sendoff.model.errors import Refused
from sendoff.model.state import Move, State, StepId

_BY_PERSON: dict[Move, State] = {
    Move.ATTEST: State.ATTESTED,
    Move.SKIP: State.NOT_APPLICABLE,
    Move.WAIVE: State.WAIVED,
    Move.STOP: State.STOPPED,
    Move.CARRY_ON: State.PASSED_ON,
}

TABLE: dict[State, dict[Move, State]] = {
    State.WAITING: {
        Move.UNLOCK: State.READY,
        Move.SKIP: State.NOT_APPLICABLE,
        Move.WAIVE: State.WAIVED,
        Move.STOP: State.STOPPED,
        Move.CARRY_ON: State.PASSED_ON,
    },
    State.READY: {
        **_BY_PERSON,
        Move.LOCK: State.WAITING,
        Move.PLAN: State.PLANNED,
        Move.CLEAN: State.DONE,
        Move.LEAVE: State.LEFT,
    },
    State.PLANNED: {
        **_BY_PERSON,
        Move.PLAN: State.PLANNED,
        Move.APPROVE: State.APPROVED,
        Move.REFUSE: State.READY,
        Move.EXPIRE: State.READY,
    },
    State.APPROVED: {
        Move.BEGIN: State.RUNNING,
        Move.REFUSE: State.READY,
        Move.EXPIRE: State.READY,
        Move.PLAN: State.PLANNED,
        Move.SKIP: State.NOT_APPLICABLE,
        Move.WAIVE: State.WAIVED,
        Move.STOP: State.STOPPED,
        Move.CARRY_ON: State.PASSED_ON,
    },
    State.RUNNING: {
        Move.CLEAN: State.DONE,
        Move.LEAVE: State.LEFT,
        Move.HOLD: State.HELD,
        Move.STOP: State.STOPPED,
    },
    State.HELD: {
        Move.BEGIN: State.RUNNING,
        Move.UNLOCK: State.READY,
        Move.CLEAN: State.DONE,
        Move.LEAVE: State.LEFT,
        Move.HOLD: State.HELD,
        Move.WAIVE: State.WAIVED,
        Move.STOP: State.STOPPED,
        Move.CARRY_ON: State.PASSED_ON,
    },
    State.LEFT: {**_BY_PERSON, Move.PLAN: State.PLANNED, Move.CLEAN: State.DONE, Move.LEAVE: State.LEFT},
    State.STOPPED: {
        Move.RESUME: State.READY,
        Move.SKIP: State.NOT_APPLICABLE,
        Move.WAIVE: State.WAIVED,
        Move.CARRY_ON: State.PASSED_ON,
    },
    State.DONE: {Move.LEAVE: State.LEFT},
    State.ATTESTED: {Move.LEAVE: State.LEFT, Move.CLEAN: State.DONE},
    State.NOT_APPLICABLE: {Move.RESUME: State.READY},
    State.WAIVED: {Move.RESUME: State.READY},
    State.PASSED_ON: {},
}


def moved(state: State, move: Move) -> State:
    """Where `move` leads from `state`, or Refused."""
    after = TABLE[state].get(move)
    if after is None:
        possible = ", ".join(sorted(TABLE[state]))
        raise Refused(f"a step that is {state} cannot {move}; it can: {possible}")
    return after


def allows(state: State, move: Move) -> bool:
    """True when the table has this move."""
    return move in TABLE[state]


def due(case: Case) -> tuple[StepId, ...]:
    """The steps that the robot may move on without a person: approved ones, running ones of which no batch is under
    way, and those that wait for a date."""
    if case.halted:
        return ()
    return tuple(one.step for one in case.steps.values() if _moves(one))


def _moves(one: Standing) -> bool:
    if one.state is State.RUNNING:
        return not one.tried
    return one.state in (State.APPROVED, State.HELD)
