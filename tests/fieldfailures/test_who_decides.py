"""F15 to F17: who may decide, and who never does, through every door of the desk."""

from dataclasses import replace
from pathlib import Path

import pytest

from fakes.houses import Stage, stage
from fakes.leavings import DOORS, approved, doors, everything, plan, planned, run, seq, staffed, standing
from sendoff.model.case import Case
from sendoff.model.errors import BadInput, Refused
from sendoff.model.inventory import Verb
from sendoff.model.people import ROBOT, Person, PersonId, Role
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier

STEP = "confirm-termination"
ALLOWED = frozenset({State.APPROVED, State.RUNNING, State.DONE, State.ATTESTED, State.NOT_APPLICABLE, State.WAIVED})
GRAVE = "remove-resources"
every_door = pytest.mark.parametrize("door", sorted(DOORS))


def with_admin(folder: Path) -> tuple[Stage, Case, Person]:
    """A house in which one person holds every role and has two logins, and a plan of hers that waits for a yes."""
    admin = everything("anja", "anja", "anja.admin")
    one = staffed(stage(folder, tier=Tier.CSP), admin)
    case = one.opened()
    one.desk.plan(admin, case.id, StepId(STEP))
    return one, case, admin


def test_f17_the_list_of_doors_is_every_method_of_the_desk_that_names_a_person() -> None:
    assert doors() == set(DOORS)


@every_door
def test_f15_nobody_says_yes_to_their_own_plan_through_any_door(tmp_path: Path, door: str) -> None:
    one, case, admin = with_admin(tmp_path)
    now = one.desk.case(case.id)
    try:
        DOORS[door](one, now, admin, STEP)
    except (Refused, BadInput):
        assert one.desk.case(case.id).steps == now.steps, "a refusal changes nothing"
    run(one, case)
    after = standing(one, case, STEP)
    if door == "not_applicable":
        assert after.by == admin.id and not after.approval, "a letter may be left out by one, on record; never sent"
    else:
        assert after.state not in ALLOWED
    assert not one.wire.calls("POST", "/send")


def test_f15_one_person_alone_settles_no_step_that_removes_through_any_door(tmp_path: Path) -> None:
    admin = everything("anja")
    one: Stage | None = None
    for door in sorted(DOORS):
        one = one or staffed(stage(tmp_path / door, tier=Tier.CSP), admin)
        case = one.desk.cases()[0] if one.desk.cases() else one.until(one.opened(), GRAVE, "ready")
        now = one.desk.case(case.id)
        if now.steps[StepId(GRAVE)].state is State.READY:
            now = one.desk.plan(admin, case.id, StepId(GRAVE))
        try:
            DOORS[door](one, now, admin, GRAVE)
        except (Refused, BadInput):
            assert one.desk.case(case.id).steps == now.steps, "a refusal changes nothing"
        assert standing(one, case, GRAVE).state not in ALLOWED, door
        one = one if one.desk.case(case.id).steps == now.steps and door != "open_case" else None


def test_f15_the_same_doors_let_a_second_person_through(tmp_path: Path) -> None:
    one, case, _ = with_admin(tmp_path)
    with pytest.raises(Refused, match="is CSM"):
        DOORS["decide"](one, case, one.who("carla"), STEP)
    assert approved(one, case, STEP, "carla").state is State.APPROVED
    assert run(one, case).steps[StepId(STEP)].state is State.DONE


def test_f16_an_administrator_with_every_role_cannot_approve_their_own_plan(tmp_path: Path) -> None:
    one, case, admin = with_admin(tmp_path)
    assert admin.roles == frozenset(Role)
    digest = plan(one, case, STEP).digest
    with pytest.raises(Refused, match="a second person approves it"):
        one.desk.approve(admin, case.id, StepId(STEP), digest)
    assert standing(one, case, STEP).approval is None


def test_f16_a_second_login_of_a_person_is_the_same_person(tmp_path: Path) -> None:
    one, case, admin = with_admin(tmp_path)
    other = one.house.register.person("anja.admin")
    assert other == one.house.register.person("anja") == admin
    with pytest.raises(Refused, match="a second person approves it"):
        one.desk.approve(other, case.id, StepId(STEP), plan(one, case, STEP).digest)
    with pytest.raises(Refused, match="is not mapped"):
        one.house.register.person("anja.unknown")


def test_f16_a_login_of_two_persons_is_nobodys(tmp_path: Path) -> None:
    one = staffed(stage(tmp_path, tier=Tier.CSP), everything("anja", "shared"), everything("bert", "shared"))
    with pytest.raises(Refused, match="not mapped to one person"):
        one.house.register.person("shared")


def test_f16_the_robot_and_made_up_persons_decide_nothing(tmp_path: Path) -> None:
    one, case, admin = with_admin(tmp_path)
    robot = replace(admin, id=ROBOT)
    promoted = replace(one.who("emma"), roles=frozenset(Role))
    stranger = replace(admin, id=PersonId("stranger"))
    for who in (robot, promoted, stranger):
        for door in DOORS.values():
            before = seq(one)
            with pytest.raises(Refused, match="not a person of the register"):
                door(one, case, who, STEP)
            assert not one.sandbox.world.record.since(before, "effect")
    assert standing(one, case, STEP).state is State.PLANNED


@every_door
def test_f17_a_person_excluded_from_a_case_is_refused_at_every_door(tmp_path: Path, door: str) -> None:
    anja, bert = everything("anja"), everything("bert")
    one = staffed(stage(tmp_path, tier=Tier.CSP), anja, bert)
    case = one.opened(lambda facts: replace(facts, excluded=(anja.id,)))
    planned(one, case, STEP, by="carla")
    now = one.desk.case(case.id)
    with pytest.raises(Refused, match="is excluded from this case; no role changes that"):
        DOORS[door](one, now, anja, STEP)
    assert one.desk.case(case.id).seq == now.seq, "a refusal is no event"
    try:
        DOORS[door](one, now, bert, STEP)
    except (Refused, BadInput) as no:
        assert "excluded" not in str(no), "the same roles without the exclusion meet other reasons only"


def test_f15_the_plan_that_was_approved_is_the_plan_that_runs(tmp_path: Path) -> None:
    one, case, _ = with_admin(tmp_path)
    old = plan(one, case, STEP).digest
    approved(one, case, STEP, "carla")
    planned(one, case, STEP, by="carla")
    again = standing(one, case, STEP)
    assert again.state is State.PLANNED and again.approval is None, "a new plan voids the yes to the old one"
    with pytest.raises(Refused, match="proposed this plan"):
        one.desk.approve(one.who("carla"), case.id, StepId(STEP), old)
    run(one, case)
    assert standing(one, case, STEP).state is State.PLANNED
    assert {action.verb for action in plan(one, case, STEP).actions} == {Verb.SEND}
