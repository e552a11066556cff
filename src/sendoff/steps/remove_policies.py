"""Engineer >> Remove all policies of %provider%."""

from dataclasses import replace

from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.plan import Action, Disposition, LeftAlone
from sendoff.model.situation import Owned, Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.ordering import ranks
from sendoff.rules.planning import covering_lock, deed, going, removals, spared, unlocked

_ID = StepId("remove-policies")
_POLICIES = (
    Kind.POLICY_REMEDIATION,
    Kind.POLICY_EXEMPTION,
    Kind.POLICY_ASSIGNMENT,
    Kind.POLICY_SET,
    Kind.POLICY_DEFINITION,
)
_RANKS = ranks(*_POLICIES, Kind.ROLE_ASSIGNMENT, first=2)
_UNLOCKED, _CANCELLED = 0, 1
_ENDED = frozenset({"canceled", "succeeded", "failed", "complete"})
"""States of a remediation that need no cancelling."""
_NOBODY_SAW = (
    "what its identity {identity} may do was not read, for we hold no key to it: the customer takes its rights away, "
    "in Azure portal > Access control (IAM)"
)


def plan(now: Situation) -> Proposal:
    """Locks of ours go first where they stop us; remediations are cancelled and go, then exemptions and the rights
    of identities, then assignments, initiatives and definitions; what policies deployed stays, and is told."""
    base = removals(now, _ID, {kind: _RANKS[kind] for kind in _POLICIES})
    rights = _rights(now, base.actions)
    made = going(now, Kind.POLICY_DEPLOYMENT)[1]
    acts = (*_cancelled(now, base.actions), *base.actions, *rights)
    whole = Proposal(actions=(*_locks(now, acts), *acts), left=base.left)
    safe = spared(now, unlocked(now, whole))
    return Proposal(actions=safe.actions, left=(*safe.left, *_unseen(now, safe.actions), *made))


def _cancelled(now: Situation, actions: tuple[Action, ...]) -> tuple[Action, ...]:
    """A task that runs is stopped before anything goes: the vendor refuses to delete it, and it deploys on."""
    running = {
        one.item.ref
        for one in now.owned
        if one.item.kind is Kind.POLICY_REMEDIATION and one.item.fact("provisioningState").lower() not in _ENDED
    }
    return tuple(replace(one, verb=Verb.DISABLE, rank=_CANCELLED) for one in actions if one.ref in running)


def _locks(now: Situation, actions: tuple[Action, ...]) -> tuple[Action, ...]:
    """Locks of ours over what our app removes: the platform stops it there, and does not stop a delegation. Every other
    lock of ours goes with the resources."""
    targets = [action.target for action in actions if action.key is Key.APP]
    mine = [one for one in going(now, Kind.LOCK)[0] if one.item.key is Key.APP]
    over = [one for one in mine if any(covering_lock(target, (one.item,)) for target in targets)]
    return tuple(deed(_ID, one, Verb.REMOVE, rank=_UNLOCKED) for one in over)


def _identities(now: Situation, actions: tuple[Action, ...]) -> dict[str, Owned]:
    """The identities of the assignments that go, by principal id in lower case."""
    going_now = {action.ref for action in actions if action.kind is Kind.POLICY_ASSIGNMENT}
    found = (one for one in now.owned if one.item.ref in going_now and one.item.fact("identity"))
    return {one.item.fact("identity").lower(): one for one in found}


def _rights(now: Situation, actions: tuple[Action, ...]) -> tuple[Action, ...]:
    """H11: the role assignments of these identities; every other one has its own step."""
    held, rank = _identities(now, actions), _RANKS[Kind.ROLE_ASSIGNMENT]
    go = going(now, Kind.ROLE_ASSIGNMENT)[0]
    return tuple(deed(_ID, one, Verb.REMOVE, rank=rank) for one in go if one.item.fact("principalId").lower() in held)


def _unseen(now: Situation, actions: tuple[Action, ...]) -> tuple[LeftAlone, ...]:
    """Identities whose rights no key of ours is shown: the customer's to end, and not forgotten."""
    places = {spot.cell.scope for spot in now.inventory.blind if spot.cell.kind is Kind.ROLE_ASSIGNMENT}
    return tuple(
        LeftAlone(item=one.item, why=_NOBODY_SAW.format(identity=identity), disposition=Disposition.HAND_OVER)
        for identity, one in _identities(now, actions).items()
        if one.item.scope in places
    )


REMOVE_POLICIES = Step(
    id=_ID,
    line="Remove all policies of %provider%",
    role=Role.ENGINEER,
    aliases=(
        "Remove all Intercept Policies",
        "Remove all our policies",
    ),
    systems=frozenset({System.AZURE}),
    covers=frozenset(_POLICIES),
    looks_at=frozenset({Kind.LOCK, Kind.POLICY_DEPLOYMENT}),
    takes_along=frozenset({Kind.LOCK, Kind.ROLE_ASSIGNMENT}),
    needs=frozenset({Key.LIGHTHOUSE}),
    after=frozenset(
        {
            StepId("notice"),
            StepId("confirm-termination"),
            StepId("export-resources"),
            StepId("export-secrets"),
            StepId("create-administrator"),
        }
    ),
    plan=plan,
)
