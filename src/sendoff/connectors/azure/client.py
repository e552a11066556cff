"""Azure Resource Manager: the wire. One Arm is one key in one subscription.

Pages: learn.microsoft.com/rest/api/resources, /rest/api/azureresourcegraph, and "Track asynchronous operations".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sendoff.connectors.azure.ids import root, type_of
from sendoff.connectors.azure.versions import Versions, newest
from sendoff.connectors.wire.body import Object, dig, parsed, rows, text
from sendoff.connectors.wire.client import Answer, Call, Http, Pace, Query, Shape
from sendoff.connectors.wire.lately import Lately
from sendoff.connectors.wire.login.client import LOGIN_URL, TokenSource
from sendoff.connectors.wire.login.sources import AppKey
from sendoff.model.errors import Confusing, Denied
from sendoff.ports import Sink

SYSTEM = "azure"
AUDIENCE = "https://management.azure.com"
GRAPH_AUDIENCE = "https://graph.microsoft.com"
GRAPH_URL = f"{GRAPH_AUDIENCE}/v1.0"
RESOURCES = "2025-04-01"
SUBSCRIPTIONS = "2022-12-01"
GRAPH = "2021-03-01"
DIAGNOSTICS = "2021-05-01-preview"
LOCKS = "2020-05-01"
READS = Pace(kind="reads", rate=25, burst=250)
DELETES = Pace(kind="deletes", rate=10, burst=200)
WRITES = Pace(kind="writes", rate=10, burst=200)
QUERIES = Pace(kind="queries", rate=3, burst=15)
IN_USE = frozenset(
    {
        "InvalidDeletePolicyDefinitionRequest",
        "InvalidDeletePolicySetDefinitionRequest",
        "InUseSubnetCannotBeDeleted",
        "NicInUse",
        "PublicIPAddressCannotBeDeleted",
        "InUseNetworkSecurityGroupCannotBeDeleted",
    }
)
NOT_ABSENT = frozenset({"SubscriptionNotFound", "TenantNotFound"})
PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureDoors:
    """The keys into a customer's Azure: our Lighthouse principal in our tenant, our app in theirs, and `aobo`: the
    tokens of somebody in Admin agents who signed in for this run. They look, and do nothing. `reader` is another
    principal of ours in our tenant, with Reader alone: through Lighthouse it looks, and the first one acts.

    With a `person`, whose tokens are for ARM, nothing else is used: every cell is read as that person under the name
    of the Lighthouse key, and nothing can be done (`sendoff look --read-only`). `directory` are that person's tokens
    for Graph in the customer's tenant; otherwise our app asks the directory.
    """

    lighthouse: AppKey | None = None
    app: AppKey | None = None
    reader: AppKey | None = None
    aobo: TokenSource | None = None
    person: TokenSource | None = None
    directory: TokenSource | None = None
    login_url: str = LOGIN_URL
    arm_url: str = AUDIENCE
    graph_url: str = GRAPH_URL


class Found(Shape):
    """One page of Resource Graph (objectArray)."""

    totalRecords: int
    count: int
    resultTruncated: str = "false"
    data: list[dict[str, object]]


class Operation(Shape):
    """What Azure-AsyncOperation answers; `status` is absent at a Location."""

    status: str = ""


class Arm:
    """The wire to one subscription with one key. Raises as Http does; a 404 is None only where it says so."""

    def __init__(
        self, http: Http, subscription: str, fresh: Callable[[], None], versions: Versions | None = None
    ) -> None:
        self.http, self.root, self.fresh = http, root(subscription), fresh
        self._versions = versions or Versions()
        self._seen: Lately[Object] = Lately()
        self._locks: Lately[list[Object]] = Lately()

    def subscription(self, asker: Sink | None = None) -> Object:
        """GET /subscriptions/{id}: the control read. Denied when this key does not see it (any more). For one look or
        batch an answer of a moment ago is good."""
        return self._subscription() if asker is None else self._seen.get(asker, self._subscription)

    def _subscription(self) -> Object:
        answer = self._get(self.root, SUBSCRIPTIONS, "read the subscription", fine=frozenset({200, 404}))
        if answer.status == 404:
            raise Denied("read the subscription: this key does not see it", system=SYSTEM, code=answer.code)
        return answer.object()

    def visible(self) -> bool:
        """GET /subscriptions: whether this key still has this one, asked with whatever token it holds. Confusing when
        it has none at all: then it may be the key that is gone, and not its rights here."""
        call = self._call("GET", "/subscriptions", SUBSCRIPTIONS, "list subscriptions")
        found = [text(one, "id").lower() for one in self.http.pages(call, rows="value", following="nextLink")]
        if not found:
            raise Confusing("list subscriptions: this key sees none at all, and so it proves nothing", system=SYSTEM)
        return self.root in found

    def read(self, ident: str, version: str, *, query: Query = ()) -> Object | None:
        """GET one object; None for its own 404. Denied when the 404 is the subscription's."""
        answer = self._get(ident, version, "read an object", fine=frozenset({200, 404}), query=query)
        if answer.status == 200:
            return answer.object()
        if answer.code in NOT_ABSENT:
            raise Denied("read an object: this key does not see the subscription", system=SYSTEM, code=answer.code)
        if answer.code != "404" and not answer.code.endswith("NotFound"):
            raise Confusing("read an object: the address is not known", system=SYSTEM, code=answer.code)
        return None

    def delegation(self, ident: str, version: str, *, query: Query) -> Object | None:
        """GET a delegation through itself: None when it is gone, or when a fresh token shows that it took our sight of
        the subscription with it. Denied when we still see the subscription but not this."""
        answer = self._get(ident, version, "read a delegation", fine=frozenset({200, 401, 403, 404}), query=query)
        if answer.status == 200:
            return answer.object()
        self.fresh()
        absent = answer.status == 404 and answer.code.endswith("NotFound") and answer.code not in NOT_ABSENT
        if absent or not self.visible():
            return None
        raise Denied("read a delegation: this key may not", system=SYSTEM, code=answer.code)

    def listed(self, path: str, version: str, what: str, *, query: Query = ()) -> list[Object]:
        """Every row of a list, each with an id; paged by nextLink."""
        call = self._call("GET", path, version, what, query=query)
        found = list(self.http.pages(call, rows="value", following="nextLink"))
        if not all(text(one, "id") for one in found):
            raise Confusing(f"{what}: a row has no id", system=SYSTEM)
        return found

    def graph(self, query: str = "resources | order by id asc") -> list[Object]:
        """POST Microsoft.ResourceGraph/resources: full rows of this subscription; Confusing unless all came."""
        found: list[Object] = []
        token, total = "", -1
        while total < 0 or token:
            page = self._graph_page(query, token)
            shape = page.shaped(Found)
            data, value = rows(page.object(), "data"), page.object()
            token, total = text(value, "$skipToken"), shape.totalRecords
            if shape.count != len(data) or (shape.resultTruncated == "true" and not token) or (token and not data):
                raise Confusing("query Resource Graph: a page is not whole", system=SYSTEM)
            found += [one for one in data if isinstance(one, dict) and (text(one, "id") or text(one, "type"))]
        if len(found) != total:
            raise Confusing(f"query Resource Graph: {len(found)} of {total} rows came", system=SYSTEM)
        return found

    def by_type(self) -> dict[str, int]:
        """Resource Graph's own count of this subscription's resources, by type in lower case."""
        found = self.graph("resources | summarize count() by type | order by type asc")
        return {text(row, "type").lower(): int(text(row, "count_") or 0) for row in found}

    def asked(self, path: str, version: str, what: str) -> Answer:
        """GET what may be refused or not be there: 200, or an answer with the vendor's code to write down."""
        return self._get(path, version, what, fine=frozenset({200, 400, 403, 404, 405, 409}))

    def diagnostics(self, ident: str) -> list[Object]:
        """GET {id}/…/diagnosticSettings; types that have none answer ResourceTypeNotSupported."""
        path = f"{ident}/providers/Microsoft.Insights/diagnosticSettings"
        answer = self._get(path, DIAGNOSTICS, "list diagnostic settings", fine=frozenset({200, 400, 404}))
        if answer.status == 200:
            found = answer.object().get("value")
            if isinstance(found, list):
                return [one for one in found if isinstance(one, dict)]
        elif answer.code in ("ResourceTypeNotSupported", "ResourceNotFound"):
            return []
        raise Confusing("list diagnostic settings: no list came", system=SYSTEM, code=answer.code)

    def locks(self, asker: Sink | None = None) -> list[Object]:
        """GET locks of the subscription and of everything below it. For one look an answer of a moment ago is good."""
        return self._every_lock() if asker is None else self._locks.get(asker, self._every_lock)

    def locks_before(self, step: str) -> list[Object]:
        """The same before a delete. All batches of a step share the answer of a moment ago, or each of them would ask
        for it at every delete when the vendor lets few through."""
        return self._locks.get(self, self._every_lock, step)

    def _every_lock(self) -> list[Object]:
        return self.listed(f"{self.root}/providers/Microsoft.Authorization/locks", LOCKS, "list locks")

    def delete(self, ident: str, version: str) -> Answer:
        """DELETE by id: 200 or 204 done, 202 under way, 404 gone already. Conflict when locked or in use."""
        call = self._call("DELETE", ident, version, "delete an object", pace=DELETES)
        return self.http.call(replace(call, fine=frozenset({200, 202, 204, 404})))

    def put(self, ident: str, version: str, body: Object, what: str) -> Answer:
        """PUT an object: 200 or 201 done, 202 under way, 400 refused."""
        return self._written("PUT", ident, version, body, what)

    def patch(self, ident: str, version: str, body: Object, what: str) -> Answer:
        """PATCH an object: 200 done, 202 under way, 400 refused."""
        return self._written("PATCH", ident, version, body, what)

    def post(self, path: str, version: str, body: Object, what: str) -> Answer:
        """POST an action: 200 with its answer, 202 under way, 404 when the object is not there."""
        call = self._call("POST", path, version, what, pace=WRITES, body=body)
        return self.http.call(replace(call, fine=frozenset({200, 202, 404})))

    def query(self, path: str, version: str, body: Object, what: str) -> Answer:
        """POST a question that changes nothing: 200. The vendor's next link is the whole address of the next page."""
        if path.startswith("https://"):
            call = Call(method="POST", path=path, what=what, pace=QUERIES, body=body, repeat=True)
        else:
            call = replace(self._call("POST", path, version, what, pace=QUERIES, body=body), repeat=True)
        return self.http.call(call)

    def poll(self, operation: str, fine: frozenset[int]) -> Answer:
        """GET the operation at the address that the vendor gave."""
        return self.http.call(
            Call(method="GET", path=operation, what="ask after an operation", pace=READS, fine=fine, repeat=True)
        )

    def export_template(self, group: str, ids: Sequence[str] = ("*",), form: str = "Json") -> Answer:
        """POST {group}/exportTemplate: 200 with the template (Json) or the text (Bicep), or 202 with a Location."""
        body: Object = {"resources": [*ids], "options": "IncludeParameterDefaultValue,IncludeComments"}
        body |= {"outputFormat": form} if form != "Json" else {}
        call = self._call("POST", f"{group}/exportTemplate", RESOURCES, "export a template", pace=WRITES, body=body)
        return self.http.call(replace(call, fine=frozenset({200, 202, 400, 403, 404, 409}), repeat=True))

    def version(self, ident: str) -> str:
        """The api-version for an id: the newest stable one of its type, else of its first parent, else a preview."""
        found = self.known_version(ident)
        if not found:
            raise Confusing(f"no api-version is known for {type_of(ident)}", system=SYSTEM)
        return found

    def known_version(self, ident: str) -> str:
        """The same, and empty when none is known."""
        space, _, rest = type_of(ident).partition("/")
        known = self._versions.of(space, lambda: self._namespace(space))
        return known.get(rest) or known.get(rest.split("/")[0]) or ""

    def _namespace(self, space: str) -> Mapping[str, str]:
        path = f"{self.root}/providers/{space}"
        answer = self._get(path, RESOURCES, "read api-versions", frozenset({200, 404}))
        types = rows(answer.object(), "resourceTypes")
        return {text(one, "resourceType").lower(): newest(one) for one in types}

    def _graph_page(self, query: str, token: str) -> Answer:
        options: Object = {"resultFormat": "objectArray", "$top": PAGE, **({"$skipToken": token} if token else {})}
        body: Object = {
            "query": query,
            "subscriptions": [self.root.rsplit("/", 1)[-1]],
            "options": options,
        }
        call = self._call(
            "POST",
            "/providers/Microsoft.ResourceGraph/resources",
            GRAPH,
            "query Resource Graph",
            pace=QUERIES,
            body=body,
        )
        return self.http.call(replace(call, repeat=True))

    def _get(self, path: str, version: str, what: str, fine: frozenset[int], query: Query = ()) -> Answer:
        return self.http.call(replace(self._call("GET", path, version, what, query=query), fine=fine))

    def _written(self, method: str, ident: str, version: str, body: Object, what: str) -> Answer:
        call = self._call(method, ident, version, what, pace=WRITES, body=body)
        return self.http.call(replace(call, fine=frozenset({200, 201, 202, 204, 400})))

    def _call(
        self,
        method: str,
        path: str,
        version: str,
        what: str,
        *,
        query: Query = (),
        pace: Pace = READS,
        body: Object | None = None,
    ) -> Call:
        return Call(
            method=method,
            path=path,
            what=what,
            pace=pace,
            query=(("api-version", version), *query),
            body=body,
            repeat=method == "GET",
        )


def arm_code(body: bytes) -> str:
    """The code of an ARM or Graph error body."""
    return text(dig(parsed(body), "error", "code"))
