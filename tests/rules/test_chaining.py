"""A chain of events: every way to change it is found."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendoff.model.digest import Digest
from sendoff.model.envelope import GENESIS, Entry, EventKind
from sendoff.model.errors import Broken
from sendoff.model.event import Halted
from sendoff.model.people import PersonId
from sendoff.rules.chaining import chained, faults, holds

START = datetime(2026, 11, 23, 9, tzinfo=UTC)


def chain(reasons: Sequence[str], case: str = "L1") -> tuple[Entry, ...]:
    entries: list[Entry] = []
    for number, reason in enumerate(reasons):
        prev = entries[-1].event.digest if entries else GENESIS
        at, salt = START + timedelta(minutes=number), f"{number:064x}"
        body = Halted(on=True, reason=reason)
        entries.append(chained(body, case=case, seq=number + 1, prev=prev, at=at, actor=PersonId("p1"), salt=salt))
    return tuple(entries)


chains = st.lists(st.text(max_size=8), min_size=2, max_size=9).map(chain)


@given(chains)
def test_a_chain_as_it_was_written_holds_and_so_does_every_beginning_of_it(entries: tuple[Entry, ...]) -> None:
    for length in range(len(entries) + 1):
        assert faults(entries[:length]) == ()
    holds(entries)


@given(chains, st.data())
def test_an_event_that_was_dropped_before_the_end_is_found(entries: tuple[Entry, ...], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(entries) - 2))

    assert faults(entries[:place] + entries[place + 1 :])


@given(chains, st.data())
def test_an_event_that_was_put_in_is_found(entries: tuple[Entry, ...], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(entries) - 1))
    strange = replace(entries[place], salt="ff" * 32)
    other = chain(["strange"])[0]

    for more in (entries[place], strange, other):
        assert faults((*entries[:place], more, *entries[place:]))


@given(chains, st.data())
def test_events_in_another_order_are_found(entries: tuple[Entry, ...], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(entries))))

    found = faults([entries[place] for place in order])

    assert (found == ()) == (list(order) == list(range(len(entries))))


@given(chains, st.data())
def test_a_swapped_body_is_found_at_its_place(entries: tuple[Entry, ...], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(entries) - 1))
    spoiled = list(entries)
    spoiled[place] = replace(entries[place], body={"on": False, "reason": "swapped"})

    assert faults(spoiled) == (f"event {place + 1}: its body is not the one that was written",)


@given(chains, st.data())
def test_a_changed_envelope_is_found(entries: tuple[Entry, ...], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(entries) - 2))
    event = entries[place].event
    changes = (
        replace(event, at=event.at - timedelta(seconds=1)),
        replace(event, actor=PersonId("p2")),
        replace(event, kind=EventKind.CERTIFIED),
        replace(event, body_hash=Digest("sha256:" + "1" * 64)),
        replace(event, prev=Digest("sha256:" + "1" * 64)),
        replace(event, seq=event.seq + 1),
        replace(event, v=2),
        replace(event, case="L2"),
    )

    for changed in changes:
        assert faults((*entries[:place], replace(entries[place], event=changed), *entries[place + 1 :]))


@given(chains, st.data())
def test_erased_bodies_leave_the_chain_whole(entries: tuple[Entry, ...], data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.integers(0, len(entries) - 1)))

    left = [replace(one, body=None, salt=None) if place in gone else one for place, one in enumerate(entries)]

    assert faults(left) == ()


def test_a_body_without_its_salt_is_not_believed() -> None:
    entries = chain(["a", "b"])

    assert faults((replace(entries[0], salt=None), entries[1]))


def test_a_rewritten_chain_with_time_going_backwards_is_found() -> None:
    first = chain(["a"])[0]
    early = START - timedelta(days=1)
    second = chained(
        Halted(on=True, reason="b"),
        case="L1",
        seq=2,
        prev=first.event.digest,
        at=early,
        actor=PersonId("p1"),
        salt="00" * 32,
    )

    assert faults((first, second)) == ("event 2: its time lies before the one before it",)
    with pytest.raises(Broken, match="does not hold"):
        holds((first, second))
