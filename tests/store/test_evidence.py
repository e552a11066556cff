"""The evidence store: blobs by digest, twice is once, and a changed one is broken."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sendoff.model.digest import Digest, digest_bytes
from sendoff.model.errors import Broken, Refused, StoreDown
from sendoff.store.evidence import BlobStore


def files(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file()]


def test_the_same_bytes_put_twice_are_one_blob(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)

    first, second = store.put("L1", b"evidence"), store.put("L1", b"evidence")

    assert first == second == digest_bytes(b"evidence")
    assert len(files(tmp_path)) == 1
    assert store.get("L1", first) == b"evidence"
    assert BlobStore(tmp_path).has("L1", first)


@pytest.mark.parametrize("data", [b"", b"\x00" * 5, b"x" * 3_000_000])
def test_any_bytes_come_back_as_they_were(tmp_path: Path, data: bytes) -> None:
    store = BlobStore(tmp_path)

    assert store.get("L1", store.put("L1", data)) == data


def test_a_changed_blob_is_broken_when_it_is_read_asked_for_or_put_again(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    name = store.put("L1", b"evidence")
    files(tmp_path)[0].write_bytes(b"evidenze")

    with pytest.raises(Broken, match="was changed"):
        store.get("L1", name)
    assert not store.has("L1", name)
    with pytest.raises(Broken, match="was changed"):
        store.put("L1", b"evidence")


def test_a_missing_blob_is_broken_and_another_cases_blob_is_missing(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    name = store.put("L1", b"evidence")

    with pytest.raises(Broken, match="missing"):
        store.get("L2", name)
    assert not store.has("L2", name)


@pytest.mark.parametrize("name", ["", "sha256:", "sha256:../../etc/passwd", "md5:" + "0" * 64, "sha256:" + "G" * 64])
def test_what_is_no_digest_names_no_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused):
        BlobStore(tmp_path).get("L1", Digest(name))


@pytest.mark.parametrize("case", ["", "../L1", "L1/..", "."])
def test_what_is_no_case_names_no_folder(tmp_path: Path, case: str) -> None:
    with pytest.raises(Refused):
        BlobStore(tmp_path / "inside").put(case, b"evidence")

    assert files(tmp_path) == []


def pieces(many: int) -> list[bytes]:
    return [bytes([one % 256]) * 100_000 for one in range(many)]


@pytest.mark.parametrize("many", [0, 1, 10, 11, 64])
def test_bytes_in_parts_are_kept_under_the_name_of_the_whole(tmp_path: Path, many: int) -> None:
    store, data = BlobStore(tmp_path), b"".join(pieces(many))

    name = store.put_parts("L1", lambda: pieces(many))

    assert name == digest_bytes(data)
    assert store.get("L1", name) == data
    assert list(store.names("L1")) == [name]
    assert store.put("L1", data) == store.put_parts("L1", lambda: pieces(many)) == name
    assert len(files(tmp_path)) == 1


@pytest.mark.parametrize("many", [1, 64])
def test_a_changed_blob_is_broken_when_its_parts_are_put_again(tmp_path: Path, many: int) -> None:
    store = BlobStore(tmp_path)
    name = store.put_parts("L1", lambda: pieces(many))
    files(tmp_path)[0].write_bytes(b"evidenze")

    with pytest.raises(Broken, match="was changed"):
        store.put_parts("L1", lambda: pieces(many))
    assert not store.has("L1", name)


def test_parts_that_become_others_while_they_are_written_are_not_kept(tmp_path: Path) -> None:
    store, told = BlobStore(tmp_path), iter([pieces(64), [*pieces(63), b"other"]])

    with pytest.raises(Broken, match="became other bytes"):
        store.put_parts("L1", lambda: next(told))

    assert list(store.names("L1")) == []


def test_a_reader_that_dies_while_the_parts_are_written_leaves_nothing(tmp_path: Path) -> None:
    def dying() -> Iterator[bytes]:
        yield from pieces(50)
        raise KeyboardInterrupt

    store, told = BlobStore(tmp_path), iter([iter(pieces(64)), dying()])

    with pytest.raises(KeyboardInterrupt):
        store.put_parts("L1", lambda: next(told))

    assert files(tmp_path) == []
    assert store.put_parts("L1", lambda: pieces(64)) == digest_bytes(b"".join(pieces(64)))


@pytest.mark.parametrize("many", [1, 3])
def test_a_disk_that_takes_nothing_is_a_store_that_is_down(tmp_path: Path, many: int) -> None:
    store, parts = BlobStore(tmp_path / "kept"), [b"x" * 1_000_000] * many
    (tmp_path / "kept" / "L1").write_bytes(b"in the way, as a full disk would be")

    with pytest.raises(StoreDown, match="does not do it"):
        store.put_parts("L1", lambda: parts)
    with pytest.raises(StoreDown, match="does not do it"):
        store.put("L1", b"evidence")

    assert store.get("L2", store.put("L2", b"evidence")) == b"evidence"
