"""A plan is understood once, but its bytes are read and hashed each time that somebody asks for it."""

from pathlib import Path

import pytest

from fakes.houses import Stage, stage
from sendoff.model.case import Case
from sendoff.model.digest import Digest
from sendoff.model.errors import Broken
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
