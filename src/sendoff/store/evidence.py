"""The evidence store: blobs by digest, put-if-absent, hashed again on the way in and out."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore

from sendoff.model.digest import Digest, digest_bytes, digest_parts
from sendoff.model.errors import Broken, Refused, StoreDown

PART = 1 << 20
"""Bytes that are written or read at once."""


class BlobStore:
    """Answers the port EvidenceStore with files under one folder, one sub-folder a case."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._store = LocalStore(str(folder))

    def put(self, case: str, data: bytes) -> Digest:
        """Keep bytes under their digest. StoreDown when the disk is full or does not answer."""
        name = digest_bytes(data)
        try:
            with _answering():
                self._store.put(_path(case, name), data, mode="create")
        except AlreadyExistsError:
            self.get(case, name)
        return name

    def put_parts(self, case: str, parts: Callable[[], Iterable[bytes]]) -> Digest:
        """Keep bytes under their digest, in one go when they are few. They are asked for twice: for their name, and to
        be written. A blob appears whole or not at all."""
        name, few = _named(parts())
        if few is not None:
            return self.put(case, few)
        path = _path(case, name)
        if self._there(path):
            self._whole(case, name)
        else:
            with _answering():
                self._store.put(path, _checked(parts(), name), use_multipart=True, chunk_size=PART, max_concurrency=2)
        return name

    def _there(self, path: str) -> bool:
        try:
            with _answering():
                self._store.head(path)
        except FileNotFoundError:
            return False
        return True

    def _parts(self, path: str) -> Iterator[bytes]:
        size = self._store.head(path)["size"]
        for at in range(0, size, PART):
            yield bytes(self._store.get_range(path, start=at, end=min(at + PART, size)))

    def _whole(self, case: str, digest: Digest) -> None:
        """Broken when it is missing or does not hash to its name; it is not held at once."""
        try:
            found = digest_parts(self._parts(_path(case, digest)))
        except FileNotFoundError as missing:
            raise Broken(f"evidence {digest} of case {case} is missing from the store") from missing
        if found != digest:
            raise Broken(f"evidence {digest} of case {case} was changed in the store")

    def get(self, case: str, digest: Digest) -> bytes:
        """The bytes, or Broken."""
        try:
            data = bytes(self._store.get(_path(case, digest)).bytes())
        except FileNotFoundError as missing:
            raise Broken(f"evidence {digest} of case {case} is missing from the store") from missing
        if digest_bytes(data) != digest:
            raise Broken(f"evidence {digest} of case {case} was changed in the store")
        return data

    def has(self, case: str, digest: Digest) -> bool:
        """True when it is there and whole."""
        try:
            self._whole(case, digest)
        except Broken:
            return False
        return True

    def names(self, case: str) -> Iterator[Digest]:
        """Everything that is kept of a case, whole or not."""
        for page in self._store.list(prefix=case):
            yield from (Digest(f"sha256:{one['path'].rpartition('/')[2]}") for one in page)

    def cases(self) -> tuple[str, ...]:
        """The cases of which anything is kept."""
        return tuple(sorted(self._store.list_with_delimiter()["common_prefixes"]))


def _named(parts: Iterable[bytes]) -> tuple[Digest, bytes | None]:
    """The digest of bytes in parts, and the bytes themselves where they are few."""
    made, held, size = hashlib.sha256(), list[bytes](), 0
    for part in parts:
        made.update(part)
        size += len(part)
        if size <= PART:
            held.append(part)
        else:
            held.clear()
    return Digest("sha256:" + made.hexdigest()), b"".join(held) if size <= PART else None


def _checked(parts: Iterable[bytes], name: Digest) -> Iterator[bytes]:
    """The parts again; Broken at their end, before anything is kept, when they are not what was named."""
    made = hashlib.sha256()
    for part in parts:
        made.update(part)
        yield part
    if made.hexdigest() != name.removeprefix("sha256:"):
        raise Broken(f"evidence {name} became other bytes while it was being kept")


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (AlreadyExistsError, FileNotFoundError):
        raise
    except BaseError as failed:
        raise StoreDown(f"the evidence store does not do it: {str(failed).splitlines()[0]}") from failed


def _path(case: str, digest: Digest) -> str:
    kind, _, name = digest.partition(":")
    if kind != "sha256" or len(name) != 64 or not set(name) <= set("0123456789abcdef"):
        raise Refused(f"{digest!r} is not the name of evidence")
    if not case.replace("-", "").isalnum():
        raise Refused(f"{case!r} is not the number of a case")
    return f"{case}/{name[:2]}/{name}"
