"""H15 to H17, H26, H27, H33, H36, H40 and H44: what single lines of the checklist must not do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from fakes.houses import LEAVER, TEMPLATE, NoLimits, Stage, stage
from fakes.leavings import (
    Told,
    after_contract,
    approved,
    at_gate,
    calm,
    certificate,
    effects,
    move,
    plan,
    planned,
    removed,
    run,
    standing,
    there,
    trouble,
    verdicts,
)
from sendoff.engine.desk import Desk, read_checklist
from sendoff.model.case import Case
from sendoff.model.errors import Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Kind, Verb
from sendoff.model.proof import ProofKind
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier
from sendoff.model.verdict import Verdict
from sendoff.rules.deadlines import end_of
from sendoff.sandbox.wire import Obj, text
from sendoff.sandbox.world import Thing
from sendoff.wiring.worlds import SettingsWorld

PRTG, PROBE, RESOURCES = "remove-from-prtg", "remove-prtg-probe", "remove-resources"
ARTICLES, PORTAL, CONTRACT, STOPS = "remove-articles", "disable-reassure", "terminate-contract", "stop-renewals"


def of_prtg(one: Stage, verb: str = "") -> list[str]:
    """What our key did in PRTG, in order: verb and id."""
    rows = [row for row in effects(one, verb) if text(row, "kind") in ("prtg.group", "prtg.device", "prtg.probe")]
    return [f"{row['verb']} {row['id']}" for row in rows]


# ---- H15, H17: monitoring ----------------------------------------------------------------------------------------


def test_h15_monitoring_is_not_even_paused_before_the_contract_has_ended(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), PRTG, "approved")
    acts = [act for act in plan(one, case, PRTG).actions if act.kind is not Kind.PRTG_MEASUREMENTS]
    after_contract(one, case, short=1)
    run(one, case)
    gate = at_gate(one, case, PRTG, "not before")
    assert gate is not None and gate.until == end_of(case.facts.contract_end, case.facts.zone)
    assert all(there(one, act) for act in acts) and of_prtg(one) == []
    after_contract(one, case)
    run(one, case)
    assert standing(one, case, PRTG).state is State.DONE and of_prtg(one, "removed")


def test_h17_everything_is_paused_before_it_is_removed(full: Told) -> None:
    told = of_prtg(full.stage)
    targets = {
        act.target
        for made in full.stage.desk.plans(full.case.id)
        for act in made.actions
        if act.verb is Verb.REMOVE and act.kind in (Kind.PRTG_GROUP, Kind.PRTG_DEVICE, Kind.PRTG_PROBE)
    }
    assert len(targets) > 1
    for target in targets:
        assert told.index(f"changed {target}") < told.index(f"removed {target}")


def test_h17_what_cannot_be_paused_is_not_removed(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), PRTG, "approved")
    acts = [act for act in plan(one, case, PRTG).actions if act.kind is not Kind.PRTG_MEASUREMENTS]
    after_contract(one, case)
    trouble(one, do="status", status=500, vendor="prtg", path="pause")
    run(one, case)
    assert all(there(one, act) for act in acts) and of_prtg(one, "removed") == []
    assert standing(one, case, PRTG).state is State.LEFT
    calm(one)
    planned(one, case, PRTG)
    approved(one, case, PRTG)
    run(one, case)
    assert standing(one, case, PRTG).state is State.DONE


# ---- H16: the probe ----------------------------------------------------------------------------------------------


def test_h16_a_probe_that_still_runs_comes_back_and_is_not_called_gone(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.until(one.opened(), PROBE, "held")
    assert "watched until" in standing(one, case, PROBE).reason
    one.control("POST", "/hands", do="prtg.probe-reconnects", customer=LEAVER)
    until = standing(one, case, PROBE).held_until
    assert until is not None
    move(one, until)
    run(one, case)
    now = standing(one, case, PROBE)
    assert now.state is State.LEFT and now.settled_at is None, now.reason
    assert "Probe Van der Meer" in now.reason
    with pytest.raises(Refused, match=PROBE):
        one.desk.close(one.who("paul"), case.id)


def test_h16_a_probe_that_stays_silent_for_a_day_is_gone(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.until(one.opened(), PROBE, "held")
    acted = standing(one, case, PROBE).acted_at
    assert acted is not None
    move(one, acted + timedelta(hours=23))
    run(one, case)
    assert standing(one, case, PROBE).state is State.HELD, "a day is a day"
    move(one, acted + timedelta(hours=24))
    run(one, case)
    assert standing(one, case, PROBE).state is State.DONE


def without_host(facts: Facts) -> Facts:
    """Nobody wrote down on which machine the probe runs."""
    return replace(facts, places=replace(facts.places, prtg_probe_host=""))


def test_h16_without_a_host_the_node_stays_until_somebody_says_that_it_is_uninstalled(tmp_path: Path) -> None:
    one, case = unhosted(tmp_path)
    gate = at_gate(one, case, PROBE, "probe")
    assert gate is not None and "nobody uninstalled it on its host" in gate.reason
    acts = plan(one, case, PROBE).actions
    assert acts and all(there(one, act) for act in acts)
    one.control("POST", "/hands", do="prtg.uninstall-probe", customer=LEAVER)
    one.desk.attest(one.who("erik"), case.id, ProofKind.PROBE_UNINSTALLED, [b"a photo"], note="it is off")
    run(one, case)
    assert standing(one, case, PROBE).state is State.HELD and not any(there(one, act) for act in acts)


def test_h16_a_probe_that_was_seen_uninstalled_may_be_removed_by_a_later_plan(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.until(one.opened(), PROBE, "approved")
    after_contract(one, case)
    trouble(one, do="status", status=500, vendor="prtg", path="deleteobject")
    run(one, case)
    assert standing(one, case, PROBE).state is State.LEFT, "its node could not be removed"
    assert one.desk.case(case.id).proven(ProofKind.PROBE_UNINSTALLED) is not None, "its service was seen gone"
    calm(one)

    planned(one, case, PROBE)
    acts = plan(one, case, PROBE).actions
    approved(one, case, PROBE)
    run(one, case)

    assert not any(act.kind is Kind.PROBE_SERVICE for act in acts)
    assert standing(one, case, PROBE).state is State.HELD and not any(there(one, act) for act in acts)


def falsely_attested(folder: Path) -> tuple[Stage, Case, datetime]:
    """Somebody said that the probe is off its host, which it is not; its day of silence is over."""
    one, case = unhosted(folder)
    one.desk.attest(one.who("erik"), case.id, ProofKind.PROBE_UNINSTALLED, [b"a photo"], note="I think so")
    run(one, case)
    until = standing(one, case, PROBE).held_until
    assert until is not None
    move(one, until)
    run(one, case)
    return one, case, until


def test_h16_a_false_word_on_the_uninstall_is_found_out_by_the_watch(tmp_path: Path) -> None:
    one, case, _ = falsely_attested(tmp_path)
    assert standing(one, case, PROBE).state is State.LEFT
    assert [row.name for row in verdicts(one, case, PROBE, Verdict.LEFT)] == ["Probe Van der Meer Logistics B.V."]


def test_h16_who_then_does_uninstall_it_waits_for_another_silent_day(tmp_path: Path) -> None:
    one, case, until = falsely_attested(tmp_path)
    one.control("POST", "/hands", do="prtg.uninstall-probe", customer=LEAVER)

    planned(one, case, PROBE)
    now = standing(one, case, PROBE)
    assert now.state is State.LEFT and "silent for a day" in now.reason, "uninstalled a moment ago"

    move(one, until + timedelta(days=1, minutes=1))
    planned(one, case, PROBE)
    assert standing(one, case, PROBE).state is State.DONE


def unhosted(folder: Path) -> tuple[Stage, Case]:
    """The probe's removal is planned and approved, the contract is over, and no host is on file."""
    one = stage(folder, tier=Tier.PREMIUM)
    case = one.until(one.opened(without_host), PROBE, "approved")
    after_contract(one, case)
    run(one, case)
    return one, case


# ---- H26, H27: invoice and history -------------------------------------------------------------------------------


def of_portal(one: Stage, kind: str) -> list[str]:
    """What our key did in the portal to things of a kind, in order."""
    return [f"{row['verb']} {row['id']}" for row in effects(one) if text(row, "kind") == f"reassure.{kind}"]


def test_h26_no_article_ends_before_the_final_invoice_is_a_frozen_draft(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), ARTICLES, "approved")
    kinds = [(act.rank, act.kind) for act in plan(one, case, ARTICLES).actions]
    assert kinds[0] == (0, Kind.INVOICE_DRAFT) and all(rank > 0 for rank, kind in kinds if kind is Kind.ARTICLE)
    after_contract(one, case)
    trouble(one, do="status", status=500, vendor="reassure", method="POST")
    before = len(effects(one))
    run(one, case)
    now = standing(one, case, ARTICLES)
    assert now.state is State.LEFT and "what stands on it did not begin" in now.reason
    assert not [row for row in effects(one)[before:] if "article" in text(row, "kind")]
    assert one.wire.calls("PATCH", "articles") == 0 and one.wire.calls("PUT", "articles") == 0
    calm(one)
    story = one.story(case)
    for _ in range(4):
        story.turn()
    assert standing(one, case, ARTICLES).state is State.DONE
    assert [row for row in effects(one)[before:] if "article" in text(row, "kind")], "the same reading does show ends"


def test_h26_a_frozen_draft_of_other_days_is_not_the_final_invoice(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), ARTICLES, "ready")
    customer, world = case.facts.places.reassure_customer, one.sandbox.world
    days: Obj = {"from": "2026-10-01", "until": "2026-10-31", "currency": "EUR", "total": "10.00", "lines": []}
    raw: Obj = {"id": "draft-9", "customer_id": customer, **days, "frozen": True, "frozen_at": "2026-11-01T08:00:00Z"}
    other = world.add(Thing("reassure", "draft", "draft-9", LEAVER, raw))
    planned(one, case, ARTICLES, "carla")
    first = plan(one, case, ARTICLES).actions[0]
    assert (first.kind, first.verb, first.rank) == (Kind.INVOICE_DRAFT, Verb.CREATE, 0)
    other.raw["until"] = case.facts.contract_end.isoformat()
    planned(one, case, ARTICLES, "carla")
    assert Kind.INVOICE_DRAFT not in {act.kind for act in plan(one, case, ARTICLES).actions}, "that one is"


def archived(one: Stage) -> bool:
    """Whether the customer's branch is archived in the service desk."""
    ident = one.facts().places.topdesk_branch
    found = [
        thing
        for thing in one.sandbox.world.all("topdesk", "branch")
        if ident in (thing.id, text(thing.raw, "clientReferenceNumber"), text(thing.raw, "name"))
    ]
    assert len(found) == 1
    return text(found[0].raw, "status") == "archived" or found[0].raw.get("archived") is True


def test_h27_open_calls_keep_the_branch_from_being_archived(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), CONTRACT, "ready")
    after_contract(one, case)
    with pytest.raises(Refused, match=r"1 call is open \(Laptop does not start\): close what is open first"):
        planned(one, case, CONTRACT, "carla")
    assert standing(one, case, CONTRACT).state is State.READY and not archived(one)
    one.control("POST", "/hands", do="topdesk.close-calls", customer=LEAVER)
    planned(one, case, CONTRACT, "carla")
    first = plan(one, case, CONTRACT).actions[0]
    assert (first.verb, first.kind, first.rank) == (Verb.EXPORT, Kind.CALL, 0), "their history is kept first"
    approved(one, case, CONTRACT, "paul")
    run(one, case)
    assert standing(one, case, CONTRACT).state is State.DONE and archived(one)


def test_h27_nobody_loses_the_portal_before_its_reports_are_kept(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), PORTAL, "approved")
    after_contract(one, case)
    trouble(one, do="status", status=500, vendor="reassure", method="GET", path="reports")
    run(one, case)
    now = standing(one, case, PORTAL)
    assert now.state is State.LEFT and "what stands on it did not begin" in now.reason
    users = [row for row in effects(one) if "user" in text(row, "kind") and "reassure" in text(row, "kind")]
    assert users == []
    calm(one)
    planned(one, case, PORTAL, "carla")
    approved(one, case, PORTAL, "paul")
    run(one, case)
    assert standing(one, case, PORTAL).state is State.DONE
    users = [row for row in effects(one) if "user" in text(row, "kind") and "reassure" in text(row, "kind")]
    assert users, "the same reading of the record does show them"


# ---- H33: a notice that moves or is taken back -----------------------------------------------------------------------

LATER: dict[str, Callable[[Facts], Facts]] = {
    "contract end": lambda facts: replace(
        facts,
        contract_end=facts.contract_end + timedelta(days=14),
        access_until=facts.access_until + timedelta(days=14),
    ),
    "transfer": lambda facts: replace(facts, transfer_on=facts.contract_end + timedelta(days=14)),
    "last access day": lambda facts: replace(facts, access_until=facts.access_until + timedelta(days=14)),
}


def agreed(one: Stage, case: Case, facts: Facts) -> None:
    """One person brings the new facts, and a second one the very same."""
    for person in ("carla", "paul"):
        one.desk.change_facts(one.who(person), case.id, facts, reason="their mail of today")


@pytest.mark.parametrize("what", LATER)
def test_h33_a_date_that_moves_voids_every_yes_and_plan(tmp_path: Path, what: str) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()
    planned(one, case, "confirm-termination", "carla")
    approved(one, case, "confirm-termination", "paul")
    agreed(one, case, LATER[what](case.facts))
    now = standing(one, case, "confirm-termination")
    assert (now.state, now.approval, now.plan) == (State.READY, None, None)
    run(one, case)
    assert not effects(one, "sent"), "no letter leaves with the old date in it"


def test_h33_what_does_not_move_a_date_leaves_the_yes_alone(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()
    planned(one, case, "confirm-termination", "carla")
    approved(one, case, "confirm-termination", "paul")
    other = replace(case.facts, places=replace(case.facts.places, prtg_probe_host=""))
    one.desk.change_facts(one.who("carla"), case.id, other, reason="it was never used")
    assert standing(one, case, "confirm-termination").state is State.APPROVED


def test_h33_nothing_runs_under_the_old_date(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), RESOURCES, "approved")
    acts = plan(one, case, RESOURCES).actions
    agreed(one, case, LATER["contract end"](case.facts))
    move(one, end_of(case.facts.contract_end, case.facts.zone))
    run(one, case)
    planned(one, case, RESOURCES)
    approved(one, case, RESOURCES)
    run(one, case)
    gate = at_gate(one, case, RESOURCES, "not before")
    assert gate is not None and "the contract runs through 2027-01-14" in gate.reason
    assert all(there(one, act) for act in acts) and not removed(one)


def test_h33_a_deed_that_was_asked_under_the_old_date_is_asked_anew(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), STOPS, "held")
    agreed(one, case, LATER["contract end"](case.facts))
    now = standing(one, case, STOPS)
    assert now.state is State.STOPPED and now.approval is None and "a frozen fact changed" in now.reason
    one.desk.resume(one.who("carla"), case.id, StepId(STOPS), reason="with the new date")
    planned(one, case, STOPS, "carla")
    due = [value for act in plan(one, case, STOPS).actions for key, value in act.content if key == "due"]
    assert due == ["2027-01-14"]


def test_h33_a_notice_that_is_taken_back_stops_everything_at_once(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), RESOURCES, "approved")
    acts = plan(one, case, RESOURCES).actions
    one.desk.halt(one.who("carla"), case.id, on=True, reason="they take their notice back")
    after_contract(one, case)
    before = len(effects(one))
    run(one, case)
    gate = at_gate(one, case, RESOURCES, "halt")
    assert gate is not None and "they take their notice back" in gate.reason
    assert all(there(one, act) for act in acts) and effects(one)[before:] == []


# ---- H36: a task is not a deed -----------------------------------------------------------------------------------


def tasks(one: Stage) -> list[Thing]:
    """Our tasks for operators in the service desk."""
    calls = one.sandbox.world.all("topdesk", "incident")
    return [thing for thing in calls if text(thing.raw, "externalNumber").startswith("so-")]


def test_h36_a_deed_by_hand_that_nobody_did_keeps_the_step_open_although_its_task_is_closed(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), STOPS, "held")
    assert len(tasks(one)) == 1
    one.control("POST", "/hands", do="topdesk.close-calls", customer=LEAVER)
    assert tasks(one)[0].raw["closed"] is True, "somebody ticked it"
    for _ in range(3):
        until = standing(one, case, STOPS).held_until
        assert until is not None
        move(one, until)
        run(one, case)
    now = standing(one, case, STOPS)
    assert now.state is State.HELD and "a person does it, and it was not seen yet: TOPdesk" in now.reason
    assert [row.verdict for row in verdicts(one, case, STOPS, Verdict.HELD)] == [Verdict.HELD]
    with pytest.raises(Refused):
        one.desk.attest(one.who("carla"), case.id, STOPS, [b"ticked"], note="done")
    with pytest.raises(Refused, match=STOPS):
        one.desk.close(one.who("paul"), case.id)
    one.control("POST", "/hands", do="topdesk.end-contract", customer=LEAVER)
    until = standing(one, case, STOPS).held_until
    assert until is not None
    move(one, until)
    run(one, case)
    assert standing(one, case, STOPS).state is State.DONE


# ---- H40: the issue ----------------------------------------------------------------------------------------------


def mirrored(folder: Path, **told: object) -> Stage:
    """A house with an issue for each case, and these settings of it."""
    one = stage(folder, tier=Tier.CSP, github=True)
    assert one.house.settings.github is not None
    settings = one.house.settings.model_copy(update={"github": one.house.settings.github.model_copy(update=told)})
    old, client = one.desk.ports.world, httpx2.Client(transport=one.wire)
    clock = one.house.clock
    world = SettingsWorld(settings, NoLimits(), lambda: client, name=old.id, sandbox=old.sandbox, clock=clock)
    return replace(one, house=replace(one.house, desk=Desk(ports=replace(one.desk.ports, world=world))))


def issues(one: Stage) -> list[Thing]:
    """Every issue there is in any repository."""
    return [thing for thing in one.sandbox.world.all("github", "issue") if "sendoff" in str(thing.raw.get("body"))]


def whole_text(one: Stage) -> str:
    """All that stands on the issues and in their comments, hidden marks too."""
    comments = [text(thing.raw, "body") for thing in one.sandbox.world.all("github", "comment")]
    rows = [f"{thing.raw.get('title')}\n{thing.raw.get('body')}" for thing in issues(one)]
    return "\n".join([*rows, *comments])


def test_h40_a_public_repository_is_refused_before_a_case_opens(tmp_path: Path) -> None:
    one = mirrored(tmp_path, repository="intercept/handbook")
    with pytest.raises(Refused, match="not a private repository"):
        one.opened()
    assert issues(one) == [] and one.wire.calls("POST", "/issues") == 0
    assert list((tmp_path / "data" / "evidence").glob("L*")) == [], "no case was begun"


def said(one: Stage, what: str) -> str:
    """Something that must not stand on an issue."""
    facts = one.facts()
    return {
        "tenant": facts.customer.tenant,
        "mail": facts.customer.contacts[0].mail,
        "person": facts.customer.contacts[1].name,
        "subscription": facts.scope[0].id.upper(),
        "secret": "password: Zomer2026!",
        "token": "ghp_" + "a" * 36,
    }[what]


@pytest.mark.parametrize("what", ["tenant", "mail", "person", "subscription", "secret", "token"])
def test_h40_a_checklist_that_would_say_too_much_is_refused_before_a_case_opens(tmp_path: Path, what: str) -> None:
    one = mirrored(tmp_path)
    plain = TEMPLATE.read_bytes()
    telling = read_checklist(plain + f"\nNote: {said(one, what)}\n".encode(), "offboarding.md")
    with pytest.raises(Refused, match="take it out of the checklist's text"):
        one.desk.open_case(one.who("carla"), telling, one.facts(), by_hand={}, notice=one.notice())
    assert issues(one) == [] and one.wire.calls("POST", "/issues") == 0
    one.opened()
    assert len(issues(one)) == 1, "without that line the same door opens"


def test_h40_a_whole_case_on_its_issue_names_no_person_object_or_tenant(tmp_path: Path) -> None:
    one = mirrored(tmp_path)
    ended = one.story(one.opened()).tell()
    shown = whole_text(one).lower()
    assert "[x]" in shown and "verified by a second look" in shown and ended.certificate is not None
    facts = ended.facts
    never = {facts.customer.tenant, facts.provider.tenant, facts.provider.executor, *facts.customer.domains}
    never |= {row.id for row in facts.scope} | {contact.name for contact in facts.customer.contacts}
    never |= {person.name for person in one.house.register.people()}
    never |= {act.target for made in one.desk.plans(ended.id) for act in made.actions if len(act.target) > 8}
    assert len(never) > 40
    assert not [one_ for one_ in never if one_.lower() in shown]


def test_h40_without_the_customers_name_neither_name_nor_slug_stands_anywhere_on_it(tmp_path: Path) -> None:
    one = mirrored(tmp_path, name_customer=False)
    ended = one.story(one.opened()).tell()
    shown = whole_text(one).lower()
    assert ended.id.lower() in shown and "<!-- sendoff case:" in shown and "[x]" in shown
    assert ended.facts.customer.name.lower() not in shown and "van der meer" not in shown
    assert ended.facts.customer.slug not in shown
    named = mirrored(tmp_path / "named")
    named.opened()
    assert ended.facts.customer.name.lower() in whole_text(named).lower(), "the same reading does find a name"


def test_h37_on_the_issue_a_line_that_does_not_apply_is_struck_out_with_its_reason(tmp_path: Path) -> None:
    one = mirrored(tmp_path)
    one.opened()
    (issue,) = issues(one)
    others = [row for row in text(issue.raw, "body").splitlines() if "~~" in row]
    plain = TEMPLATE.read_text(encoding="utf-8").splitlines()
    assert others and all("(not applicable: " in row and row.count("~~") == 2 for row in others)
    assert text(issue.raw, "body").count("- [") == sum("- [" in row for row in plain), "no line has vanished"


# ---- H44: a subscription stays -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def staying(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A customer leaves with two subscriptions, and the third stays with us."""
    one = stage(tmp_path_factory.mktemp("staying"), tier=Tier.CSP, stays=True)
    case = one.opened()
    before = dict(one.sandbox.world.objects(LEAVER))
    return Told(one, one.story(case).tell(), before, {}, {}, {})


def test_h44_what_is_tenant_wide_stays_while_a_subscription_stays(staying: Told) -> None:
    one, facts = staying.stage, staying.case.facts
    gone = {key for key in staying.mine if key not in one.sandbox.world.objects(LEAVER)}
    kinds = ("graph:user:", "graph:serviceprincipal:", "graph:application:", "reassure:", "partner-center:customer:")
    assert gone and not [key for key in gone if key.lower().startswith(kinds)]
    assert not any(facts.provider.executor.lower() in row for row in removed(one))
    gdap = [thing for thing in one.sandbox.world.all("graph", "delegatedAdminRelationship") if thing.owner == LEAVER]
    assert [text(thing.raw, "status") for thing in gdap] == ["active"]
    users = [row for row in effects(one) if text(row, "kind") == "reassure.user"]
    assert users == [], "portal access goes on"
    assert {"remove-accounts", "remove-app-registration", "end-relationships"}.isdisjoint(
        step for step, row in staying.case.steps.items() if row.state is State.DONE
    )


def test_h44_the_delegation_of_what_leaves_goes(staying: Told) -> None:
    acts = plan(staying.stage, staying.case, "remove-lighthouse").actions
    leaving = {row.id for row in staying.case.facts.leaving}
    assert {act.scope for act in acts} == leaving and not any(there(staying.stage, act) for act in acts)
    stays = next(row.id for row in staying.case.facts.scope if row.id not in leaving)
    assert not [row for row in removed(staying.stage) if stays in row]


def test_h44_the_doors_that_stay_open_are_called_kept_and_not_shut(staying: Told) -> None:
    doors = {door.key: door.outcome for door in certificate(staying.stage, staying.case).doors}
    assert {doors[key] for key in ("app", "aobo", "gdap", "partner-center")} == {"kept by agreement"}
    assert doors["lighthouse"] == "shut"


def test_h44_the_certificate_does_not_say_that_nothing_is_left_while_keys_are_kept(staying: Told) -> None:
    said = certificate(staying.stage, staying.case)
    assert "nothing of Intercept is left there" not in said.sentence
