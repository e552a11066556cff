"""Commands and doors: every door of the desk has a command, every command that changes something names its door."""

import ast
import importlib
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path

from fakes.leavings import DOORS, doors
from sendoff.cli.app import ALONE, COMMANDS
from sendoff.engine.desk import Desk
from sendoff.wiring import story

TABLE: Mapping[str, str] = {
    "template check": "",
    "template render": "",
    "case open": "open_case",
    "case list": "",
    "case show": "",
    "case forecast": "",
    "case preflight": "preflight",
    "case look": "look",
    "case decide": "decide",
    "case plan": "plan",
    "case approve": "approve",
    "case refuse": "refuse",
    "case reword": "reword",
    "case run": "run",
    "case attest": "attest",
    "case not-applicable": "not_applicable",
    "case waive": "waive",
    "case tail": "tail",
    "case withdraw": "withdraw",
    "case stop": "stop",
    "case resume": "resume",
    "case change": "change_facts",
    "case close": "close",
    "case history": "",
    "case report": "",
    "case letter": "",
    "letters write": "",
    "letters check": "",
    "certificate verify": "",
    "certificate show": "",
    "certificate trust": "",
    "db upgrade": "",
    "db backup": "",
    "db restore": "",
    "db verify": "",
    "db erased": "",
    "inventory import-manifest": "change_facts",
    "sandbox serve": "",
    "doctor": "",
    "halt": "halt",
    "init": "",
    "look": "",
    "serve": "",
    "worker": "",
}
"""Each command with the door it knocks at; an empty one only reads, or has nothing to do with cases."""
REHEARSALS = frozenset({"clock_moved"})
"""Doors without a command: civil time is moved by the story of a rehearsal, and nowhere else."""


def commands() -> Mapping[str, str]:
    """Every real command with where its function is."""
    found = {f"{noun} {verb}": where for noun, verbs in COMMANDS.items() for verb, where in verbs.items()}
    return found | ALONE


def knocks(where: str) -> set[str]:
    """The doors that a command's function and the functions of its own file that it calls knock at."""
    module, _, name = where.partition(":")
    home = importlib.import_module(module)
    own = {key: value for key, value in vars(home).items() if inspect.isfunction(value) and value.__module__ == module}
    waiting, seen, found = [name], set[str](), set[str]()
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            helped, knocked = called(own[one])
            found |= knocked & doors()
            waiting += [word for word in helped if word in own]
    return found


def called(function: Callable[..., object]) -> tuple[set[str], set[str]]:
    """Names of functions called, and of methods called on something that is a desk."""
    plain, at_desk = set[str](), set[str]()
    for node in ast.walk(ast.parse(inspect.getsource(function))):
        match node:
            case ast.Call(func=ast.Name(id=name)):
                plain.add(name)
            case ast.Call(func=ast.Attribute(value=ast.Attribute() | ast.Name() as under, attr=name)):
                if _name(under) == "desk":
                    at_desk.add(name)
    return plain, at_desk


def _name(node: ast.Attribute | ast.Name) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id


def test_every_command_is_in_the_table_and_the_table_has_no_other() -> None:
    assert sorted(TABLE) == sorted(commands())


def test_every_command_knocks_at_the_door_that_the_table_names_and_at_no_other() -> None:
    found = {command: knocks(where) for command, where in commands().items()}
    assert found == {command: {door} if door else set() for command, door in TABLE.items()}


def test_every_door_that_names_a_person_has_a_command() -> None:
    assert {door for door in TABLE.values() if door} | REHEARSALS == doors() == set(DOORS)


def test_the_doors_without_a_command_are_the_storys() -> None:
    assert called_in(Path(story.__file__)) >= REHEARSALS
    assert not REHEARSALS & {door for where in commands().values() for door in knocks(where)}


def called_in(file: Path) -> set[str]:
    """Every method that is called in a file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }


def test_doors_without_a_person_only_read() -> None:
    reading = {name for name, _ in inspect.getmembers(Desk, inspect.isfunction) if not name.startswith("_")} - doors()
    assert reading == {
        "because",
        "busy",
        "cards",
        "case",
        "cases",
        "certificate",
        "checklist",
        "drafts",
        "every_card",
        "drawn",
        "evidence",
        "fates",
        "forecast",
        "gates_of",
        "grave",
        "heads",
        "keep_cards",
        "kept_cards",
        "keys",
        "letters",
        "named",
        "now",
        "plan_of",
        "plans",
        "possible",
        "prepared",
        "report",
        "said_aloud",
        "seen",
        "withdrawal",
        "writes",
    }


def planted(found: object) -> None:
    """A command that does more than it says."""
    desk = found.desk  # type: ignore[attr-defined]
    desk.close("somebody", "L1")


def test_the_check_sees_a_command_that_does_more_than_it_says() -> None:
    assert called(planted) == (set(), {"close"})
    assert knocks("sendoff.cli.deciding:approve") == {"approve"}
    assert knocks("sendoff.cli.case:show") == set()
