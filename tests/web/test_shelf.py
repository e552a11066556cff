"""The shelf over a restart: what was kept is what a fold says, and a case that moved is folded anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import text

from fakes.houses import Stage, stage
from sendoff import __version__
from sendoff.engine.desk import Desk
from sendoff.model.card import Card
from sendoff.model.case import Case
from sendoff.model.state import StepId
from sendoff.ports import Journal
from sendoff.rules.carding import card_of, made_by
from sendoff.steps import EVERY
from sendoff.store.cards import SqliteCards
from sendoff.store.casekeys import CaseKeys, house_key
from sendoff.store.database import open_database, writing
from sendoff.web.shelf import Shelf


def names(made: Stage) -> tuple[str, str, str]:
    """The three cases, in the order in which they were opened."""
    first, second, third = made.desk.heads()
    return first, second, third


@pytest.fixture
def made(tmp_path: Path) -> Stage:
    """Three cases, each at another place, whose cards were kept."""
    made = stage(tmp_path)
    for _ in range(3):
        made.opened()
    made.desk.preflight(made.who("erik"), names(made)[1])
    made.desk.plan(made.who("carla"), names(made)[1], StepId("confirm-termination"))
    made.desk.halt(made.who("erik"), names(made)[2], on=True, reason="the customer called")
    shelf = Shelf(made.desk)
    shelf.fresh(Event())
    shelf.keep()
    return made


class Counted:
    """A journal that counts what is folded."""

    def __init__(self, journal: Journal) -> None:
        self._journal, self.folded = journal, list[str]()

    def __getattr__(self, name: str) -> object:
        return getattr(self._journal, name)

    def fold(self, case: str) -> Case:
        self.folded.append(case)
        return self._journal.fold(case)


def test_a_list_on_the_command_line_folds_only_what_moved_since_somebody_listed(made: Stage) -> None:
    first, second, third = names(made)
    ports = made.desk.ports
    counted = Counted(ports.journal)
    desk = Desk(ports=replace(ports, journal=counted))  # type: ignore[arg-type]

    assert [card.case for card in desk.every_card()] == [first, second, third] and counted.folded == []

    made.desk.halt(made.who("erik"), first, on=True, reason="the customer called")
    cards = desk.every_card()
    assert counted.folded == [first] and cards == tuple(folded(made).values())
    assert desk.every_card() == cards and counted.folded == [first], "and it was kept for the next who asks"


def folded(made: Stage) -> dict[str, Card]:
    return {case: card_of(made.desk.ports.journal.fold(case), EVERY) for case in made.desk.heads()}


@contextmanager
def folds(made: Stage) -> Iterator[list[str]]:
    """The cases that are folded meanwhile, as the cards say that come back newer than what was kept."""
    kept = {card.case: card for card in made.desk.kept_cards()}
    told: list[str] = []
    yield told
    told += [case for case, card in folded(made).items() if kept.get(case) != card]


def taken_up(made: Stage) -> Shelf:
    """A shelf of pages that were just started."""
    shelf = Shelf(made.desk)
    shelf.fresh(Event())
    return shelf


def test_what_was_kept_is_what_a_fold_of_the_journal_says(made: Stage) -> None:
    assert {card.case: card for card in made.desk.kept_cards()} == folded(made)
    assert {card.case: card for card in taken_up(made).cards()} == folded(made)


def test_after_a_start_only_cases_that_moved_are_folded(made: Stage) -> None:
    made.desk.halt(made.who("erik"), names(made)[0], on=True, reason="wait a moment")
    with folds(made) as behind:
        shelf = taken_up(made)
    assert behind == [names(made)[0]]
    assert {card.case: card for card in shelf.cards()} == folded(made)
    shelf.keep()
    with folds(made) as behind:
        pass
    assert behind == []


def test_a_card_that_another_program_made_is_folded_anew(made: Stage) -> None:
    assert list(others(made, "another").kept()) == []
    assert len(list(others(made, made_by(__version__, EVERY)).kept())) == 3


def others(made: Stage, name: str) -> SqliteCards:
    data = made.house.settings.data
    keys = CaseKeys(house_key(data / "keys" / "house.key"))
    return SqliteCards(made.house.journal.engine, keys, data / "cards.db", made=name)


def test_the_card_of_an_erased_case_opens_to_nobody(made: Stage) -> None:
    first, second, third = names(made)
    made.house.journal.erase(second, actor=made.who("paul").id, at=made.desk.now())
    assert {card.case for card in made.desk.kept_cards()} == {first, third}
    assert {card.case for card in taken_up(made).cards()} == {first, third}
    data = (made.house.settings.data / "cards.db").read_bytes()
    assert b"Van der Meer" not in data
    assert b"confirm-termination" not in data


def test_a_file_of_cards_that_is_none_any_more_costs_a_fold_and_nothing_else(made: Stage) -> None:
    file = made.house.settings.data / "cards.db"
    for more in ("-wal", "-shm"):
        Path(f"{file}{more}").unlink(missing_ok=True)
    file.write_bytes(b"no database at all, and longer than the head of one would ever be" * 200)
    cards = others(made, made_by(__version__, EVERY))
    assert list(cards.kept()) == []
    cards.keep(list(folded(made).values()))
    assert {card.case: card for card in cards.kept()} == folded(made)


def test_a_changed_card_is_not_believed(made: Stage) -> None:
    """One case's card in another's place: it is bound to its case."""
    first, second, third = names(made)
    engine = open_database(made.house.settings.data / "cards.db")
    with writing(engine) as connection:
        stored = connection.execute(text("SELECT sealed FROM card WHERE chain = :of"), {"of": second}).scalar()
        connection.execute(text("UPDATE card SET sealed = :it WHERE chain = :of"), {"it": stored, "of": first})
    engine.dispose()
    assert {card.case for card in made.desk.kept_cards()} == {second, third}
