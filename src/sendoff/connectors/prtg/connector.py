"""Our hands in PRTG: a customer's groups, devices, sensors and probe, and the export before they go."""

from collections.abc import Iterator, Mapping
from functools import partial

from sendoff.connectors.prtg import aside, items
from sendoff.connectors.prtg.client import SYSTEM, Core, PrtgDoor, Row, prtg_code, signed
from sendoff.connectors.prtg.export import exported, measured, place
from sendoff.connectors.prtg.probes import Now, Probes
from sendoff.connectors.prtg.tree import BELOW, CONTENT, Tables, Tree, plain
from sendoff.connectors.prtg.v2_client import SERVED, Second, second
from sendoff.connectors.wire.body import image
from sendoff.connectors.wire.client import Clients, Http, Pace
from sendoff.connectors.wire.lately import Lately
from sendoff.model.digest import Digest
from sendoff.model.errors import Denied, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.model.secret import Secret
from sendoff.ports import Ability, Limits, Repeat, Sink

CORE = "core"
"""The scope of a search over the whole core, by tag."""
ASIDE = "outside the tree"
"""The scope of what the facts name beside the tree."""
DENIED = " denied"
"""What a running operation remembers: the probe's own id was denied before its node was deleted."""
ASKS = 15
SOON = 2.0


def _able(verb: Verb) -> Ability:
    batch = 1 if verb is Verb.EXPORT else 5
    return Ability(key=Key.PRTG, repeat=Repeat.NATURAL, reversible=verb is not Verb.REMOVE, batch=batch)


class PrtgConnector:
    """Our PRTG core, as far as it watches one customer; any other object is Refused."""

    system = System.PRTG
    able: Mapping[tuple[Kind, Verb], Ability] = {
        **{(kind, verb): _able(verb) for kind in CONTENT for verb in (Verb.DISABLE, Verb.REMOVE, Verb.EXPORT)},
        (Kind.PRTG_OBJECT, Verb.REMOVE): _able(Verb.REMOVE),
        (Kind.PRTG_MEASUREMENTS, Verb.EXPORT): _able(Verb.EXPORT),
    }

    def __init__(
        self, facts: Facts, door: PrtgDoor, *, clients: Clients, limits: Limits, now: Now | None = None
    ) -> None:
        self._facts, self._door, self._clients, self._limits, self._now = facts, door, clients, limits, now
        self._parents: Lately[Tables] = Lately()

    def probe(self, key: Key) -> None:
        """Read the core's status with this key, by each transport."""
        self._core(key).status()
        if self._door.url_v2:
            self._second(key).health()

    def cells(self) -> tuple[Cell, ...]:
        """Each configured group and the probe, the whole core by the customer's tag, and what lies beside the tree."""
        places = self._facts.places
        kinds = [
            *((Kind.PRTG_GROUP, group) for group in (*places.prtg_groups, CORE)),
            *((Kind.PRTG_DEVICE, scope) for scope in (places.prtg_probe, CORE) if scope),
            (Kind.PRTG_SENSOR, CORE),
            (Kind.PRTG_PROBE, places.prtg_probe or CORE),
            *([(Kind.PRTG_OBJECT, ASIDE)] if places.prtg_objects else []),
        ]
        return tuple(Cell(system=System.PRTG, kind=kind, scope=scope, key=Key.PRTG) for kind, scope in kinds)

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """The customer's objects of a kind in one place; and probes with the customer's GID that came back."""
        core = self._core(cell.key)
        if cell.kind is Kind.PRTG_OBJECT:
            if cell.scope != ASIDE:
                raise Refused(f"{cell.scope} is no place in PRTG; nothing was done")
            found = (self._aside(core, items.at(cell, ident), out) for ident in aside.named(self._facts))
            yield from (one for one in found if one is not None)
            return
        tree = self._tree(core, out)
        rows = self._rows(core, tree, cell)
        back = Probes(core, self._facts, self._now).came_back() if cell.kind is Kind.PRTG_PROBE else []
        for row in (*rows, *back):
            yield items.described(tree, self._door, self._facts, row, items.at(cell, row["objid"]), out)

    def read(self, target: Target, out: Sink) -> Item | None:
        """The object by its id; None only when the control read works with a key that sees everything."""
        core = self._core(target.key)
        if target.kind is Kind.PRTG_OBJECT:
            return self._aside(core, target, out)
        tree = self._tree(core, out)
        row = tree.known(target.kind, target.id)
        if row is None and target.kind is Kind.PRTG_PROBE:
            row = Probes(core, self._facts, self._now).told(target.id)
        if row is None:
            core.status()
            return None
        return items.described(tree, self._door, self._facts, row, target, out)

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """Gone, or paused, counts as done. An export is made again."""
        self._possible(action)
        return None if action.verb is Verb.EXPORT else self._settled(self._core(action.key), action)

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Pause, delete or export. The core's own answer is not believed: the object is read again."""
        self._possible(action)
        core = self._core(action.key)
        if action.kind is Kind.PRTG_OBJECT:
            return self._removed(core, action)
        tree = Tree(core, self._facts, self._door)
        if action.kind is Kind.PRTG_MEASUREMENTS:
            return self._measured(core, tree, action, out)
        row = tree.known(action.kind, action.target)
        if row is None:
            core.status()
            return Receipt(outcome=Outcome.FOUND, code="absent")
        tree.untangled(action.kind, row)
        if action.verb is Verb.EXPORT:
            return exported(core, row, action, self._door, out)
        if action.verb is Verb.DISABLE:
            why, by = f"{self._facts.customer.slug} leaves", self._served(action)
            if by:
                by.pause(CONTENT[action.kind], action.target, why)
            else:
                core.pause(action.target, why)
            return self._checked(core, action, 1)
        return self._removed(core, action)

    def _measured(self, core: Core, tree: Tree, action: Action, out: Sink) -> Receipt:
        """Of whatever kind the thing is: the id is the customer's alone, with all that lies below, or it is Refused."""
        ident, part = place(action.kind, action.target)
        for kind in CONTENT:
            row = tree.known(kind, ident)
            if row is not None:
                tree.untangled(kind, row)
                return measured(core, row, part, self._facts, self._door, out)
        core.status()
        return Receipt(outcome=Outcome.CHANGED, code="absent")

    def _removed(self, core: Core, action: Action) -> Receipt | Again:
        if action.kind is Kind.PRTG_OBJECT and aside.name_of(core, self._facts, action.target) is None:
            core.status()
            return Receipt(outcome=Outcome.FOUND, code="absent")
        denied = action.kind is Kind.PRTG_PROBE and Probes(core, self._facts).deny(action.target)
        by = self._served(action)
        if by:
            by.delete(CONTENT[action.kind], action.target)
        else:
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
        """What the core shows now: absent, with nothing left that lay in it; or paused."""
        if action.kind is Kind.PRTG_OBJECT:
            gone = aside.name_of(core, self._facts, action.target) is None
        else:
            row = Tree(core, self._facts, self._door).known(action.kind, action.target)
            if row is not None:
                done = action.verb is Verb.DISABLE and items.paused(row)
                return Receipt(outcome=Outcome.FOUND, code="paused") if done else None
            under = (("filter_parentid", action.target),)
            gone = not any(core.table(content, under) for content in BELOW[action.kind])
            by = self._served(action)
            gone = gone and not (by and by.there(CONTENT[action.kind], action.target))
        if gone:
            core.status()
        return Receipt(outcome=Outcome.FOUND, code="absent") if gone else None

    def _rows(self, core: Core, tree: Tree, cell: Cell) -> list[Row]:
        content = CONTENT[cell.kind]
        if cell.scope == CORE:
            found = [row for tag in tree.tags for row in core.table(content, (("filter_tags", f"@sub({tag})"),))]
            mine = {row["objid"]: row for row in found if tree.ours(row)}
            configured = (*tree.groups, tree.probe)
            along = tree.along if cell.kind is Kind.PRTG_SENSOR else tree.in_groups
            return [row for row in mine.values() if row["objid"] not in configured and not along(row)]
        if cell.scope not in (*tree.groups, tree.probe):
            raise Refused(f"PRTG object {cell.scope} is not {self._facts.customer.slug}'s; nothing was done")
        if cell.kind is Kind.PRTG_DEVICE:
            below = core.table(content, (("id", plain(cell.scope)),))
            return [row for row in below if not tree.in_groups(row) and not tree.elsewhere(row)]
        row = core.one(content, plain(cell.scope))
        if row is None:
            core.status()
        return [row] if row is not None else []

    def _aside(self, core: Core, target: Target, out: Sink) -> Item | None:
        name = aside.name_of(core, self._facts, target.id)
        if name is None:
            core.status()
            return None
        kind = aside.named(self._facts)[target.id]
        kept = out.image(image({"objid": target.id, "type": kind, "name": name}))
        return items.aside(target.id, kind, name, aside.doubted(self._facts, name), target, kept)

    def _possible(self, action: Action) -> None:
        if action.system is not System.PRTG or (action.kind, action.verb) not in self.able:
            raise Refused(f"{action.verb} {action.kind}: PRTG has no such deed")
        plain(place(action.kind, action.target)[0])

    def _served(self, action: Action) -> Second | None:
        """API v2, where it is switched on and has the deed."""
        served = action.verb is not Verb.EXPORT and CONTENT.get(action.kind) in SERVED
        return self._second(action.key) if self._door.url_v2 and served else None

    def _second(self, key: Key) -> Second:
        token, url = self._token(key, self._door.url_v2), self._door.url_v2
        bucket = f"prtg|{self._facts.customer.slug}|{key}|v2"
        return second(url, token, bucket=bucket, clients=self._clients, limits=self._limits)

    def _token(self, key: Key, url: str) -> Secret:
        token = self._door.token if key is Key.PRTG else None
        if token is None:
            raise Denied(f"we hold no {key} key for our core", system=SYSTEM, code="NoKey")
        if not url.startswith("https://"):
            raise Refused("the core's address must begin with https://: every call carries the token")
        return token

    def _tree(self, core: Core, asker: Sink) -> Tree:
        """For a look or a batch, with the parents of a moment ago. What is done rests on a tree of its own."""
        return Tree(core, self._facts, self._door, partial(self._parents.get, asker))

    def _core(self, key: Key) -> Core:
        token = self._token(key, self._door.url)
        http = Http(
            system=SYSTEM,
            base=self._door.url,
            clients=self._clients,
            limits=self._limits,
            sign=lambda: signed(token),
            bucket=f"prtg|{self._facts.customer.slug}|{key}|core",
            code=prtg_code,
        )
        pace = self._door.history_per_minute
        measuring = Pace(kind="history", rate=pace / 60, burst=max(1, int(pace)))
        return Core(http=http, page=self._door.page, measuring=measuring)
