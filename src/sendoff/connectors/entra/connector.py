"""Our hands in the customer's directory: accounts, guests, apps and administrators."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from sendoff.connectors.entra.client import AUDIENCE, SYSTEM, Directory, EntraDoors, graph_code
from sendoff.connectors.entra.people import account, application, kind_of, signed
from sendoff.connectors.wire.body import image
from sendoff.connectors.wire.client import Answer, Clients, Http
from sendoff.connectors.wire.login.client import Tokens
from sendoff.model.digest import Digest
from sendoff.model.errors import Denied, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.ports import Ability, Limits, Repeat, Sink

KINDS = (Kind.USER, Kind.GUEST, Kind.SERVICE_PRINCIPAL, Kind.ADMINISTRATOR)
PATHS = {Kind.USER: "/users", Kind.GUEST: "/users", Kind.SERVICE_PRINCIPAL: "/servicePrincipals"}


class EntraConnector:
    """Microsoft Graph in the tenant of one customer; any other tenant is Refused."""

    system = System.ENTRA
    able: Mapping[tuple[Kind, Verb], Ability] = {
        (kind, verb): Ability(key=Key.APP, repeat=Repeat.NATURAL, reversible=True)
        for kind in PATHS
        for verb in (Verb.DISABLE, Verb.REMOVE)
    }

    def __init__(self, facts: Facts, doors: EntraDoors, *, clients: Clients, limits: Limits) -> None:
        self._facts, self._doors, self._clients, self._limits = facts, doors, clients, limits
        self._tenant = facts.customer.tenant.lower()
        self._directory: Directory | None = None
        self._checked = False

    def probe(self, key: Key) -> None:
        """Sign in anew and read the organization."""
        directory = self._opened(key)
        directory.fresh()
        self._same_customer(directory)

    def cells(self) -> tuple[Cell, ...]:
        """Accounts, guests, our apps and the administrators of the tenant."""
        return tuple(
            Cell(system=System.ENTRA, kind=kind, scope=self._facts.customer.tenant, key=Key.APP) for kind in KINDS
        )

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """Everybody of a kind; who carries no sign of us only as an id."""
        directory = self._at(cell.key, cell.scope)
        if cell.kind is Kind.ADMINISTRATOR:
            return self._administrators(directory, cell, out)
        if cell.kind is Kind.SERVICE_PRINCIPAL:
            return self._principals(directory, cell, out)
        return self._accounts(directory, cell, out)

    def read(self, target: Target, out: Sink) -> Item | None:
        """GET by id. What the account belongs to and owns is kept beside its image, by its digest in `children`."""
        directory = self._at(target.key, target.scope)
        item = self._item(directory, target, out)
        if item is None:
            self._same_customer(directory)
        return item

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """Gone, or disabled, counts as done."""
        self._possible(action)
        directory = self._at(action.key, action.scope)
        found = self._enabled(directory, action.at)
        if found is None:
            self._same_customer(directory)
            return Receipt(outcome=Outcome.FOUND, code="NotFound")
        done = action.verb is Verb.DISABLE and found is False
        return Receipt(outcome=Outcome.FOUND, code="disabled") if done else None

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Disable (and sign out) or delete one account. Never the one this program runs as."""
        self._possible(action)
        directory = self._at(action.key, action.scope)
        path = f"{PATHS[action.kind]}/{_guid(action.target)}"
        self._not_ourselves(directory, action)
        if action.verb is Verb.REMOVE:
            receipt = _meant(directory.delete(path))
            gone = receipt.outcome is Outcome.DONE and directory.soft_deleted(action.target)
            said = (("restorable", "for 30 days"),) if gone else ()
            return Receipt(outcome=receipt.outcome, code=receipt.code, said=said)
        receipt = _meant(directory.disable(path))
        if receipt.outcome is Outcome.DONE and action.kind is not Kind.SERVICE_PRINCIPAL:
            return _meant(directory.revoke(action.target))
        return receipt

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Nothing here goes on by itself."""
        raise Refused(f"{action.verb} {action.kind}: there is no operation to ask after")

    def _accounts(self, directory: Directory, cell: Cell, out: Sink) -> Iterator[Item]:
        for user in directory.users():
            if kind_of(user) is cell.kind:
                yield account(user, _at(cell, user.id), self._facts, out)

    def _principals(self, directory: Directory, cell: Cell, out: Sink) -> Iterator[Item]:
        app = self._doors.app.client_id if self._doors.app else ""
        clauses = (f"appOwnerOrganizationId eq {self._facts.provider.tenant}", f"appId eq '{app}'")
        found = {one.id.lower(): one for clause in clauses for one in directory.principals(clause)}
        for principal in found.values():
            yield application(principal, _at(cell, principal.id), self._facts, out)

    def _administrators(self, directory: Directory, cell: Cell, out: Sink) -> Iterator[Item]:
        for kind, ident in _expanded(directory):
            item = self._administrator(directory, kind, _at(cell, ident), out)
            if item is not None:
                yield item

    def _administrator(self, directory: Directory, kind: str, at: Target, out: Sink) -> Item | None:
        if kind == "servicePrincipal":
            app = directory.principal(at.id)
            return application(app, at, self._facts, out) if app else None
        user = directory.user(at.id)
        if user is None:
            return None
        ours = signed(user, self._facts)
        seen = "" if ours else directory.last_mfa_sign_in(at.id)
        more = (("ours", "yes" if ours else "no"), ("last-mfa-sign-in", seen))
        return account(user, at, self._facts, out, more)

    def _item(self, directory: Directory, target: Target, out: Sink) -> Item | None:
        ident = _guid(target.id)
        if target.kind is Kind.SERVICE_PRINCIPAL:
            app = directory.principal(ident)
            return application(app, target, self._facts, out) if app else None
        if target.kind is Kind.ADMINISTRATOR:
            kind = {one: kind for kind, one in _expanded(directory)}.get(ident)
            return self._administrator(directory, kind, target, out) if kind else None
        user = directory.user(ident)
        if user is None:
            return None
        holds = (("children", out.image(image(directory.holds(ident)))),) if signed(user, self._facts) else ()
        return account(user, target, self._facts, out, holds)

    def _enabled(self, directory: Directory, target: Target) -> bool | None:
        ident = _guid(target.id)
        found = directory.principal(ident) if target.kind is Kind.SERVICE_PRINCIPAL else directory.user(ident)
        return None if found is None else found.accountEnabled is not False

    def _possible(self, action: Action) -> None:
        if action.system is not System.ENTRA or (action.kind, action.verb) not in self.able:
            raise Refused(f"{action.verb} {action.kind}: the directory has no such deed here")

    def _not_ourselves(self, directory: Directory, action: Action) -> None:
        """Our own executor goes last, by the customer's hand or ours in the portal."""
        ourselves = action.target.lower() == self._facts.provider.executor.lower()
        if not ourselves and action.kind is Kind.SERVICE_PRINCIPAL and self._doors.app:
            found = directory.principal(_guid(action.target))
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
        app = self._doors.app if key is Key.APP else None
        if app is None:
            raise Denied(f"we hold no {key} key for this customer's directory", system=SYSTEM, code="NoKey")
        if app.tenant.lower() != self._tenant:
            raise Refused("the app key belongs to another tenant than this case; nothing was done")
        if self._directory is None:
            bucket = f"graph|{self._facts.customer.slug}|{key}|{self._tenant}"
            tokens = Tokens(
                system=SYSTEM,
                who=app,
                audience=AUDIENCE,
                login_url=self._doors.login_url,
                clients=self._clients,
                limits=self._limits,
                bucket=f"login|{self._facts.customer.slug}|{key}|graph",
            )
            http = Http(
                system=SYSTEM,
                base=self._doors.graph_url,
                clients=self._clients,
                limits=self._limits,
                sign=tokens.sign,
                bucket=bucket,
                code=graph_code,
            )
            self._directory = Directory(http, tokens.fresh)
        return self._directory


def _expanded(directory: Directory) -> Iterator[tuple[str, str]]:
    """Users and apps that hold the role, themselves or through groups, each once."""
    waiting, seen = list(directory.global_administrators()), set[str]()
    while waiting:
        kind, ident = waiting.pop(0)
        if ident in seen:
            continue
        seen.add(ident)
        if kind == "group":
            waiting += directory.members(ident)
        else:
            yield kind, ident


def _at(cell: Cell, ident: str) -> Target:
    return Target(system=System.ENTRA, kind=cell.kind, id=ident, scope=cell.scope, key=cell.key)


def _guid(ident: str) -> str:
    """The id, when it is a plain guid; else Refused."""
    try:
        return str(UUID(ident))
    except ValueError:
        pass
    raise Refused(f"{ident!r} is not the id of a directory object")


def _meant(answer: Answer) -> Receipt:
    outcomes: Mapping[int, Outcome] = {400: Outcome.REFUSED, 404: Outcome.FOUND}
    return Receipt(outcome=outcomes.get(answer.status, Outcome.DONE), code=answer.code or str(answer.status))
