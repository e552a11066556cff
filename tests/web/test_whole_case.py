"""Screens about a whole case: preflight, facts, folder, forecast, withdrawal, timeline."""

import re
from pathlib import Path

import pytest
from markupsafe import escape

from fakes.browsers import Site
from fakes.houses import Stage, stage
from sendoff.engine.desk.deciding import PERSONS_WORD
from sendoff.model.case import Standing
from sendoff.model.digest import Json
from sendoff.model.state import StepId
from sendoff.rules.stepping import many_actions
from sendoff.web.facts import FACTS

CASE = "L00000001"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A case after its preflight; the first letter lies ready."""
    made = stage(tmp_path_factory.mktemp("whole-case"))
    made.opened()
    made.desk.preflight(made.who("erik"), CASE)
    made.desk.plan(made.who("carla"), CASE, StepId("confirm-termination"))
    return made


@pytest.fixture(scope="module")
def site(made: Stage) -> Site:
    return Site(made)


def standing(made: Stage) -> Standing:
    return made.desk.case(CASE).steps[StepId("confirm-termination")]


def test_what_a_preflight_found_is_there_after_the_pages_were_started_anew(made: Stage) -> None:
    text = Site(made).as_("paul").get(f"/cases/{CASE}/preflight").text
    kept = made.desk.prepared(CASE)
    assert kept is not None
    assert len(kept.findings) > 10
    assert all(escape(one.said) in text for one in kept.findings)
    held = sum(bool(one.in_the_way) for one in kept.steps)
    assert held
    assert f"{held} step{'s have' if held > 1 else ' has'} something in the way." in text
    assert f"By <bdi>{made.who('erik').name}</bdi>" in text


def test_a_preflight_again_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    own = stage(tmp_path)
    own.opened()
    assert own.desk.prepared(CASE) is None
    assert "No preflight was run" in Site(own).as_("erik").get(f"/cases/{CASE}/preflight").text
    first = own.desk.preflight(own.who("erik"), CASE)
    assert own.desk.prepared(CASE) == first
    second = own.desk.preflight(own.who("emma"), CASE)
    assert own.desk.prepared(CASE) == second
    last = own.desk.case(CASE).preflight
    assert last is not None
    assert last.by == own.who("emma").id


def test_every_fact_that_a_person_may_record_stands_on_the_page_of_the_case(site: Site) -> None:
    assert set(FACTS) == PERSONS_WORD
    text = site.as_("carla").get(f"/cases/{CASE}").text
    assert all(f'<option value="{kind}">' in text for kind in PERSONS_WORD)


def test_every_file_of_the_folder_is_handed_out_from_its_page(site: Site, made: Stage) -> None:
    carla = site.as_("carla")
    text = carla.get(f"/cases/{CASE}/folder").text
    files = made.desk.report(CASE)
    links = re.findall(rf'href="(/cases/{CASE}/files/[^"]+)"', text)
    assert len(links) == len(files) > 4
    for name, link in zip(sorted(files), links, strict=True):
        answer = carla.get(link)
        assert answer.status_code == 200, name
        assert answer.headers["content-disposition"].startswith("attachment")


def test_a_forecast_is_read_and_keeps_nothing(site: Site, made: Stage) -> None:
    before = made.desk.heads()[CASE]
    erik = site.as_("erik")
    erik.get(f"/cases/{CASE}")
    text = erik.post(f"/cases/{CASE}/forecast").text
    told = made.desk.forecast(CASE)
    assert all(str(escape(why)) in text for _, why in told.not_yet)
    assert text.count("<details><summary>") >= len(told.drawn) > 0
    assert made.desk.heads()[CASE] == before


def test_a_withdrawal_is_read_before_it_is_asked_and_agreed_to_by_another(tmp_path: Path) -> None:
    own = stage(tmp_path)
    own.opened()
    where, why = f"/cases/{CASE}/withdrawal", "the customer signed for another year"
    carla, paul = Site(own).as_("carla"), Site(own).as_("paul")
    assert "Ask a second person" in carla.get(where).text
    assert own.desk.case(CASE).withdrawal_asked is None
    carla.post(f"/cases/{CASE}/withdraw", reason=why)
    assert "Agree: the customer stays" not in carla.get(where).text
    page = paul.get(where).text
    assert "Agree: the customer stays" in page
    assert f'value="{why}"' in page
    paul.post(f"/cases/{CASE}/withdraw", reason=why)
    assert own.desk.case(CASE).withdrawn == why


def drawing(made: Stage) -> tuple[dict[str, Json], list[dict[str, Json]], list[dict[str, Json]]]:
    """The timeline of the case, its dates and its bars."""
    told = shaped_rows([made.desk.drawn(CASE)["timeline"]])[0]
    return told, shaped_rows(told["marks"]), shaped_rows(told["bars"])


def shaped_rows(value: Json) -> list[dict[str, Json]]:
    assert isinstance(value, list)
    return [one for one in value if isinstance(one, dict)]


def number(value: Json) -> int:
    assert isinstance(value, int)
    return value


def test_the_timeline_shows_today_and_the_dates_to_come_and_cuts_no_words(made: Stage) -> None:
    told, marks, bars = drawing(made)
    width, today = number(told["width"]), [one for one in marks if one["now"]]
    assert [str(one["label"])[:6] for one in today] == ["today,"]
    for one in marks:
        room = number(one["x"]) if one["flip"] else width - number(one["x"])
        assert room > 6 + 6.5 * len(str(one["label"])), one["label"]
    ahead = [one for one in bars if one["opens"]]
    assert ahead, "what removes waits for the end of the contract"
    assert all(number(one["opens"]) > number(today[0]["x"]) for one in ahead)
    assert all(str(one["opens_said"]).startswith("not before ") for one in ahead)
    for one in bars:
        lines = one["lines"]
        assert isinstance(lines, list)
        assert " ".join(map(str, lines)) == " ".join(str(one["full"]).split())


def test_one_action_waits_and_two_wait(made: Stage) -> None:
    assert standing(made).reason == "1 action waits for a second person's yes"
    assert many_actions(2_000) == "2,000 actions wait"
