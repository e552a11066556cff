"""Reassure, our own portal: the wire. Page: docs/reassure.openapi.yaml; other names are set in the door.

Every list is compared with the portal's own count; an empty one counts only after the customer itself was read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sendoff.connectors.wire.body import Object, parsed, text
from sendoff.connectors.wire.client import Answer, Call, Http, Pace, Sign
from sendoff.model.digest import Digest
from sendoff.model.errors import Confusing
from sendoff.model.secret import Secret

SYSTEM = "reassure"
READS = Pace(kind="reads", rate=20, burst=50)  # the portal is our own; no limit is written down
WRITES = Pace(kind="writes", rate=2, burst=10)
PATHS: Mapping[str, str] = {
    "customer": "/customers/{id}",
    "users": "/customers/{id}/users",
    "user": "/users/{id}",
    "articles": "/customers/{id}/articles",
    "article": "/articles/{id}",
    "invoices": "/customers/{id}/invoices",
    "invoice": "/invoices/{id}",
    "drafts": "/customers/{id}/invoice-drafts",
    "draft": "/invoice-drafts/{id}",
    "freeze": "/invoice-drafts/{id}/freeze",
    "reports": "/customers/{id}/reports",
}
FIELDS: Mapping[str, str] = {
    "id": "id",
    "customer": "customer_id",
    "name": "name",
    "enabled": "enabled",
    "last-login": "last_login",
    "charge": "charge",
    "project": "project",
    "start": "start_date",
    "end": "end_date",
    "from": "from",
    "until": "until",
    "status": "status",
    "frozen": "frozen",
    "total": "total",
}
Row = dict[str, str]
"""One thing by our names for its fields, as text; what the portal leaves out is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassureDoor:
    """Our portal and its token. `paths` and `fields` translate the names of the profile into the portal's own."""

    url: str
    token: Secret | None = None
    paths: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    page: int = 100
    """Rows asked for at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """The wire to our portal. Raises as Http does, and Confusing when rows are missing or a row has no id."""

    http: Http = field(repr=False)
    door: ReassureDoor

    def customer(self, ident: str) -> None:
        """GET the customer: the control read; Confusing when another one comes."""
        found = self._get("customer", ident, "read the customer").object()
        if self._row(found)["id"] != ident:
            raise Confusing("read the customer: another one came", system=SYSTEM)

    def rows(self, name: str, customer: str) -> list[Row]:
        """GET every page of a list of the customer."""
        return [self._row(one) for one in self.objects(name, customer)]

    def objects(self, name: str, customer: str) -> list[Object]:
        """GET every page of a list of the customer, as the portal has it; none counts after the control read."""
        found: list[Object] = []
        for page in range(1, 10_000):
            query = (("page", str(page)), ("per_page", str(self.door.page)))
            answer = self._get(name, customer, f"list {name}", query)
            rows, total = answer.objects(), answer.headers.get("x-total-count", "")
            if not total.isdecimal():
                raise Confusing(f"list {name}: it has no count", system=SYSTEM)
            found += rows
            if len(found) == int(total):
                break
            if not rows or len(found) > int(total):
                raise Confusing(f"list {name}: {len(found)} of {total} rows came", system=SYSTEM)
        if not found:
            self.customer(customer)
        return found

    def one(self, name: str, ident: str) -> tuple[Row, str] | None:
        """GET one thing by its id, and its ETag; None for a 404."""
        answer = self._get(name, ident, f"read one {name}", fine=frozenset({200, 404}))
        if answer.status == 404:
            return None
        row = self._row(answer.object())
        if row["id"] != ident:
            raise Confusing(f"read one {name}: another one came", system=SYSTEM)
        return row, answer.headers.get("etag", "")

    def change(self, name: str, ident: str, etag: str, field: str, value: str | bool) -> Answer:
        """PATCH one field; Conflict when somebody changed the thing since it was read (412)."""
        call = Call(
            method="PATCH",
            path=self._path(name, ident),
            what=f"change one {name}",
            pace=WRITES,
            headers={"If-Match": etag} if etag else {},
            body={self._field(field): value},
        )
        return self.http.call(call)

    def draft(self, customer: str, until: str, once: Digest) -> Row:
        """POST a draft of the final invoice; the same key again gives the same draft."""
        call = Call(
            method="POST",
            path=self._path("drafts", customer),
            what="make a draft",
            pace=WRITES,
            headers={"Idempotency-Key": once},
            body={self._field("until"): until},
            fine=frozenset({200, 201}),
            repeat=True,
        )
        return self._row(self.http.call(call).object())

    def freeze(self, ident: str) -> Answer:
        """POST freeze: a frozen draft stays frozen."""
        path = self._path("freeze", ident)
        return self.http.call(
            Call(method="POST", path=path, what="freeze a draft", pace=WRITES, fine=frozenset({200, 204}))
        )

    def _get(
        self,
        name: str,
        ident: str,
        what: str,
        query: tuple[tuple[str, str], ...] = (),
        fine: frozenset[int] = frozenset({200}),
    ) -> Answer:
        path = self._path(name, ident)
        return self.http.call(Call(method="GET", path=path, what=what, pace=READS, query=query, fine=fine, repeat=True))

    def _path(self, name: str, ident: str) -> str:
        return {**PATHS, **self.door.paths}[name].format(id=ident)

    def _field(self, name: str) -> str:
        return self.door.fields.get(name, FIELDS[name])

    def _row(self, value: Object) -> Row:
        row = {name: text(value, self._field(name)) for name in FIELDS}
        if not row["id"]:
            raise Confusing("a row has no id", system=SYSTEM)
        return row


def signed(token: Secret) -> Sign:
    """The token as a bearer header."""
    return Sign(headers={"Authorization": f"Bearer {token.reveal()}"})


def portal_code(body: bytes) -> str:
    """The code of the portal's error body."""
    return text(parsed(body), "code")
