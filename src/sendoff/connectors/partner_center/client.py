"""Partner Center: the wire, and the one list that Microsoft Graph has of our own delegated relationships.

Pages: learn.microsoft.com/partner-center/developer for get-a-customer-by-id, get-all-of-a-customer-s-subscriptions,
get-transfer-by-id, update-a-transfer, remove-a-reseller-relationship-with-a-customer, headers, error-codes;
learn.microsoft.com/graph/api for tenantrelationship-list-delegatedadminrelationships.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from sendoff.connectors.wire.body import Object, dig, parsed, rows, text
from sendoff.connectors.wire.client import Answer, Call, Http, Pace
from sendoff.connectors.wire.login.client import LOGIN_URL, TokenSource
from sendoff.connectors.wire.login.refresh_client import RefreshGrant
from sendoff.connectors.wire.login.sources import AppKey
from sendoff.model.digest import Digest
from sendoff.model.errors import Confusing, Denied

SYSTEM = "partner-center"
PARTNER_URL = "https://api.partnercenter.microsoft.com"
SCOPE = "https://api.partnercenter.microsoft.com/user_impersonation"
GRAPH_AUDIENCE = "https://graph.microsoft.com"
GRAPH_URL = "https://graph.microsoft.com/v1.0"
READS = Pace(kind="reads", rate=5, burst=20)
"""Microsoft publishes no numbers for Partner Center [K]."""
WRITES = Pace(kind="writes", rate=1, burst=5)
NO_MFA = "900421"
"""401 with this code: the token does not say that the person signed in with MFA [3]."""
NO_RELATION = frozenset({"20002", "404"})
"""Codes of a 403 or 404 that mean: this partner has nothing to do with this customer (any more). 20002 is on the page
of error codes; that a removed customer answers so is [K]."""
ACCEPTED = "Accept"
"""The status that the source partner sends to accept a transfer: never read on a page, [K]. Confirm before the door's
`accept_by_api` is opened."""
REMOVED: Object = {"relationshipToPartner": "none", "attributes": {"objectType": "Customer"}}
MFA_ASKED = {"ValidateMfa": "true"}
"""Asks the vendor to say in `isMfaCompliant` whether the token has the MFA claim, before it is refused for it [3]."""
MFA_WORDS = (
    "the token does not carry the MFA claim: the person behind the refresh token signs in again with MFA, gives "
    "consent again, and the new refresh token is put in its place"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerCenterDoors:
    """Our app with a person of ours in Partner Center, and the house app that reads our delegated relationships.

    `person` are the tokens of somebody who signed in for this run; else `app_user` holds a refresh token of one.
    `accept_by_api` lets a transfer be accepted by this program; otherwise a person accepts it in the vendor's page.
    """

    app_user: RefreshGrant | None = None
    person: TokenSource | None = None
    house: AppKey | None = None
    login_url: str = LOGIN_URL
    url: str = PARTNER_URL
    graph_url: str = GRAPH_URL
    accept_by_api: bool = False


class Partner:
    """The wire to one customer of ours in Partner Center. Raises as Http does; a 401 without the MFA claim says so."""

    def __init__(self, http: Http, customer: str, fresh: Callable[[], None]) -> None:
        self.http, self.fresh = http, fresh
        self._root = f"/v1/customers/{customer}"

    def mfa(self) -> None:
        """GET the customer, asking whether the token carries the MFA claim; Denied when it does not."""
        answer = self._get(self._root, "read the customer", headers=MFA_ASKED, fine=frozenset({200, 403, 404}))
        if answer.headers.get("ismfacompliant", "").lower() == "false":
            raise Denied(f"read the customer: {MFA_WORDS}", system=SYSTEM, code=NO_MFA)
        if answer.status != 200:
            self._unrelated(answer)

    def customer(self) -> Object | None:
        """GET the customer; None when the vendor says that we have no relation to them, and the list of all our
        customers can be read with this key."""
        answer = self._get(self._root, "read the customer", fine=frozenset({200, 403, 404}))
        if answer.status == 200:
            return answer.object()
        self._unrelated(answer)
        return None

    def customers(self) -> int:
        """GET customers: how many this key opens. A page counts itself, not the whole."""
        answer = self._get("/v1/customers?size=500", "count our customers")
        return sum(1 for _ in self._pages(answer, "count our customers", counted=False))

    def commitments(self) -> list[Object]:
        """GET subscriptions: every page, as many as the vendor counts."""
        return self._list("/subscriptions", "list what was bought")

    def commitment(self, ident: str) -> Object | None:
        """GET one subscription; None for its own 404."""
        return self._one(f"/subscriptions/{ident}", "read what was bought")

    def transfers(self) -> list[Object]:
        """GET transfers: a plain array, as the page shows it, or a collection."""
        return self._list("/transfers", "list transfers")

    def transfer(self, ident: str) -> Object | None:
        """GET one transfer with its lines; None for its own 404."""
        return self._one(f"/transfers/{ident}", "read a transfer")

    def accept(self, ident: str, found: Object, lines: list[Object], once: Digest) -> Answer:
        """PATCH the transfer as accepted, with the lines that move: 200; 400 and 409 with the vendor's code."""
        body: Object = {
            "id": ident,
            "status": ACCEPTED,
            **{name: found[name] for name in ("sourcePartnerTenantId", "targetPartnerTenantId") if name in found},
            "lineItems": [*lines],
        }
        return self._patch(f"{self._root}/transfers/{ident}", "accept a transfer", body, once)

    def unrelate(self, once: Digest) -> Answer:
        """PATCH the customer: relationshipToPartner none: 200; 400 and 409 when something is still active."""
        return self._patch(self._root, "end the reseller relationship", REMOVED, once)

    def _patch(self, path: str, what: str, body: Object, once: Digest) -> Answer:
        fine = frozenset({200, 204, 400, 404})
        call = Call(method="PATCH", path=path, what=what, pace=WRITES, body=body, headers=named(once), fine=fine)
        return self._told(call)

    def _one(self, path: str, what: str) -> Object | None:
        answer = self._get(self._root + path, what, fine=frozenset({200, 404}))
        return answer.object() if answer.status == 200 else None

    def _list(self, path: str, what: str) -> list[Object]:
        """Every row, or none when we have no relation to the customer any more."""
        answer = self._get(self._root + path, what, fine=frozenset({200, 403, 404}))
        if answer.status != 200:
            self._unrelated(answer)
            return []
        if isinstance(parsed(answer.body), list):
            return answer.objects()
        return list(self._pages(answer, what))

    def _pages(self, answer: Answer, what: str, *, counted: bool = True) -> Iterator[Object]:
        """The items of a collection and of those that its link leads to; Confusing unless as many as the first page
        counts, where it is `counted`."""
        total, came, seen = dig(answer.object(), "totalCount"), 0, set[str]()
        while True:
            page = answer.object()
            found = rows(page, "items")
            if not isinstance(page.get("items"), list):
                raise Confusing(f"{what}: the page has no items", system=SYSTEM)
            for row in found:
                if not isinstance(row, dict):
                    raise Confusing(f"{what}: a row is not an object", system=SYSTEM)
                yield row
            came += len(found)
            link = text(page, "links", "next", "uri")
            if not link:
                break
            token = _continuation(page)
            if f"{link} {token}" in seen or not found:
                raise Confusing(f"{what}: the pages do not end", system=SYSTEM)
            seen.add(f"{link} {token}")
            headers = {"MS-ContinuationToken": token} if token else {}
            answer = self._get(_linked(link), what, headers=headers)
        if counted and came != total:
            raise Confusing(f"{what}: {came} of {total} rows came", system=SYSTEM)

    def _unrelated(self, answer: Answer) -> None:
        """The control read: that we have no relation is believed when our list of customers can be read."""
        if answer.code not in NO_RELATION:
            raise Denied(f"{answer.what}: this key may not", system=SYSTEM, code=answer.code)
        if not isinstance(self._get("/v1/customers?size=1", "list our customers").object().get("items"), list):
            raise Confusing("list our customers: no list came", system=SYSTEM)

    def _get(
        self, path: str, what: str, *, headers: Mapping[str, str] | None = None, fine: frozenset[int] = frozenset({200})
    ) -> Answer:
        plain, _, query = path.partition("?")
        return self._told(
            Call(
                method="GET",
                path=plain,
                what=what,
                pace=READS,
                query=tuple(_pair(one) for one in query.split("&") if one),
                headers=headers or {},
                fine=fine,
                repeat=True,
            )
        )

    def _told(self, call: Call) -> Answer:
        """The call; a 401 says what to do when it is for the MFA claim."""
        answer = self.http.call(replace(call, fine=call.fine | {401}))
        if answer.status == 401:
            words = MFA_WORDS if answer.code == NO_MFA else "this key may not"
            raise Denied(f"{call.what}: {words}", system=SYSTEM, code=answer.code)
        return answer


class Relationships:
    """The wire to our own tenant's delegated relationships (GDAP), read only: ending one takes a person."""

    def __init__(self, http: Http, fresh: Callable[[], None]) -> None:
        self.http, self.fresh = http, fresh

    def with_customer(self, tenant: str) -> list[Object]:
        """GET delegatedAdminRelationships of one customer: every page. App-only reading is [K]."""
        query = (("$filter", f"customer/tenantId eq '{tenant}'"),)
        path = "/tenantRelationships/delegatedAdminRelationships"
        call = Call(method="GET", path=path, what="list delegated relationships", pace=READS, query=query, repeat=True)
        found = self.http.pages(call, rows="value", following="@odata.nextLink")
        return [one for one in found if text(one, "customer", "tenantId").lower() == tenant.lower()]

    def one(self, ident: str) -> Object | None:
        """GET one relationship; None for its own 404."""
        path = f"/tenantRelationships/delegatedAdminRelationships/{ident}"
        what, fine = "read a delegated relationship", frozenset({200, 404})
        answer = self.http.call(Call(method="GET", path=path, what=what, pace=READS, fine=fine, repeat=True))
        if answer.status == 200:
            return answer.object()
        if not answer.code.endswith("NotFound"):
            raise Confusing("read a delegated relationship: the address is not known", system=SYSTEM, code=answer.code)
        return None


def named(once: Digest) -> Mapping[str, str]:
    """The headers that make a repeated write the same write: MS-RequestId is the deed's own name as a UUID."""
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, once))
    return {"MS-RequestId": name, "MS-CorrelationId": name}


def _continuation(page: Object) -> str:
    for header in rows(page, "links", "next", "headers"):
        if text(header, "key").lower() == "ms-continuationtoken":
            return text(header, "value")
    return ""


def _linked(link: str) -> str:
    """A link of a collection, which the vendor writes with or without the version and the host."""
    if link.startswith(("https://", "http://", "/v1/")):
        return link
    return f"/v1/{link.lstrip('/')}"


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name, value


def partner_code(body: bytes) -> str:
    """The number out of Partner Center's own error body, or out of the one of its gateway."""
    value = parsed(body)
    return text(value, "code") or text(value, "statusCode")


def graph_code(body: bytes) -> str:
    """The code of a Graph error body."""
    return text(parsed(body), "error", "code")
