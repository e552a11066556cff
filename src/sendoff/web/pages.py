"""What every screen stands on: the desk, who may sign in, the shelf of cards, and what lives."""

import threading
from dataclasses import dataclass, field

from jinja2 import Environment

from sendoff.engine.desk import Desk
from sendoff.model.people import Person, PersonId
from sendoff.web.live import Live
from sendoff.web.sessions import Sessions
from sendoff.web.shelf import Shelf
from sendoff.wiring.house import House


@dataclass(slots=True, kw_only=True)
class Pages:
    """One process of pages."""

    house: House
    sessions: Sessions
    shelf: Shelf
    live: Live
    drawing: Environment
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def desk(self) -> Desk:
        """The desk: everything goes through it."""
        return self.house.desk

    def person(self, ident: PersonId) -> Person | None:
        """Somebody of the register; None when they are not in it any more."""
        return next((one for one in self.house.register.people() if one.id == ident), None)

    def name(self, ident: PersonId | None) -> str:
        """The name behind an id."""
        found = self.person(ident) if ident else None
        return found.name if found else str(ident or "")
