"""Letters: correct words, every value in its place, and no value that acts."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

import sendoff
from fakes.papers_case import facts
from sendoff.engine.checklist import make_runbook, read_checklist
from sendoff.model.digest import Json
from sendoff.model.errors import BadInput
from sendoff.model.step import Step
from sendoff.papers.rendering import JinjaPapers, letters
from sendoff.rules.choosing import chosen
from sendoff.steps import EVERY
from sendoff.steps.create_administrator import CREATE_ADMINISTRATOR
from sendoff.steps.migration_details import MIGRATION_DETAILS

VALUES: Mapping[str, Json] = {
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
    "administrator_name": "Sanne Kuipers",
    "administrator_mail": "sanne@northwind.example",
    "administrator_role": "Global Reader",
    "administrator_how": "guest",
    "branch": "C-1042",
    "recipient": "B. van Dam",
    "inside": 118,
    "withheld": 2,
    "provider_tenant": "11111111-0000-4000-8000-000000000001",
    "partner_id": "1234567",
    "partner_kind": "direct partner",
    "customer_tenant": "22222222-0000-4000-8000-000000000002",
    "domains": "fabrikam.example",
    "transfer_on": "2026-12-31",
    "needed": "2026-12-31",
    "tasks": [
        {
            "step": "remove-lighthouse",
            "text": "Remove Azure Lighthouse",
            "things": [{"name": "Intercept offer", "id": "/sub-1/offer", "lock": "keep"}],
        }
    ],
    "subscriptions": [{"name": "fab-prod", "id": "33333333-0000-4000-8000-000000000003"}],
    "protections": [{"name": "INT-agent", "what": "deploys what is missing on everything new"}],
    "commitments": [
        {
            "id": "sub-1",
            "name": "Microsoft 365 Business Premium",
            "product": "CFQ7TTC0LCHC:0002",
            "quantity": "40",
            "term_end": "2027-03-31",
            "renews": "no",
            "status": "active",
        }
    ],
}
SAID = {
    "administrator": ("Sanne Kuipers", "sanne@northwind.example", "Global Reader", "Northwind Cloud"),
    "end-contract": ("C-1042", "31"),
    "tasks": ("Azure Lighthouse", "  - Intercept offer ", " keep: /sub-1/offer"),
    "handover": ("B. van Dam", "118", "2", "age --decrypt", "sha256sum"),
    "transfer-missing": ("Northwind Cloud", "11111111-0000-4000-8000-000000000001", "31"),
    "confirmation": ("Sanne Kuipers", "sanne@northwind.example", "Global Reader", "INT-agent"),
    "migration": (
        "Northwind Cloud",
        "11111111-0000-4000-8000-000000000001",
        "1234567",
        "direct partner",
        "22222222-0000-4000-8000-000000000002",
        "fabrikam.example",
        "fab-prod: 33333333-0000-4000-8000-000000000003",
        "Microsoft 365 Business Premium (CFQ7TTC0LCHC:0002)",
        "40",
        "2027-03-31",
    ),
}
"""What a letter must say besides customer, case and our address."""
TO_THE_NEW_SUPPLIER = {letter for step in (CREATE_ADMINISTRATOR, MIGRATION_DETAILS) for letter in step.letters}
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
    assert "Fabrikam Bakkerijen" in subject + text
    assert "2026-0007" in subject
    assert [one for one in SAID.get(name, ()) if one not in text] == []
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


@pytest.mark.parametrize("how", ["guest", "account"])
@pytest.mark.parametrize(("language", "word"), [("nl", "toegangscode"), ("en", "one-time pass")])
def test_a_pass_is_spoken_of_only_where_there_is_one(language: str, word: str, how: str) -> None:
    text = JinjaPapers().letter("administrator", language, {**VALUES, "administrator_how": how})[1].decode()
    assert (word in text) is (how == "account")
    assert ("B. van Dam" in text) is (how == "account")


@pytest.mark.parametrize(
    ("language", "none"),
    [("nl", ("- geen\n", "- er is niets gevonden\n")), ("en", ("- none\n", "- nothing was found\n"))],
)
def test_a_migration_of_nothing_says_so(language: str, none: tuple[str, str]) -> None:
    given: dict[str, Json] = {**VALUES, "subscriptions": [], "commitments": [], "partner_id": ""}
    text = JinjaPapers().letter("migration", language, given)[1].decode()
    assert [one for one in none if one not in text] == []
    assert "Partner ID" not in text
    assert "\n\n\n" not in text


@pytest.mark.parametrize("step", [CREATE_ADMINISTRATOR, MIGRATION_DETAILS], ids=lambda step: step.id)
def test_a_letter_that_names_the_new_supplier_belongs_to_a_line_that_is_not_done_without_one(step: Step) -> None:
    text = (Path(sendoff.__file__).parent / "templates" / "offboarding.md").read_bytes()
    runbook = make_runbook(read_checklist(text, "offboarding.md"), {})
    alone = replace(facts(), supplier=None, no_supplier_because="they go on by themselves")
    mine, _ = chosen(runbook, alone, EVERY)
    assert [(row.applicable, "no new supplier" in row.reason) for row in mine if row.step == step.id] == [(False, True)]


@pytest.mark.parametrize(("name", "language"), [row for row in BOTH if row[0] not in TO_THE_NEW_SUPPLIER])
def test_without_a_new_supplier_a_letter_still_reads_well(name: str, language: str) -> None:
    text = JinjaPapers().letter(name, language, {**VALUES, "supplier": "", "administrator_name": ""})[1].decode()
    assert "  " not in text.replace("\n  ", "\n")
    assert " ," not in text
    assert "Northwind" not in text
    assert "Sanne" not in text


def test_a_confirmation_to_nobody_by_name_has_a_salutation() -> None:
    given: dict[str, Json] = {**VALUES, "signatory": ""}
    assert JinjaPapers().letter("confirmation", "nl", given)[1].startswith(b"Geachte heer, mevrouw,")
    assert JinjaPapers().letter("confirmation", "en", given)[1].startswith(b"Dear Sir or Madam,")


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize(("name", "language"), BOTH)
def test_a_hostile_name_stays_a_name_on_one_line(name: str, language: str, hostile: str) -> None:
    plain_subject, plain_body = JinjaPapers().letter(name, language, VALUES)
    people = ("customer", "supplier", "signatory", "provider", "recipient", "administrator_name", "branch", "domains")
    rows: dict[str, Json] = {
        "subscriptions": [{"name": hostile, "id": hostile}],
        "commitments": [{**dict.fromkeys(("product", "quantity", "term_end", "renews"), hostile), "name": hostile}],
    }
    given: dict[str, Json] = {**VALUES, **dict.fromkeys(people, hostile), **rows}
    subject, body = JinjaPapers().letter(name, language, given)
    assert "\n" not in subject
    assert "\r" not in subject + body.decode()
    assert len(body.decode().split("\n")) == len(plain_body.decode().split("\n"))
    assert "1337" not in subject + body.decode()
    assert "\u202e" not in subject + body.decode()
    assert not [line for line in body.decode().split("\n") if line.startswith("Bcc:")]
    assert (subject, body) != (plain_subject, plain_body)


IN_THE_CONFIRMATION = (
    "access_until",
    "administrator_mail",
    "administrator_name",
    "administrator_role",
    "case",
    "contract_end",
    "customer",
    "mailbox",
    "notice_reached",
    "provider",
    "signatory",
    "supplier",
)


@pytest.mark.parametrize("missing", IN_THE_CONFIRMATION)
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
