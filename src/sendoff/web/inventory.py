"""Screen: what a look found. Whose each thing is, what could not be seen, and decisions on what is unknown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse

from sendoff.model.case import Case, LastLook
from sendoff.model.errors import BadInput
from sendoff.model.inventory import Whose
from sendoff.model.situation import Owned
from sendoff.web.acting import Words
from sendoff.web.case import of_case
from sendoff.web.drawing import page
from sendoff.web.visitor import Decides, Looks

router = APIRouter()
ROWS = 100
AT_ONCE = 100
"""Decisions in one form; each is an event of its own."""


@router.get("/cases/{case}/inventory")
def inventory(
    request: Request,
    who: Looks,
    case: str,
    purpose: Annotated[str, Query(max_length=100)] = "",
    whose: Annotated[str, Query(max_length=20)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> HTMLResponse:
    """One look, a hundred things a page."""
    found = who.desk.case(case)
    chosen = purpose if purpose in found.looks else _first(found.looks)
    seen = who.desk.seen(case, chosen) if chosen else ()
    shown = [one for one in seen if (not whose or one.provenance.whose == whose) and _fits(one, q)]
    told = {"purpose": chosen, "whose": whose, "q": q}
    values = {
        **who.values(),
        **told,
        **_cut(shown, number, told),
        **_counts(found, seen),
        "found": found,
        "customer": found.facts.customer.name,
        "zone": found.facts.zone,
        "chosen": chosen,
        "look": found.looks.get(chosen),
        "decisions": found.decisions,
        "name": who.pages.name,
        "open": found.certificate is None,
        "tab": "inventory",
    }
    return page(request, who.pages.drawing, "inventory.html", values)


def _counts(found: Case, seen: Sequence[Owned]) -> dict[str, object]:
    """Every look of the case, newest first; and of this one how many things are whose."""
    counted = Counter(str(one.provenance.whose) for one in seen)
    looks = sorted(found.looks.items(), key=lambda one: one[1].seq, reverse=True)
    return {"looks": looks, "counted": [(str(one), counted.get(str(one), 0)) for one in Whose], "all": len(seen)}


def _cut(shown: Sequence[Owned], number: int, told: Mapping[str, str]) -> dict[str, object]:
    """One page of them, and the ways to the pages beside it."""
    pages = max(1, -(-len(shown) // ROWS))
    here = min(number, pages)
    return {
        "shown": shown[(here - 1) * ROWS : here * ROWS],
        "many": len(shown),
        "number": here,
        "pages": pages,
        "before": f"?{urlencode({**told, 'page': here - 1})}" if here > 1 else "",
        "after": f"?{urlencode({**told, 'page': here + 1})}" if here < pages else "",
    }


def _first(looks: Mapping[str, LastLook]) -> str:
    """The look that people mean when they name none: the last one over everything."""
    whole = [name for name in ("final", "by hand", "preflight") if name in looks]
    return next(iter((*whole, *looks)), "")


def _fits(one: Owned, q: str) -> bool:
    text = f"{one.item.name} {one.item.id} {one.item.kind} {one.item.system} {one.item.scope}".casefold()
    return all(word in text for word in q.casefold().split())


@router.post("/cases/{case}/decide")
def decide(
    who: Decides,
    case: str,
    whose: Annotated[str, Form()],
    reason: Words,
    purpose: Annotated[str, Form(max_length=100)],
    refs: Annotated[list[str] | None, Form(alias="ref")] = None,
) -> RedirectResponse:
    """Whose these things are: as many decisions as things, each with its name, each an event."""
    answer = {"ours": Whose.OURS, "customers": Whose.CUSTOMERS}.get(whose)
    names = {one.item.ref: one.item.name for one in who.desk.seen(case, purpose)}
    chosen = _checked(refs or [], names)
    if answer is None:
        raise BadInput("decide `ours` or the customer's", where="whose")
    for ref in chosen:
        who.desk.decide(who.person, case, ref, answer, name=names[ref], reason=reason)
    who.told(f"{len(chosen)} decision{'' if len(chosen) == 1 else 's'}: {answer}. A second person approves the plan.")
    return RedirectResponse(
        f"{of_case(case, 'inventory')}?{urlencode({'purpose': purpose, 'whose': 'unknown'})}", status_code=303
    )


def _checked(refs: Sequence[str], names: dict[str, str]) -> list[str]:
    if not refs:
        raise BadInput("choose at least one thing", where="ref")
    if len(refs) > AT_ONCE:
        raise BadInput(f"{AT_ONCE} decisions are enough at once: each is read by somebody", where="ref")
    strange = [ref for ref in refs if ref not in names]
    if strange:
        raise BadInput("this look did not find such a thing", where=strange[0][:80])
    return list(dict.fromkeys(refs))
