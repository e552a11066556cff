"""What uses another goes first, also when things use each other in a circle."""

from hypothesis import given
from hypothesis import strategies as st

from sendoff.model.digest import Digest
from sendoff.model.inventory import Item, Kind, System
from sendoff.model.key import Key
from sendoff.rules.ordering import depths


def item(name: str, *uses: str) -> Item:
    return Item(
        system=System.AZURE,
        kind=Kind.RESOURCE,
        id=f"/things/{name}",
        name=name,
        scope="s",
        key=Key.LIGHTHOUSE,
        image=Digest("sha256:" + "0" * 64),
        uses=tuple(f"/things/{one}".lower() for one in uses),
    )


def test_what_is_used_lies_deeper_than_what_uses_it() -> None:
    found = depths([item("Workspace"), item("Rule", "workspace"), item("Alert", "rule", "workspace")])

    assert {ref.rpartition("/")[2]: depth for ref, depth in found.items()} == {"alert": 0, "rule": 1, "workspace": 2}


def test_uses_of_things_that_are_not_here_count_for_nothing() -> None:
    assert set(depths([item("a", "elsewhere"), item("b")]).values()) == {0}


def test_a_thing_that_uses_itself_and_a_circle_end() -> None:
    found = depths([item("a", "a"), item("b", "c"), item("c", "b")])

    assert len(found) == 3


@given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20))
def test_without_a_circle_every_user_goes_strictly_before_what_it_uses(pairs: set[tuple[int, int]]) -> None:
    forward = {(user, used) for user, used in pairs if user < used}
    items = [item(str(one), *(str(used) for user, used in sorted(forward) if user == one)) for one in range(8)]

    found = depths(items)

    assert all(found[items[user].ref] < found[items[used].ref] for user, used in forward)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=25), st.randoms(use_true_random=False))
def test_any_net_of_uses_gets_an_answer_for_each_thing(pairs: list[tuple[int, int]], _: object) -> None:
    items = [item(str(one), *(str(used) for user, used in pairs if user == one)) for one in range(6)]

    assert set(depths(items)) == {one.ref for one in items}


def test_a_chain_longer_than_calls_can_be_nested_has_every_depth() -> None:
    many = 5_000
    items = [item(str(one), str(one + 1)) for one in range(many)]

    found = depths(items)

    assert [found[one.ref] for one in items] == list(range(many))
