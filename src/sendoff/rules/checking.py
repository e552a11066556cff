"""H36: a line that removes, grants or hands over and that only a word settles is looked at by a second person."""

from collections.abc import Collection

from sendoff.model.case import Case, Standing
from sendoff.model.people import PersonId
from sendoff.model.proof import ProofKind
from sendoff.model.state import State, StepId


def checker(case: Case, one: Standing) -> PersonId | None:
    """Who looked at the evidence of that word since it was given, and is not who gave it; None when nobody did."""
    found = [
        proof.by
        for proof in case.proofs
        if proof.kind is ProofKind.WORDS_CHECKED
        and proof.seq > one.settled_seq
        and proof.by != one.by
        and str(one.step) in (proof.about or ())
    ]
    return found[-1] if found else None


def words(case: Case, grave: Collection[StepId]) -> tuple[Standing, ...]:
    """The lines of these that somebody's word settled."""
    return tuple(one for one in case.steps.values() if one.state is State.ATTESTED and one.step in grave)


def unchecked(case: Case, grave: Collection[StepId]) -> tuple[str, ...]:
    """What to say of each such word at which nobody else looked."""
    return tuple(
        f"{one.step} is one person's word alone: somebody else looks at its evidence and attests words-checked"
        for one in words(case, grave)
        if checker(case, one) is None
    )
