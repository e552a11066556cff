"""A whole Full Stack leaving with a mouse, and what shuts people out looked for on every kind of page."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from browser.conftest import Served
from browser.people_at_pages import People

SCHEMES = ("light", "dark")
SIZES = (320, 768, 1440)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PATHS = ("", "/journal", "/inventory", "/letters", "/preflight", "/certificate")


@pytest.fixture(scope="module")
def left(served: Served, tmp_path_factory: pytest.TempPathFactory) -> People:
    """The leaving, told to its end."""
    evidence = tmp_path_factory.mktemp("evidence") / "seen.txt"
    evidence.write_text("seen in the vendor's own page", encoding="utf-8")
    people = People(served, evidence)
    check(served, "begun", ["/sign-in", "/", "/cases", "/cases/new", "/settings", *of_case(served, PATHS)])
    people.leave()
    return people


def of_case(served: Served, paths: tuple[str, ...]) -> list[str]:
    return [f"/cases/{served.case.id}{path}" for path in paths]


def check(served: Served, when: str, paths: list[str]) -> None:
    """Nothing on these pages shuts anybody out: light and dark, narrow and wide, and nothing is wider than the page."""
    found: dict[str, list[str]] = {}
    page = served.seat("paul")
    for path in paths:
        page.goto(f"{served.address}{path}")
        for scheme, width in product(SCHEMES, SIZES):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth")
            wrong = [*faults(page), *([f"{wide} pixels wide"] if wide > width else [])]
            if wrong:
                found[f"{path}, {when}, {scheme}, {width} px"] = wrong
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1200, "height": 860})
    assert found == {}


def faults(page: Page) -> Iterator[str]:
    """What axe finds."""
    for one in Axe().run(page, options=RULES).response["violations"]:
        yield f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}"


def test_a_customer_leaves_by_the_pages_alone(left: People) -> None:
    case = left.case
    assert case.outcome == "clean"
    people = {one.approval.by for one in case.steps.values() if one.approval}
    people |= {one.proposer for one in case.steps.values() if one.proposer}
    assert len(people) == 5
    page = left.at.to("paul", "/certificate?lang=en")
    assert page.locator(".answer h1").inner_text().startswith("Clean: nothing of ours is left at Van der Meer")
    left.at.picture(page, "certificate")
    page.get_by_role("link", name="Verify it").click()
    assert "INTACT" in page.locator("#verify ~ .notice").inner_text()
    left.at.picture(left.at.to("paul"), "case", whole=True)
    left.at.picture(left.at.to("paul"), "case-top")


def test_no_page_complained_of_anything(left: People) -> None:
    assert left.at.wrong == []


def test_nothing_shuts_anybody_out_of_an_ended_case(left: People) -> None:
    paths = ("", "/certificate", "/inventory", "/letters", "/steps/remove-resources", "/steps/nothing")
    check(left.at, "ended", of_case(left.at, paths))


def test_a_planted_fault_is_found(left: People) -> None:
    page = left.at.to("paul")
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/static/icon.svg\">'"
        " + '<input>' + '<p id=pale>pale</p>');"
        "const pale = document.querySelector('#pale').style; pale.color = '#bbb'; pale.background = '#fff'"
    )
    found = " ".join(faults(page))
    assert "image-alt" in found
    assert "label" in found
    assert "color-contrast" in found


def test_the_pages_are_walked_with_the_keyboard_alone(left: People) -> None:
    page = left.at.seat("paul")
    page.goto(f"{left.at.address}/cases?show=all")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('table') !== null && document.activeElement.tagName === 'A'"):
            break
    where = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{where}")
    assert where.startswith("/cases/L")


def test_a_page_moves_by_itself_for_who_looks(left: People, tmp_path: Path) -> None:
    looks, acts = left.at.seat("erik"), left.at.seat("carla")
    second = left.at.another()
    looks.goto(f"{left.at.address}/cases/{second}")
    looks.wait_for_selector("#live")
    acts.goto(f"{left.at.address}/cases/{second}/steps/meet")
    acts.get_by_text("Leave it undone, or stop it").click()
    acts.locator("#stop-why").fill("the customer called and asked to wait")
    acts.get_by_role("button", name="Stop", exact=True).click()
    # In the checklist: the picture of the timeline says it too, to who points at it.
    looks.locator("#live td", has_text="the customer called and asked to wait").first.wait_for(timeout=20_000)
