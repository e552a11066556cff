"""Our hands in the customer's directory: accounts, guests, apps, administrators, groups, roles and traces of ours."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from sendoff.connectors.entra import accounts, directory_roles, doors, groups, new_administrator, second, traces
from sendoff.connectors.entra.abilities import ABLE, ACCESS, KINDS, PATHS
from sendoff.connectors.entra.access_client import Access
from sendoff.connectors.entra.administrators import administrators, other_administrator
from sendoff.connectors.entra.belonging import is_ours
from sendoff.connectors.entra.client import AUDIENCE, SYSTEM, Directory, EntraDoors, graph_code
from sendoff.connectors.entra.people import account, application, guid, kind_of, signed
from sendoff.connectors.entra.traces_client import Traces
from sendoff.connectors.entra.use import use_of
from sendoff.connectors.wire.body import Object, image
from sendoff.connectors.wire.client import Clients, Http
from sendoff.connectors.wire.login.client import TokenSource
from sendoff.connectors.wire.login.sources import source_of
from sendoff.model.digest import Digest
from sendoff.model.errors import Denied, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.model.trial import Trial
from sendoff.ports import Ability, Limits, Sink

SECOND = "second-administrator"
"""The target of the customer's own deed: making another administrator of theirs."""


class EntraConnector:
    """Microsoft Graph in the tenant of one customer; any other tenant is Refused."""

    system = System.ENTRA

    def __init__(
        self,
        facts: Facts,
        doors: EntraDoors,
        *,
        clients: Clients,
        limits: Limits,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._facts, self._doors, self._clients, self._limits, self._now = facts, doors, clients, limits, now
        self._tenant = facts.customer.tenant.lower()
        self._directory: Directory | None = None
        self._checked = False
        self._key = Key.APP if doors.app or doors.person or not doors.gdap else Key.GDAP
        self.able: Mapping[tuple[Kind, Verb], Ability] = ABLE if doors.app and not doors.person else {}

    def probe(self, key: Key) -> None:
        """Sign in anew and read the organization."""
        directory = self._opened(key)
        directory.fresh()
        self._same_customer(directory)

    def tried(self, key: Key, since: datetime) -> tuple[Trial, ...]:
        """Whether the customer's directory still knows our app."""
        if key is not Key.APP or self._doors.app is None or self._doors.person:
            return ()
        return (doors.tried(self._opened(key), doors.lookout(self._doors, self._tenant, self._clients, self._limits)),)

    def cells(self) -> tuple[Cell, ...]:
        """Accounts, guests, our apps, the administrators of the tenant, our groups and our directory roles."""
        return tuple(
            Cell(system=System.ENTRA, kind=kind, scope=self._facts.customer.tenant, key=self._key) for kind in KINDS
        )

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """Everybody of a kind; who carries no sign of us only as an id, and of all that is no account only ours."""
        directory = self._at(cell.key, cell.scope)
        if cell.kind in traces.READS:
            return traces.found(self._place(directory), _at(cell, ""), out)
        if cell.kind is Kind.DIRECTORY_GROUP:
            return groups.found(directory, cell, self._facts, self._ours, out)
        if cell.kind is Kind.DIRECTORY_ROLE:
            return directory_roles.found(directory, cell, self._facts, self._ours, out)
        if cell.kind is Kind.ADMINISTRATOR:
            return administrators(directory, cell, self._facts, out)
        if cell.kind is Kind.NEW_ADMINISTRATOR:
            return new_administrator.found(directory, _at(cell, ""), self._facts, out)
        if cell.kind is Kind.SERVICE_PRINCIPAL:
            return self._principals(directory, cell, out)
        return self._accounts(directory, cell, out)

    def again(self, cell: Cell) -> Sequence[str] | None:
        """Accounts, guests and our apps, as the vendor tells them to whoever follows changes; None for the rest."""
        if cell.kind not in second.SECOND:
            return None
        return second.shown(self._at(cell.key, cell.scope), cell.kind, self._facts, self._client())

    def read(self, target: Target, out: Sink) -> Item | None:
        """GET by id. What the account belongs to and owns is kept beside its image, by its digest in `children`."""
        directory = self._at(target.key, target.scope)
        item = self._item(directory, target, out)
        if item is None:
            self._same_customer(directory)
        return item

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """Gone, or disabled, counts as done; an administrator, when they are there as agreed."""
        self._possible(action)
        directory = self._at(action.key, action.scope)
        if action.kind is Kind.ADMINISTRATOR:
            return self._second(directory, action)
        if action.kind is Kind.NEW_ADMINISTRATOR:
            return new_administrator.there(directory, action, self._facts)
        if action.kind in ACCESS:
            return self._access_gone(directory, action)
        if action.kind in traces.READS:
            raise Refused(f"{action.verb} {action.name}: a person does it; it is read, and not looked for")
        found = self._enabled(directory, action.at)
        if action.verb is Verb.PUT_BACK:
            return Receipt(outcome=Outcome.FOUND, code="enabled") if found else None
        if found is None:
            self._same_customer(directory)
            return self._gone(directory, action)
        done = action.verb is Verb.DISABLE and found is False
        return Receipt(outcome=Outcome.FOUND, code="disabled") if done else None

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Disable (and sign out) or delete one account, never the one this program runs as; delete a group or take a
        role that is ours alone; or make the agreed administrator of the new supplier. A person's deeds are Refused."""
        self._possible(action)
        directory = self._at(action.key, action.scope)
        if Key.PERSON in (action.key, self.able[action.kind, action.verb].key):
            raise Refused(f"{action.verb} {action.name}: a person does it; we look whether they have")
        if action.kind is Kind.NEW_ADMINISTRATOR:
            if action.verb is Verb.DISCLOSE:
                return new_administrator.disclosed(directory, action, self._facts, out)
            return new_administrator.created(directory, action, self._facts)
        if action.kind is Kind.DIRECTORY_ROLE:
            return directory_roles.taken(directory, action, self._facts, self._ours)
        if action.kind is Kind.DIRECTORY_GROUP:
            guid(action.target)
            return groups.removed(directory, action, self._facts, self._ours)
        path = f"{PATHS[action.kind]}/{guid(action.target)}"
        self._not_ourselves(directory, action)
        return accounts.changed(directory, action, path)

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Give the role again to a new administrator that was not known everywhere, or take one that was too young;
        nothing else goes on by itself."""
        self._possible(action)
        if action.kind is Kind.DIRECTORY_ROLE:
            directory = self._at(action.key, action.scope)
            asked = int(operation or "1") + 1
            return directory_roles.taken(directory, action, self._facts, self._ours, asked)
        if (action.kind, action.verb) == (Kind.NEW_ADMINISTRATOR, Verb.CREATE):
            directory = self._at(action.key, action.scope)
            return new_administrator.followed(directory, action, self._facts, operation)
        raise Refused(f"{action.verb} {action.kind}: there is no operation to ask after")

    def _accounts(self, directory: Directory, cell: Cell, out: Sink) -> Iterator[Item]:
        for user in directory.users():
            if kind_of(user) is cell.kind:
                used = use_of(directory, user, self._facts, self._now())
                yield account(user, _at(cell, user.id), self._facts, out, used)

    def _principals(self, directory: Directory, cell: Cell, out: Sink) -> Iterator[Item]:
        clauses = (f"appOwnerOrganizationId eq {self._facts.provider.tenant}", f"appId eq '{self._client()}'")
        found = {one.id.lower(): one for clause in clauses for one in directory.principals(clause)}
        for principal in found.values():
            yield application(principal, _at(cell, principal.id), self._facts, out)

    def _second(self, directory: Directory, action: Action) -> Receipt | None:
        if action.target != SECOND:
            raise Refused(f"{action.verb} {action.target}: only {SECOND} is looked for")
        return other_administrator(directory, self._facts)

    def _item(self, directory: Directory, target: Target, out: Sink) -> Item | None:
        if target.kind is Kind.NEW_ADMINISTRATOR:
            return new_administrator.one(directory, target, self._facts, out)
        if target.kind is Kind.DIRECTORY_ROLE:
            return directory_roles.one(directory, target, self._facts, self._ours, out)
        if target.kind in traces.READS:
            return traces.one(self._place(directory), target, out)
        ident = guid(target.id)
        if target.kind is Kind.DIRECTORY_GROUP:
            return groups.one(directory, target, self._facts, self._ours, out)
        if target.kind is Kind.SERVICE_PRINCIPAL:
            app = directory.principal(ident)
            return application(app, target, self._facts, out) if app else None
        if target.kind is Kind.ADMINISTRATOR:
            cell = Cell(system=target.system, kind=target.kind, scope=target.scope, key=target.key)
            return next(administrators(directory, cell, self._facts, out, ident), None)
        user = directory.user(ident)
        if user is None:
            return None
        holds = (("children", out.image(image(directory.holds(ident)))),) if signed(user, self._facts) else ()
        used = use_of(directory, user, self._facts, self._now())
        return account(user, target, self._facts, out, (*holds, *used))

    def _ours(self, row: Object) -> bool:
        return is_ours(row, self._facts, self._client())

    def _client(self) -> str:
        return self._doors.app.client_id if self._doors.app else ""

    def _place(self, directory: Directory) -> traces.Place:
        return traces.Place(directory=directory, traces=Traces(directory), facts=self._facts, app=self._client())

    def _access_gone(self, directory: Directory, action: Action) -> Receipt | None:
        if action.kind is Kind.DIRECTORY_ROLE:
            gone = directory_roles.gone(directory, action.target)
        else:
            gone = Access(directory).group(guid(action.target)) is None
        if not gone:
            return None
        self._same_customer(directory)
        return self._gone(directory, action)

    def _gone(self, directory: Directory, action: Action) -> Receipt:
        """It is not there, whoever removed it; what lies in the bin is said as after a removal of ours (F11)."""
        said = () if action.kind is Kind.DIRECTORY_ROLE else traces.in_the_bin(directory, action.target)
        return Receipt(outcome=Outcome.FOUND, code="NotFound", said=said)

    def _enabled(self, directory: Directory, target: Target) -> bool | None:
        ident = guid(target.id)
        found = directory.principal(ident) if target.kind is Kind.SERVICE_PRINCIPAL else directory.user(ident)
        return None if found is None else found.accountEnabled is not False

    def _possible(self, action: Action) -> None:
        if action.system is not System.ENTRA or (action.kind, action.verb) not in self.able:
            raise Refused(f"{action.verb} {action.kind}: the directory has no such deed here")

    def _not_ourselves(self, directory: Directory, action: Action) -> None:
        """Our own executor goes last, by the customer's hand or ours in the portal."""
        ourselves = action.target.lower() == self._facts.provider.executor.lower()
        if not ourselves and action.kind is Kind.SERVICE_PRINCIPAL and self._doors.app:
            found = directory.principal(guid(action.target))
            ourselves = found is not None and found.appId.lower() == self._doors.app.client_id.lower()
        if ourselves:
            raise Refused(f"{action.verb} {action.name}: this program runs as it; it goes last, by a person's hand")

    def _at(self, key: Key, scope: str) -> Directory:
        if scope.lower() != self._tenant:
            raise Refused(f"tenant {scope} is not {self._facts.customer.slug}'s; nothing was done")
        directory = self._opened(key)
        if not self._checked:
            self._same_customer(directory)
            self._checked = True
        return directory

    def _same_customer(self, directory: Directory) -> None:
        """The control read: the token must open the tenant that the case says."""
        tenant = directory.tenant()
        if tenant.lower() != self._tenant:
            raise Refused(f"the key opens tenant {tenant}, which is not {self._facts.customer.slug}'s")

    def _opened(self, key: Key) -> Directory:
        """The wire by our app's key, which also looks at what a person did; or as the person who signed in."""
        source = self._source(self._key if key is Key.PERSON else key)
        if self._directory is None:
            http = Http(
                system=SYSTEM,
                base=self._doors.graph_url,
                clients=self._clients,
                limits=self._limits,
                sign=source.sign,
                bucket=f"graph|{self._facts.customer.slug}|{self._key}|{self._tenant}",
                code=graph_code,
            )
            self._directory = Directory(http, source.fresh)
        return self._directory

    def _source(self, key: Key) -> TokenSource:
        app = self._doors.app if key is Key.APP else None
        if self._doors.person and key is Key.APP:
            return self._doors.person
        if self._doors.gdap and key is Key.GDAP is self._key:
            return self._doors.gdap
        if app is None:
            raise Denied(f"we hold no {key} key for this customer's directory", system=SYSTEM, code="NoKey")
        if app.tenant.lower() != self._tenant:
            raise Refused("the app key belongs to another tenant than this case; nothing was done")
        return source_of(
            app,
            system=SYSTEM,
            audience=AUDIENCE,
            login_url=self._doors.login_url,
            clients=self._clients,
            limits=self._limits,
            bucket=f"login|{self._facts.customer.slug}|{key}|graph",
        )


def _at(cell: Cell, ident: str) -> Target:
    return Target(system=System.ENTRA, kind=cell.kind, id=ident, scope=cell.scope, key=cell.key)
