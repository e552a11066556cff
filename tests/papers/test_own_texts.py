"""An MSP's own texts: the same values in other words, checked before any is used, and never more than text."""

from pathlib import Path

import pytest

from papers.test_letters import BOTH, VALUES
from sendoff.model.errors import BadInput
from sendoff.papers.rendering import JinjaPapers
from sendoff.papers.texts import own_texts, shipped

OWN = """Subject: Goodbye, {{ customer }} (case {{ case }})

You wrote to us on {{ notice_reached|day("en") }}. We stop on {{ contract_end }}; our keys by {{ access_until }}.
You are {{ administrator_mail }} and {{ administrator_role }}.
{% for row in protections %}- {{ row.name }}{% endfor %}
"""
NAME = "confirmation.en.txt"


def kept(folder: Path, text: str | bytes, name: str = NAME) -> Path:
    """A folder with one text of our own."""
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def wrong(folder: Path, text: str | bytes, name: str = NAME) -> str:
    """What is said of such a text."""
    with pytest.raises(BadInput) as said:
        own_texts(kept(folder, text, name))
    assert name in str(said.value) or name in said.value.where
    return str(said.value)


def test_a_text_of_our_own_goes_before_the_shipped_one_and_the_rest_stays(tmp_path: Path) -> None:
    papers = JinjaPapers(own=own_texts(kept(tmp_path, OWN)))

    subject, body = papers.letter("confirmation", "en", VALUES)

    assert subject == "Goodbye, Fabrikam Bakkerijen (case 2026-0007)"
    assert body.startswith(b"You wrote to us on Friday 13 November 2026.")
    assert papers.letter("confirmation", "nl", VALUES) == JinjaPapers().letter("confirmation", "nl", VALUES)


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_every_shipped_text_passes_its_own_check(tmp_path: Path, name: str, language: str) -> None:
    file = f"{name}.{language}.txt"

    found = own_texts(kept(tmp_path, shipped()[file].replace("\n", "\r\n"), file))

    assert JinjaPapers(own=found).letter(name, language, VALUES) == JinjaPapers().letter(name, language, VALUES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OWN.replace("Subject: ", "Betreft: "), "line 1 must be 'Subject: '"),
        (OWN.replace("\n\n", "\n", 1), "line 2 empty"),
        ("Subject: x (case {{ case }})\n\n \n", "no text"),
        (OWN.replace("(case {{ case }})", ""), "the subject must name {{ case }}"),
        (OWN.replace("{{ customer }}", "{{ costumer }}"), "it names costumer, which this letter does not have"),
        (OWN.replace("{% endfor %}", ""), "line"),
        (OWN + "{{ case | shout }}", "No filter named 'shout'"),
        (OWN + "{% include 'administrator.en.txt' %}", "another file (include, import, extends)"),
        (OWN.replace("{{ access_until }}", "soon"), "it must also name access_until"),
        (OWN.replace("protections", "domains"), "it names domains"),
        (b"Subject: \xff\xfe", "it is not UTF-8 (byte 10)"),
        ("x" * 70_000, "at most 65,536"),
    ],
)
def test_what_cannot_be_used_is_named_with_the_reason(tmp_path: Path, text: str | bytes, said: str) -> None:
    assert said in wrong(tmp_path, text)


@pytest.mark.parametrize("name", ["confirmaton.en.txt", "confirmation.de.txt", "confirmation.en.txt.bak", "notes.txt"])
def test_a_file_that_is_called_like_no_letter_is_not_passed_over(tmp_path: Path, name: str) -> None:
    assert "it is called like no letter" in wrong(tmp_path, OWN, name)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no such folder"):
        own_texts(tmp_path / "letters")


def test_hidden_files_and_a_readme_are_no_texts(tmp_path: Path) -> None:
    for name in (".DS_Store", "README.md"):
        kept(tmp_path, "anything", name)

    assert own_texts(tmp_path) == {}


@pytest.mark.parametrize(
    "trick",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ case.__init__.__globals__ }}",
        "{{ tasks.append(1) }}",
        "{{ range(1) }}",
        "{{ 1 // 0 }}",
    ],
)
def test_a_text_can_call_nothing_and_change_nothing(tmp_path: Path, trick: str) -> None:
    values = {**VALUES}
    with pytest.raises(BadInput):
        JinjaPapers(own=own_texts(kept(tmp_path, OWN + trick))).letter("confirmation", "en", values)
    assert values == VALUES
