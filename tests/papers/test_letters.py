"""Letters: correct words, every value in its place, and no value that acts."""

from collections.abc import Mapping

import pytest

from sendoff.model.errors import BadInput
from sendoff.papers.rendering import JinjaPapers, letters
from sendoff.steps import EVERY

VALUES: Mapping[str, str] = {
    "customer": "Fabrikam Bakkerijen",
    "provider": "Intercept",
    "case": "2026-0007",
    "contract_end": "2026-12-31",
    "access_until": "2027-01-29",
    "notice_reached": "2026-11-13",
    "supplier": "Northwind Cloud",
    "signatory": "J. de Vries",
    "mailbox": "exit@intercept.example",
    "starts": "2026-11-23T10:00:00+01:00",
}
BOTH = [(name, language) for name in letters() for language in ("nl", "en")]
HOSTILE = (
    "<script>alert(1)</script>",
    '"; --',
    "{{ 7*191 }}",
    "{% raw %}",
    "=cmd()|' /C calc'!A0",
    "\u202egnp.exe",
    "a\r\nBcc: thief@example.com\r\n\r\nPay here",
)


def test_the_letters_that_steps_ask_for_are_there() -> None:
    assert {name for step in EVERY for name in step.letters} <= set(letters())


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_a_letter_holds_its_values_and_no_trace_of_its_template(name: str, language: str) -> None:
    subject, body = JinjaPapers().letter(name, language, VALUES)
    text = body.decode()
    assert VALUES["customer"] in subject + text
    assert VALUES["case"] in subject
    assert not [mark for mark in ("{{", "{%", "}}", "None", "Subject:", "Onderwerp:") if mark in subject + text]
    assert text.endswith("exit@intercept.example\n")
    assert "\n\n\n" not in text


def test_days_are_in_words_of_the_language() -> None:
    dutch = JinjaPapers().letter("confirmation", "nl", VALUES)[1].decode()
    english = JinjaPapers().letter("confirmation", "en", VALUES)[1].decode()
    assert "loopt tot en met donderdag 31 december 2026" in dutch
    assert "runs through Thursday 31 December 2026" in english


def test_the_meeting_says_the_local_hour_and_its_distance_from_utc() -> None:
    assert (
        "maandag 23 november 2026 om 10.00 uur (UTC+01:00)" in JinjaPapers().letter("meeting", "nl", VALUES)[1].decode()
    )
    assert "Monday 23 November 2026 at 10:00 (UTC+01:00)" in JinjaPapers().letter("meeting", "en", VALUES)[1].decode()


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_without_a_new_supplier_a_letter_still_reads_well(name: str, language: str) -> None:
    text = JinjaPapers().letter(name, language, {**VALUES, "supplier": ""})[1].decode()
    assert "  " not in text.replace("\n  ", "\n")
    assert " ," not in text
    assert "Northwind" not in text


def test_a_confirmation_to_nobody_by_name_has_a_salutation() -> None:
    given = {**VALUES, "signatory": ""}
    assert JinjaPapers().letter("confirmation", "nl", given)[1].startswith(b"Geachte heer, mevrouw,")
    assert JinjaPapers().letter("confirmation", "en", given)[1].startswith(b"Dear Sir or Madam,")


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize(("name", "language"), BOTH)
def test_a_hostile_name_stays_a_name_on_one_line(name: str, language: str, hostile: str) -> None:
    plain_subject, plain_body = JinjaPapers().letter(name, language, VALUES)
    given = {**VALUES, "customer": hostile, "supplier": hostile, "signatory": hostile, "provider": hostile}
    subject, body = JinjaPapers().letter(name, language, given)
    assert "\n" not in subject
    assert "\r" not in subject + body.decode()
    assert len(body.decode().split("\n")) == len(plain_body.decode().split("\n"))
    assert "1337" not in subject + body.decode()
    assert "\u202e" not in subject + body.decode()
    assert not [line for line in body.decode().split("\n") if line.startswith("Bcc:")]
    assert (subject, body) != (plain_subject, plain_body)


@pytest.mark.parametrize("missing", sorted(set(VALUES) - {"starts"}))
def test_a_missing_value_of_the_confirmation_is_refused_by_name(missing: str) -> None:
    given = {name: value for name, value in VALUES.items() if name != missing}
    with pytest.raises(BadInput, match=missing):
        JinjaPapers().letter("confirmation", "nl", given)


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput, match="not a day"):
        JinjaPapers().letter("confirmation", "en", {**VALUES, "contract_end": "soon"})
    with pytest.raises(BadInput, match="not a moment"):
        JinjaPapers().letter("meeting", "en", {**VALUES, "starts": "soon"})


@pytest.mark.parametrize("name", ["", "farewell", "../pages/report", "confirmation.nl.txt"])
def test_an_unknown_letter_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="there is no letter"):
        JinjaPapers().letter(name, "nl", VALUES)


@pytest.mark.parametrize("language", ["", "fr", "NL", "../nl"])
def test_an_unknown_language_is_refused(language: str) -> None:
    with pytest.raises(BadInput, match="letters in nl and en"):
        JinjaPapers().letter("meeting", language, VALUES)
