"""The files of a case's folder: every line is there, nothing claims more than is known, and nothing else is read."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from fakes.html_reader import page_of
from fakes.papers_case import LEFT, NUMBER, REMOVAL, STRANGER, Told, closed, halfway, opened, removals
from sendoff.engine.reporting import report
from sendoff.engine.verifying import read_journal
from sendoff.model.digest import canonical
from sendoff.model.errors import Broken, Refused
from sendoff.model.event import Acted, FactsChanged, Judged, StepMoved
from sendoff.model.people import ROBOT
from sendoff.model.state import Move, State, StepId
from sendoff.rules.chaining import faults

ALWAYS = {"exit-plan.html", "why-each-object.html", "report.html", "case.json", "journal.jsonl"}


def _rows(page: bytes) -> list[str]:
    """The rows of every table, as text."""
    return ["".join(page_of(row.encode()).text) for row in re.findall(r"<tr>.*?</tr>", page.decode(), re.DOTALL)]


def test_an_open_case_has_five_files_and_what_its_exports_wrote() -> None:
    told = halfway(Told())
    files = report(told.ports(), told.case)
    assert set(files) == ALWAYS | {
        "exit-package/azure/prod/resources.json",
        "exit-package/azure/prod/manifest.json",
    }


def test_a_closed_case_also_has_its_certificate_and_parcel_exactly_as_stored() -> None:
    told = closed(Told())
    case, files = told.case, report(told.ports(), told.case)
    assert case.certificate is not None
    assert case.parcel is not None
    assert files["certificate.json"] == told.blobs.data[case.certificate]
    assert files["parcel.age"] == told.blobs.data[case.parcel.digest]
    assert files["parcel-manifest.json"] == told.blobs.data[case.parcel.manifest]
    assert files["certificate.pub.pem"].startswith(b"-----BEGIN PUBLIC KEY-----")
    assert b"REHEARSAL" in files["certificate.html"]


@pytest.mark.parametrize("make", [opened, halfway, closed])
def test_every_line_of_the_checklist_is_in_the_report(make: Callable[[Told], Told]) -> None:
    told = make(Told())
    text = "".join(page_of(report(told.ports(), told.case)["report.html"]).text)
    texts = [one.text for one in told.case.steps.values()] + [one.text for one in told.case.others]
    for one in texts:
        assert one.replace("%provider%", "Intercept") in text
    assert "%provider%" not in text


def test_an_attested_line_never_shows_as_verified_and_a_verified_one_never_as_attested() -> None:
    told = closed(Told())
    files = report(told.ports(), told.case)
    for page in ("report.html", "certificate.html"):
        rows = _rows(files[page])
        for one in told.case.steps.values():
            text = one.text.replace("%provider%", "Intercept")
            (row,) = [row for row in rows if text in row and ("said by" in row or "verified" in row or "waived" in row)]
            assert ("said by, not seen by us" in row) is (one.state is State.ATTESTED)
            assert ("verified" in row) is (one.state is State.DONE)


def test_lines_of_other_tiers_are_struck_through_with_their_reason() -> None:
    told = halfway(Told())
    page = report(told.ports(), told.case)["report.html"].decode()
    assert page.count('<s class="struck">') == len(told.case.others)
    assert "the tier that ends is full-stack, not csp" in page


def test_an_added_step_stands_apart_as_not_on_your_checklist() -> None:
    told = halfway(Told())
    page = report(told.ports(), told.case)["report.html"].decode()
    assert "Remove the app registration" in page.split("Not on your checklist</h3>")[1].split("<h3>")[0]


def test_people_have_names_and_a_stranger_keeps_the_id() -> None:
    told = closed(Told())
    text = "".join(page_of(report(told.ports(), told.case)["report.html"]).text)
    assert "Bram de Boer" in text
    assert "p-77b2" not in text
    assert STRANGER in text


def test_every_object_is_listed_with_why_it_is_ours_and_what_is_left_alone_with_why() -> None:
    told = halfway(Told())
    rows = _rows(report(told.ports(), told.case)["why-each-object.html"])
    for one in removals(12):
        (row,) = [row for row in rows if one.name in row]
        assert one.why in row
        assert "not begun" in row
        assert str(one.before)[7:19] in row
    for left in LEFT:
        (row,) = [row for row in rows if left.item.name in row]
        assert left.why in row


def test_an_earlier_plan_under_which_something_was_done_is_not_forgotten() -> None:
    told = halfway(Told())
    told.at = datetime(2027, 1, 4, 8, tzinfo=UTC)
    first = told.plan(REMOVAL, removals(3))
    told.approve(first)
    told.act(first)
    blob = told.blobs.put(NUMBER, b"[]")
    told.say(Judged(step=first.step, judgements=blob, verdicts=(), move=Move.LEAVE, why="one came back"))
    told.plan(REMOVAL, removals(1))
    page = report(told.ports(), told.case)["why-each-object.html"].decode()
    assert page.count("an earlier plan, replaced by a later one") == 1
    assert "log-intercept-00002" in page


def test_a_refused_plan_of_which_nothing_was_done_is_in_the_timeline_only() -> None:
    told = halfway(Told())
    told.say(StepMoved(step=StepId(REMOVAL), move=Move.REFUSE, reason="two of these are theirs"), STRANGER)
    files = report(told.ports(), told.case)
    assert b"log-intercept" not in files["why-each-object.html"]
    assert b"refuse, two of these are theirs" in files["report.html"]


def test_the_contract_end_is_said_in_words_and_what_removes_begins_after_that_local_day() -> None:
    told = opened(Told())
    page = report(told.ports(), told.case)["exit-plan.html"].decode()
    assert "runs through <time" in page
    assert "Thursday 31 December 2026</time>, Europe/Amsterdam" in page
    (row,) = [row for row in _rows(page.encode()) if "Remove the customer from PRTGEngineer" in row]
    assert "1 Jan 2027, 00:00" in row


def test_after_the_contract_no_date_holds_anything_any_more() -> None:
    told = opened(Told())
    told.at = datetime(2027, 1, 1, 8, tzinfo=UTC)
    rows = _rows(report(told.ports(), told.case)["exit-plan.html"])
    (row,) = [row for row in rows if "Remove the customer from PRTGEngineer" in row]
    assert "as soon as its turn comes" in row


def test_who_waits_for_whom_names_the_shut_gate_and_who_opens_it() -> None:
    told = halfway(Told())
    page = report(told.ports(), told.case)["exit-plan.html"].decode()
    waits = page.split("Who waits for whom now</h2>")[1].split("<h2>")[0]
    groups = re.findall(r"<h3><bdi>(.*?)</bdi></h3>(.*?)</section>", waits, re.DOTALL)
    asked = {who: "".join(page_of(part.encode()).text) for who, part in groups}
    assert "no second person has approved exactly this plan" in asked["A second person"]
    assert "opens by itself on 1 Jan 2027, 00:00" in asked["A date"]
    assert "asks to waive it" in asked["A second person"]
    assert "Remove the customer from PRTG" in asked["Engineer"]


def test_an_expired_approval_is_shown_as_expired() -> None:
    told = halfway(Told())
    told.approve(told.plan(REMOVAL, removals(2)))
    fresh = report(told.ports(), told.case)["exit-plan.html"].decode()
    told.at += timedelta(days=8)
    late = report(told.ports(), told.case)["exit-plan.html"].decode()
    assert ">expired<" not in fresh
    assert ">expired<" in late


def test_a_closed_case_waits_for_nobody() -> None:
    told = closed(Told())
    assert b"Nobody waits for anybody: every step is settled." in report(told.ports(), told.case)["exit-plan.html"]


def test_the_counts_of_the_parcel_are_shown_to_reconcile() -> None:
    told = closed(Told())
    assert "118 + 2 = 120" in "".join(page_of(report(told.ports(), told.case)["report.html"]).text)


def test_the_journal_file_reads_back_and_holds() -> None:
    told = closed(Told())
    entries = read_journal(report(told.ports(), told.case)["journal.jsonl"])
    assert faults(entries) == ()
    assert entries == told.chain.entries(NUMBER)


def test_the_timeline_and_its_table_tell_every_event_but_the_tries() -> None:
    told = closed(Told())
    page = page_of(report(told.ports(), told.case)["report.html"])
    assert [tag for tag, carried in page.tags if tag == "svg" and carried.get("role") == "img"] == ["svg"]
    assert page.count("desc") == 1
    text = "".join(page.text)
    for said in ("case opened: 18 lines", "sandbox clock moved", "parcel sealed, vault 120", "certified:"):
        assert said in text


def test_the_summary_for_machines_tells_grades_and_dates() -> None:
    told = closed(Told())
    data = json.loads(report(told.ports(), told.case)["case.json"])
    assert data["contract_end"] == "2026-12-31"
    assert data["outcome"] == "closed with exceptions"
    assert {line["grade"] for line in data["lines"]} == {"verified", "attested", "waived"}


def test_a_real_case_is_not_called_a_rehearsal() -> None:
    told = halfway(Told())
    assert b"REHEARSAL" not in report(told.ports(sandbox=False), told.case)["exit-plan.html"]
    assert b"REHEARSAL" in report(told.ports(), told.case)["exit-plan.html"]


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a\\b", "", "a/../../b"])
def test_a_name_that_leads_out_of_the_exit_package_is_refused(name: str) -> None:
    told = opened(Told())
    plan = told.plan("export-resources", removals(1))
    told.approve(plan)
    told.act(plan, files={name: b"x"})
    with pytest.raises(Refused, match="not a name for a file"):
        report(told.ports(), told.case)


def test_of_two_files_with_one_name_neither_hides_the_other() -> None:
    told = opened(Told())
    plan = told.plan("export-resources", removals(1))
    told.approve(plan)
    told.act(plan, files={"a.json": b"first"})
    again = told.blobs.put(NUMBER, canonical({"a.json": told.blobs.put(NUMBER, b"second")}))
    blob = told.blobs.put(NUMBER, b"[]")
    told.say(Acted(step=plan.step, batch=1, deeds=blob, count=0, root=blob, outcomes=(), files=again))
    files = report(told.ports(), told.case)
    kept = sorted(data for name, data in files.items() if name.startswith("exit-package/a.json"))
    assert kept == [b"first", b"second"]


def test_evidence_that_was_changed_stops_the_report() -> None:
    told = halfway(Told())
    blob = told.case.steps[StepId(REMOVAL)].plan_blob
    assert blob is not None
    told.blobs.data[blob] = told.blobs.data[blob].replace(b"log-intercept-00001", b"log-intercept-99999")
    with pytest.raises(Broken):
        report(told.ports(), told.case)


def test_a_step_that_was_stopped_waits_for_its_role_with_the_reason() -> None:
    told = opened(Told())
    told.say(StepMoved(step=StepId("meet"), move=Move.STOP, reason="they asked us to wait"), ROBOT)
    assert b"stopped: they asked us to wait" in report(told.ports(), told.case)["exit-plan.html"]


def test_changed_facts_are_told_in_the_timeline() -> None:
    told = opened(Told())
    facts = told.case.facts
    body = FactsChanged(facts=facts, reason="a typing error", frozen_changed=False, asked_by=ROBOT)
    told.say(body)
    assert b"facts changed: a typing error" in report(told.ports(), told.case)["report.html"]
    assert facts.contract_end == date(2026, 12, 31)


def test_twenty_thousand_objects_still_render() -> None:
    told = halfway(Told())
    told.plan(REMOVAL, removals(20_000))
    page = report(told.ports(), told.case)["why-each-object.html"]
    assert page.count(b"log-intercept-") >= 20_000
    assert b"log-intercept-19999" in page
