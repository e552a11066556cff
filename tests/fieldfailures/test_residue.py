"""F9 to F13: locks, orphans, soft-deleted things, a delegation without its delete role, and rights after a transfer."""

from datetime import timedelta
from pathlib import Path

import pytest

from fakes.houses import LEAVER, Stage, stage
from fakes.leavings import (
    Told,
    after_contract,
    approved,
    certificate,
    move,
    objects,
    plan,
    planned,
    plant,
    removed,
    run,
    seq,
    standing,
    there,
    trouble,
)
from sendoff.engine.judging import stored_deeds
from sendoff.model.case import Case
from sendoff.model.certificate import Result
from sendoff.model.errors import Refused
from sendoff.model.inventory import Kind, Verb, Whose
from sendoff.model.key import Key
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier
from sendoff.sandbox.wire import Obj
from sendoff.sandbox.world import Thing
from sendoff.steps import by_id

RESOURCES, RIGHTS, LIGHTHOUSE, ACCOUNTS = (
    "remove-resources",
    "remove-role-assignments",
    "remove-lighthouse",
    "remove-accounts",
)
LOCK, ROLE = "microsoft.authorization/locks", "microsoft.authorization/roleassignments"


# ---- F9: locks ---------------------------------------------------------------------------------------------------


def locked(one: Stage, place: str) -> Thing:
    """A lock of the customer's own on a place, as an administrator of theirs makes it."""
    ident = f"{place}/providers/Microsoft.Authorization/locks/hands-off"
    raw: Obj = {
        "id": ident,
        "name": "hands-off",
        "type": "Microsoft.Authorization/locks",
        "properties": {"level": "CanNotDelete", "notes": "set by Bram Kok"},
    }
    return one.sandbox.world.add(Thing("arm", LOCK, ident, LEAVER, raw, place.split("/")[2]))


def test_f9_a_lock_over_a_resource_is_found_in_planning_and_the_customers_lock_is_left(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), RESOURCES, "ready")
    planned(one, case, RESOURCES)
    act = plan(one, case, RESOURCES).actions[0]
    lock = locked(one, act.target.partition("/providers/")[0])
    planned(one, case, RESOURCES)
    left = {row.item.ref: row.why for row in plan(one, case, RESOURCES).left}
    assert act.ref not in {row.ref for row in plan(one, case, RESOURCES).actions}
    assert left[act.ref] == f"the lock hands-off covers it: the customer lifts it; {lock.id}"
    approved(one, case, RESOURCES)
    after_contract(one, case)
    run(one, case)
    now = standing(one, case, RESOURCES)
    assert now.state is State.LEFT and "the customer lifts it" in now.reason
    assert there(one, act) and lock.key in objects(one), "neither the thing nor the lock was touched"
    one.control("POST", "/hands", do="arm.delete", customer=LEAVER, id=lock.id)
    planned(one, case, RESOURCES)
    assert act.ref in {row.ref for row in plan(one, case, RESOURCES).actions}, "lifted by them, it is planned"


def test_f9_a_lock_over_a_role_assignment_is_found_in_planning(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), RIGHTS, "ready")
    lock = locked(one, f"/subscriptions/{case.facts.leaving[0].id}")
    planned(one, case, RIGHTS)
    made = plan(one, case, RIGHTS)
    covered = [row for row in made.left if "the lock hands-off covers it: the customer lifts it" in row.why]
    free = {act.target for act in made.actions}
    assert len(covered) == 1 and len(free) == 1, "one subscription is locked, the other is not"
    assert case.facts.leaving[0].id in covered[0].item.id and not any(case.facts.leaving[0].id in one_ for one_ in free)
    approved(one, case, RIGHTS)
    after_contract(one, case)
    run(one, case)
    now = standing(one, case, RIGHTS)
    assert now.state is State.LEFT and "the customer lifts it" in now.reason
    assert covered[0].item.id.lower() not in removed(one) and lock.key in objects(one)
    one.sandbox.world.remove(lock)
    planned(one, case, RIGHTS)
    approved(one, case, RIGHTS)
    run(one, case)
    held = standing(one, case, RIGHTS)
    assert held.state is State.HELD and held.held_until is not None, "the customer takes it away, and we look"
    one.control("POST", "/hands", do="arm.remove-foreign-groups", customer=LEAVER)
    move(one, held.held_until)
    run(one, case)
    assert standing(one, case, RIGHTS).state is State.DONE and not there(one, plan(one, case, RIGHTS).actions[0])


def test_f9_a_lock_made_after_the_yes_stops_the_removal_and_stays(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    plant(one, system="arm", kind="resource", name="intercept-heartbeat-late")
    case = one.until(one.opened(), RESOURCES, "approved")
    act = next(act for act in plan(one, case, RESOURCES).actions if act.kind is Kind.RESOURCE)
    lock = locked(one, act.target.partition("/providers/")[0])
    after_contract(one, case)
    run(one, case)
    assert there(one, act) and lock.key in objects(one)
    assert standing(one, case, RESOURCES).state is State.LEFT


# ---- F10: orphans ------------------------------------------------------------------------------------------------


def orphan(one: Stage, case: Case, principal: str, kind: str = "User") -> Thing:
    """A role assignment in Azure to a principal that the directory does not know (any more)."""
    subscription = case.facts.leaving[0].id
    place = f"/subscriptions/{subscription}"
    ident = f"{place}/providers/Microsoft.Authorization/roleAssignments/{one.sandbox.world.guid('orphan', principal)}"
    like = next(thing for thing in one.sandbox.world.all("arm", ROLE) if thing.place == subscription)
    inner = like.raw["properties"]
    assert isinstance(inner, dict)
    raw: Obj = {
        **like.raw,
        "id": ident,
        "name": ident.rpartition("/")[2],
        "properties": {**inner, "principalId": principal, "principalType": kind},
    }
    return one.sandbox.world.add(Thing("arm", ROLE, ident, LEAVER, raw, subscription))


def recorded_account(one: Stage) -> str:
    """An account that onboarding recorded as ours."""
    return next(row.id for row in one.facts().record if row.kind in (Kind.USER, Kind.GUEST))


def test_f10_a_role_assignment_whose_account_is_gone_is_found_by_a_new_look_and_removed(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.PREMIUM)
    case = one.until(one.opened(), ACCOUNTS, "done")
    account = recorded_account(one)
    assert one.sandbox.world.get("graph", "user", account) is None, "nobody can look the principal up any more"
    late = orphan(one, case, account)
    one.desk.look(one.who("erik"), case.id, "by hand")
    seen = {row.item.id.lower(): row.provenance.whose for row in one.desk.seen(case.id, "by hand")}
    assert seen[late.id.lower()] is Whose.OURS
    story = one.story(case)
    for _ in range(30):
        if standing(one, case, RIGHTS).state is State.DONE or not (story.turn() or story.move_clock()):
            break
    assert late.id.lower() in removed(one) and standing(one, case, RIGHTS).state is State.DONE


def whose_of(one: Stage, case: Case, late: Thing) -> tuple[Whose, tuple[str, ...]]:
    """Whose a role assignment is by a new look, and why."""
    one.desk.look(one.who("erik"), case.id, "by hand")
    seen = {row.item.id.lower(): row.provenance for row in one.desk.seen(case.id, "by hand")}
    return seen[late.id.lower()].whose, seen[late.id.lower()].reasons


def test_f10_a_role_assignment_of_an_unknown_principal_is_never_called_the_customers(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()
    theirs = next(thing for thing in one.sandbox.world.all("graph", "user") if thing.owner == LEAVER)
    known = orphan(one, case, theirs.id)
    assert whose_of(one, case, known) == (Whose.CUSTOMERS, ("nothing says that it is ours",)), "who is known is theirs"
    one.sandbox.world.remove(theirs)
    said, why = whose_of(one, case, known)
    assert said is Whose.UNKNOWN and why == ("the directory does not know its principal",)


def test_f10_a_group_of_a_company_that_nobody_knows_is_nobodys_to_guess(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()
    late = orphan(one, case, one.sandbox.world.guid("admin agents of a reseller before us"), "ForeignGroup")
    said, why = whose_of(one, case, late)
    assert said is Whose.UNKNOWN and "another tenant" in why[0]


def test_f10_an_app_of_our_tenant_is_known_by_its_owner_although_nobody_recorded_it(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()
    world = one.sandbox.world
    app = next(thing for thing in world.all("graph", "servicePrincipal") if thing.owner == LEAVER)
    ours, theirs = (
        world.add(Thing("graph", "servicePrincipal", ident, LEAVER, {**app.raw, **raw}, app.place))
        for ident, raw in (
            (world.guid("ours"), {"id": world.guid("ours"), "appOwnerOrganizationId": case.facts.provider.tenant}),
            (world.guid("theirs"), {"id": world.guid("theirs"), "appOwnerOrganizationId": case.facts.customer.tenant}),
        )
    )
    late = {one_.id: orphan(one, case, one_.id, "ServicePrincipal") for one_ in (ours, theirs)}
    assert whose_of(one, case, late[theirs.id])[0] is Whose.CUSTOMERS
    said, why = whose_of(one, case, late[ours.id])
    assert said is Whose.OURS and why[0] == "it gives rights to an app of our tenant"


def test_f10_a_directory_that_may_not_be_asked_makes_nothing_the_customers(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.opened()
    theirs = next(thing for thing in one.sandbox.world.all("graph", "user") if thing.owner == LEAVER)
    late = orphan(one, case, theirs.id)
    trouble(
        one,
        do="status",
        status=403,
        code="Authorization_RequestDenied",
        vendor="graph",
        path="/v1.0/users",
        times=1_000,
    )
    said, why = whose_of(one, case, late)
    assert said is Whose.UNKNOWN and why[0].startswith("nobody could ask the directory who its principal is")


# ---- F11: soft-deleted -------------------------------------------------------------------------------------------


def test_f11_a_removed_account_is_only_soft_deleted_and_its_receipt_says_so(full: Told) -> None:
    one, case = full.stage, full.case
    deeds = [deed for deed in stored_deeds(one.desk.ports, case, by_id(StepId(ACCOUNTS))) if deed.verb is Verb.REMOVE]
    assert deeds and all(("restorable", "for 30 days") in deed.receipt.said for deed in deeds)
    bin_ = {thing.id for thing in one.sandbox.world.each("graph") if thing.kind.startswith("deleted.")}
    removed_ = {act.target for act in plan(one, case, ACCOUNTS).actions if act.verb is Verb.REMOVE}
    assert removed_ and removed_ <= bin_, "the vendor keeps it in its bin, as the receipt says"


def test_f11_the_certificate_names_what_can_still_be_restored(full: Told) -> None:
    said = certificate(full.stage, full.case)
    assert any("restor" in row for row in (*said.exceptions, *said.removed, *said.kept, *said.not_looked))


# ---- F12: the delegation that cannot be removed from our side ------------------------------------------------------


def test_f12_a_delegation_without_the_delete_role_is_said_on_day_0_and_becomes_the_customers_step(
    tmp_path: Path,
) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    one.control("POST", "/hands", do="arm.drop-delete-role", customer=LEAVER)
    case = one.opened()
    day_0 = [row for row in one.desk.preflight(one.who("erik"), case.id).findings if row.subject == LIGHTHOUSE]
    assert len(day_0) == 2 and not any(row.good for row in day_0)
    assert all("made without the delete role: the customer removes it" in row.said for row in day_0)
    case = one.until(case, LIGHTHOUSE, "held")
    acts = plan(one, case, LIGHTHOUSE).actions
    assert len(acts) == 2 and all(act.key is Key.PERSON and "the customer removes it" in act.why for act in acts)
    assert "Azure portal > Service providers" in standing(one, case, LIGHTHOUSE).reason
    assert one.wire.calls("DELETE", "registrationAssignments") == 0 and all(there(one, act) for act in acts)
    one.control("POST", "/hands", do="arm.remove-delegation", customer=LEAVER)
    story = one.story(case)
    for _ in range(3):
        story.turn() or story.move_clock()
    assert standing(one, case, LIGHTHOUSE).state is State.DONE and not any(there(one, act) for act in acts)


def test_f12_with_the_delete_role_nothing_is_said_and_we_remove_it_ourselves(full: Told) -> None:
    acts = plan(full.stage, full.case, LIGHTHOUSE).actions
    assert acts and all(act.key is Key.LIGHTHOUSE for act in acts)
    assert full.stage.wire.calls("DELETE", "registrationAssignments") == len(acts)


# ---- F13: rights after the transfer --------------------------------------------------------------------------------


def test_f13_after_the_transfer_the_foreign_groups_rights_are_found_and_block_a_clean_end(tmp_path: Path) -> None:
    one = stage(tmp_path, tier=Tier.CSP)
    case = one.until(one.opened(), "accept-transfer", "done")
    late = seq(one)
    one.desk.look(one.who("erik"), case.id, "by hand")
    foreign = [
        row.item
        for row in one.desk.seen(case.id, "by hand")
        if row.item.fact("principalType") == "ForeignGroup" and row.provenance.whose is Whose.OURS
    ]
    assert len(foreign) == 2 and not removed(one, late)
    with pytest.raises(Refused, match=RIGHTS):
        one.desk.close(one.who("paul"), case.id)
    until = (one.house.clock.now() + timedelta(days=60)).date()
    for person in ("erik", "paul"):
        one.desk.waive(one.who(person), case.id, StepId(RIGHTS), reason="they do it themselves", until=until)
    said = certificate(one, one.story(case).tell())
    assert said.outcome is Result.LIMITED and "nothing of Intercept is left there" not in said.sentence
    assert sum("1 of ours left: role-assignment in azure" in row for row in said.exceptions) == 2
    assert [door.outcome for door in said.doors if door.key == "aobo"] == ["open"]
