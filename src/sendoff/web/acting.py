"""What people do with a whole case: preflight, look, run, halt, close, withdraw, a tail case, a fact attested."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, UploadFile
from starlette.responses import RedirectResponse

from sendoff.web.case import of_case
from sendoff.web.evidence import read_uploads
from sendoff.web.visitor import Decides

router = APIRouter()
Words = Annotated[str, Form(max_length=2000)]


def back(case: str, *more: str) -> RedirectResponse:
    """To where the person was."""
    return RedirectResponse(of_case(case, *more), status_code=303)


@router.post("/cases/{case}/preflight")
def preflight(who: Decides, case: str) -> RedirectResponse:
    """Try every key and look at everything once. It only reads."""
    day_0 = who.desk.preflight(who.person, case)
    bad = sum(not one.good for one in day_0.findings)
    who.told(f"Preflight: {len(day_0.findings)} findings, {bad} of them {'needs' if bad == 1 else 'need'} a person.")
    return back(case, "preflight")


@router.post("/cases/{case}/look")
def look(who: Decides, case: str, purpose: Literal["by hand", "final"] = Form("by hand")) -> RedirectResponse:
    """Look at everything again."""
    seen = who.desk.look(who.person, case, purpose).looks[purpose]
    blind = f"; {len(seen.blind)} places could not be read" if seen.blind else "; every place was read"
    who.told(f"Looked: {seen.items} things, {seen.ours} of them ours{blind}.")
    return RedirectResponse(f"{of_case(case, 'inventory')}?purpose={purpose.replace(' ', '+')}", status_code=303)


@router.post("/cases/{case}/halt")
def halt(who: Decides, case: str, reason: Words, state: Literal["on", "off"] = Form("on")) -> RedirectResponse:
    """Halt the case, or let it go on."""
    who.desk.halt(who.person, case, on=state == "on", reason=reason)
    who.told("The case is halted: whatever runs ends the action it is at." if state == "on" else "The case goes on.")
    return back(case)


@router.post("/cases/{case}/close")
def close(who: Decides, case: str) -> RedirectResponse:
    """End the case with its certificate."""
    after = who.desk.close(who.person, case)
    who.told(f"The case ended: {after.outcome}.")
    return back(case, "certificate")


@router.post("/cases/{case}/withdraw")
def withdraw(who: Decides, case: str, reason: Words) -> RedirectResponse:
    """The customer takes the termination back; two persons say so."""
    after = who.desk.withdraw(who.person, case, reason=reason)
    who.told("Withdrawn." if after.withdrawn else "Asked. A second person agrees with the same form.")
    return back(case)


@router.post("/cases/{case}/tail")
def tail(who: Decides, case: str, reason: Words, until: Annotated[date, Form()]) -> RedirectResponse:
    """Let the CSP part go on in a case of its own; two persons say so."""
    after = who.desk.tail(who.person, case, until=until, reason=reason)
    opened = after.facts.tail
    who.told(f"The CSP part goes on in case {opened}." if opened else "Asked. A second person gives the same day.")
    return back(case)


@router.post("/cases/{case}/attest")
def attest_fact(
    who: Decides, case: str, what: Words, note: Words = "", files: Annotated[list[UploadFile] | None, File()] = None
) -> RedirectResponse:
    """A person's word on a fact of the world, with evidence."""
    who.desk.attest(who.person, case, what, read_uploads(files or []), note=note or "recorded in the pages")
    who.told(f"{what}: attested by you. It is printed as attested, never as verified.")
    return back(case)
