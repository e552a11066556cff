"""Weather: a share of all answers goes wrong, each in a way that fits its vendor and call. The same seed, the same."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from sendoff.sandbox.trouble import Fault, has_more, strike
from sendoff.sandbox.wire import Obj, Request, Response, obj, whole, words
from sendoff.sandbox.world import World

BLUNT = ("throttle", "status", "drop", "timeout", "lost-answer", "html")
"""What any vendor may answer to any call."""
SUBTLE = ("drop-page", "lie", "slow-delete", "fail-delete")
"""What looks like an answer: it can strike only where there is a page to drop, or a change to keep from happening."""
KINDS = (*BLUNT, *SUBTLE)
STATUSES = (500, 502, 503)
PAGES = (200, 502, 503)
"""A page for people may come as if all were well."""
PAGED = frozenset({"arm", "graph", "partner-center"})
DELETES = {"arm": ("slow-delete", "fail-delete"), "prtg": ("slow-delete",)}

Go = Callable[[Request], Response]


@dataclass(slots=True)
class Weather:
    """Strikes `share` of the answers of `vendors` (all when empty). What a call meets hangs on the seed, the call and
    how often it was made, never on who asks first: calls made at the same time are struck alike in every run."""

    share: float
    seed: int = 1
    vendors: frozenset[str] = frozenset()
    seconds: int = 1
    """Of Retry-After, and before a time-out."""
    kinds: tuple[str, ...] = KINDS
    calls: int = 0
    struck: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Answers struck, by vendor and kind."""
    _met: Counter[str] = field(default_factory=Counter)

    def strikes(self, world: World, vendor: str, request: Request, go: Go) -> tuple[Response, str] | None:
        """The answer and what struck it; None when this call is spared, and the vendor has not seen it yet."""
        if self.vendors and vendor not in self.vendors:
            return None
        self.calls += 1
        chance = self._chance(vendor, request)
        if chance.random() >= self.share:
            return None
        kind = chance.choice([one for one in fitting(vendor, request) if one in self.kinds] or list(BLUNT))
        status = chance.choice(PAGES if kind == "html" else STATUSES)
        fault = Fault(id="weather", do=kind, status=status, seconds=self.seconds)
        before = _traces(world)
        seen: list[Response] = []

        def going(asked: Request) -> Response:
            seen.append(go(asked))
            return seen[-1]

        response = strike(world, vendor, request, [fault], going)
        if kind in SUBTLE and not _struck(kind, seen, before, _traces(world)):
            kind, response = "lost-answer", Response(0)
        self.struck[vendor, kind] += 1
        return response, kind

    def _chance(self, vendor: str, request: Request) -> random.Random:
        call = f"{vendor} {request.method} {request.path} {request.query}"
        self._met[call] += 1
        return random.Random(f"{self.seed} {call} {self._met[call]}")

    def shown(self) -> Obj:
        """How many calls there were, and how many of each kind were struck, by vendor."""
        by_vendor: Obj = {}
        for (vendor, kind), count in sorted(self.struck.items()):
            by_vendor[vendor] = {**obj(by_vendor.get(vendor)), kind: count}
        return {
            "share": self.share,
            "seed": self.seed,
            "calls": self.calls,
            "struck": self.struck.total(),
            "by_vendor": by_vendor,
        }


def weather(asked: Obj) -> Weather | None:
    """Weather from the control port's JSON; None when its share is not between 0 and 1, or a kind is not known."""
    share, kinds = asked.get("share"), words(asked.get("kinds"))
    if not isinstance(share, int | float) or not 0 <= share <= 1 or not set(kinds) <= set(KINDS):
        return None
    return Weather(
        share=float(share),
        seed=whole(asked.get("seed"), 1),
        vendors=frozenset(words(asked.get("vendors"))),
        seconds=whole(asked.get("seconds"), 1),
        kinds=tuple(kinds) or KINDS,
    )


def fitting(vendor: str, request: Request) -> list[str]:
    """What can go wrong with such a call. Signing in changes nothing, so there is nothing to lie about."""
    found = [*BLUNT]
    page = request.path.lower()
    writes = request.method != "GET" or (vendor == "prtg" and page.endswith(".htm"))
    if vendor in PAGED and not writes:
        # A list is met often and mostly has one page: where there is a next one, it is worth dropping.
        found += ["drop-page", "drop-page"]
    # Changes are few: what is subtle about them is as likely as what is blunt.
    if writes and vendor != "login":
        found += ["lie"] * 3
    if request.method == "DELETE" or (vendor == "prtg" and "deleteobject" in page):
        found += 2 * DELETES.get(vendor, ())
    return found


def _traces(world: World) -> tuple[int, int]:
    """How much was kept from happening, and how many long deletes are under way."""
    return world.withheld, len(world.operations.known) + len(world.prtg_pending)


def _struck(kind: str, seen: list[Response], before: tuple[int, int], after: tuple[int, int]) -> bool:
    """Whether a subtle fault found something to strike."""
    if kind == "drop-page":
        return bool(seen) and seen[0].status == 200 and has_more(seen[0])
    if kind == "lie":
        return after != before
    return after[1] > before[1]
