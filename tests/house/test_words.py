"""The house checks itself: names, catch-alls, where secrets are revealed, sizes, sleeping, and what no file may hold.

Every check is first shown a planted offender: a check that finds nothing anywhere proves nothing.
"""

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "sendoff"
LONGEST_FILE, LONGEST_FUNCTION = 300, 40
FORBIDDEN = frozenset({"manager", "helper", "helpers", "util", "utils", "base", "common"})
WORKERS_TOP = ("engine/worker.py", "sendoff/__main__.py")
REVEALERS = re.compile(r"connectors/.*client\.py|store/sealing\.py|store/database\.py")
PLACES = re.compile(
    "|".join(
        (
            "/" + r"work/(?:main|shared|\.)",
            "/" + "root/",
            r"/home/(?!you/|emma/)\w+/",
            r"https?://[^\s\"')]*/simple\b",
            r"--(?:extra-)?index-url",
            "py" + r"pi\.org",
            "python" + r"hosted\.org",
            "registry\\." + "npmjs",
            "crates" + r"\.io/",
        )
    )
)
"""Paths of somebody's machine, and hosts of package registries."""
Check = Callable[[str, str], Iterator[str]]
"""The path of a file, as its folder names it, and its text -> what is wrong in it."""


def forbidden_names(path: str, text: str) -> Iterator[str]:
    """Modules and classes with a name that says nothing."""
    if FORBIDDEN & set(Path(path).stem.lower().split("_")):
        yield f"{path}: a module named {Path(path).stem}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and FORBIDDEN & {word.lower() for word in _words(node.name)}:
            yield f"{path}:{node.lineno}: a class named {node.name}"


def _words(name: str) -> list[str]:
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)


def catch_alls(path: str, text: str) -> Iterator[str]:
    """Handlers that swallow everything, anywhere but at the worker's top and the program's own. One that ends in a bare
    `raise` only tidies up, such as a rollback."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler) and _catches_all(node.type) and not path.endswith(WORKERS_TOP):
            last = node.body[-1]
            if not (isinstance(last, ast.Raise) and last.exc is None):
                yield f"{path}:{node.lineno}: catches everything"


def _catches_all(kind: ast.expr | None) -> bool:
    if kind is None:
        return True
    names = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(isinstance(one, ast.Name) and one.id in ("Exception", "BaseException") for one in names)


def revealed_secrets(path: str, text: str) -> Iterator[str]:
    """Secrets revealed anywhere but on the wire and in the sealer."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and node.attr == "reveal" and not REVEALERS.search(path):
            yield f"{path}:{node.lineno}: reveals a secret"


def silent_files(path: str, text: str) -> Iterator[str]:
    """Files whose first statement does not say what they are."""
    if not ast.get_docstring(ast.parse(text)):
        yield f"{path}:1: no docstring"


def long_files(path: str, text: str) -> Iterator[str]:
    """Files that grew too long."""
    lines = text.count("\n")
    if lines > LONGEST_FILE:
        yield f"{path}: {lines} lines"


def long_functions(path: str, text: str) -> Iterator[str]:
    """Functions that grew too long; the docstring, which may be a help page, does not count."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1 - _docstring_lines(node)
            if lines > LONGEST_FUNCTION:
                yield f"{path}:{node.lineno}: {node.name} has {lines} lines"


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    return (first.end_lineno or first.lineno) - first.lineno + 1 if ast.get_docstring(node) is not None else 0


def sleeping(path: str, text: str) -> Iterator[str]:
    """Tests that wait for time to pass."""
    for node in ast.walk(ast.parse(text)):
        named = (
            isinstance(node, ast.ImportFrom) and node.module == "time" and "sleep" in {one.name for one in node.names}
        )
        called = (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "sleep"
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "time"
        )
        if named or called:
            yield f"{path}:{getattr(node, 'lineno', 0)}: sleeps"


def places(path: str, text: str) -> Iterator[str]:
    """Lines that name somebody's machine or a package registry."""
    for number, line in enumerate(text.splitlines(), start=1):
        found = PLACES.search(line)
        if found:
            yield f"{path}:{number}: {found.group()}"


PLANTED: list[tuple[Check, str, str]] = [
    (forbidden_names, "rules/string_utils.py", '"""Texts."""\n'),
    (forbidden_names, "rules/texts.py", "class CaseManager:\n    pass\n"),
    (forbidden_names, "rules/texts.py", "class BaseStep:\n    pass\n"),
    (catch_alls, "engine/run.py", "try:\n    pass\nexcept Exception:\n    pass\n"),
    (catch_alls, "engine/run.py", "try:\n    pass\nexcept (OSError, BaseException):\n    pass\n"),
    (catch_alls, "engine/run.py", "try:\n    pass\nexcept:\n    pass\n"),
    (revealed_secrets, "engine/run.py", "print(secret.reveal())\n"),
    (revealed_secrets, "connectors/prtg/connector.py", "said = secret.reveal()\n"),
    (silent_files, "engine/run.py", "x = 1\n"),
    (long_files, "engine/run.py", "x = 1\n" * 301),
    (long_functions, "engine/run.py", "def f():\n" + "    x = 1\n" * 40),
    (sleeping, "tests/test_x.py", "import time\ntime.sleep(1)\n"),
    (sleeping, "tests/test_x.py", "from time import sleep\n"),
    (places, "README.md", "see /work" + "/main/README.md\n"),
    (places, "dev.lock", "--index" + "-url=x\n"),
    (places, "dev.lock", "https://mirror.example" + "/simple\n"),
    (places, "dev.lock", "https://files.python" + "hosted.org/x\n"),
]


@pytest.mark.parametrize(("check", "path", "text"), PLANTED, ids=lambda one: getattr(one, "__name__", None) or "_")
def test_each_check_finds_what_was_planted(check: Check, path: str, text: str) -> None:
    assert list(check(path, text))


ALLOWED: list[tuple[Check, str, str]] = [
    (forbidden_names, "steps/database.py", "class Managed:\n    pass\n\nclass Baseline:\n    pass\n"),
    (catch_alls, "src/sendoff/engine/worker.py", "try:\n    pass\nexcept BaseException:\n    raise\n"),
    (catch_alls, "store/database.py", "try:\n    pass\nexcept BaseException:\n    undo()\n    raise\n"),
    (revealed_secrets, "connectors/prtg/client.py", "said = secret.reveal()\n"),
    (revealed_secrets, "store/sealing.py", "said = secret.reveal()\n"),
    (long_functions, "engine/run.py", "def f():\n" + '    """' + "x\n" * 50 + '    """\n' + "    x = 1\n" * 30),
]


@pytest.mark.parametrize(("check", "path", "text"), ALLOWED, ids=lambda one: getattr(one, "__name__", None) or "_")
def test_each_check_lets_pass_what_is_allowed(check: Check, path: str, text: str) -> None:
    assert not list(check(path, text))


def offenders(check: Check, folder: Path) -> list[str]:
    """Everything that a check finds in the Python files under a folder."""
    files = sorted(folder.rglob("*.py"))
    assert files, f"there is nothing to check under {folder}"
    return [one for file in files for one in check(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(
    "check", [forbidden_names, catch_alls, revealed_secrets, silent_files, long_files, long_functions]
)
def test_the_sources_keep_the_rules_of_the_house(check: Check) -> None:
    assert offenders(check, SOURCES) == []


def test_the_generators_keep_the_rules_of_the_house() -> None:
    found = [offenders(check, ROOT / "tools") for check in (forbidden_names, catch_alls, silent_files, long_functions)]
    assert found == [[], [], [], []]


def test_no_test_sleeps() -> None:
    assert offenders(sleeping, ROOT / "tests") == []


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    found: list[str] = []
    for name in tracked():
        data = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if b"\0" not in data and not name.endswith("house/test_words.py"):
            found += places(name, data.decode("utf-8", "replace"))
    assert found == []


def tracked() -> list[str]:
    """The files that git keeps; outside a checkout, every file of the sources, tests and documents."""
    ran = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if ran.returncode == 0 and ran.stdout:
        return ran.stdout.splitlines()
    folders = [ROOT / name for name in ("src", "tests", "tools", "docs")]
    return [file.relative_to(ROOT).as_posix() for folder in folders for file in folder.rglob("*") if file.is_file()]
