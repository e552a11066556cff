"""Plan, deeds and a second look -> verdicts. Only gone (or, for what was made, there) is done."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sendoff.model.case import Case
from sendoff.model.inventory import BlindSpot, Item, Kind, Verb, Whose
from sendoff.model.plan import AGAIN, SURPRISES, Action, Deed, LeftAlone, Outcome, Plan
from sendoff.model.situation import Owned
from sendoff.model.state import Move
from sendoff.model.step import Step
from sendoff.model.verdict import Judgement, Verdict
from sendoff.rules.choosing import stays
from sendoff.rules.keys import is_executors
from sendoff.rules.planning import exported, keeps_backups

BINS = frozenset({Kind.DELETED_ITEM, Kind.DELETED_RESOURCE})
"""Kinds of what is deleted and can still be restored."""
NOT_RESIDUE = frozenset(
    {
        Kind.DELEGATION_DEFINITION,
        Kind.ADMINISTRATOR,
        Kind.SECRET,
        Kind.SECRET_LIST,
        Kind.SECRET_ACCESS,
        Kind.GROUP,
        Kind.CALL,
        Kind.CHANGE,
        Kind.ACTIVITY,
        Kind.INVOICE,
        Kind.INVOICE_DRAFT,
        Kind.TRANSFER,
        Kind.POLICY_DEPLOYMENT,
        *BINS,
    }
)
"""Kinds that are nothing of ours at the customer: definitions without an assignment grant nothing, administrators are
read for the lock-out gate only, secrets lie in our own vault until their own step, an empty group is the customer's,
calls, changes, activities, invoices and transfers are history that is kept, and what is deleted and can be
restored is said, not removed."""

LASTING = frozenset({Verb.REMOVE, Verb.END, Verb.PUT_BACK})
"""Verbs that take away or end what was there: each thing is read again directly afterwards."""
Seen = Mapping[tuple[str, Verb], str]
"""How what was made or sent was seen afterwards, by ref and verb."""
Deeds = Mapping[tuple[str, Verb], Deed]
"""The newest deed by ref and verb."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """A direct second read of one target: there, not there, or not readable."""

    item: Item | None
    failed: str = ""
    how: str = ""
    as_before: bool = False
    """For what is put back after a withdrawal: it is as its before-image tells."""


def lasting(plan: Plan) -> tuple[Action, ...]:
    """What the plan takes away or ends. Disabling is a step on the way, unless it is all that happens to a thing."""
    removed = {action.ref for action in plan.actions if action.verb in LASTING}
    return tuple(
        action
        for action in plan.actions
        if action.verb in LASTING or (action.verb is Verb.DISABLE and action.ref not in removed)
    )


def judge_removals(plan: Plan, rereads: Mapping[str, Reread], deeds: Deeds) -> tuple[Judgement, ...]:
    """One verdict for each thing the plan takes away or ends."""
    return tuple(
        _judge_removal(action, rereads[action.ref], deeds.get((action.ref, action.verb))) for action in lasting(plan)
    )


def _judge_removal(action: Action, reread: Reread, deed: Deed | None) -> Judgement:
    if reread.failed:
        return _judged(action, Verdict.UNKNOWN, reread.how, f"could not look again: {reread.failed}")
    if action.said(AGAIN):
        return _judge_again(action, reread)
    if reread.item is None:
        return _judged(action, Verdict.GONE, f"{reread.how}{_restorable(deed)}", "")
    if action.verb in (Verb.END, Verb.DISABLE) and reread.item.fact("ended") == "yes":
        return _judged(action, Verdict.THERE, f"{reread.how}: it has ended", "")
    if action.verb is Verb.DISABLE and reread.item.fact("enabled") == "no":
        return _judged(action, Verdict.THERE, f"{reread.how}: it is disabled", "")
    if action.by_person:
        return _judged(action, Verdict.HELD, reread.how, awaited(action))
    return _judged(action, Verdict.LEFT, reread.how, _still_there(deed))


def _still_there(deed: Deed | None) -> str:
    """Why: by the vendor's answer, or by our own no, of which the vendor never heard."""
    if deed is None:
        return "still there"
    if deed.receipt.code == "ByUs":
        said = next((value for name, value in deed.receipt.said if name == "why"), "")
        return f"still there; we did not do it: {said}".removesuffix(": ")
    return f"still there; the vendor answered {deed.receipt.outcome} {deed.receipt.code}".strip()


def _judge_again(action: Action, reread: Reread) -> Judgement:
    """What was put back must be there, enabled, and as it was."""
    if reread.item is None:
        return _judged(action, Verdict.LEFT, reread.how, "it is not there again")
    if reread.item.fact("enabled") == "no":
        return _judged(action, Verdict.LEFT, reread.how, "it is there, and still disabled")
    if not reread.as_before:
        return _judged(action, Verdict.LEFT, reread.how, "it is there, and not as its before-image tells")
    return _judged(action, Verdict.THERE, f"{reread.how}: it is there again, as it was", "")


def _restorable(deed: Deed | None) -> str:
    """F11: gone, and still to be had: never gone without a word about it."""
    said = dict(deed.receipt.said) if deed is not None else {}
    if "backups" in said:
        return f": erased; backups {said['backups']}"
    if "restorable" not in said:
        return ""
    return f": deleted, restorable until {said['until']}" if "until" in said else ": deleted, restorable for 30 days"


def awaited(action: Action) -> str:
    """What we wait for when a person does it."""
    return f"a person does it, and it was not seen yet: {action.why}"


def judge_others(
    plan: Plan, deeds: Deeds, seen: Seen, unseen: Seen | None = None, partly: Seen | None = None
) -> tuple[Judgement, ...]:
    """One verdict for each thing that was made, sent, exported, disclosed or accepted. `unseen` says why something
    could not be looked for, `partly` what the vendor says of what went in part: that is left."""
    halves = partly or {}
    ended = {id(action) for action in lasting(plan)}
    others = [one for one in plan.actions if id(one) not in ended and one.verb is not Verb.DISABLE]
    return tuple(
        _judged(action, Verdict.LEFT, "looked for", halves[action.ref, action.verb])
        if (action.ref, action.verb) in halves
        else _judge_other(
            action,
            deeds.get((action.ref, action.verb)),
            seen.get((action.ref, action.verb), ""),
            (unseen or {}).get((action.ref, action.verb), ""),
        )
        for action in others
    )


def _judge_other(action: Action, deed: Deed | None, seen: str, unseen: str) -> Judgement:
    if seen:
        return _judged(action, Verdict.THERE, seen, "")
    if unseen:
        return _judged(action, Verdict.UNKNOWN, "looked for", f"could not look again: {unseen}")
    if action.by_person:
        return _judged(action, Verdict.HELD, "looked for", awaited(action))
    if deed is not None and deed.receipt.outcome is Outcome.ASKED:
        return _judged(action, Verdict.HELD, "looked for", "the vendor took it and goes on with it by itself")
    said = f"{deed.receipt.outcome} {deed.receipt.code}".strip() if deed else "nothing was done"
    return _judged(action, Verdict.UNKNOWN, "looked up again", f"it was not seen afterwards; {said}")


def _judged(action: Action, verdict: Verdict, how: str, why: str) -> Judgement:
    return Judgement(ref=action.ref, name=action.name, verdict=verdict, how=how, why=why)


def judge_rest(
    plan: Plan, after: Sequence[Owned], blind: Sequence[BlindSpot], residue: frozenset[str]
) -> tuple[Judgement, ...]:
    """Verdicts on what the lists show afterwards beyond the plan. `residue` holds refs that count as left when ours."""
    known = {action.ref for action in plan.actions}
    reasons = {one.item.ref: one.why for one in plan.left}
    judged = [
        Judgement(
            ref=one.item.ref,
            name=one.item.name,
            verdict=Verdict.LEFT,
            how="list",
            why=reasons.get(one.item.ref, "ours, and in no approved plan"),
        )
        for one in after
        if one.item.ref in residue and one.item.ref not in known
    ]
    judged += [
        Judgement(ref=one.item.ref, name=one.item.name, verdict=Verdict.UNKNOWN, how="list", why=_why_unknown(one))
        for one in after
        if one.provenance.whose is Whose.UNKNOWN and one.item.ref not in known
    ]
    judged += [
        Judgement(ref=spot.cell.name, name=spot.cell.name, verdict=Verdict.UNKNOWN, how="list", why=spot.reason)
        for spot in blind
    ]
    return tuple(judged)


def of_step(
    step: Step, owned: Sequence[Owned], blind: Sequence[BlindSpot]
) -> tuple[tuple[Owned, ...], tuple[BlindSpot, ...]]:
    """What a look says of the step itself: what it only takes along is judged by the plan and by its own step."""
    along = step.takes_along - step.covers - step.looks_at
    return (
        tuple(one for one in owned if one.item.kind not in along),
        tuple(spot for spot in blind if spot.cell.kind not in along),
    )


def is_residue(case: Case, one: Owned) -> bool:
    """True for what is ours, stays by no agreement, and is not handed over with the customer's data in it."""
    if one.provenance.whose is not Whose.OURS or one.item.kind in NOT_RESIDUE or stays(one.item, case.facts):
        return False
    if one.item.fact("ended") == "yes" or one.hold:
        return False
    if is_executors(one.item, case.facts):
        return False
    if keeps_backups(one.item) or (one.item.holds_data and not exported(case.proofs)):
        return False
    return one.item.fact("inherited") != "yes" and one.item.fact("builtin") != "yes"


def residue(case: Case, seen: Sequence[Owned], kinds: frozenset[Kind]) -> frozenset[str]:
    """Refs of residue of these kinds."""
    return frozenset(one.item.ref for one in seen if one.item.kind in kinds and is_residue(case, one))


def _why_unknown(one: Owned) -> str:
    return "whose it is is not known: " + "; ".join(one.provenance.reasons)


def verdict_of(judgements: Sequence[Judgement]) -> tuple[Move, str]:
    """What all verdicts together mean for the step, and why in words."""
    counts = Counter(judgement.verdict for judgement in judgements)
    if counts[Verdict.LEFT] or counts[Verdict.UNKNOWN]:
        worst = next(one for one in judgements if one.verdict in (Verdict.LEFT, Verdict.UNKNOWN))
        rest = counts[Verdict.LEFT] + counts[Verdict.UNKNOWN] - 1
        more = f", and {rest} more" if rest else ""
        return Move.LEAVE, f"{worst.name}: {worst.why}{more}"
    if counts[Verdict.HELD]:
        first = next(one for one in judgements if one.verdict is Verdict.HELD)
        return Move.HOLD, f"{first.name}: {first.why}"
    good = counts[Verdict.GONE] + counts[Verdict.THERE]
    return Move.CLEAN, f"{good} verified by a second look" if good else "a look found nothing of ours to do"


def outcomes(deeds: Sequence[Deed]) -> tuple[tuple[str, int], ...]:
    """Counts by outcome, for an event body."""
    return tuple(sorted(Counter(str(deed.receipt.outcome) for deed in deeds).items()))


def surprises_in_a_row(deeds: Sequence[Deed]) -> int:
    """The longest row of deeds, one after another, that did not end as approved."""
    longest = row = 0
    for deed in deeds:
        row = row + 1 if deed.receipt.outcome in SURPRISES else 0
        longest = max(longest, row)
    return longest


def failed(deeds: Sequence[Deed]) -> tuple[Deed, ...]:
    """Deeds that did not end as approved."""
    return tuple(deed for deed in deeds if deed.receipt.outcome not in (Outcome.DONE, Outcome.FOUND))


def kept_on_purpose(plan: Plan) -> tuple[LeftAlone, ...]:
    """What is ours and stays: printed on the certificate, not residue."""
    return tuple(one for one in plan.left if one.disposition is not None)
