"""F19 and F22: a timer is no yes, and every state has a way out."""

import ast
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sendoff
from fakes.houses import Stage, stage
from fakes.leavings import approved, certificate, cut_short, move, next_life, planned, run, standing, trouble
from sendoff.model.case import Case
from sendoff.model.event import Approved, Body, Tried
from sendoff.model.state import SETTLED, Move, State, StepId
from sendoff.model.template import Tier
from sendoff.rules.folding import body_of
from sendoff.rules.life import TABLE

LETTER = StepId("confirm-termination")
PRTG = StepId("remove-from-prtg")
BY_ITSELF = frozenset({Move.UNLOCK, Move.LOCK, Move.EXPIRE, Move.BEGIN, Move.CLEAN, Move.LEAVE, Move.HOLD})
"""Moves that need no person."""
BY_A_PERSON = frozenset({Move.STOP, Move.SKIP, Move.WAIVE, Move.RESUME, Move.REFUSE, Move.ATTEST})
AT_WORK = frozenset({State.APPROVED, State.RUNNING, State.HELD})
Table = Mapping[State, Mapping[Move, State]]


def reached(table: Table, start: State, moves: frozenset[Move]) -> set[State]:
    """Every state that these moves lead to."""
    found, edge = {start}, [start]
    while edge:
        row = table[edge.pop()]
        after = {row[one] for one in moves & set(row)} - found
        found |= after
        edge += after
    return found


def changed(state: State, one: Move, to: State | None) -> Table:
    """The life table with one row another: what the same questions must notice."""
    row = {move: after for move, after in TABLE[state].items() if move is not one}
    return {**TABLE, state: {**row, one: to} if to is not None else row}


# ---- F19: a timer never says yes ----------------------------------------------------------------------------------


def yes_by_itself(table: Table) -> list[State]:
    """States without a yes from which something is at work with no person's move."""
    return [state for state in table if state not in AT_WORK and AT_WORK & reached(table, state, BY_ITSELF)]


def test_f19_no_row_of_moves_without_a_person_leads_to_a_yes() -> None:
    assert yes_by_itself(TABLE) == []


@pytest.mark.parametrize("state", [State.PLANNED, State.READY, State.LEFT, State.STOPPED, State.WAITING])
def test_f19_the_same_question_notices_a_timer_that_says_yes(state: State) -> None:
    assert state in yes_by_itself(changed(state, Move.EXPIRE, State.APPROVED))


def test_f19_a_yes_is_written_at_one_door_only() -> None:
    assert set(calls("Approved")) == {"engine/desk/deciding.py approve"}
    assert calls("Tried"), "the same search finds what is written elsewhere"


def calls(name: str) -> list[str]:
    """File and function in which the program makes a noun of this name."""
    home = Path(sendoff.__file__).parent
    found = []
    texts = {file: file.read_text(encoding="utf-8") for file in sorted(home.rglob("*.py"))}
    for file, text in texts.items():
        for function in ast.walk(ast.parse(text)) if f"{name}(" in text else ():
            if isinstance(function, ast.FunctionDef):
                made = [one for one in ast.walk(function) if isinstance(one, ast.Call)]
                if any(isinstance(one.func, ast.Name) and one.func.id == name for one in made):
                    found.append(f"{file.relative_to(home).as_posix()} {function.name}")
    return found


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """One house for many cases."""
    return stage(tmp_path_factory.mktemp("house"), tier=Tier.CSP)


def bodies(one: Stage, case: Case) -> list[Body]:
    """What was written, in order."""
    return [body_of(entry) for entry in one.house.journal.entries(case.id)]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hours=st.lists(st.integers(1, 24 * 40), min_size=1, max_size=5), again=st.booleans())
def test_f19_however_the_clock_goes_the_worker_alone_begins_nothing(
    house: Stage, hours: list[int], again: bool
) -> None:
    case = house.opened()
    planned(house, case, LETTER, by="carla")
    for some in hours:
        move(house, house.house.clock.now() + timedelta(hours=some))
        if again:
            planned(house, case, LETTER, by="carla")
        found = run(house, case)
        assert not [one.step for one in found.steps.values() if one.state in AT_WORK]

    assert not [one for one in bodies(house, case) if isinstance(one, Approved | Tried)]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(days=st.integers(0, 60))
def test_f19_a_yes_that_ran_out_leads_back_and_one_that_did_not_begins(house: Stage, days: int) -> None:
    case = house.opened()
    planned(house, case, LETTER, by="carla")
    until = approved(house, case, LETTER, by="paul").approval
    assert until is not None
    move(house, house.house.clock.now() + timedelta(days=days))
    late = house.house.clock.now() >= until.until

    after = run(house, case).steps[LETTER]

    assert after.state is (State.READY if late else State.DONE)
    if late:
        assert (after.approval, after.plan) == (None, None)
        assert "a timer never says yes" in after.reason
        assert not [one for one in bodies(house, case) if isinstance(one, Tried)]


def test_f19_a_date_that_opens_after_the_yes_ran_out_begins_nothing(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), PRTG, State.READY)
    planned(one, case, PRTG)
    approved(one, case, PRTG)
    assert run(one, case).steps[PRTG].state is State.APPROVED, "the contract has not ended: it waits"

    move(one, one.house.clock.now() + timedelta(days=120))
    for _ in range(3):
        run(one, case)

    assert standing(one, case, PRTG).state is State.READY
    assert not one.wire.calls("GET", "deleteobject") and not one.wire.calls("POST", "deleteobject")


# ---- F22: every state has a way out -------------------------------------------------------------------------------


def stuck(table: Table) -> list[State]:
    """Unsettled states from which a person alone gets nowhere."""
    return [state for state in table if state not in SETTLED and not SETTLED & reached(table, state, BY_A_PERSON)]


def test_f22_from_every_state_a_persons_moves_lead_to_an_end() -> None:
    assert stuck(TABLE) == []


@pytest.mark.parametrize(("state", "one"), [(State.RUNNING, Move.STOP)])
def test_f22_the_same_question_notices_a_state_without_a_way_out(state: State, one: Move) -> None:
    assert stuck(changed(state, one, None)) == [state]


def waiting(folder: Path) -> tuple[Stage, StepId]:
    one = stage(folder, tier=Tier.CSP)
    found = one.opened()
    return one, next(row.step for row in found.steps.values() if row.state is State.WAITING)


def ready(folder: Path) -> tuple[Stage, StepId]:
    one = stage(folder, tier=Tier.CSP)
    one.opened()
    return one, LETTER


def laid(folder: Path) -> tuple[Stage, StepId]:
    one, step = ready(folder)
    planned(one, one.desk.case(one.desk.cases()[0].id), step, by="carla")
    return one, step


def agreed(folder: Path) -> tuple[Stage, StepId]:
    one, step = laid(folder)
    approved(one, one.desk.cases()[0], step, by="paul")
    return one, step


def begun(folder: Path) -> tuple[Stage, StepId]:
    one, step = agreed(folder)
    cut_short(one, one.desk.cases()[0], "/send")
    return next_life(one), step


def unseen(folder: Path) -> tuple[Stage, StepId]:
    one, step = agreed(folder)
    trouble(one, do="lie", vendor="graph", path="/send")
    run(one, one.desk.cases()[0])
    return one, step


def stopped(folder: Path) -> tuple[Stage, StepId]:
    one, step = agreed(folder)
    one.desk.stop(one.who("carla"), one.desk.cases()[0].id, step, reason="wait a moment")
    return one, step


def held(folder: Path) -> tuple[Stage, StepId]:
    one = stage(folder, tier=Tier.CSP)
    step = StepId("end-relationships")
    one.until(one.opened(), step, State.HELD)
    return one, step


BROUGHT: Mapping[State, Callable[[Path], tuple[Stage, StepId]]] = {
    State.WAITING: waiting,
    State.READY: ready,
    State.PLANNED: laid,
    State.APPROVED: agreed,
    State.RUNNING: begun,
    State.HELD: held,
    State.LEFT: unseen,
    State.STOPPED: stopped,
}
"""How a case is really brought into each state that is not settled."""


def waived(one: Stage, case: Case, step: StepId) -> State:
    """After two persons waived it."""
    until = one.house.clock.now().date() + timedelta(days=30)
    for who in ("erik", "paul"):
        one.desk.waive(one.who(who), case.id, step, reason="it cannot be done", until=until)
    return standing(one, case, step).state


def test_f22_there_is_a_way_into_every_state_that_is_not_settled() -> None:
    assert set(BROUGHT) == set(State) - SETTLED


@pytest.mark.parametrize("state", BROUGHT)
@pytest.mark.parametrize("halted", [False, True], ids=["", "halted"])
def test_f22_through_the_desk_every_state_can_be_left_also_in_a_halted_case(
    tmp_path: Path, state: State, halted: bool
) -> None:
    one, step = BROUGHT[state](tmp_path)
    case = one.desk.cases()[0]
    assert standing(one, case, step).state is state
    if halted:
        one.desk.halt(one.who("carla"), case.id, on=True, reason="the wrong customer?")
    if state in (State.PLANNED, State.RUNNING):
        one.desk.stop(one.who("carla"), case.id, step, reason="it cannot be done")

    assert waived(one, case, step) is State.WAIVED
    if halted:
        run(one, case)
        one.desk.halt(one.who("carla"), case.id, on=False, reason="the right one")
    assert run(one, case).steps[step].state is State.WAIVED, "and no worker takes it up again"


def everything_waived(one: Stage, case: Case) -> None:
    """Two persons waive whatever is open."""
    for step, row in one.desk.case(case.id).steps.items():
        if row.state not in SETTLED:
            assert waived(one, case, step) is State.WAIVED


def test_f22_a_case_in_which_nobody_does_anything_can_still_be_closed_and_says_so(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()
    one.desk.halt(one.who("carla"), case.id, on=True, reason="nobody answers")
    one.desk.halt(one.who("carla"), case.id, on=False, reason="we end it")
    # The first look adds steps that are on no line of the checklist; the second one finds no more of them.
    for _ in range(2):
        everything_waived(one, case)
        one.desk.look(one.who("erik"), case.id, "final")

    closed = one.desk.close(one.who("paul"), case.id)

    told = certificate(one, closed)
    assert told.outcome == "limited"
    assert not one.wire.calls("POST", "/send")
