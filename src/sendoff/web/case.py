"""Screen: one case. Who waits for whom, the timeline, the checklist, preflight, keys, journal; live while it moves."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, StreamingResponse

from sendoff.model.digest import Json
from sendoff.model.people import Role
from sendoff.model.state import SETTLED
from sendoff.web.drawing import page
from sendoff.web.facts import FACTS
from sendoff.web.live import Drawn
from sendoff.web.pages import Pages
from sendoff.web.visitor import COOKIE, Looks

router = APIRouter()
EVENTS = 100
"""Events of the journal on one page."""


@router.get("/cases/{case}")
def case_page(request: Request, who: Looks, case: str) -> HTMLResponse:
    """The whole case at a glance."""
    found = who.desk.case(case)
    values = {
        **who.values(),
        **live_values(who.pages, case),
        "keys": who.desk.keys(case),
        "facts": FACTS,
        "may_end": Role.PRACTICE_LEAD in who.person.roles,
        "excluded": who.person.id in found.facts.excluded,
        "open": found.certificate is None,
        "tab": "case",
    }
    return page(request, who.pages.drawing, "case.html", values)


def live_values(pages: Pages, case: str) -> dict[str, object]:
    """What moves on the page: the same for everybody who looks."""
    found, told = pages.desk.case(case), pages.desk.drawn(case)
    counted = [one for one in found.steps.values() if one.state != "not applicable"]
    settled = sum(one.state in SETTLED for one in counted)
    return {
        **told,
        "found": found,
        "rows": checklist(told),
        "settled": settled,
        "total": len(counted),
        "days_left": (found.facts.contract_end - pages.desk.now().date()).days,
        "running": [one for one in found.steps.values() if one.state == "running"],
        "pages_name": pages.name,
    }


def checklist(told: Mapping[str, Json]) -> list[tuple[str, list[Mapping[str, Json]]]]:
    """The lines by section, in the order of the text; what was added comes with the rest, where it belongs."""
    steps, lines = _rows(told.get("steps")), _rows(told.get("lines")) + _rows(told.get("added"))
    by_step = {str(one["step"]): one for one in lines}
    sections: dict[str, list[Mapping[str, Json]]] = {"Your checklist": [], "Not on your checklist": []}
    for one in steps:
        added = bool(one.get("added")) and not one.get("line")
        row = {**one, **by_step.get(str(one["step"]), {}), "why": one.get("why"), "earliest": one.get("earliest")}
        sections["Not on your checklist" if added else "Your checklist"].append(row)
    return [(name, rows) for name, rows in sections.items() if rows]


def _rows(value: Json) -> list[Mapping[str, Json]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def drawn_live(pages: Pages, case: str) -> str:
    """The moving part of the page, drawn once for all who look."""
    values = {**live_values(pages, case), "now": pages.desk.now()}
    return pages.drawing.get_template("case-live.html").render(values)


def first_drawing(who: Looks, case: str, seen: Annotated[int, Query(ge=0)] = 0) -> Drawn:
    """What a viewer missed between the page and the stream; empty when nothing moved."""
    who.desk.case(case)
    return lambda: "" if who.desk.case(case).seq == seen else drawn_live(who.pages, case)


@router.get("/cases/{case}/live")
async def live(
    request: Request, who: Looks, case: str, missed: Annotated[Drawn, Depends(first_drawing)]
) -> StreamingResponse:
    """The moving part as server-sent events. It waits for the tailer and asks nothing itself."""
    pages, cookie = who.pages, request.cookies.get(COOKIE, "")
    heard = pages.live.look(
        f"case {case}",
        case,
        lambda: drawn_live(pages, case),
        lambda: pages.sessions.find(cookie) is not None,
        missed=missed,
    )
    return StreamingResponse(heard, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


@router.get("/cases/{case}/journal")
def journal(
    request: Request, who: Looks, case: str, number: Annotated[int, Query(alias="page", ge=1)] = 1
) -> HTMLResponse:
    """Every event in a sentence, newest first."""
    told = who.desk.drawn(case)
    timeline = told["timeline"]
    events = _rows(timeline.get("events") if isinstance(timeline, dict) else None)[::-1]
    pages = max(1, -(-len(events) // EVENTS))
    here = min(number, pages)
    values = {
        **who.values(),
        **told,
        "found": who.desk.case(case),
        "shown": events[(here - 1) * EVENTS : here * EVENTS],
        "many": len(events),
        "number": here,
        "pages": pages,
        "tab": "journal",
    }
    return page(request, who.pages.drawing, "journal.html", values)


@router.get("/cases/{case}/preflight")
def preflight_page(request: Request, who: Looks, case: str) -> HTMLResponse:
    """What the last preflight found."""
    found = who.desk.case(case)
    values = {
        **who.values(),
        "found": found,
        "customer": found.facts.customer.name,
        "prepared": who.desk.prepared(case),
        "name": who.pages.name,
        "tab": "preflight",
    }
    return page(request, who.pages.drawing, "preflight.html", values)


def of_case(case: str, *more: str) -> str:
    """The address of a case, or of something in it."""
    return "/".join(("/cases", quote(case, safe=""), *(quote(one, safe="") for one in more)))
