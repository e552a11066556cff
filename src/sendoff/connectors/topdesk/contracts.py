"""Where the support contract lives: in contract management, which a person ends, or in an asset, which we archive."""

from collections.abc import Iterator
from datetime import date, timedelta

from sendoff.connectors.topdesk.cards import item
from sendoff.connectors.topdesk.client import SYSTEM, ServiceDesk, TopdeskDoor
from sendoff.connectors.topdesk.ours import Branches, seen
from sendoff.connectors.wire.body import Object, text
from sendoff.model.errors import Confusing, Refused
from sendoff.model.inventory import Item, Target
from sendoff.ports import Sink

Found = dict[str, tuple[Object, str, bool]]
"""Contracts by id: the card, its branch, and whether it has ended."""


class Contracts:
    """The contracts of one customer, as the door says they are kept."""

    def __init__(self, desk: ServiceDesk, door: TopdeskDoor, ours: Branches, end: date) -> None:
        self._desk, self._door, self._ours = desk, door, ours
        self._after = (end + timedelta(days=1)).isoformat()
        self._last = end.isoformat()

    def open(self) -> Found:
        """Every contract that goes on after the contract's last day; none counts after the control read."""
        found = self._slas(self._after) if self._door.mode == "sla" else self._assets("false")
        if not found:
            seen(self._desk, self._ours.main)
        return found

    def all(self) -> Found:
        """For the export: what is valid on the last day, or every asset, archived ones included."""
        found = self._slas(self._last) if self._door.mode == "sla" else self._assets("true") | self._assets("false")
        if not found:
            seen(self._desk, self._ours.main)
        return found

    def one(self, ident: str) -> tuple[Object, str, bool] | None:
        """One contract. In contract management it is gone when it is not valid any more that day, which only a look at
        the branch tells; an asset of nobody's branch is Refused."""
        if self._door.mode == "sla":
            found = self._slas(self._after, ident).get(ident)
            if found is None:
                seen(self._desk, self._ours.main)
            return found
        mine = (self._assets("true") | self._assets("false")).get(ident)
        if mine is None and self._desk.asset(ident):
            raise Refused(f"asset {ident} is not linked to {self._ours.reference}; nothing was done")
        if mine is None:
            seen(self._desk, self._ours.main)
        return mine

    def items(self, at: Target, out: Sink) -> Iterator[Item]:
        """The contracts that go on, as items."""
        for ident, (row, branch, ended) in self.open().items():
            where = Target(system=at.system, kind=at.kind, id=ident, scope=at.scope, key=at.key)
            yield item(row, where, branch, ended, out, ("mode", self._door.mode))

    def _slas(self, day: str, contract: str = "") -> Found:
        found: Found = {}
        for branch in self._ours.ids:
            for row in self._desk.slas(branch, day, contract):
                found.setdefault(text(row, "contractId"), (row, branch, False))
        return {ident: one for ident, one in found.items() if not contract or ident == contract}

    def _assets(self, archived: str) -> Found:
        template = self._desk.template(self._door.asset_template)
        found: Found = {}
        for branch in self._ours.ids:
            for row in self._desk.assets(template, branch, archived):
                found[text(row, "unid") or text(row, "id")] = (row, branch, archived == "true")
        return found


def checked(door: TopdeskDoor) -> TopdeskDoor:
    """The door, or Confusing when it says something that the service desk does not have."""
    if door.mode not in ("sla", "asset") or (door.mode == "asset" and not door.asset_template):
        raise Confusing("topdesk.mode is sla, or asset with topdesk.asset_template", system=SYSTEM)
    if door.task != "incident":
        raise Confusing("topdesk.task is incident: no other kind of task is made yet", system=SYSTEM)
    return door
