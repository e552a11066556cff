"""A circuit per vendor: it opens after five answers in a row that are none, lets one probe through, and closes."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx2
import pytest

from fakes.connector_desk import Buckets
from sendoff.connectors.wire.circuit import AT_ONCE, OPEN, PAUSE, ROW, Circuit, Circuits, Guarded
from sendoff.connectors.wire.client import Call, Http, Pace, Sign
from sendoff.model.errors import ConnectorError, LeaseLost, Unreachable
from sendoff.wiring.pools import pool_per_thread

Answer = Callable[[httpx2.Request], httpx2.Response]


@dataclass
class Lease:
    """Monotonic time, moved by hand."""

    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


class OnceOnly(Buckets):
    """The lease of whoever asks is lost after the first time."""

    def take(self, bucket: str, *, rate: float, burst: int) -> None:
        if self.taken:
            raise LeaseLost("another worker goes on")
        super().take(bucket, rate=rate, burst=burst)


@dataclass
class Vendors:
    """Hosts that answer with a status, or not at all (0), behind one set of circuits."""

    now: Lease = field(default_factory=Lease)
    status: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    buckets: Buckets = field(default_factory=Buckets)
    gate: threading.Barrier = field(default_factory=lambda: threading.Barrier(1))
    going: list[str] = field(default_factory=list)
    most: int = 0

    def __post_init__(self) -> None:
        client = httpx2.Client(transport=httpx2.MockTransport(self._answer))
        self.clients = Guarded(lambda: client, Circuits(now=self.now))

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.url.host)
        self.going.append(request.url.host)
        self.gate.wait(10)
        self.most = max(self.most, len(self.going))
        self.going.pop()
        status = self.status.get(request.url.host, 200)
        if not status:
            raise httpx2.ReadTimeout("no answer")
        return httpx2.Response(status, headers={"Retry-After": "99"}, content=b"{}")

    def call(self, host: str = "one.example", *, bucket: str = "a", repeat: bool = False) -> ConnectorError | None:
        """What one call comes to; None when it was answered."""
        http = Http(
            system="vendor",
            base=f"https://{host}",
            bucket=bucket,
            clients=self.clients,
            limits=self.buckets,
            sign=Sign,
            code=lambda _: "",
        )
        try:
            pace = Pace(kind="reads", rate=1, burst=1)
            http.call(Call(method="GET", path="/", what="ask", pace=pace, repeat=repeat))
        except ConnectorError as error:
            return error
        return None

    def opened(self, host: str = "one.example", status: int = 503) -> None:
        """So often that the circuit opens."""
        self.status[host] = status
        for _ in range(ROW):
            self.call(host)
        self.asked.clear()
        self.buckets.taken.clear()


@pytest.fixture
def vendors() -> Vendors:
    return Vendors()


@pytest.mark.parametrize("status", [0, 500, 502, 503])
def test_after_five_answers_that_are_none_nobody_is_asked_any_more(vendors: Vendors, status: int) -> None:
    vendors.status["one.example"] = status

    before = [vendors.call() for _ in range(ROW)]
    asked = len(vendors.asked)
    refused = vendors.call()

    assert asked == ROW == len(vendors.asked)
    assert all(isinstance(one, Unreachable) and one.code != OPEN for one in before)
    assert isinstance(refused, Unreachable)
    assert refused.code == OPEN
    assert "one.example gave no usable answer 5 times in a row and is left alone until " in str(refused)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 302, 200])
def test_a_vendor_that_says_no_is_there(vendors: Vendors, status: int) -> None:
    vendors.status["one.example"] = 503
    for _ in range(ROW - 1):
        vendors.call()
    vendors.status["one.example"] = status
    for _ in range(3 * ROW):
        vendors.call()
    vendors.status["one.example"] = 503

    assert all(one is not None and one.code != OPEN for one in [vendors.call() for _ in range(ROW - 1)])


def test_a_refused_call_takes_no_token_and_is_not_tried_again(vendors: Vendors) -> None:
    vendors.opened()

    refused = vendors.call(repeat=True)

    assert refused is not None
    assert refused.code == OPEN
    assert (vendors.asked, vendors.buckets.taken) == ([], [])


def test_after_the_pause_one_probe_goes_through_and_its_answer_closes_the_circuit(vendors: Vendors) -> None:
    vendors.opened()
    vendors.status.clear()
    vendors.now.at += PAUSE - 0.1
    early = vendors.call()
    vendors.now.at += 0.1

    probe, next_one = vendors.call(), vendors.call()

    assert early is not None
    assert early.code == OPEN
    assert (probe, next_one) == (None, None)
    assert len(vendors.asked) == 2


def test_a_probe_that_fails_opens_the_circuit_for_another_pause(vendors: Vendors) -> None:
    vendors.opened()
    vendors.now.at += PAUSE

    probe = vendors.call()
    vendors.now.at += PAUSE - 0.1
    after = vendors.call()

    assert probe is not None
    assert probe.code != OPEN
    assert after is not None
    assert after.code == OPEN
    assert len(vendors.asked) == 1


def test_one_vendors_outage_leaves_the_others_alone(vendors: Vendors) -> None:
    vendors.opened("one.example")

    assert vendors.call("one.example") is not None
    assert vendors.call("two.example") is None


def test_all_keys_and_connectors_of_a_host_share_its_circuit(vendors: Vendors) -> None:
    vendors.opened()

    other = vendors.call(bucket="another customer's key")

    assert other is not None
    assert other.code == OPEN


def test_of_many_threads_after_a_pause_one_alone_is_the_probe() -> None:
    now = Lease()
    circuit = Circuit(now=now)
    for _ in range(ROW):
        circuit.ended(usable=False)
    now.at += PAUSE
    start, let_through = threading.Barrier(8), []

    def ask() -> None:
        start.wait(5)
        if circuit.begins():
            let_through.append(threading.current_thread().name)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(let_through) == 1


def test_a_probe_that_never_comes_back_does_not_keep_the_circuit_open_for_ever() -> None:
    now = Lease()
    circuit = Circuit(now=now)
    for _ in range(ROW):
        circuit.ended(usable=False)
    now.at += PAUSE
    assert circuit.begins()
    assert not circuit.begins()

    now.at += PAUSE

    assert not circuit.shut()
    assert circuit.begins()


def test_an_open_circuit_says_until_when() -> None:
    circuit = Circuit(now=Lease(), today=lambda: datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC))
    for _ in range(ROW):
        circuit.ended(usable=False)

    assert circuit.until() == datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC)


def test_the_clients_of_a_house_share_circuits_over_all_threads() -> None:
    clients = pool_per_thread()
    assert isinstance(clients, Guarded)
    found: list[Circuit] = []
    threads = [threading.Thread(target=lambda: found.append(clients.circuits.of("one.example"))) for _ in range(2)]
    for thread in threads:
        thread.start()
        thread.join()

    assert found[0] is found[1]
    assert found[0] is not clients.circuits.of("one.example:8443"), "another port is another vendor"


# ---- so many at once ---------------------------------------------------------------------------------------------


def test_at_one_vendor_so_many_calls_are_under_way_and_no_more(vendors: Vendors) -> None:
    vendors.gate = threading.Barrier(AT_ONCE)
    threads = [threading.Thread(target=vendors.call) for _ in range(4 * AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(vendors.asked) == 4 * AT_ONCE
    assert vendors.most == AT_ONCE


def test_who_waited_long_for_others_asks_anew_whether_the_call_may_be_made(vendors: Vendors) -> None:
    circuit = vendors.clients.circuits.of("one.example")
    for _ in range(AT_ONCE):
        circuit.places.acquire(lambda: None)
    vendors.buckets = OnceOnly()

    with pytest.raises(LeaseLost):
        vendors.call()

    assert vendors.asked == []
    circuit.places.release()
    vendors.buckets = Buckets()
    assert vendors.call() is None, "the place that became free is free still"
