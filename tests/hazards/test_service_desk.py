"""The service desk at the end of a leaving: what is open, what fails in part, what lies, and what was sent."""

from pathlib import Path

import pytest

from fakes.houses import LEAVER, Stage, stage
from fakes.leavings import (
    Told,
    after_contract,
    approved,
    calm,
    digests,
    plan,
    planned,
    run,
    standing,
    trouble,
    verdicts,
)
from sendoff.model.case import Case
from sendoff.model.digest import Digest
from sendoff.model.errors import Refused
from sendoff.model.inventory import Kind, Verb
from sendoff.model.state import State
from sendoff.model.template import Tier
from sendoff.model.verdict import Verdict
from sendoff.sandbox.wire import dig, text
from sendoff.sandbox.world import Thing

CONTRACT = "terminate-contract"


def cards(one: Stage, kind: str) -> list[Thing]:
    """What the service desk has of the leaving customer."""
    return [thing for thing in one.sandbox.world.all("topdesk", kind) if thing.owner == LEAVER]


def at_the_end(folder: Path, *, closed: bool = True) -> tuple[Stage, Case]:
    """A case whose contract line may begin; with `closed` nothing is open in the service desk."""
    one = stage(folder, tier=Tier.CSP)
    case = one.until(one.opened(), CONTRACT, "ready")
    after_contract(one, case)
    if closed:
        one.control("POST", "/hands", do="topdesk.close-calls", customer=LEAVER)
    return one, case


def test_h27_an_open_change_and_an_open_activity_keep_the_branch_from_being_archived(tmp_path: Path) -> None:
    one, case = at_the_end(tmp_path)
    change = next(thing for thing in cards(one, "change") if "firewall" in text(thing.raw, "briefDescription"))
    activity = next(thing for thing in cards(one, "activity") if "patching" in text(thing.raw, "briefDescription"))
    over = text(change.raw, "processingStatus")
    change.raw["processingStatus"] = "extensive_inProgress"
    with pytest.raises(Refused, match=r"1 change is open \(Replace the firewall\)"):
        planned(one, case, CONTRACT, "carla")
    change.raw["processingStatus"] = over
    activity.raw["skipped"] = {"value": False}
    with pytest.raises(Refused, match=r"1 activity is open \(Monthly patching\)"):
        planned(one, case, CONTRACT, "carla")
    activity.raw["skipped"] = {"value": True}

    assert planned(one, case, CONTRACT, "carla").state is State.PLANNED


def test_h27_what_was_opened_after_the_yes_keeps_the_branch_from_being_archived(tmp_path: Path) -> None:
    one, case = at_the_end(tmp_path)
    planned(one, case, CONTRACT, "carla")
    approved(one, case, CONTRACT, "paul")
    call = next(thing for thing in cards(one, "incident") if text(thing.raw, "briefDescription").startswith("Laptop"))
    call.raw["closed"] = False
    run(one, case)
    (branch,) = [thing for thing in cards(one, "branch") if dig(thing.raw, "headBranch") is None][:1]
    assert standing(one, case, CONTRACT).state is State.LEFT and text(branch.raw, "status") != "archived"
    said = [row.why for row in verdicts(one, case, CONTRACT, Verdict.LEFT) if row.ref.endswith(branch.id)]
    assert said and "Laptop does not start is open (1 such)" in said[0], said
    call.raw["closed"] = True
    planned(one, case, CONTRACT, "carla")
    approved(one, case, CONTRACT, "paul")
    run(one, case)
    assert standing(one, case, CONTRACT).state is State.DONE


def test_assets_go_before_the_branch_and_nobody_elses_card_is_touched(tmp_path: Path) -> None:
    one, case = at_the_end(tmp_path)
    before = {slug: value for slug, value in digests(one).items() if slug != LEAVER}
    planned(one, case, CONTRACT, "carla")
    ranks = {kind: {act.rank for act in plan(one, case, CONTRACT).actions if act.kind is kind and act.verb is Verb.END}
             for kind in (Kind.ASSET, Kind.CONTACT_PERSON, Kind.BRANCH)}  # fmt: skip
    assert max(ranks[Kind.ASSET] | ranks[Kind.CONTACT_PERSON]) < min(ranks[Kind.BRANCH])

    approved(one, case, CONTRACT, "paul")
    run(one, case)

    assert standing(one, case, CONTRACT).state is State.DONE
    assert all(thing.raw["archived"] is True for kind in ("asset", "branch") for thing in cards(one, kind))
    people = [thing for thing in cards(one, "person") if thing.raw["archived"] is not True]
    assert [text(thing.raw, "jobTitle") for thing in people] == ["service desk"], "our own operator stays"
    assert {slug: value for slug, value in digests(one).items() if slug != LEAVER} == before


def test_f2_one_card_that_is_not_archived_leaves_the_step_and_the_next_plan_touches_only_what_is_left(
    tmp_path: Path,
) -> None:
    one, case = at_the_end(tmp_path)
    planned(one, case, CONTRACT, "carla")
    people = [act for act in plan(one, case, CONTRACT).actions if act.kind is Kind.CONTACT_PERSON]
    assert len(people) > 2
    stuck = people[1]
    trouble(one, do="status", vendor="topdesk", method="PUT", path=f"persons/id/{stuck.target}/archive", status=403)
    approved(one, case, CONTRACT, "paul")
    run(one, case)
    assert standing(one, case, CONTRACT).state is State.LEFT
    assert stuck.ref in {row.ref for row in verdicts(one, case, CONTRACT, Verdict.LEFT)}
    calm(one)

    planned(one, case, CONTRACT, "carla")

    again = {act.target for act in plan(one, case, CONTRACT).actions if act.kind is Kind.CONTACT_PERSON}
    assert again == {stuck.target}
    approved(one, case, CONTRACT, "paul")
    run(one, case)
    assert standing(one, case, CONTRACT).state is State.DONE


def test_f1_a_service_desk_that_says_yes_and_archives_nothing_leaves_the_step_open(tmp_path: Path) -> None:
    one, case = at_the_end(tmp_path)
    planned(one, case, CONTRACT, "carla")
    approved(one, case, CONTRACT, "paul")
    trouble(one, do="lie", vendor="topdesk", method="PUT", path="archive")
    run(one, case)

    assert standing(one, case, CONTRACT).state is State.LEFT
    assert not any(thing.raw["archived"] is True for thing in cards(one, "branch"))
    with pytest.raises(Refused):
        one.desk.close(one.who("paul"), case.id)


def test_our_operator_that_is_archived_in_the_middle_of_a_run_stops_it_and_nothing_is_called_gone(
    tmp_path: Path,
) -> None:
    one, case = at_the_end(tmp_path)
    planned(one, case, CONTRACT, "carla")
    approved(one, case, CONTRACT, "paul")
    me = next(
        thing for thing in one.sandbox.world.all("topdesk", "operator") if text(thing.raw, "loginName") == "SENDOFF"
    )
    me.raw["archived"] = True
    run(one, case)

    now = standing(one, case, CONTRACT)
    assert now.state is not State.DONE
    assert verdicts(one, case, CONTRACT, Verdict.GONE) == [] if now.judgements else True
    assert not any(thing.raw["archived"] is True for thing in cards(one, "branch"))


def test_f23_every_text_that_was_sent_is_kept_as_evidence_word_for_word(full: Told) -> None:
    one, store = full.stage, full.stage.desk.ports.store
    plans = one.desk.plans(full.case.id)
    texts = {store.get(full.case.id, Digest(value)).decode() for made in plans for act in made.actions
             for name, value in act.content if name in ("letter", "request")}  # fmt: skip
    mailbox = text(one.sandbox.world.msp, "mailbox")
    sent = [text(dig(thing.raw, "body"), "content") for thing in one.sandbox.world.all("graph", "message")
            if text(thing.raw, "parentFolderId") == "sentitems" and thing.place == mailbox]  # fmt: skip
    tasks = [text(thing.raw, "request") for thing in one.sandbox.world.all("topdesk", "incident")
             if text(thing.raw, "externalNumber").startswith("so-")]  # fmt: skip
    assert len(sent) >= 5 and tasks

    assert [one for one in (*sent, *tasks) if one not in texts] == []


def test_f20_no_letter_holds_a_link_that_somebody_or_a_scanner_could_open(full: Told) -> None:
    one, store = full.stage, full.stage.desk.ports.store
    texts = ("letter", "request", "invite")
    acts = [act for made in one.desk.plans(full.case.id) for act in made.actions]
    named = [value for act in acts for name, value in act.content if name in texts]
    bodies = [store.get(full.case.id, Digest(value)).decode() for value in named]
    assert len(bodies) >= 8

    assert [body for body in bodies if "http:" in body.lower() or "https:" in body.lower()] == []
