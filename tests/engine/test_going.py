"""What goes on at a vendor is asked after in its time while the batch begins the rest, and never waited for alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fakes.houses import stage
from sendoff.engine.fence import Fence
from sendoff.engine.going import LATE, MOST, PATIENCE, SHORT, Going
from sendoff.engine.tray import Tray
from sendoff.model.digest import Digest, digest
from sendoff.model.errors import Throttled
from sendoff.model.inventory import Cell, Item, Kind, System, Target, Verb
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.model.state import StepId
from sendoff.ports import Ability, Repeat, Sink, Work


@dataclass
class Hand:
    """A vendor whose deeds take so many seconds, and who refuses the first calls for some of them."""

    takes: float = 1.0
    busy: dict[str, int] = field(default_factory=dict)
    never: bool = False
    said: list[str] = field(default_factory=list)
    at_once: int = 0
    now: float = 0.0
    begun: dict[str, float] = field(default_factory=dict)
    system: System = System.AZURE
    able: Mapping[tuple[Kind, Verb], Ability] = field(
        default_factory=lambda: {
            (Kind.RESOURCE, Verb.EXPORT): Ability(key=Key.LIGHTHOUSE, repeat=Repeat.NATURAL, reversible=True)
        }
    )

    def probe(self, key: Key) -> None:
        """Good."""

    def cells(self) -> tuple[Cell, ...]:
        """None."""
        return ()

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """Nothing."""
        return iter(())

    def read(self, target: Target, out: Sink) -> Item | None:
        """Nothing."""
        return None

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """It did not happen."""
        return None

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Begin it."""
        self.said.append(f"begin {action.target}")
        if self.busy.get(action.target, 0):
            self.busy[action.target] -= 1
            raise Throttled("too many calls", system="azure", after=2.0)
        self.begun[action.target] = self.now
        going = [one for one in self.begun.values() if one > self.now - self.takes]
        self.at_once = max(self.at_once, len(going))
        return Again(seconds=self.takes, operation=action.target)

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Whether it ended."""
        self.said.append(f"ask {operation}")
        left = self.takes if self.never else self.begun[operation] + self.takes - self.now
        return Again(seconds=left, operation=operation) if left > 0 else Receipt(outcome=Outcome.DONE)


def going(tmp_path: Path, hand: Hand) -> Going:
    """A batch at that vendor, on time that goes by when it waits."""

    def wait(seconds: float) -> None:
        hand.now += seconds

    ports = stage(tmp_path).desk.ports
    work = Work(case="L1", step=StepId("export-resources"), batch=0, owner="w", attempt=1)
    fence = Fence(ports, work, now=lambda: hand.now, sleep=wait, held_until=1e9)
    return Going({System.AZURE: hand}, Tray(ports.store, "L1", keep=False), fence)


def deed(name: str) -> tuple[Digest, Action]:
    """One action, and what it is called."""
    action = Action(
        step=StepId("export-resources"),
        system=System.AZURE,
        verb=Verb.EXPORT,
        kind=Kind.RESOURCE,
        target=name,
        name=name,
        scope="s",
        key=Key.LIGHTHOUSE,
        why="asked",
    )
    return digest(name), action


def test_what_goes_on_is_asked_after_when_the_rest_has_begun_and_not_before_its_time(tmp_path: Path) -> None:
    hand = Hand()
    batch = going(tmp_path, hand)

    batch.begin(*deed("a"), False)
    hand.now += 0.8
    batch.begin(*deed("b"), False)
    hand.now += 0.3
    batch.to_the_end()

    assert hand.said == ["begin a", "begin b", "ask a", "ask b"]
    assert hand.now == 1.8, "a had ended already, and b was waited for until its time and no longer"
    assert [one.outcome for one in batch.done.values()] == [Outcome.DONE, Outcome.DONE]


def test_while_there_is_more_to_begin_only_what_is_late_is_asked_after(tmp_path: Path) -> None:
    hand = Hand()
    batch = going(tmp_path, hand)

    batch.begin(*deed("a"), False)
    hand.now += LATE + 0.9
    batch.begin(*deed("b"), False)
    batch.ask()
    early = list(hand.said)
    hand.now += 0.2
    batch.ask()

    assert early == ["begin a", "begin b"]
    assert hand.said[2:] == ["ask a"], "a is late by now, and b is not"


def test_when_no_more_may_go_on_what_has_ended_makes_room_and_nobody_waits(tmp_path: Path) -> None:
    hand = Hand()
    batch = going(tmp_path, hand)

    for number in range(MOST):
        batch.begin(*deed(f"{number}"), False)
        hand.now += 0.1
    before, begun = hand.now, len(hand.said)
    batch.begin(*deed("next"), False)

    ended = [f"ask {number}" for number in range(MOST) if number * 0.1 + 1.0 <= before]
    assert hand.said[begun:] == [*ended, "begin next"], "those whose time had come, and those alone"
    assert hand.now == before


def test_no_more_go_on_at_once_than_the_house_allows(tmp_path: Path) -> None:
    hand = Hand(takes=5.0)
    batch = going(tmp_path, hand)

    for number in range(MOST * 2):
        batch.begin(*deed(f"{number}"), False)
    batch.to_the_end()

    assert hand.at_once == MOST
    assert len(batch.done) == MOST * 2


def test_what_the_vendor_would_not_hear_of_is_asked_for_anew_and_is_no_failure(tmp_path: Path) -> None:
    hand = Hand(busy={"a": 3})
    batch = going(tmp_path, hand)

    assert batch.begin(*deed("a"), False) is None
    batch.to_the_end()

    assert hand.said.count("begin a") == 4
    assert batch.done[digest("a")].outcome is Outcome.DONE
    assert hand.now >= 3 * 2.0, "as late as it said"


def test_what_never_ends_is_unknown_and_not_done(tmp_path: Path) -> None:
    hand = Hand(takes=30.0, never=True)
    batch = going(tmp_path, hand)
    name, action = deed("a")

    batch.begin(name, action, False)
    batch.to_the_end()

    assert batch.done[name] == Receipt(outcome=Outcome.UNKNOWN, code="StillRunning")
    assert hand.now > PATIENCE


def test_what_takes_the_vendor_long_is_left_to_a_later_look(tmp_path: Path) -> None:
    hand = Hand(takes=SHORT + 1)
    batch = going(tmp_path, hand)
    name, action = deed("a")

    batch.begin(name, action, False)

    assert batch.done[name] == Receipt(outcome=Outcome.ASKED, code="under way")
