"""The screens of a case that has ended: the certificate in two languages, verified on the page."""

import pytest

from fakes.browsers import Site
from fakes.leavings import Told, told
from sendoff.model.template import Tier


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return told(Tier.CSP, tmp_path_factory.mktemp("ended"))


@pytest.mark.parametrize(("language", "begins"), [("nl", "Schoon: bij "), ("en", "Clean: nothing of ours is left at ")])
def test_the_certificate_begins_with_the_plain_answer(story: Told, language: str, begins: str) -> None:
    text = Site(story.stage).as_("erik").get(f"/cases/{story.case.id}/certificate?lang={language}").text
    answer = text.partition("<h1><bdi>")[2]
    assert answer.startswith(begins)
    assert f'<html lang="{language}">' in text


def test_the_certificate_is_verified_on_its_page(story: Told) -> None:
    text = Site(story.stage).as_("erik").get(f"/cases/{story.case.id}/certificate?check=true").text
    assert "INTACT, SIGNER NOT CHECKED" in text
    assert "REHEARSAL" in text
    assert "wrong:" not in text


def test_a_case_that_ended_says_so_everywhere_and_offers_nothing_to_do(story: Told) -> None:
    paul = Site(story.stage).as_("paul")
    assert "See the certificate" in paul.get(f"/cases/{story.case.id}").text
    assert story.case.id in paul.get("/cases?show=closed").text
    assert story.case.id not in paul.get("/").text
    for step in story.case.steps:
        text = paul.get(f"/cases/{story.case.id}/steps/{step}").text
        assert "<button" not in text.partition("<main")[2].replace("<button>Find</button>", "")


def test_what_came_of_each_object_stands_beside_it(story: Told) -> None:
    text = Site(story.stage).as_("erik").get(f"/cases/{story.case.id}/steps/remove-lighthouse").text
    assert "then gone:" in text


def test_no_key_is_held_any_more(story: Told) -> None:
    keys = story.stage.desk.keys(story.case.id)
    assert keys
    assert [key.key for key in keys if key.held] == []
