"""`sendoff case letter` and `case reword`, as typed, over a sandbox that is a process of its own."""

from pathlib import Path

import pytest

from sendoff.cli.app import run
from sendoff.engine.desk import read_checklist
from sendoff.model.state import StepId
from sendoff.model.template import Tier
from sendoff.wiring import House, wired
from sendoff.wiring.factsfile import read_facts
from sendoff.wiring.leaving import Leaving
from sendoff.wiring.rehearsal import started
from sendoff.wiring.shipped import checklist

STEP = StepId("confirm-termination")


def planned(folder: Path) -> tuple[House, str]:
    """A case whose first letter Carla has laid ready."""
    house = wired(folder / "sendoff.toml")
    carla, notice = house.register.person("carla"), (folder / "notice.eml").read_bytes()
    facts = read_facts(folder / "facts.toml", house.provider, carla.id, notice)
    template = read_checklist(checklist(), "templates/offboarding.md")
    case = house.desk.open_case(carla, template, facts, by_hand={}, notice=notice)
    house.desk.plan(carla, case.id, STEP)
    return house, case.id


def test_a_letter_is_shown_changed_and_shown_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "sandbox"
    sandbox = started(folder, 1, Leaving(tier=Tier.CSP))
    try:
        house, case = planned(folder)
        settings = ["--settings", str(folder / "sendoff.toml")]
        letter = house.desk.drafts(case, STEP)[0]
        file = tmp_path / "letter.txt"
        words = ["case", "reword", case, STEP, str(file), "--as", "paul", *settings]

        file.write_text(letter.body, encoding="utf-8")
        assert run(words) == 2
        assert "line 1 must be 'Subject: ...'" in capsys.readouterr().err

        file.write_text(f"Subject: {letter.subject}\n\n{letter.body.rstrip()}\n\nVeel dank.\n", encoding="utf-8")
        assert run([*words, "--letter", "delivery"]) == 2
        assert "name one of the letters of this plan: confirmation" in capsys.readouterr().err
        assert run(words) == 0
        assert "changed by Paul" in capsys.readouterr().out

        assert run(["case", "letter", case, STEP, *settings]) == 0
        assert "Veel dank." in capsys.readouterr().out
        stands = house.desk.case(case).steps[STEP]
        assert {house.register.person(login).id for login in ("carla", "paul")} == set(stands.proposers)
        house.close()
    finally:
        sandbox.stop()
