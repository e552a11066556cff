"""A served sandbox with its worker, and Debian's Chromium; what people see is kept as pictures."""

import os
import shutil
import socket
import threading
import tomllib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import tomli_w
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright

from sendoff.engine.desk import read_checklist
from sendoff.model.case import Case
from sendoff.model.template import Tier
from sendoff.web.app import app_for, pages_for
from sendoff.web.pages import Pages
from sendoff.wiring import House, wired
from sendoff.wiring.factsfile import read_facts
from sendoff.wiring.leaving import Leaving
from sendoff.wiring.rehearsal import started
from sendoff.wiring.service import serve
from sendoff.wiring.shipped import checklist

CHROMIUM = shutil.which("chromium") or ""
PICTURES = Path(os.environ.get("PICTURES", "build/pictures"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of it needs a browser; where the gate runs, a missing one is a fault."""
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            # Threads of the worker end with their connections open, and the collector closes those.
            for kind in ("ResourceWarning", "pytest.PytestUnraisableExceptionWarning"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore::{kind}"))
            if not CHROMIUM and "CI" not in os.environ:
                item.add_marker(pytest.mark.skip(reason="no Chromium here: apt-get install chromium"))


def answered(page: Page) -> AbstractContextManager[object]:
    """What is done within leads to another page, and that page is there.

    A new document has to come: a script that writes the history of the page it stands on moves it nowhere, and who
    went on then would call back the form that is still on its way.
    """
    return page.expect_event("load", timeout=60_000)


def clicked(page: Page, label: str) -> None:
    """A button of a form is pressed, and the page that answers is there."""
    with answered(page):
        page.get_by_role("button", name=label, exact=True).click()


@dataclass
class Served:
    """The pages on a port, with a case that was just opened."""

    house: House
    pages: Pages
    address: str
    case: Case
    browser: Browser
    folder: Path
    app: FastAPI
    seats: dict[str, Page] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    """What a page complained of: a script that failed, or something that the policy of the page shut out."""

    def seat(self, login: str) -> Page:
        """The browser of one person, signed in by a click."""
        if login not in self.seats:
            page = self.browser.new_context(viewport={"width": 1200, "height": 860}).new_page()
            page.on("pageerror", lambda failed: self.wrong.append(str(failed)))
            page.on(
                "console",
                lambda said: self.wrong.append(f"{said.text} {said.location}") if said.type == "error" else None,
            )
            page.goto(f"{self.address}/sign-in")
            page.get_by_role("button", name=self.house.register.person(login).name).click()
            page.wait_for_url(f"{self.address}/")
            self.seats[login] = page
        return self.seats[login]

    def to(self, login: str, path: str = "") -> Page:
        """One person opens a page of the case."""
        page = self.seat(login)
        page.goto(f"{self.address}/cases/{self.case.id}{path}")
        return page

    def another(self) -> str:
        """Another case of the same customer, just opened; its number."""
        return opened(self.house, self.folder).id

    def pictures(self, login: str, path: str) -> None:
        """Keep how a page of the case looks on a desk by day, and on a telephone at night."""
        page, name = self.to(login, path), path.rpartition("/")[2] or "overview"
        self.picture(page, f"{name}-desk", whole=True)
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 320, "height": 720})
        self.picture(page, f"{name}-telephone", whole=True)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1200, "height": 860})

    def picture(self, page: Page, name: str, *, whole: bool = False) -> None:
        """Keep what a page looks like."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def served(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served") / "sandbox"
    sandbox = started(folder, 1, Leaving(tier=Tier.FULL_STACK))
    with_a_fifth(folder / "sendoff.toml")
    house = wired(folder / "sendoff.toml")
    case, pages = opened(house, folder), pages_for(house)
    listening = socket.create_server(("127.0.0.1", 0))
    app = app_for(pages)
    config = uvicorn.Config(app, log_level="warning", access_log=False, ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    said: list[str] = []
    threads = [
        threading.Thread(target=server.run, kwargs={"sockets": [listening]}),
        threading.Thread(
            target=serve, args=(house,), kwargs={"say": said.append, "threads": 4, "stopping": pages.stopping}
        ),
    ]
    for thread in threads:
        thread.start()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        yield Served(house, pages, address, case, browser, folder, app)
    finally:
        server.should_exit = True
        pages.stopping.set()
        for thread in threads:
            thread.join(timeout=30)
        sandbox.stop()


def with_a_fifth(file: Path) -> None:
    """A second CSM, so that what one of them plans another approves."""
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    mila = {"id": "p-3f9a72", "name": "Mila Visser", "roles": ["CSM"], "logins": ["mila"]}
    file.write_text(tomli_w.dumps({**told, "people": [*told["people"], mila]}), encoding="utf-8")


def opened(house: House, folder: Path) -> Case:
    """The case, opened by Carla."""
    carla, notice = house.register.person("carla"), (folder / "notice.eml").read_bytes()
    facts = read_facts(folder / "facts.toml", house.provider, carla.id, notice)
    template = read_checklist(checklist(), "templates/offboarding.md")
    return house.desk.open_case(carla, template, facts, by_hand={}, notice=notice)
