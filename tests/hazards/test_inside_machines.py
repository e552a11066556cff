"""H48: what of ours lies inside machines is looked at while a key lasts, told to a person, and never removed by us."""

from pathlib import Path

from fakes.houses import LEAVER, Stage, stage
from fakes.leavings import certificate, plan, standing
from sendoff.model.case import Case
from sendoff.model.inventory import Kind, Whose
from sendoff.model.key import Key
from sendoff.model.state import State
from sendoff.model.template import Tier
from sendoff.sandbox.wire import Json, Obj
from sendoff.sandbox.world import Thing

USER, TASK, SERVICE = "Get-LocalUser", "Get-ScheduledTask", "Get-CimInstance Win32_Service"
OURS: list[Json] = [
    {"Get": USER, "Name": "svc-icp", "Description": "Beheer door Intercept"},
    {"Get": TASK, "TaskPath": "\\Beheer\\", "TaskName": "opruimen", "Author": "erik@intercept.example"},
    {"Get": SERVICE, "Name": "InterceptAgent", "StartName": "LocalSystem"},
]
THEIRS: list[Json] = [
    {"Get": USER, "Name": "bram", "Description": "applicatiebeheer"},
    {"Get": TASK, "TaskPath": "\\", "TaskName": "backup", "Author": "VDM\\bram"},
    {"Get": SERVICE, "Name": "Spooler", "StartName": "LocalSystem"},
]
NAMES = ["account svc-icp", "service InterceptAgent", "task \\Beheer\\opruimen"]


def machine(one: Stage) -> Thing:
    return next(row for row in one.sandbox.world.all("arm", "microsoft.compute/virtualmachines") if row.owner == LEAVER)


def planted(tmp_path: Path, *, record: bool = True) -> tuple[Stage, Case]:
    one = stage(tmp_path, tier=Tier.FULL_STACK)
    body: Obj = {"machine": machine(one).id, "rows": [*OURS, *THEIRS], "record": record}
    one.control("POST", "/hands", do="arm.plant-inside", customer=LEAVER, **body)
    return one, one.opened()


def inside(one: Stage, case: Case) -> dict[str, Whose]:
    """What day 0 found inside machines, without the name of the machine."""
    one.desk.preflight(one.who("erik"), case.id)
    rows = [row for row in one.desk.seen(case.id, "preflight") if row.item.kind is Kind.INSIDE_MACHINE]
    return {row.item.name.rpartition(" on ")[0]: row.provenance.whose for row in rows}


def test_h48_what_is_called_like_ours_is_found_and_asked_about_and_nothing_else_leaves_the_machine(
    tmp_path: Path,
) -> None:
    one, case = planted(tmp_path)
    found = inside(one, case)
    assert sorted(found) == NAMES and {*found.values()} == {Whose.UNKNOWN}


def test_h48_a_machine_that_the_record_does_not_name_is_not_looked_into(tmp_path: Path) -> None:
    one, case = planted(tmp_path, record=False)
    assert inside(one, case) == {}
    said = certificate(one, one.story(case).tell())
    assert [row for row in said.not_looked if row.startswith("inside machines: not looked; ")]


def test_h48_nothing_inside_a_machine_is_removed_by_us_and_the_certificate_says_what_was_looked_at(
    tmp_path: Path,
) -> None:
    one, case = planted(tmp_path)
    before = rows(one)
    said = certificate(one, one.story(case).tell())
    assert rows(one) == before and len(before) == 6
    assert [row for row in said.not_looked if row.startswith("inside machines: not looked, but for 1 that the record")]


def rows(one: Stage) -> set[str]:
    return {row.id for row in one.sandbox.world.all("arm", "machineinside")}


def test_h48_a_machine_that_does_not_run_was_not_looked_into_and_that_is_said(tmp_path: Path) -> None:
    one, case = planted(tmp_path)
    one.control("POST", "/hands", do="arm.stop-machine", customer=LEAVER, id=machine(one).id)
    assert inside(one, case) == {}
    told = one.desk.preflight(one.who("erik"), case.id)
    assert [row for row in told.findings if row.subject == "blind spot" and "inside-a-machine" in row.said]


def test_h48_what_a_person_calls_ours_is_taken_out_by_a_person_and_we_look_until_it_is_gone(tmp_path: Path) -> None:
    one, case = planted(tmp_path)
    inside(one, case)
    account = next(row.item for row in one.desk.seen(case.id, "preflight") if "svc-icp" in row.item.name)
    one.desk.decide(one.who("erik"), case.id, account.ref, Whose.OURS, name=account.name, reason="made at onboarding")
    case = one.until(case, "take-out-traces", "held")
    (act,) = plan(one, case, "take-out-traces").actions
    assert (act.ref, act.key) == (account.ref, Key.PERSON) and "on the machine itself" in act.why
    one.control("POST", "/hands", do="arm.take-out-inside", customer=LEAVER, name="svc-icp")
    story = one.story(case)
    for _ in range(3):
        story.turn() or story.move_clock()
    assert standing(one, case, "take-out-traces").state is State.DONE


def test_h48_more_than_the_vendor_gives_back_is_no_look(tmp_path: Path) -> None:
    many: list[Json] = [{"Get": USER, "Name": f"intercept-{number:04}"} for number in range(300)]
    one = stage(tmp_path, tier=Tier.FULL_STACK)
    one.control("POST", "/hands", do="arm.plant-inside", customer=LEAVER, machine=machine(one).id, rows=many)
    case = one.opened()
    assert inside(one, case) == {}
    told = one.desk.preflight(one.who("erik"), case.id)
    assert [row for row in told.findings if row.subject == "blind spot" and "inside-a-machine" in row.said]
