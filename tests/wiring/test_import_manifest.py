"""`sendoff inventory import-manifest`, as typed: into a file of facts, into an open case, and nothing by halves."""

import csv
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.houses import TEMPLATE, Stage, stage
from sendoff.cli.app import run
from sendoff.wiring import wired
from sendoff.wiring.leaving import Leaving
from sendoff.wiring.rehearsal import Running, started

Row = dict[str, object]


def facts_of(one: Stage) -> tuple[Path, str, list[Row]]:
    """The file of facts of the leaving customer, their tenant, and the rows of the record."""
    one.facts()
    file = one.folder / "facts.toml"
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    return file, told["customer"]["tenant"], told["record"]


def manifest(folder: Path, tenant: str, rows: list[Row], name: str = "onboarding.csv") -> Path:
    """A manifest in CSV."""
    file = folder / name
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        written = csv.writer(out, delimiter=";")
        written.writerow(("tenant", "system", "kind", "id", "before"))
        written.writerows((tenant, row["system"], row["kind"], row["id"], row.get("before", "")) for row in rows)
    return file


def without_record(file: Path) -> bytes:
    """The facts as somebody typed them, with a comment and no record; written, and given back."""
    head = file.read_text(encoding="utf-8").partition("[[record]]")[0]
    text = f"# typed by Carla\r\n{head}".replace("\n", "\r\n").replace("\r\r", "\r")
    file.write_bytes(text.encode())
    return file.read_bytes()


def answer(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    """Exit code, answer and what was said beside it."""
    code = run(["inventory", "import-manifest", *(str(word) for word in words)])
    said = capsys.readouterr()
    return code, said.out, said.err


# ---- into a file of facts ----------------------------------------------------------------------------------------


def test_the_whole_record_of_a_customer_comes_back_from_a_manifest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, tenant, rows = facts_of(stage(tmp_path))
    before = without_record(file)
    given = manifest(tmp_path, tenant, rows)

    code, said, _ = answer(capsys, given, "--facts", file)

    assert code == 0 and f"{len(rows)} rows recorded, 0 stood there already" in said and len(rows) > 50
    assert file.read_bytes().startswith(before), "what stood there stays byte for byte"
    assert b"\n" not in file.read_bytes().replace(b"\r\n", b""), "with the ends of lines that the file has"
    kept = tomllib.loads(file.read_text(encoding="utf-8"))["record"]
    assert [(row["system"], row["kind"], row["id"], row["before"]) for row in kept] == [
        (row["system"], row["kind"], row["id"], row.get("before", "")) for row in rows
    ]


def test_a_second_time_adds_nothing_and_json_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, tenant, rows = facts_of(stage(tmp_path))
    without_record(file)
    given = manifest(tmp_path, tenant, rows[:3])
    code, said, _ = answer(capsys, given, "--facts", file, "--json")
    first = json.loads(said)
    assert code == 0 and len(first["recorded"]) == 3 and first["stood_already"] == 0
    assert first["into"] == str(file) and first["recorded"][0]["id"] == rows[0]["id"]
    after = file.read_bytes()
    code, said, _ = answer(capsys, given, "--facts", file, "--json")
    second = json.loads(said)
    assert code == 0 and second["recorded"] == [] and second["stood_already"] == 3 and file.read_bytes() == after


def test_a_single_bad_row_leaves_the_file_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, tenant, rows = facts_of(stage(tmp_path))
    before = without_record(file)
    given = manifest(tmp_path, tenant, [*rows, {"system": "prtg", "kind": "prtg-device", "id": "a name"}])
    code, _, said = answer(capsys, given, "--facts", file)
    assert code == 2 and f"onboarding.csv:{len(rows) + 2}: 'a name' is no id" in said and "Traceback" not in said
    assert file.read_bytes() == before and list(tmp_path.glob(".facts*")) == []


def test_another_customers_manifest_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, _, rows = facts_of(stage(tmp_path))
    before = without_record(file)
    given = manifest(tmp_path, "7a3c1f0e-0000-4000-8000-000000000009", rows[:2])
    code, _, said = answer(capsys, given, "--facts", file)
    assert code == 2 and said.count("another customer's row") == 2 and file.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[customer]\nname = 'x'\n", "names no tenant"),
        ("not toml", "not readable as TOML"),
        ("record = []\n[customer]\ntenant = '{tenant}'\n[[scope]]\nsystem = 1\n", "scope"),
        ("record = []\n[customer]\ntenant = '{tenant}'\n", "[[record]] tables of their own"),
    ],
)
def test_facts_that_cannot_take_the_rows_are_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    _, tenant, rows = facts_of(stage(tmp_path))
    prtg = [row for row in rows if row["system"] == "prtg"]
    file = tmp_path / "theirs.toml"
    file.write_text(text.replace("{tenant}", tenant), encoding="utf-8")
    before = file.read_bytes()
    code, _, wrong = answer(capsys, manifest(tmp_path, tenant, prtg), "--facts", file)
    assert prtg and code == 2 and said in wrong and file.read_bytes() == before


def test_files_that_are_none_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, tenant, rows = facts_of(stage(tmp_path))
    before = without_record(file)
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as out:
        out.truncate(64 * 1024 * 1024 + 1)
    for given, said in ((tmp_path, "cannot read the manifest"), (tmp_path / "none", "No such"), (huge, "64 MiB")):
        code, _, wrong = answer(capsys, given, "--facts", file)
        assert code == 2 and said in wrong
    good = manifest(tmp_path, tenant, rows[:1])
    assert answer(capsys, good, "--facts", tmp_path / "none")[0] == 2
    assert answer(capsys, good)[0] == 2 and answer(capsys, good, "--facts", file, "--case", "L1")[0] == 2
    assert file.read_bytes() == before


def test_through_a_link_the_file_behind_it_is_written_and_the_link_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, tenant, rows = facts_of(stage(tmp_path))
    without_record(file)
    file.chmod(0o600)
    link, given = tmp_path / "link.toml", tmp_path / "given.csv"
    link.symlink_to(file)
    given.symlink_to(manifest(tmp_path, tenant, rows[:2]))
    assert answer(capsys, given, "--facts", link)[0] == 0
    assert link.is_symlink() and file.read_text(encoding="utf-8").count("[[record]]") == 2
    assert file.stat().st_mode & 0o777 == 0o600, "who may read it stays the same"
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    code, _, said = answer(capsys, loop, "--facts", file)
    assert code == 2 and "cannot read the manifest" in said


# ---- into an open case -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    sandbox = started(tmp_path_factory.mktemp("served") / "sandbox", 1, Leaving())
    yield sandbox
    sandbox.stop()


def typed(*words: str | Path) -> "tuple[int, str, str]":
    """A command in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-m", "sendoff", *(str(word) for word in words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return ran.returncode, ran.stdout, ran.stderr


def known(settings: Path) -> tuple[str, int, int]:
    """The only case, how many rows its record has, and how many events it has."""
    found = wired(settings)
    (case,) = found.desk.cases()
    events = len(found.journal.entries(case.id))
    found.close()
    if found.control:
        found.control.close()
    return case.id, len(case.facts.record), events


def test_in_an_open_case_the_facts_change_with_a_reason_and_approvals_are_void(served: Running) -> None:
    file, settings = served.folder / "facts.toml", served.folder / "sendoff.toml"
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    tenant, rows = str(told["customer"]["tenant"]), list(told["record"])
    without_record(file)
    there = ("--settings", settings, "--as", "carla")
    paper = ("--template", TEMPLATE, "--notice", served.folder / "notice.eml")
    assert typed("case", "open", "--facts", file, *paper, *there)[0] == 0
    case, count, before = known(settings)
    assert count == 0
    into = ("inventory", "import-manifest", manifest(served.folder, tenant, rows), "--case", case)

    code, _, said = typed(*into, *there)
    assert code == 2 and "reason" in said and known(settings) == (case, 0, before), "without a reason nothing changes"
    code, out, said = typed(*into, "--reason", "found in the folder", *there)
    assert code == 0 and f"{len(rows)} rows recorded" in out and "approvals are void" in out, said
    assert known(settings) == (case, len(rows), before + 1)
    code, out, _ = typed(*into, "--reason", "again", "--json", *there)
    assert code == 0 and json.loads(out) == {"into": case, "recorded": [], "stood_already": len(rows)}
    assert known(settings) == (case, len(rows), before + 1), "nothing new is no event"
    code, out, said = typed("case", "show", case, "--json", "--settings", settings)
    shown = json.loads(out)
    assert code == 0 and shown["id"] == case and shown["reminders"] == [] and "notice" in shown["steps"], said
