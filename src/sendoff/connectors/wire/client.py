"""The shared wire: one HTTP exchange with a vendor, its limits, its retries, and the names of its failures."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar
from urllib.parse import quote

import httpx2
import stamina
from pydantic import BaseModel, ConfigDict, ValidationError

from sendoff.connectors.wire.body import Object, parsed
from sendoff.connectors.wire.circuit import OPEN, ROW, Circuit, circuit_of
from sendoff.connectors.wire.quiet import quiet
from sendoff.model.errors import Conflict, Confusing, ConnectorError, Denied, Throttled, Unreachable
from sendoff.ports import Limits

TIMEOUT = httpx2.Timeout(20.0, connect=5.0)
"""Shorter than the 30 s lease of a worker."""
ATTEMPTS = 3
PATIENCE = 10.0
"""Seconds of Retry-After that are waited for inside one call; more is the engine's business."""
PAGES, PAGE = 20_000, "PageForPeople"
CODE = re.compile(r"[\w. -]{1,80}", re.A)
Clients = Callable[[], httpx2.Client]
"""Gives the HTTP client of this thread; pooling is wiring's business."""
Query = tuple[tuple[str, str], ...]
S = TypeVar("S", bound=BaseModel)


class Shape(BaseModel):
    """A vendor's answer as its page shows it: what we read is checked, the rest is let go."""

    model_config = ConfigDict(extra="ignore", frozen=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """A token bucket of the vendor: `rate` calls a second, at most `burst` at once."""

    kind: str
    rate: float
    burst: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What says who we are on one call; it stays on the wire."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Query = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call. `what` is for messages; `fine` are the statuses that its caller understands.

    `path` is an id or path, or an absolute URL that the vendor gave us. `repeat` says that doing it twice is harmless.
    """

    method: str
    path: str
    what: str
    pace: Pace
    query: Query = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Object | None = None
    form: Mapping[str, str] | None = field(default=None, repr=False)
    fine: frozenset[int] = frozenset({200})
    repeat: bool = False
    page: bool = False
    """The vendor itself answers with a page for people; else one is a gateway's, and says nothing of what was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer that was expected. Its body and headers never reach a message."""

    status: int
    system: str
    what: str
    code: str = ""
    """The vendor's word when the answer is an error that the caller understands."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    def shaped(self, shape: type[S]) -> S:
        """The body in the shape of the vendor's page, or Confusing."""
        try:
            return shape.model_validate_json(self.body)
        except ValidationError as error:
            where = ", ".join(sorted({".".join(map(str, one["loc"])) or "body" for one in error.errors()})[:3])
        raise Confusing(f"{self.what}: the answer does not fit the vendor's page at {where}", system=self.system)

    def object(self) -> Object:
        """The body as a JSON object, or Confusing."""
        value = parsed(self.body)
        if isinstance(value, dict):
            return value
        raise Confusing(f"{self.what}: the answer is not a JSON object", system=self.system)

    def objects(self) -> list[Object]:
        """The body as an array of JSON objects, or Confusing."""
        value = parsed(self.body)
        found = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else None
        if found is None or not isinstance(value, list) or len(found) != len(value):
            raise Confusing(f"{self.what}: the answer is not an array of objects", system=self.system)
        return found

    def seconds(self, default: float) -> float:
        """Retry-After in seconds, or the default."""
        return seconds(self.headers, default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """The wire to one vendor with one key. `code` finds the vendor's own word in an error body.

    Raises Denied (401, 403), Throttled (429), Conflict (409, 412, 423), Unreachable (no answer, 408, 5xx, a gateway's
    page, or not asked because the vendor's circuit is open) and Confusing (anything else that the caller did not call
    fine). Redirects are never followed.
    """

    system: str
    base: str
    bucket: str
    clients: Clients
    limits: Limits
    sign: Callable[[], Sign]
    code: Callable[[bytes], str]
    busy: frozenset[str] = frozenset()
    """Codes of a 400 that mean: still in use."""
    auth: httpx2.Auth | None = None  # a sign-in of several messages on one connection

    def call(self, call: Call) -> Answer:
        """Make the call, waiting for a throttle; harmless ones are tried up to three times."""
        quiet()
        for attempt in stamina.retry_context(
            on=self._again(call), attempts=ATTEMPTS, timeout=20.0, wait_initial=0.2, wait_max=2.0, wait_jitter=0.5
        ):
            with attempt:
                return self._once(call)
        raise AssertionError("a retry ends with an answer or an error")

    def pages(self, call: Call, *, rows: str, following: str, count: str = "") -> Iterator[Object]:
        """The rows of every page, by the vendor's own absolute link to the next; Confusing when rows are missing, or
        when their number is not the one that the first page gives under `count`."""
        seen: set[str] = set()
        came, total = 0, None
        for _ in range(PAGES):
            page = self.call(call).object()
            found = list(self._rows(call, page, rows))
            yield from found
            came, total = came + len(found), page.get(count) if total is None else total
            link = page.get(following)
            if not link:
                if count and came != total:
                    raise self._confusing(call, f"{came} of {total} rows came")
                return
            if not isinstance(link, str) or link in seen:
                raise self._confusing(call, "the link to the next page leads nowhere")
            seen.add(link)
            call = Call(method="GET", path=link, what=call.what, pace=call.pace, headers=call.headers, repeat=True)
        raise self._confusing(call, "the pages do not end")

    def _rows(self, call: Call, page: Object, rows: str) -> Iterator[Object]:
        found = page.get(rows)
        if not isinstance(found, list):
            raise self._confusing(call, f"the page has no '{rows}'")
        for row in found:
            if not isinstance(row, dict):
                raise self._confusing(call, f"a row of '{rows}' is not an object")
            yield row

    def _again(self, call: Call) -> Callable[[Exception], bool | float]:
        def again(error: Exception) -> bool | float:
            if isinstance(error, Throttled):
                return error.after if error.after <= PATIENCE else False
            return call.repeat and isinstance(error, Unreachable) and error.code != OPEN

        return again

    def _once(self, call: Call) -> Answer:
        circuit = circuit_of(self.clients, self.base)
        if circuit.shut():
            raise self._left_alone(call, circuit)
        bucket, client = f"{self.bucket}|{call.pace.kind}", self.clients()
        request = self._request(call, client)
        self._place(circuit, bucket, call)
        try:
            response = self._sent(call, circuit, client, request)
        finally:
            circuit.places.release()
        error = self._failure(call, response)
        if isinstance(error, Throttled):
            self.limits.blocked(bucket, error.after)
        if error is not None:
            raise error
        return Answer(
            status=response.status_code,
            system=self.system,
            what=call.what,
            headers=response.headers,
            body=response.content,
            code=self._word(response) if response.status_code >= 400 else "",
        )

    def _place(self, circuit: Circuit, bucket: str, call: Call) -> None:
        """Last of all: to sign may take a call of its own, and whether this one may be made at all is asked here too,
        anew when it had to wait for others to end."""
        leave = partial(self.limits.take, bucket, rate=call.pace.rate, burst=call.pace.burst)
        leave()
        circuit.places.acquire(leave)

    def _request(self, call: Call, client: httpx2.Client) -> httpx2.Request:
        sign = self.sign()
        return client.build_request(
            call.method,
            self._url(call),
            params=(call.query + sign.query) or None,
            json=call.body,
            data=call.form,
            headers={**sign.headers, **call.headers},
            timeout=TIMEOUT,
        )

    def _sent(self, call: Call, circuit: Circuit, client: httpx2.Client, request: httpx2.Request) -> httpx2.Response:
        if not circuit.begins():
            raise self._left_alone(call, circuit)
        try:
            response = client.send(request, auth=self.auth, follow_redirects=False)
        except httpx2.HTTPError as error:
            fault = type(error).__name__
        else:
            circuit.ended(usable=response.status_code < 500)
            return response
        circuit.ended(usable=False)
        raise Unreachable(
            f"{call.what}: no usable answer; look again before doing it again", system=self.system, code=fault
        )

    def _left_alone(self, call: Call, circuit: Circuit) -> Unreachable:
        until = f"{circuit.until():%H:%M:%S} UTC"
        why = f"{httpx2.URL(self.base).host} gave no usable answer {ROW} times in a row and is left alone until {until}"
        return Unreachable(f"{call.what}: not asked, {why}", system=self.system, code=OPEN)

    def _url(self, call: Call) -> httpx2.URL:
        if not call.path.startswith(("http://", "https://")):
            return httpx2.URL(self.base.rstrip("/") + quote(call.path, safe="/()@:$,;=+!*'~"))
        try:
            url = httpx2.URL(call.path)
        except httpx2.InvalidURL:
            raise self._confusing(call, "the vendor's link is no address") from None
        base = httpx2.URL(self.base)
        if (url.scheme, url.host, url.port) != (base.scheme, base.host, base.port):
            raise self._confusing(call, "the vendor's link leads to another host; our key does not go there")
        return url

    def _failure(self, call: Call, response: httpx2.Response) -> ConnectorError | None:
        status = response.status_code
        if 200 <= status < 300 and not call.page and _for_people(response):
            return Unreachable(f"{call.what}: a page for people came instead", system=self.system, code=PAGE)
        if status in call.fine:
            return None
        code = self._word(response)
        if status in (401, 403):
            return Denied(f"{call.what}: this key may not", system=self.system, code=code)
        if status == 429:
            after = seconds(response.headers, 1.0)
            return Throttled(f"{call.what}: too many calls", system=self.system, after=after, code=code)
        if status in (409, 412, 423) or code in self.busy:
            return Conflict(f"{call.what}: busy, locked or in use", system=self.system, code=code)
        if status == 408 or status >= 500:
            return Unreachable(f"{call.what}: the vendor failed", system=self.system, code=code)
        why = "sent elsewhere" if status in range(300, 400) else f"status {status} was not expected"
        return Confusing(f"{call.what}: {why}", system=self.system, code=code)

    def _word(self, response: httpx2.Response) -> str:
        """The vendor's code, as far as it looks like one: a body may hold anything."""
        found = self.code(response.content)
        return found if CODE.fullmatch(found) else str(response.status_code)

    def _confusing(self, call: Call, why: str) -> Confusing:
        return Confusing(f"{call.what}: {why}", system=self.system)


def _for_people(response: httpx2.Response) -> bool:
    html = response.headers.get("content-type", "").lower().startswith("text/html")
    return html and response.content.lstrip()[:1] == b"<"


def seconds(headers: Mapping[str, str], default: float) -> float:
    """Retry-After as seconds; the default when it is absent or a date."""
    try:
        return max(0.0, float(headers.get("retry-after", default)))
    except ValueError:
        return default
