"""A plan is understood once, but its bytes are read and hashed each time that somebody asks for it."""

from dataclasses import replace
from pathlib import Path

import pytest

from fakes.houses import Stage, stage
from sendoff.engine.knownplans import KnownPlans
from sendoff.model.case import Case
from sendoff.model.digest import Digest, digest
from sendoff.model.errors import Broken
from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Plan
from sendoff.model.state import State, StepId
from sendoff.model.template import Tier

STEP = StepId("confirm-termination")


def planned(folder: Path) -> tuple[Stage, Case]:
    here = stage(folder, tier=Tier.CSP)
    return here, here.until(here.opened(), STEP, State.DONE)


def kept_file(folder: Path, blob: Digest) -> Path:
    (found,) = folder.rglob(blob.removeprefix("sha256:"))
    return found


def test_a_plan_changed_in_the_store_after_it_was_read_once_is_broken(tmp_path: Path) -> None:
    here, case = planned(tmp_path)
    blob = case.steps[STEP].plan_blob
    assert blob is not None
    plan = here.desk.plan_of(case.id, STEP)
    assert plan is not None and plan.digest == case.steps[STEP].plan
    file = kept_file(tmp_path, blob)

    file.write_bytes(file.read_bytes().replace(b"confirm", b"CONFIRM", 1))

    with pytest.raises(Broken, match="changed in the store"):
        here.desk.plan_of(case.id, STEP)


def test_a_plan_that_went_missing_after_it_was_read_once_is_broken(tmp_path: Path) -> None:
    here, case = planned(tmp_path)
    blob = case.steps[STEP].plan_blob
    assert blob is not None
    here.desk.plan_of(case.id, STEP)

    kept_file(tmp_path, blob).unlink()

    with pytest.raises(Broken, match="missing"):
        here.desk.plan_of(case.id, STEP)


def plan_of(many: int) -> Plan:
    one = Action(
        step=STEP,
        system=System.OFFICE,
        verb=Verb.SEND,
        kind=Kind.MAIL,
        target="m",
        name="m",
        scope="s",
        key=Key.HOUSE,
        why="",
    )
    return Plan(
        case="L1",
        world="w",
        step=STEP,
        scope=digest("s"),
        facts=digest("f"),
        actions=tuple(replace(one, target=f"m{number}") for number in range(many)),
    )


def test_only_so_many_plans_and_actions_are_known_and_what_nobody_asked_for_longest_goes_first() -> None:
    known = KnownPlans(plans=3, actions=100)
    names = [digest(number) for number in range(5)]
    for name in names[:3]:
        known.keep(name, plan_of(10))
    assert known.get(names[0]) is not None

    known.keep(names[3], plan_of(10))
    assert [known.get(name) is not None for name in names] == [True, False, True, True, False]

    known.keep(names[4], plan_of(101))
    assert [known.get(name) is not None for name in names] == [False, False, False, False, True]


def test_only_a_plan_of_many_actions_counts_as_hashed_lately_and_not_for_long() -> None:
    moments = iter([0.0, 0.0, 59.0, 60.0, 61.0, 62.0])
    known = KnownPlans(now=lambda: next(moments))
    small, large = digest("small"), digest("large")
    known.keep(small, plan_of(5_000))
    known.keep(large, plan_of(5_001))

    assert not known.lately(small) and not known.lately(digest("unknown"))
    assert known.lately(large) and not known.lately(large), "at 59 seconds, and not at 60"
    known.keep(large, plan_of(5_001))
    assert known.lately(large), "hashed again at 61, asked at 62"
