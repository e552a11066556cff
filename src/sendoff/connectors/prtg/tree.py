"""Which objects of the core are this customer's, and which may never be touched."""

from sendoff.connectors.prtg.client import Core, PrtgDoor, Row
from sendoff.connectors.prtg.probes import Probes
from sendoff.model.errors import Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Kind

CONTENT = {Kind.PRTG_GROUP: "groups", Kind.PRTG_DEVICE: "devices", Kind.PRTG_PROBE: "probes"}
NEVER = frozenset({"0", "1", "40"})
"""The root, the core's own probe, and that probe's own device."""


class Tree:
    """The parents of everything that can hold something, and what is the customer's among it."""

    def __init__(self, core: Core, facts: Facts, door: PrtgDoor) -> None:
        slug = facts.customer.slug
        self._core, self._slug, self._foreign = core, slug, door.foreign
        self.tags = tuple(form.format(slug=slug) for form in door.tags)
        self.groups, self.probe = facts.places.prtg_groups, facts.places.prtg_probe
        self._probes = Probes(core, facts)
        self._holders: dict[str, Row] | None = None
        self._tagged: frozenset[str] = frozenset()

    def ours(self, row: Row) -> bool:
        """True when an object carries this customer's tag, exactly."""
        return any(tag in self.tags for tag in _tags(row))

    def foreign(self, row: Row) -> bool:
        """True when an object carries the tag of another customer and not this one's."""
        return not self.ours(row) and any(tag.startswith(self._foreign) for tag in _tags(row))

    def in_groups(self, row: Row) -> bool:
        """True for a configured group, and for everything below one or below a group with the customer's tag."""
        line = self._line(row)
        return any(one in self.groups for one in line) or any(one in self._tagged for one in line[1:])

    def belongs(self, row: Row) -> bool:
        """True when an object is, or lies below, a configured group or the probe, or carries the tag."""
        return self.ours(row) or any(one in (*self.groups, self.probe) for one in self._line(row) if one)

    def known(self, kind: Kind, ident: str) -> Row | None:
        """The object, when it is the customer's; None when it is not there. Refused for anybody else's."""
        row = self._core.one(CONTENT[kind], plain(ident))
        if row is not None and not self.belongs(row) and not (kind is Kind.PRTG_PROBE and self._probes.carries(ident)):
            raise Refused(f"PRTG object {ident} is not {self._slug}'s; nothing was done")
        return row

    def untangled(self, row: Row) -> None:
        """Refused when the object lies inside another customer's, or holds objects of one."""
        ident = row["objid"]
        above = [self._above(one) for one in self._line(row)[1:]]
        if any(one is not None and self.foreign(one) for one in above):
            raise Refused(f"PRTG object {ident} lies inside another customer's; nothing was done")
        for content in ("groups", "devices"):
            if any(self.foreign(one) for one in self._core.table(content, (("id", ident),))):
                raise Refused(f"PRTG object {ident} holds objects of another customer; nothing was done")

    def _line(self, row: Row) -> list[str]:
        """The object's id and the ids of all above it."""
        line, up = [row["objid"]], row["parentid"]
        while up and up not in line:
            line.append(up)
            above = self._above(up)
            up = above["parentid"] if above else ""
        return line

    def _above(self, ident: str) -> Row | None:
        if self._holders is None:
            tables = {content: self._core.table(content) for content in ("probes", "groups", "devices")}
            self._holders = {one["objid"]: one for rows in tables.values() for one in rows}
            self._tagged = frozenset(one["objid"] for one in tables["groups"] if self.ours(one))
        return self._holders.get(ident)


def plain(ident: str) -> str:
    """The id, when it may belong to a customer at all; Refused for the root, the core's own, and non-numbers."""
    if not ident.isdecimal() or int(ident) <= 0 or str(int(ident)) in NEVER or ident != str(int(ident)):
        raise Refused(f"PRTG object {ident!r} is never a customer's; nothing was done")
    return ident


def _tags(row: Row) -> list[str]:
    return row["tags"].replace(",", " ").split()
