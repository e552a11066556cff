"""The command line as it describes itself: every command, its help, its docstring."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from cyclopts import App
from rich.console import Console

from sendoff.cli.app import build
from tools.markdown import NOTE, fence

WIDTH = 100
HEAD = """Every command, as `sendoff COMMAND --help` prints it.
Exit codes are on [their own page](exit-codes.md).
Where a command takes `--json`, it prints JSON for programs and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command: its words after `sendoff`, its help page, and the docstring of its function."""

    words: tuple[str, ...]
    help: str
    docstring: str

    @property
    def name(self) -> str:
        """As typed."""
        return " ".join(self.words)


def commands() -> tuple[Command, ...]:
    """Every command in the order of the tree."""
    app, leaves = _tree()
    return tuple(_command(app, words, leaf) for words, leaf in leaves)


def _tree() -> tuple[App, list[tuple[tuple[str, ...], App]]]:
    """The tree and its leaves. Walking it loads every command: one that is not loaded yet has no words in the help of
    what stands above it, and the page would depend on what was asked before."""
    app = build([])
    return app, list(_leaves(app, ()))


def _leaves(app: App, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], App]]:
    for name in app:
        if name.startswith("-"):
            continue
        below = app[name]
        if below.default_command is not None:
            yield (*above, name), below
        yield from _leaves(below, (*above, name))


def _command(app: App, words: tuple[str, ...], leaf: App) -> Command:
    function = leaf.default_command
    return Command(words=words, help=_help(app, words), docstring=(function.__doc__ or "") if function else "")


def _help(app: App, words: tuple[str, ...]) -> str:
    drawn = io.StringIO()
    app.help_print(
        list(words),
        console=Console(file=drawn, width=WIDTH, force_terminal=False, color_system=None, legacy_windows=False),
    )
    lines = [line.rstrip() for line in drawn.getvalue().strip("\n").splitlines()]
    return "\n".join(line for place, line in enumerate(lines) if line or (place and lines[place - 1]))


def page() -> str:
    """docs/reference/cli.md."""
    found = commands()
    parts = [
        NOTE,
        "# The command line",
        HEAD,
        fence(_help(_tree()[0], ())),
        "\n".join(f"- [`sendoff {one.name}`](#sendoff-{'-'.join(one.words)})" for one in found),
    ]
    parts += [f"## sendoff {one.name}\n\n{fence(one.help)}" for one in found]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"
