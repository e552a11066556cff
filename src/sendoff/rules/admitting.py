"""Whether whoever takes over can sign in at all: Conditional Access that lets in from our addresses alone (H50)."""

from collections.abc import Sequence

from sendoff.model.errors import Refused
from sendoff.model.gate import Gate, Open, Shut
from sendoff.model.inventory import Inventory, Item, Kind, Verb
from sendoff.model.proof import ProofKind
from sendoff.rules.administrators import may_lock_out
from sendoff.rules.asking import Question

MEND = (
    "the customer adds addresses of their own and of the new supplier to its named location, or leaves the new "
    "administrator out of it, in the Entra admin centre > Conditional Access"
)


def lets_others_in(ask: Question) -> Gate:
    """H50: the newest look found no policy in force by which nobody comes in but from our addresses."""
    if not any(may_lock_out(action) for action in (ask.plan.actions if ask.plan else ())) and not ask.does(
        Verb.CREATE, Kind.NEW_ADMINISTRATOR
    ):
        return Open(gate="sign-in", reason="nobody has to come in instead of us")
    seen = ask.case.proven(ProofKind.ADMINISTRATORS)
    if seen is not None and seen.about:
        reason = f"Conditional Access lets in from our addresses alone ({len(seen.about)} such): first {MEND} (H50)"
        return Shut(gate="sign-in", reason=reason, who="the customer")
    return Open(gate="sign-in", reason="no policy was seen that lets in from our addresses alone")


def only_us(items: Sequence[Item]) -> tuple[str, ...]:
    """The names of the policies by which nobody comes in but from our addresses."""
    return tuple(one.name for one in items if _admits_only_us(one))


def _admits_only_us(item: Item) -> bool:
    return item.kind is Kind.ACCESS_POLICY and item.fact("admits") == "only us"


def in_the_way(seen: Inventory) -> tuple[str, ...] | None:
    """The refs of such policies; None when no key of ours reads them."""
    if not any(cell.kind is Kind.ACCESS_POLICY for cell in seen.read):
        return None
    return tuple(one.ref for one in seen.items if _admits_only_us(one))


def must_admit(step: str, seen: Inventory) -> None:
    """Refused while such a policy is in force: nobody would be left who can come in when we are gone."""
    shut = only_us(seen.items)
    if shut:
        raise Refused(f"{step}: {shut[0]}, so nobody but us can sign in. First {MEND} (H50)")


def unread(seen: Inventory) -> str:
    """What to say where no key of ours reads the policies; empty where one does."""
    spots = [spot.reason for spot in seen.blind if spot.cell.kind is Kind.ACCESS_POLICY]
    return f"whether Conditional Access lets them in was not looked at: {spots[0]}" if spots else ""
