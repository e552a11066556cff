"""What goes before what, solved: things before what they use, kinds before what they name, steps before what takes
away their key, their reference or their proof; each with its reason in words."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from sendoff.model.errors import Refused
from sendoff.model.inventory import Item, Kind, Verb
from sendoff.model.order import Edge, Solved
from sendoff.model.plan import Action
from sendoff.model.proof import ProofKind
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.keys import needed, taken

REFERS: Mapping[tuple[Kind, Kind], str] = {
    (Kind.POLICY_REMEDIATION, Kind.POLICY_EXEMPTION): "a remediation would deploy what the exemption holds back",
    (Kind.POLICY_REMEDIATION, Kind.ROLE_ASSIGNMENT): "a remediation works by the rights of the policy's identity",
    (Kind.POLICY_REMEDIATION, Kind.POLICY_ASSIGNMENT): "a remediation names the assignment that it works off",
    (Kind.POLICY_EXEMPTION, Kind.POLICY_ASSIGNMENT): "an exemption names the assignment that it exempts from",
    (Kind.POLICY_ASSIGNMENT, Kind.POLICY_SET): "an assignment names its initiative, and the vendor refuses otherwise",
    (Kind.POLICY_ASSIGNMENT, Kind.POLICY_DEFINITION): "an assignment names its definition",
    (Kind.POLICY_SET, Kind.POLICY_DEFINITION): "an initiative names its definitions",
    (Kind.POLICY_ASSIGNMENT, Kind.RESOURCE): "a policy that deploys would make again what was removed",
    (Kind.BUDGET, Kind.RESOURCE): "a budget names an action group",
    (Kind.DIAGNOSTIC_SETTING, Kind.RESOURCE): "a diagnostic setting sends to a workspace or a storage account",
    (Kind.LOCK, Kind.RESOURCE): "a lock stops the removal of all that it covers",
    (Kind.LOCK, Kind.DIAGNOSTIC_SETTING): "a lock stops the removal of all that it covers",
    (Kind.LOCK, Kind.BUDGET): "a lock stops the removal of all that it covers",
    (Kind.RESOURCE, Kind.GROUP): "a group goes when it is empty",
    (Kind.RESOURCE, Kind.TAG): "a tag tells whose a thing is (H10)",
    (Kind.PRTG_DEVICE, Kind.PRTG_PROBE): "a probe that goes before its sensors raises an alarm for each (H17)",
    (Kind.PROBE_SERVICE, Kind.PRTG_PROBE): "a probe comes back while its service runs (H16)",
}
"""The first kind goes before the second, and why: it names it, needs it, or would bring it back."""

_RIGHTS_OF_POLICIES = (Kind.ROLE_ASSIGNMENT, Kind.POLICY_ASSIGNMENT)
_WITHIN: Mapping[tuple[Kind, Kind], str] = {
    **REFERS,
    _RIGHTS_OF_POLICIES: "the rights of its identity outlive it, and would name a principal that is gone (H11)",
}
"""Within one plan also this: the rights of a policy's identity go with it; all others have a step of their own."""


def solved(ids: Sequence[StepId], steps: Sequence[Step]) -> Solved:
    """These steps in order, else as given. Refused names a circle with its reasons. An id that no step has, such as a
    line done by hand, waits for nothing."""
    here = set(ids)
    edges = tuple(edge for edge in _edges([one for one in steps if one.id in here]))
    waits: dict[StepId, set[StepId]] = {one: set() for one in ids}
    for edge in edges:
        waits[edge.then].add(edge.first)
    left, order = list(waits), []
    while left:
        ready = next((one for one in left if not waits[one] & set(left)), None)
        if ready is None:
            raise Refused(_circle(left, edges))
        left.remove(ready)
        order.append(ready)
    return Solved(order=tuple(order), edges=edges)


def befores(steps: Sequence[Step]) -> Mapping[StepId, frozenset[StepId]]:
    """For each step what it waits for: what it declares, completed by what follows from keys, references, proofs."""
    found = {step.id: set(step.after) for step in steps}
    for edge in _edges(steps):
        found[edge.then].add(edge.first)
    return {step: frozenset(first) for step, first in found.items()}


def ranks(*kinds: Kind, first: int = 0) -> Mapping[Kind, int]:
    """The rank of each of these kinds in one plan: one more than the highest of those that go before it."""
    found: dict[Kind, int] = {}

    def rank(kind: Kind) -> int:
        if kind not in found:
            over = [rank(one) + 1 for one in kinds if (one, kind) in _WITHIN]
            found[kind] = max(over, default=first)
        return found[kind]

    for kind in kinds:
        rank(kind)
    return found


def explained(actions: Sequence[Action]) -> tuple[str, ...]:
    """Why the ranks of a plan are as they are, one line a pair of kinds that it holds."""
    at: dict[Kind, list[int]] = {}
    for action in actions:
        if action.verb is not Verb.DISABLE:
            at.setdefault(action.kind, []).append(action.rank)
    found = [
        f"{first} before {then}: {why}"
        for (first, then), why in _WITHIN.items()
        if first in at and then in at and max(at[first]) < min(at[then])
    ]
    both = {action.ref for action in actions if action.verb is Verb.DISABLE}
    found += [f"{kind}: first stopped, then removed" for kind in sorted({ref.split("|")[1] for ref in both})]
    if len(set(at.get(Kind.RESOURCE, ()))) > 1:
        found.append(f"{Kind.RESOURCE} by {Kind.RESOURCE}: each before what it uses")
    return tuple(found)


def _edges(steps: Sequence[Step]) -> Iterator[Edge]:
    for then in steps:
        for first in steps:
            if first is not then:
                because = [*_by_key(first, then), *_by_reference(first, then), *_by_proof(first, then)]
                if because:
                    yield Edge(first=first.id, then=then.id, because="; ".join(because))
                elif first.id in then.after:
                    yield Edge(first=first.id, then=then.id, because="the checklist says so", declared=True)


def _by_key(first: Step, then: Step) -> Iterator[str]:
    needs = needed(first)
    for key, kind in taken(then).items():
        if key in needs:
            yield f"{needs[key]} through the key {key}, which {then.id} takes away (the {kind})"


def _by_reference(first: Step, then: Step) -> Iterator[str]:
    for (user, used), why in REFERS.items():
        if user in first.covers and used in then.covers and not (first.covers & then.covers):
            yield f"{user} before {used}: {why}"


_GIVES: tuple[tuple[ProofKind, frozenset[Kind], frozenset[Verb], str], ...] = (
    (
        ProofKind.EXPORTED,
        frozenset({Kind.RESOURCE, Kind.POLICY_ASSIGNMENT, Kind.POLICY_DEFINITION}),
        frozenset(),
        "what is removed before its export is lost (H8)",
    ),
    (ProofKind.HANDED_OVER, frozenset({Kind.SECRET}), frozenset(), "our copy goes when theirs has come (H6)"),
    (ProofKind.COSTS_KEPT, frozenset(), frozenset({Verb.ACCEPT}), "what it cost does not follow a transfer (H24)"),
    (
        ProofKind.TRANSFERRED,
        frozenset({Kind.RELATIONSHIP}),
        frozenset(),
        "a relationship ends when everything was taken over (H22)",
    ),
)
"""What a step must have seen proven, by the kinds it makes an end to and by what its person does."""


def _by_proof(first: Step, then: Step) -> Iterator[str]:
    for proof, kinds, verbs, why in _GIVES:
        if first.gives == proof and (then.covers & kinds or then.verbs & verbs):
            yield f"it waits for {proof}: {why}"


def _circle(left: Sequence[StepId], edges: Sequence[Edge]) -> str:
    """One circle among steps of which each waits for another, with the reason of every wait."""
    stuck, trail = set(left), [left[0]]
    while True:
        ahead = min(edge.first for edge in edges if edge.then == trail[-1] and edge.first in stuck)
        if ahead in trail:
            ring = [*trail[trail.index(ahead) :], ahead]
            break
        trail.append(ahead)
    why = {(edge.first, edge.then): edge.because for edge in edges}
    told = [f"{then} after {first} ({why[first, then]})" for then, first in pairwise(ring)]
    return f"the steps wait for each other in a circle: {', '.join(told)}"


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
