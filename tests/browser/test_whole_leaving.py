"""A whole Full Stack leaving with a mouse, and what shuts people out looked for on every page."""

from pathlib import Path

import pytest
from playwright.sync_api import Route

from browser.conftest import Served, clicked
from browser.people_at_pages import BY_KEYBOARD, People
from browser.shut_out import COLOURS, Looked, axed, faults

BEGUN = ("", "/journal", "/inventory", "/letters", "/preflight", "/certificate", "/folder", "/withdrawal")
MIDWAY = ("", "/inventory", "/letters", "/preflight", "/steps/remove-resources")
ENDED = ("", "/certificate", "/inventory", "/letters", "/steps/remove-resources", "/steps/nothing")


@pytest.fixture(scope="module")
def looked(served: Served) -> Looked:
    return Looked(served.address)


@pytest.fixture(scope="module")
def left(served: Served, looked: Looked, tmp_path_factory: pytest.TempPathFactory) -> People:
    """The leaving, told to its end. Pages are looked at as they begin, and again when a great plan lies ready."""
    evidence = tmp_path_factory.mktemp("evidence") / "seen.txt"
    evidence.write_text("seen in the vendor's own page", encoding="utf-8")
    people = People(served, evidence, midway=lambda: midway(served, looked))
    paul = served.seat("paul")
    looked.at(paul, "begun", ["/sign-in", "/", "/cases", "/cases/new", "/settings", *of_case(served, BEGUN)])
    people.leave()
    return people


def midway(served: Served, looked: Looked) -> None:
    """The same pages while they are full: findings, unknown things, letters, a plan with its yes and no."""
    paul = served.seat("paul")
    looked.at(paul, "midway", ["/", *of_case(served, MIDWAY)])
    for path in ("", "/letters", "/preflight", "/steps/remove-resources"):
        served.pictures("paul", path)
    served.to("paul")
    clicked(paul, "See the forecast")
    looked.here(paul, "the forecast", f"/cases/{served.case.id}/forecast")
    paul.goto(f"{served.address}/settings")
    clicked(paul, "Try every key")
    looked.here(paul, "every key tried", "/settings/probe")


def of_case(served: Served, paths: tuple[str, ...]) -> list[str]:
    return [f"/cases/{served.case.id}{path}" for path in paths]


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


def test_one_yes_was_given_with_the_keyboard_alone(left: People) -> None:
    step = left.case.steps[BY_KEYBOARD]
    assert step.approval is not None
    assert step.approval.by == left.at.house.register.person("mila").id
    assert f"approved {BY_KEYBOARD} by the keyboard" in left.deeds


def test_nothing_shuts_anybody_out_of_any_page(left: People, looked: Looked) -> None:
    looked.at(left.at.seat("paul"), "ended", of_case(left.at, ENDED))
    assert looked.missed(left.at.app) == set()
    assert looked.found == {}


def test_a_page_that_nobody_looked_at_is_missed(left: People, looked: Looked) -> None:
    fewer = Looked(looked.address, [path for path in looked.visited if not path.endswith("/folder")])
    assert fewer.missed(left.at.app) == {"/cases/{case}/folder"}


def test_a_planted_fault_is_found(left: People) -> None:
    page = left.at.to("paul")
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/static/icon.svg\">'"
        " + '<input>' + '<p id=pale>pale</p>');"
        "const pale = document.querySelector('#pale').style; pale.color = '#999'; pale.background = '#bbb'"
    )
    found = " ".join(faults(page))
    page.emulate_media(color_scheme="dark")
    assert "color-contrast" in " ".join(axed(page, COLOURS))
    page.emulate_media(color_scheme="light")
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
    # A page that moved is the page it was: nothing was written into what the back button knows.
    assert looks.evaluate("history.state") is None


def test_a_page_moves_also_when_a_part_of_it_came_late(left: People) -> None:
    page, held = left.at.seat("erik"), list[Route]()
    page.route("**/hx-sse.min.js", lambda route: held.append(route))
    page.goto(f"{left.at.address}/cases/{left.at.another()}", wait_until="commit")
    # The page is read, and htmx had its chance to begin without the part that listens.
    page.wait_for_selector("footer.foot")
    page.evaluate("new Promise((then) => setTimeout(then, 100))")
    with page.expect_request("**/live?*"):
        held[0].continue_()
    page.unroute("**/hx-sse.min.js")
