"""Our hands in Passwordstate: what lies in the customer's folder, disclosed into a parcel, and recycled."""

import threading
import time
from collections.abc import Iterator, Mapping

from sendoff.connectors.passwordstate.client import SYSTEM, Folder, Record, Vault, VaultDoor
from sendoff.connectors.wire.body import image
from sendoff.connectors.wire.client import Clients
from sendoff.model.digest import Digest, Json
from sendoff.model.errors import Denied, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, Rebuildable, Sign, SignKind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.model.secret import Secret
from sendoff.ports import Ability, Limits, Repeat, Sink

ONE_PASS = 100_000
FRESH = 60.0
"""Seconds for which the report of documents is believed."""
Documents = Mapping[str, tuple[tuple[str, str], ...]]


class PasswordstateConnector:
    """Our vault within the folder of one customer; a list anywhere else is Refused."""

    system = System.PASSWORDSTATE
    able: Mapping[tuple[Kind, Verb], Ability] = {
        (Kind.SECRET, Verb.DISCLOSE): Ability(key=Key.VAULT, repeat=Repeat.NATURAL, reversible=False, batch=ONE_PASS),
        (Kind.SECRET, Verb.REMOVE): Ability(key=Key.VAULT, repeat=Repeat.NATURAL, reversible=False),
    }

    def __init__(self, facts: Facts, door: VaultDoor, *, clients: Clients, limits: Limits) -> None:
        self._facts, self._door, self._clients, self._limits = facts, door, clients, limits
        self._papers: tuple[float, Documents | None] = (float("-inf"), None)
        self._lock = threading.Lock()

    def probe(self, key: Key) -> None:
        """Read every list that is on file for the customer, each with the key for it."""
        for ident in self._facts.places.vault_lists:
            self._inside(self._vault(key, ident).one_list(_number(ident)))
        if not self._facts.places.vault_lists:
            self._vault(key, "").lists()

    def cells(self) -> tuple[Cell, ...]:
        """The folder's lists, the records of each list on file, and those of any other list in the folder."""
        places = self._facts.places
        if not places.vault_folder and not places.vault_lists:
            return ()
        kinds = [
            (Kind.SECRET_LIST, places.vault_folder),
            *((Kind.SECRET, ident) for ident in places.vault_lists),
            (Kind.SECRET, places.vault_folder),
        ]
        return tuple(Cell(system=System.PASSWORDSTATE, kind=kind, scope=scope, key=Key.VAULT) for kind, scope in kinds)

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """Lists, or records without their secrets."""
        if cell.kind is Kind.SECRET_LIST:
            self._whole_folder(cell.scope)
            for folder in self._lists(cell.key):
                yield _list_item(folder, cell, out)
            return
        for ident in self._list_ids(cell):
            if self._gone(cell.key, ident):
                continue
            vault = self._vault(cell.key, ident)
            folder = self._inside(vault.one_list(ident))
            for record in vault.records(ident):
                yield _item(record, folder, _at(record, ident, cell.key), out)

    def read(self, target: Target, out: Sink) -> Item | None:
        """One record without its secrets; None only when its list can be read and the record is a 404, or when the
        list itself is gone by the word of a key that sees other lists."""
        try:
            vault, folder = self._opened(target)
        except Denied:
            if self._gone(target.key, _number(target.id if target.kind is Kind.SECRET_LIST else target.scope)):
                return None
            raise
        if target.kind is Kind.SECRET_LIST:
            cell = Cell(system=System.PASSWORDSTATE, kind=target.kind, scope=target.scope, key=target.key)
            return _list_item(folder, cell, out)
        record = vault.record(_number(target.id))
        if record is None:
            return None
        self._of_list(record, folder)
        return _item(record, folder, target, out)

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """A record that is gone counts as removed; a disclosure is made again, in its one pass."""
        self._possible(action)
        if action.verb is Verb.DISCLOSE:
            return None
        vault, _ = self._opened(action.at)
        gone = vault.record(_number(action.target)) is None
        return Receipt(outcome=Outcome.FOUND, code="Not Found") if gone else None

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Put one record with its secrets into the parcel, or erase it for good."""
        self._possible(action)
        vault, folder = self._opened(action.at)
        record = vault.record(_number(action.target))
        if record is None:
            missing = Outcome.FOUND if action.verb is Verb.REMOVE else Outcome.CHANGED
            return Receipt(outcome=missing, code="Not Found")
        self._of_list(record, folder)
        if action.verb is Verb.REMOVE:
            answer = vault.erase(record.id)
            return Receipt(outcome=Outcome.FOUND if answer.status == 404 else Outcome.DONE, code=str(answer.status))
        return self._disclosed(vault, folder, record, out)

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Nothing here goes on by itself."""
        raise Refused(f"{action.verb} {action.kind}: there is no operation to ask after")

    def _disclosed(self, vault: Vault, folder: Folder, record: Record, out: Sink) -> Receipt:
        opened = vault.opened(record.id)
        if opened is None:
            return Receipt(outcome=Outcome.CHANGED, code="Not Found")
        row, secrets = opened
        papers = self._documents()
        found = papers.get(record.id, ()) if papers is not None else ()
        more: dict[str, Secret] = {f"Document {name} (base64)": vault.document(ident, name) for ident, name in found}
        out.secret({**row, **record.generic, "TreePath": folder.TreePath}, {**secrets, **more})
        said = (
            ("hidden-fields", str(len(secrets))),
            ("documents", str(len(found)) if papers is not None else "not read"),
            ("history", "not read"),
        )
        return Receipt(outcome=Outcome.DONE, said=said)

    def _documents(self) -> Documents | None:
        """The report of documents, by the system-wide key; None when there is none."""
        if self._door.system_key is None:
            return None
        with self._lock:
            at, found = self._papers
            if time.monotonic() - at > FRESH:
                found = self._vault(Key.VAULT, "").documents()
                self._papers = (time.monotonic(), found)
            return found

    def _lists(self, key: Key) -> list[Folder]:
        """Every list in the folder. One on file that does not show there raises; private ones never show."""
        found = [one for one in self._vault(key, "").lists() if self._in_folder(one)]
        seen = {str(one.PasswordListID) for one in found}
        for ident in self._facts.places.vault_lists:
            if ident not in seen and not self._gone(key, ident):
                found.append(self._inside(self._vault(key, ident).one_list(_number(ident))))
        return found

    def _list_ids(self, cell: Cell) -> list[str]:
        known = self._facts.places.vault_lists
        if cell.scope in known:
            return [_number(cell.scope)]
        self._whole_folder(cell.scope)
        return [ident for one in self._lists(cell.key) if (ident := str(one.PasswordListID)) not in known]

    def _opened(self, target: Target) -> tuple[Vault, Folder]:
        ident = _number(target.id if target.kind is Kind.SECRET_LIST else target.scope)
        vault = self._vault(target.key, ident)
        return vault, self._inside(vault.one_list(ident))

    def _gone(self, key: Key, ident: str) -> bool:
        """A list on file that somebody deleted in the vendor's page. Without the system-wide key nobody can tell."""
        return self._door.system_key is not None and self._vault(key, "").gone(ident)

    def _of_list(self, record: Record, folder: Folder) -> None:
        if record.list_id != str(folder.PasswordListID):
            raise Refused(f"record {record.id} lies in another list than the one that was approved; nothing was done")

    def _inside(self, folder: Folder) -> Folder:
        """The list, when it lies in the customer's folder, compared segment by segment; else Refused."""
        if not self._in_folder(folder):
            raise Refused(f"list {folder.PasswordListID} is not in {self._facts.customer.slug}'s folder")
        return folder

    def _in_folder(self, folder: Folder) -> bool:
        root = _segments(self._facts.places.vault_folder)
        return bool(root) and _segments(folder.TreePath)[: len(root)] == root

    def _whole_folder(self, scope: str) -> None:
        if not scope or _segments(scope) != _segments(self._facts.places.vault_folder):
            raise Refused(f"{scope!r} is not the folder of {self._facts.customer.slug}; nothing was done")

    def _possible(self, action: Action) -> None:
        if action.system is not System.PASSWORDSTATE or (action.kind, action.verb) not in self.able:
            raise Refused(f"{action.verb} {action.kind}: the vault has no such deed here")

    def _vault(self, key: Key, ident: str) -> Vault:
        held = (self._door.list_keys.get(ident) or self._door.system_key) if key is Key.VAULT else None
        if held is None:
            raise Denied(f"we hold no {key} key for this part of the vault", system=SYSTEM, code="NoKey")
        slug = self._facts.customer.slug
        return Vault(
            door=self._door,
            key=held,
            reason=f"sendoff: {slug} leaves",
            clients=self._clients,
            limits=self._limits,
            bucket=f"passwordstate|{slug}|{key}|vault",
        )


def _segments(path: str) -> list[str]:
    return [one.strip().lower() for one in path.split("\\") if one.strip()]


def _number(ident: str) -> str:
    if not ident.isdecimal():
        raise Refused(f"{ident!r} is not an id of the vault; nothing was done")
    return ident


def _at(record: Record, ident: str, key: Key) -> Target:
    return Target(system=System.PASSWORDSTATE, kind=Kind.SECRET, id=record.id, scope=ident, key=key)


def _item(record: Record, folder: Folder, at: Target, out: Sink) -> Item:
    fields = record.fields
    kept: dict[str, Json] = {**fields, **record.generic, "TreePath": folder.TreePath}
    kept.pop("Description")
    signs = [Sign(kind=SignKind.METADATA, value=f"{name}={value}") for name, value in record.generic.items()]
    return Item(
        system=System.PASSWORDSTATE,
        kind=Kind.SECRET,
        id=record.id,
        name=fields["Title"],
        scope=at.scope,
        key=at.key,
        image=out.image(image(kept)),
        signs=(*signs, Sign(kind=SignKind.PLACE, value=f"{folder.TreePath}\\{folder.PasswordList}")),
        detail=(("username", fields["UserName"]), ("url", fields["URL"]), ("list", folder.PasswordList)),
        holds_data=True,
        rebuildable=Rebuildable.PARTLY,
    )


def _list_item(folder: Folder, cell: Cell, out: Sink) -> Item:
    kept: dict[str, Json] = {
        "PasswordListID": folder.PasswordListID,
        "PasswordList": folder.PasswordList,
        "TreePath": folder.TreePath,
    }
    return Item(
        system=System.PASSWORDSTATE,
        kind=Kind.SECRET_LIST,
        id=str(folder.PasswordListID),
        name=folder.PasswordList,
        scope=cell.scope,
        key=cell.key,
        image=out.image(image(kept)),
        signs=(Sign(kind=SignKind.PLACE, value=folder.TreePath),),
        detail=(
            ("records", str(folder.TotalPasswords)),
            ("reason-needed", "yes" if folder.ProvideAccessReason else "no"),
            ("export-allowed", "no" if folder.AllowExport is False else "yes"),
        ),
        holds_data=True,
        rebuildable=Rebuildable.NOT,
    )
