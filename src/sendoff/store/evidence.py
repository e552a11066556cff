"""The evidence store: blobs by digest, put-if-absent, hashed again on the way in and out."""

from collections.abc import Iterator
from pathlib import Path

from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore

from sendoff.model.digest import Digest, digest_bytes
from sendoff.model.errors import Broken, Refused


class BlobStore:
    """Answers the port EvidenceStore with files under one folder, one sub-folder a case."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._store = LocalStore(str(folder))

    def put(self, case: str, data: bytes) -> Digest:
        """Keep bytes under their digest."""
        name = digest_bytes(data)
        try:
            self._store.put(_path(case, name), data, mode="create")
        except AlreadyExistsError:
            self.get(case, name)
        return name

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
            self.get(case, digest)
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


def _path(case: str, digest: Digest) -> str:
    kind, _, name = digest.partition(":")
    if kind != "sha256" or len(name) != 64 or not set(name) <= set("0123456789abcdef"):
        raise Refused(f"{digest!r} is not the name of evidence")
    if not case.replace("-", "").isalnum():
        raise Refused(f"{case!r} is not the number of a case")
    return f"{case}/{name[:2]}/{name}"
