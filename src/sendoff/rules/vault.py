"""Gates on what no key of ours sees in the vault: who else uses a secret, private lists, seeds of one-time codes."""

from sendoff.model.gate import Gate, Open, Shut
from sendoff.model.inventory import Kind, Verb
from sendoff.model.people import Role
from sendoff.model.proof import ProofKind
from sendoff.model.state import SETTLED, StepId
from sendoff.rules.asking import Question
from sendoff.rules.outside import has_parcel

CODES = "one-time-code"
"""What an item and an action say of a record that also makes one-time codes."""
LEVEL, ADMIN = "level", "admin"
"""What an item says of how much somebody may on a list, and the most that there is."""
ANNOUNCED = StepId("announce-reading")
SHARED = "shared"
"""What an item says of a record that somebody else uses too."""


def _rotated(ask: Question) -> Gate:
    """A secret that others use too is withheld, and what the leaving customer knows of it must be worth nothing."""
    left = ask.plan.left if ask.plan and any(map(has_parcel, ask.plan.actions)) else ()
    known = [one.item.name for one in left if one.item.kind is Kind.SECRET and one.item.fact(SHARED)]
    if known and ask.case.proven(ProofKind.SHARED_ROTATED) is None:
        reason = (
            f"{len(known)} secrets are shared with others, such as {known[0]}: rotate each, and attest "
            f"{ProofKind.SHARED_ROTATED}"
        )
        return Shut(gate="shared secrets", reason=reason, who=Role.ENGINEER)
    return Open(gate="shared secrets", reason="what others use too was rotated" if known else "nothing here is shared")


def _private(ask: Question) -> Gate:
    """A private list shows to no key: only who owns one can say that nothing of the customer lies in it."""
    if not ask.does(Verb.REMOVE, Kind.SECRET, Kind.SECRET_LIST):
        return Open(gate="private lists", reason="no secret of the customer is erased")
    if ask.case.proven(ProofKind.PRIVATE_LISTS) is None:
        reason = (
            "private lists show to no key of ours: ask everybody who has one whether something of the customer lies in "
            f"it, or is linked into other lists, and attest {ProofKind.PRIVATE_LISTS}"
        )
        return Shut(gate="private lists", reason=reason, who=Role.ENGINEER)
    return Open(gate="private lists", reason="who has private lists was asked")


def _codes(ask: Question) -> Gate:
    """The seed of a one-time code never leaves the vault: the customer enrols anew before ours is gone."""
    erased = [one.name for one in ask.plan.actions if one.verb is Verb.REMOVE and one.said(CODES)] if ask.plan else []
    if erased and ask.case.proven(ProofKind.CODES_ENROLLED) is None:
        reason = (
            f"{len(erased)} records make one-time codes, such as {erased[0]}, and the vault does not give their seeds: "
            f"the customer enrols anew, then attest {ProofKind.CODES_ENROLLED}"
        )
        return Shut(gate="one-time codes", reason=reason, who="the customer")
    return Open(gate="one-time codes", reason="they were enrolled anew" if erased else "no one-time code ends here")


def _announced(ask: Question) -> Gate:
    """Many reads at once look like a theft: who of ours watches for that is told before the first one."""
    told = ask.case.standing(ANNOUNCED)
    if not ask.case.facts.provider.security or not ask.does(Verb.DISCLOSE, Kind.SECRET, Kind.SECRET_LIST):
        return Open(gate="announcement", reason="no secret is read, or nobody of ours wants to be told before")
    if told is None or told.state not in SETTLED:
        reason = f"{ask.case.facts.provider.security} was not told yet that they are read: first {ANNOUNCED}"
        return Shut(gate="announcement", reason=reason, who=Role.ENGINEER)
    return Open(gate="announcement", reason=f"{ask.case.facts.provider.security} was told before")


OF_THE_VAULT = (_announced, _rotated, _private, _codes)
"""All of them, in the order in which they are told."""
