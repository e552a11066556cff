"""The documents say what the program does: nothing is undocumented, nothing generated is stale, no link is dead."""

import re
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tools import reference, settings, steps  # noqa: E402
from tools.commands import Command, commands  # noqa: E402
from tools.markdown import differing  # noqa: E402

from sendoff.model import errors  # noqa: E402
from sendoff.model.envelope import EventKind  # noqa: E402
from sendoff.model.key import Key  # noqa: E402
from sendoff.model.step import Step  # noqa: E402
from sendoff.rules.gates import _GATES  # noqa: E402
from sendoff.settings import read_settings  # noqa: E402
from sendoff.steps import EVERY  # noqa: E402

REFERENCE = ROOT / "docs" / "reference"
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"^\s*(?:\$ )?sendoff ((?:[a-z][a-z-]* ?)+)", re.MULTILINE)


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return reference.pages()


@pytest.fixture(scope="module")
def every_command() -> tuple[Command, ...]:
    return commands()


def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def test_the_generated_pages_are_what_the_generators_give_now(pages: dict[str, str]) -> None:
    assert differing(pages) == [], "run `make docs`"


def test_a_stale_page_and_a_missing_page_are_noticed(pages: dict[str, str], tmp_path: Path) -> None:
    first, *rest = pages
    for name in rest:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(pages[name], encoding="utf-8")
    (tmp_path / rest[0]).write_text(pages[rest[0]] + "by hand\n", encoding="utf-8")
    assert differing(pages, tmp_path) == [first, rest[0]]


def test_every_command_is_documented(every_command: tuple[Command, ...]) -> None:
    text = page("cli.md")
    assert [one.name for one in every_command if f"## sendoff {one.name}\n" not in text] == []


def without_example(found: tuple[Command, ...]) -> list[str]:
    """Commands whose docstring shows no line that calls them."""
    return [one.name for one in found if f"sendoff {one.name}" not in one.docstring.partition("**Example**")[2]]


def test_every_command_shows_an_example(every_command: tuple[Command, ...]) -> None:
    planted = Command(
        words=("case", "vanish"), help="", docstring="Vanish.\n\n**Example**\n\n```\nsendoff case open\n```"
    )
    assert without_example((planted,)) == ["case vanish"]
    assert without_example(every_command) == []


def test_every_setting_is_documented() -> None:
    assert settings.undocumented() == []
    assert set(settings.WORDS) - {"Settings.data"} != set(settings.WORDS)


def settings_examples() -> list[str]:
    """The blocks of TOML on the page about real systems."""
    text = (ROOT / "docs" / "how-to" / "real-systems.md").read_text(encoding="utf-8")
    return re.findall(r"```toml\n(.*?)```", text, re.DOTALL)


def test_the_commented_settings_are_read_and_have_every_table(tmp_path: Path) -> None:
    file = tmp_path / "sendoff.toml"
    file.write_text(settings_examples()[0], encoding="utf-8")
    found = read_settings(file)
    assert [name for name in type(found).model_fields if not getattr(found, name)] == ["sandbox"]


def test_every_step_is_documented() -> None:
    text = page("steps.md")
    assert [step.id for step in EVERY if f"\n## {step.id}\n" not in text] == []
    assert {field.name for field in fields(Step)} == steps.TOLD


def test_every_event_is_documented() -> None:
    text = page("events.md")
    assert [kind for kind in EventKind if f"\n## {kind}\n" not in text] == []


def test_every_error_has_its_exit_code() -> None:
    text = page("exit-codes.md")
    names = [name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, Exception)]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_key_and_every_gate_is_in_the_page_on_safety() -> None:
    text = (ROOT / "docs" / "safety.md").read_text(encoding="utf-8")
    assert [key for key in Key if f"`{key}`" not in text] == []
    assert [gate.__name__ for gate in _GATES if f"`{gate.__name__}`" not in text] == []


def markdown(root: Path) -> list[Path]:
    """Every Markdown file of the house."""
    tops = [file for file in root.glob("*.md") if file.is_file()]
    return sorted([*tops, *(file for name in ("docs", "src", "tests") for file in (root / name).rglob("*.md"))])


def dead_links(file: Path) -> Iterator[str]:
    """Relative links to a file or heading that is not there."""
    for number, line in enumerate(prose(file), start=1):
        for one in LINK.finditer(line):
            target = one.group(1) or one.group(2)
            if re.match(r"[a-z]+:", target):
                continue
            path, _, heading = target.partition("#")
            there = (file.parent / path).resolve() if path else file
            if not there.exists() or (heading and there.suffix == ".md" and heading not in headings(there)):
                yield f"{file.name}:{number}: {target}"


def prose(file: Path) -> list[str]:
    """The lines of a file; those inside blocks of code are empty."""
    inside, found = False, []
    for line in file.read_text(encoding="utf-8").splitlines():
        fence = line.lstrip().startswith("```")
        inside = inside is not fence
        found.append("" if inside or fence else re.sub(r"`[^`]*`", "", line) if "](" not in line else line)
    return found


def headings(file: Path) -> set[str]:
    """The anchors that GitHub makes of the headings."""
    titles = [line.lstrip("#").strip() for line in prose_with_code(file) if re.match(r"#{1,6} ", line)]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def prose_with_code(file: Path) -> list[str]:
    """The lines outside blocks of code, with code inside lines kept."""
    inside, found = False, []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.lstrip().startswith("```"):
            inside = not inside
        elif not inside:
            found.append(line)
    return found


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# A heading, here\n", encoding="utf-8")
    file = tmp_path / "x.md"
    file.write_text(
        "[a](there.md#a-heading-here) [b](gone.md) [c](there.md#gone) ![d](gone.svg) [e](https://x.example)\n"
        "```\n[f](in-code.md)\n```\n",
        encoding="utf-8",
    )
    assert list(dead_links(file)) == ["x.md:1: gone.md", "x.md:1: there.md#gone", "x.md:1: gone.svg"]


def test_no_link_is_dead() -> None:
    files = markdown(ROOT)
    assert len(files) > 10
    assert [one for file in files for one in dead_links(file)] == []


def unknown_commands(text: str, found: tuple[Command, ...]) -> list[str]:
    """Lines of code that call a command of ours which does not exist."""
    known = {one.words for one in found} | {one.words[:1] for one in found}
    return [
        said.group(0).strip()
        for block in re.findall(r"```(?:sh|console)\n(.*?)```", text, re.DOTALL)
        for said in COMMAND.finditer(block)
        if not any(
            tuple(said.group(1).split())[:size] in known for size in (2, 1) if _whole(said.group(1), size, found)
        )
    ]


def _whole(words: str, size: int, found: tuple[Command, ...]) -> bool:
    """True when so many words can name a command: a noun alone cannot when it only has verbs."""
    first = words.split()[:size]
    return len(first) == size and any(one.words == tuple(first) for one in found)


def test_the_documents_call_only_commands_that_exist(every_command: tuple[Command, ...]) -> None:
    assert unknown_commands("```sh\nsendoff case vanish X\n```", every_command) == ["sendoff case vanish"]
    texts = {file.name: file.read_text(encoding="utf-8") for file in markdown(ROOT)}
    found = {name: unknown_commands(text, every_command) for name, text in texts.items()}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_the_front_page_names_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test"):
        assert f"make {target}" in text
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_every_decision_is_on_the_list_of_decisions() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    assert [file.name for file in folder.glob("[0-9]*.md") if f"({file.name})" not in listed] == []
