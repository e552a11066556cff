"""PRTG's API v2: the wire, as a second transport for what it can do. Everything else goes by the classic API.

Page: paessler.com/support/prtg/api/v2/overview. Deleting is marked experimental there; no probe is denied here, lists
tell no tags, and there is no log. The key goes in a header, so no address of a call holds it.
"""

from dataclasses import dataclass, field

from sendoff.connectors.wire.body import Object, parsed, text
from sendoff.connectors.wire.client import Answer, Call, Clients, Http, Pace, Query, Sign
from sendoff.model.errors import Confusing, Denied
from sendoff.model.secret import Secret
from sendoff.ports import Limits

SYSTEM = "prtg"
READS = Pace(kind="reads", rate=25, burst=100)
WRITES = Pace(kind="writes", rate=1, burst=5)
SERVED = frozenset({"groups", "devices", "probes"})
"""What API v2 pauses and deletes; sensors and what lies beside the tree go by the classic API."""
WRITTEN = frozenset({200, 202, 204})
"""[3] What a write answers when it was taken: the object is read again anyway."""
MISSING = "NOT_FOUND"
ELSEWHERE = frozenset({301, 302, 303, 307, 308})
CLASSIC = b"Unsupported authorization scheme"
"""What the classic API says to a key in a header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """The wire to the same core by API v2. Raises as Http does, and Confusing on the port of the classic API."""

    http: Http = field(repr=False)

    def health(self) -> None:
        """GET /api/v2/health, and a list with one row: the core is there, and the key is taken."""
        self._call("GET", "/health", "ask API v2 for its health", fine=frozenset({200, 204}))
        self._call("GET", "/experimental/probes", "list probes by API v2", query=(("limit", "1"),))

    def there(self, content: str, ident: str) -> bool:
        """GET /api/v2/{content}/{id}: False only for its own 404."""
        answer = self._call("GET", f"/{content}/{ident}", "read by API v2", fine=frozenset({200, 404}))
        if answer.status == 404:
            if answer.code != MISSING:
                raise Confusing("read by API v2: the address is not known", system=SYSTEM, code=answer.code)
            return False
        if text(answer.object(), "id") != ident:
            raise Confusing("read by API v2: another object came", system=SYSTEM)
        return True

    def pause(self, content: str, ident: str, message: str) -> None:
        """POST /api/v2/{content}/{id}/pause."""
        self._call("POST", f"/{content}/{ident}/pause", "pause by API v2", fine=WRITTEN, body={"message": message})

    def delete(self, content: str, ident: str) -> None:
        """DELETE /api/v2/experimental/{content}/{id}: with all that lies below; there is no recycle bin."""
        fine = WRITTEN | {404}
        self._call("DELETE", f"/experimental/{content}/{ident}", "delete by API v2", fine=fine)

    def _call(
        self,
        method: str,
        path: str,
        what: str,
        *,
        fine: frozenset[int] = frozenset({200}),
        query: Query = (),
        body: Object | None = None,
    ) -> Answer:
        call = Call(
            method=method,
            path=f"/api/v2{path}",
            what=what,
            pace=READS if method == "GET" else WRITES,
            query=query,
            body=body,
            fine=fine | ELSEWHERE | {401},
            repeat=method == "GET",
        )
        answer = self.http.call(call)
        if answer.status in ELSEWHERE or (answer.status == 401 and CLASSIC in answer.body):
            raise Confusing(f"{what}: {_WRONG_PORT}", system=SYSTEM, code="WrongPort")
        if answer.status == 401:
            raise Denied(f"{what}: this key may not", system=SYSTEM, code=answer.code)
        return answer


_WRONG_PORT = "this is the port of the classic API; prtg.url_v2 names that of API v2, 1616 unless it was changed"


def second(url: str, token: Secret, *, bucket: str, clients: Clients, limits: Limits) -> Second:
    """The second transport to the core at this address, its port included."""

    def sign() -> Sign:
        return Sign(headers={"Authorization": f"Bearer {token.reveal()}"})

    http = Http(system=SYSTEM, base=url, clients=clients, limits=limits, sign=sign, bucket=bucket, code=v2_code)
    return Second(http=http)


def v2_code(body: bytes) -> str:
    """The code of an error of API v2."""
    return text(parsed(body), "code")
