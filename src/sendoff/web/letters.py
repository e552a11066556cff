"""Screen: the letters of a case, as they lie in their plans; their words can be changed before a yes sends them."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse

from sendoff.engine.desk import Mail
from sendoff.model.state import SETTLED, StepId
from sendoff.web.acting import back
from sendoff.web.drawing import page
from sendoff.web.settings import differing
from sendoff.web.visitor import Decides, Looks

router = APIRouter()
LONGEST = 70_000
"""Characters of a letter that a form may bring; the desk says what a letter may be."""


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
        "letters": [(one, _can(who, case, one), differing(one.was.encode(), one.body.encode())) for one in written],
        "alone": _alone(who, case, there),
        "name": who.pages.name,
        "to_come": [
            one
            for one in found.steps.values()
            if one.step in who.desk.writes() and one.step not in there and one.state not in SETTLED
        ],
        "tab": "letters",
    }
    return page(request, who.pages.drawing, "letters.html", values)


def _can(who: Looks, case: str, one: Mail) -> Mapping[str, str]:
    """What this person can do with its plan now, each deed with the reason why not."""
    return {deed.deed: deed.why_not for deed in who.desk.possible(case, one.step, who.person)}


def _alone(who: Looks, case: str, steps: set[StepId]) -> Mapping[StepId, str]:
    """The steps whose plan is letters and nothing else, with its digest: here a yes sends just what is read here."""
    plans = ((step, who.desk.plan_of(case, step)) for step in steps)
    many = {step: len(who.desk.drafts(case, step)) for step in steps}
    return {step: str(plan.digest) for step, plan in plans if plan is not None and len(plan.actions) == many[step]}


@router.post("/cases/{case}/steps/{step}/reword")
def reword(
    who: Decides,
    case: str,
    step: str,
    letter: Annotated[str, Form(max_length=200)],
    subject: Annotated[str, Form(max_length=400)],
    body: Annotated[str, Form(max_length=LONGEST)],
) -> RedirectResponse:
    """Other words for a letter: another plan, which somebody else says yes to."""
    who.desk.reword(who.person, case, StepId(step), letter, subject=subject, body=body)
    who.told("Changed, with your name. Somebody who did not write in this plan says yes to it.")
    return back(case, "letters")
