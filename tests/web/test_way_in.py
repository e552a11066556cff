"""The way in: sessions, tokens, origins, names, sizes and headers. Nothing is done for a request that is not ours."""

import re
from pathlib import Path

import pytest

from fakes.browsers import HERE, OWN, Site
from fakes.houses import stage
from sendoff.model.people import PersonId
from sendoff.web.guard import HEADERS, LARGEST
from sendoff.web.sessions import IDLE, LONGEST, MOST, Sessions
from sendoff.web.visitor import COOKIE


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = stage(tmp_path_factory.mktemp("way-in"))
    made.opened()
    return Site(made)


def seq(site: Site) -> int:
    """How far the one case is."""
    return next(iter(site.stage.desk.heads().values()))


CASE = "L00000001"


def test_without_a_session_every_page_leads_to_the_way_in(site: Site) -> None:
    answer = site.nobody().get("/cases")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_the_way_in_has_a_button_for_each_of_the_cast(site: Site) -> None:
    text = site.nobody().get("/sign-in").text
    assert all(person.name in text for person in site.stage.house.register.people())


def test_the_cookie_cannot_be_read_by_a_script_nor_be_sent_from_elsewhere(site: Site) -> None:
    who = site.stage.who("erik").id
    answer = site.nobody().client.post("/sign-in", data={"person": who}, headers=OWN)
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(COOKIE)
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_nobody_can_be_somebody_who_is_not_in_the_register(site: Site) -> None:
    answer = site.nobody().client.post("/sign-in", data={"person": "robot"}, headers=OWN)
    assert answer.status_code == 409
    assert "set-cookie" not in answer.headers


def test_a_form_without_its_token_does_nothing(site: Site) -> None:
    erik, before = site.as_("erik"), seq(site)
    erik.token = "another"
    assert erik.post(f"/cases/{CASE}/halt", reason="stop at once").status_code == 403
    assert seq(site) == before


def test_the_token_of_another_session_does_nothing(site: Site) -> None:
    erik, emma, before = site.as_("erik"), site.as_("emma"), seq(site)
    erik.token = emma.token
    assert erik.post(f"/cases/{CASE}/halt", reason="stop at once").status_code == 403
    assert seq(site) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": HERE, "sec-fetch-site": "cross-site"},
        {"origin": HERE, "sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {},
    ],
)
def test_a_form_from_elsewhere_does_nothing(site: Site, headers: dict[str, str]) -> None:
    erik, before = site.as_("erik"), seq(site)
    assert erik.post(f"/cases/{CASE}/halt", headers=headers, reason="stop at once").status_code == 403
    assert seq(site) == before


def test_the_same_form_from_our_own_page_does_it(site: Site) -> None:
    erik, before = site.as_("erik"), seq(site)
    assert erik.post(f"/cases/{CASE}/halt", reason="stop at once").status_code == 200
    assert erik.post(f"/cases/{CASE}/halt", reason="go on again", state="off").status_code == 200
    assert seq(site) == before + 2


def test_a_server_that_is_called_by_another_name_answers_nothing(site: Site) -> None:
    answer = site.as_("erik").client.get("/", headers={"host": "evil.example:8080"})
    assert answer.status_code == 421


def test_what_is_too_large_is_not_read(site: Site) -> None:
    erik = site.as_("erik")
    answer = erik.client.post("/sign-out", content=b"x" * (LARGEST + 1), headers=OWN)
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/", "/sign-in", "/static/page.css", "/nowhere", f"/cases/{CASE}"])
def test_every_answer_has_the_headers_of_the_house(site: Site, path: str) -> None:
    answer = site.as_("erik").client.get(path)
    assert {name: answer.headers[name] for name in HEADERS} == dict(HEADERS)
    wanted = "no-cache" if path.startswith("/static/") else "no-store"
    assert answer.headers["cache-control"] == wanted


def test_no_page_has_a_script_or_a_style_of_its_own(site: Site) -> None:
    erik = site.as_("erik")
    for path in ("/", "/cases", f"/cases/{CASE}", f"/cases/{CASE}/journal", "/settings"):
        text = erik.get(path).text
        assert "<style" not in text
        assert " style=" not in text
        assert " onclick" not in text
        assert text.count("<script") == text.count('<script src="/static/')


def test_whoever_signs_out_is_signed_out_here_and_not_only_in_the_browser(site: Site) -> None:
    erik = site.as_("erik", follow=False)
    cookie = erik.client.cookies[COOKIE]
    assert erik.post("/sign-out").status_code == 303
    again = site.nobody()
    again.client.cookies.set(COOKIE, cookie)
    answer = again.get("/")
    assert answer.headers["location"] == "/sign-in"


def test_what_the_desk_refuses_is_said_with_a_way_back(site: Site) -> None:
    answer = site.as_("erik").post(f"/cases/{CASE}/close")
    assert answer.status_code == 409
    assert "this takes Practice Lead" in answer.text
    assert f'href="/cases/{CASE}"' in answer.text


def test_a_page_there_is_not_has_a_way_on(site: Site) -> None:
    for path in ("/nowhere", "/cases/L99999999", f"/cases/{CASE}/steps/nothing"):
        answer = site.as_("erik").get(path)
        assert answer.status_code in (404, 422)
        assert 'class="button"' in answer.text


class Time:
    """A clock that stands where it is put."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_session_ends_when_nobody_looks_and_in_any_case() -> None:
    time = Time()
    sessions = Sessions(time)
    idle, busy = sessions.begin(PersonId("p-1")), sessions.begin(PersonId("p-2"))
    assert sessions.find(idle) is not None
    while time.now < LONGEST - IDLE / 2:
        time.now += IDLE / 2
        assert sessions.find(busy) is not None
    assert sessions.find(idle) is None
    time.now = LONGEST + 1
    assert sessions.find(busy) is None


def test_sessions_are_bounded_and_the_one_idle_longest_goes() -> None:
    time = Time()
    sessions = Sessions(time)
    first = sessions.begin(PersonId("p-0"))
    for number in range(MOST):
        time.now += 0.001
        sessions.begin(PersonId(f"p-{number}"))
    assert sessions.find(first) is None


def test_a_cookie_that_we_never_gave_is_nobody() -> None:
    sessions = Sessions()
    sessions.begin(PersonId("p-1"))
    assert sessions.find("") is None
    assert sessions.find("x" * 43) is None


def test_light_and_dark_differ_in_colours_and_in_nothing_else() -> None:
    folder = Path(__file__).parents[2] / "src" / "sendoff" / "web" / "static"
    sheets = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.css")}
    assert [name for name, text in sheets.items() if "prefers-color-scheme" in text or "light-dark(" in text] == [
        "tokens.css"
    ]
    dark = sheets["tokens.css"].partition("@media (prefers-color-scheme: dark)")[2]
    told = [one.strip() for one in re.findall(r"[{;]\s*([\w-]+)\s*:", dark)]
    assert told
    assert all(name.startswith("--") for name in told)


def test_the_files_of_others_are_as_they_came() -> None:
    import hashlib

    folder = Path(__file__).parents[2] / "src" / "sendoff" / "web" / "static"
    found = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("htmx.min.js", "hx-sse.min.js")
    }
    assert found == {
        "htmx.min.js": "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
        "hx-sse.min.js": "18ef2761356ec1fe0bb6d92612315b37517a7c1e9856b661c5ae81fef239d103",
    }
