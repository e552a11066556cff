"""The picture of the states is the table, and shows all of it."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tools import states  # noqa: E402
from tools.markdown import differing  # noqa: E402

from sendoff.model.state import Move, State  # noqa: E402
from sendoff.rules.life import TABLE  # noqa: E402


def test_the_picture_on_disk_is_what_the_table_draws() -> None:
    assert differing(states.pages()) == [], "run `make docs`"


def test_a_changed_table_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TABLE, State.DONE, {**TABLE[State.DONE], Move.BEGIN: State.RUNNING})
    assert differing(states.pages()) == ["docs/states.svg"]


def test_every_move_of_the_table_is_drawn_once() -> None:
    drawn = [(start, move, end) for (start, end), moves in states.arrows().items() for move in moves]
    drawn += [(state, move, TABLE[state][move]) for state in State for move in states.inside(state)]
    table = [(start, move, end) for start, row in TABLE.items() for move, end in row.items()]
    told = [row for row in table if row[1] is states.BY_TWO]
    assert sorted(drawn) == sorted(row for row in table if row not in told)
    assert {end for _, _, end in told} == states.leads_to(states.BY_TWO) and "Carry on, by two persons" in states.svg()


def test_a_move_written_inside_a_state_leads_to_one_place() -> None:
    assert all(len(states.leads_to(move)) == 1 for move in states.BY_PERSON)


def test_every_state_has_a_place_of_its_own_and_its_name_in_the_picture() -> None:
    named = re.findall(r'class="s"[^>]*>([^<]+)<', states.svg())
    assert sorted(named) == sorted(State)
    assert len(set(states.PLACES.values())) == len(State)
