"""What a look finds as ours and no line covers becomes an added step: not on your checklist, and it blocks clean."""

from collections import defaultdict
from collections.abc import Sequence

from sendoff.model.case import Case
from sendoff.model.event import StepAdded
from sendoff.model.inventory import Kind, Whose
from sendoff.model.situation import Owned
from sendoff.model.step import State, Step, StepId
from sendoff.rules.choosing import kept

NOT_RESIDUE = frozenset({Kind.DELEGATION_DEFINITION, Kind.ADMINISTRATOR, Kind.SECRET, Kind.SECRET_LIST, Kind.GROUP})
"""Kinds that give us nothing at the customer: definitions without an assignment grant nothing, administrators are read
for the lock-out gate only, secrets lie in our own vault, and an empty group is the customer's."""


def added(case: Case, owned: Sequence[Owned], steps: Sequence[Step]) -> tuple[StepAdded, ...]:
    """The steps to add for what is ours, stays by no agreement, and no step of this case makes an end to."""
    cover = {kind: step for step in reversed(steps) for kind in step.covers}
    found: dict[StepId, list[Owned]] = defaultdict(list)
    for one in owned:
        step = cover.get(one.item.kind)
        if _is_residue(case, one) and step is not None and _needs_adding(case, step):
            found[step.id].append(one)
    by_id = {step.id: step for step in steps}
    return tuple(_added(by_id[step], ones) for step, ones in found.items())


def _is_residue(case: Case, one: Owned) -> bool:
    if one.provenance.whose is not Whose.OURS or one.item.kind in NOT_RESIDUE | kept(case.facts):
        return False
    return one.item.fact("inherited") != "yes" and one.item.fact("builtin") != "yes"


def _needs_adding(case: Case, step: Step) -> bool:
    standing = case.standing(step.id)
    return standing is None or (standing.state is State.NOT_APPLICABLE and standing.by is None)


def _added(step: Step, ones: Sequence[Owned]) -> StepAdded:
    kinds = ", ".join(sorted({str(one.item.kind) for one in ones}))
    return StepAdded(
        step=step.id,
        text=step.line,
        role=step.role,
        reason=f"not on your checklist: a look found {len(ones)} of ours ({kinds})",
        refs=tuple(sorted(one.item.ref for one in ones)),
        after=tuple(sorted(step.after)),
        major=step.major,
    )
