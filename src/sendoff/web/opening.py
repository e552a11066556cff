"""Screen: a case is opened from a checklist, facts and the notice; and its facts are changed."""

import re
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import HTMLResponse, RedirectResponse

from sendoff.engine.desk import read_checklist
from sendoff.model.errors import BadInput
from sendoff.model.people import PersonId, Role
from sendoff.web.acting import Words
from sendoff.web.case import of_case
from sendoff.web.drawing import page
from sendoff.web.visitor import Decides, Looks
from sendoff.wiring.factsfile import facts_in
from sendoff.wiring.shipped import checklist

router = APIRouter()
LARGEST = 2 * 2**20
"""Bytes of a checklist, of facts, of a notice."""
Upload = Annotated[UploadFile, File()]


@router.get("/cases/new")
def new(request: Request, who: Looks) -> HTMLResponse:
    """What is needed to open a case."""
    return page(request, who.pages.drawing, "new.html", {**who.values(), "may": Role.CSM in who.person.roles})


@router.post("/cases/new")
def open_case(
    who: Decides,
    facts: Upload,
    notice: Upload,
    template: Annotated[UploadFile | None, File()] = None,
    lines: Annotated[str, Form(max_length=200)] = "",
) -> RedirectResponse:
    """Open it; the notice is filed as evidence, as it came."""
    letter = read_whole(notice, "the notice")
    told = facts_in(read_whole(facts, "the facts"), "facts.toml", who.pages.house.provider, who.person.id, letter)
    own = template is not None and template.filename
    text = read_whole(template, "the checklist") if template is not None and own else checklist()
    read = read_checklist(text, "the checklist that was uploaded" if own else "templates/offboarding.md")
    case = who.desk.open_case(who.person, read, told, by_hand=accepted(lines, who.person.id), notice=letter)
    who.told(f"Opened {case.id}. Run the preflight next: it tries every key and looks at everything once.")
    return RedirectResponse(of_case(case.id), status_code=303)


@router.post("/cases/{case}/facts")
def change_facts(who: Decides, case: str, facts: Upload, reason: Words) -> RedirectResponse:
    """Other facts; for those that are frozen a second person brings the very same file."""
    before = who.desk.case(case).facts
    told = facts_in(read_whole(facts, "the facts"), "facts.toml", who.pages.house.provider, who.person.id, b"")
    told = replace(told, notice=before.notice, tail=before.tail, tail_of=before.tail_of)
    after = who.desk.change_facts(who.person, case, told, reason=reason)
    who.told("Facts changed." if after.facts == told else "Asked. A second person brings the same file.")
    return RedirectResponse(of_case(case), status_code=303)


def read_whole(file: UploadFile, what: str) -> bytes:
    """The bytes of an upload; BadInput when it is empty or far too large."""
    data = file.file.read(LARGEST + 1)
    if not data or len(data) > LARGEST:
        raise BadInput(f"{what}: {'the file is empty' if not data else 'more than 2 MiB'}", where="upload")
    return data


def accepted(lines: str, who: PersonId) -> dict[int, PersonId]:
    """Numbers of lines that no step knows, accepted by this person as done by hand."""
    words = [word for word in re.split(r"[,\s]+", lines) if word]
    wrong = [word for word in words if not word.isdecimal() or len(word) > 6]
    if wrong:
        raise BadInput(f"{wrong[0]!r} is not the number of a line", where="lines")
    return {int(word): who for word in words}
