"""The pages put together: routes, guard, and what is answered when the desk says no."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from sendoff.model.errors import BadInput, Refused, SendoffError, StoreDown
from sendoff.web import (
    acting,
    ahead,
    case,
    cases,
    certificate,
    deciding,
    evidence,
    inventory,
    letters,
    mine,
    opening,
    rehearsing,
    settings,
    signing_in,
    step,
)
from sendoff.web.drawing import environment, page
from sendoff.web.guard import SAFE, Guard
from sendoff.web.live import Live
from sendoff.web.pages import Pages
from sendoff.web.sessions import Sessions
from sendoff.web.shelf import Shelf
from sendoff.web.tailer import Say, Tailer
from sendoff.web.visitor import COOKIE, Forged, SignedOut, pages_of
from sendoff.wiring.house import House

ROUTERS = (
    signing_in.router,
    mine.router,
    cases.router,
    opening.router,
    case.router,
    acting.router,
    ahead.router,
    step.router,
    deciding.router,
    inventory.router,
    certificate.router,
    letters.router,
    evidence.router,
    settings.router,
)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def pages_for(house: House) -> Pages:
    """What the screens of a house stand on."""
    return Pages(house=house, sessions=Sessions(), shelf=Shelf(house.desk), live=Live(), drawing=environment())


def app_for(pages: Pages, *, hosts: frozenset[str] = LOOPBACK, say: Say = lambda line: None) -> FastAPI:
    """The application. `hosts` are the names it answers to; the tailer lives as long as it does."""
    app = FastAPI(
        title="sendoff",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_lifespan(pages, say),
        middleware=[Middleware(Guard, hosts=hosts)],
    )
    app.state.pages = pages
    for router in ROUTERS:
        app.include_router(router)
    if pages.house.control is not None:
        app.include_router(rehearsing.router)
    app.mount("/static", StaticFiles(directory=Path(str(files("sendoff.web").joinpath("static")))), name="static")
    _answers(app)
    return app


def _lifespan(pages: Pages, say: Say) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def span(app: FastAPI) -> AsyncIterator[None]:
        tailer = Tailer(pages, say)
        tailer.start()
        try:
            yield
        finally:
            pages.stopping.set()
            pages.live.end()
            tailer.join()

    return span


def _answers(app: FastAPI) -> None:
    """What is answered instead of a page."""
    app.add_exception_handler(SignedOut, _signed_out)
    app.add_exception_handler(Forged, _said)
    app.add_exception_handler(SendoffError, _said)
    app.add_exception_handler(RequestValidationError, _said)
    app.add_exception_handler(HTTPException, _said)


def _signed_out(request: Request, wrong: Exception) -> Response:
    """A page leads to the way in; a form that comes without a session does nothing."""
    if request.method in SAFE and not request.url.path.endswith("/live"):
        return RedirectResponse("/sign-in", status_code=303)
    return _page(request, 401, "You are not signed in", "Sign in, and do it again: nothing was done.", "/sign-in")


def _said(request: Request, wrong: Exception) -> Response:
    """No, with the reason, and a way on."""
    back = _back(request)
    match wrong:
        case Forged():
            words = "This form is not of your session: open the page anew and do it again. Nothing was done."
            return _page(request, 403, "Nothing was done", words, back)
        case RequestValidationError():
            return _page(request, 422, "Something is missing", _missing(wrong), back)
        case HTTPException(status_code=404):
            return _page(request, 404, "There is no such page", "It may have had another address.", "/")
        case HTTPException():
            return _page(request, wrong.status_code, "Not like this", str(wrong.detail), back)
        case StoreDown():
            return _page(request, 503, "The database does not answer", str(wrong), back)
        case BadInput():
            return _page(request, 422, "Not understood", str(wrong), back)
        case Refused() if "there is no case" in str(wrong):
            return _page(request, 404, "There is no such case", str(wrong), "/cases")
        case Refused():
            return _page(request, 409, "Not done", str(wrong), back)
        case _:
            return _page(request, 502, "Not done", str(wrong), back)


def _missing(wrong: RequestValidationError) -> str:
    first = wrong.errors()[0]
    where = [str(part) for part in first["loc"] if part not in ("body", "query", "path")]
    return f"{', '.join(where) or 'the form'}: {first['msg']}. Nothing was done."


def _back(request: Request) -> str:
    """The page that the refused form stands on; its own address says which."""
    parts = request.url.path.strip("/").split("/")
    if parts[0] != "cases" or len(parts) < 2:
        return "/"
    size = 4 if len(parts) > 4 and parts[2] == "steps" else 2
    return "/" + "/".join(parts[:size])


def _page(request: Request, status: int, title: str, words: str, back: str) -> HTMLResponse:
    pages = pages_of(request)
    session = pages.sessions.find(request.cookies.get(COOKIE, ""))
    values = {
        "title": title,
        "words": words,
        "back": back,
        "me": pages.person(session.person) if session else None,
        "token": session.token if session else "",
        "said": (),
        "sandbox": pages.house.control is not None,
        "now": pages.desk.now(),
        "halted_everywhere": "",
    }
    return page(request, pages.drawing, "no.html", values, status=status)
