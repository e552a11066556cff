"""The pages over ten thousand cases: `sendoff serve` as a process, asked twenty times a second, and 200 viewers."""

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median

import httpx2

from sendoff.store.casekeys import CaseKeys, house_key
from sendoff.store.database import open_database
from sendoff.wiring import House
from tools.bench.place import STEP, approved, house, opened, sandboxed
from tools.bench.table import Row
from tools.crowd import crowd

CASES, VIEWERS = 10_000, 200
RATE, SECONDS = 20, 15
WHERE = {
    "my work": "/",
    "the list": "/cases",
    "a search": "/cases?q=W0000{number:04d}",
    "a case": "/cases/W000{number:05d}",
}


OBJECTS, ASKED = 20_000, 20
"""Objects of one plan, and how often each page of it is asked for."""
OF_A_PLAN = {
    "first page": "",
    "searched by words": "?q=ag-019&page=2",
    "filtered by deed": "?verb=remove&page=50",
    "last page": "?page=200",
}


def rows() -> Iterator[Row]:
    """Start, each kind of page, and what viewers cost."""
    with sandboxed() as file:
        there = house(file)
        case, large = opened(there, file.parent), opened(there, file.parent)
        there.desk.preflight(there.register.person("erik"), case.id)
        approved(there, large, OBJECTS, 0.0)
        entries = there.journal.entries(case.id)
        data = there.settings.data
        names = crowd(
            open_database(data / "sendoff.db"), CaseKeys(house_key(data / "keys" / "house.key")), entries, CASES
        )
        for name in names:
            (data / "evidence" / name).symlink_to(data / "evidence" / case.id, target_is_directory=True)
        steps = len(there.desk.case(case.id).steps)
        cards = data / "cards.db"
        for how in ("no card kept", "every card kept"):
            yield Row(f"`case list` of {CASES:,} cases, {how}", _listed(file), "s")
        cards.unlink()
        with serving(file) as (client, begun, _):
            yield Row("the very first start, until the first page", _until(client, begun, whole=False), "s")
            read = f"the very first start, until {CASES:,} cases were folded and are in the lists"
            yield Row(read, _until(client, begun, whole=True), "s")
        with serving(file) as (client, begun, pid):
            yield Row("any later start, until the first page", _until(client, begun, whole=False), "s")
            yield Row(
                f"any later start, until {CASES:,} cases are in the lists", _until(client, begun, whole=True), "s"
            )
            yield Row("memory of the process, resident", _resident(pid), "MiB")
            for name, path in WHERE.items():
                taken = asked(client, path)
                many = f"{CASES:,} cases of {steps} steps, {RATE} requests a second"
                yield Row(f"{name}: {many}, median", median(taken) * 1000, "ms", "under 100 ms")
                yield Row(f"{name}: the slowest of twenty", sorted(taken)[-max(1, len(taken) // 20)] * 1000, "ms")
            yield from _of_a_plan(client, large.id)
            yield from _looked_at(client, there, case.id, pid)
        there.close()


@contextmanager
def serving(file: Path) -> Iterator[tuple[httpx2.Client, float, int]]:
    """The pages as a process: a browser that is signed in, when it was started, and its number."""
    command = [sys.executable, "-m", "sendoff", "serve", "--no-worker", "--port", "0", "--settings", str(file)]
    begun = time.perf_counter()
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = re.search(r"http://\S+?(?=/)", server.stdout.readline())
        assert address is not None
        with closing(signed_in(address.group(0))) as client:
            yield client, begun, server.pid
    finally:
        server.terminate()
        server.wait(timeout=60)


def _listed(file: Path) -> float:
    """Seconds of the command, as a process of its own."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "sendoff", "case", "list", "--json", "--settings", str(file)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def _of_a_plan(client: httpx2.Client, case: str) -> Iterator[Row]:
    """Pages of a step whose plan has very many objects."""
    for name, asked_for in OF_A_PLAN.items():
        taken = []
        for _ in range(ASKED):
            begun = time.perf_counter()
            answer = client.get(f"/cases/{case}/steps/{STEP}{asked_for}")
            taken.append(time.perf_counter() - begun)
            assert answer.status_code == 200 and "ag-0" in answer.text
        what = f"a step of {OBJECTS:,} objects, {name}"
        yield Row(f"{what}, median of {ASKED}", median(taken) * 1000, "ms", "under 500 ms")
        yield Row(f"{what}: the slowest", max(taken) * 1000, "ms")


def signed_in(address: str) -> httpx2.Client:
    """A browser of Paul's."""
    client = httpx2.Client(base_url=address, headers={"origin": address}, follow_redirects=True, timeout=120)
    person = re.search(r'value="(p-\w+)">\s*<button class="seat"><b><bdi>Paul', client.get("/sign-in").text)
    assert person is not None
    client.post("/sign-in", data={"person": person.group(1)})
    return client


def _until(client: httpx2.Client, begun: float, *, whole: bool) -> float:
    while whole and "still being read" in client.get("/cases").text:
        time.sleep(0.5)
    client.get("/cases")
    return time.perf_counter() - begun


def asked(client: httpx2.Client, path: str) -> list[float]:
    """Seconds of each answer, asked at an even pace, each time about another case."""
    taken, first = [], time.perf_counter()
    for number in range(RATE * SECONDS):
        time.sleep(max(0.0, first + number / RATE - time.perf_counter()))
        begun = time.perf_counter()
        answer = client.get(path.format(number=(number * 37) % CASES))
        taken.append(time.perf_counter() - begun)
        assert answer.status_code == 200, answer.text
    return taken


# ---- viewers ------------------------------------------------------------------------------------------------------


def _looked_at(client: httpx2.Client, there: House, case: str, pid: int) -> Iterator[Row]:
    before = _resident(pid)
    slowest, during = asyncio.run(_viewers(client, there, case, pid))
    yield Row(f"{VIEWERS} viewers of one case: until the last one saw a change", slowest, "s")
    yield Row(f"{VIEWERS} viewers of one case: more memory than without", during - before, "MiB", "under 100 MiB")


async def _viewers(client: httpx2.Client, there: House, case: str, pid: int) -> tuple[float, float]:
    cookies = dict(client.cookies.items())
    seq, heard, waiting = there.desk.case(case).seq, list[float](), asyncio.Semaphore(0)
    limits = httpx2.Limits(max_connections=VIEWERS + 10)
    async with httpx2.AsyncClient(base_url=client.base_url, cookies=cookies, timeout=60, limits=limits) as many:

        async def look() -> None:
            async with many.stream("GET", f"/cases/{case}/live?seen={seq}") as stream:
                async for line in stream.aiter_lines():
                    waiting.release()
                    if line.startswith("data:"):
                        heard.append(time.perf_counter())
                        return

        tasks = [asyncio.create_task(look()) for _ in range(VIEWERS)]
        for _ in range(VIEWERS):
            await waiting.acquire()
        begun = time.perf_counter()
        await asyncio.to_thread(_change, there, case)
        await asyncio.gather(*tasks)
        return max(heard) - begun, _resident(pid)


def _change(there: House, case: str) -> None:
    there.desk.halt(there.register.person("erik"), case, on=True, reason="the customer called")


def _resident(pid: int) -> float:
    lines: Sequence[str] = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
