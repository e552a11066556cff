"""The settings file that `sendoff init` writes: whole, usable as it is, and never over another."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from sendoff.cli.app import run
from sendoff.settings import Section, Settings, read_settings
from sendoff.wiring.health import PLACEHOLDER
from sendoff.wiring.shipped import settings_file

SWITCHED_OFF = re.compile(r"^#(?=[\w\[])", re.MULTILINE)
"""A # right before a name or a table; one before a blank begins words."""


def uncommented(text: str) -> str:
    """The file with everything switched on."""
    return SWITCHED_OFF.sub("", text)


def unmentioned(found: BaseModel) -> set[str]:
    """Fields of the model, and of every model inside it, that the file says nothing about."""
    said = set(_said(found))
    return {name for kind in _kinds() for name in _names(kind) if name not in said}


def _kinds() -> list[type[BaseModel]]:
    waiting: list[type[BaseModel]] = [Section]
    found: list[type[BaseModel]] = [Settings]
    while waiting:
        below = waiting.pop().__subclasses__()
        found += below
        waiting += below
    return [kind for kind in found if kind.__module__.startswith(Settings.__module__)]


def _names(kind: type[BaseModel]) -> Iterator[str]:
    yield from (f"{kind.__name__}.{name}" for name in kind.model_fields)


def _said(value: object) -> Iterator[str]:
    """What is set, by its model and name, all the way down."""
    if isinstance(value, BaseModel):
        for name in value.model_fields_set:
            yield f"{type(value).__name__}.{name}"
            yield from _said(getattr(value, name))
    elif isinstance(value, dict):
        yield from (one for inner in value.values() for one in _said(inner))
    elif isinstance(value, list):
        yield from (one for inner in value for one in _said(inner))


def test_every_field_is_mentioned_and_everything_switched_on_is_valid(tmp_path: Path) -> None:
    text = settings_file().decode()
    file = tmp_path / "sendoff.toml"
    file.write_text(uncommented(text), encoding="utf-8")
    assert unmentioned(read_settings(file)) == set()
    file.write_text(uncommented(text).replace('archive_reason = ""\n', ""), encoding="utf-8")
    assert unmentioned(read_settings(file)) == {"TopdeskSettings.archive_reason"}, "the same check sees a missing field"


def test_what_is_written_is_read_as_it_is_and_says_what_to_fill_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["init"]) == 0
    found = read_settings(None)
    assert found.provider is not None and found.provider.tenant == PLACEHOLDER and len(found.people) == 2
    assert [name for name in Settings.model_fields if getattr(found, name) and name in uncommented("azure prtg")] == []
    capsys.readouterr()
    assert run(["doctor"]) == 1
    assert "placeholder" in capsys.readouterr().out


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("data = 'mine'\n", encoding="utf-8")
    assert run(["init", "--out", str(file)]) == 1
    assert "give another --out" in capsys.readouterr().err and file.read_text(encoding="utf-8") == "data = 'mine'\n"
    assert run(["init", "--out", str(tmp_path / "no" / "such.toml")]) == 2


def test_no_secret_stands_in_it() -> None:
    found = re.findall(r"(?:secret|token|password|api_key|list_keys)\s*=\s*(.*)", settings_file().decode())
    assert found and all(re.search(r"\{ (env|file|command) = ", one) for one in found)
