"""H33: the termination is withdrawn: open work ends, what was done is put back and seen, and past the point of no
return the answer is no."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fakes.houses import LEAVER, Stage, stage
from fakes.leavings import (
    after_contract,
    approved,
    at_gate,
    certificate,
    hand,
    move,
    objects,
    plan,
    planned,
    plant,
    run,
    standing,
    there,
)
from fakes.withdrawals import BACK, POLICIES, RESOURCES, STAYS, early, put_back, rows, until_removed, withdrawn
from sendoff.engine.deeds import one_deed
from sendoff.engine.tray import Tray
from sendoff.model.errors import Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Outcome, Receipt, once
from sendoff.model.state import SETTLED, State, StepId
from sendoff.model.template import Tier
from sendoff.rules.withdrawing import REMADE
from sendoff.sandbox.arm_ids import LOCK
from sendoff.sandbox.wire import Obj
from sendoff.sandbox.world import Thing

ACCOUNTS, EARLY = "remove-accounts", "disable-accounts"


def test_h33_a_withdrawal_takes_two_persons_and_ends_all_open_work(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), RESOURCES, "approved")
    before = objects(one)
    one.desk.withdraw(one.who("carla"), case.id, reason=STAYS)
    again = one.desk.withdraw(one.who("carla"), case.id, reason=STAYS)
    assert again.withdrawn == "", "one person twice is one person"
    after = one.desk.withdraw(one.who("paul"), case.id, reason=STAYS)
    assert after.withdrawn == STAYS
    assert {step for step, row in after.steps.items() if row.state not in SETTLED} == {StepId(BACK)}
    with pytest.raises(Refused, match="withdrawn already"):
        one.desk.withdraw(one.who("paul"), case.id, reason=STAYS)
    one.desk.resume(one.who("erik"), case.id, StepId(RESOURCES), reason="let us go on")
    after_contract(one, case)
    planned(one, case, RESOURCES)
    approved(one, case, RESOURCES)
    run(one, case)
    gate = at_gate(one, case, RESOURCES, "withdrawal")
    assert gate is not None and STAYS in gate.reason and standing(one, case, RESOURCES).state is State.APPROVED
    assert objects(one) == before, "in a withdrawn case nothing is taken away any more"


@pytest.mark.parametrize("steps", [(POLICIES,), (POLICIES, RESOURCES)], ids=lambda steps: steps[-1])
def test_h33_what_was_removed_is_made_again_from_its_before_image_and_seen_as_it_was(
    tmp_path: Path, steps: tuple[str, ...]
) -> None:
    one, case, before = until_removed(tmp_path, *steps)
    every = [act for step in steps for act in plan(one, case, step).actions if act.verb is Verb.REMOVE]
    told = one.desk.withdrawal(case.id)
    lost = {name for name, _ in told.lost}
    gone = [act for act in every if act.kind in REMADE and act.name not in lost]
    assert {act.kind for act in gone} >= {Kind.POLICY_ASSIGNMENT, Kind.POLICY_DEFINITION}
    assert (RESOURCES in steps) is (Kind.BUDGET in {act.kind for act in gone})
    assert not any(there(one, act) for act in gone) and {name for name, _ in told.back} >= {act.name for act in gone}
    withdrawn(one, case)
    put_back(one, case)
    acts = plan(one, case, BACK).actions
    assert {act.verb for act in acts} == {Verb.PUT_BACK} and {act.ref for act in acts} >= {act.ref for act in gone}
    now = rows(one)
    mine = {key for key in before if any(key.lower().endswith(f":{act.target.lower()}") for act in gone)}
    assert len(mine) == len(gone)
    other = {key: (before[key], now.get(key)) for key in mine if now.get(key) != before[key]}
    assert other == {}, "as it was, but for what the vendor sets"
    assert {key for key in before if "policy" in key and now.get(key) != before[key]} == set()
    one.desk.look(one.who("erik"), case.id, "final")
    ended = one.desk.close(one.who("paul"), case.id)
    end = certificate(one, ended)
    assert ended.outcome == "withdrawn" and "stays with Intercept" in end.sentence and STAYS in end.sentence
    assert not [row for row in end.removed if any(act.name in row for act in gone)], "what is back was not removed"
    assert all(any(name in row for row in end.exceptions) for name, _ in told.lost)


def test_h33_a_lock_of_ours_on_a_place_that_stays_is_made_again_by_our_app(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    opened = one.opened(lambda facts: locked_by_us(one, facts))
    before = objects(one)
    case = one.until(opened, RESOURCES, "approved")
    lock = next(act for act in plan(one, case, RESOURCES).actions if act.name == "intercept-keep")
    early(one, case)
    after_contract(one, case)
    run(one, case)
    assert not there(one, lock) and (lock.name, "made from its before-image") in one.desk.withdrawal(case.id).back
    withdrawn(one, case)
    put_back(one, case)
    assert there(one, lock) and objects(one)[f"arm:microsoft.authorization/locks:{lock.target}"] in before.values()


def locked_by_us(one: Stage, facts: Facts) -> Facts:
    """The same, with a lock of ours on a group of the customer's in the world and on the record."""
    place = f"/subscriptions/{facts.leaving[0].id}/resourceGroups/rg-web"
    ident = f"{place}/providers/Microsoft.Authorization/locks/intercept-keep"
    kind = "Microsoft.Authorization/locks"
    raw: Obj = {"id": ident, "name": "intercept-keep", "type": kind, "properties": {"level": "CanNotDelete"}}
    one.sandbox.world.add(Thing("arm", LOCK, ident, LEAVER, raw, facts.leaving[0].id))
    row = replace(facts.record[0], kind=Kind.LOCK, id=ident)
    return replace(facts, record=(*facts.record, row))


def test_h33_after_accounts_were_disabled_they_are_enabled_again(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened(lambda facts: replace(facts, access_until=facts.contract_end + timedelta(days=3)))
    before = rows(one)
    case = one.until(case, EARLY, "held")
    away = plan(one, case, EARLY).actions
    assert away and {key for key, row in rows(one).items() if before[key] != row}
    withdrawn(one, case)
    put_back(one, case)
    assert rows(one) == before, "each is enabled again, and nothing else is another"


def test_h33_what_somebody_changed_meanwhile_is_left_alone_and_said(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened(lambda facts: replace(facts, access_until=facts.contract_end + timedelta(days=3)))
    case = one.until(case, EARLY, "held")
    act = plan(one, case, EARLY).actions[0]
    withdrawn(one, case)
    planned(one, case, BACK)
    approved(one, case, BACK)
    kind = "servicePrincipal" if act.kind is Kind.SERVICE_PRINCIPAL else "user"
    thing = one.sandbox.world.get("graph", kind, act.target)
    assert thing is not None
    one.sandbox.world.change(thing, {"displayName": "Somebody else"})
    run(one, case)
    assert standing(one, case, BACK).state is State.LEFT
    assert dict(standing(one, case, BACK).outcomes)["changed"] == 1


def test_h33_past_the_point_of_no_return_the_answer_is_no_with_the_reason(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), "accept-transfer", "done")
    told = one.desk.withdrawal(case.id)
    assert told.no_return == ("the transfer was accepted: billing has moved",)
    with pytest.raises(Refused, match="too late to withdraw: the transfer was accepted"):
        one.desk.withdraw(one.who("carla"), case.id, reason=STAYS)
    assert one.desk.case(case.id).withdrawal_asked is None


def test_h33_a_deleted_account_comes_out_of_the_bin_enabled_and_as_it_was(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    facts = one.facts()
    hands, tray = hand(one, facts, System.ENTRA), Tray(one.desk.ports.store, "L1")
    ident = plant(one, system="graph", kind="user", name="engineer").rpartition(":")[2]
    before = rows(one)[f"graph:user:{ident}"]
    at = Target(system=System.ENTRA, kind=Kind.USER, id=ident, scope=facts.customer.tenant, key=Key.APP)
    item = hands.read(at, tray)
    assert item is not None
    act = Action(
        step=StepId(ACCOUNTS),
        system=at.system,
        verb=Verb.DISABLE,
        kind=at.kind,
        target=ident,
        name="engineer",
        scope=at.scope,
        key=at.key,
        why="ours",
        before=item.image,
    )
    back = replace(act, verb=Verb.PUT_BACK, content=(("again", "restored from the bin"),))
    for one_act in (act, replace(act, verb=Verb.REMOVE), back):
        assert one_deed(hands, one_act, once("L1", one_act), tray, False).outcome is Outcome.DONE  # type: ignore[union-attr]
    assert rows(one)[f"graph:user:{ident}"] == before
    again = one_deed(hands, back, once("L1", back), tray, True)
    assert isinstance(again, Receipt) and again.outcome is Outcome.FOUND, "and after a crash it is found"


def meetings(one: Stage) -> list[Thing]:
    """The entries about the leaving in all calendars."""
    return [thing for thing in one.sandbox.world.all("graph", "event") if "overleg" in str(thing.raw).lower()]


def test_h33_a_meeting_that_is_still_to_come_is_taken_back_when_the_customer_stays(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.until(one.opened(), "meet", "done")
    assert meetings(one) and not [thing for thing in meetings(one) if thing.raw.get("isCancelled") is True]

    after = withdrawn(one, case)

    assert after.facts.meeting is not None and after.facts.meeting.off
    assert {step for step, row in after.steps.items() if row.state not in SETTLED} == {
        StepId(BACK),
        StepId("move-meeting"),
    }
    planned(one, case, "move-meeting", "carla")
    approved(one, case, "move-meeting", "paul")
    run(one, case)
    assert standing(one, case, "move-meeting").state is State.DONE, standing(one, case, "move-meeting").reason
    assert all(thing.raw.get("isCancelled") is True for thing in meetings(one))


def test_h33_a_meeting_that_was_held_is_not_taken_back(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.until(one.opened(), "meet", "done")
    move(one, one.house.clock.now() + timedelta(days=20))
    after = withdrawn(one, case)
    assert {step for step, row in after.steps.items() if row.state not in SETTLED} == {StepId(BACK)}
    assert after.facts.meeting is None
