"""Which of our things goes before which: what uses another goes first, so that nothing is pulled from under it."""

from collections.abc import Iterator, Mapping, Sequence

from sendoff.model.inventory import Item


def depths(items: Sequence[Item]) -> Mapping[str, int]:
    """For each ref the length of the longest chain of things, among these, that need it; 0 when nothing does.

    In a circle the chain is cut where it closes: the vendor's refusal and the next plan settle the rest.
    """
    users: dict[str, list[Item]] = {}
    by_id = {item.id.lower(): item for item in items}
    for item in items:
        for used in item.uses:
            if used in by_id and used != item.id.lower():
                users.setdefault(by_id[used].ref, []).append(item)
    found: dict[str, int] = {}
    for item in items:
        if item.ref not in found:
            _deepened(item.ref, users, found)
    return found


def _deepened(first: str, users: Mapping[str, Sequence[Item]], found: dict[str, int]) -> None:
    """Find the depth of one thing and of all that need it. A chain may be longer than calls can be nested, so the way
    down is kept here: for each thing on it those of its users that were not followed yet."""

    def following(ref: str) -> Iterator[str]:
        return iter([user.ref for user in users.get(ref, ()) if user.ref not in way])

    way: dict[str, Iterator[str]] = {}
    way[first] = following(first)
    deep = {first: 0}
    while way:
        ref = next(reversed(way))
        user = next(way[ref], None)
        if user is not None and user not in found:
            way[user] = iter(())
            way[user] = following(user)
            deep[user] = 0
        elif user is not None:
            deep[ref] = max(deep[ref], found[user] + 1)
        else:
            del way[ref]
            found[ref] = deep.pop(ref)
            if way:
                above = next(reversed(way))
                deep[above] = max(deep[above], found[ref] + 1)
