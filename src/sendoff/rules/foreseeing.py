"""A look before any case -> what would be left behind, what that calls for, and which keys are missing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sendoff.model.case import Case
from sendoff.model.inventory import BlindSpot, Inventory, Item, Kind, SignKind, System
from sendoff.model.key import Key
from sendoff.model.situation import Owned
from sendoff.model.step import Step
from sendoff.rules.adding import covering
from sendoff.rules.choosing import named
from sendoff.rules.judging import is_residue

FROM_RECORD = frozenset({Kind.DEFENDER_PLAN, Kind.TAG})
"""Kinds that are only compared with the record of onboarding: without one, reading them would say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehind:
    """What of ours would stay in the customer's environment, one row a kind."""

    kind: Kind
    count: int
    step: str
    """The step that makes an end to it; empty when no step does."""
    line: str
    role: str
    added: bool
    """True when no line of the checklist covers it, so that a look adds the step."""
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingKey:
    """A key that is not there, what it would open, and what stayed shut for want of it."""

    keys: tuple[Key, ...]
    """Any one of these."""
    opens: str
    shut: tuple[str, ...]
    """The cells that stayed unread, by kind."""


def left_behind(case: Case, owned: Sequence[Owned], steps: Sequence[Step]) -> tuple[LeftBehind, ...]:
    """Residue by kind, with the step that would make an end to it."""
    found: dict[Kind, list[Item]] = defaultdict(list)
    for one in owned:
        if is_residue(case, one):
            found[one.item.kind].append(one.item)
    return tuple(_row(case, items, steps) for _, items in sorted(found.items()))


def _row(case: Case, items: Sequence[Item], steps: Sequence[Step]) -> LeftBehind:
    step = covering(items[0], case.facts, steps)
    return LeftBehind(
        kind=items[0].kind,
        count=len(items),
        step=step.id if step else "",
        line=named(step.line, case.facts) if step else "no step makes an end to it",
        role=step.role if step else "",
        added=step is not None and case.standing(step.id) is None,
        names=tuple(item.name for item in items),
    )


def principals_shown(items: Sequence[Item], tenant: str) -> tuple[str, ...]:
    """Object ids of ours that delegations to our tenant name: they live in our tenant, wherever they get rights."""
    return tuple(
        dict.fromkeys(
            pair.partition("=")[0].lower()
            for item in items
            if item.kind is Kind.DELEGATION and _managed_by(item, tenant)
            for pair in item.fact("authorizations").split()
        )
    )


def _managed_by(item: Item, tenant: str) -> bool:
    return any(sign.kind is SignKind.OWNER_TENANT and sign.value.lower() == tenant.lower() for sign in item.signs)


def too_empty(seen: Inventory) -> Inventory:
    """The same, in which a subscription without any role assignment counts as not read: each has at least one, and a
    delegation may be shown none of them."""
    full = {item.scope.lower() for item in seen.items if item.kind is Kind.ROLE_ASSIGNMENT}
    odd = [cell for cell in seen.read if cell.kind is Kind.ROLE_ASSIGNMENT and cell.scope.lower() not in full]
    why = "no role assignment came, and a subscription has at least one: this sign-in is not shown them"
    spots = tuple(BlindSpot(cell=cell, reason=why, code="NoneShown", denied=True) for cell in odd)
    return replace(seen, read=tuple(cell for cell in seen.read if cell not in odd), blind=(*seen.blind, *spots))


def missing_keys(blind: Sequence[BlindSpot]) -> tuple[MissingKey, ...]:
    """The keys that would open what this sign-in was refused; what failed in another way needs another try, no key."""
    found: dict[tuple[Key, ...], list[str]] = defaultdict(list)
    for spot in blind:
        if spot.denied:
            found[_keys_for(spot)].append(f"{spot.cell.kind} in {spot.cell.scope}")
    return tuple(MissingKey(keys=keys, opens=_OPENS[keys], shut=tuple(shut)) for keys, shut in found.items())


_DIRECTORY = (Key.APP, Key.GDAP)
_RIGHTS = (Key.APP, Key.AOBO)
_ESTATE = (Key.LIGHTHOUSE, Key.APP, Key.AOBO)
_OPENS: Mapping[tuple[Key, ...], str] = {
    _DIRECTORY: "the customer's directory: accounts, guests and apps of ours (our app registration in their tenant "
    "with Directory.Read.All, or somebody of theirs who may read it)",
    _RIGHTS: "who holds rights in the subscriptions, and what delegations are made of (our app registration with "
    "Reader, a person in Admin agents, or somebody of theirs)",
    _ESTATE: "resources, policies and settings in the subscriptions (a delegation, or Reader on the subscription)",
}
_OF_RIGHTS = frozenset({Kind.ROLE_ASSIGNMENT, Kind.DELEGATION_DEFINITION})


def _keys_for(spot: BlindSpot) -> tuple[Key, ...]:
    if spot.cell.system is System.ENTRA:
        return _DIRECTORY
    return _RIGHTS if spot.cell.kind in _OF_RIGHTS else _ESTATE
