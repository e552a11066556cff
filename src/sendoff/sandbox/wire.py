"""What goes over the wire: a request, a response, and JSON read without surprises."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import parse_qsl

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Obj: TypeAlias = dict[str, Json]


def loads(raw: bytes | str) -> Json:
    """The JSON value in `raw`; None when it is empty or no JSON at all."""
    try:
        value: Json = json.loads(raw) if raw else None
    except ValueError:
        return None
    return value


def obj(value: Json) -> Obj:
    """`value` when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def arr(value: Json) -> list[Json]:
    """`value` when it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def dig(value: Json, *keys: str) -> Json:
    """The member found by walking `keys` through nested objects; None where the way ends."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text(value: Json, *keys: str) -> str:
    """The string at `keys` (numbers and booleans spelled as JSON does); empty when there is none."""
    found = dig(value, *keys)
    if isinstance(found, str):
        return found
    return "" if found is None or isinstance(found, dict | list) else json.dumps(found)


def whole(value: Json, default: int = 0) -> int:
    """The whole number in `value`, which may be spelled as a string; `default` when there is none."""
    if isinstance(value, int | float):
        return int(value)
    try:
        return int(value) if isinstance(value, str) else default
    except ValueError:
        return default


def words(value: Json) -> list[str]:
    """The strings of an array of strings."""
    return [one for one in arr(value) if isinstance(one, str)]


def canonical(value: Json) -> bytes:
    """One spelling for one value: sorted keys, no blanks, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call: `path` is percent-decoded, header names are lower case, `base` is https://host:port of this vendor."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base: str = "https://sandbox.invalid"
    rows: int = 10
    """Most rows of a page, as the world has them."""
    line: str = ""
    """The connection it came by, where that matters."""
    binding: bytes = b""
    """The hash of the certificate that we showed on that connection."""

    def ask(self, name: str, default: str = "") -> str:
        """The first value of a query parameter, whatever its case; `default` when absent."""
        return next((value for key, value in self.query if key.lower() == name.lower()), default)

    def has(self, name: str) -> bool:
        """Whether a query parameter is present, even without a value."""
        return any(key.lower() == name.lower() for key, _ in self.query)

    def json(self) -> Obj:
        """The body as an object; empty when it is none."""
        return obj(loads(self.body))

    def form(self) -> dict[str, str]:
        """The body as an HTML form."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. Status 0 means: the connection was dropped and nothing came back."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Json:
        """The body as JSON; None when it is none."""
        return loads(self.body)

    def with_headers(self, more: Mapping[str, str]) -> "Response":
        """The same answer with more headers; those already there win."""
        return Response(self.status, {**more, **self.headers}, self.body)


def answer(status: int, value: Json = None, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer; without a value the body stays empty."""
    if value is None:
        return Response(status, dict(headers or {}))
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return Response(status, {**kind, **(headers or {})}, json.dumps(value, ensure_ascii=False).encode())


def plain(status: int, body: str, kind: str = "text/html; charset=utf-8", **headers: str) -> Response:
    """An answer that is not JSON."""
    return Response(status, {"Content-Type": kind, **headers}, body.encode())
