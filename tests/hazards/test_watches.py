"""H14, H47: an account or an app of ours is disabled, watched, and then deleted; the watch is planned backwards from
our last access day, and no key is kept only for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fakes.houses import LEAVER, Stage, stage
from fakes.leavings import approved, at_gate, certificate, move, plan, planned, plant, run, standing, there, verdicts
from sendoff.engine.judging import stored_deeds
from sendoff.model.case import Case
from sendoff.model.errors import BadInput, Refused
from sendoff.model.facts import Facts, Recorded
from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.plan import Action
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier
from sendoff.model.verdict import Verdict
from sendoff.rules.deadlines import end_of, no_later
from sendoff.sandbox.wire import text
from sendoff.sandbox.world import Thing
from sendoff.steps import by_id

ACCOUNTS, APPS, EARLY = "remove-accounts", "remove-service-principals", "disable-accounts"


def short(facts: Facts) -> Facts:
    """Our access ends three days after the contract: there is no room for a watch of fourteen days after it."""
    return replace(facts, access_until=facts.contract_end + timedelta(days=3))


def with_engineer(tmp_path: Path) -> tuple[Stage, str, Callable[[Facts], Facts]]:
    """A customer of the smallest tier, where an engineer of ours has an account that onboarding recorded; its id, and
    what puts it into the record."""
    one = stage(tmp_path, tier=Tier.CSP)
    ident = plant(one, system="graph", kind="user", name="engineer").rpartition(":")[2]
    row = Recorded(system=System.ENTRA, kind=Kind.USER, id=ident)
    return one, ident, lambda facts: replace(facts, record=(*facts.record, row))


def account(one: Stage, ident: str) -> Thing:
    found = one.sandbox.world.get("graph", "user", ident)
    assert found is not None
    return found


def held(tmp_path: Path) -> tuple[Stage, Case, list[Action]]:
    """A leaving in which the accounts of ours were disabled just now."""
    one, _, recorded = with_engineer(tmp_path)
    case = one.until(one.opened(recorded), ACCOUNTS, "held")
    return one, case, list(plan(one, case, ACCOUNTS).actions)


def ends(one: Stage, case: Case, step: str = ACCOUNTS) -> datetime:
    until = standing(one, case, step).held_until
    assert until is not None
    return until


def over(one: Stage, case: Case, step: str = ACCOUNTS) -> State:
    """Move civil time to the end of the watch, and let the worker look."""
    move(one, ends(one, case, step))
    run(one, case)
    return standing(one, case, step).state


def test_h14_an_account_is_disabled_and_signed_out_watched_for_fourteen_days_and_then_deleted(tmp_path: Path) -> None:
    one, case, acts = held(tmp_path)
    now = standing(one, case, ACCOUNTS)
    assert {act.verb for act in acts} == {Verb.DISABLE} and {act.kind for act in acts} == {Kind.USER, Kind.GUEST}
    assert now.acted_at is not None and now.held_until == now.acted_at + timedelta(days=14)
    assert f"held until {now.held_until:%Y-%m-%d %H:%M} UTC" in now.reason
    for act in acts:
        row = account(one, act.target).raw
        assert row["accountEnabled"] is False and text(row, "signInSessionsValidFromDateTime")
    deeds = stored_deeds(one.desk.ports, one.desk.case(case.id), by_id(now.step))
    said = {deed.ref: dict(deed.receipt.said)["sessions"] for deed in deeds}
    assert all(said[act.ref].startswith("revoked") for act in acts)
    assert all("at home are not ours to end" in said[act.ref] for act in acts if act.kind is Kind.GUEST)
    assert {row.ref for row in verdicts(one, case, ACCOUNTS, Verdict.HELD)} == {act.ref for act in acts}
    move(one, ends(one, case) - timedelta(seconds=1))
    run(one, case)
    assert standing(one, case, ACCOUNTS).state is State.HELD and all(there(one, act) for act in acts)
    assert over(one, case) is State.READY
    assert "plan their removal" in standing(one, case, ACCOUNTS).reason
    planned(one, case, ACCOUNTS)
    second = plan(one, case, ACCOUNTS).actions
    assert {act.verb for act in second} == {Verb.REMOVE} and {act.target for act in second} == {a.target for a in acts}
    assert all("nothing tried to sign in since" in act.why for act in second)
    one.control("POST", "/cast/act")
    approved(one, case, ACCOUNTS)
    run(one, case)
    assert standing(one, case, ACCOUNTS).state is State.DONE and not any(there(one, act) for act in acts)


def test_h14_what_still_signs_in_during_the_watch_is_not_deleted_and_a_person_decides(tmp_path: Path) -> None:
    one, case, acts = held(tmp_path)
    used = next(act for act in acts if act.kind is Kind.USER)
    name = text(account(one, used.target).raw, "userPrincipalName")
    move(one, ends(one, case) - timedelta(days=4))
    day = one.sandbox.world.now.date().isoformat()
    one.control("POST", "/hands", do="graph.use-account", customer=LEAVER, user=name, script=True)
    assert over(one, case) is State.LEFT
    why = standing(one, case, ACCOUNTS).reason
    assert f"something tried to sign in with it on {day}" in why and used.name in why
    again = planned(one, case, ACCOUNTS)
    lines = plan(one, case, ACCOUNTS).actions
    assert again.state is State.PLANNED and [(act.verb, act.target) for act in lines] == [(Verb.DISABLE, used.target)]
    assert "a new watch begins" in lines[0].why, "who says yes to that has found out what uses it"
    one.control("POST", "/cast/act")
    approved(one, case, ACCOUNTS)
    run(one, case)
    assert standing(one, case, ACCOUNTS).state is State.HELD and all(there(one, act) for act in acts)
    assert ends(one, case) == one.house.clock.now() + timedelta(days=14)


@pytest.mark.parametrize("when", ["in the watch", "after the yes"])
def test_h14_an_account_that_was_enabled_again_is_not_deleted(tmp_path: Path, when: str) -> None:
    one, case, acts = held(tmp_path)
    thing = account(one, acts[0].target)
    if when == "in the watch":
        one.sandbox.world.change(thing, {"accountEnabled": True})
        assert over(one, case) is State.LEFT
        assert "it was enabled again" in standing(one, case, ACCOUNTS).reason
    else:
        assert over(one, case) is State.READY
        planned(one, case, ACCOUNTS)
        one.control("POST", "/cast/act")
        approved(one, case, ACCOUNTS)
        one.sandbox.world.change(thing, {"accountEnabled": True})
        run(one, case)
        assert standing(one, case, ACCOUNTS).state is State.LEFT
        assert dict(standing(one, case, ACCOUNTS).outcomes) == {"changed": 1, "done": len(acts) - 1}
    assert there(one, acts[0])


def test_h14_nothing_is_deleted_while_its_watch_runs_and_not_without_one(tmp_path: Path) -> None:
    one, case, acts = held(tmp_path)
    one.desk.stop(one.who("erik"), case.id, StepId(ACCOUNTS), reason="let us plan at once")
    one.desk.resume(one.who("erik"), case.id, StepId(ACCOUNTS), reason="let us plan at once")
    with pytest.raises(Refused, match=r"held until .* plan the removal then"):
        planned(one, case, ACCOUNTS)
    assert all(there(one, act) for act in acts)


def test_h14_an_app_of_ours_and_its_consents_go_after_the_same_watch(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    one.control("POST", "/hands", do="graph.plant-traces", customer=LEAVER)
    case = one.until(one.opened(), APPS, "held")
    assert ends(one, case, APPS) > one.house.clock.now() + timedelta(days=13)
    app = plan(one, case, APPS).actions[0]
    held_row = one.sandbox.world.get("graph", "servicePrincipal", app.target)
    assert held_row is not None and held_row.raw["accountEnabled"] is False
    assert over(one, case, APPS) is State.READY, "its consents end with it, and stand in no way"
    planned(one, case, APPS)
    approved(one, case, APPS)
    run(one, case)
    assert standing(one, case, APPS).state is State.DONE and not there(one, app)


def test_h47_where_our_access_ends_soon_the_watch_begins_before_the_contract_is_over(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened(short)
    facts = case.facts
    case = one.until(case, EARLY, "approved")
    gate = at_gate(one, case, EARLY, "not before")
    assert gate is not None and gate.until == no_later(facts) - timedelta(days=14)
    assert "planned backwards from our last access day" in gate.reason
    case = one.until(case, EARLY, "held")
    assert one.house.clock.now() < end_of(facts.contract_end, facts.zone)
    assert ends(one, case, EARLY) <= no_later(facts)
    ended = one.story(case).tell()
    assert ended.outcome == "clean"
    assert ended.steps[StepId(EARLY)].state is State.DONE and ended.steps[StepId(ACCOUNTS)].state is State.DONE
    deleted = ended.steps[StepId(ACCOUNTS)].acted_at
    assert deleted is not None and deleted >= end_of(facts.contract_end, facts.zone), "deleted only after the contract"
    assert deleted <= no_later(facts) + timedelta(hours=1), "and no key was kept for the watch"


def test_h47_with_room_enough_nothing_is_disabled_before_the_contract_is_over(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()
    one.desk.preflight(one.who("erik"), case.id)
    assert EARLY not in one.desk.case(case.id).steps


def test_h47_what_somebody_still_works_with_is_left_for_the_second_wave(tmp_path: Path) -> None:
    one, ident, recorded = with_engineer(tmp_path)
    name = text(account(one, ident).raw, "userPrincipalName")
    case = one.opened(lambda facts: replace(short(recorded(facts)), working=(name.upper(),)))
    case = one.until(case, EARLY, "held")
    first = plan(one, case, EARLY)
    assert [left.item.id for left in first.left if "still needs it" in left.why] == [ident]
    assert account(one, ident).raw["accountEnabled"] is True
    people = [act for act in first.actions if act.kind in (Kind.USER, Kind.GUEST)]
    assert people and all(account(one, act.target).raw["accountEnabled"] is False for act in people)


def test_h47_what_does_not_fit_any_more_is_deleted_by_the_customer_and_no_key_waits(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened(lambda facts: replace(facts, watch_days=80, watch_because="what runs once a quarter"))
    case = one.until(case, ACCOUNTS, "approved")
    acts = plan(one, case, ACCOUNTS).actions
    assert {(act.verb, act.by_person) for act in acts} == {(Verb.DISABLE, False), (Verb.REMOVE, True)}
    assert all("the customer deletes it" in act.why and "admin centre > Users" in act.why for act in acts if act.rank)
    story = one.story(case)
    story.hands = {**story.hands, ACCOUNTS: ()}
    story.turn()
    story.move_clock()
    story.turn()
    now = standing(one, case, ACCOUNTS)
    assert now.state is State.HELD and "a person does it, and it was not seen yet" in now.reason
    assert now.held_until is not None and now.held_until < one.house.clock.now() + timedelta(days=2)
    ended = one.story(case).tell()
    assert ended.outcome == "clean" and not any(there(one, act) for act in acts)
    assert one.house.clock.now() < no_later(ended.facts), "no key of ours waited for eighty days"
    assert certificate(one, ended).outcome == "clean"


def test_h47_a_watch_of_another_length_takes_a_reason_and_is_a_frozen_fact(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    facts = one.facts()
    assert replace(facts, watch_days=3).frozen_digest != facts.frozen_digest
    with pytest.raises(BadInput, match="watch_because"):
        one.opened(lambda its: replace(its, watch_days=3))
    with pytest.raises(BadInput, match="from 1 to 90 days"):
        one.opened(lambda its: replace(its, watch_days=0, watch_because="no time at all"))
