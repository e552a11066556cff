"""Passwordstate, the standard API (/api/) and the same calls for a Windows account (/winapi/): the wire. Secret fields
become Secrets here and nowhere else.

Page: clickstudios.com.au/docs/apis/standard-api/reference. Every call gives its reason; auditing is never suppressed.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from sendoff.connectors.passwordstate.record_fields import GENERIC, OPEN_FIELDS, hidden, meanings, open_generic, past
from sendoff.connectors.passwordstate.windows_client import WindowsAccount
from sendoff.connectors.passwordstate.words import vault_code
from sendoff.connectors.wire.body import Object, text
from sendoff.connectors.wire.client import Answer, Call, Clients, Http, Pace, Query, Shape, Sign
from sendoff.model.errors import Confusing, Denied
from sendoff.model.secret import Secret
from sendoff.ports import Limits

SYSTEM = "passwordstate"
READS = Pace(kind="reads", rate=40, burst=100)  # no limit is documented; the server is our own
WRITES = Pace(kind="writes", rate=5, burst=50)
CLOSED: Query = (("ExcludePassword", "true"),)
ABSENT = "Not Found"
"""The vendor's own word in a 404; a 404 without it is of something in between, and says nothing of the vault."""
SHARED_ROWS, RECORD_PAPERS, LIST_PAPERS, FOLDER_PAPERS = "43", "47", "46", "45"
"""Numbers of reports: records that lie in more than one list, documents of records, of lists and of folders."""
Papers = Mapping[str, tuple[tuple[str, str], ...]]
"""Ids and names of documents, by the id of what they hang on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultDoor:
    """Our vault: the system-wide key, and keys of single lists by list id, which go first; or a Windows account alone,
    which sees what it may see. `backup_days` is how long backups of the vault are kept, where somebody said so."""

    url: str
    backup_days: int | None = None
    system_key: Secret | None = None
    list_keys: Mapping[str, Secret] = field(default_factory=dict)
    account: WindowsAccount | None = None
    staff: tuple[str, ...] = ()
    """Patterns of users and groups that are ours; without one, permissions are left alone."""


class Folder(Shape):
    """A password list: where it lies and how many records it says it has."""

    PasswordListID: int
    PasswordList: str
    TreePath: str
    TotalPasswords: int = 0
    ProvideAccessReason: bool | None = None
    AllowExport: bool | None = None
    OneTimePasswords: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A password record without its secret fields; `generic` are those generic fields that are known to be open."""

    id: str
    list_id: str
    fields: Mapping[str, str]
    generic: Mapping[str, str]
    one_time: bool = False
    """It also makes one-time codes; the seed of these never comes out of the vault."""


class Vault:
    """The wire to our vault with one key. Raises as Http does."""

    def __init__(
        self,
        *,
        door: VaultDoor,
        key: Secret | WindowsAccount,
        reason: str,
        clients: Clients,
        limits: Limits,
        bucket: str,
    ) -> None:
        account = key if isinstance(key, WindowsAccount) else None
        self._http = Http(
            system=SYSTEM,
            base=f"{door.url.rstrip('/')}/{'api' if account is None else 'winapi'}",
            bucket=bucket,
            clients=clients,
            limits=limits,
            sign=lambda: Sign(headers={"Reason": reason, **_signed(key)}),
            code=vault_code,
            auth=account,
        )

    def lists(self) -> list[Folder]:
        """GET passwordlists: every shared list; private ones never show."""
        return [self._folder(row) for row in self._get("/passwordlists", "list password lists").objects()]

    def folders(self) -> list[tuple[str, str]]:
        """GET folders: ids and paths of every folder; its own 404 is none."""
        answer = self._get("/folders", "list folders", fine=frozenset({200, 404}))
        if answer.status == 404:
            if answer.code != ABSENT:
                raise Confusing("list folders: the address is not known", system=SYSTEM, code=answer.code)
            return []
        found = [(text(row, "FolderID"), text(row, "TreePath")) for row in answer.objects()]
        if any(not ident or not path for ident, path in found):
            raise Confusing("list folders: one has no id or no path", system=SYSTEM)
        return found

    def one_list(self, ident: str) -> Folder:
        """GET passwordlists/{id}: the control read. Denied when this key does not see the list."""
        answer = self._get(f"/passwordlists/{ident}", "read a password list", fine=frozenset({200, 404}))
        found = [self._folder(row) for row in answer.objects()] if answer.status == 200 else []
        if answer.status == 404 or [str(one.PasswordListID) for one in found] != [ident]:
            raise Denied("read a password list: this key does not see it", system=SYSTEM, code=answer.code)
        return found[0]

    def gone(self, ident: str) -> bool:
        """True when a key that sees other lists is told that there is no list of that id."""
        answer = self._get(f"/passwordlists/{ident}", "read a password list", fine=frozenset({200, 404}))
        return answer.status == 404 and answer.code == ABSENT and bool(self.lists())

    def records(self, ident: str) -> list[Record]:
        """GET passwords/{list}?QueryAll without passwords. 404 is empty only when the list itself can be read and
        says that it is; fewer records than the list says are Confusing."""
        query = (("QueryAll", "true"), *CLOSED)
        answer = self._get(f"/passwords/{ident}", "list records", query, fine=frozenset({200, 404}))
        found = [self._record(row) for row in answer.objects()] if answer.status == 200 else []
        total = self.one_list(ident).TotalPasswords
        if len(found) < total:
            raise Confusing(f"list records: {len(found)} of {total} came", system=SYSTEM, code=answer.code)
        return found

    def record(self, ident: str) -> Record | None:
        """GET passwords/{id} without the password; None for its own 404."""
        row = self._row(ident, CLOSED)
        return self._record(row) if row is not None else None

    def opened(self, ident: str) -> tuple[Mapping[str, str], Mapping[str, Secret]] | None:
        """GET passwords/{id} with its secrets: open fields and hidden ones; None for its own 404."""
        row = self._row(ident, ())
        if row is None:
            return None
        self._record(row)
        if "Password" not in row:
            raise Confusing("open a record: it has no password field", system=SYSTEM)
        return {**{name: text(row, name) for name in OPEN_FIELDS}, **meanings(row)}, hidden(row)

    def history(self, ident: str) -> Mapping[str, Secret]:
        """GET passwordhistory/{id}: what it was before, oldest first, without the names of our people. Its own 404
        is no history; the record itself was read a moment ago."""
        answer = self._get(f"/passwordhistory/{ident}", "read a history", fine=frozenset({200, 404}))
        if answer.status == 404:
            if answer.code != ABSENT:
                raise Confusing("read a history: the address is not known", system=SYSTEM, code=answer.code)
            return {}
        found = answer.objects()
        if any(text(row, "PasswordID") not in ("", ident) for row in found):
            raise Confusing("read a history: another record's came", system=SYSTEM)
        return {name: value for at, row in enumerate(found, 1) for name, value in past(at, row)}

    def papers(self, number: str, owner: str) -> Papers | None:
        """Reports 45, 46 and 47: ids and names of documents by what they hang on (`owner` names that field); None when
        this key may not, or when the report does not say so."""
        told, found = self.report(number), dict[str, tuple[tuple[str, str], ...]]()
        for row in told or ():
            whose, ident = text(row, owner), text(row, "DocumentID")
            if not whose or not ident:
                return None
            found[whose] = (*found.get(whose, ()), (ident, text(row, "DocumentName")))
        return found if told is not None else None

    def shared(self) -> Mapping[str, frozenset[str]] | None:
        """Report 43: in which lists a record lies that lies in several, by its id; None when this key may not, or when
        the report does not say so [3]."""
        told, found = self.report(SHARED_ROWS), dict[str, frozenset[str]]()
        for row in told or ():
            ident, held = text(row, "PasswordID"), text(row, "PasswordListID")
            if not ident or not held:
                return None
            found[ident] = found.get(ident, frozenset()) | {held}
        return found if told is not None else None

    def report(self, number: str) -> list[Object] | None:
        """GET /reporting/{number}: its rows; None when this key may not, or there is no such report."""
        answer = self._get(f"/reporting/{number}", "read a report", fine=frozenset({200, 401, 403, 404}))
        return answer.objects() if answer.status == 200 else None

    def take_away(self, body: Object) -> Answer:
        """DELETE /passwordlistpermissions with a JSON body [3]: 200 or 204; its own 404 is gone."""
        call = Call(
            method="DELETE",
            path="/passwordlistpermissions",
            what="take a permission away",
            pace=WRITES,
            body=body,
            fine=frozenset({200, 204, 404}),
        )
        answer = self._http.call(call)
        if answer.status == 404 and answer.code != ABSENT:
            raise Confusing("take a permission away: the address is not known", system=SYSTEM, code=answer.code)
        return answer

    def document(self, kind: str, ident: str, name: str) -> Secret:
        """GET document/{password|passwordlist|folder}/{id}: bytes, in base64. Unreachable when a gateway's page
        came instead, which only the name can tell: a document may be such a page itself."""
        page = name.lower().endswith((".htm", ".html", ".xhtml"))
        answer = self._get(f"/document/{kind}/{ident}", "read a document", page=page)
        return Secret(base64.b64encode(answer.body).decode())

    def erase(self, ident: str) -> Answer:
        """DELETE passwords/{id}?MoveToRecycleBin=false, for good: 200 or 204; 404 gone. A record in the recycle
        bin would still be our copy, and no call empties the bin."""
        call = Call(
            method="DELETE",
            path=f"/passwords/{ident}",
            what="erase a record",
            pace=WRITES,
            query=(("MoveToRecycleBin", "false"),),
            fine=frozenset({200, 204, 404}),
        )
        return self._http.call(call)

    def _row(self, ident: str, query: Query) -> Object | None:
        answer = self._get(f"/passwords/{ident}", "read a record", query, fine=frozenset({200, 404}))
        if answer.status == 404:
            if answer.code != ABSENT:
                raise Confusing("read a record: the address is not known", system=SYSTEM, code=answer.code)
            return None
        found = answer.objects()
        if len(found) != 1 or text(found[0], "PasswordID") != ident:
            raise Confusing("read a record: another one came", system=SYSTEM)
        return found[0]

    def _get(
        self, path: str, what: str, query: Query = (), fine: frozenset[int] = frozenset({200}), *, page: bool = False
    ) -> Answer:
        return self._http.call(
            Call(method="GET", path=path, what=what, pace=READS, query=query, fine=fine, repeat=True, page=page)
        )

    def _folder(self, row: Object) -> Folder:
        try:
            return Folder.model_validate(row)
        except ValidationError:
            pass
        raise Confusing("a password list does not fit the vendor's page", system=SYSTEM)

    def _record(self, row: Object) -> Record:
        ident, held = text(row, "PasswordID"), text(row, "PasswordListID")
        if not ident or not held or "Title" not in row:
            raise Confusing("a record does not fit the vendor's page", system=SYSTEM)
        shown = open_generic(row)
        return Record(
            id=ident,
            list_id=held,
            fields={name: text(row, name) for name in OPEN_FIELDS},
            generic={name: text(row, name) for name in GENERIC if name in shown and text(row, name)},
            one_time=bool(text(row, "OTP")),
        )


def _signed(key: Secret | WindowsAccount) -> dict[str, str]:
    return {} if isinstance(key, WindowsAccount) else {"APIKey": key.reveal()}
