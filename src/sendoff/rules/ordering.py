"""Which of our things goes before which: what uses another goes first, so that nothing is pulled from under it."""

from collections.abc import Mapping, Sequence

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

    def depth(item: Item, above: frozenset[str]) -> int:
        if item.ref in found:
            return found[item.ref]
        ones = [user for user in users.get(item.ref, ()) if user.ref not in above]
        answer = max((depth(user, above | {item.ref}) + 1 for user in ones), default=0)
        found[item.ref] = answer
        return answer

    for item in items:
        depth(item, frozenset({item.ref}))
    return found
