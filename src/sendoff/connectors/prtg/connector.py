"""Our hands in PRTG: a customer's groups, devices and probe, and the export before they go."""

import json
from collections.abc import Iterator, Mapping

from sendoff.connectors.prtg.client import LOG_COLUMNS, PAUSED, SYSTEM, Core, PrtgDoor, Row, prtg_code, signed
from sendoff.connectors.prtg.probes import Probes
from sendoff.connectors.prtg.tree import CONTENT, Tree, plain
from sendoff.connectors.wire.body import image
from sendoff.connectors.wire.client import Clients, Http
from sendoff.model.digest import Digest, Json
from sendoff.model.errors import Denied, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, Rebuildable, Sign, SignKind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.ports import Ability, Limits, Repeat, Sink

CORE = "core"
"""The scope of a search over the whole core, by tag."""
LASTING = ("objid", "name", "type", "tags", "parentid", "host", "interval", "priority", "comments", "basetype")
"""What does not move by itself and what pausing does not change."""
DENIED = " denied"
"""What a running operation remembers: the probe's own id was denied before its node was deleted."""
ASKS = 15
SOON = 2.0


class PrtgConnector:
    """Our PRTG core, as far as it watches one customer; any other object is Refused."""

    system = System.PRTG
    able: Mapping[tuple[Kind, Verb], Ability] = {
        **{
            (kind, Verb.DISABLE): Ability(key=Key.PRTG, repeat=Repeat.NATURAL, reversible=True, batch=5)
            for kind in CONTENT
        },
        **{
            (kind, Verb.REMOVE): Ability(key=Key.PRTG, repeat=Repeat.NATURAL, reversible=False, batch=5)
            for kind in CONTENT
        },
        **{
            (kind, Verb.EXPORT): Ability(key=Key.PRTG, repeat=Repeat.NATURAL, reversible=True, batch=1)
            for kind in (Kind.PRTG_GROUP, Kind.PRTG_PROBE)
        },
    }

    def __init__(self, facts: Facts, door: PrtgDoor, *, clients: Clients, limits: Limits) -> None:
        self._facts, self._door, self._clients, self._limits = facts, door, clients, limits

    def probe(self, key: Key) -> None:
        """Read the core's status with this key."""
        self._core(key).status()

    def cells(self) -> tuple[Cell, ...]:
        """Each configured group and the probe, and the whole core by the customer's tag."""
        groups, probe = self._facts.places.prtg_groups, self._facts.places.prtg_probe
        places = [
            *((Kind.PRTG_GROUP, group) for group in (*groups, CORE)),
            *((Kind.PRTG_DEVICE, scope) for scope in (probe, CORE) if scope),
            (Kind.PRTG_PROBE, probe or CORE),
        ]
        return tuple(Cell(system=System.PRTG, kind=kind, scope=scope, key=Key.PRTG) for kind, scope in places)

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """The customer's objects of a kind in one place; and probes with the customer's GID that came back."""
        core = self._core(cell.key)
        tree = Tree(core, self._facts, self._door)
        for row in self._rows(core, tree, cell):
            yield self._item(core, row, _at(cell, row["objid"]), out)
        if cell.kind is Kind.PRTG_PROBE:
            for row in Probes(core, self._facts).came_back():
                yield self._item(core, row, _at(cell, row["objid"]), out)

    def read(self, target: Target, out: Sink) -> Item | None:
        """The object by its id; None only when the control read works with a key that sees everything."""
        core = self._core(target.key)
        row = Tree(core, self._facts, self._door).known(target.kind, target.id)
        if row is None:
            core.status()
            return None
        return self._item(core, row, target, out)

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """Gone, or paused, counts as done. An export is made again."""
        self._possible(action)
        return None if action.verb is Verb.EXPORT else self._settled(self._core(action.key), action)

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Pause, delete or export. The core's own answer is not believed: the object is read again."""
        self._possible(action)
        core = self._core(action.key)
        tree = Tree(core, self._facts, self._door)
        row = tree.known(action.kind, action.target)
        if row is None:
            core.status()
            return Receipt(outcome=Outcome.FOUND, code="absent")
        tree.untangled(row)
        if action.verb is Verb.EXPORT:
            return _exported(core, row, action.kind, out)
        if action.verb is Verb.DISABLE:
            core.pause(action.target, f"{self._facts.customer.slug} leaves")
            return self._checked(core, action, 1)
        denied = action.kind is Kind.PRTG_PROBE and Probes(core, self._facts).deny(action.target)
        core.delete(action.target)
        return self._checked(core, action, 1, denied=denied)

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Read the object again; UNKNOWN after fifteen readings."""
        self._possible(action)
        asks, denied = int(operation.rpartition(" ")[2]) + 1, DENIED in operation
        return self._checked(self._core(action.key), action, asks, denied=denied)

    def _checked(self, core: Core, action: Action, asks: int, *, denied: bool = False) -> Receipt | Again:
        receipt = self._settled(core, action)
        probe = action.kind is Kind.PRTG_PROBE and action.verb is Verb.REMOVE
        said = (("gid-denied", "yes" if denied else "no"),) if probe else ()
        if receipt is not None:
            return Receipt(outcome=Outcome.DONE, code=receipt.code, said=said)
        if asks >= ASKS:
            return Receipt(outcome=Outcome.UNKNOWN, code="unchanged", said=said)
        return Again(seconds=SOON, operation=f"{action.verb} {action.target}{DENIED if denied else ''} {asks}")

    def _settled(self, core: Core, action: Action) -> Receipt | None:
        row = Tree(core, self._facts, self._door).known(action.kind, action.target)
        if row is None:
            core.status()
            return Receipt(outcome=Outcome.FOUND, code="absent")
        done = action.verb is Verb.DISABLE and _paused(row)
        return Receipt(outcome=Outcome.FOUND, code="paused") if done else None

    def _rows(self, core: Core, tree: Tree, cell: Cell) -> list[Row]:
        content = CONTENT[cell.kind]
        if cell.scope == CORE:
            found = [row for tag in tree.tags for row in core.table(content, (("filter_tags", f"@sub({tag})"),))]
            mine = {row["objid"]: row for row in found if tree.ours(row)}
            configured = (*tree.groups, tree.probe)
            return [row for row in mine.values() if row["objid"] not in configured and not tree.in_groups(row)]
        if cell.scope not in (*tree.groups, tree.probe):
            raise Refused(f"PRTG object {cell.scope} is not {self._facts.customer.slug}'s; nothing was done")
        if cell.kind is Kind.PRTG_DEVICE:
            return [row for row in core.table(content, (("id", plain(cell.scope)),)) if not tree.in_groups(row)]
        row = core.one(content, plain(cell.scope))
        if row is None:
            core.status()
        return [row] if row is not None else []

    def _item(self, core: Core, row: Row, at: Target, out: Sink) -> Item:
        kept: dict[str, Json] = {name: row[name] for name in LASTING}
        if at.kind is Kind.PRTG_GROUP:
            inside = [one for content in ("groups", "devices") for one in core.table(content, (("id", at.id),))]
            kept["inside"] = [[one["objid"], one["name"]] for one in inside]
        signs = [Sign(kind=SignKind.TAG, value=tag) for tag in row["tags"].split()]
        known, gid = self._facts.places.prtg_probe, self._facts.places.prtg_probe_gid
        again = bool(gid and known) and at.kind is Kind.PRTG_PROBE and at.id != known
        back = [("came-back", "yes")] if again else []
        return Item(
            system=System.PRTG,
            kind=at.kind,
            id=at.id,
            name=row["name"],
            scope=at.scope,
            key=at.key,
            image=out.image(image(kept)),
            signs=(*signs, Sign(kind=SignKind.PLACE, value=row["parentid"])),
            detail=(
                ("type", row["type"] or row["basetype"]),
                ("parent", row["parentid"]),
                ("paused", "yes" if _paused(row) else "no"),
                ("status", row["status"]),
                ("sensors", row["totalsens"]),
                ("host", row["host"]),
                *back,
            ),
            rebuildable=Rebuildable.PARTLY,
        )

    def _possible(self, action: Action) -> None:
        if action.system is not System.PRTG or (action.kind, action.verb) not in self.able:
            raise Refused(f"{action.verb} {action.kind}: PRTG has no such deed")
        plain(action.target)

    def _core(self, key: Key) -> Core:
        token = self._door.token if key is Key.PRTG else None
        if token is None:
            raise Denied(f"we hold no {key} key for our core", system=SYSTEM, code="NoKey")
        if not self._door.url.startswith("https://"):
            raise Refused("the core's address must begin with https://: the token is in the query")
        http = Http(
            system=SYSTEM,
            base=self._door.url,
            clients=self._clients,
            limits=self._limits,
            sign=lambda: signed(token),
            bucket=f"prtg|{self._facts.customer.slug}|{key}|core",
            code=prtg_code,
        )
        return Core(http=http, page=self._door.page)


def _exported(core: Core, group: Row, kind: Kind, out: Sink) -> Receipt:
    """Configuration, sensors and logs of a group or probe; measurements are not fetched (five requests a minute)."""
    whole = "probe" if kind is Kind.PRTG_PROBE else "group"
    ident, inside = group["objid"], (("id", group["objid"]),)
    tables: dict[str, list[Row]] = {
        whole: [group],
        **{content: core.table(content, inside) for content in ("groups", "devices", "sensors")},
        "logs": core.table("messages", inside, columns=LOG_COLUMNS),
    }
    files: dict[str, Json] = {}
    for name, rows in tables.items():
        data = json.dumps(rows, indent=2, ensure_ascii=False).encode()
        files[f"{name}.json"] = out.file(f"prtg/{ident}/{name}.json", data)
    counts: dict[str, Json] = {name: len(rows) for name, rows in tables.items()}
    proof = {whole: ident, "counts": counts, "files": files, "not-exported": "measurements"}
    manifest = out.file(f"prtg/{ident}/manifest.json", json.dumps(proof, indent=2, sort_keys=True).encode())
    said = tuple((name, str(len(rows))) for name, rows in tables.items())
    return Receipt(outcome=Outcome.DONE, said=(*said, ("not-exported", "measurements"), ("manifest", manifest)))


def _paused(row: Row) -> bool:
    return row["active"] in ("0", "no") or (row["status"].isdecimal() and int(row["status"]) in PAUSED)


def _at(cell: Cell, ident: str) -> Target:
    return Target(system=System.PRTG, kind=cell.kind, id=ident, scope=cell.scope, key=cell.key)
