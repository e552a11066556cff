"""F20: anyone with the link approves, and a scanner of mail opens it. Here every address is opened: nothing moves."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from fakes.browsers import HERE, OWN, Browser, Site
from fakes.houses import Stage, stage
from fakes.leavings import planned, rows, standing
from sendoff.model.case import Case
from sendoff.model.state import State

STEP = "confirm-termination"
ADDRESS = re.compile(r"""(?:href|src|action|hx-get|hx-post|sse-connect|hx-sse:connect)=["']([^"'#]+)""")
ENOUGH = 60
"""More addresses than a page alone has."""


def laid_ready(folder: Path) -> tuple[Site, Case]:
    """A plan waits for a yes, and everything else that can be pressed can be pressed."""
    one = stage(folder)
    case = one.opened()
    one.desk.preflight(one.who("erik"), case.id)
    planned(one, case, STEP, "carla")
    return Site(one), one.desk.case(case.id)


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, Case]:
    """For those who only look."""
    return laid_ready(tmp_path_factory.mktemp("scanned"))


def opened(browser: Browser, start: str) -> Iterator[str]:
    """Every address that can be come to from a page, asked for as a scanner does; a stream is not waited for."""
    waits, seen = [start], {start}
    while waits:
        path = waits.pop(0)
        if path.partition("?")[0].endswith("/live"):
            continue
        answer = browser.client.request("GET", path, headers={"user-agent": "mail-scanner"}, follow_redirects=True)
        browser.client.request("HEAD", path, follow_redirects=True)
        yield path
        if "html" not in answer.headers.get("content-type", ""):
            continue
        for found in map(unescape, ADDRESS.findall(answer.text)):
            near = found.removeprefix(HERE)
            if near.startswith("/") and near not in seen:
                seen.add(near)
                waits.append(near)


def stands(one: Stage, case: Case) -> tuple[object, ...]:
    """How far every case is, what the outside heard of us, and that the plan still waits."""
    heard = len(rows(one.control("GET", "/effects")))
    return one.desk.heads(), heard, standing(one, case, STEP).state, standing(one, case, STEP).approval


@pytest.mark.parametrize("login", ["paul", "carla", ""])
def test_f20_whoever_opens_every_address_there_is_decides_nothing(waiting: tuple[Site, Case], login: str) -> None:
    site, case = waiting
    before = stands(site.stage, case)
    browser = site.as_(login) if login else site.nobody()
    went = list(opened(browser, f"/cases/{case.id}/steps/{STEP}"))
    assert stands(site.stage, case) == before and before[2:] == (State.PLANNED, None)
    if login:
        assert len(went) > ENOUGH and any(path.endswith("/approve") for path in went), "also what a button asks for"


def test_f20_a_yes_is_bound_to_the_person_whose_page_it_was_made_for(tmp_path: Path) -> None:
    site, case = laid_ready(tmp_path)
    before = stands(site.stage, case)
    digest = str(standing(site.stage, case, STEP).plan)
    paul, carla = site.as_("paul"), site.as_("carla")
    path = f"/cases/{case.id}/steps/{STEP}/approve"
    form = {"digest": digest, "token": paul.token}
    assert carla.client.post(path, data=form, headers=OWN).status_code == 403, "the link of another person"
    assert site.nobody().client.post(path, data=form, headers=OWN).status_code == 401, "the link without a session"
    assert stands(site.stage, case) == before
    assert paul.post(path, {"digest": digest}).status_code == 200
    assert standing(site.stage, case, STEP).state is not State.PLANNED, "the person themselves, from their own page"
