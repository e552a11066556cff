"""Screen: settings. What is configured, which keys work, the systems, people and roles, the checklist."""

from collections import Counter

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from sendoff.engine.desk import read_checklist
from sendoff.web.drawing import page
from sendoff.web.visitor import Decides, Looks
from sendoff.wiring.health import examined
from sendoff.wiring.probing import Examined
from sendoff.wiring.shipped import checklist

router = APIRouter()


@router.get("/settings")
def settings(request: Request, who: Looks) -> HTMLResponse:
    """What the settings say; no vendor is asked."""
    return _drawn(request, who, examined(who.pages.house, probe=False), probed=False)


@router.post("/settings/probe")
def probe(request: Request, who: Decides) -> HTMLResponse:
    """Every key is tried once, by one harmless question."""
    return _drawn(request, who, examined(who.pages.house), probed=True)


def _drawn(request: Request, who: Looks, findings: tuple[Examined, ...], *, probed: bool) -> HTMLResponse:
    template = read_checklist(checklist(), "templates/offboarding.md")
    values = {
        **who.values(),
        "findings": findings,
        "probed": probed,
        "people": who.pages.house.register.people(),
        "world": who.desk.ports.world.id,
        "addresses": sorted(who.desk.ports.world.addresses.items()),
        "template": template,
        "sections": Counter(box.section for box in template.boxes),
        "versions": _versions(who),
    }
    return page(request, who.pages.drawing, "settings.html", values)


def _versions(who: Looks) -> list[tuple[str, int]]:
    """How many open cases there are of each tier; each stays on the checklist it was opened with."""
    return sorted(Counter(str(card.tier) for card in who.pages.shelf.cards() if card.open).items())
