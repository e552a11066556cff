"""`sendoff case letter` and `case reword` as processes, over a sandbox that is one as well."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sendoff.model.template import Tier
from sendoff.wiring.leaving import Leaving
from sendoff.wiring.rehearsal import started
from sendoff.wiring.shipped import checklist

STEP = "confirm-termination"


@dataclass(frozen=True, slots=True)
class Typed:
    """Commands typed in the folder of a sandbox."""

    folder: Path

    def __call__(self, *words: str, code: int = 0) -> str:
        """What it prints; what it complains of when it must end with another code."""
        line = [sys.executable, "-m", "sendoff", *words, "--settings", str(self.folder / "sendoff.toml")]
        ran = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
        assert ran.returncode == code, ran.stderr
        return ran.stderr if code else ran.stdout


@pytest.fixture
def typed(tmp_path: Path) -> Iterator[Typed]:
    folder = tmp_path / "sandbox"
    sandbox = started(folder, 1, Leaving(tier=Tier.CSP))
    try:
        yield Typed(folder)
    finally:
        sandbox.stop()


def planned(typed: Typed) -> str:
    """A case whose first letter Carla has laid ready."""
    template, folder = typed.folder / "offboarding.md", typed.folder
    template.write_bytes(checklist())
    facts, notice = str(folder / "facts.toml"), str(folder / "notice.eml")
    opened = typed(
        "case", "open", "--template", str(template), "--facts", facts, "--notice", notice, "--as", "carla", "--json"
    )
    case = str(json.loads(opened)["id"])
    typed("case", "plan", case, STEP, "--as", "carla")
    return case


def test_a_letter_is_shown_changed_and_shown_again(typed: Typed, tmp_path: Path) -> None:
    case, file = planned(typed), tmp_path / "letter.txt"
    (shown,) = json.loads(typed("case", "letter", case, STEP, "--json"))
    words = ("case", "reword", case, STEP, str(file), "--as", "paul")

    file.write_text(shown["body"], encoding="utf-8")
    assert "line 1 must be 'Subject: ...'" in typed(*words, code=2)
    file.write_text(f"Subject: {shown['subject']}\n\n{shown['body'].rstrip()}\n\nVeel dank.\n", encoding="utf-8")
    assert "name one of the letters of this plan: confirmation" in typed(*words, "--letter", "delivery", code=2)
    assert "changed by Paul" in typed(*words)

    assert "Veel dank." in typed("case", "letter", case, STEP)
