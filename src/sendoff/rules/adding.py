"""What a look finds as ours and no line covers becomes an added step: not on your checklist, and it blocks clean."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from sendoff.model.case import Case
from sendoff.model.event import StepAdded
from sendoff.model.facts import Facts
from sendoff.model.inventory import Item, Kind, Whose
from sendoff.model.situation import Owned
from sendoff.model.state import SETTLED, State, StepId
from sendoff.model.step import Step
from sendoff.rules.administrators import ENOUGH, own_administrators
from sendoff.rules.choosing import kept, named
from sendoff.rules.deadlines import WATCHED, watch_is_early
from sendoff.rules.judging import is_residue
from sendoff.rules.keys import is_executors
from sendoff.rules.ordering import befores


def added(case: Case, owned: Sequence[Owned], steps: Sequence[Step]) -> tuple[StepAdded, ...]:
    """The steps to add for what is ours, stays by no agreement, and no step of this case makes an end to."""
    found: dict[StepId, list[Owned]] = defaultdict(list)
    if case.withdrawn:
        return ()
    for one in owned:
        step = covering(one.item, case.facts, steps)
        if (is_residue(case, one) or _executor(case, one)) and step is not None and _needs_adding(case, step):
            found[step.id].append(one)
    by_id = {step.id: step for step in steps}
    for name, called_for in _CALLED_FOR.items():
        ones = called_for(case, owned)
        if ones and name in by_id and case.standing(name) is None:
            found[name] = ones
    waits = befores(steps) if found else {}
    return tuple(_added(case, by_id[step], ones, waits[step]) for step, ones in found.items())


def _renewing(case: Case, owned: Sequence[Owned]) -> list[Owned]:
    """H49: what renews itself unless somebody switches it off at notice."""
    return [one for one in owned if one.item.kind in _RENEWS and is_residue(case, one)]


_RENEWS = frozenset({Kind.CONTRACT, Kind.COMMITMENT})


def _kept_secrets(case: Case, owned: Sequence[Owned]) -> list[Owned]:
    """H6: the customer's secrets in our vault, when this case hands them over; while a row of the scope stays with us,
    they are needed for it."""
    hands_over = case.standing(StepId("hand-over-secrets"))
    if hands_over is None or hands_over.state is State.NOT_APPLICABLE or not case.facts.all_leave:
        return []
    return [one for one in owned if one.item.kind is Kind.SECRET and one.provenance.whose is Whose.CUSTOMERS]


def _too_few(case: Case, owned: Sequence[Owned]) -> list[Owned]:
    """H2: accounts are to be removed, and the customer has fewer than two administrators of their own."""
    administrators = [one for one in owned if one.item.kind is Kind.ADMINISTRATOR]
    removes = case.standing(StepId("remove-accounts"))
    if not administrators or removes is None or removes.state is State.NOT_APPLICABLE:
        return []
    enough = len(own_administrators([one.item for one in administrators])) >= ENOUGH
    return [] if enough else administrators


def _early(case: Case, owned: Sequence[Owned]) -> list[Owned]:
    """H47: accounts and apps of ours whose watch cannot wait for all that goes before their end."""
    if not watch_is_early(case.facts):
        return []
    return [
        one
        for one in owned
        if one.item.kind in WATCHED and is_residue(case, one) and not _waived_away(case, one.item.kind)
    ]


def _waived_away(case: Case, kind: Kind) -> bool:
    ends = case.standing(StepId("remove-service-principals" if kind is Kind.SERVICE_PRINCIPAL else "remove-accounts"))
    return ends is not None and ends.state is State.NOT_APPLICABLE and ends.by is not None


def _unannounced(case: Case, owned: Sequence[Owned]) -> list[Owned]:
    """The customer's secrets that are about to be read, where somebody of ours wants to know before."""
    reads = case.standing(StepId("export-secrets"))
    if not case.facts.provider.security or reads is None or reads.state in (State.NOT_APPLICABLE, State.DONE):
        return []
    return [one for one in owned if one.item.kind is Kind.SECRET and one.provenance.whose is Whose.CUSTOMERS]


_CALLED_FOR: Mapping[StepId, Callable[[Case, Sequence[Owned]], list[Owned]]] = {
    StepId("announce-reading"): _unannounced,
    StepId("make-administrators"): _too_few,
    StepId("stop-renewals"): _renewing,
    StepId("disable-accounts"): _early,
    StepId("erase-secrets"): _kept_secrets,
}
"""Added steps that something calls for although no line makes an end to it, or makes it too late."""


def meeting_moved(case: Case, facts: Facts, step: Step) -> tuple[StepAdded, ...]:
    """The step to add when the facts give another start to a meeting that everybody is invited to, or take it back."""
    met, again = case.standing(StepId("meet")), case.standing(step.id)
    if facts.meeting is None or facts.meeting == case.facts.meeting or met is None or met.state is not State.DONE:
        return ()
    if again is not None and again.state not in SETTLED:
        return ()
    why = "the meeting is off" if facts.meeting.off else f"the meeting is at {facts.meeting.starts:%Y-%m-%d %H:%M}"
    return (
        StepAdded(
            step=step.id,
            text=named(step.line, facts),
            role=step.role,
            reason=f"not on your checklist: by the facts {why}",
            refs=(),
            after=tuple(sorted(step.after)),
            major=step.major,
        ),
    )


def covering(item: Item, facts: Facts, steps: Sequence[Step]) -> Step | None:
    """The step that makes an end to a thing; for the identity we work with, the one that comes last."""
    last = item.kind is Kind.SERVICE_PRINCIPAL and is_executors(item, facts)
    return next((step for step in steps if item.kind in step.covers and step.last is last), None)


def _executor(case: Case, one: Owned) -> bool:
    """The identity we work with is no residue while the case runs, but its own end must be somebody's step."""
    kept_here = one.item.kind in kept(case.facts)
    return one.item.kind is Kind.SERVICE_PRINCIPAL and is_executors(one.item, case.facts) and not kept_here


def _needs_adding(case: Case, step: Step) -> bool:
    standing = case.standing(step.id)
    return standing is None or (standing.state is State.NOT_APPLICABLE and standing.by is None)


def _added(case: Case, step: Step, ones: Sequence[Owned], after: frozenset[StepId]) -> StepAdded:
    kinds = ", ".join(sorted({str(one.item.kind) for one in ones}))
    return StepAdded(
        step=step.id,
        text=named(step.line, case.facts),
        role=step.role,
        reason=f"not on your checklist: a look found {len(ones)} of ours ({kinds})",
        refs=tuple(sorted(one.item.ref for one in ones)),
        after=tuple(sorted(after)),
        major=step.major,
    )
