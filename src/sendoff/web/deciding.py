"""What people do with one step: plan, approve, refuse, attest, not applicable, waive, stop, resume."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from starlette.responses import RedirectResponse

from sendoff.model.digest import Digest
from sendoff.model.state import StepId
from sendoff.web.acting import Words, back
from sendoff.web.evidence import read_uploads
from sendoff.web.visitor import Decides

router = APIRouter()
PATH = "/cases/{case}/steps/{step}"


@router.post(f"{PATH}/plan")
def plan(who: Decides, case: str, step: str) -> RedirectResponse:
    """Look, and lay a plan ready for a second person. Nothing is changed."""
    after = who.desk.plan(who.person, case, StepId(step)).steps[StepId(step)]
    many = f"{after.planned:,} action{'' if after.planned == 1 else 's'}"
    ready = f"A plan of {many} lies ready. A second person says yes or no."
    who.told(ready if after.state == "planned" else f"It is {after.state}. {after.reason}")
    return back(case, "steps", step)


@router.post(f"{PATH}/approve")
def approve(
    who: Decides, case: str, step: str, digest: Annotated[str, Form()], over_belt: Annotated[bool, Form()] = False
) -> RedirectResponse:
    """A second person's yes to exactly the plan that was shown."""
    after = who.desk.approve(who.person, case, StepId(step), Digest(digest), over_belt=over_belt)
    given = after.steps[StepId(step)].approval
    who.told(f"Approved until {given.until:%Y-%m-%d %H:%M} UTC. It begins when its gates are open." if given else "")
    return back(case, "steps", step)


@router.post(f"{PATH}/refuse")
def refuse(who: Decides, case: str, step: str, reason: Words) -> RedirectResponse:
    """No to a plan, with the reason."""
    who.desk.refuse(who.person, case, StepId(step), reason=reason)
    who.told("Refused. The step needs a new plan.")
    return back(case, "steps", step)


@router.post(f"{PATH}/attest")
def attest(
    who: Decides,
    case: str,
    step: str,
    note: Words = "",
    files: Annotated[list[UploadFile] | None, File()] = None,
) -> RedirectResponse:
    """A person's word that it was done, with evidence."""
    who.desk.attest(who.person, case, StepId(step), read_uploads(files or []), note=note or "done by hand")
    who.told("Attested by you. It is printed as attested, never as verified.")
    return back(case, "steps", step)


@router.post(f"{PATH}/not-applicable")
def not_applicable(who: Decides, case: str, step: str, reason: Words) -> RedirectResponse:
    """A line that does not apply, on record with who and why."""
    who.desk.not_applicable(who.person, case, StepId(step), reason=reason)
    who.told("On record as not applicable, with your name and the reason.")
    return back(case, "steps", step)


@router.post(f"{PATH}/waive")
def waive(who: Decides, case: str, step: str, reason: Words, until: Annotated[date, Form()]) -> RedirectResponse:
    """Ask to leave a line undone until a day or, as a second person with the same day, agree."""
    after = who.desk.waive(who.person, case, StepId(step), reason=reason, until=until).steps[StepId(step)]
    who.told(f"Waived until {until}." if after.second else "Asked. A second person agrees with the same day.")
    return back(case, "steps", step)


@router.post(f"{PATH}/stop")
def stop(who: Decides, case: str, step: str, reason: Words) -> RedirectResponse:
    """Stop it; what runs ends after the action it is at."""
    who.desk.stop(who.person, case, StepId(step), reason=reason)
    who.told("Stopped. What runs ends after the action it is at.")
    return back(case, "steps", step)


@router.post(f"{PATH}/resume")
def resume(who: Decides, case: str, step: str, reason: Words) -> RedirectResponse:
    """Let it go on from the beginning."""
    who.desk.resume(who.person, case, StepId(step), reason=reason)
    who.told("Ready again; it needs a new plan.")
    return back(case, "steps", step)
