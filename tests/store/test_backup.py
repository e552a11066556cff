"""A backup holds everything, is whole or not there, fits both databases, and is believed only when all of it holds."""

import itertools
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from fakes.houses import Stage
from fakes.in_process import PowerCut
from fakes.places import LETTER, ROLES, again, another_place, approval, halfway, place_of, rows, told
from sendoff.model.case import Case
from sendoff.model.digest import digest_bytes
from sendoff.model.errors import BadInput, Broken, Refused
from sendoff.model.event import Halted
from sendoff.model.people import PersonId
from sendoff.store.backup import MANIFEST, Backup, Manifest
from sendoff.store.database import reading
from sendoff.store.evidence import BlobStore
from sendoff.store.versions import versions
from sendoff.wiring.keeping import HOUSE_KEY, PUBLIC_KEY, SIGNING_KEY, Place, backup, erased, verified
from sendoff.wiring.restoring import MARK, cases_in, restore
from sendoff.wiring.signers import house

PAUL = PersonId("paul")


def quiet(line: str) -> None:
    """Nobody listens."""


def kept(one: Stage, file: Path, *, with_keys: bool = True) -> Manifest:
    return backup(place_of(one), file, with_keys=with_keys, say=quiet)


@pytest.fixture
def small(tmp_path: Path) -> tuple[Stage, Case]:
    """A case with a few steps done and one approved, in a file."""
    return halfway(tmp_path / "house", step=LETTER)


def everything(folder: Path) -> dict[str, bytes]:
    """Every file under a folder but the database's own, which hold what `rows` tells."""
    files = (file for file in folder.rglob("*") if file.is_file() and not file.name.startswith("sendoff.db"))
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


# ---- the whole way ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to_server", [False, True])
def test_a_case_half_way_goes_on_from_a_backup_on_either_database(tmp_path: Path, server: str, to_server: bool) -> None:
    if to_server and not server:
        pytest.skip("both ends are files in the other story")
    here, there = ("", server) if to_server else (server, "")
    one, case = halfway(tmp_path / "house", here)
    made = kept(one, tmp_path / "backup.tar")

    place = another_place(one, tmp_path / "new", there)
    manifest, found = restore(place, tmp_path / "backup.tar", say=quiet)

    assert (manifest, found.faults, found.events) == (made, [], case.seq)
    assert rows(place.engine) == rows(place_of(one).engine)
    assert rows(place.engine, ("case_row", "step_row")) == rows(place_of(one).engine, ("case_row", "step_row"))
    assert everything(place.evidence) == everything(place_of(one).evidence)
    life = again(one, place.data.parent, there)
    now = life.desk.case(case.id)
    assert now == case and approval(now, ROLES) is not None
    assert verified(place, quiet).faults == []
    closed = life.story(now).tell()
    assert told(life, closed)["outcome"]
    assert verified(place, quiet).certificates == 1


def test_a_backup_made_while_others_write_is_of_one_moment(tmp_path: Path, server: str) -> None:
    one, case = halfway(tmp_path / "house", server, LETTER)
    journal, written = one.house.journal, itertools.count(1)

    def busy(
        connection: object, cursor: object, statement: str, parameters: object, context: object, many: bool
    ) -> None:
        if statement.startswith("SELECT body"):
            journal.append(case.id, None, (Halted(on=True, reason=f"no. {next(written)}"),), actor=PAUL, at=case.at)

    event.listen(Engine, "before_cursor_execute", busy)
    try:
        made = kept(one, tmp_path / "backup.tar")
    finally:
        event.remove(Engine, "before_cursor_execute", busy)

    assert next(written) > 2, "somebody wrote between the events and the bodies"
    _, found = restore(another_place(one, tmp_path / "new"), tmp_path / "backup.tar", say=quiet)
    assert (found.faults, found.events) == ([], case.seq)
    assert made.events < len(journal.entries(case.id)) + 2


# ---- whole or not there -------------------------------------------------------------------------------------------


def test_a_file_that_is_there_is_never_written_over(small: tuple[Stage, Case], tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    file.write_text("mine", encoding="utf-8")

    with pytest.raises(Refused, match="never written over another"):
        kept(small[0], file)

    assert file.read_text(encoding="utf-8") == "mine"
    with pytest.raises(BadInput, match="no such folder"):
        kept(small[0], tmp_path / "nowhere" / "backup.tar")


@pytest.mark.parametrize("after", range(4))
def test_a_backup_that_dies_leaves_nothing(small: tuple[Stage, Case], tmp_path: Path, after: int) -> None:
    folder, said = tmp_path / "backups", list[str]()
    folder.mkdir()

    def dying(line: str) -> None:
        said.append(line)
        if len(said) > after:
            raise PowerCut(line)

    def died() -> bool:
        try:
            backup(place_of(small[0]), folder / "backup.tar", with_keys=True, say=dying)
        except PowerCut:
            return True
        return False

    assert died() is (after < 3)
    assert [file.name for file in folder.iterdir()] == ([] if after < 3 else ["backup.tar"])


def test_only_its_owner_reads_a_backup_and_the_keys_are_in_it_only_when_asked(
    small: tuple[Stage, Case], tmp_path: Path
) -> None:
    with_keys, without = tmp_path / "with.tar", tmp_path / "without.tar"
    kept(small[0], with_keys)
    kept(small[0], without, with_keys=False)
    key = place_of(small[0]).file(HOUSE_KEY)

    assert {file.stat().st_mode & 0o777 for file in (with_keys, without)} == {0o600}
    assert key in with_keys.read_bytes()
    assert key not in without.read_bytes()
    with tarfile.open(with_keys) as tar, tarfile.open(without) as other:
        assert set(tar.getnames()) - set(other.getnames()) == {HOUSE_KEY}
        assert tar.getnames()[-1] == MANIFEST


def test_damaged_evidence_is_named_and_the_rest_is_kept(small: tuple[Stage, Case], tmp_path: Path) -> None:
    one, case = small
    file = blob(place_of(one), case, one.notice())
    file.write_bytes(b"another")

    made = kept(one, tmp_path / "backup.tar")

    assert [file.name in line and "changed" in line for line in made.damaged] == [True]
    place = another_place(one, tmp_path / "new")
    with pytest.raises(Broken, match=rf"1 faults.*{file.name} of case {case.id} is missing"):
        restore(place, tmp_path / "backup.tar", say=quiet)
    assert empty(place)
    _, found = restore(place, tmp_path / "backup.tar", say=quiet, with_faults=True)
    assert len(found.faults) == 1
    assert again(one, place.data.parent).desk.case(case.id) == case


def blob(place: Place, case: Case, data: bytes) -> Path:
    """The file of a piece of evidence."""
    name = digest_bytes(data).removeprefix("sha256:")
    return place.evidence / case.id / name[:2] / name


def empty(place: Place) -> bool:
    """Nothing of a restore was left behind."""
    with reading(place.engine) as connection:
        made = versions(connection) is not None
    return not (made and rows(place.engine)["event"]) and not everything(place.data)


# ---- believed only when it holds ----------------------------------------------------------------------------------


def cut_in_half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def without_its_end(data: bytes) -> bytes:
    """Two blocks of nothing end a tar file; the manifest lies before."""
    return data[: data.rindex(b"manifest.json\0")] + bytes(1024)


def one_byte_of_the_rows(data: bytes) -> bytes:
    at = data.index(b'"envelope"') + 40
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def one_byte_of_evidence(data: bytes) -> bytes:
    at = data.index(b"evidence/") + 512
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def one_piece_renamed(data: bytes) -> bytes:
    return data.replace(b"rows/body.jsonl", b"rows/Body.jsonl", 1)


def no_tar(data: bytes) -> bytes:
    return b"x" * 2000


@pytest.mark.parametrize(
    "spoiled", [cut_in_half, without_its_end, one_byte_of_the_rows, one_byte_of_evidence, one_piece_renamed, no_tar]
)
def test_a_backup_that_was_cut_short_or_changed_is_found_before_anything_is_put(
    small: tuple[Stage, Case], tmp_path: Path, spoiled: Callable[[bytes], bytes]
) -> None:
    file = tmp_path / "backup.tar"
    kept(small[0], file)
    assert Backup(file).manifest.cases == 1
    file.write_bytes(spoiled(file.read_bytes()))
    place = another_place(small[0], tmp_path / "new")

    with pytest.raises(Broken, match=r"cut short|changed"):
        restore(place, file, say=quiet)

    assert empty(place)


def test_a_backup_of_a_newer_program_is_refused(small: tuple[Stage, Case], tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    kept(small[0], file)
    data = file.read_bytes()
    at = data.rindex(b'"runs_from":2')
    changed = data[:at] + b'"runs_from":9' + data[at + 13 :]
    file.write_bytes(changed)
    with pytest.raises(Refused, match="a newer program made it"):
        restore(another_place(small[0], tmp_path / "new"), file, say=quiet)


# ---- an empty place, and its keys ---------------------------------------------------------------------------------


def test_a_place_with_a_case_or_with_evidence_is_refused_and_not_touched(
    small: tuple[Stage, Case], tmp_path: Path
) -> None:
    one, _ = small
    kept(one, tmp_path / "backup.tar")
    before = rows(place_of(one).engine), everything(place_of(one).data)

    with pytest.raises(Refused, match="cases in the database"):
        restore(place_of(one), tmp_path / "backup.tar", say=quiet)
    assert (rows(place_of(one).engine), everything(place_of(one).data)) == before

    place = another_place(one, tmp_path / "new")
    BlobStore(place.evidence).put("L1", b"left here")
    before_there = everything(place.data)
    with pytest.raises(Refused, match="is not empty"):
        restore(place, tmp_path / "backup.tar", say=quiet)
    assert everything(place.data) == before_there


def test_without_keys_it_is_restored_only_where_the_right_key_lies(small: tuple[Stage, Case], tmp_path: Path) -> None:
    one, case = small
    kept(one, tmp_path / "backup.tar", with_keys=False)
    place = another_place(one, tmp_path / "new")

    with pytest.raises(Refused, match=r"without keys, and .*house.key is missing: put the key SHA256:\w+ there"):
        restore(place, tmp_path / "backup.tar", say=quiet)
    assert empty(place)

    there = place.data / HOUSE_KEY
    there.parent.mkdir(parents=True)
    there.write_bytes(bytes(32))
    with pytest.raises(Refused, match="is another key than the one of the backup"):
        restore(place, tmp_path / "backup.tar", say=quiet)

    there.write_bytes(place_of(one).file(HOUSE_KEY))
    restore(place, tmp_path / "backup.tar", say=quiet)
    assert place.journal().load(case.id) == case


def test_a_rehearsal_is_not_restored_into_a_real_house(small: tuple[Stage, Case], tmp_path: Path) -> None:
    one, _ = small
    kept(one, tmp_path / "backup.tar")
    place = another_place(one, tmp_path / "new")
    with pytest.raises(Refused, match="cannot change worlds"):
        restore(real(place), tmp_path / "backup.tar", say=quiet)
    assert empty(place)


def real(place: Place) -> Place:
    """The same place with settings that name no sandbox."""
    return replace(place, settings=place.settings.model_copy(update={"sandbox": None}))


def test_a_real_house_needs_the_key_that_signs_its_certificates_as_well(
    small: tuple[Stage, Case], tmp_path: Path
) -> None:
    one, case = small
    here, signing = real(place_of(one)), place_of(one).data / SIGNING_KEY
    signing_key = house(here.data / "keys")
    made = backup(here, tmp_path / "keys.tar", with_keys=True, say=quiet)
    backup(here, tmp_path / "none.tar", with_keys=False, say=quiet)
    assert made.signer == signing_key.sign(b"")[1]
    with tarfile.open(tmp_path / "none.tar") as tar:
        public = tar.extractfile(PUBLIC_KEY)
        assert public is not None and public.read() == signing_key.public()

    place = real(another_place(one, tmp_path / "new"))
    (place.data / HOUSE_KEY).parent.mkdir(parents=True)
    (place.data / HOUSE_KEY).write_bytes(here.file(HOUSE_KEY))
    with pytest.raises(Refused, match=rf"certificate-key.pem is missing: put the key {made.signer} there"):
        restore(place, tmp_path / "none.tar", say=quiet)
    house(place.data / "keys")
    with pytest.raises(Refused, match=r"certificate-key.pem is another key"):
        restore(place, tmp_path / "keys.tar", say=quiet)
    (place.data / SIGNING_KEY).unlink()

    restore(place, tmp_path / "keys.tar", say=quiet)

    assert (place.data / SIGNING_KEY).read_bytes() == signing.read_bytes()
    assert (place.data / SIGNING_KEY).stat().st_mode & 0o777 == 0o600
    assert place.journal().load(case.id) == case


# ---- nothing half-done --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["INSERT INTO event", "INSERT INTO step_row", "COMMIT"])
def test_a_restore_that_dies_is_as_if_it_had_not_begun(small: tuple[Stage, Case], tmp_path: Path, at: str) -> None:
    one, case = small
    kept(one, tmp_path / "backup.tar")
    place = another_place(one, tmp_path / "new")
    died: list[str] = []

    def dying(
        connection: object, cursor: object, statement: str, parameters: object, context: object, many: bool
    ) -> None:
        if statement.startswith(at) and (at != "COMMIT" or rows_written):
            died.append(statement)
            raise PowerCut(statement)
        if statement.startswith("INSERT INTO case_row"):
            rows_written.append(statement)

    rows_written: list[str] = []
    event.listen(Engine, "before_cursor_execute", dying)
    try:
        with pytest.raises(PowerCut):
            restore(place, tmp_path / "backup.tar", say=quiet)
    finally:
        event.remove(Engine, "before_cursor_execute", dying)

    assert died and empty(place)
    restore(place, tmp_path / "backup.tar", say=quiet)
    assert place.journal().load(case.id) == case


def test_what_a_killed_restore_left_is_taken_away_by_the_next(small: tuple[Stage, Case], tmp_path: Path) -> None:
    one, case = small
    kept(one, tmp_path / "backup.tar")
    place = another_place(one, tmp_path / "new")
    store = BlobStore(place.evidence)
    store.put("L7", b"half of it")
    (place.data / "keys").mkdir()
    (place.data / HOUSE_KEY).write_bytes(bytes(32))
    (place.data / MARK).write_text(f'["{HOUSE_KEY}"]', encoding="utf-8")

    restore(place, tmp_path / "backup.tar", say=quiet)

    assert store.cases() == (case.id,)
    assert not (place.data / MARK).exists()
    assert place.journal().load(case.id) == case


# ---- erased cases stay erased -------------------------------------------------------------------------------------


def test_a_case_that_was_erased_since_the_backup_stays_erased(small: tuple[Stage, Case], tmp_path: Path) -> None:
    one, case = small
    other = one.opened()
    kept(one, tmp_path / "backup.tar")
    one.house.journal.erase(case.id, actor=PAUL, at=case.at)
    assert [line.case for line in erased(place_of(one))] == [case.id]
    file = tmp_path / "erased.txt"
    file.write_text(f"{case.id}\n\n", encoding="utf-8")

    back = another_place(one, tmp_path / "back")
    restore(back, tmp_path / "backup.tar", say=quiet)
    assert back.journal().load(case.id) == case, "an older backup alone brings it back"

    place = another_place(one, tmp_path / "new")
    _, found = restore(place, tmp_path / "backup.tar", say=quiet, erased=cases_in(file))

    assert (found.faults, found.erased) == ([], 1)
    assert case.id not in {str(row[0]) for row in rows(place.engine)["case_key"]}
    assert BlobStore(place.evidence).cases() == (other.id,)
    assert [line.case for line in erased(place)] == [case.id]
    assert place.journal().load(other.id) == other
    with pytest.raises(Broken, match="was erased"):
        place.journal().load(case.id)
    assert verified(place, quiet).faults == []


def test_an_erased_case_goes_through_a_backup_as_it_is(small: tuple[Stage, Case], tmp_path: Path) -> None:
    one, case = small
    one.house.journal.erase(case.id, actor=PAUL, at=case.at)
    kept(one, tmp_path / "backup.tar")
    place = another_place(one, tmp_path / "new")

    _, found = restore(place, tmp_path / "backup.tar", say=quiet)

    assert (found.faults, found.erased, found.events) == ([], 1, case.seq)
