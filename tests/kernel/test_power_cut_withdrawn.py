"""The power cut story of a withdrawal: the putting back dies at every commit and write, and does it once."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fakes.power import Lives, NoPoint, Persons, Points, SampleOf, effects, in_sample, not_died, stage_of
from fakes.withdrawals import BACK, POLICIES, RESOURCES, STAYS, rows, until_removed
from sendoff.model.case import Case
from sendoff.model.state import State, StepId
from sendoff.sandbox.wire import Json

PUTTING_BACK = ("commit ", f"call in {BACK}/")
"""Every commit of these lives, and every call of the batches that put back."""


@dataclass(slots=True, kw_only=True)
class Withdrawers(Persons):
    """The staff of the MSP when the customer stays after all: they look how far it is, and go on."""

    def go_on(self) -> Case:
        """From wherever the withdrawal stands to its certificate."""
        desk = self.house.desk
        case = desk.case(self.case)
        if case.certificate is not None:
            return case
        if case.withdrawal_asked is None and not case.withdrawn:
            case = desk.withdraw(self.who("carla"), self.case, reason=STAYS)
        if not case.withdrawn:
            desk.withdraw(self.who("paul"), self.case, reason=STAYS)
        while (now := desk.case(self.case).steps[StepId(BACK)]).state is not State.DONE:
            self._moves_on(now.state)
        if "final" not in desk.case(self.case).looks:
            desk.look(self.who("erik"), self.case, "final")
        return desk.close(self.who("paul"), self.case)

    def _moves_on(self, state: State) -> None:
        desk, step = self.house.desk, StepId(BACK)
        if state in (State.READY, State.LEFT):
            desk.plan(self.who("erik"), self.case, step)
        elif state is State.PLANNED:
            plan = desk.case(self.case).steps[step].plan
            assert plan is not None
            desk.approve(self.who("emma"), self.case, step, plan, over_belt=True)
        else:
            desk.run(self.who("erik"), self.case, self.say, threads=1)


@dataclass
class Told:
    """One withdrawal: how the customer's world was before anything was removed, the lives it took, and its end."""

    before: dict[str, Json]
    lives: Lives
    case: Case
    since: int
    points: Points = field(default_factory=NoPoint)


def told(folder: Path, points: Points, most: int) -> Told:
    """Policies and resources are gone, with the power on; then the customer stays."""
    one, _, before = until_removed(folder, POLICIES, RESOURCES)
    since = len(one.sandbox.world.record.rows)
    one.house.close()
    lives = Lives(folder, one.tier, points, sandbox=one.sandbox, last=one, people=Withdrawers)
    return Told(before, lives, lives.told(most), since, points)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The same withdrawal with the power on."""
    return told(tmp_path_factory.mktemp("on"), NoPoint(), 1)


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The withdrawal that dies at every commit and write of the putting back, and at one in three of its reads."""
    return told(tmp_path_factory.mktemp("off"), SampleOf(parts=PUTTING_BACK), 500)


def put(one: Told) -> Counter[tuple[str, str, str]]:
    """How often each thing was put there or changed since the customer stays, by the sandbox's own record."""
    world = stage_of(one.lives).sandbox
    found = [row for row in effects(world) if int(str(row["seq"])) > one.since and str(row["kind"]).startswith("arm.")]
    return Counter((str(row["verb"]), str(row["kind"]), str(row["id"]).lower()) for row in found)


def test_h33_a_putting_back_that_dies_everywhere_brings_back_the_same_world(undisturbed: Told, cut: Told) -> None:
    on, off = (rows(stage_of(one.lives)) for one in (undisturbed, cut))

    assert on == off
    assert {key for key in cut.before if "policy" in key and off.get(key) != cut.before[key]} == set()
    assert (cut.case.outcome, cut.case.withdrawn) == ("withdrawn", STAYS)


def test_h33_a_putting_back_that_dies_everywhere_makes_nothing_twice(undisturbed: Told, cut: Told) -> None:
    made = {deed: many for deed, many in put(cut).items() if deed[0] == "created"}

    assert len(made) > 10 and set(made.values()) == {1}
    assert set(put(cut)) == set(put(undisturbed))


def test_h33_the_power_went_out_at_every_commit_and_every_write_of_the_putting_back(
    undisturbed: Told, cut: Told
) -> None:
    points = cut.points
    assert isinstance(points, SampleOf)
    died = set(points.died)

    assert cut.lives.lives == len(died) + 1, "each life gets one further"
    assert not_died(undisturbed.lives, died, PUTTING_BACK, in_sample) == set()
    for name in ("WithdrawalAsked", "Withdrawn", f"Planned {BACK}", f"Tried {BACK}", f"Acted {BACK}", f"Judged {BACK}"):
        assert any(name in point for point in died), name
    assert sum(point.startswith("call in ") for point in died) > 20
