"""A leaving in bad weather: people who try again, a witness of every verdict, and hands that wait for nobody."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from fakes.houses import LEAVER, Stage, stage
from fakes.leavings import Told, in_the_bin, remembered
from sendoff.connectors.wire.circuit import Circuits
from sendoff.engine.closing import judgements_of, not_closable
from sendoff.engine.desk import Desk
from sendoff.model.case import Case, Standing
from sendoff.model.digest import Digest, Json
from sendoff.model.errors import Refused
from sendoff.model.facts import Facts
from sendoff.model.gate import Shut
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Receipt
from sendoff.model.state import SETTLED, State, StepId
from sendoff.model.template import Tier
from sendoff.model.verdict import Verdict
from sendoff.ports import Ability, Connector, Sink, World
from sendoff.sandbox.sandbox import Sandbox
from sendoff.sandbox.wire import Obj, obj, whole
from sendoff.steps import by_id
from sendoff.wiring.clocks import SandboxClock
from sendoff.wiring.story import Story

DAYS = 30
"""How many days people go on after nothing moved any more, before two of them waive what is left."""
LOOKS = 20
"""How many final looks people make for one that is whole."""
INSIDE = frozenset({Kind.TAG, Kind.SECURITY_CONTACT, Kind.DEFENDER_PLAN, Kind.RELATIONSHIP, Kind.PROBE_SERVICE})
"""What is no object of its own in the sandbox, but a part of one that stays."""
KEPT = frozenset({Kind.CONTRACT, Kind.GDAP})
"""What stays in the vendor's books when it is over."""


@dataclass
class Hours:
    """Monotonic time for circuits, moved by hand."""

    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Hurried:
    """Hands that never ask anybody to wait: what goes on at the vendor is asked after at once."""

    inner: Connector
    system: System = field(init=False)
    able: Mapping[tuple[Kind, Verb], Ability] = field(init=False)

    def __post_init__(self) -> None:
        self.system, self.able = self.inner.system, self.inner.able

    def probe(self, key: Key) -> None:
        """As it is."""
        self.inner.probe(key)

    def cells(self) -> tuple[Cell, ...]:
        """As they are."""
        return self.inner.cells()

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """As it is."""
        return self.inner.look(cell, out)

    def read(self, target: Target, out: Sink) -> Item | None:
        """As it is."""
        return self.inner.read(target, out)

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """As it is."""
        return self.inner.find(action, once=once)

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Without the wait."""
        return at_once(self.inner.apply(action, once=once, out=out))

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Without the wait."""
        return at_once(self.inner.follow(action, operation))


def at_once(answer: Receipt | Again) -> Receipt | Again:
    """The same answer with nothing to wait for; a long job of the vendor stays long."""
    return replace(answer, seconds=0.0) if isinstance(answer, Again) and answer.seconds <= 60 else answer


Hand = Callable[[Connector], Connector]


@dataclass
class HurriedWorld:
    """The world with other hands over ours."""

    inner: World
    hand: Hand

    def __post_init__(self) -> None:
        self.id, self.sandbox, self.addresses = self.inner.id, self.inner.sandbox, self.inner.addresses
        self.issues = self.inner.issues

    def connector(self, facts: Facts, system: System) -> Connector | None:
        """Our hands, in those."""
        found = self.inner.connector(facts, system)
        return self.hand(found) if found is not None else None


@dataclass(slots=True, kw_only=True)
class Patient(Story):
    """The staff on bad days: what did not work is tried another day, and what nobody could read is looked at again."""

    sandbox: Sandbox
    hours: Hours
    false: list[str] = field(default_factory=list)
    """Verdicts `gone` about things that were there at that moment, by the sandbox's own world."""
    gone: int = 0
    """Verdicts `gone` that were held against the sandbox's own world."""
    days: int = DAYS

    def tell(self) -> Case:
        """From the opened case to the certificate, however often that takes."""
        self.house.desk.preflight(self.who("erik"), self.case)
        self.decide("preflight")
        for _ in range(LOOKS):
            self._all_settled()
            try:
                return self.house.desk.close(self.who("paul"), self.case)
            except Refused as no:
                self.say(f"not closed: {no}")
            self.hours.at += 60
            self.house.desk.look(self.who("erik"), self.case, "final")
            self.decide("final")
        raise Refused("the story does not end: " + "; ".join(not_closable(self.house.desk.case(self.case))))

    def _all_settled(self) -> None:
        while not self._over():
            self.hours.at += 60
            if not self.turn() and not self.move_clock() and not self._another_day() and not self._given_up():
                raise Refused("the story is stuck: " + "; ".join(self._waiting()))

    def _by_hand(self, standing: Standing, *, last: bool) -> None:
        """Nobody takes the last key away before a final look is whole, and nothing is left that a look must follow."""
        case = self.house.desk.look(self.who("erik"), self.case, "final") if last else None
        if case is None or not (case.looks["final"].blind or self._still_ends(case)):
            Story._by_hand(self, standing, last=False)

    def _still_ends(self, case: Case) -> bool:
        steps = (by_id(one.step) for one in case.steps.values() if one.state not in SETTLED and not one.by_hand)
        return any(step.covers and not step.last for step in steps)

    def _another_day(self) -> bool:
        """Nothing is left to wait for, and yet something is open: people look at it again on the next day."""
        if not self.days:
            return False
        self.days -= 1
        clock = self.house.clock
        assert isinstance(clock, SandboxClock)
        before = clock.now()
        clock.move(before + timedelta(days=1))
        self.house.desk.clock_moved(
            self.who("erik"), self.case, before, clock.now(), reason="another day, all the same"
        )
        self.tries.clear()
        self.met.clear()
        for one in self.house.desk.case(self.case).steps.values():
            if one.state is State.APPROVED and self._waits_in_vain(one.step):
                try:
                    self._plan(one)
                except Refused as no:
                    self.say(f"{one.step}: not yet, {no}")
        return True

    def _waits_in_vain(self, step: StepId) -> bool:
        shut = [gate for gate in self.house.desk.gates_of(self.case, step) if isinstance(gate, Shut)]
        return bool(shut) and all(gate.until is None for gate in shut)

    def _given_up(self) -> bool:
        self.gives_up = True
        return self.waive()

    def _progress(self, line: str) -> None:
        """Each line of the worker follows a move: what it called gone is held against the world as it is now."""
        Story._progress(self, line)
        step = StepId(line.partition(":")[0])
        case = self.house.desk.case(self.case)
        if step in case.steps:
            self._witness(case, step)

    def _witness(self, case: Case, step: StepId) -> None:
        alive = {key.lower() for key in self.sandbox.world.objects(LEAVER) if not in_the_bin(key)}
        for one in judgements_of(self.house.desk.ports, case, step):
            _, kind, target = (*one.ref.split("|"), "", "")[:3]
            if one.verdict is not Verdict.GONE or kind in INSIDE | KEPT or one.ref.endswith("|watch"):
                continue
            self.gone += 1
            if any(key.endswith(f":{target}") for key in alive):
                self.false.append(f"{step}: {one.name} ({one.ref})")


@dataclass(frozen=True, kw_only=True)
class Weathered:
    """A story told to its end in bad weather, and what the sandbox says about it."""

    told: Told
    story: Patient
    weather: Obj

    @property
    def kinds(self) -> dict[str, int]:
        """How many answers were struck, by kind."""
        found: dict[str, int] = {}
        for by_kind in obj(self.weather["by_vendor"]).values():
            for kind, count in obj(by_kind).items():
                found[kind] = found.get(kind, 0) + whole(count)
        return found


def weathered(folder: Path, tier: Tier, seed: int, *, share: float = 0.2, hand: Hand = Hurried) -> Weathered:
    """A leaving of a tier in the weather of a seed, told to its certificate."""
    hours = Hours()
    plain = stage(folder, tier=tier, circuits=Circuits(now=hours))
    made = with_hand(plain, hand)
    case = made.opened()
    before = remembered(made)
    told_to: dict[str, Json] = {"share": share, "seed": seed, "seconds": 0}
    made.control("POST", "/weather", **told_to)
    story = Patient(house=made.house, case=case.id, say=made.said.append, threads=1, sandbox=made.sandbox, hours=hours)
    done = story.tell()
    shown = obj(made.control("GET", "/weather"))
    made.control("DELETE", "/weather")
    return Weathered(told=before(done), story=story, weather=shown)


def with_hand(one: Stage, hand: Hand) -> Stage:
    """The same stage with other hands over ours."""
    ports = replace(one.desk.ports, world=HurriedWorld(one.desk.ports.world, hand))
    return replace(one, house=replace(one.house, desk=Desk(ports=ports, say=one.said.append)))
