"""A step over more objects than are handed out at once: planned, acted on batch after batch, and looked at again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from fakes.houses import Stage, stage
from fakes.leavings import after_contract
from sendoff.engine.desk import Desk
from sendoff.engine.look import PORTION
from sendoff.engine.run import HANDED_OUT
from sendoff.model.case import Case
from sendoff.model.digest import Digest, canonical, digest_bytes
from sendoff.model.event import StepMoved
from sendoff.model.facts import Facts, Recorded
from sendoff.model.inventory import Cell, Item, Kind, Sign, SignKind, System, Target, Verb
from sendoff.model.issue import IssueStyle
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt
from sendoff.model.state import SETTLED, Move, State, StepId
from sendoff.ports import Ability, Connector, Repeat, Sink, World

STEP = StepId("remove-resources")
BATCH = 7
MANY = BATCH * (HANDED_OUT + 40)
FIRST = "/things/0"


@dataclass
class Things:
    """A vendor with so many things: all but the first need the first, and one is gone when it is read directly."""

    there: dict[str, Item]
    gone: frozenset[str] = frozenset()
    removed: list[str] = field(default_factory=list)
    system: System = System.AZURE
    able: Mapping[tuple[Kind, Verb], Ability] = field(
        default_factory=lambda: {
            (Kind.RESOURCE, Verb.REMOVE): Ability(
                key=Key.LIGHTHOUSE, repeat=Repeat.NATURAL, reversible=False, batch=BATCH
            )
        }
    )

    def probe(self, key: Key) -> None:
        """Good."""

    def cells(self) -> tuple[Cell, ...]:
        """One."""
        return (Cell(system=System.AZURE, kind=Kind.RESOURCE, scope="s", key=Key.LIGHTHOUSE),)

    def look(self, cell: Cell, out: Sink) -> Iterator[Item]:
        """All of them, as the list has them."""
        for item in list(self.there.values()):
            listed = replace(item, signs=(Sign(kind=SignKind.TAG, value="listed=yes"),))
            yield replace(listed, image=out.image(f"listed {item.id}".encode()))

    def read(self, target: Target, out: Sink) -> Item | None:
        """One of them, as it is."""
        item = self.there.get(target.id)
        if item is None or item.id in self.gone:
            return None
        return replace(item, image=out.image(f"read {item.id}".encode()))

    def find(self, action: Action, *, once: Digest) -> Receipt | None:
        """It did not happen yet."""
        return None

    def apply(self, action: Action, *, once: Digest, out: Sink) -> Receipt | Again:
        """Done; refused for what something that is there needs."""
        assert action.target != FIRST or list(self.there) == [FIRST]
        self.removed.append(action.target)
        del self.there[action.target]
        return Receipt(outcome=Outcome.DONE)

    def follow(self, action: Action, operation: str) -> Receipt | Again:
        """Done."""
        return Receipt(outcome=Outcome.DONE)


@dataclass
class OneSystem:
    """A world with these things in it, and nothing else."""

    inner: World
    things: Things

    def __post_init__(self) -> None:
        self.id, self.sandbox, self.addresses = self.inner.id, self.inner.sandbox, self.inner.addresses
        self.issues: IssueStyle | None = None

    def connector(self, facts: Facts, system: System) -> Connector | None:
        """Our hand in Azure."""
        return self.things if system is System.AZURE else None


def thing(number: int) -> Item:
    return Item(
        system=System.AZURE,
        kind=Kind.RESOURCE,
        id=f"/things/{number}",
        name=f"thing {number}",
        scope="s",
        key=Key.LIGHTHOUSE,
        image=Digest(""),
        uses=(FIRST,) if number else (),
        detail=(("type", "thing"),),
    )


def recorded(facts: Facts) -> Facts:
    """Onboarding made them all."""
    rows = (Recorded(system=System.AZURE, kind=Kind.RESOURCE, id=f"/things/{one}") for one in range(MANY))
    return replace(facts, record=tuple(rows))


def ready(folder: Path, things: Things) -> tuple[Stage, Desk, Case]:
    """A case in which only this step is open, after the contract."""
    here = stage(folder)
    case = here.opened(recorded)
    after_contract(here, case)
    ports = replace(here.desk.ports, world=OneSystem(here.desk.ports.world, things))
    for one in here.desk.case(case.id).steps.values():
        if one.step != STEP and one.state not in SETTLED:
            skip = StepMoved(step=one.step, move=Move.SKIP, reason="it is not what this is about")
            ports.journal.append(case.id, None, (skip,), actor=here.who("paul").id, at=ports.clock.now())
    return here, Desk(ports=ports), case


def test_more_batches_than_are_handed_out_at_once_are_all_done_once_and_in_order(tmp_path: Path) -> None:
    things = Things({f"/things/{one}": thing(one) for one in range(MANY)})
    here, desk, case = ready(tmp_path, things)
    planned = desk.plan(here.who("erik"), case.id, STEP).steps[STEP]
    assert planned.plan is not None and planned.planned == MANY > PORTION
    desk.approve(here.who("emma"), case.id, STEP, planned.plan, over_belt=True)

    after = desk.run(here.who("erik"), case.id, here.said.append, threads=4).steps[STEP]

    assert after.state is State.DONE, (after.reason, here.said[-3:])
    assert things.removed[-1] == FIRST
    assert sorted(things.removed) == sorted(f"/things/{one}" for one in range(MANY))
    assert len(after.acted) == (MANY - 1 + BATCH - 1) // BATCH + 1 > HANDED_OUT


def test_the_kept_plan_and_look_are_the_canonical_bytes_of_what_was_read_directly(tmp_path: Path) -> None:
    things = Things({f"/things/{one}": thing(one) for one in range(MANY)}, gone=frozenset({"/things/5"}))
    here, desk, case = ready(tmp_path, things)

    after = desk.plan(here.who("erik"), case.id, STEP)

    plan, blob = desk.plan_of(case.id, STEP), after.steps[STEP].plan_blob
    assert plan is not None and blob is not None
    assert desk.ports.store.get(case.id, blob) == canonical(plan)
    assert {action.target for action in plan.actions} == things.there.keys() - things.gone
    assert all(action.before == digest_bytes(f"read {action.target}".encode()) for action in plan.actions)
    seen = [one.item for one in desk.seen(case.id, f"plan {STEP}")]
    tag = (Sign(kind=SignKind.TAG, value="listed=yes"),)
    wanted = [replace(thing(one), signs=tag, image=digest_bytes(f"read /things/{one}".encode())) for one in range(MANY)]
    assert seen == sorted((one for one in wanted if one.id not in things.gone), key=lambda item: item.ref)
    assert desk.ports.store.get(case.id, after.looks[f"plan {STEP}"].inventory).count(b"listed=yes") == MANY - 1
