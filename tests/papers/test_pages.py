"""Pages: whole in themselves, readable, and no value in them acts."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

import sendoff.papers
from fakes.html_reader import page_of
from fakes.papers_case import Told, closed, halfway
from sendoff.engine.reporting import report
from sendoff.model.digest import Json
from sendoff.model.errors import BadInput
from sendoff.papers.rendering import JinjaPapers, page_environment, pages

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)' x-evil='",
    "</style></title></svg><script>alert(1)</script>",
    "{{ 7*191 }}{% raw %}",
    "=cmd()|' /C calc'!A0",
    "\u202egnp.exe\u2066",
    "N" * 10_000,
    "a\nb\r\nc\x00d",
)
LEFT_AS_IT_IS = {"href", "zone", "look"}
"""Closed sets of ours: names of files, a zone, a CSS class."""
START: Mapping[str, Json] = {
    "title": "A rehearsal",
    "sentence": "Fabrikam left.",
    "customer": "Fabrikam",
    "tier": "full-stack",
    "links": [{"href": "fabrikam/report.html", "label": "The case", "what": "line by line"}],
    "commands": ["sendoff certificate verify certificate.json"],
    "numbers": [{"label": "removed", "value": 212}],
}
WORLD: Mapping[str, Json] = {
    "customers": [
        {
            "name": "Fabrikam",
            "leaves": True,
            "before": "sha256:" + "a" * 64,
            "after": "sha256:" + "b" * 64,
            "changed": [{"object": "vm-1", "change": "gone", "by": "lighthouse"}],
        },
        {"name": "Tailwind", "leaves": False, "before": "x", "after": "x", "changed": []},
    ],
    "effects": [{"at": "2027-01-04T08:00:00+00:00", "who": "lighthouse", "verb": "DELETE", "object": "vm-1"}],
    "verdict": "Only Fabrikam changed.",
}
AS_BUILT: Mapping[str, Json] = {
    "title": "As built: Fabrikam",
    "customer": "Fabrikam",
    "subscription": "prod",
    "complete": False,
    "missing": ["vm-1 could not be read"],
    "withheld": "withheld, in the customer's cut",
    "figures": [{"label": "resources", "value": "2"}],
    "sections": [
        {"heading": "Resources", "columns": ["Name", "Type"], "rows": [["vm-1", "virtualMachines"]]},
        {"heading": "Locks", "columns": ["Name"], "rows": []},
    ],
}


class Listening(JinjaPapers):
    """Remembers the values of every page."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: dict[str, Mapping[str, Json]] = {
            "start-here": START,
            "world-diff": WORLD,
            "as-built": AS_BUILT,
        }

    def page(self, name: str, values: Mapping[str, Json]) -> bytes:
        self.heard[name] = values
        return super().page(name, values)


@pytest.fixture(scope="module")
def values() -> Mapping[str, Mapping[str, Json]]:
    """The values of every page there is, from a case that has ended."""
    papers = Listening()
    told = closed(Told(papers=papers))
    report(told.ports(), told.case)
    return papers.heard


def _with(value: Json, hostile: str) -> Json:
    """Every text within replaced, but for closed sets of ours."""
    if isinstance(value, str):
        return hostile
    if isinstance(value, list):
        return [_with(one, hostile) for one in value]
    if isinstance(value, dict):
        return {key: one if key in LEFT_AS_IT_IS else _with(one, hostile) for key, one in value.items()}
    return value


def _hostile(values: Mapping[str, Json], hostile: str) -> dict[str, Json]:
    return {key: one if key in LEFT_AS_IT_IS else _with(one, hostile) for key, one in values.items()}


def test_every_page_there_is_has_values_here(values: Mapping[str, Mapping[str, Json]]) -> None:
    assert set(values) == set(pages())


@pytest.mark.parametrize("name", pages())
def test_a_page_is_whole_html_with_one_h1_a_language_and_nothing_from_outside(
    name: str, values: Mapping[str, Mapping[str, Json]]
) -> None:
    page = page_of(JinjaPapers().page(name, values[name]))
    assert page.faults == []
    assert page.count("h1") == 1
    assert dict(page.tags)["html"] == {"lang": "en"}
    assert page.external() == []
    assert page.foreign() == []
    assert page.count("script") == 0


@pytest.mark.parametrize("name", pages())
def test_every_table_has_a_caption_and_every_head_cell_a_scope(
    name: str, values: Mapping[str, Mapping[str, Json]]
) -> None:
    page = page_of(JinjaPapers().page(name, values[name]))
    assert page.count("table") == page.count("caption")
    assert [carried for tag, carried in page.tags if tag == "th" and carried.get("scope") not in ("col", "row")] == []


@pytest.mark.parametrize("name", pages())
def test_without_escaping_the_reader_finds_what_a_value_did(
    name: str, values: Mapping[str, Mapping[str, Json]]
) -> None:
    open_wide = JinjaPapers(page_environment(escape=False))
    page = page_of(open_wide.page(name, _hostile(values[name], "</bdi><script>alert(1)</script><bdi>")))
    assert "script" in page.foreign()


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("name", pages())
def test_a_hostile_value_is_shown_and_does_nothing(
    name: str, hostile: str, values: Mapping[str, Mapping[str, Json]]
) -> None:
    data = JinjaPapers().page(name, _hostile(values[name], hostile))
    page = page_of(data)
    assert page.faults == []
    assert page.foreign() == []
    assert page.external() == []
    assert not {"\u202e", "\u2066", "\x00", "\r"} & set(data.decode())
    assert "N" * 601 not in data.decode()
    assert "1337" not in "".join(page.text)


def test_a_template_in_a_value_stays_text() -> None:
    text = "".join(page_of(JinjaPapers().page("start-here", {**START, "sentence": "{{ 7*7 }}"})).text)
    assert "{{ 7*7 }}" in text


def test_what_cannot_be_seen_is_made_visible() -> None:
    text = "".join(page_of(JinjaPapers().page("start-here", {**START, "customer": "invoice\u202efdp.exe"})).text)
    assert "invoice[U+202E]fdp.exe" in text


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "https://a.example/", "//a.example", "/etc/passwd", "../x", ""]
)
def test_a_link_out_of_the_folder_is_refused(href: str) -> None:
    links: Json = [{"href": href, "label": "x", "what": "x"}]
    with pytest.raises(BadInput, match="not a file beside this page"):
        JinjaPapers().page("start-here", {**START, "links": links})


@pytest.mark.parametrize("missing", sorted(START))
def test_a_missing_value_is_refused_by_name(missing: str) -> None:
    given = {name: value for name, value in START.items() if name != missing}
    with pytest.raises(BadInput, match=missing):
        JinjaPapers().page("start-here", given)


def test_a_missing_value_deep_inside_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="what"):
        JinjaPapers().page("start-here", {**START, "links": [{"href": "a.html", "label": "a"}]})


@pytest.mark.parametrize("name", ["layout", "parts", "nothing", "../letters/meeting.nl.txt", ""])
def test_an_unknown_page_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="there is no page"):
        JinjaPapers().page(name, START)


def test_a_customer_who_stays_and_changed_is_not_shown_as_unchanged() -> None:
    stays: Json = {"name": "T", "leaves": False, "before": "a", "after": "b", "changed": []}
    text = "".join(page_of(JinjaPapers().page("world-diff", {**WORLD, "customers": [stays]})).text)
    assert "changed, and must not be" in text


def test_an_open_case_has_empty_states_that_say_what_they_mean() -> None:
    told = Told()
    told.open(halfway(Told()).case.facts)
    files = report(told.ports(), told.case)
    assert b"No step has a plan yet, so nothing is going to be touched" in files["why-each-object.html"]
    assert b"Nobody has looked yet" in files["report.html"]
    assert b"No parcel was sealed" in files["report.html"]
    assert b"No approval is waiting to be used" in files["exit-plan.html"]


# ---- colours: WCAG 2.2, 1.4.3 --------------------------------------------------------------------------------------

_PAIRS = [
    *((ink, ground) for ink in ("ink", "soft", "accent", "said", "bad") for ground in ("paper", "card", "stripe")),
    ("good", "good-soft"),
    ("said", "said-soft"),
    ("off", "off-soft"),
    ("bad", "bad-soft"),
    ("accent", "accent-soft"),
    ("paper", "accent"),
]


def _palettes() -> list[dict[str, str]]:
    folder = Path(sendoff.papers.__file__).parent / "templates" / "pages"
    found = re.findall(r":root \{([^}]*)\}", (folder / "layout.html").read_text())
    return [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", one)) for one in found]


def _light(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(one * 2 for one in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("pair", _PAIRS)
def test_words_stand_out_from_their_ground_in_light_dark_and_print(pair: tuple[str, str]) -> None:
    palettes = _palettes()
    assert len(palettes) == 3
    for palette in palettes:
        above, below = sorted((_light(palette[pair[0]]), _light(palette[pair[1]])), reverse=True)
        assert (above + 0.05) / (below + 0.05) >= 4.5, (pair, palette)
