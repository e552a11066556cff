"""Who is at the door: the session, the person behind it, and the token that goes with every form."""

from dataclasses import dataclass
from hmac import compare_digest
from typing import Annotated

from fastapi import Depends, Form, Request

from sendoff.engine.desk import Desk
from sendoff.model.errors import Refused
from sendoff.model.people import Person
from sendoff.web.pages import Pages
from sendoff.web.sessions import Session

COOKIE = "sendoff_session"


class SignedOut(Exception):
    """Nobody is signed in; the way in is shown."""


class Forged(Exception):
    """A form without the token of this session: it is not one that we gave to this person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A person with a session, and the pages they are on."""

    pages: Pages
    person: Person
    session: Session

    @property
    def desk(self) -> Desk:
        """The desk."""
        return self.pages.desk

    def told(self, words: str) -> None:
        """To be shown once, on the next page."""
        self.session.said.append(words)

    def values(self) -> dict[str, object]:
        """What every page needs."""
        said, self.session.said[:] = tuple(self.session.said), []
        return {
            "me": self.person,
            "token": self.session.token,
            "said": said,
            "sandbox": self.pages.house.control is not None,
            "now": self.desk.now(),
            "halted_everywhere": self.desk.ports.brake.on(),
        }


def pages_of(request: Request) -> Pages:
    """The pages of this process."""
    found: object = request.app.state.pages
    if not isinstance(found, Pages):
        raise Refused("these pages were not wired")
    return found


def visitor(request: Request) -> Visitor:
    """Who looks; SignedOut when nobody is signed in, or when they are in the register no more."""
    pages = pages_of(request)
    session = pages.sessions.find(request.cookies.get(COOKIE, ""))
    person = pages.person(session.person) if session else None
    if session is None or person is None:
        raise SignedOut
    return Visitor(pages=pages, person=person, session=session)


def decider(found: Annotated[Visitor, Depends(visitor)], token: Annotated[str, Form()] = "") -> Visitor:
    """Who decides: a form carries the token of the session it was made for."""
    if not compare_digest(token.encode(), found.session.token.encode()):
        raise Forged
    return found


Looks = Annotated[Visitor, Depends(visitor)]
Decides = Annotated[Visitor, Depends(decider)]
