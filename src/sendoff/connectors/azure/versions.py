"""Which api-version a type is asked with: the newest stable one that its provider names."""

import re
import threading
from collections.abc import Callable, Mapping

from sendoff.connectors.wire.body import rows
from sendoff.model.digest import Json

STABLE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Versions:
    """The api-versions of each namespace, read once for all wires to a customer: they are the vendor's, and the same in
    every subscription."""

    def __init__(self) -> None:
        self._known: dict[str, Mapping[str, str]] = {}
        self._lock = threading.Lock()

    def of(self, space: str, read: Callable[[], Mapping[str, str]]) -> Mapping[str, str]:
        """The versions by resource type in lower case; whoever asks at the same time waits for the one answer."""
        with self._lock:
            if space not in self._known:
                self._known[space] = read()
            return self._known[space]


def newest(kind: Json) -> str:
    """The newest stable api-version of a provider's resource type, else the newest of all."""
    versions = sorted((one for one in rows(kind, "apiVersions") if isinstance(one, str)), reverse=True)
    stable = [one for one in versions if STABLE.fullmatch(one)]
    return (stable or versions or [""])[0]
