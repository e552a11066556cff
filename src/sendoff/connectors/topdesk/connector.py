"""Our hands in the service desk: one customer's branch, people, contracts and calls, and tasks for persons of ours."""

import json
import re
from collections.abc import Iterator, Mapping

from sendoff.connectors.topdesk.cards import archived, item
from sendoff.connectors.topdesk.client import SYSTEM, ServiceDesk, TopdeskDoor, quoted, signed, topdesk_code
from sendoff.connectors.topdesk.contracts import Contracts, checked
from sendoff.connectors.topdesk.ours import Branches, branches, is_spared, seen, spare
from sendoff.connectors.topdesk.tasks import made, make
from sendoff.connectors.wire.body import Object, dig, scrubbed, text
from sendoff.connectors.wire.client import Clients, Http
from sendoff.model.digest import Digest, Json
from sendoff.model.errors import Confusing, Denied, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.ports import Ability, Limits, Repeat, Sink

KINDS = (Kind.BRANCH, Kind.CONTACT_PERSON, Kind.CONTRACT, Kind.CALL)
PLAIN_ID = re.compile(r"[\w-]{1,64}", re.A)
ARCHIVE = Ability(key=Key.TOPDESK, repeat=Repeat.NATURAL, reversible=True)
CARDS = {Kind.BRANCH: "branches", Kind.CONTACT_PERSON: "persons"}


class TopdeskConnector:
    """Our service desk within one customer's branch; a card of anybody else's is Refused."""

    system = System.TOPDESK

    def __init__(self, facts: Facts, door: TopdeskDoor, *, clients: Clients, limits: Limits) -> None:
        self._facts, self._door, self._clients, self._limits = facts, checked(door), clients, limits
        by_person = Ability(key=Key.PERSON, repeat=Repeat.NATURAL, reversible=False)
        self.able: Mapping[tuple[Kind, Verb], Ability] = {
            (Kind.CONTRACT, Verb.END): ARCHIVE if door.mode == "asset" else by_person,
            (Kind.CONTACT_PERSON, Verb.END): ARCHIVE,
            (Kind.BRANCH, Verb.END): ARCHIVE,
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
        """The customer's branch and what hangs on it; none when the customer is not in the service desk."""
        scope = self._facts.places.topdesk_branch
        kinds = KINDS if scope else ()
        return tuple(Cell(system=System.TOPDESK, kind=kind, scope=scope, key=Key.TOPDESK) for kind in kinds)

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """What is not archived, closed or ended yet."""
        if cell.kind not in KINDS:
            raise Refused(f"{cell.kind} is nothing that we look for in the service desk")
        desk, ours = self._opened(cell.key, cell.scope)
        at = Target(system=System.TOPDESK, kind=cell.kind, id="", scope=cell.scope, key=cell.key)
        if cell.kind is Kind.CONTRACT:
            yield from self._contracts(desk, ours).items(at, out)
            return
        me = desk.me() if cell.kind is Kind.CONTACT_PERSON else {}
        for row, branch in self._rows(desk, ours, cell.kind):
            mine = bool(me) and is_spared(me, row, self._door.login)
            more = (("operator", "ours"),) if mine else ()
            yield item(row, _named(at, text(row, "id")), branch, False, out, *more)

    def read(self, target: Target, out: Sink) -> Item | None:
        """One card by its id; an archived one is read with `ended` yes. None only after the control read."""
        desk, ours = self._opened(target.key, target.scope)
        found = self._one(desk, ours, target)
        if found is None:
            seen(desk, ours.main)
            return None
        row, branch, ended = found
        return item(row, target, branch, ended, out)

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
        return Receipt(outcome=Outcome.FOUND, code="archived") if found[2] else None

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Archive a card, make a task, or export; what only a person can end is Refused."""
        self._possible(action)
        if self.able[(action.kind, action.verb)].key is Key.PERSON:
            raise Refused(f"{action.verb} {action.kind}: the vendor has no such call; a person does it in the page")
        desk, ours = self._opened(action.key, action.scope)
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
        if found is None or found[2]:
            if found is None:
                seen(desk, ours.main)
            return Receipt(outcome=Outcome.FOUND, code="archived" if found else "absent")
        if action.kind is not Kind.CONTRACT:
            spare(desk.me(), found[0], self._door.login)
        if action.target == ours.main and len(ours.active) > 1:
            raise Refused(f"{len(ours.active) - 1} branches below this one are not archived; archive them first")
        reason = desk.reason(self._door.archive_reason) if self._door.archive_reason else ""
        if action.kind is Kind.CONTRACT:
            answer = desk.archive_asset(action.target, reason)
        else:
            answer = desk.archive(CARDS[action.kind], action.target, reason)
        now = self._one(desk, ours, action.at)
        if now is None or now[2]:
            return Receipt(outcome=Outcome.DONE if answer.status < 300 else Outcome.FOUND, code=str(answer.status))
        wrong = Outcome.REFUSED if answer.status == 400 else Outcome.UNKNOWN
        return Receipt(outcome=wrong, code=answer.code or str(answer.status))

    def _rows(self, desk: ServiceDesk, ours: Branches, kind: Kind) -> Iterator[tuple[Object, str]]:
        if kind is Kind.BRANCH:
            for branch in ours.active:
                card = desk.branch(branch)
                if card is None:
                    raise Confusing("a branch that was listed is not to be seen", system=SYSTEM)
                yield card, branch
            return
        came = False
        for branch in ours.ids:
            clause = f"branch.id=={quoted(branch)};archived==false"
            people = kind is Kind.CONTACT_PERSON
            rows = desk.persons(clause) if people else desk.incidents(_calls(branch, ";closed==false"))
            for row in rows:
                came = True
                if not archived(row):
                    yield row, self._of(row, kind, ours)
        if not came:
            seen(desk, ours.main)

    def _one(self, desk: ServiceDesk, ours: Branches, target: Target) -> tuple[Object, str, bool] | None:
        if not PLAIN_ID.fullmatch(target.id):
            raise Refused(f"{target.id!r} is not an id of the service desk; nothing was done")
        if target.kind is Kind.CONTRACT:
            return self._contracts(desk, ours).one(target.id)
        read = {Kind.BRANCH: desk.branch, Kind.CONTACT_PERSON: desk.person}.get(target.kind, desk.incident)
        card = read(target.id)
        if card is None:
            return None
        ended = archived(card) or (target.kind in (Kind.CALL, Kind.TASK) and dig(card, "closed") is True)
        if target.kind is Kind.BRANCH:
            ended = ended or target.id in ours.gone
        return card, self._of(card, target.kind, ours), ended

    def _of(self, card: Object, kind: Kind, ours: Branches) -> str:
        """The branch of a card, when it is the customer's; else Refused."""
        own: Mapping[Kind, tuple[tuple[str, ...], ...]] = {
            Kind.BRANCH: (("id",),),
            Kind.CONTACT_PERSON: (("branch", "id"),),
        }
        ways = own.get(kind, (("callerBranch", "id"), ("caller", "branch", "id")))
        branch = next((found for way in ways if (found := text(card, *way))), "")
        if branch not in ours.ids:
            raise Refused(f"{kind} {text(card, 'id')} is not {self._facts.customer.slug}'s; nothing was done")
        return branch

    def _exported(self, desk: ServiceDesk, ours: Branches, out: Sink) -> Receipt:
        """Calls with closed and archived ones, contracts and persons; neither progress trail nor attachments."""
        calls = [one for branch in ours.ids for one in desk.incidents(_calls(branch))]
        people = [one for branch in ours.ids for one in desk.persons(f"branch.id=={quoted(branch)}")]
        tables = {
            "calls": calls,
            "contracts": [row for row, _, _ in self._contracts(desk, ours).all().values()],
            "persons": people,
        }
        said = [(name, str(len(rows))) for name, rows in tables.items()]
        for name, rows in tables.items():
            clean: list[Json] = [scrubbed(one) for one in rows]
            data = json.dumps(clean, indent=2, ensure_ascii=False).encode()
            said.append((f"{name}.json", out.file(f"topdesk/{name}.json", data)))
        if not calls:
            seen(desk, ours.main)
        return Receipt(outcome=Outcome.DONE, said=(*said, ("not-exported", "progress trail and attachments")))

    def _contracts(self, desk: ServiceDesk, ours: Branches) -> Contracts:
        return Contracts(desk, self._door, ours, self._facts.contract_end)

    def _possible(self, action: Action) -> None:
        ability = self.able.get((action.kind, action.verb))
        if action.system is not System.TOPDESK or ability is None:
            raise Refused(f"{action.verb} {action.kind}: the service desk has no such deed")
        if action.verb is Verb.EXPORT and action.target != self._facts.places.topdesk_branch:
            raise Refused(f"the export is of branch {self._facts.places.topdesk_branch}, not of {action.target}")

    def _opened(self, key: Key, scope: str) -> tuple[ServiceDesk, Branches]:
        if not scope or scope != self._facts.places.topdesk_branch:
            raise Refused(f"{scope!r} is not the branch of {self._facts.customer.slug}; nothing was done")
        desk = self._desk(key)
        return desk, branches(desk, self._facts)

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


def _calls(branch: str, more: str = "") -> str:
    return f"callerBranch.id=={quoted(branch)}{more}"


def _named(at: Target, ident: str) -> Target:
    return Target(system=at.system, kind=at.kind, id=ident, scope=at.scope, key=at.key)
