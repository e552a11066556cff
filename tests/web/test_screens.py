"""The screens: what is said to whom, hostile names, many objects, evidence, and the end."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from fakes.browsers import Browser, Site
from fakes.houses import TEMPLATE, Stage, stage
from sendoff.engine.desk import read_checklist
from sendoff.model.case import Standing
from sendoff.model.digest import digest, digest_bytes
from sendoff.model.errors import BadInput
from sendoff.model.facts import Facts
from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import PersonId
from sendoff.model.plan import Action, Plan
from sendoff.model.state import StepId
from sendoff.web.cases import chosen, risk_of
from sendoff.web.objects import Asked, in_words, listed
from sendoff.web.opening import accepted
from sendoff.web.settings import differing

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202egnp.exe"
CASE = "L00000001"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A case of a customer with a hostile name; the first letter lies ready."""
    made = stage(tmp_path_factory.mktemp("screens"))
    made.opened(hostile)
    made.desk.preflight(made.who("erik"), CASE)
    made.desk.plan(made.who("carla"), CASE, StepId("confirm-termination"))
    return made


@pytest.fixture(scope="module")
def site(made: Stage) -> Site:
    return Site(made)


def hostile(facts: Facts) -> Facts:
    return replace(facts, customer=replace(facts.customer, name=HOSTILE))


PAGES = ("", "/journal", "/inventory", "/letters", "/preflight", "/certificate", "/steps/confirm-termination")


@pytest.mark.parametrize("path", ["/", "/cases", *(f"/cases/{CASE}{more}" for more in PAGES)])
def test_a_hostile_name_is_text_and_nothing_else(site: Site, path: str) -> None:
    text = site.as_("paul").get(path).text
    assert "<img src=x" not in text
    assert "alert(1)</script>" not in text
    assert "\u202e" not in text
    assert "&lt;script&gt;" in text or path.endswith("/inventory")


def test_a_hostile_reason_is_text_and_is_shown_whole(site: Site) -> None:
    erik = site.as_("erik")
    erik.post(f"/cases/{CASE}/steps/export-secrets/stop", reason=HOSTILE)
    text = erik.get(f"/cases/{CASE}/steps/export-secrets").text
    assert "<img src=x" not in text
    assert "&lt;img src=x onerror=alert(2)&gt;" in text


def test_a_plan_waits_for_its_second_person_and_not_for_who_laid_it_ready(site: Site) -> None:
    assert "Waits for your yes" not in site.as_("carla").get("/").text
    assert "Waits for your yes" in site.as_("paul").get("/").text


def test_the_page_of_a_step_says_who_may_and_why_not(site: Site) -> None:
    where = f"/cases/{CASE}/steps/confirm-termination"
    assert "you proposed this plan; a second person approves it" in site.as_("carla").get(where).text
    paul = site.as_("paul").get(where).text
    assert '<button class="strong">Approve exactly this</button>' in paul
    assert "cannot be taken back" in paul


def test_a_letter_stands_on_its_page_before_anybody_says_yes(site: Site) -> None:
    text = site.as_("paul").get(f"/cases/{CASE}/letters").text
    assert "Bevestiging" in text
    assert "Yes, send exactly this" in text


def test_a_yes_to_another_plan_than_the_one_that_lies_there_is_no_yes(site: Site, made: Stage) -> None:
    paul = site.as_("paul")
    answer = paul.post(f"/cases/{CASE}/steps/confirm-termination/approve", digest="sha256:" + "0" * 64)
    assert answer.status_code == 409
    assert standing(made).approval is None


def standing(made: Stage, step: str = "confirm-termination") -> Standing:
    return made.desk.case(CASE).steps[StepId(step)]


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("word.exe", b"MZ", "are not taken"),
        ("page.html", b"<script>", "are not taken"),
        ("picture.svg", b"<svg onload=alert(1)>", "are not taken"),
        ("none", b"x", "are not taken"),
        ("scan.pdf", b"<html>", "does not begin like one"),
        ("photo.png", b"\xff\xd8\xff", "does not begin like one"),
        ("empty.txt", b"", "is empty"),
    ],
)
def test_what_is_no_evidence_is_not_taken(site: Site, made: Stage, name: str, data: bytes, why: str) -> None:
    before = made.desk.heads()[CASE]
    answer = attested(site.as_("carla"), name, data)
    assert answer == 422 or answer == 409
    assert made.desk.heads()[CASE] == before


def attested(browser: Browser, name: str, data: bytes) -> int:
    files = {"files": (name, data, "application/pdf")}
    return browser.post(f"/cases/{CASE}/attest", what="costs-kept", note="as told", files=files).status_code


def test_evidence_is_kept_under_its_digest_and_comes_back_as_a_file_that_nothing_opens(site: Site, made: Stage) -> None:
    data = b"%PDF-1.7 <script>alert(1)</script>"
    carla = site.as_("carla")
    assert attested(carla, "../../etc/passwd.pdf", data) == 200
    answer = carla.get(f"/cases/{CASE}/evidence/{digest_bytes(data)}")
    assert answer.content == data
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert "passwd" not in answer.headers["content-disposition"]
    other = made.desk.case(CASE).template
    assert carla.get(f"/cases/{CASE}/evidence/{other}").status_code == 409


@pytest.mark.parametrize("name", ["../../sendoff.db", "..%2f..%2fsendoff.db", "/etc/passwd", "exit-package/../x"])
def test_a_file_of_a_case_is_asked_for_by_its_exact_name_alone(site: Site, name: str) -> None:
    assert site.as_("erik").get(f"/cases/{CASE}/files/{name}").status_code in (404, 422)


def test_decisions_are_as_many_as_things_each_by_name(site: Site, made: Stage) -> None:
    unknown = [one.item for one in made.desk.seen(CASE, "preflight") if one.provenance.whose == "unknown"]
    assert len(unknown) > 1
    before = made.desk.case(CASE)
    erik = site.as_("erik")
    erik.get(f"/cases/{CASE}/inventory")
    form = {"token": erik.token, "purpose": "preflight", "whose": "customers", "reason": "asked the customer"}
    answer = erik.client.post(
        f"/cases/{CASE}/decide",
        data={**form, "ref": [one.ref for one in unknown]},
        headers={"origin": "http://127.0.0.1:8080"},
    )
    assert answer.status_code == 200
    after = made.desk.case(CASE)
    assert {one.ref for one in unknown} <= after.decisions.keys()
    assert after.seq == before.seq + len(unknown)


def test_a_thing_that_no_look_found_is_not_decided(site: Site, made: Stage) -> None:
    before = made.desk.heads()[CASE]
    form = {"purpose": "preflight", "whose": "ours", "reason": "it is called like ours", "ref": "azure|resource|/x"}
    assert site.as_("erik").post(f"/cases/{CASE}/decide", form).status_code == 422
    assert made.desk.heads()[CASE] == before


# ---- lists --------------------------------------------------------------------------------------------------------


def test_cases_are_found_by_customer_number_and_whom_they_wait_for(site: Site, made: Stage) -> None:
    site.fresh()
    cards, today = site.pages.shelf.cards(), made.desk.now().date()
    assert [card.case for card in chosen(cards, "alert", "open", "", today)] == [CASE]
    assert [card.case for card in chosen(cards, CASE.lower(), "all", "", today)] == [CASE]
    assert chosen(cards, "nobody", "all", "", today) == []
    assert chosen(cards, "", "closed", "", today) == []
    assert [card.case for card in chosen(cards, "", "open", "CSM", today)] == [CASE]


def test_a_case_after_its_contract_is_at_risk(site: Site) -> None:
    site.fresh()
    card = replace(site.pages.shelf.cards()[0], waits=())
    assert risk_of(card, card.contract_end - timedelta(days=60)) == ""
    assert risk_of(card, card.contract_end + timedelta(days=1)) == "the contract is over"
    assert risk_of(card, date(2030, 1, 1)) == "our access is over"


def acts(many: int) -> tuple[Action, ...]:
    return tuple(
        Action(
            step=StepId("remove-resources"),
            system=System.AZURE,
            verb=Verb.EXPORT if number % 2 else Verb.REMOVE,
            kind=Kind.RESOURCE,
            target=f"/subscriptions/s/r-{number}",
            name=f"vm-{number}",
            scope="s",
            key=Key.LIGHTHOUSE,
            why="tagged as ours",
            before=digest([number]),
        )
        for number in range(many)
    )


def grave(action: Action) -> bool:
    return action.verb is Verb.REMOVE


def unseen(ref: str) -> str:
    return ""


def plan(many: int) -> Plan:
    return Plan(
        case=CASE,
        world="w",
        step=StepId("remove-resources"),
        scope=digest(["scope"]),
        facts=digest(["facts"]),
        actions=acts(many),
    )


def test_of_twenty_thousand_objects_a_hundred_are_shown_with_what_is_for_good_on_top() -> None:
    big = plan(20_000)
    first = listed(big, Asked(), grave, unseen)
    assert (len(first.acts), first.many, first.pages) == (100, 20_000, 200)
    assert all(map(grave, first.acts))
    assert [one.name for one in listed(big, Asked(q="vm-19999"), grave, unseen).acts] == ["vm-19999"]
    assert listed(big, Asked(verb="export"), grave, unseen).many == 10_000
    assert listed(big, Asked(number=200), grave, unseen).number == 200
    assert listed(big, Asked(q="nothing like it"), grave, unseen).acts == []
    left = listed(big, Asked(came="left"), grave, lambda ref: "left" if ref.endswith("/r-7") else "gone")
    assert [one.name for one in left.acts] == ["vm-7"]


def test_the_blast_radius_is_said_in_words(made: Stage) -> None:
    said = " ".join(in_words(plan(10), replace(standing(made), belt="10 of 12 resources"), grave))
    assert "5 objects to remove" in said
    assert "5 objects cannot be taken back" in said
    assert "over the size belt: 10 of 12 resources" in said


def test_the_lists_of_an_empty_house_say_what_to_do(tmp_path_factory: pytest.TempPathFactory) -> None:
    empty = Site(stage(tmp_path_factory.mktemp("empty")))
    assert "Open a case" in empty.as_("carla").get("/").text
    assert "Open a case" in empty.as_("carla").get("/cases").text


def test_a_case_is_opened_from_its_files_and_the_notice_is_kept_as_it_came(tmp_path: Path) -> None:
    own = stage(tmp_path)
    own.facts()
    facts = (own.folder / "facts.toml").read_bytes()
    files = {
        "facts": ("facts.toml", facts, "application/toml"),
        "notice": ("notice.eml", own.notice(), "message/rfc822"),
    }
    erik = Site(own).as_("erik")
    assert erik.post("/cases/new", files=files).status_code == 409
    carla = Site(own).as_("carla")
    answer = carla.post("/cases/new", files=files)
    case = next(iter(own.desk.heads()))
    assert str(answer.url).endswith(f"/cases/{case}")
    opened = own.desk.case(case)
    assert carla.get(f"/cases/{case}/evidence/{opened.facts.notice.evidence}").content == own.notice()
    later = facts.replace(b'language = "nl"', b'language = "en"') + b""
    changed = {"facts": ("facts.toml", later, "application/toml")}
    assert carla.post(f"/cases/{case}/facts", {"reason": "they read English"}, files=changed).status_code == 200


@pytest.mark.parametrize("lines", ["x", "1; 2", "-3", "9999999"])
def test_what_is_no_number_of_a_line_is_said(lines: str) -> None:
    with pytest.raises(BadInput, match="is not the number of a line"):
        accepted(lines, PersonId("p-1"))
    assert accepted("31, 40  7", PersonId("p-1")) == {31: "p-1", 40: "p-1", 7: "p-1"}


def test_a_case_on_another_checklist_shows_where_it_differs_from_the_one_as_shipped(tmp_path: Path) -> None:
    own = stage(tmp_path)
    text = TEMPLATE.read_bytes()
    other = text.replace(b"CSM >> Meet", b"Engineer >> Meet", 1)
    assert other != text
    template = read_checklist(other, "ours.md")
    for each in (template, read_checklist(text, "shipped.md")):
        own.desk.open_case(own.who("carla"), each, own.facts(), by_hand={}, notice=own.notice())
    page = Site(own).as_("erik").get("/settings").text
    assert page.count("Where it differs") == 1
    assert page.count("as shipped</span>") == 1
    assert 'class="more"><span>+</span>' in page
    assert differing(text, text) == ()
