"""Which objects of the core are this customer's, which others use too, and which may never be touched."""

from collections.abc import Callable

from sendoff.connectors.prtg.client import Core, PrtgDoor, Row
from sendoff.connectors.prtg.probes import Probes
from sendoff.model.errors import Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Kind

CONTENT = {
    Kind.PRTG_GROUP: "groups",
    Kind.PRTG_DEVICE: "devices",
    Kind.PRTG_SENSOR: "sensors",
    Kind.PRTG_PROBE: "probes",
}
BELOW = {
    Kind.PRTG_GROUP: ("groups", "devices", "sensors"),
    Kind.PRTG_DEVICE: ("sensors",),
    Kind.PRTG_SENSOR: (),
    Kind.PRTG_PROBE: ("groups", "devices", "sensors"),
}
"""What a kind of object may hold: it goes along, with its history."""
NEVER = frozenset({"0", "1", "40", "300", "810"})
"""The root, the core's own probe and that probe's own device; the mail to everybody and the core's own settings."""

Tables = dict[str, list[Row]]
Held = Callable[[Callable[[], Tables]], Tables]
"""Reads tables, or gives those that it read a moment ago."""


class Tree:
    """The parents of everything that can hold something, and what is the customer's among it."""

    def __init__(self, core: Core, facts: Facts, door: PrtgDoor, held: Held = lambda read: read()) -> None:
        slug = facts.customer.slug
        self._core, self._slug, self._names, self._held = core, slug, _names(facts), held
        self.tags = tuple(form.format(slug=slug) for form in door.tags)
        others = (other for other in door.others if other != slug)
        self._others = frozenset(form.format(slug=other) for other in others for form in door.tags) - {*self.tags}
        self._starts = tuple(form.partition("{slug}")[0] for form in door.tags if not form.startswith("{slug}"))
        self.groups, self.probe = facts.places.prtg_groups, facts.places.prtg_probe
        self._probes = Probes(core, facts)
        self._holders: dict[str, Row] | None = None
        self._tagged: frozenset[str] = frozenset()
        self._mixed: bool | None = None

    def ours(self, row: Row) -> bool:
        """True when an object carries this customer's tag, exactly."""
        return any(tag in self.tags for tag in _tags(row))

    def foreign(self, row: Row) -> str:
        """The first tag of another customer on an object, or nothing."""
        return next((tag for tag in _tags(row) if self._another(tag)), "")

    def stranger(self, row: Row) -> bool:
        """True when an object carries the tag of another customer and not this one's."""
        return bool(self.foreign(row)) and not self.ours(row)

    def elsewhere(self, row: Row) -> bool:
        """True when an object is another customer's by its tag, or lies inside one that is."""
        return any(self.stranger(one) for one in (row, *self._around(row)))

    def in_groups(self, row: Row) -> bool:
        """True for a configured group, and for everything below one or below an object with the customer's tag."""
        line = self._line(row)
        return any(one in self.groups for one in line) or any(one in self._tagged for one in line[1:])

    def along(self, row: Row) -> bool:
        """True for what goes with something else of the customer's: with a group, a device, or a probe of theirs alone
        (whose devices are looked for by themselves)."""
        return self.in_groups(row) or (bool(self.probe) and self.probe in self._line(row) and not self.mixed())

    def belongs(self, row: Row) -> bool:
        """True when an object is, or lies below, a configured group or the probe, or carries the tag."""
        return self.ours(row) or any(one in (*self.groups, self.probe) for one in self._line(row) if one)

    def known(self, kind: Kind, ident: str) -> Row | None:
        """The object, when it is the customer's; None when it is not there. Refused for anybody else's."""
        row = self._core.one(CONTENT[kind], plain(ident))
        if row is not None and not self.belongs(row) and not (kind is Kind.PRTG_PROBE and self._probes.carries(ident)):
            raise Refused(f"PRTG object {ident} is not {self._slug}'s; nothing was done")
        return row

    def inside(self, kind: Kind, ident: str) -> dict[str, list[Row]]:
        """Everything below an object, which goes with it: groups, devices and sensors."""
        found = {content: self._core.table(content, (("id", ident),)) for content in BELOW[kind]}
        return {content: [one for one in rows if one["objid"] != ident] for content, rows in found.items()}

    def tangled(self, row: Row, inside: list[Row]) -> str:
        """Why an object is not this customer's alone; empty when it is."""
        if self.foreign(row):
            return f"it carries {self.foreign(row)}, which is another customer's tag"
        for words, others in (("lies inside", self._around(row)), ("holds", inside)):
            for one in others:
                if self.foreign(one) and (words == "holds" or self.stranger(one)):
                    return f"it {words} {one['name']}, which carries {self.foreign(one)}"
        return ""

    def untangled(self, kind: Kind, row: Row) -> None:
        """Refused when the object is another customer's too, or lies inside theirs, or holds something of one."""
        why = self.tangled(row, [one for rows in self.inside(kind, row["objid"]).values() for one in rows])
        if why:
            raise Refused(f"PRTG object {row['objid']} is not {self._slug}'s alone: {why}; nothing was done")

    def doubt(self, kind: Kind, row: Row) -> str:
        """Why nobody can tell from the core that an object is this customer's; empty when something says so.

        An id in the facts was typed by somebody: the core itself must agree with it.
        """
        line = self._line(row)
        if self.ours(row) or any(one in self._tagged for one in line[1:]):
            return ""
        if any(one in self.groups for one in line[1:]) or self._named(row):
            return ""
        if kind is Kind.PRTG_PROBE:
            return "" if self._probes.carries(row["objid"]) else "no tag, name or GID in PRTG says that it is theirs"
        if self.probe and self.probe in line[1:]:
            return "it lies below a probe that serves others too, and carries no tag" if self.mixed() else ""
        return "the facts name it, and no tag or name in PRTG says that it is theirs"

    def mixed(self) -> bool:
        """True when the customer's probe holds something of another customer too."""
        if self._mixed is None:
            self._above("")
            below = (one for one in (self._holders or {}).values() if self.probe in self._line(one)[1:])
            self._mixed = bool(self.probe) and any(self.foreign(one) for one in below)
        return self._mixed

    def _another(self, tag: str) -> bool:
        return tag not in self.tags and (tag in self._others or any(tag.startswith(one) for one in self._starts))

    def _named(self, row: Row) -> bool:
        return any(name in row["name"].casefold() for name in self._names)

    def _around(self, row: Row) -> list[Row]:
        return [one for one in map(self._above, self._line(row)[1:]) if one is not None]

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
            tables = self._held(lambda: {one: self._core.table(one) for one in ("probes", "groups", "devices")})
            self._holders = {one["objid"]: one for rows in tables.values() for one in rows}
            self._tagged = frozenset(
                one["objid"] for content in ("groups", "devices") for one in tables[content] if self.ours(one)
            )
        return self._holders.get(ident)


def plain(ident: str) -> str:
    """The id, when it may belong to a customer at all; Refused for the root, the core's own, and non-numbers."""
    if not ident.isdecimal() or int(ident) <= 0 or str(int(ident)) in NEVER or ident != str(int(ident)):
        raise Refused(f"PRTG object {ident!r} is never a customer's; nothing was done")
    return ident


def _names(facts: Facts) -> tuple[str, ...]:
    """By what a name in the core may confirm an id in the facts; it never finds anything by itself."""
    return tuple(one.casefold() for one in (facts.customer.name, facts.customer.slug) if len(one) > 3)


def _tags(row: Row) -> list[str]:
    return row["tags"].replace(",", " ").split()
