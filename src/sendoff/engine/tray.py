"""Where the bytes of one look or one batch go: images and files into the evidence store, secrets into the parcel."""

import threading
from collections.abc import Mapping

from sendoff.model.digest import Digest, digest_bytes
from sendoff.model.errors import Refused
from sendoff.model.secret import Secret
from sendoff.ports import EvidenceStore, OpenParcel


class Tray:
    """Answers the port Sink for one case. Safe for several readers at once."""

    def __init__(
        self,
        store: EvidenceStore,
        case: str,
        *,
        keep: bool = True,
        children: bool = False,
        parcel: OpenParcel | None = None,
        sealed: Mapping[str, Digest] | None = None,
    ) -> None:
        self._store, self._case, self._keep, self._parcel = store, case, keep, parcel
        self._sealed = sealed or {}
        self.children = children
        self._lock = threading.Lock()
        self.files: dict[str, Digest] = {}
        self.disclosed = 0

    def image(self, data: bytes) -> Digest:
        """Keep canonical bytes. A look that only counts (`keep=False`) digests them without keeping."""
        return self._store.put(self._case, data) if self._keep else digest_bytes(data)

    def file(self, name: str, data: bytes) -> Digest:
        """Keep a file of the exit package."""
        if name.startswith("/") or ".." in name.split("/") or "\\" in name:
            raise Refused(f"{name!r} is not a name for a file of the exit package")
        kept = self._store.put(self._case, data)
        with self._lock:
            self.files[name] = kept
        return kept

    def secret(self, row: Mapping[str, str], hidden: Mapping[str, Secret]) -> None:
        """Into the parcel, and nowhere else."""
        if self._parcel is None:
            raise Refused("no parcel is open: secrets are read only while one is being sealed")
        with self._lock:
            self._parcel.add(row, hidden)
            self.disclosed += 1

    def fetch(self, digest: Digest) -> bytes:
        """Something approved with the plan; `parcel:STEP` is what that step sealed."""
        return self._store.get(self._case, self._sealed.get(digest, digest))
