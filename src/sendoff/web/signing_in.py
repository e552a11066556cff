"""Screen: the way in. In the sandbox it is one click to be one of the cast; nowhere else is there such a way."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sendoff.model.errors import Refused
from sendoff.model.people import PersonId
from sendoff.web.drawing import page
from sendoff.web.pages import Pages
from sendoff.web.visitor import COOKIE, Decides, pages_of

router = APIRouter()
Here = Annotated[Pages, Depends(pages_of)]


@router.get("/sign-in")
def sign_in_page(request: Request, pages: Here) -> HTMLResponse:
    """Everybody of the register, each a button."""
    values = {
        "people": pages.house.register.people(),
        "me": None,
        "token": "",
        "said": (),
        "sandbox": pages.house.control is not None,
        "now": pages.desk.now(),
        "halted_everywhere": "",
    }
    return page(request, pages.drawing, "sign-in.html", values)


@router.post("/sign-in")
def sign_in(request: Request, pages: Here, person: Annotated[str, Form()]) -> Response:
    """Be one of the cast. Wiring serves no pages outside the sandbox yet, and this asks once more."""
    if pages.house.control is None:
        raise Refused("this way in is the sandbox's; against real systems people sign in with their own account")
    found = pages.person(PersonId(person))
    if found is None:
        raise Refused("nobody of that name is in the register")
    pages.sessions.end(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/", status_code=303)
    cookie = pages.sessions.begin(found.id)
    answer.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", secure=request.url.scheme == "https", path="/")
    return answer


@router.post("/sign-out")
def sign_out(request: Request, who: Decides) -> Response:
    """End the session here, not only in the browser."""
    who.pages.sessions.end(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/sign-in", status_code=303)
    answer.delete_cookie(COOKIE, path="/")
    return answer
