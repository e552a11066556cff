"""A browser without a window: the pages of a stage, asked as our own pages would ask them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from threading import Event

import httpx2
from starlette.testclient import TestClient

from fakes.houses import Stage
from sendoff.web.app import app_for, pages_for
from sendoff.web.pages import Pages

HERE = "http://127.0.0.1:8080"
OWN = {"origin": HERE, "sec-fetch-site": "same-origin"}
Answer = httpx2.Response
Files = dict[str, tuple[str, bytes, str]]


@dataclass
class Browser:
    """One person's browser. Forms are sent with the token that the last page of it held."""

    client: TestClient
    token: str = ""

    def get(self, path: str) -> Answer:
        """A page."""
        answer = self.client.get(path)
        self._learn(answer)
        return answer

    def post(
        self,
        path: str,
        form: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] = OWN,
        files: Files | None = None,
        **more: str,
    ) -> Answer:
        """A form of ours, sent as our own page would."""
        told = {"token": self.token, **(form or {}), **more}
        answer = self.client.post(path, data=told, files=files, headers=dict(headers))
        self._learn(answer)
        return answer

    def _learn(self, answer: Answer) -> None:
        found = re.search(r'name="token" value="([^"]+)"', answer.text)
        self.token = unescape(found.group(1)) if found else self.token


@dataclass
class Site:
    """The pages over a stage, without a thread: the shelf is read when somebody asks for it."""

    stage: Stage
    pages: Pages = field(init=False)

    def __post_init__(self) -> None:
        self.pages = pages_for(self.stage.house)
        self.app = app_for(self.pages)

    def nobody(self, *, follow: bool = False) -> Browser:
        """A browser in which nobody is signed in."""
        return Browser(TestClient(self.app, base_url=HERE, follow_redirects=follow))

    def as_(self, login: str, *, follow: bool = True) -> Browser:
        """A browser in which this person is signed in."""
        self.fresh()
        made = self.nobody(follow=follow)
        made.client.post("/sign-in", data={"person": self.stage.who(login).id}, headers=OWN)
        made.get("/")
        return made

    def fresh(self) -> None:
        """Bring the lists up to date, as the tailer would."""
        self.pages.shelf.fresh(Event())
