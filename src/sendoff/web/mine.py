"""Screen: my work. What waits for me, by role and person, why it waits, and what I can do now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from sendoff.model.card import Card, Waits
from sendoff.model.people import Person, Role
from sendoff.model.state import State
from sendoff.web.drawing import page
from sendoff.web.visitor import Looks

router = APIRouter()
MOST = 50
"""Rows of one kind on the page; the rest is counted and found in the list of cases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing that I can do now."""

    card: Card
    waits: Waits | None
    text: str
    why: str
    days_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """Tasks of one kind, the most urgent first."""

    name: str
    title: str
    about: str
    tasks: tuple[Task, ...]
    many: int


ABOUT = {
    "yes": ("Waits for your yes", "Somebody laid a plan ready. You are the second person."),
    "left": ("Needs a look", "Something is not as it should be: it needs a new plan, or you."),
    "hand": ("To be done by hand", "Do it, then give your word with evidence."),
    "plan": ("To be planned", "Look, and lay a plan ready for a second person."),
    "end": ("Ready to be closed", "Every line is settled. The certificate is yours to sign."),
    "case": ("Asked of a second person", "About a whole case."),
}


@router.get("/")
def my_work(request: Request, who: Looks) -> HTMLResponse:
    """What waits for me."""
    today = who.desk.now().date()
    cards = [card for card in who.pages.shelf.cards() if card.open and who.person.id not in card.excluded]
    piles = piled(cards, who.person, today)
    values = {
        **who.values(),
        "piles": piles,
        "missing": who.pages.shelf.missing(),
        "any_case": bool(who.pages.shelf.cards()),
        "others": _others(cards),
        "open_cases": len(cards),
    }
    return page(request, who.pages.drawing, "mine.html", values)


def piled(cards: Sequence[Card], person: Person, today: date) -> tuple[Pile, ...]:
    """Everything that this person can do, by kind."""
    found: dict[str, list[Task]] = {name: [] for name in ABOUT}
    for card in cards:
        for name, waits, text, why in _mine(card, person):
            task = Task(card=card, waits=waits, text=text, why=why, days_left=card.days_left(today))
            found[name].append(task)
    made = []
    for name, (title, about) in ABOUT.items():
        tasks = sorted(found[name], key=lambda task: (task.days_left, task.card.customer, task.text))
        if tasks:
            made.append(Pile(name=name, title=title, about=about, tasks=tuple(tasks[:MOST]), many=len(tasks)))
    return tuple(made)


def _mine(card: Card, person: Person) -> Iterator[tuple[str, Waits | None, str, str]]:
    lead = Role.PRACTICE_LEAD in person.roles
    for one in card.waits:
        if one.wish_by is not None and one.wish_by != person.id and ({one.role, Role.PRACTICE_LEAD} & person.roles):
            yield "yes", one, f"{one.text}: a waiver", "somebody asked to leave it undone; a second person agrees"
        elif one.state is State.PLANNED and person.id not in one.proposers and (lead or one.role in person.roles):
            yield "yes", one, one.text, planned_words(one)
        elif one.state in (State.READY, State.LEFT, State.STOPPED) and _mine_to_begin(one, person):
            left = one.state in (State.LEFT, State.STOPPED)
            name = "left" if left else "hand" if one.by_hand else "plan"
            yield name, one, one.text, one.why or ("it can begin" if not left else "it needs a new plan")
    if card.closable and lead:
        yield "end", None, card.title, "every line is settled"
    for asked in card.asks:
        yield "case", None, card.title, asked


def _mine_to_begin(one: Waits, person: Person) -> bool:
    prepared = one.role is Role.PRACTICE_LEAD and not one.by_hand and Role.ENGINEER in person.roles
    return one.role in person.roles or prepared


def planned_words(one: Waits) -> str:
    """A plan in a few words: how much, and how much of it for good."""
    count = f"{one.planned:,} action{'' if one.planned == 1 else 's'}"
    which = "it" if one.planned == 1 else "all" if one.irreversible == one.planned else f"{one.irreversible:,} of them"
    grave = f"; {which} cannot be taken back" if one.irreversible else ""
    return f"{count}{grave}" + ("; over the size belt" if one.belt else "")


def _others(cards: Sequence[Card]) -> tuple[tuple[str, int], ...]:
    """Whom all open cases wait for, counted: so that an empty page does not look like an idle house."""
    counted: dict[str, int] = {}
    for card in cards:
        for one in card.waits:
            whom = str(one.role) if one.state in (State.READY, State.LEFT, State.PLANNED, State.STOPPED) else ""
            whom = whom or ("a date" if one.state is State.HELD else "the worker")
            counted[whom] = counted.get(whom, 0) + 1
    return tuple(sorted(counted.items()))
