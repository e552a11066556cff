"""What shuts people out of a page, looked for by axe: light and dark, narrow and wide; and which pages were seen."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from axe_playwright_python.base import AXE_SCRIPT
from fastapi import FastAPI
from playwright.sync_api import Page

SCHEMES = ("light", "dark")
SIZES = (320, 768, 1440)
QUICK = {"resultTypes": ["violations"], "preload": False}
EVERYTHING = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], **QUICK}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}, **QUICK}
"""The rules that look at colours: nothing else differs between light and dark, as a test of the style sheets says."""
RUN = """async (asked) => (await axe.run(document, asked)).violations.map(
    (one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`)"""
DRAWN_BY_A_FORM = frozenset({"/settings/probe", "/cases/{case}/forecast"})
"""Pages that answer a form; every other page has an address of its own."""
NO_PAGES = re.compile(r"/live$|/evidence/|/files/")
"""Streams and files."""


@dataclass
class Looked:
    """The pages that were looked at in one leaving, and what was found."""

    address: str
    visited: list[str] = field(default_factory=list)
    found: dict[str, list[str]] = field(default_factory=dict)

    def at(self, page: Page, when: str, paths: Iterable[str]) -> None:
        """Each of these pages: loaded once, and looked at in both schemes and every width."""
        for path in paths:
            page.goto(f"{self.address}{path}")
            self.here(page, f"{path}, {when}", path)

    def here(self, page: Page, name: str, path: str) -> None:
        """The page that is open: nothing shuts anybody out of it, and nothing is wider than the page."""
        self.visited.append(path)
        page.evaluate(AXE_SCRIPT)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            asked = EVERYTHING if scheme == "light" else COLOURS
            for width in SIZES:
                page.set_viewport_size({"width": width, "height": 900})
                wide = page.evaluate("document.documentElement.scrollWidth")
                wrong = [
                    *axed(page, asked),
                    *([f"{wide} pixels wide"] if wide > width else []),
                ]
                if wrong:
                    self.found[f"{name}, {scheme}, {width} px"] = wrong
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1200, "height": 860})

    def missed(self, app: FastAPI) -> set[str]:
        """The pages of the app that nobody looked at."""
        return {path for path in pages_of(app) if not any(_is(path, one) for one in self.visited)}


def axed(page: Page, asked: Mapping[str, object]) -> Iterator[str]:
    """What axe finds on the page as it stands; its script was put into the page before."""
    yield from page.evaluate(RUN, asked)


def faults(page: Page) -> list[str]:
    """What axe finds on a page that it was not put into yet."""
    page.evaluate(AXE_SCRIPT)
    return list(axed(page, EVERYTHING))


def pages_of(app: FastAPI) -> set[str]:
    """Every route that answers with a page."""
    told = app.openapi()["paths"]
    return {path for path, ways in told.items() if "get" in ways and not NO_PAGES.search(path)} | DRAWN_BY_A_FORM


def _is(route: str, path: str) -> bool:
    """True when this address is one of that route, and of no route that is more exact."""
    if path == "/cases/new":
        return route == path
    return re.fullmatch(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(route)), path.partition("?")[0]) is not None
