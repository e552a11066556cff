"""Persons from settings, the sandbox's clock, ids, and who signs rehearsals."""

import re
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from fakes.houses import stage
from fakes.told import told
from sendoff.model.errors import BadInput, Refused
from sendoff.model.people import PersonId, Role
from sendoff.model.template import Tier
from sendoff.settings import PersonSettings
from sendoff.wiring.checking import check_files
from sendoff.wiring.clocks import RandomIds, SandboxClock, SystemClock
from sendoff.wiring.factsfile import read_facts, read_file, with_flags
from sendoff.wiring.identity import registered
from sendoff.wiring.signers import house, never_trusted, rehearsal


def person(ident: str, *logins: str, roles: tuple[str, ...] = ("Engineer",)) -> PersonSettings:
    return PersonSettings(id=ident, name=ident.title(), roles=list(roles), logins=list(logins))


def test_a_login_is_one_person_and_a_second_login_is_the_same_person() -> None:
    register = registered([person("erik", "erik", "erik-adm"), person("emma", "emma")])

    assert register.person("erik-adm") is register.person("erik")
    assert register.person("emma").roles == {Role.ENGINEER}


@pytest.mark.parametrize("login", ["", "root", "ERIK", "shared"])
def test_a_login_of_nobody_or_of_two_decides_nothing(login: str) -> None:
    register = registered([person("erik", "erik", "shared"), person("emma", "emma", "shared")])

    with pytest.raises(Refused, match="not mapped to one person"):
        register.person(login)


@pytest.mark.parametrize(
    "rows",
    [
        [person("erik"), person("erik")],
        [person("robot")],
        [person("erik", roles=("Director",))],
    ],
)
def test_a_register_with_two_of_one_id_a_robot_or_an_unknown_role_is_bad_input(rows: list[PersonSettings]) -> None:
    with pytest.raises(BadInput):
        registered(rows)


def test_a_person_without_a_key_proves_nothing() -> None:
    register = registered([person("erik")])

    assert not register.proves(register.person("erik"), b"message", "signature")


def test_the_sandboxs_clock_stands_still_until_it_is_moved_and_only_forwards(tmp_path: Path) -> None:
    clock = stage(tmp_path, tier=Tier.CSP).house.clock
    assert isinstance(clock, SandboxClock)
    start = clock.now()

    clock.move(start + timedelta(days=3))
    moved = clock.now()

    assert moved == start + timedelta(days=3)
    assert moved.tzinfo is UTC
    with pytest.raises(BadInput):
        clock.move(start)
    assert clock.now() == moved
    assert SystemClock().now().tzinfo is UTC


def test_ids_are_long_enough_and_hard_to_mistake() -> None:
    ids = RandomIds()

    cases = {ids.case() for _ in range(500)}

    assert len(cases) == 500
    assert all(
        re.fullmatch("L[2-9A-HJKMNP-TV-Z]{8}|L[2-9A-Z]{8}", one) and not set(one[1:]) & set("01ILO") for one in cases
    )
    assert all(re.fullmatch("[0-9a-f]{64}", ids.salt()) for _ in range(5))
    assert ids.worker() != ids.worker()


def test_the_rehearsal_key_is_the_same_everywhere_and_a_houses_key_is_its_own(tmp_path: Path) -> None:
    here, there = house(tmp_path / "here"), house(tmp_path / "there")

    assert rehearsal().public() == rehearsal().public()
    assert here.public() != there.public()
    assert not never_trusted() & {here.sign(b"")[1], there.sign(b"")[1]}


# ---- facts ----------------------------------------------------------------------------------------------------------


def facts_file(folder: Path, change: str = "") -> Path:
    text = (told().house.folder / "facts.toml").read_text(encoding="utf-8")
    file = folder / "facts.toml"
    file.write_text(change + text, encoding="utf-8")
    return file


def test_facts_take_us_from_the_settings_and_the_notices_digest_from_its_file(tmp_path: Path) -> None:
    found = read_facts(facts_file(tmp_path), told().house.house.provider, PersonId("carla"), b"notice")

    assert found.provider.name == told().house.house.provider.name
    assert found.notice.recorded_by == "carla"
    assert found.notice.evidence.startswith("sha256:")
    flags = with_flags(
        found, contract_end=None, access_until=None, tier=Tier.PREMIUM, remaining=Tier.CSP, leaves_csp=None
    )
    assert (flags.ending, flags.remaining, flags.contract_end) == (Tier.PREMIUM, Tier.CSP, found.contract_end)


@pytest.mark.parametrize("change", ["= 1\n", "provider = 1\n", 'unknown = "x"\n', "\x00", "ending = 5\n"])
def test_a_facts_file_that_does_not_fit_is_bad_input(tmp_path: Path, change: str) -> None:
    with pytest.raises(BadInput):
        read_facts(facts_file(tmp_path, change), told().house.house.provider, PersonId("carla"), b"notice")


def test_files_that_cannot_be_read_are_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot read"):
        read_file(tmp_path / "none", "the facts")
    with pytest.raises(BadInput, match="cannot read"):
        read_file(tmp_path, "the facts")
    with pytest.raises(BadInput):
        check_files(tmp_path, None, None, [])
