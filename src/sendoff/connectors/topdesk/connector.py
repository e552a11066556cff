"""Our hands in the service desk: one customer's branch, people, contracts and calls, and tasks for persons of ours."""

from collections.abc import Iterator, Mapping

from sendoff.connectors.topdesk.cards import item
from sendoff.connectors.topdesk.client import SYSTEM, ServiceDesk, TopdeskDoor, quoted, signed, topdesk_code
from sendoff.connectors.topdesk.contracts import Contracts, checked
from sendoff.connectors.topdesk.history import table, trails
from sendoff.connectors.topdesk.looking import PLAIN_ID, Found, listed, one, running
from sendoff.connectors.topdesk.ours import Branches, branches, seen, spare
from sendoff.connectors.topdesk.tasks import made, make
from sendoff.connectors.topdesk.work import activities, assets, changes
from sendoff.connectors.wire.body import Object, text
from sendoff.connectors.wire.client import Clients, Http
from sendoff.connectors.wire.lately import Lately
from sendoff.model.digest import Digest
from sendoff.model.errors import Denied, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.ports import Ability, Limits, Repeat, Sink

KINDS = (Kind.BRANCH, Kind.CONTACT_PERSON, Kind.CONTRACT, Kind.CALL, Kind.CHANGE, Kind.ACTIVITY, Kind.ASSET)
ARCHIVE = Ability(key=Key.TOPDESK, repeat=Repeat.NATURAL, reversible=True)
STANDING = (Kind.CALL, Kind.CHANGE, Kind.ACTIVITY)
"""What somebody still works at while it is open."""
CARDS = {Kind.BRANCH: "branches", Kind.CONTACT_PERSON: "persons"}


class TopdeskConnector:
    """Our service desk within one customer's branch; a card of anybody else's is Refused."""

    system = System.TOPDESK

    def __init__(self, facts: Facts, door: TopdeskDoor, *, clients: Clients, limits: Limits) -> None:
        self._facts, self._door, self._clients, self._limits = facts, checked(door), clients, limits
        self._branches: Lately[Branches] = Lately()
        by_person = Ability(key=Key.PERSON, repeat=Repeat.NATURAL, reversible=False)
        self.able: Mapping[tuple[Kind, Verb], Ability] = {
            (Kind.CONTRACT, Verb.END): ARCHIVE if door.mode == "asset" else by_person,
            (Kind.CONTACT_PERSON, Verb.END): ARCHIVE,
            (Kind.BRANCH, Verb.END): ARCHIVE,
            (Kind.ASSET, Verb.END): ARCHIVE,
            (Kind.CALL, Verb.EXPORT): Ability(key=Key.TOPDESK, repeat=Repeat.NATURAL, reversible=True, batch=1),
            (Kind.TASK, Verb.CREATE): Ability(key=Key.TOPDESK, repeat=Repeat.MARKER, reversible=True),
        }

    def probe(self, key: Key) -> None:
        """Read who we are, the customer's branch, and the archiving reason that the settings name."""
        desk = self._desk(key)
        seen(desk, branches(desk, self._facts).main)
        if self._door.archive_reason:
            desk.reason(self._door.archive_reason)

    def cells(self) -> tuple[Cell, ...]:
        """The customer's branch and what hangs on it; none when the customer is not in the service desk, and nothing of
        a module that it does not have."""
        scope = self._facts.places.topdesk_branch
        kinds = [kind for kind in KINDS if scope and kind not in self._door.without]
        return tuple(Cell(system=System.TOPDESK, kind=kind, scope=scope, key=Key.TOPDESK) for kind in kinds)

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """What is not archived, closed or ended yet."""
        if cell.kind not in KINDS:
            raise Refused(f"{cell.kind} is nothing that we look for in the service desk")
        desk, ours = self._opened(cell.key, cell.scope, out)
        at = Target(system=System.TOPDESK, kind=cell.kind, id="", scope=cell.scope, key=cell.key)
        if cell.kind is Kind.CONTRACT:
            yield from self._contracts(desk, ours).items(at, out)
            return
        as_asset = cell.kind is Kind.ASSET and self._door.mode == "asset"
        but = self._contracts(desk, ours).open() if as_asset else ()
        for found in listed(desk, ours, cell.kind, self._door.login, but):
            yield item(found.row, _named(at, text(found.row, "id")), found.branch, False, out, *found.more)

    def read(self, target: Target, out: Sink) -> Item | None:
        """One card by its id; an archived one is read with `ended` yes. None only after the control read."""
        desk, ours = self._opened(target.key, target.scope, out)
        found = self._one(desk, ours, target)
        if found is None:
            seen(desk, ours.main)
            return None
        return item(found.row, target, found.branch, found.ended, out, *found.more)

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """Archived or not valid any more, whoever did it; a task by its mark. An export is made again."""
        self._possible(action)
        desk, ours = self._opened(Key.TOPDESK, action.scope)
        if action.verb is Verb.EXPORT:
            return None
        if action.verb is Verb.CREATE:
            return made(desk, ours, once)
        found = self._one(desk, ours, action.at)
        if found is None:
            seen(desk, ours.main)
            return Receipt(outcome=Outcome.FOUND, code="absent")
        return Receipt(outcome=Outcome.FOUND, code="archived") if found.ended else None

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Archive a card, make a task, or export; what only a person can end is Refused."""
        self._possible(action)
        if self.able[(action.kind, action.verb)].key is Key.PERSON:
            raise Refused(f"{action.verb} {action.kind}: the vendor has no such call; a person does it in the page")
        desk, ours = self._opened(action.key, action.scope, out if action.kind is not Kind.BRANCH else None)
        if action.verb is Verb.EXPORT:
            return self._exported(desk, ours, out)
        if action.verb is Verb.CREATE:
            request = out.fetch(Digest(next((value for key, value in action.content if key == "request"), "")))
            found = made(desk, ours, once)
            return found or make(desk, self._door, ours, self._facts, action, once, request.decode())
        return self._archived(desk, ours, action)

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Nothing here goes on by itself."""
        raise Refused(f"{action.verb} {action.kind}: there is no operation to ask after")

    def _archived(self, desk: ServiceDesk, ours: Branches, action: Action) -> Receipt:
        found = self._one(desk, ours, action.at)
        if found is None or found.ended:
            if found is None:
                seen(desk, ours.main)
            return Receipt(outcome=Outcome.FOUND, code="archived" if found else "absent")
        if action.kind in CARDS:
            spare(desk.me(), found.row, self._door.login)
        if action.kind is Kind.ASSET and any(name == "stays" for name, _ in found.more):
            raise Refused(f"asset {action.target} is somebody else's as well; nothing was done")
        if action.kind is Kind.BRANCH:
            self._nothing_runs(desk, ours)
        if action.target == ours.main and len(ours.active) > 1:
            raise Refused(f"{len(ours.active) - 1} branches below this one are not archived; archive them first")
        reason = desk.reason(self._door.archive_reason) if self._door.archive_reason else ""
        if action.kind not in CARDS:
            answer = desk.archive_asset(action.target, reason)
        else:
            answer = desk.archive(CARDS[action.kind], action.target, reason)
        now = self._one(desk, ours, action.at)
        if now is None or now.ended:
            return Receipt(outcome=Outcome.DONE if answer.status < 300 else Outcome.FOUND, code=str(answer.status))
        wrong = Outcome.REFUSED if answer.status == 400 else Outcome.UNKNOWN
        return Receipt(outcome=wrong, code=answer.code or str(answer.status))

    def _nothing_runs(self, desk: ServiceDesk, ours: Branches) -> None:
        """H27: what was opened after the yes would never be read again."""
        kinds = [kind for kind in STANDING if kind not in self._door.without]
        found = running(desk, ours, kinds, self._door.login)
        if found:
            raise Refused(f"{found[0]} is open ({len(found)} such): close it, or hand it over and close it; plan anew")

    def _one(self, desk: ServiceDesk, ours: Branches, target: Target) -> Found | None:
        if target.kind is not Kind.CONTRACT:
            return one(desk, ours, target)
        if not PLAIN_ID.fullmatch(target.id):
            raise Refused(f"{target.id!r} is not an id of the service desk; nothing was done")
        found = self._contracts(desk, ours).one(target.id)
        return Found(row=found[0], branch=found[1], ended=found[2]) if found else None

    def _exported(self, desk: ServiceDesk, ours: Branches, out: Sink) -> Receipt:
        """Calls with closed and archived ones, their trails and attachments, contracts, persons, and what runs on."""
        calls = [one for branch in ours.ids for one in desk.incidents(f"callerBranch.id=={quoted(branch)}")]
        if not calls:
            seen(desk, ours.main)
        said = table("calls", calls, out) + trails(desk, calls, out)
        people = [one for branch in ours.ids for one in desk.persons(f"branch.id=={quoted(branch)}")]
        said += table("persons", people, out)
        said += table("contracts", [row for row, _, _ in self._contracts(desk, ours).all().values()], out)
        for name, cards in self._running(desk, ours):
            said += table(name, cards, out)
        return Receipt(outcome=Outcome.DONE, said=(*said, ("not-exported", "bodies of mails")))

    def _running(self, desk: ServiceDesk, ours: Branches) -> Iterator[tuple[str, list[Object]]]:
        """Changes, activities and assets, those that are over as well, as far as this service desk has them."""
        if self._door.activities:
            yield "activities", [one for branch in ours.ids for one in activities(desk, branch)]
        if self._door.assets:
            states = ("true", "false")
            yield "assets", [one for branch in ours.ids for state in states for one in assets(desk, branch, state)]
        if self._door.changes:
            cards = changes(desk, only_open=False)
            yield "changes", [one for one in cards if text(one, "requester", "branch", "id") in ours.ids]

    def _contracts(self, desk: ServiceDesk, ours: Branches) -> Contracts:
        return Contracts(desk, self._door, ours, self._facts.contract_end)

    def _possible(self, action: Action) -> None:
        ability = self.able.get((action.kind, action.verb))
        if action.system is not System.TOPDESK or ability is None:
            raise Refused(f"{action.verb} {action.kind}: the service desk has no such deed")
        if action.verb is Verb.EXPORT and action.target != self._facts.places.topdesk_branch:
            raise Refused(f"the export is of branch {self._facts.places.topdesk_branch}, not of {action.target}")

    def _opened(self, key: Key, scope: str, asker: Sink | None = None) -> tuple[ServiceDesk, Branches]:
        """The customer's branches as they are; for a look or a batch that asks, as they were a moment ago. A branch is
        never archived on such word."""
        if not scope or scope != self._facts.places.topdesk_branch:
            raise Refused(f"{scope!r} is not the branch of {self._facts.customer.slug}; nothing was done")
        desk = self._desk(key)
        if asker is None:
            return desk, branches(desk, self._facts)
        return desk, self._branches.get(asker, lambda: branches(desk, self._facts))

    def _desk(self, key: Key) -> ServiceDesk:
        if key is not Key.TOPDESK or self._door.password is None:
            raise Denied(f"we hold no {key} key for our service desk", system=SYSTEM, code="NoKey")
        if not self._door.url.startswith("https://"):
            raise Refused("the service desk's address must begin with https://: the password goes there")
        http = Http(
            system=SYSTEM,
            base=self._door.url,
            clients=self._clients,
            limits=self._limits,
            sign=lambda: signed(self._door.login, self._door.password),
            bucket=f"topdesk|{self._facts.customer.slug}|{key}",
            code=topdesk_code,
        )
        return ServiceDesk(http=http, page=self._door.page)


def _named(at: Target, ident: str) -> Target:
    return Target(system=at.system, kind=at.kind, id=ident, scope=at.scope, key=at.key)
