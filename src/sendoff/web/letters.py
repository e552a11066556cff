"""Screen: the letters of a case, exactly as they lie in their plans; a yes to the plan sends them."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from sendoff.model.state import SETTLED
from sendoff.web.drawing import page
from sendoff.web.visitor import Looks

router = APIRouter()


@router.get("/cases/{case}/letters")
def letters(request: Request, who: Looks, case: str) -> HTMLResponse:
    """Every letter that is written, and the steps whose letter is not yet."""
    found = who.desk.named(case)
    written = who.desk.letters(case)
    there = {one.step for one in written}
    values = {
        **who.values(),
        "found": found,
        "customer": found.facts.customer.name,
        "zone": found.facts.zone,
        "letters": written,
        "to_come": [
            one
            for one in found.steps.values()
            if one.step in who.desk.writes() and one.step not in there and one.state not in SETTLED
        ],
        "tab": "letters",
    }
    return page(request, who.pages.drawing, "letters.html", values)
