"""A service desk with many cards: one look at all of them and one export, in a process of its own.

`python -m tools.bench.desk CARDS` measures one size here and prints it as a row of JSON. The service desk makes each
page as it is asked for, so that the memory is ours alone.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2

from sendoff.connectors.topdesk.client import TopdeskDoor
from sendoff.connectors.topdesk.connector import TopdeskConnector
from sendoff.engine.tray import Tray
from sendoff.model.digest import Digest, Json
from sendoff.model.facts import Customer, Facts, LeavesCsp, Notice, Provider
from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import PersonId
from sendoff.model.places import Places
from sendoff.model.plan import Action, Outcome, Receipt
from sendoff.model.secret import Secret
from sendoff.model.state import StepId
from sendoff.model.template import Tier
from sendoff.store.evidence import BlobStore
from tools.bench.place import Unlimited
from tools.bench.plan import MEBIBYTE
from tools.bench.table import Row

CARDS = 10_000
BRANCH = "b0000000-0000-4000-8000-000000000001"
BELOW = "/tas/api"


def rows() -> Iterator[Row]:
    """Seconds and memory of the look and the export."""
    found = measured(CARDS)
    what = f"{CARDS:,} calls, a tenth as many persons, activities and assets"
    yield Row(f"{what}: looked at and exported in", found["seconds"], "s")
    yield Row(f"{what}: requests", found["requests"], "")
    yield Row(f"{what}: peak memory of the process", found["peak_mib"], "MiB", "under 300 MiB")


def measured(many: int) -> Mapping[str, float]:
    """One size, in a process of its own."""
    command = [sys.executable, "-m", "tools.bench.desk", str(many)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return found


class Many:
    """A service desk with so many calls, and a tenth of that of all else; pages are made when they are asked for."""

    def __init__(self, many: int) -> None:
        self.many = many
        self.requests = 0

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        """One call."""
        self.requests += 1
        status, body = self._said(request.url.path.removeprefix(BELOW), dict(request.url.params))
        return httpx2.Response(status, content=b"" if body is None else json.dumps(body).encode(), request=request)

    def _said(self, path: str, asked: Mapping[str, str]) -> tuple[int, Json]:
        few = self.many // 10
        if path == "/branches":
            there = "clientReferenceNumber" in asked["query"] and "archived==false" in asked["query"]
            return 200, [_branch()] if there else []
        if path == "/operators/current":
            return 200, {"id": "operator", "loginName": "SENDOFF"}
        if path.startswith("/branches/id/"):
            return 200, _branch()
        if path.endswith("/progresstrail"):
            return 200, [{"id": f"t{path}", "memoText": "Klaar. " * 20, "entryDate": "2026-11-01T09:00:00Z"}]
        if path.endswith("/progresstrail/count"):
            return 200, {"count": 1}
        if path.endswith("/attachments") or path == "/incidents/slas":
            return 204, None
        if path == "/persons/count":
            return 200, {"numberOfPersons": few}
        return self._listed(path, asked, few)

    def _listed(self, path: str, asked: Mapping[str, str], few: int) -> tuple[int, Json]:
        start = int(asked.get("pageStart", asked.get("start", "0")))
        size = int(asked.get("pageSize", asked.get("page_size", "10")))
        total = self.many if path == "/incidents" else few
        page: list[Json] = [_card(path, number) for number in range(start, min(start + size, total))]
        if path == "/assetmgmt/assets":
            whole = asked["archived"] == "false" and asked["linkedTo"].startswith("branch/")
            return 200, {"dataSet": page if whole else [], "count": total if whole else 0}
        if path == "/operationalActivities":
            return 200, {"item": page}
        if path == "/operatorChanges":
            return 200, {"results": []}
        return (206 if start + size < total else 200) if page else 204, page or None


def _branch() -> Json:
    return {"id": BRANCH, "name": "Van der Meer", "clientReferenceNumber": "VDM-001", "status": "branch"}


def _card(path: str, number: int) -> Json:
    home: Json = {"id": BRANCH, "name": "Van der Meer"}
    ident = f"{path.strip('/').replace('/', '-')}-{number}"
    if path == "/assetmgmt/assets":
        links: Json = [{"linkId": "l", "branch": home}]
        return {"id": ident, "name": f"Laptop {number}", "@assignments": {"locations": links, "persons": []}}
    if path == "/operationalActivities":
        return {"id": ident, "briefDescription": f"Onderhoud {number}", "linkedBranches": [home]}
    if path == "/persons":
        return {"id": ident, "surName": f"Persoon {number}", "branch": home, "status": "person"}
    return {
        "id": ident,
        "number": f"I 2611 {number:05d}",
        "briefDescription": f"Laptop start niet op, nummer {number}",
        "request": "Sinds vanochtend. " * 60,
        "callerBranch": home,
        "caller": {"id": "p", "dynamicName": "Persoon, Een", "branch": home},
        "closed": False,
        "creationDate": "2026-11-01T09:00:00Z",
    }


def here(many: int) -> dict[str, float]:
    """Look and export from this process."""
    desk = Many(many)
    client = httpx2.Client(transport=httpx2.MockTransport(desk.answer))
    door = TopdeskDoor(url="https://desk.msp.example", login="SENDOFF", password=Secret("an application password"))
    connector = TopdeskConnector(_facts(), door, clients=lambda: client, limits=Unlimited())
    begun = time.perf_counter()
    with TemporaryDirectory() as folder:
        tray = Tray(BlobStore(Path(folder)), "L00000001")
        items = sum(1 for cell in connector.cells() for _ in connector.look(cell, tray))
        receipt = connector.apply(_export(), once=Digest("sha256:" + "0" * 64), out=tray)
    assert isinstance(receipt, Receipt) and receipt.outcome is Outcome.DONE
    return {
        "cards": many,
        "items": items,
        "exported": float(dict(receipt.said)["calls"]),
        "seconds": round(time.perf_counter() - begun, 1),
        "requests": desk.requests,
        "peak_mib": round(peak() / MEBIBYTE),
    }


def peak() -> int:
    """Most KiB that this process ever held. What `getrusage` says begins with what the one that started it held."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def _export() -> Action:
    return Action(
        step=StepId("terminate-contract"),
        system=System.TOPDESK,
        verb=Verb.EXPORT,
        kind=Kind.CALL,
        target="VDM-001",
        name="the customer's calls",
        scope="VDM-001",
        key=Key.TOPDESK,
        why="measured",
    )


def _facts() -> Facts:
    house = Provider(
        name="Our MSP", tenant="t", domains=("msp.example",), mailbox="exit@msp.example", principals=(), executor=""
    )
    return Facts(
        customer=Customer(slug="many", name="Many", tenant="c", domains=("many.example",), contacts=()),
        provider=house,
        contract_end=date(2026, 12, 31),
        ending=Tier.CSP,
        leaves_csp=LeavesCsp.YES,
        access_until=date(2027, 1, 31),
        scope=(),
        notice=Notice(
            reached=date(2026, 11, 1),
            evidence=Digest("sha256:" + "0" * 64),
            sender="x",
            called_back="",
            recorded_by=PersonId("p"),
        ),
        places=Places(topdesk_branch="VDM-001"),
    )


if __name__ == "__main__":
    print(json.dumps(here(int(sys.argv[1]))))
