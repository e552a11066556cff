"""What a person could do with a step now, each deed with the reason why not. It decides nothing: the doors do."""

from dataclasses import dataclass

from sendoff.model.case import Case, Standing
from sendoff.model.people import Person, Role
from sendoff.model.state import Move, State
from sendoff.rules.life import allows
from sendoff.steps import by_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Possible:
    """One deed at the desk. `why_not` is empty when the door will let this person through, as far as can be seen."""

    deed: str
    why_not: str = ""


def possible(case: Case, one: Standing, who: Person) -> tuple[Possible, ...]:
    """Every deed that the state of this step allows, in the order in which people need them."""
    rows = (
        ("plan", _plan(one, who)),
        ("approve", _approve(one, who)),
        ("refuse", _of_role(one, who, Role.PRACTICE_LEAD)),
        ("reword", _reword(one, who)),
        ("attest", _of_role(one, who)),
        ("not-applicable", _of_role(one, who, Role.PRACTICE_LEAD)),
        ("waive", _waive(one, who)),
        ("stop", ""),
        ("resume", _of_role(one, who, Role.PRACTICE_LEAD)),
    )
    shut = _closed(case, who)
    return tuple(Possible(deed=deed, why_not=shut or why) for deed, why in rows if _allowed(one, deed))


def _closed(case: Case, who: Person) -> str:
    if case.certificate is not None:
        return "the case is closed"
    return "you are excluded from this case; no role changes that" if who.id in case.facts.excluded else ""


_MOVES = {
    "approve": Move.APPROVE,
    "refuse": Move.REFUSE,
    "attest": Move.ATTEST,
    "not-applicable": Move.SKIP,
    "waive": Move.WAIVE,
    "stop": Move.STOP,
    "resume": Move.RESUME,
}


def _allowed(one: Standing, deed: str) -> bool:
    """True when the table has the move, and the step is one of which it makes sense."""
    machine = not one.by_hand and by_id(one.step).plan is not None
    if deed == "plan":
        return machine and one.state in (State.READY, State.PLANNED, State.LEFT, State.APPROVED)
    if deed == "reword":
        return machine and one.state is State.PLANNED and bool(by_id(one.step).letters)
    if deed == "attest" and machine and one.state is not State.READY and one.state is not State.LEFT:
        return False
    if deed == "not-applicable" and not one.by_hand and by_id(one.step).grave:
        return False
    return allows(one.state, _MOVES[deed])


def _of_role(one: Standing, who: Person, *more: Role) -> str:
    wanted = {one.role, *more}
    return "" if who.roles & wanted else f"this takes {' or '.join(sorted(wanted))}"


def _plan(one: Standing, who: Person) -> str:
    return _of_role(one, who, *((Role.ENGINEER,) if one.role is Role.PRACTICE_LEAD else ()))


def _reword(one: Standing, who: Person) -> str:
    return _of_role(one, who, Role.PRACTICE_LEAD, *((Role.ENGINEER,) if one.role is Role.PRACTICE_LEAD else ()))


def _approve(one: Standing, who: Person) -> str:
    if who.id in one.proposers:
        mine = "proposed this plan" if who.id in (one.proposer, one.laid_by) else "changed the words of a letter in it"
        return f"you {mine}; a second person approves it"
    return _of_role(one, who, Role.PRACTICE_LEAD)


def _waive(one: Standing, who: Person) -> str:
    wish = one.waiver_asked
    return _of_role(one, who, Role.PRACTICE_LEAD) if wish is not None and wish.by != who.id else ""
