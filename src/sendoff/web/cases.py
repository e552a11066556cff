"""Screen: all cases. Searched, filtered and sorted over their cards, so that ten thousand stay quick."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from sendoff.model.card import Card
from sendoff.model.people import Role
from sendoff.model.state import State
from sendoff.web.drawing import page
from sendoff.web.visitor import Looks

router = APIRouter()
ROWS = 50
SOON = 14
"""Days before the end of a contract at which an open case is at risk."""
Show = Literal["open", "risk", "closed", "all"]
Sort = Literal["end", "customer", "progress", "next", "opened"]
Waiting = Literal["", "CSM", "Engineer", "Practice Lead Managed Services", "a date", "the worker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case in the list."""

    card: Card
    days_left: int
    waiting: tuple[str, ...]
    risk: str


@router.get("/cases")
def list_cases(
    request: Request,
    who: Looks,
    q: Annotated[str, Query(max_length=100)] = "",
    show: Show = "open",
    waits: Waiting = "",
    sort: Sort = "end",
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> HTMLResponse:
    """Every case that fits, fifty a page."""
    today, cards = who.desk.now().date(), who.pages.shelf.cards()
    found = sorted(chosen(cards, q, show, waits, today), key=lambda card: _order(card, sort))
    pages = max(1, -(-len(found) // ROWS))
    here = min(number, pages)
    rows = [row_of(card, today) for card in found[(here - 1) * ROWS : here * ROWS]]
    asked = {"q": q, "show": show, "waits": waits, "sort": sort}
    values = {
        **who.values(),
        **asked,
        "rows": rows,
        "found": len(found),
        "all": len(cards),
        "missing": who.pages.shelf.missing(),
        "roles": [str(role) for role in Role],
        "number": here,
        "pages": pages,
        "before": f"?{urlencode({**asked, 'page': here - 1})}" if here > 1 else "",
        "after": f"?{urlencode({**asked, 'page': here + 1})}" if here < pages else "",
    }
    return page(request, who.pages.drawing, "cases.html", values)


def chosen(cards: Sequence[Card], q: str, show: str, waits: str, today: date) -> list[Card]:
    """The cards that fit a search and its filters."""
    words = q.casefold().split()
    return [
        card
        for card in cards
        if _shown(card, show, today)
        and (not waits or waits in waiting_for(card))
        and all(word in f"{card.customer} {card.title} {card.case}".casefold() for word in words)
    ]


def _shown(card: Card, show: str, today: date) -> bool:
    match show:
        case "open":
            return card.open
        case "closed":
            return not card.open
        case "risk":
            return bool(risk_of(card, today))
        case _:
            return True


def _order(card: Card, sort: str) -> tuple[object, ...]:
    """What to sort by; the case's number last, so that two pages never show one case twice."""
    match sort:
        case "customer":
            return card.customer.casefold(), card.case
        case "progress":
            return -(card.settled / max(1, card.total)), card.case
        case "next":
            return card.next_at is None, card.next_at or card.at, card.case
        case "opened":
            return -card.opened_at.timestamp(), card.case
        case _:
            return card.contract_end, card.case


def row_of(card: Card, today: date) -> Row:
    """A case in one row."""
    return Row(card=card, days_left=card.days_left(today), waiting=waiting_for(card), risk=risk_of(card, today))


def waiting_for(card: Card) -> tuple[str, ...]:
    """Whom the case waits for: roles first, then the worker and dates."""
    found = dict.fromkeys(str(one.role) for one in card.waits if one.state in _BY_PEOPLE)
    if any(one.state in (State.APPROVED, State.RUNNING) for one in card.waits):
        found["the worker"] = None
    if any(one.state is State.HELD for one in card.waits):
        found["a date"] = None
    if card.closable:
        found[str(Role.PRACTICE_LEAD)] = None
    return tuple(found)


_BY_PEOPLE = frozenset({State.READY, State.PLANNED, State.LEFT, State.STOPPED})


def risk_of(card: Card, today: date) -> str:
    """Why an open case may go wrong; empty when nothing says so."""
    if not card.open:
        return ""
    if card.halted:
        return "halted"
    if (card.access_until - today).days < 0:
        return "our access is over"
    if card.days_left(today) < 0:
        return "the contract is over"
    if card.troubled:
        return "something is left"
    return "the end is near" if card.days_left(today) <= SOON and card.settled * 2 < card.total else ""
