"""TOPdesk's query language (FIQL): comparisons joined by ; (and) and , (or), with brackets.

Vendor's page: developers.topdesk.com/tutorial.html#query.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sendoff.sandbox.wire import Json, Obj, dig, text

Test = Callable[[Obj], bool]
TOKEN = re.compile(
    r"""\s*(?:(?P<mark>[();,])|(?P<word>[A-Za-z_][\w.]*)\s*(?P<op>==|!=|=(?:gt|ge|lt|le|sw|in|out)=)\s*"""
    r"""(?P<value>\((?:[^()"']|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')*\)|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s;,()"']+))""",
    re.S,
)
ITEM = re.compile(r"""\s*("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s,"']+)\s*(?:,|$)""", re.S)


class Malformed(ValueError):
    """The query does not parse; the vendor answers 400."""


def query(source: str) -> Test:
    """The test that a query puts to a card. Raises Malformed."""
    if not source.strip():
        return lambda _: True
    reads = _Reads(source)
    found = reads.either()
    if reads.rest():
        raise Malformed(source)
    return found


@dataclass
class _Reads:
    source: str
    at: int = 0

    def rest(self) -> str:
        return self.source[self.at :].strip()

    def _take(self, mark: str) -> bool:
        found = TOKEN.match(self.source, self.at)
        if found is None or found["mark"] != mark:
            return False
        self.at = found.end()
        return True

    def either(self) -> Test:
        found = [self._all()]
        while self._take(","):
            found.append(self._all())
        return lambda card: any(one(card) for one in found)

    def _all(self) -> Test:
        found = [self._one()]
        while self._take(";"):
            found.append(self._one())
        return lambda card: all(one(card) for one in found)

    def _one(self) -> Test:
        if self._take("("):
            inner = self.either()
            if not self._take(")"):
                raise Malformed(self.source)
            return inner
        found = TOKEN.match(self.source, self.at)
        if found is None or found["word"] is None:
            raise Malformed(self.source)
        self.at = found.end()
        return _comparison(found["word"], found["op"], found["value"])


def _comparison(word: str, op: str, value: str) -> Test:
    way = word.split(".")
    if op in ("=in=", "=out="):
        wanted = {_plain(one).lower() for one in _items(value)}
        return lambda card: (_spelled(dig(card, *way)) in wanted) is (op == "=in=")
    if value.startswith("("):
        raise Malformed(value)
    if value == "null" and op in ("==", "!="):
        return lambda card: (dig(card, *way) in (None, "")) is (op == "==")
    right = _plain(value).lower()
    return lambda card: _fits(_spelled(dig(card, *way)), op, right)


def _items(value: str) -> list[str]:
    if not value.startswith("("):
        raise Malformed(value)
    inner, found, at = value[1:-1], [], 0
    while at < len(inner):
        one = ITEM.match(inner, at)
        if one is None:
            raise Malformed(value)
        found.append(one[1])
        at = one.end()
    return found


def _plain(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1], flags=re.S) if value[:1] in ("'", '"') else value


def _spelled(value: Json) -> str:
    return text(value).lower()


def _fits(left: str, op: str, right: str) -> bool:
    if op in ("==", "!="):
        return (left == right) is (op == "==")
    if op == "=sw=":
        return left.startswith(right)
    if not left:
        return False
    one, two = _ordered(left), _ordered(right)
    return {"=lt=": one < two, "=le=": one <= two, "=gt=": one > two, "=ge=": one >= two}[op]


def _ordered(value: str) -> tuple[float, str]:
    """Moments by time, all else by its letters."""
    try:
        return datetime.fromisoformat(value.upper()).timestamp(), ""
    except ValueError:
        return 0.0, value
