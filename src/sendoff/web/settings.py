"""Screen: settings. What is configured, which keys work, the systems, people and roles, the checklist."""

from collections import Counter
from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from sendoff.engine.desk import read_checklist
from sendoff.model.digest import Digest
from sendoff.web.drawing import page
from sendoff.web.visitor import Decides, Looks
from sendoff.wiring.health import examined
from sendoff.wiring.probing import Examined
from sendoff.wiring.shipped import checklist

router = APIRouter()
SHOWN, LINES = 10, 400
"""Versions of the checklist on the page, and lines of what differs in each."""


@router.get("/settings")
def settings(request: Request, who: Looks) -> HTMLResponse:
    """What the settings say; no vendor is asked."""
    return _drawn(request, who, examined(who.pages.house, probe=False), probed=False)


@router.post("/settings/probe")
def probe(request: Request, who: Decides) -> HTMLResponse:
    """Every key is tried once, by one harmless question."""
    return _drawn(request, who, examined(who.pages.house), probed=True)


def _drawn(request: Request, who: Looks, findings: tuple[Examined, ...], *, probed: bool) -> HTMLResponse:
    shipped = checklist()
    template = read_checklist(shipped, "templates/offboarding.md")
    values = {
        **who.values(),
        "findings": findings,
        "probed": probed,
        "people": who.pages.house.register.people(),
        "world": who.desk.ports.world.id,
        "addresses": sorted(who.desk.ports.world.addresses.items()),
        "template": template,
        "sections": Counter(box.section for box in template.boxes),
        "versions": _versions(who, shipped),
    }
    return page(request, who.pages.drawing, "settings.html", values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A checklist that open cases stand on, and where it differs from the one as shipped."""

    digest: Digest
    cases: int
    difference: tuple[tuple[str, str], ...]
    """Each line with its sign: `+` is in this version only, `-` in the shipped one only, a blank in both."""


def _versions(who: Looks, shipped: bytes) -> list[Version]:
    """The checklists of open cases, the most used first. A case stays on the text that it was opened with."""
    open_ones = [card for card in who.pages.shelf.cards() if card.open]
    counted = Counter(card.template for card in open_ones)
    first = {card.template: card.case for card in reversed(open_ones)}
    return [
        Version(digest=name, cases=many, difference=differing(shipped, who.desk.checklist(first[name])))
        for name, many in counted.most_common(SHOWN)
    ]


def differing(shipped: bytes, other: bytes) -> tuple[tuple[str, str], ...]:
    """The lines in which two texts differ, each with two lines around it; nothing when they are the same."""
    old, new = (text.decode("utf-8", "replace").splitlines() for text in (shipped, other))
    rows = islice(unified_diff(old, new, n=2, lineterm=""), 2, LINES)
    return tuple(("…", row) if row.startswith("@@") else (row[:1], row[1:]) for row in rows)
