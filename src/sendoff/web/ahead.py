"""Screens about a whole case: what every step would do today, what could be put back, and the files of its folder."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from sendoff.model.errors import Refused
from sendoff.model.people import Role
from sendoff.web.drawing import page
from sendoff.web.visitor import Decides, Looks, Visitor

router = APIRouter()


@router.post("/cases/{case}/forecast")
def forecast(request: Request, who: Decides, case: str) -> HTMLResponse:
    """What every machine step would plan today. It reads in every system, keeps nothing and cannot be approved."""
    if who.person.id in who.desk.case(case).facts.excluded:
        raise Refused(f"{who.person.name} is excluded from this case; no role changes that")
    made = who.desk.forecast(case)
    found = who.desk.named(case)
    texts = {one.step: one.text for one in found.steps.values()}
    order = [
        (step, [(edge.first, edge.because) for edge in made.solved.edges if edge.then == step and not edge.declared])
        for step in made.solved.order
    ]
    values = {
        **_common(who, case),
        "drawn": [(one, sum(map(who.desk.grave, one.plan.actions))) for one in made.drawn],
        "not_yet": made.not_yet,
        "order": order,
        "texts": texts,
        "tab": "",
    }
    return page(request, who.pages.drawing, "forecast.html", values)


@router.get("/cases/{case}/withdrawal")
def withdrawal(request: Request, who: Looks, case: str) -> HTMLResponse:
    """What of our deeds could be put back now, what not, and why it may be too late. Nothing is decided by looking."""
    found = who.desk.case(case)
    wish = found.withdrawal_asked
    agrees = wish is not None and wish.by != who.person.id
    values = {
        **_common(who, case),
        "reckoned": who.desk.withdrawal(case),
        "wish": wish,
        "agrees": agrees,
        "may": not agrees or bool(who.person.roles & {Role.CSM, Role.PRACTICE_LEAD}),
        "name": who.pages.name,
        "tab": "",
    }
    return page(request, who.pages.drawing, "withdrawal.html", values)


@router.get("/cases/{case}/folder")
def folder(request: Request, who: Looks, case: str) -> HTMLResponse:
    """Every file of the case's folder, as the command `sendoff case report` writes it."""
    files = sorted((name, len(data)) for name, data in who.desk.report(case).items())
    return page(request, who.pages.drawing, "folder.html", {**_common(who, case), "files": files, "tab": "folder"})


def _common(who: Visitor, case: str) -> dict[str, object]:
    found = who.desk.case(case)
    return {
        **who.values(),
        "found": found,
        "customer": found.facts.customer.name,
        "excluded": who.person.id in found.facts.excluded,
        "open": found.certificate is None,
    }
