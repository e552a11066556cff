"""The sandbox's own buttons: the others act, and civil time moves on. Nowhere else is there such a thing."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse

from sendoff.model.errors import Refused
from sendoff.web.acting import back
from sendoff.web.visitor import Decides
from sendoff.wiring.rehearsing import clock_on, others_act

router = APIRouter()


@router.post("/cases/{case}/rehearsal/others")
def others(who: Decides, case: str) -> RedirectResponse:
    """The customer, the new supplier and people in the vendors' pages do what waits for them."""
    _sandbox_only(who, case)
    said = others_act(who.pages.house, case)
    who.told("Others acted: " + "; ".join(said) if said else "Nothing waits for the others now.")
    return back(case)


@router.post("/cases/{case}/rehearsal/clock")
def clock(who: Decides, case: str) -> RedirectResponse:
    """Civil time moves to the next moment at which something may go on."""
    _sandbox_only(who, case)
    who.told(clock_on(who.pages.house, case))
    return back(case)


def _sandbox_only(who: Decides, case: str) -> None:
    if who.pages.house.control is None:
        raise Refused("time and the others are moved in the sandbox only")
    if who.person.id in who.desk.case(case).facts.excluded:
        raise Refused(f"{who.person.name} is excluded from this case; no role changes that")
