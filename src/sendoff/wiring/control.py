"""The control port of a running sandbox: its clock, its own record, its hands and its outsiders."""

import json
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from sendoff.model.digest import Json
from sendoff.model.errors import BadInput, Unreachable


class Control:
    """A client of the control port, made from the folder of a running sandbox."""

    def __init__(self, card: Mapping[str, Json], transport: httpx2.BaseTransport | None = None) -> None:
        self.card = card
        where = _table(card, "control")
        self._client = httpx2.Client(
            base_url=str(where["url"]),
            headers={"X-Control": str(where["token"])},
            timeout=20.0,
            transport=transport,
            verify=True if transport else trusting(card),
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def now(self) -> datetime:
        """The sandbox's civil time in UTC."""
        return _moment(self.ask("GET", "/clock"))

    def move(self, to: datetime) -> datetime:
        """Move civil time forwards; the moment it then is."""
        return _moment(self.ask("POST", "/clock", {"now": to.isoformat()}))

    def ask(self, method: str, path: str, body: Mapping[str, Json] | None = None) -> Json:
        """One control call; the answer as JSON."""
        try:
            answer = self._client.request(method, path, json=dict(body) if body is not None else None)
        except httpx2.HTTPError as gone:
            kind = type(gone).__name__
            said = "it does not answer; start it with `sendoff sandbox serve`"
            raise Unreachable(said, system="sandbox", code=kind) from gone
        if answer.status_code >= 400:
            raise BadInput(f"the sandbox refused {method} {path}: {answer.text[:200]}", where="sandbox")
        found: Json = answer.json() if answer.content else None
        return found


def read_card(folder: Path) -> Mapping[str, Json]:
    """What a running sandbox wrote down about itself."""
    file = folder / "sandbox.json"
    try:
        data: Json = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        raise BadInput("no sandbox was started in this folder", where=str(folder)) from wrong
    if not isinstance(data, dict):
        raise BadInput("not the card of a sandbox", where=str(file))
    return data


def trusting(card: Mapping[str, Json]) -> ssl.SSLContext:
    """TLS that trusts the sandbox's own authority and nobody else."""
    return ssl.create_default_context(cafile=str(card["ca"]))


def _moment(answer: Json) -> datetime:
    now = answer.get("now") if isinstance(answer, dict) else None
    if not isinstance(now, str):
        raise BadInput("the sandbox's clock gave no time", where="sandbox")
    return datetime.fromisoformat(now).astimezone(UTC)


def _table(card: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    found = card.get(name)
    if not isinstance(found, dict):
        raise BadInput(f"the card of the sandbox has no {name}", where="sandbox.json")
    return found
