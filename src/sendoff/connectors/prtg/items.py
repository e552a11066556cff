"""A row of the core as an item: its image with all that goes along, whose else it is, and what is in doubt."""

from sendoff.connectors.prtg.client import PAUSED, PrtgDoor, Row
from sendoff.connectors.prtg.export import parts
from sendoff.connectors.prtg.probes import LOGGED
from sendoff.connectors.prtg.tree import Tree
from sendoff.connectors.wire.body import image
from sendoff.model.digest import Digest, Json
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, Rebuildable, Sign, SignKind, System, Target
from sendoff.ports import Sink

LASTING = ("objid", "name", "type", "tags", "parentid", "host", "interval", "priority", "comments", "basetype")
"""What does not move by itself and what pausing does not change."""


def described(tree: Tree, door: PrtgDoor, facts: Facts, row: Row, at: Target, out: Sink) -> Item:
    """An object of the tree. What was made inside it since is another image."""
    told = row["type"] == LOGGED
    below = {} if told else tree.inside(at.kind, row["objid"])
    inside = [one for rows in below.values() for one in rows]
    kept: dict[str, Json] = {name: row[name] for name in LASTING}
    if inside:
        kept["inside"] = [[one["objid"], one["name"]] for one in sorted(inside, key=lambda one: int(one["objid"]))]
    sensors = 1 if at.kind is Kind.PRTG_SENSOR else len(below.get("sensors", []))
    known, gid = facts.places.prtg_probe, facts.places.prtg_probe_gid
    again = bool(gid and known) and at.kind is Kind.PRTG_PROBE and (told or at.id != known)
    said = {
        "came-back": "yes" if again else "",
        "stays": "" if told else tree.tangled(row, inside),
        "doubt": "" if told or again else tree.doubt(at.kind, row),
        "history": str(parts(door, sensors) or ""),
    }
    return Item(
        system=System.PRTG,
        kind=at.kind,
        id=at.id,
        name=row["name"],
        scope=at.scope,
        key=at.key,
        image=out.image(image(kept)),
        signs=(
            *(Sign(kind=SignKind.TAG, value=tag) for tag in row["tags"].split()),
            Sign(kind=SignKind.PLACE, value=row["parentid"]),
        ),
        detail=(
            ("type", row["type"] or row["basetype"]),
            ("parent", row["parentid"]),
            ("paused", "yes" if paused(row) else "no"),
            ("status", row["status"]),
            ("sensors", row["totalsens"]),
            ("host", row["host"]),
            *((name, value) for name, value in said.items() if value),
        ),
        rebuildable=Rebuildable.PARTLY,
    )


def paused(row: Row) -> bool:
    """True when the core watches it no more for now, also when something above it is paused."""
    return row["active"] in ("0", "no") or (row["status"].isdecimal() and int(row["status"]) in PAUSED)


def at(cell: Cell, ident: str) -> Target:
    """Where a thing of a cell is."""
    return Target(system=System.PRTG, kind=cell.kind, id=ident, scope=cell.scope, key=cell.key)


def aside(ident: str, kind: str, name: str, doubt: str, where: Target, image_of: Digest) -> Item:
    """Something outside the tree, of which the core tells a name."""
    return Item(
        system=System.PRTG,
        kind=where.kind,
        id=ident,
        name=name,
        scope=where.scope,
        key=where.key,
        image=image_of,
        detail=(("type", kind), *([("doubt", doubt)] if doubt else [])),
        rebuildable=Rebuildable.NOT,
    )
