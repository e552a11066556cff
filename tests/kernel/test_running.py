"""The kernel over a whole house: fences, leases, halts, expiry, changed plans, and threads."""

import base64
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from fakes.houses import CountedIds, Stage, stage
from fakes.in_process import PowerCut
from fakes.leavings import after_contract
from fakes.power import effects
from sendoff.engine.acting import act
from sendoff.engine.fence import Fence
from sendoff.engine.mirror import ISSUE
from sendoff.engine.planning import stored_plan
from sendoff.engine.run import STALE, Next, move
from sendoff.engine.worker import issue_moved, work_off
from sendoff.model.case import Case
from sendoff.model.certificate import Predicate
from sendoff.model.digest import Digest, canonical
from sendoff.model.envelope import Entry, EventKind
from sendoff.model.errors import Broken, Denied, LeaseLost, Refused
from sendoff.model.event import Body, StepMoved, Tried
from sendoff.model.facts import Facts
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.people import ROBOT, PersonId
from sendoff.model.plan import Action, Again, Receipt
from sendoff.model.shape import shaped
from sendoff.model.state import Move, State, StepId
from sendoff.model.template import Tier
from sendoff.ports import Ability, Connector, Journal, Ports, Sink, Work, World
from sendoff.rules.surprising import IN_A_ROW
from sendoff.steps import by_id
from sendoff.wiring.clocks import SandboxClock

LETTER = StepId("confirm-termination")
BUDGETS = StepId("remove-resources")
SECRETS = StepId("export-secrets")


@dataclass
class Lease:
    """Lease time, moved by hand."""

    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def lease() -> Lease:
    return Lease()


@pytest.fixture
def house(tmp_path: Path, lease: Lease, server: str) -> Stage:
    return stage(tmp_path, tier=Tier.CSP, lease_clock=lease, server=server)


def approved(house: Stage, step: StepId = LETTER) -> Case:
    """A case in which this step is approved and nothing of it has begun."""
    case = house.opened()
    return house.until(case, step, "approved")


def taken(house: Stage, case: Case, owner: str = "a", step: StepId | None = None) -> Work:
    """The next piece of work; with `step`, of that step: the pieces of others are let go."""
    found = house.desk.ports.dispatch.take(owner, case=case.id)
    while found is not None and step not in (None, found.step):
        house.desk.ports.dispatch.done(found)
        found = house.desk.ports.dispatch.take(owner, case=case.id)
    assert found is not None
    return found


def handed_out(house: Stage, case: Case, owner: str = "a", step: StepId | None = None) -> Work:
    """The first batch of the approved step, held by this worker."""
    first = taken(house, case, owner, step)
    move(house.desk.ports, first)
    house.desk.ports.dispatch.done(first)
    batch = taken(house, case, owner, step)
    assert batch.batch == 0
    return batch


def sent(house: Stage) -> int:
    return sum(row["verb"] == "sent" for row in effects(house.sandbox))


# ---- fences and leases ----------------------------------------------------------------------------------------------


def test_a_worker_whose_lease_was_taken_over_writes_nothing_and_calls_nobody(house: Stage, lease: Lease) -> None:
    case = approved(house)
    old = handed_out(house, case)
    lease.at += 31
    new = taken(house, case, "b")
    before = house.desk.case(case.id).seq, len(house.wire.seen)

    with pytest.raises(Refused, match="lost"):
        move(house.desk.ports, old)

    assert (house.desk.case(case.id).seq, len(house.wire.seen)) == before
    move(house.desk.ports, new)
    assert sent(house) == 1


def test_a_piece_is_taken_again_when_its_workers_lease_ran_out(house: Stage, lease: Lease) -> None:
    case = approved(house)
    first = handed_out(house, case)

    lease.at += 31
    work_off(house.desk.ports, case=case.id, say=house.said.append, threads=1)

    done = house.desk.case(case.id)
    assert done.steps[LETTER].state is State.DONE
    tried = [one.body for one in house.house.journal.entries(case.id) if one.event.kind is EventKind.TRIED]
    assert [row["attempt"] for row in tried if isinstance(row, dict)] == [first.attempt + 1]


def test_a_fence_renews_when_half_the_lease_is_gone_and_stops_when_it_is_lost(house: Stage) -> None:
    case = approved(house)
    now = Lease()
    fence = Fence(house.desk.ports, handed_out(house, case), now)
    fence.begin()
    first = fence.held_until
    now.at += 10
    fence.check()
    early = fence.held_until
    now.at += 10
    fence.check()
    later = fence.held_until

    now.at += 31

    assert (first, early, later) == (1030.0, 1030.0, 1050.0)
    with pytest.raises(Refused, match="lease is lost"):
        fence.check()


def test_a_fence_that_another_worker_took_over_does_not_even_begin(house: Stage, lease: Lease) -> None:
    case = approved(house)
    work = handed_out(house, case)
    lease.at += 31
    taken(house, case, "b")

    fence = Fence(house.desk.ports, work, Lease())

    with pytest.raises(Refused, match="lease is lost"):
        fence.begin()


def test_a_worker_that_waits_for_a_vendor_keeps_its_lease_meanwhile(house: Stage, lease: Lease) -> None:
    case = approved(house)
    work = handed_out(house, case)
    now = Lease()

    def sleep(seconds: float) -> None:
        now.at += seconds
        lease.at += seconds

    fence = Fence(house.desk.ports, work, now, sleep)
    fence.begin()

    fence.wait(120.0)

    assert now.at == 1120.0
    assert house.desk.ports.dispatch.take("b", case=case.id) is None


@dataclass
class Hands:
    """Our hands in one system, with something done before each deed, or every deed refused."""

    inner: Connector
    refuses: bool = False
    calls: list[str] = field(default_factory=list)
    system: System = System.AZURE
    able: Mapping[tuple[Kind, Verb], Ability] = field(default_factory=dict)
    tick: Lease | None = None
    between: Callable[[], None] | None = None
    looking: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        self.system, self.able = self.inner.system, self.inner.able

    def probe(self, key: Key) -> None:
        """As the connector does."""
        self.inner.probe(key)

    def cells(self) -> tuple[Cell, ...]:
        """As the connector does."""
        return self.inner.cells()

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """As the connector does, with something done before."""
        if self.looking is not None:
            self.looking()
        return self.inner.look(cell, out)

    def read(self, target: Target, out: Sink) -> Item | None:
        """As the connector does."""
        return self.inner.read(target, out)

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """As the connector does."""
        return self.inner.find(action, once=once)

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Refused, or done while lease time goes by."""
        self.calls.append(action.ref)
        if self.refuses:
            raise Denied("no", system=str(self.system), code="AuthorizationFailed")
        if self.between is not None:
            self.between()
        if self.tick is not None:
            self.tick.at += 31
        return self.inner.apply(action, once=once, out=out)

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """As the connector does."""
        return self.inner.follow(action, operation)


@dataclass
class OtherWorld:
    """A world in which some hands are ours."""

    inner: World
    hands: dict[System, Hands]

    def __post_init__(self) -> None:
        self.id, self.sandbox, self.addresses = self.inner.id, self.inner.sandbox, self.inner.addresses
        self.issues = self.inner.issues

    def connector(self, facts: Facts, system: System) -> Connector | None:
        """The other hands first."""
        return self.hands.get(system) or self.inner.connector(facts, system)


def with_hands(
    house: Stage,
    case: Case,
    system: System,
    *,
    refuses: bool = False,
    tick: Lease | None = None,
    between: Callable[[], None] | None = None,
) -> tuple[Ports, Hands]:
    ports = house.desk.ports
    inner = ports.world.connector(case.facts, system)
    assert inner is not None
    hands = Hands(inner, refuses=refuses, tick=tick, between=between)
    return replace(ports, world=OtherWorld(ports.world, {system: hands})), hands


def due_removals(house: Stage) -> tuple[Case, Work]:
    """A case whose removal of two budgets is approved and may begin, with its first batch in hand."""
    case = approved(house, BUDGETS)
    after_contract(house, case)
    batch = handed_out(house, house.desk.case(case.id), step=BUDGETS)
    return house.desk.case(case.id), batch


def begun(house: Stage, case: Case) -> Tried:
    """That another worker began the first batch."""
    blob = house.desk.ports.store.put(case.id, b"[]")
    return Tried(step=BUDGETS, batch=0, attempt=1, deeds=blob, count=0, root=blob)


def test_a_worker_whose_step_was_begun_while_it_looked_hands_nothing_out(house: Stage) -> None:
    case = approved(house, BUDGETS)
    after_contract(house, case)
    clock = house.house.clock
    assert isinstance(clock, SandboxClock)
    clock.move(clock.now() + STALE)
    first = taken(house, case, step=BUDGETS)
    ports, hands = with_hands(house, case, System.AZURE)

    def another() -> None:
        if house.desk.case(case.id).steps[BUDGETS].state is State.APPROVED:
            ports.journal.append(case.id, None, (begun(house, case),), actor=ROBOT, at=house.house.clock.now())

    hands.looking = another

    answer = move(ports, first)

    assert house.desk.case(case.id).steps[BUDGETS].state is State.RUNNING, "begun meanwhile"
    assert answer.next is Next.AGAIN, "what lies between two ranks is asked as well"
    house.desk.ports.dispatch.done(first)
    left = iter(lambda: house.desk.ports.dispatch.take("b", case=case.id), None)
    assert not [one for one in left if one.step == BUDGETS and one.batch >= 0]


def test_a_batch_of_a_step_that_was_stopped_meanwhile_is_not_begun(house: Stage) -> None:
    case, batch = due_removals(house)
    plan = house.desk.plan_of(case.id, BUDGETS)
    assert plan is not None
    house.desk.stop(house.who("erik"), case.id, BUDGETS, reason="something looks wrong")
    before = house.desk.case(case.id).seq

    with pytest.raises(Refused, match="cannot begin"):
        act(house.desk.ports, case, by_id(BUDGETS), plan, batch)

    assert house.desk.case(case.id).seq == before, "no intent is on record"


def test_a_worker_that_slept_over_its_lease_does_not_make_the_next_call(house: Stage) -> None:
    case, batch = due_removals(house)
    now = Lease()
    ports, hands = with_hands(house, case, System.AZURE, tick=now)
    plan = house.desk.plan_of(case.id, BUDGETS)
    assert plan is not None
    assert len(plan.actions) > 1

    with pytest.raises(Refused, match="lease is lost"):
        act(ports, case, by_id(BUDGETS), plan, batch, fence=Fence(ports, batch, now))

    assert len(hands.calls) == 1


def test_a_worker_that_stood_still_between_two_calls_of_one_deed_makes_no_further_one(house: Stage) -> None:
    case, batch = due_removals(house)
    plan = house.desk.plan_of(case.id, BUDGETS)
    assert plan is not None
    now, calls = Lease(), list[str]()
    seconds = 31

    def answered(request: httpx2.Request, answer: bytes) -> bytes:
        calls.append(request.method)
        now.at += seconds
        return answer

    house.wire.edit = answered
    with pytest.raises(LeaseLost):
        act(house.desk.ports, case, by_id(BUDGETS), plan, batch, fence=Fence(house.desk.ports, batch, now))
    slept, seconds = len(calls), 0
    act(
        house.desk.ports,
        house.desk.case(case.id),
        by_id(BUDGETS),
        plan,
        batch,
        fence=Fence(house.desk.ports, batch, now),
    )

    assert slept == 1
    assert len(calls) > 1 + len(plan.actions), "awake, it reads and removes each"


def test_a_worker_that_stood_still_over_the_issue_writes_no_comment(tmp_path: Path) -> None:
    one, now, calls = stage(tmp_path, tier=Tier.CSP, github=True), Lease(), list[str]()
    case = approved(one)
    ports, seconds = one.desk.ports, 31
    letter = handed_out(one, case, step=LETTER)
    move(ports, letter)
    ports.dispatch.done(letter)
    move(ports, taken(one, case, step=LETTER))
    assert one.desk.case(case.id).steps[LETTER].state is State.DONE, "and the issue does not say so yet"
    ports.dispatch.ready(case.id, ISSUE)
    work = ports.dispatch.take("a", case=case.id, piece=(case.id, ISSUE, -1))
    assert work is not None

    def answered(request: httpx2.Request, answer: bytes) -> bytes:
        calls.append(request.method)
        now.at += seconds
        return answer

    one.wire.edit = answered
    with pytest.raises(LeaseLost):
        issue_moved(ports, work, Fence(ports, work, now))
    slept, seconds = list(calls), 0
    issue_moved(ports, work, Fence(ports, work, now))

    assert slept == ["GET"]
    assert "POST" in calls, "awake, it comments on what was done"


# ---- halts and surprises --------------------------------------------------------------------------------------------


def test_three_surprises_in_a_row_stop_the_batch_and_the_step(tmp_path: Path) -> None:
    house = stage(tmp_path, tier=Tier.FULL_STACK)
    case = approved(house, SECRETS)
    ports, hands = with_hands(house, case, System.PASSWORDSTATE, refuses=True)
    plan = house.desk.plan_of(case.id, SECRETS)
    assert plan is not None
    assert len(plan.actions) > IN_A_ROW

    work_off(ports, case=case.id, say=house.said.append, threads=1)

    after = house.desk.case(case.id)
    assert len(hands.calls) == IN_A_ROW
    assert dict(after.steps[SECRETS].outcomes) == {"refused": IN_A_ROW}
    assert after.steps[SECRETS].state is State.LEFT
    assert after.parcel is None, "half a parcel is no parcel"


def test_a_halt_in_the_middle_of_a_batch_ends_it_after_the_action_it_is_at(house: Stage) -> None:
    case, batch = due_removals(house)

    def halt() -> None:
        if not house.desk.case(case.id).halted:
            house.desk.halt(house.who("paul"), case.id, on=True, reason="the customer called")

    ports, hands = with_hands(house, case, System.AZURE, between=halt)

    move(ports, batch)

    after = house.desk.case(case.id)
    assert len(hands.calls) == 1
    assert dict(after.steps[BUDGETS].outcomes) == {"done": 1}
    assert after.halted


def test_a_stopped_step_ends_its_batch_after_the_action_it_is_at(house: Stage) -> None:
    case, batch = due_removals(house)

    def stop() -> None:
        if house.desk.case(case.id).steps[BUDGETS].state is not State.STOPPED:
            house.desk.stop(house.who("erik"), case.id, BUDGETS, reason="something looks wrong")

    ports, hands = with_hands(house, case, System.AZURE, between=stop)

    move(ports, batch)

    assert len(hands.calls) == 1
    assert house.desk.case(case.id).steps[BUDGETS].state is State.STOPPED


def test_a_halted_case_moves_nothing_until_it_goes_on(house: Stage) -> None:
    case = approved(house)
    house.desk.halt(house.who("paul"), case.id, on=True, reason="the customer called")
    before = house.desk.case(case.id).seq

    halted = house.desk.run(house.who("erik"), case.id, house.said.append, threads=1)
    sent_while_halted = sent(house)
    house.desk.halt(house.who("paul"), case.id, on=False, reason="cleared up")
    after = house.desk.run(house.who("erik"), case.id, house.said.append, threads=1)

    assert halted.seq == before
    assert sent_while_halted == 0
    assert after.steps[LETTER].state is State.DONE
    assert sent(house) == 1


# ---- approvals and plans --------------------------------------------------------------------------------------------


def test_an_approval_that_expired_is_taken_back_and_never_becomes_a_yes(house: Stage) -> None:
    case = approved(house)
    clock = house.house.clock
    assert isinstance(clock, SandboxClock)
    clock.move(clock.now() + timedelta(days=7))

    after = house.desk.run(house.who("erik"), case.id, house.said.append, threads=1)

    standing = after.steps[LETTER]
    assert standing.state is State.READY
    assert standing.approval is None
    assert sent(house) == 0


def test_an_approval_holds_until_its_last_second(house: Stage) -> None:
    case = approved(house)
    clock = house.house.clock
    assert isinstance(clock, SandboxClock)
    clock.move(clock.now() + timedelta(days=7) - timedelta(seconds=1))

    after = house.desk.run(house.who("erik"), case.id, house.said.append, threads=1)

    assert after.steps[LETTER].state is State.DONE


@pytest.mark.parametrize("moves", [Move.APPROVE, Move.BEGIN])
def test_no_bare_move_of_the_robot_makes_a_yes(house: Stage, moves: Move) -> None:
    case = house.until(house.opened(), LETTER, "ready")

    with pytest.raises(Refused):
        house.desk.ports.journal.append(
            case.id, case.seq, (StepMoved(step=LETTER, move=moves),), actor=ROBOT, at=datetime.now(UTC)
        )

    assert house.desk.case(case.id).steps[LETTER].state is State.READY


def blob_file(house: Stage, case: Case, digest: Digest) -> Path:
    name = digest.removeprefix("sha256:")
    return house.folder / "data" / "evidence" / case.id / name[:2] / name


def test_a_stored_plan_that_was_changed_is_broken_and_nothing_is_done(house: Stage) -> None:
    case = approved(house)
    blob = case.steps[LETTER].plan_blob
    assert blob is not None
    file = blob_file(house, case, blob)
    file.write_bytes(file.read_bytes().replace(b"offboarding@", b"offbaording@"))

    with pytest.raises(Broken):
        house.desk.run(house.who("erik"), case.id, house.said.append, threads=1)

    assert sent(house) == 0


def test_a_plan_swapped_for_another_whole_one_is_broken(house: Stage) -> None:
    case = approved(house)
    standing, plan = case.steps[LETTER], house.desk.plan_of(case.id, LETTER)
    assert plan is not None
    other = replace(plan, actions=tuple(replace(one, target="another/letter") for one in plan.actions))
    blob = house.desk.ports.store.put(case.id, canonical(other))
    swapped = replace(case, steps={**case.steps, LETTER: replace(standing, plan_blob=blob)})

    with pytest.raises(Broken, match="not the one that was announced"):
        stored_plan(house.desk.ports, swapped, by_id(LETTER))


def test_a_piece_of_a_step_that_is_over_does_nothing(house: Stage) -> None:
    case = approved(house)
    done = house.desk.run(house.who("erik"), case.id, house.said.append, threads=1)
    house.desk.ports.dispatch.ready(case.id, LETTER, batches=(-1, 0))

    house.desk.run(house.who("erik"), case.id, house.said.append, threads=1)

    assert house.desk.case(case.id).seq == done.seq
    assert sent(house) == 1


def test_a_piece_of_a_step_that_nobody_knows_is_let_go(house: Stage) -> None:
    case = approved(house)

    moved = move(house.desk.ports, Work(case=case.id, step=StepId("no-such-step"), batch=-1, owner="a", attempt=1))

    assert moved.next is Next.DONE


# ---- threads --------------------------------------------------------------------------------------------------------


def test_four_threads_end_with_the_same_claims_as_one(tmp_path: Path) -> None:
    told = []
    for threads in (1, 4):
        house = stage(tmp_path / str(threads), tier=Tier.CSP, ids=CountedIds(start=f"t{threads}-"))
        case = house.opened()
        done = house.story(case, threads=threads).tell()
        certificate = predicate(house, done)
        deeds = Counter((row["verb"], row["kind"]) for row in effects(house.sandbox) if row["caller"] != "cast")
        states = [(one.step, one.state, one.verdicts) for one in done.steps.values()]
        told.append((done.outcome, states, sorted(certificate.removed), certificate.coverage, deeds))

    assert told[0] == told[1]


def predicate(house: Stage, case: Case) -> Predicate:
    assert case.certificate is not None
    envelope = json.loads(house.desk.ports.store.get(case.id, case.certificate))
    return shaped(Predicate, json.loads(base64.b64decode(envelope["payload"]))["predicate"])


def test_pieces_of_one_run_are_worked_on_at_the_same_time(house: Stage) -> None:
    case = approved(house)
    meet = threading.Barrier(2, timeout=5)
    ports = house.desk.ports
    ports.dispatch.ready(case.id, StepId("export-secrets"), batches=(0, 1))
    waits = Meeting(ports.journal, meet, threads=set())

    work_off(replace(ports, journal=waits), case=case.id, say=house.said.append, threads=2)

    assert len(waits.threads) == 2


@dataclass
class Meeting:
    """A journal at which two workers must meet before either may go on."""

    inner: Journal
    meet: threading.Barrier
    threads: set[str]
    calls: int = 0

    def load(self, case: str) -> Case:
        """The first two loads by workers wait for each other."""
        name = threading.current_thread().name
        if name.startswith("work-") and name not in self.threads and len(self.threads) < 2:
            self.threads.add(name)
            self.meet.wait()
        return self.inner.load(case)

    def open(self, case: str, body: Body, *, actor: PersonId, at: datetime) -> Case:
        """As it is."""
        return self.inner.open(case, body, actor=actor, at=at)

    def append(
        self,
        case: str,
        seen: int | None,
        bodies: Sequence[Body],
        *,
        actor: PersonId,
        at: datetime,
        work: Work | None = None,
    ) -> Case:
        """As it is."""
        return self.inner.append(case, seen, bodies, actor=actor, at=at, work=work)

    def entries(self, case: str) -> tuple[Entry, ...]:
        """As they are."""
        return self.inner.entries(case)

    def cases(self) -> tuple[str, ...]:
        """As they are."""
        return self.inner.cases()

    def heads(self) -> Mapping[str, int]:
        """As they are."""
        return self.inner.heads()

    def fold(self, case: str) -> Case:
        """As it is."""
        return self.inner.fold(case)

    def register(self) -> tuple[Entry, ...]:
        """As it is."""
        return self.inner.register()


def test_a_failure_of_one_thread_ends_the_run_and_is_told(house: Stage) -> None:
    case = approved(house)
    ports, _ = with_hands(house, case, System.OFFICE, between=_lost_power)

    with pytest.raises(PowerCut):
        work_off(ports, case=case.id, say=house.said.append, threads=4)


def _lost_power() -> None:
    raise PowerCut("now")
