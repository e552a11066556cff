"""The power cut story can fail, and single cuts that have lives of their own."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from tools.soak.forgetful import forgetful

from fakes.houses import Stage
from fakes.power import AFTER_THE_DEED, Lives, NoPoint, OnePoint, certified, claims, deeds, once_only
from sendoff.model.case import Case
from sendoff.model.facts import Facts
from sendoff.model.inventory import System
from sendoff.model.template import Tier
from sendoff.ports import Connector, World


@dataclass
class ForgetfulWorld:
    """A world whose mailbox is forgetful."""

    inner: World
    life: str

    def __post_init__(self) -> None:
        self.id, self.sandbox, self.addresses = self.inner.id, self.inner.sandbox, self.inner.addresses
        self.issues = self.inner.issues

    def connector(self, facts: Facts, system: System) -> Connector | None:
        """Our hands, one of them forgetful."""
        return forgetful(self.inner.connector(facts, system), system, self.life)


@dataclass
class ForgetfulLives(Lives):
    """Lives with a forgetful mailbox."""

    def world(self, here: Stage) -> World | None:
        """Another mark in each life."""
        return ForgetfulWorld(here.desk.ports.world, f"life {self.lives}")


LETTERS = 2
"""Of a CSP leaving: the confirmation, and the details for the migration."""


def mails(lives: Lives) -> int:
    return sum(count for deed, count in deeds(lives).items() if deed[:2] == ("sent", "graph.message"))


def test_a_connector_that_does_not_find_is_caught_sending_twice(tmp_path: Path) -> None:
    mended = Lives(tmp_path / "mended", Tier.CSP, OnePoint("/send "))
    worse = ForgetfulLives(tmp_path / "worse", Tier.CSP, OnePoint("/send "))

    mended.told(3)
    worse.told(3)

    assert mended.lives == worse.lives == 2, "the power went out once, after the mail had left"
    assert mails(mended) == LETTERS
    assert mails(worse) == LETTERS + 1


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lives, Case]:
    """The same leaving with the power on."""
    lives = Lives(tmp_path_factory.mktemp("on"), Tier.CSP, NoPoint())
    return lives, lives.told(1)


@pytest.mark.parametrize("point", AFTER_THE_DEED)
def test_a_cut_right_after_a_deed_was_asked_after_changes_nothing(
    tmp_path: Path, undisturbed: tuple[Lives, Case], point: str
) -> None:
    on, off = undisturbed[0], Lives(tmp_path, Tier.CSP, OnePoint(point))

    expected, found = claims(certified(*undisturbed)), claims(certified(off, off.told(2)))

    assert off.lives == 2
    assert found == expected
    assert once_only(deeds(off)) == once_only(deeds(on))


def test_without_its_intent_on_record_nothing_was_done(tmp_path: Path) -> None:
    lives = Lives(tmp_path, Tier.CSP, OnePoint("Tried confirm-termination"))
    done = lives.points

    lives.told(3)

    assert isinstance(done, OnePoint)
    assert done.died
    assert mails(lives) == LETTERS
