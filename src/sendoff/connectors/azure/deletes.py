"""Removing by id: our own look at locks, the vendor's answer, and the operation that goes on by itself."""

from collections.abc import Container, Sequence

from sendoff.connectors.azure.client import IN_USE, SYSTEM, Arm, Operation
from sendoff.connectors.azure.ids import scope_of, under
from sendoff.connectors.azure.lists import brief
from sendoff.connectors.wire.body import Object, dig, parsed, text
from sendoff.connectors.wire.client import Answer
from sendoff.model.errors import Confusing, Refused
from sendoff.model.facts import Facts
from sendoff.model.inventory import Kind, System
from sendoff.model.key import Key
from sendoff.model.plan import Action, Again, Outcome, Receipt

SOON = 2.0
FREE = frozenset({Kind.LOCK, Kind.DELEGATION})
"""Kinds that no lock holds: a lock itself, and our own way in, which the customer wants gone."""
SHUT = frozenset({401, 403})
BUSY = frozenset({"Conflict", *IN_USE})
"""Codes of an operation that failed because something else still uses the thing."""


def refusal(arm: Arm, action: Action, facts: Facts) -> Receipt | None:
    """Why we do not even ask: a lock that is not ours covers it (Lighthouse callers are not stopped by locks), or a
    group is not empty."""
    if action.kind not in FREE and _locked(arm.locks_before(action.step), action, _recorded(facts, Kind.LOCK)):
        return Receipt(outcome=Outcome.REFUSED, code="ScopeLocked", said=(("by", "a lock that is not ours"),))
    if action.kind is Kind.GROUP:
        inside = len(brief(arm, action.target))
        if inside:
            return Receipt(outcome=Outcome.REFUSED, code="GroupNotEmpty", said=(("inside", str(inside)),))
    return None


def not_our_own_right(row: Object | None, action: Action, facts: Facts) -> None:
    """H3: the role assignment that this program works by goes last, by a person's hand."""
    executor = facts.provider.executor
    if executor and row is not None and text(row, "properties", "principalId").lower() == executor.lower():
        raise Refused(f"remove {action.name}: this program works by it; it goes last, by a person's hand")


def removed(arm: Arm, action: Action, version: str) -> Receipt | Again:
    """DELETE, and what its answer means: 200, 204 done; 404 was gone; 202 goes on."""
    answer = arm.delete(action.target, version)
    if answer.status == 202:
        return Again(seconds=answer.seconds(SOON), operation=address(answer))
    return Receipt(outcome=Outcome.FOUND if answer.status == 404 else Outcome.DONE, code=str(answer.status))


def followed(arm: Arm, action: Action, operation: str) -> Receipt | Again:
    """GET the operation: an own status when it is Azure-AsyncOperation, else 202 until it is done."""
    own = action.kind is Kind.DELEGATION and action.key is Key.LIGHTHOUSE
    answer = arm.poll(operation, frozenset({200, 202, 204, 404}) | (SHUT if own else frozenset()))
    if answer.status in SHUT or answer.status == 404:
        return _out_of_sight(arm, answer, own)
    if answer.status == 202:
        return Again(seconds=answer.seconds(SOON), operation=operation)
    status = answer.shaped(Operation).status if answer.status == 200 and answer.body else ""
    if status in ("", "Succeeded"):
        return Receipt(outcome=Outcome.DONE, code=status or str(answer.status))
    if status in ("Failed", "Canceled"):
        code = text(dig(parsed(answer.body), "error", "code")) or status
        again = (("again", "when nothing uses it"),) if code in BUSY else ()
        return Receipt(outcome=Outcome.REFUSED, code=code, said=again)
    return Again(seconds=answer.seconds(SOON), operation=operation)


def _out_of_sight(arm: Arm, answer: Answer, own: bool) -> Receipt:
    """The operation cannot be seen. After removing our own delegation a fresh token tells; else a look must."""
    if own:
        arm.fresh()
        if not arm.visible():
            return Receipt(outcome=Outcome.DONE, code=answer.code, said=(("access", "ended"),))
    return Receipt(outcome=Outcome.UNKNOWN, code=answer.code or str(answer.status))


def address(answer: Answer) -> str:
    """Where to ask after an operation: Azure-AsyncOperation before Location. Confusing when there is neither."""
    found = answer.headers.get("azure-asyncoperation") or answer.headers.get("location") or ""
    if not found:
        raise Confusing(f"{answer.what}: accepted, but no address to ask at", system=SYSTEM)
    return found


def _recorded(facts: Facts, kind: Kind) -> frozenset[str]:
    return frozenset(one.id.lower() for one in facts.record if one.system is System.AZURE and one.kind is kind)


def _locked(locks: Sequence[Object], action: Action, ours: Container[str]) -> bool:
    for lock in locks:
        scope = scope_of(text(lock, "id"))
        below = action.kind is Kind.GROUP and under(scope, action.target)
        if (under(action.target, scope) or below) and text(lock, "id").lower() not in ours:
            return True
    return False


ENDED = frozenset({"canceled", "succeeded", "failed", "complete"})
"""States of a remediation that moves no more."""


def cancelled(arm: Arm, action: Action, version: str) -> Receipt | Again:
    """POST …/cancel of a remediation; it ends a moment later, and is asked for until it has."""
    answer = arm.post(f"{action.target}/cancel", version, {}, "cancel a remediation")
    if answer.status == 404:
        return Receipt(outcome=Outcome.FOUND, code="NotFound")
    return ended(arm, action, version)


def ended(arm: Arm, action: Action, version: str) -> Receipt | Again:
    """GET the remediation: done when it has ended, or is not there any more."""
    row = arm.read(action.target, version)
    state = text(row, "properties", "provisioningState") if row is not None else "Canceled"
    if state.lower() in ENDED:
        return Receipt(outcome=Outcome.DONE, code=state)
    return Again(seconds=SOON, operation=action.target)
