"""Our hands in Passwordstate: what lies in the customer's folder, disclosed into a parcel, and erased."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from sendoff.connectors.passwordstate.access import Permitted, right_items, rights, taken_away
from sendoff.connectors.passwordstate.backups import erased
from sendoff.connectors.passwordstate.client import SYSTEM, Folder, Record, Vault, VaultDoor
from sendoff.connectors.passwordstate.folders import Papers as FolderPapers
from sendoff.connectors.passwordstate.folders import carrier, in_folder, inside, papers_of_folders, whole_folder
from sendoff.connectors.passwordstate.items import list_item, makes_codes, number, record_item, record_target
from sendoff.connectors.passwordstate.reports import Reports
from sendoff.connectors.wire.client import Clients
from sendoff.connectors.wire.lately import Lately
from sendoff.model.digest import Digest
from sendoff.model.errors import Denied, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.ports import Ability, Limits, Repeat, Sink

ONE_PASS = 100_000


class PasswordstateConnector:
    """Our vault within the folder of one customer; a list anywhere else is Refused."""

    system = System.PASSWORDSTATE
    able: Mapping[tuple[Kind, Verb], Ability] = {
        (Kind.SECRET, Verb.DISCLOSE): Ability(key=Key.VAULT, repeat=Repeat.NATURAL, reversible=False, batch=ONE_PASS),
        (Kind.SECRET_LIST, Verb.DISCLOSE): Ability(
            key=Key.VAULT, repeat=Repeat.NATURAL, reversible=False, batch=ONE_PASS
        ),
        (Kind.SECRET, Verb.REMOVE): Ability(key=Key.VAULT, repeat=Repeat.NATURAL, reversible=False),
        (Kind.SECRET_ACCESS, Verb.REMOVE): Ability(key=Key.VAULT, repeat=Repeat.NATURAL, reversible=True),
    }

    def __init__(
        self,
        facts: Facts,
        door: VaultDoor,
        *,
        clients: Clients,
        limits: Limits,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._facts, self._door, self._clients, self._limits, self._now = facts, door, clients, limits, now
        self._reports, self._seen = Reports(), Lately[Folder]()
        self._held, self._told = Lately[list[Folder]](), Lately[Permitted]()

    def probe(self, key: Key) -> None:
        """Read every list that is on file for the customer, each with the key for it."""
        for ident in self._facts.places.vault_lists:
            inside(self._facts, self._vault(key, ident).one_list(number(ident)))
        if not self._facts.places.vault_lists:
            self._vault(key, "").lists()

    def way(self, key: Key) -> str:
        """How we come in: by keys, or as which account."""
        account = self._door.account
        return f"{account.name} by Windows sign-in" if account is not None else ""

    def cells(self) -> tuple[Cell, ...]:
        """The folder's lists, the records of each list on file, and those of any other list in the folder."""
        places = self._facts.places
        if not places.vault_folder and not places.vault_lists:
            return ()
        kinds = [
            *((Kind.SECRET_LIST, ident) for ident in (places.vault_lists if self._door.account else ())),
            (Kind.SECRET_LIST, places.vault_folder),
            *((Kind.SECRET, ident) for ident in places.vault_lists),
            (Kind.SECRET, places.vault_folder),
            *([(Kind.SECRET_ACCESS, places.vault_folder)] if self._door.staff else []),
        ]
        return tuple(Cell(system=System.PASSWORDSTATE, kind=kind, scope=scope, key=Key.VAULT) for kind, scope in kinds)

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """Lists, or records without their secrets."""
        if self._door.account is not None and cell.scope not in self._facts.places.vault_lists:
            raise self._partial(cell.key)
        if cell.kind is Kind.SECRET_ACCESS:
            whole_folder(self._facts, cell.scope)
            yield from self._rights(cell.scope, cell.key, self._permitted(cell.key), out)
            return
        if cell.kind is Kind.SECRET_LIST:
            for folder in self._lists_of(cell):
                at = Target(
                    system=cell.system, kind=cell.kind, id=str(folder.PasswordListID), scope=cell.scope, key=cell.key
                )
                yield self._list_item(folder, at, out)
            return
        for ident in self._list_ids(cell):
            if self._gone(cell.key, ident):
                continue
            vault = self._vault(cell.key, ident)
            folder = inside(self._facts, vault.one_list(ident))
            for record in vault.records(ident):
                yield self._item(record, folder, record_target(record, ident, cell.key), out)

    def read(self, target: Target, out: Sink) -> Item | None:
        """One record without its secrets; None only when its list can be read and the record is a 404, or when the
        list itself is gone by the word of a key that sees other lists."""
        if target.kind is Kind.SECRET_ACCESS:
            whole_folder(self._facts, target.scope)
            told = self._told.get(out, lambda: self._permitted(target.key), target.key)
            found = self._rights(target.scope, target.key, told, out)
            return next((one for one in found if one.id == target.id), None)
        try:
            vault, folder = self._opened(target, out)
        except Denied:
            if self._gone(target.key, number(target.id if target.kind is Kind.SECRET_LIST else target.scope)):
                return None
            raise
        if target.kind is Kind.SECRET_LIST:
            return self._list_item(folder, target, out)
        record = vault.record(number(target.id))
        if record is None:
            return None
        self._of_list(record, folder)
        return self._item(record, folder, target, out)

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """A record that is gone counts as removed; a disclosure is made again, in its one pass."""
        self._possible(action)
        if action.verb is Verb.DISCLOSE or action.kind is Kind.SECRET_ACCESS:
            return None
        vault, _ = self._opened(action.at)
        gone = vault.record(number(action.target)) is None
        return erased(self._door.backup_days, self._now, Outcome.FOUND, "Not Found") if gone else None

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Put one record with its secrets into the parcel, or erase it for good."""
        self._possible(action)
        if action.kind is Kind.SECRET_ACCESS:
            whole_folder(self._facts, action.scope)
            return taken_away(self._vault(action.key, ""), self._lists(action.key), action.target)
        vault, folder = self._opened(action.at, out if action.verb is Verb.DISCLOSE else None)
        if action.kind is Kind.SECRET_LIST:
            return self._list_disclosed(folder, out)
        record = vault.record(number(action.target))
        if record is None:
            missing = Outcome.FOUND if action.verb is Verb.REMOVE else Outcome.CHANGED
            return Receipt(outcome=missing, code="Not Found")
        self._of_list(record, folder)
        self._alone(record)
        if action.verb is Verb.REMOVE:
            answer = vault.erase(record.id)
            outcome = Outcome.FOUND if answer.status == 404 else Outcome.DONE
            return erased(self._door.backup_days, self._now, outcome, str(answer.status))
        return self._disclosed(vault, folder, record, out)

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Nothing here goes on by itself."""
        raise Refused(f"{action.verb} {action.kind}: there is no operation to ask after")

    def _disclosed(self, vault: Vault, folder: Folder, record: Record, out: Sink) -> Receipt:
        opened = vault.opened(record.id)
        if opened is None:
            return Receipt(outcome=Outcome.CHANGED, code="Not Found")
        row, secrets = opened
        past = vault.history(record.id)
        papers = self._papers(Kind.SECRET)
        found = papers.get(record.id, ()) if papers is not None else ()
        more = {f"Document {name} (base64)": vault.document("password", ident, name) for ident, name in found}
        out.secret({**row, **record.generic, "TreePath": folder.TreePath}, {**secrets, **past, **more})
        said = (
            ("hidden-fields", str(len(secrets))),
            ("documents", str(len(found)) if papers is not None else "not read"),
            ("history", str(len({name.split(" ")[1] for name in past}))),
            ("audited", str(2 + len(found))),
        )
        one_time = (("one-time-code", "not in the vault's answer: enrol it anew"),)
        return Receipt(outcome=Outcome.DONE, said=said + (one_time if makes_codes(record, folder) else ()))

    def _list_disclosed(self, folder: Folder, out: Sink) -> Receipt:
        """The documents that hang on a list: one more record of the parcel."""
        papers = self._papers(Kind.SECRET_LIST)
        above, everything = self._of_folders(folder, out), self._everything()
        if papers is None or above is None or everything is None:
            return Receipt(outcome=Outcome.UNKNOWN, code="NoReport")
        found, vault = papers.get(str(folder.PasswordListID), ()), self._vault(Key.VAULT, str(folder.PasswordListID))
        hidden = {f"Document {name} (base64)": vault.document("passwordlist", ident, name) for ident, name in found}
        for ident, name in above:
            hidden[f"Folder document {ident} {name} (base64)"] = everything.document("folder", ident, name)
        row = {"Title": f"Documents of {folder.PasswordList}", "TreePath": folder.TreePath}
        out.secret({**row, "PasswordListID": str(folder.PasswordListID)}, hidden)
        return Receipt(outcome=Outcome.DONE, said=(("documents", str(len(hidden))), ("audited", str(len(hidden)))))

    def _of_folders(self, folder: Folder, out: Sink) -> FolderPapers | None:
        """The documents of the customer's folders, when this list carries them; None when nobody told."""
        everything, root = self._everything(), self._facts.places.vault_folder
        known = self._held.get(out, lambda: self._lists(Key.VAULT))
        carries = carrier([one.PasswordListID for one in known]) == folder.PasswordListID
        return papers_of_folders(everything, root, whole=self._door.account is None) if carries else ()

    def _papers(self, kind: Kind) -> Mapping[str, tuple[tuple[str, str], ...]] | None:
        """A report of documents, by the system-wide key; None when there is none."""
        return self._reports.papers(kind, self._everything())

    def _alone(self, record: Record) -> None:
        """Refused for a record that lies in somebody else's list too: one deed would reach both."""
        held = self._elsewhere(record)
        if held:
            raise Refused(f"record {record.id} is shared: {held}; nothing was done")

    def _elsewhere(self, record: Record) -> str | None:
        """In whose lists it lies as well; a report to an account may leave out what that may not see."""
        held = self._reports.elsewhere(record.id, self._everything(), self._theirs)
        return held or None if self._door.account is not None else held

    def _everything(self) -> Vault | None:
        door = self._door
        return self._vault(Key.VAULT, "") if door.system_key is not None or door.account is not None else None

    def _item(self, record: Record, folder: Folder, at: Target, out: Sink) -> Item:
        held = self._elsewhere(record)
        return record_item(record, folder, at, out, shared=held, one_time=makes_codes(record, folder))

    def _list_item(self, folder: Folder, at: Target, out: Sink) -> Item:
        papers = self._papers(Kind.SECRET_LIST)
        above = self._of_folders(folder, out) if papers is not None else None
        told = papers is not None and above is not None
        count = len((papers or {}).get(str(folder.PasswordListID), ())) + len(above or ()) if told else None
        return list_item(folder, at, out, documents=count)

    def _theirs(self, lists: frozenset[str]) -> frozenset[str]:
        """Which of these lists lie in the customer's folder."""
        mine = {str(one.PasswordListID) for one in self._lists(Key.VAULT)}
        return lists & mine

    def _lists(self, key: Key) -> list[Folder]:
        """Every list in the folder. One on file that does not show there raises; private ones never show."""
        found = [one for one in self._vault(key, "").lists() if in_folder(self._facts, one)]
        seen = {str(one.PasswordListID) for one in found}
        for ident in self._facts.places.vault_lists:
            if ident not in seen and not self._gone(key, ident):
                found.append(inside(self._facts, self._vault(key, ident).one_list(number(ident))))
        return found

    def _rights(self, scope: str, key: Key, told: Permitted, out: Sink) -> Iterator[Item]:
        at = Target(system=System.PASSWORDSTATE, kind=Kind.SECRET_ACCESS, id="", scope=scope, key=key)
        return right_items(told[1], told[0], self._door.staff, at, out)

    def _permitted(self, key: Key) -> Permitted:
        """What anybody may on the lists of the folder, by a fresh report; the direct reads of a look share one."""
        return (lists := self._lists(key)), rights(self._vault(key, ""), lists)

    def _lists_of(self, cell: Cell) -> list[Folder]:
        if self._door.account is not None:
            return [inside(self._facts, self._vault(cell.key, cell.scope).one_list(number(cell.scope)))]
        whole_folder(self._facts, cell.scope)
        return self._lists(cell.key)

    def _partial(self, key: Key) -> Denied:
        """What a Windows account does not see, nobody tells it of: the folder is never read whole."""
        known = self._facts.places.vault_lists
        more = [one.PasswordList for one in self._lists(key) if str(one.PasswordListID) not in known]
        named = f"; these show and are not on file: {', '.join(sorted(more))}" if more else ""
        return Denied(
            f"{self.way(key)} sees the lists that it may see, and whether more lie in the folder nobody tells{named}",
            system=SYSTEM,
            code="MayNotSee",
        )

    def _list_ids(self, cell: Cell) -> list[str]:
        known = self._facts.places.vault_lists
        if cell.scope in known:
            return [number(cell.scope)]
        whole_folder(self._facts, cell.scope)
        return [ident for one in self._lists(cell.key) if (ident := str(one.PasswordListID)) not in known]

    def _opened(self, target: Target, asker: Sink | None = None) -> tuple[Vault, Folder]:
        """The list as it is; for records that a look or batch reads, as it was a moment ago. None is erased so."""
        ident = number(target.id if target.kind is Kind.SECRET_LIST else target.scope)
        vault = self._vault(target.key, ident)
        if asker is None or target.kind is Kind.SECRET_LIST:
            return vault, inside(self._facts, vault.one_list(ident))
        return vault, self._seen.get(asker, lambda: inside(self._facts, vault.one_list(ident)), ident)

    def _gone(self, key: Key, ident: str) -> bool:
        """A list on file that somebody deleted in the vendor's page. Without the system-wide key nobody can tell."""
        return self._door.system_key is not None and self._vault(key, "").gone(ident)

    def _of_list(self, record: Record, folder: Folder) -> None:
        if record.list_id != str(folder.PasswordListID):
            raise Refused(f"record {record.id} lies in another list than the one that was approved; nothing was done")

    def _possible(self, action: Action) -> None:
        if action.system is not System.PASSWORDSTATE or (action.kind, action.verb) not in self.able:
            raise Refused(f"{action.verb} {action.kind}: the vault has no such deed here")

    def _vault(self, key: Key, ident: str) -> Vault:
        door = self._door
        held = (door.account or door.list_keys.get(ident) or door.system_key) if key is Key.VAULT else None
        if held is None:
            raise Denied(f"we hold no {key} key for this part of the vault", system=SYSTEM, code="NoKey")
        slug, clients, limits = self._facts.customer.slug, self._clients, self._limits
        reason, bucket = f"sendoff: {slug} leaves", f"passwordstate|{slug}|{key}|vault"
        return Vault(door=door, key=held, reason=reason, clients=clients, limits=limits, bucket=bucket)
