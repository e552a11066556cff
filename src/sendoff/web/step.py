"""Screen: one step. Its gates, the objects of its plan, and what the person who looks can do with it now."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, StreamingResponse

from sendoff.engine.desk import Fate
from sendoff.model.case import Case, Standing
from sendoff.model.errors import BadInput
from sendoff.model.gate import Shut
from sendoff.model.state import SETTLED, StepId
from sendoff.web.drawing import page
from sendoff.web.live import Drawn
from sendoff.web.objects import Asked, in_words, listed
from sendoff.web.pages import Pages
from sendoff.web.visitor import COOKIE, Looks

router = APIRouter()


@router.get("/cases/{case}/steps/{step}")
def step_page(request: Request, who: Looks, case: str, step: str, asked: Annotated[Asked, Depends()]) -> HTMLResponse:
    """One step of a case."""
    found = who.desk.named(case)
    one = found.standing(StepId(step))
    if one is None:
        raise BadInput("there is no such step in this case", where=step[:80])
    plan = who.desk.plan_of(case, one.step)
    fates = who.desk.fates(case, one.step) if plan else {}
    values = {
        **who.values(),
        **live_values(who.pages, case, one.step),
        "customer": found.facts.customer.name,
        "zone": found.facts.zone,
        "plan": plan,
        "because": who.desk.because(plan) if plan else (),
        "words": in_words(plan, one, who.desk.grave) if plan else (),
        "listed": listed(plan, asked, who.desk.grave, partial(_verdict, fates)) if plan else None,
        "fates": fates,
        "asked": asked,
        "who_grave": who.desk.grave,
        "can": {deed.deed: deed.why_not for deed in who.desk.possible(case, one.step, who.person)},
        "name": who.pages.name,
        "before": _beside(found, one.step, -1),
        "after": _beside(found, one.step, 1),
        "waits_first": [found.steps[each] for each in one.after if _holds_up(found, each)],
        "tab": "",
    }
    return page(request, who.pages.drawing, "step.html", values)


def _verdict(fates: Mapping[str, Fate], ref: str) -> str:
    found = fates.get(ref)
    return str(found.verdict.verdict) if found is not None and found.verdict is not None else ""


def live_values(pages: Pages, case: str, step: StepId) -> dict[str, object]:
    """What moves on the page: the same for everybody who looks."""
    found = pages.desk.named(case)
    gates = pages.desk.gates_of(case, step)
    one = found.steps[step]
    done = sum(count for _, count in one.outcomes)
    return {
        "found": found,
        "one": one,
        "gates": [(isinstance(gate, Shut), gate) for gate in gates],
        "shut": sum(isinstance(gate, Shut) for gate in gates),
        "done": done,
        "settled": one.state in SETTLED,
        "person_name": pages.name,
        "zone": found.facts.zone,
        "seq": found.seq,
    }


def _holds_up(case: Case, step: StepId) -> bool:
    return step in case.steps and case.steps[step].state not in SETTLED


def _beside(case: Case, step: StepId, way: int) -> Standing | None:
    """The next line that applies, up or down the checklist."""
    names = [one.step for one in case.steps.values() if one.state != "not applicable" or one.step == step]
    place = names.index(step) + way
    return case.steps[names[place]] if 0 <= place < len(names) else None


# ---- live ---------------------------------------------------------------------------------------------------------


def drawn_live(pages: Pages, case: str, step: StepId) -> str:
    """The moving part, drawn once for all who look."""
    return pages.drawing.get_template("step-live.html").render(live_values(pages, case, step))


def first_drawing(who: Looks, case: str, step: str, seen: Annotated[int, Query(ge=0)] = 0) -> Drawn:
    """What a viewer missed between the page and the stream; empty when nothing moved."""
    if who.desk.case(case).standing(StepId(step)) is None:
        raise BadInput("there is no such step in this case", where=step[:80])
    return lambda: "" if who.desk.case(case).seq == seen else drawn_live(who.pages, case, StepId(step))


@router.get("/cases/{case}/steps/{step}/live")
async def live(
    request: Request, who: Looks, case: str, step: str, missed: Annotated[Drawn, Depends(first_drawing)]
) -> StreamingResponse:
    """The moving part as server-sent events."""
    pages, cookie, name = who.pages, request.cookies.get(COOKIE, ""), f"step {case} {step}"
    heard = pages.live.look(
        name,
        case,
        lambda: drawn_live(pages, case, StepId(step)),
        lambda: pages.sessions.find(cookie) is not None,
        missed=missed,
    )
    return StreamingResponse(heard, media_type="text/event-stream", headers={"x-accel-buffering": "no"})
