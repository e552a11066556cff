"""Screen: the end. The plain answer first, in Dutch or English; what was looked at; exceptions; verified here."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from sendoff.model.case import Case
from sendoff.model.certificate import Verification
from sendoff.model.people import Role
from sendoff.model.state import SETTLED
from sendoff.web.answers import ANSWERS, WORDS
from sendoff.web.drawing import page
from sendoff.web.visitor import Looks, Visitor
from sendoff.wiring.checking import check_case

router = APIRouter()
Language = Literal["nl", "en"]


@router.get("/cases/{case}/certificate")
def certificate(
    request: Request, who: Looks, case: str, lang: Language | None = None, check: Annotated[bool, Query()] = False
) -> HTMLResponse:
    """A reading of the signed certificate, or what is missing until there is one."""
    found = who.desk.case(case)
    told = who.desk.certificate(case)
    chosen: Language = lang or ("nl" if found.facts.language == "nl" else "en")
    common = {
        **who.values(),
        "found": found,
        "customer": found.facts.customer.name,
        "zone": found.facts.zone,
        "lang": chosen,
        "words": WORDS[chosen],
        "tab": "certificate",
    }
    if told is None:
        return page(request, who.pages.drawing, "no-certificate.html", {**common, **_not_yet(who, found)})
    answer = ANSWERS[chosen][found.outcome].format(customer=found.facts.customer.name, case=found.id)
    values = {**common, **told, "answer": answer, "checked": _checked(who, case) if check else None}
    return page(request, who.pages.drawing, "certificate.html", values)


def _checked(who: Visitor, case: str) -> Verification:
    """The same check that anybody makes offline with the files."""
    files = who.desk.report(case)
    return check_case(files["certificate.json"], files["journal.jsonl"], files["certificate.pub.pem"])


def _not_yet(who: Visitor, found: Case) -> dict[str, object]:
    named = who.desk.named(found.id)
    return {
        "waiting": [one for one in named.steps.values() if one.state not in SETTLED],
        "looked": found.looks.get("final"),
        "may_end": Role.PRACTICE_LEAD in who.person.roles,
        "may_look": who.person.id not in found.facts.excluded,
    }
