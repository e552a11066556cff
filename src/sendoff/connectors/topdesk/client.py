"""TOPdesk: the wire. Basic login with an application password; 204 says none, 206 says more.

Pages: developers.topdesk.com/explorer for supporting files 2.7, incidents 4.2 and assets 1.91.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from sendoff.connectors.wire.body import Object, dig, parsed, rows, text
from sendoff.connectors.wire.client import Answer, Call, Http, Pace, Query, Sign
from sendoff.model.errors import Confusing, Denied
from sendoff.model.inventory import Kind
from sendoff.model.secret import Secret

SYSTEM = "topdesk"
READS = Pace(kind="reads", rate=20, burst=200)  # no limit is documented; the vendor may throttle
WRITES = Pace(kind="writes", rate=4, burst=20)
SLA_ROWS = 100
"""[3] The largest page_size of /incidents/slas is not written down; a 206 is not read on, so it must fit."""
ASSETS = {"Accept": "application/x.topdesk-am-assets-v2+json"}
BRANCH_FIELDS = "id,name,clientReferenceNumber"
SOME = frozenset({200, 204, 206})


@dataclass(frozen=True, slots=True, kw_only=True)
class TopdeskDoor:
    """Our service desk: an operator's login name and its application password.

    `mode` says where the support contract lives: `sla` (contract management: a person ends it) or `asset` (an asset of
    the template `asset_template`: it is archived). `archive_reason` and `operator_group` are names, `task` is
    `incident`.
    """

    url: str
    login: str = ""
    password: Secret | None = None
    mode: str = "sla"
    asset_template: str = ""
    archive_reason: str = ""
    task: str = "incident"
    operator_group: str = ""
    page: int = 100
    """Rows asked for at once; persons allow no more than 100."""
    changes: bool = True
    activities: bool = True
    assets: bool = True
    """Whether this service desk has change management, operations management and asset management."""

    @property
    def without(self) -> frozenset[Kind]:
        """What is not looked for, since there is no module for it."""
        has = {Kind.CHANGE: self.changes, Kind.ACTIVITY: self.activities, Kind.ASSET: self.assets}
        return frozenset(kind for kind, there in has.items() if not there)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDesk:
    """The wire to our service desk. Raises as Http does, and Confusing where an empty page should have been a 204."""

    http: Http = field(repr=False)
    page: int = 100

    def me(self) -> Object:
        """GET operators/current: who we are; the control read of everything."""
        found = self.get("/tas/api/operators/current", "read our own operator").object()
        if not text(found, "id"):
            raise Confusing("read our own operator: it has no id", system=SYSTEM)
        return found

    def reason(self, name: str) -> str:
        """GET archiving-reasons: the id of the reason of exactly that name."""
        answer = self.get("/tas/api/archiving-reasons", "list archiving reasons")
        found = [text(one, "id") for one in answer.objects() if text(one, "name") == name]
        if len(found) != 1 or not found[0]:
            raise Confusing(f"list archiving reasons: {len(found)} are named {name!r}; set topdesk.archive_reason to "
                            "one that there is", system=SYSTEM)  # fmt: skip
        return found[0]

    def branches(self, clause: str) -> list[Object]:
        """GET branches by a FIQL clause; it has no pages. The clause says whether archived ones are meant."""
        query = (("query", clause), ("$fields", BRANCH_FIELDS))
        answer = self.get("/tas/api/branches", "list branches", query, fine=frozenset({200, 204}))
        return answer.objects() if answer.status == 200 else []

    def branch(self, ident: str) -> Object | None:
        """GET one branch with every field; None for a 404."""
        return self._card(f"/tas/api/branches/id/{ident}", "read a branch", ident)

    def persons(self, clause: str) -> list[Object]:
        """GET persons by a FIQL clause, every page, compared with the vendor's own count of the same clause."""
        found = self._paged("/tas/api/persons", "list persons", (("query", clause),), ("start", "page_size"))
        counted = self.get("/tas/api/persons/count", "count persons", (("query", clause),)).object()
        total = dig(counted, "numberOfPersons")
        if total != len(found):
            raise Confusing(f"list persons: {len(found)} of {total} came", system=SYSTEM)
        return found

    def person(self, ident: str) -> Object | None:
        """GET one person; None for a 404."""
        return self._card(f"/tas/api/persons/id/{ident}", "read a person", ident)

    def incidents(self, clause: str) -> list[Object]:
        """GET incidents by a FIQL clause, partial and archived ones included, every page. There is no count: the place
        after the last row must be empty."""
        query = (("query", clause), ("all", "true"), ("dateFormat", "iso8601"))
        names = ("pageStart", "pageSize")
        found = self._paged("/tas/api/incidents", "list calls", query, names)
        if found:
            after = (*query, (names[0], str(len(found))), (names[1], "1"))
            beyond = self.get("/tas/api/incidents", "look after the last call", after, fine=SOME)
            if beyond.status != 204 and beyond.objects():
                raise Confusing("list calls: there are more than came", system=SYSTEM)
        return found

    def incident(self, ident: str) -> Object | None:
        """GET one incident; None for a 404."""
        return self._card(f"/tas/api/incidents/id/{ident}", "read a call", ident)

    def trail(self, call: str) -> list[Object]:
        """GET the progress trail of a call, every page, compared with the vendor's own count."""
        found = self._paged(f"/tas/api/incidents/id/{call}/progresstrail", "read a trail", (), ("start", "page_size"))
        counted = self.get(f"/tas/api/incidents/id/{call}/progresstrail/count", "count a trail").object()
        if dig(counted, "count") != len(found):
            raise Confusing(f"read a trail: {len(found)} of {dig(counted, 'count')} came", system=SYSTEM)
        return found

    def attachments(self, call: str) -> list[Object]:
        """GET the attachments of a call, every page; there is no count."""
        path = f"/tas/api/incidents/id/{call}/attachments"
        return self._paged(path, "list attachments", (), ("start", "page_size"))

    def attachment(self, call: str, ident: str) -> bytes:
        """GET the bytes of an attachment."""
        path = f"/tas/api/incidents/id/{call}/attachments/{ident}/download"
        return self.get(path, "read an attachment", page=True).body

    def slas(self, branch: str, day: str, contract: str = "") -> list[Object]:
        """GET slas: what is valid for a branch on a day. 206 cannot be read on, so it is Confusing; 204 is none."""
        query: Query = (("branch", branch), ("contractDate", day), ("page_size", str(SLA_ROWS)))
        if contract:
            query = (*query, ("contract", contract))
        answer = self.get("/tas/api/incidents/slas", "list contracts", query, fine=SOME)
        if answer.status == 204:
            return []
        if answer.status == 206:
            raise Confusing("list contracts: there are more than one page, and the vendor has no second", system=SYSTEM)
        found = rows(answer.object(), "results")
        kept = [one for one in found if isinstance(one, dict) and text(one, "contractId")]
        if not kept or len(kept) != len(found):
            raise Confusing("list contracts: none is said by 204, and each has an id", system=SYSTEM)
        return kept

    def template(self, name: str) -> str:
        """GET asset templates: the id of the one of exactly that name."""
        answer = self.get("/tas/api/assetmgmt/templates", "list asset templates")
        found = [one for one in rows(answer.object(), "dataSet") if name in (text(one, "text"), text(one, "name"))]
        ids = [ident for one in found if (ident := text(one, "id") or text(one, "unid"))]
        if len(ids) != 1:
            raise Confusing(f"list asset templates: {len(ids)} are named {name!r}; set topdesk.asset_template",
                            system=SYSTEM)  # fmt: skip
        return ids[0]

    def assets(self, template: str, branch: str, archived: str) -> list[Object]:
        """GET assets of a template that are linked to a branch, every page."""
        found: dict[str, Object] = {}
        start = 0
        while True:
            query = (
                ("templateId", template),
                ("linkedTo", f"branch/{branch}"),
                ("archived", archived),
                ("pageStart", str(start)),
                ("pageSize", str(self.page)),
            )
            answer = self.get("/tas/api/assetmgmt/assets", "list assets", query, fine=SOME, headers=ASSETS)
            if answer.status == 204:
                return list(found.values())
            page = answer.object()
            if not isinstance(page.get("dataSet"), list):
                raise Confusing("list assets: the page has no rows", system=SYSTEM)
            now = [one for one in rows(page, "dataSet") if isinstance(one, dict)]
            found.update({_asset_id(one): one for one in now})
            start += len(now)
            if answer.status == 200:
                return list(found.values())
            if not now:
                raise Confusing("list assets: an empty page says that there are more", system=SYSTEM)

    def asset(self, ident: str) -> bool:
        """GET one asset: whether it is there at all."""
        answer = self.get(f"/tas/api/assetmgmt/assets/{ident}", "read an asset", fine=frozenset({200, 404}))
        return answer.status == 200

    def archive(self, what: str, ident: str, reason: str) -> Answer:
        """PUT archive of a person or branch: 200; 400 when it is archived already or cannot be."""
        body: Object = {"id": reason} if reason else {}
        return self._deed("PUT", f"/tas/api/{what}/id/{ident}/archive", "archive", body, frozenset({200, 204, 400}))

    def archive_asset(self, ident: str, reason: str) -> Answer:
        """POST archive of an asset: 200; 400 when it is archived already or cannot be."""
        body: Object = {"reasonId": reason} if reason else {}
        path = f"/tas/api/assetmgmt/assets/{ident}/archive"
        return self._deed("POST", path, "archive an asset", body, frozenset({200, 204, 400}))

    def report(self, body: Object) -> Object:
        """POST an incident: 201; the card."""
        found = self._deed("POST", "/tas/api/incidents", "make a task", body, frozenset({201})).object()
        if not text(found, "id"):
            raise Confusing("make a task: no id came", system=SYSTEM)
        return found

    def _paged(self, path: str, what: str, query: Query, names: tuple[str, str]) -> list[Object]:
        """Every page of an array; rows that come twice count once."""
        found: dict[str, Object] = {}
        start = 0
        while True:
            asked = (*query, (names[0], str(start)), (names[1], str(self.page)))
            answer = self.get(path, what, asked, fine=SOME)
            now = answer.objects() if answer.status != 204 else []
            if any(not text(one, "id") for one in now):
                raise Confusing(f"{what}: a row has no id", system=SYSTEM)
            found.update({text(one, "id"): one for one in now})
            start += len(now)
            if answer.status == 204 or (answer.status == 200 and now):
                return list(found.values())
            if not now:
                raise Confusing(f"{what}: an empty page where 204 says none", system=SYSTEM)

    def _card(self, path: str, what: str, ident: str) -> Object | None:
        answer = self.get(path, what, fine=frozenset({200, 404}))
        if answer.status == 404:
            return None
        card = answer.object()
        if text(card, "id") != ident:
            raise Confusing(f"{what}: another one came", system=SYSTEM)
        return card

    def get(
        self,
        path: str,
        what: str,
        query: Query = (),
        *,
        fine: frozenset[int] = frozenset({200}),
        headers: Mapping[str, str] | None = None,
        page: bool = False,
    ) -> Answer:
        """One read. With `page` the answer may be a page for people: an attachment may be one itself."""
        call = Call(
            method="GET",
            path=path,
            what=what,
            pace=READS,
            query=query,
            fine=fine,
            headers=headers or {},
            repeat=True,
            page=page,
        )
        return self.http.call(call)

    def _deed(self, method: str, path: str, what: str, body: Object, fine: frozenset[int]) -> Answer:
        return self.http.call(Call(method=method, path=path, what=what, pace=WRITES, body=body, fine=fine))


def quoted(value: str) -> str:
    """A value as FIQL wants it: in quotes, with quotes and backslashes escaped, so that it never becomes a clause."""
    safe = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{safe}"'


def signed(login: str, password: Secret | None) -> Sign:
    """The login and application password, as Basic wants them."""
    if not login or password is None:
        raise Denied("we hold no login for our service desk", system=SYSTEM, code="NoKey")
    pair = base64.b64encode(f"{login}:{password.reveal()}".encode()).decode()
    return Sign(headers={"Authorization": f"Basic {pair}"})


def topdesk_code(body: bytes) -> str:
    """The errorCode of the vendor's second dialect; the others are prose, which stays where it is."""
    value = parsed(body)
    first = value[0] if isinstance(value, list) and value else value
    return next((text(one, "errorCode") for one in rows(first, "errors") if text(one, "errorCode")), "")


def _asset_id(row: Object) -> str:
    found = text(row, "unid") or text(row, "id")
    if not found:
        raise Confusing("list assets: a row has no id", system=SYSTEM)
    return found
