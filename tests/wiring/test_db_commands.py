"""`sendoff db`, as typed: what it answers, its exit codes, and that `verify` finds every planted fault by its name."""

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fakes.houses import Stage
from fakes.places import LETTER, again, another_place, brought_down, changed, halfway, place_of, rows
from fakes.told import told
from sendoff.cli.app import run
from sendoff.engine.closing import PAYLOAD_TYPE
from sendoff.model.case import Case
from sendoff.model.digest import canonical
from sendoff.model.envelope import Registered
from sendoff.model.event import Certified
from sendoff.model.people import PersonId
from sendoff.store.database import writing
from sendoff.store.evidence import BlobStore
from sendoff.wiring.keeping import Place
from sendoff.wiring.keeping import place as placed
from sendoff.wiring.signers import house

PAUL = PersonId("paul")


@pytest.fixture
def small(tmp_path: Path) -> tuple[Stage, Case]:
    """A case with a few steps done and one approved."""
    return halfway(tmp_path / "house", step=LETTER)


def file(one: Stage) -> str:
    return str(one.folder / "sendoff.toml")


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, answer and what was said beside it."""
    code = run(["db", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


# ---- as typed -----------------------------------------------------------------------------------------------------


def test_from_older_tables_over_a_backup_to_another_place(
    tmp_path: Path, server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    one, case = halfway(tmp_path / "house", step=LETTER)
    brought_down(place_of(one))
    kept, there = str(tmp_path / "backup.tar"), ("--settings", file(one))

    code, _, said = answer(capsys, "verify", *there)
    assert code == 1 and "`sendoff db upgrade`" in said and "Traceback" not in said
    code, out, _ = answer(capsys, "backup", kept, *there)
    assert code == 0 and out.startswith(f"{kept}: 1 cases, ")
    code, out, _ = answer(capsys, "upgrade", *there)
    assert code == 0 and "were of version 1 and are of 2 now" in out
    code, out, _ = answer(capsys, "upgrade", *there)
    assert code == 0 and "nothing to do" in out

    place = another_place(one, tmp_path / "new", server)
    shutil.copytree(place_of(one).data / "keys", place.data / "keys")
    new = ("--settings", str(tmp_path / "new" / "sendoff.toml"))
    code, out, _ = answer(capsys, "restore", kept, *new)
    assert code == 0 and "1 cases. Look again" in out and "Wrong: nothing" in out
    code, out, _ = answer(capsys, "verify", *new, "--json")
    assert code == 0
    found = json.loads(out)
    assert (found["cases"], found["faults"]) == (1, []) and found["events"] == case.seq
    assert again(one, tmp_path / "new", server).desk.case(case.id) == case


def test_what_cannot_be_done_is_said_in_one_line(
    small: tuple[Stage, Case], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, _ = small
    there, kept = ("--settings", file(one)), str(tmp_path / "backup.tar")
    assert answer(capsys, "backup", kept, "--with-keys", *there)[0] == 0
    another_place(one, tmp_path / "new")
    new = ("--settings", str(tmp_path / "new" / "sendoff.toml"))
    for code, words, why in (
        (1, ("backup", kept, *there), "never written over"),
        (2, ("backup", str(tmp_path / "no" / "x.tar"), *there), "no such folder"),
        (1, ("backup", str(tmp_path / "x.tar"), *new), "nothing to back up"),
        (1, ("restore", kept, *there), "into an empty place only"),
        (2, ("restore", str(tmp_path / "no.tar"), *new), "cannot be read"),
        (1, ("restore", file(one), *new), "no backup of ours"),
        (2, ("restore", kept, "--erased", str(tmp_path / "no.txt"), *new), "cannot be read"),
        (2, ("verify", "--settings", str(tmp_path / "no.toml")), "no such settings file"),
        (2, ("vanish",), "vanish"),
    ):
        found, _, said = answer(capsys, *words)
        assert (found, why in said, "Traceback" in said) == (code, True, False), (words, said)


def test_a_backup_with_keys_is_warned_of(
    small: tuple[Stage, Case], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = ("--settings", file(small[0]))
    assert "WARNING" not in answer(capsys, "backup", str(tmp_path / "a.tar"), *there)[2]
    assert (
        "WARNING: the house's keys are in this file"
        in answer(capsys, "backup", str(tmp_path / "b.tar"), "--with-keys", *there)[2]
    )


def test_the_list_of_erased_cases_is_what_restore_takes(
    small: tuple[Stage, Case], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, case = small
    there = ("--settings", file(one))
    kept, listed = str(tmp_path / "backup.tar"), tmp_path / "erased.txt"
    assert answer(capsys, "backup", kept, "--with-keys", *there)[0] == 0
    assert answer(capsys, "erased", *there)[1] == ""
    one.house.journal.erase(case.id, actor=PAUL, at=case.at)
    listed.write_text(answer(capsys, "erased", *there)[1], encoding="utf-8")
    assert listed.read_text(encoding="utf-8") == f"{case.id}\n"
    assert json.loads(answer(capsys, "erased", "--json", *there)[1])[0]["case"] == case.id

    place = another_place(one, tmp_path / "new")
    new = ("--settings", str(tmp_path / "new" / "sendoff.toml"))
    assert answer(capsys, "restore", kept, "--erased", str(listed), *new)[0] == 0
    assert case.id not in {str(row[0]) for row in rows(place.engine)["case_key"]}
    assert answer(capsys, "erased", *new)[1] == f"{case.id}\n"


def test_the_commands_of_the_house_say_the_same_when_the_tables_are_older(
    small: tuple[Stage, Case], capsys: pytest.CaptureFixture[str]
) -> None:
    brought_down(place_of(small[0]))
    assert answer(capsys, "erased", "--settings", file(small[0]))[0] == 1


# ---- verify finds -------------------------------------------------------------------------------------------------


class Closed:
    """A copy of the house of a closed case, to be spoiled."""

    def __init__(self, folder: Path) -> None:
        found = told()
        found.copied(folder)
        settings = found.house.house.settings.model_copy(update={"data": folder / "data"})
        shutil.copy(found.house.folder / "sendoff.toml", folder / "sendoff.toml")
        self.place: Place = placed(settings=settings)
        self.case, self.file = found.case, str(folder / "sendoff.toml")

    def sql(self, statement: str, **values: object) -> None:
        """Behind the program's back."""
        changed(self.place.engine, statement, **values)

    def blob(self, digest: str) -> Path:
        """The file of a piece of evidence."""
        name = digest.removeprefix("sha256:")
        return self.place.evidence / self.case.id / name[:2] / name


def flipped(one: Closed) -> None:
    text = str(next(row for row in rows(one.place.engine, ("event",))["event"] if row[:2] == (one.case.id, 7))[2])
    at = text.index('"body_hash":"sha256:') + 30
    spoiled = text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]
    one.sql("UPDATE event SET envelope = :text WHERE chain = :case AND seq = 7", text=spoiled, case=one.case.id)


def torn(one: Closed) -> None:
    one.sql("UPDATE event SET envelope = '{\"a' WHERE chain = :case AND seq = 7", case=one.case.id)


def reformatted(one: Closed) -> None:
    one.sql("UPDATE event SET envelope = ' ' || envelope WHERE chain = :case AND seq = 7", case=one.case.id)


def last_dropped(one: Closed) -> None:
    for table in ("event", "body"):
        one.sql(f"DELETE FROM {table} WHERE chain = :case AND seq = :seq", case=one.case.id, seq=one.case.seq)


def last_dropped_without_its_body(one: Closed) -> None:
    one.sql("DELETE FROM event WHERE chain = :case AND seq = :seq", case=one.case.id, seq=one.case.seq)


def middle_dropped(one: Closed) -> None:
    for table in ("event", "body"):
        one.sql(f"DELETE FROM {table} WHERE chain = :case AND seq = 9", case=one.case.id)


def body_swapped(one: Closed) -> None:
    there = "SELECT sealed FROM body WHERE chain = :case AND seq = 2"
    one.sql(f"UPDATE body SET sealed = ({there}) WHERE chain = :case AND seq = 3", case=one.case.id)


def body_dropped(one: Closed) -> None:
    one.sql("DELETE FROM body WHERE chain = :case AND seq = 3", case=one.case.id)


def key_dropped(one: Closed) -> None:
    one.sql("DELETE FROM case_key WHERE chain = :case", case=one.case.id)


def evidence_deleted(one: Closed) -> None:
    one.blob(str(one.case.template)).unlink()


def evidence_changed(one: Closed) -> None:
    one.blob(str(one.case.template)).write_bytes(b"another checklist")


def image_deleted(one: Closed) -> None:
    """An image that no event names, but an inventory that an event names."""
    store = BlobStore(one.place.evidence)
    look = json.loads(store.get(one.case.id, one.case.looks["preflight"].inventory))
    one.blob(look["items"][0]["image"]).unlink()


def certificate_changed(one: Closed) -> None:
    path = one.blob(str(one.case.certificate))
    path.write_bytes(path.read_bytes().replace(b'"sig":"', b'"sig":"A'))


def certificate_forged(one: Closed) -> None:
    """The same words, signed by another key, and an event that names it: the chain itself holds."""
    assert one.case.certificate is not None
    store, key = BlobStore(one.place.evidence), house(one.place.data / "forger")
    payload = base64.b64decode(json.loads(store.get(one.case.id, one.case.certificate))["payload"])
    signature, name = key.sign(payload)
    signed = {"keyid": name, "sig": base64.b64encode(signature).decode()}
    envelope = {"payload": base64.b64encode(payload).decode(), "payloadType": PAYLOAD_TYPE, "signatures": [signed]}
    forged = Certified(
        certificate=store.put(one.case.id, canonical(envelope)), outcome=one.case.outcome, head=one.case.head
    )
    one.place.journal().append(one.case.id, None, (forged,), actor=PAUL, at=one.case.at)


def unregistered(one: Closed) -> None:
    for table in ("event", "body"):
        one.sql(f"DELETE FROM {table} WHERE chain = 'house'")


def closing_unregistered(one: Closed) -> None:
    for table in ("event", "body"):
        one.sql(f"DELETE FROM {table} WHERE chain = 'house' AND seq = 2")


def invented(one: Closed) -> None:
    """A line of the register about a case that is not there."""
    journal = one.place.journal()
    line = Registered(case="L12345678", what="opened", seq=1, head=one.case.head)
    with writing(one.place.engine) as connection:
        journal._register(connection, line, PAUL, one.case.at)


def case_gone(one: Closed) -> None:
    for table in ("event", "body", "case_key", "case_row", "step_row"):
        one.sql(f"DELETE FROM {table} WHERE chain = :case", case=one.case.id)


def erased_and_back(one: Closed) -> None:
    key = next(row for row in rows(one.place.engine)["case_key"] if row[0] == one.case.id)
    one.place.journal().erase(one.case.id, actor=PAUL, at=one.case.at)
    one.sql("INSERT INTO case_key VALUES (:chain, :wrapped)", chain=key[0], wrapped=key[1])


def row_changed(one: Closed) -> None:
    one.sql("UPDATE step_row SET state = 'ready' WHERE chain = :case AND step = :step", case=one.case.id, step=LETTER)


def row_invented(one: Closed) -> None:
    one.sql("INSERT INTO step_row VALUES ('L12345678', 'x', 'ready', 'CSM', '', 1)")


def mark_changed(one: Closed) -> None:
    one.sql("UPDATE alembic_version SET version_num = '0001'")


PLANTS: dict[Callable[[Closed], None], str] = {
    flipped: "{case}: chain: event 7: its body is not the one that was written",
    torn: "{case}: event 7: its envelope is not readable",
    reformatted: "{case}: event 7: its envelope is not in the canonical form",
    last_dropped: "{case}: chain: it ends at event {before}, and event {seq} was there: the last ones were dropped",
    last_dropped_without_its_body: "{case}: body {seq}: there is no event {seq} to it",
    middle_dropped: "{case}: chain: event 9: it says it is number 10; one was dropped",
    body_swapped: "{case}: body 3 of {case}: what is stored was changed",
    body_dropped: "{case}: event 3: its body is missing",
    key_dropped: "house register: {case} was erased, and no line says so",
    evidence_deleted: "{case}: evidence {template} of case {case} is missing",
    evidence_changed: "{case}: evidence {template} of case {case} was changed",
    image_deleted: "is missing from the store",
    certificate_changed: "{case}: evidence {certificate} of case {case} was changed",
    certificate_forged: "{case}: certificate: it was not signed by the key of this house",
    unregistered: "house register: {case} was opened, and no line says so",
    closing_unregistered: "house register: {case} was closed, and no line says so",
    invented: "house register: line 3: L12345678 was opened, and there is no such case",
    case_gone: "house register: line 1: {case} was opened, and there is no such case",
    erased_and_back: "house register: {case} was erased, and its key is there again",
    row_changed: "{case}: projection: the rows for screens are not what the events tell (confirm-termination)",
    row_invented: "L12345678: projection: there are rows of it for screens, and no event",
    mark_changed: "tables: they are of version 2, and Alembic's mark says 0001",
}


def test_a_whole_house_is_verified(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = Closed(tmp_path)
    code, out, _ = answer(capsys, "verify", "--json", "--settings", one.file)
    found = json.loads(out)
    assert (code, found["faults"]) == (0, [])
    assert (found["cases"], found["certificates"], found["events"]) == (1, 1, one.case.seq)
    assert found["evidence"] > 100


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_fault_is_found_by_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], plant: Callable[[Closed], None]
) -> None:
    one = Closed(tmp_path)
    plant(one)

    code, out, _ = answer(capsys, "verify", "--json", "--settings", one.file)

    found = [f"{fault['where']}: {fault['what']}" for fault in json.loads(out)["faults"]]
    case = one.case
    named = PLANTS[plant].format(
        case=case.id, seq=case.seq, before=case.seq - 1, template=case.template, certificate=case.certificate
    )
    assert code == 1
    assert any(named in line for line in found), found
    assert answer(capsys, "verify", "--settings", one.file)[0] == 1
