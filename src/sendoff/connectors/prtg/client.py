"""PRTG, the classic API: the wire. Everything is a GET with the token in its query, and a 200 proves nothing.

Page: paessler.com/manuals/prtg/http_api. Only `_raw` values are read: the others are HTML in the user's own language.
"""

import html
import re
from dataclasses import dataclass, field
from datetime import date

from sendoff.connectors.wire.body import Object, text
from sendoff.connectors.wire.client import Answer, Call, Http, Pace, Query, Sign
from sendoff.model.digest import Json
from sendoff.model.errors import Confusing, Denied
from sendoff.model.secret import Secret

SYSTEM = "prtg"
MEASURING = Pace(kind="history", rate=5 / 60, burst=5)
READS = Pace(kind="reads", rate=25, burst=100)  # no limit is documented; the core is our own
WRITES = Pace(kind="writes", rate=1, burst=5)
COLUMNS = (
    "objid",
    "name",
    "type",
    "tags",
    "active",
    "parentid",
    "host",
    "interval",
    "priority",
    "status",
    "comments",
    "basetype",
    "totalsens",
)
EXPORTED = (*COLUMNS, "location", "access", "dependency", "schedule", "notifiesx", "condition", "cumsince")
LOG_COLUMNS = ("objid", "datetime", "parent", "type", "name", "status", "message")
PAUSED = frozenset({7, 8, 9, 11, 12})
RESULT = re.compile(r"<result>(.*?)</result>", re.S)
ERROR_MARK = b'class="errormsg"'
Row = dict[str, str]
"""One row by column, `_raw` values as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrtgDoor:
    """Our core and its API key. `tags` are the forms in which a customer's objects are tagged."""

    url: str
    token: Secret | None = None
    tags: tuple[str, ...] = ("{slug}", "customer-{slug}")
    page: int = 500
    """Rows asked for at once; the vendor's own default."""
    others: tuple[str, ...] = ()
    """Slugs of other customers: what carries their tag is theirs. So is a tag of the form of ours with another name."""
    history_days: int = 365
    """How many days of measurements are exported; 0 for none."""
    history_average: int = 86_400
    """Seconds that one value stands for."""
    history_per_minute: float = 5.0
    """[M] How many requests for measurements the core answers in a minute."""
    url_v2: str = ""
    """The address of API v2, with its port: what it can do then goes by it. Empty: the classic API alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """The wire to our core. Raises as Http does, and Confusing for pages where data should be."""

    http: Http = field(repr=False)
    page: int = 500
    measuring: Pace = MEASURING

    def status(self) -> None:
        """GET status.json: the control read. Denied when this key does not see everything."""
        found = self._json("/api/status.json", "read the core's status", ())
        if text(found, "IsAdminUser").lower() in ("no", "false", "0"):
            raise Denied("read the core's status: a key that does not see everything proves nothing", system=SYSTEM)
        if text(found, "ReadOnlyUser").lower() in ("yes", "true", "1"):
            raise Denied("read the core's status: a key that only reads pauses and deletes nothing", system=SYSTEM)
        if not text(found, "Version"):
            raise Confusing("read the core's status: it names no version", system=SYSTEM)

    def table(self, content: str, query: Query = (), *, columns: tuple[str, ...] = COLUMNS) -> list[Row]:
        """GET table.json: every row, compared with the core's own count."""
        found: list[Row] = []
        first = 1 if content == "messages" else 0
        while True:
            paging = (("start", str(first + len(found))), ("count", str(self.page)))
            asked = (("content", content), ("columns", ",".join(columns)), *query, *paging)
            page = self._json("/api/table.json", f"list {content}", asked)
            rows, total = page.get(content), page.get("treesize")
            if not isinstance(rows, list) or not isinstance(total, int):
                raise Confusing(f"list {content}: the table has no rows or no count", system=SYSTEM)
            found += [_raw(row, columns) for row in rows]
            if len(found) >= total:
                return _each_once(found, content)
            if not rows:
                raise Confusing(f"list {content}: {len(found)} of {total} rows came", system=SYSTEM)

    def one(self, content: str, ident: str) -> Row | None:
        """One object by its id; None when the core has none of that id for this key."""
        found = [row for row in self.table(content, (("filter_objid", ident),)) if row["objid"] == ident]
        return found[0] if found else None

    def pause(self, ident: str, message: str) -> None:
        """GET pause.htm: takes effect a little later."""
        self._deed("/api/pause.htm", "pause", (("id", ident), ("action", "0"), ("pausemsg", message)))

    def delete(self, ident: str) -> Answer:
        """GET deleteobject.htm: with all that lies below and its history; there is no recycle bin."""
        return self._deed("/api/deleteobject.htm", "delete", (("id", ident), ("approve", "1")))

    def probe_state(self, ident: str, action: str) -> Answer:
        """GET probestate.htm: allow or deny a probe; deny puts its own id on the core's list of denied ones."""
        return self._deed("/api/probestate.htm", f"{action} a probe", (("id", ident), ("action", action)))

    def property(self, ident: str, name: str) -> str:
        """GET getobjectproperty.htm: one setting as text. One that is not known is told in the server's own language,
        so the caller compares with what it wants and believes nothing else."""
        query = (("id", ident), ("name", name))
        call = Call(method="GET", path="/api/getobjectproperty.htm", what="read a setting", pace=READS, query=query,
                    repeat=True, page=True)  # fmt: skip
        found = RESULT.search(self.http.call(call).body.decode("utf-8", "replace"))
        if found is None:
            raise Confusing("read a setting: the answer holds none", system=SYSTEM)
        return html.unescape(found.group(1))

    def named(self, ident: str) -> str | None:
        """GET getobjectproperty.htm of the name; None when the core knows nothing of that id [3]: it answers 400."""
        query = (("id", ident), ("name", "name"))
        call = Call(method="GET", path="/api/getobjectproperty.htm", what="read a name", pace=READS, query=query,
                    repeat=True, page=True, fine=frozenset({200, 400}))  # fmt: skip
        answer = self.http.call(call)
        found = RESULT.search(answer.body.decode("utf-8", "replace"))
        if answer.status == 400:
            return None
        if found is None:
            raise Confusing("read a name: the answer holds none", system=SYSTEM)
        return html.unescape(found.group(1))

    def history(self, ident: str, start: date, end: date, average: int) -> bytes | None:
        """GET historicdata.csv: a value for each so many seconds. None (400) where the core has none."""
        days = (("sdate", f"{start:%Y-%m-%d}-00-00-00"), ("edate", f"{end:%Y-%m-%d}-00-00-00"))
        query = (("id", ident), ("avg", str(average)), *days)
        call = Call(method="GET", path="/api/historicdata.csv", what="read measurements", pace=self.measuring,
                    query=query, repeat=True, fine=frozenset({200, 400}))  # fmt: skip
        answer = self.http.call(call)
        if answer.status == 400:
            return None
        if answer.body.lstrip()[:1] == b"<":
            raise Confusing("read measurements: a page came instead", system=SYSTEM, code="errormsg")
        return answer.body

    def _deed(self, path: str, what: str, query: Query) -> Answer:
        answer = self.http.call(Call(method="GET", path=path, what=what, pace=WRITES, query=query, page=True))
        if ERROR_MARK in answer.body[:4000] or b"<error>" in answer.body[:4000]:
            raise Confusing(f"{what}: the core shows an error page", system=SYSTEM, code="errormsg")
        return answer

    def _json(self, path: str, what: str, query: Query) -> Object:
        return self.http.call(Call(method="GET", path=path, what=what, pace=READS, query=query, repeat=True)).object()


def _each_once(found: list[Row], content: str) -> list[Row]:
    """The rows, when none of an object came twice: a page that is sent again would hide another."""
    idents = [row["objid"] for row in found]
    if content != "messages" and len(set(idents)) != len(idents):
        raise Confusing(f"list {content}: a row came twice, so another may be missing", system=SYSTEM)
    return found


def _raw(row: Json, columns: tuple[str, ...]) -> Row:
    found = {name: text(row, f"{name}_raw") for name in columns}
    if columns is not LOG_COLUMNS and not found["objid"].isdecimal():
        raise Confusing("a row has no object id", system=SYSTEM)
    return found


def signed(token: Secret) -> Sign:
    """The token, in the query as the vendor wants it."""
    return Sign(query=(("apitoken", token.reveal()),))


def prtg_code(body: bytes) -> str:
    """PRTG has no codes; its prose stays where it is."""
    return ""
