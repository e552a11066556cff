"""Any text: what is found in it, what is said about it, and that nothing is lost."""

import cmarkgfm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sendoff.model.errors import BadInput
from sendoff.model.people import Role
from sendoff.model.template import BoxKind, Level, Template, Tier
from sendoff.rules.reading import LARGEST, read, rendered, ticked
from sendoff.steps import ALL

HEAD = "---\nname: Test\nabout: v1.0\n---\n"


def reading(text: str | bytes) -> Template:
    return read(text.encode() if isinstance(text, str) else text, source="test.md", steps=ALL)


def said(template: Template, level: Level) -> list[tuple[int, str]]:
    return [(one.line, one.message) for one in template.diagnostics if one.level is level]


def on_github(text: str) -> tuple[int, int]:
    """How many boxes GitHub's own parser shows, and how many of them ticked."""
    page = cmarkgfm.github_flavored_markdown_to_html(text)
    return page.count('type="checkbox"'), page.count('checked=""')


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        (b"", 1, "empty"),
        (b" \n\n ", 1, "empty"),
        (b"\xef\xbb\xbf", 1, "empty"),
        (b"\x1c", 1, "no boxes"),
        ("\u00a0\n".encode(), 1, "no boxes"),
        (b"- [ ] a\n\xff\xfe\n", 2, "UTF-8"),
        (b"- [ ] a\r\nb\r\n\x00", 3, "NUL"),
        (b"- [ ] a\n" * (LARGEST // 8 + 1), 1, "at most"),
        (b"only words\n", 1, "no boxes"),
        (b"---\nname: a\n- [ ] b\n", 1, "front matter"),
        (b"[---\nname: a\n---\n- [ ] b\n", 1, "front matter"),
        (b"---\nname: a\nabout: [b\n---\n- [ ] c\n", 3, "front matter"),
        (b"---\njust words\n---\n- [ ] c\n", 2, "front matter"),
        (b"---\na: " + b"[" * 9000 + b"\n---\n- [ ] c\n", 1, "front matter"),
        (b"---\na: " + b"x" * 20000 + b"\n---\n- [ ] c\n", 1, "front matter"),
    ],
)
def test_what_cannot_be_used_is_an_error_with_its_line(text: bytes, line: int, word: str) -> None:
    errors = said(reading(text), Level.ERROR)

    assert any(at == line and word in message for at, message in errors), errors
    assert rendered(reading(text)) == text


def test_a_sound_file_has_nothing_said_about_it() -> None:
    template = reading(HEAD + "### Stage 0\n- [ ] Customer has send a notice of contract termination\n")

    assert template.diagnostics == ()
    assert template.front.version == "v1.0"


def test_a_body_is_read_although_its_front_matter_is_broken() -> None:
    template = reading("[---\nname: a\n---\n- [ ] Engineer >> Remove Azure Lighthouse\n")

    assert [(box.line, box.step) for box in template.boxes] == [(4, "remove-lighthouse")]


def test_labels_stay_texts_whatever_yaml_thinks_of_them() -> None:
    template = reading("---\nname: 1\nabout: v2\nlabels: [Yes, 007, on]\nassignees: anna, bob\n---\n- [ ] a\n")

    assert template.front.labels == ("Yes", "007", "on")
    assert template.front.assignees == ("anna", "bob")


def test_line_ends_and_byte_order_mark_are_kept_and_said() -> None:
    text = b"\xef\xbb\xbf- [ ] Engineer >> Remove Azure Lighthouse\r\n- [x] CSM >> Disable access to Reassure\r\n"
    template = reading(text)

    assert [(box.line, box.ticked) for box in template.boxes] == [(1, False), (2, True)]
    assert [line for line, message in said(template, Level.WARNING) if "kept" in message] == [1, 1]
    assert ticked(template, {1: True, 2: False}) == text.replace(b"[x]", b"[]").replace(b"[ ]", b"[x]").replace(
        b"[]", b"[ ]"
    )


def test_nested_and_numbered_boxes_are_found_with_their_depth() -> None:
    template = reading("- [ ] a\n  - [ ] b\n    1. [X] c\n\n* [ ] d\n+ [ ] e\n2. [ ] f\n")

    assert [(box.line, box.depth) for box in template.boxes] == [(1, 0), (2, 1), (3, 2), (5, 0), (6, 0), (7, 0)]
    assert [box.line for box in template.boxes if box.ticked] == [3]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("```\n- [ ] a\n```\n", "code fence"),
        ("words\n\n    - [ ] a\n", "is code"),
        ("\n<!--\n- [ ] a\n-->\n", "comment"),
        ("\n- [] a\n", "must be"),
        ("\n- [~] a\n", "must be"),
        ("\n- [ ]a\n", "plain blank"),
        ("\n- [ ]\u00a0a\n", "plain blank"),
        ("\n- [\u00a0] a\n", "must be"),
        ("\n> - [ ] a\n", "quote"),
        ("\n-[ ] a\n", "come first"),
        ("\n- - [ ] a\n", "come first"),
        ("\n- **[ ] a**\n", "come first"),
    ],
)
def test_what_only_looks_like_a_box_is_named_with_its_line(text: str, why: str) -> None:
    template = reading(text + "\n- [ ] b\n")
    line = text.split("\n").index(next(row for row in text.split("\n") if "[" in row)) + 1

    assert [box.text for box in template.boxes] == ["b"]
    assert any(at == line and why in message for at, message in said(template, Level.WARNING))


def test_a_link_in_a_list_is_not_taken_for_a_box() -> None:
    template = reading(HEAD + "- [ ] Engineer >> Remove Azure Lighthouse\n- [x](https://example.org)\n")

    assert said(template, Level.WARNING) == []


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("Engineer >> Remove Azure Lighthouse", Role.ENGINEER),
        ("engineer > Remove Azure Lighthouse", Role.ENGINEER),
        ("ENG &gt;&gt; remove azure lighthouse", Role.ENGINEER),
        ("**Engineer**: Remove Azure Lighthouse.", Role.ENGINEER),
        ("PL >> Remove Azure Lighthouse", Role.PRACTICE_LEAD),
        ("Practice lead>>Remove Azure Lighthouse", Role.PRACTICE_LEAD),
        ("Customer Success Manager » Remove “Azure Lighthouse”", Role.CSM),
        ("~~CSM >> Remove Azure Lighthouse~~", Role.CSM),
        ("Remove Azure   Lighthouse <!-- the last key -->", None),
    ],
)
def test_a_role_may_be_written_in_many_ways(line: str, role: Role | None) -> None:
    [box] = reading(f"- [ ] {line}\n").boxes

    assert (box.role, box.step) == (role, "remove-lighthouse")
    assert box.raw == line


def test_the_heading_gives_the_role_that_a_line_leaves_out() -> None:
    template = reading(
        "# Premium\n## Engineers\n- [ ] Remove Azure Lighthouse\n- [ ] CSM >> Disable access to Reassure\n"
    )

    assert [(box.role, box.tier) for box in template.boxes] == [
        (Role.ENGINEER, Tier.PREMIUM),
        (Role.CSM, Tier.PREMIUM),
    ]


def test_a_role_nobody_has_is_warned_of() -> None:
    template = reading("- [ ] Finance >> Remove Azure Lighthouse\n")

    assert template.boxes[0].role is None
    assert any("Finance" in message for line, message in said(template, Level.WARNING) if line == 1)


@pytest.mark.parametrize(
    ("heading", "tier"),
    [
        ("Full Stack offboarding", Tier.FULL_STACK),
        ("FullStack", Tier.FULL_STACK),
        ("**Full-Stack** exit", Tier.FULL_STACK),
        ("Vertrek van Premium klanten", Tier.PREMIUM),
        ("Premuim offboarding", Tier.PREMIUM),
        ("Offboarding CSP", Tier.CSP),
        ("Stage 0", None),
        ("Gold offboarding", None),
        ("Full Stack and Premium", None),
    ],
)
def test_the_heading_names_the_tier(heading: str, tier: Tier | None) -> None:
    template = reading(f"### {heading}\n- [ ] Remove Azure Lighthouse\n")

    assert template.boxes[0].tier is tier
    warned = any(line == 1 and "names no tier" in message for line, message in said(template, Level.WARNING))
    assert warned is (tier is None and heading != "Stage 0")


def test_a_small_typing_error_is_read_and_listed() -> None:
    template = reading("- [ ] Enginer >> Remve Azure Lighthuose\n")

    assert template.boxes[0].step == "remove-lighthouse"
    assert [line for line, _ in said(template, Level.REPAIR)] == [1, 1]
    assert "Remove Azure Lighthouse" in said(template, Level.REPAIR)[1][1]


@pytest.mark.parametrize(
    "line",
    [
        "Create import of all resources",
        "Enable access to Reassure",
        "Handover all secrets with customer Now with new CSP",
        "Handover all secrets with new CSP",
        "Do not remove Azure Lighthouse",
        "Remove all customer policies",
        "Water the plants",
        "x" * 5000,
    ],
)
def test_a_line_with_another_sense_is_matched_to_no_step(line: str) -> None:
    template = reading(f"\n- [ ] Engineer >> {line}\n")

    assert template.boxes[0].step is None
    assert any("no step knows" in message for at, message in said(template, Level.ERROR) if at == 2)


@pytest.mark.parametrize(
    ("line", "fact"),
    [
        ('Contract enddate: ""', "contract-end"),
        ("Contract end date: 2027-01-31", "contract-end"),
        ('Contarct end date: ""', "contract-end"),
        ("Support tier that will end: <tier>", "ending-tier"),
        ('Customer will leave CSP of Intercept, the new supplier will be "Fabrikam"', "new-supplier"),
        ("Owner: ____", ""),
    ],
)
def test_a_field_is_known_by_its_label(line: str, fact: str) -> None:
    [box] = reading(f"- [ ] {line}\n").boxes

    assert (box.kind, box.fact) == (BoxKind.FIELD, fact)
    assert box.step == ("notice" if fact else None)


def test_equal_lines_in_equal_sections_differ_by_their_ordinal() -> None:
    template = reading("# CSP\n- [ ] a\n\n# CSP\n- [ ] a\n")

    assert [(box.path, box.ordinal) for box in template.boxes] == [(("CSP",), 0), (("CSP",), 1)]


def test_only_a_line_with_a_box_can_be_ticked() -> None:
    with pytest.raises(BadInput, match=r"test\.md: line 2 has no box"):
        ticked(reading("- [ ] a\nb\n"), {2: True})


PIECES = [
    *("- [ ] a", "- [x] b", "* [X] c", "+ [ ] d", "1. [ ] e", "2) [x] f", "  - [ ] g", "    - [ ] h", "      1. [ ] i"),
    *("- [] j", "- [ ]k", "- [~] l", "- [ ]", "> - [ ] m", "- - [ ] n", "- o", "1. p", "", "words", "# Head", "```"),
    *("~~~", "  ```", "<details>", "</details>", "<!-- c -->", "<!--", "-->", "- [ ]\u00a0q", "-\t[ ] r", "|a|b|"),
    *("|-|-|", "-", "  [ ] s", "      - [ ] t", "-[ ] u", "- [ ](v)", "\t- [ ] w", "===", "\\- [ ] x", "-      [ ] y"),
]
PAGES = some.lists(some.sampled_from(PIECES), min_size=1, max_size=12).map(lambda rows: "\n".join(rows) + "\n")
LINE_ENDS = some.sampled_from(["\n", "\r\n"])


@settings(max_examples=400, deadline=None)
@given(PAGES)
def test_the_boxes_are_those_that_github_shows(page: str) -> None:
    boxes = reading(page).boxes

    assert (len(boxes), sum(box.ticked for box in boxes)) == on_github(page)


@settings(max_examples=200, deadline=None)
@given(PAGES, LINE_ENDS)
def test_a_flip_changes_one_byte_and_toggles_one_box(page: str, end: str) -> None:
    text = page.replace("\n", end)
    template = reading(text)
    shown, before = on_github(text)

    for box in template.boxes:
        flipped = ticked(template, {box.line: not box.ticked})
        changed = [at for at, (one, other) in enumerate(zip(template.text, flipped, strict=True)) if one != other]
        again = {other.line for other in reading(flipped).boxes if other.ticked}
        assert len(changed) == 1
        assert on_github(flipped.decode()) == (shown, before + (-1 if box.ticked else 1))
        assert again == {other.line for other in template.boxes if other.ticked} ^ {box.line}


@settings(max_examples=300, deadline=None)
@given(
    some.one_of(some.binary(max_size=400), some.text(max_size=400).map(lambda text: text.encode("utf-8", "replace")))
)
def test_no_bytes_make_it_raise_or_change(text: bytes) -> None:
    template = reading(text)

    assert rendered(template) == text
    assert template.boxes or template.errors
    assert all(said.line >= 1 for said in template.diagnostics)


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece", ["- [ ] <!--", ">", "- ", '- [ ] a: "', "[a", "- [ ] " + "a" * 5000 + "\n", "| ", "---\n"]
)
def test_a_hostile_file_ends_with_an_answer(piece: str) -> None:
    text = (piece * (LARGEST // len(piece) + 1))[:LARGEST]

    assert rendered(reading(text)) == text.encode()
