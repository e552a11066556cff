"""Runbook x Facts -> the lines of this case, each with the reason why it applies or does not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sendoff.model.facts import Facts, LeavesCsp
from sendoff.model.inventory import Item, Kind
from sendoff.model.runbook import Line, OpenedStep, Runbook
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.model.template import Tier
from sendoff.rules.ordering import befores


def _csp(facts: Facts) -> str:
    if facts.leaves_csp is LeavesCsp.NO:
        return "the customer stays in our CSP by agreement"
    if facts.leaves_csp is LeavesCsp.NEVER_WAS:
        return "the customer never was in our CSP"
    return ""


def _csp_with_supplier(facts: Facts) -> str:
    return _csp(facts) or (f"there is no new supplier: {facts.no_supplier_because}" if facts.supplier is None else "")


def _supplier(facts: Facts) -> str:
    return f"there is no new supplier: {facts.no_supplier_because}" if facts.supplier is None else ""


def _no_administrator(facts: Facts) -> str:
    if facts.supplier is not None and facts.supplier.administrator is None and facts.no_administrator_because:
        return f"the customer permits no administrator of {facts.supplier.name}: {facts.no_administrator_because}"
    return _supplier(facts)


def _stays_csp(facts: Facts) -> str:
    return "kept by agreement for the CSP service that goes on" if facts.remaining is Tier.CSP else ""


def _tenant_wide(facts: Facts) -> str:
    return "" if facts.all_leave else "a subscription stays with us: tenant-wide things and keys go with the last row"


_WHY_NOT: Mapping[str, Callable[[Facts], str]] = {
    "migration-details": _csp_with_supplier,
    "accept-transfer": _csp_with_supplier,
    "create-administrator": _no_administrator,
    "remove-accounts": _tenant_wide,
    "remove-lighthouse": _stays_csp,
    "disable-reassure": lambda facts: _stays_csp(facts) or _tenant_wide(facts),
}


TAIL_LINES = frozenset({"notice", "accept-transfer", "disable-reassure", "remove-articles", "terminate-contract"})
"""What of the checklist hangs on our CSP part, and goes on in a tail case."""


def chosen(
    runbook: Runbook, facts: Facts, steps: Sequence[Step]
) -> tuple[tuple[OpenedStep, ...], tuple[OpenedStep, ...]]:
    """The steps of this case, and the lines of the other tiers, all with their reasons; no line is lost."""
    waits = befores(steps)
    known = {step.id: replace(step, after=waits[step.id]) for step in steps}
    mine, others = [], []
    for line in runbook.lines:
        if line.tier is None or line.tier is facts.ending:
            mine.append(_row(line, facts, known.get(line.step), *_judged(line, facts)))
        else:
            others.append(
                _row(line, facts, known.get(line.step), False, f"the tier that ends is {facts.ending}, not {line.tier}")
            )
    return tuple(mine), tuple(others)


def _judged(line: Line, facts: Facts) -> tuple[bool, str]:
    if facts.tail_of and line.step not in TAIL_LINES:
        return False, f"case {facts.tail_of} does this"
    ask = _WHY_NOT.get(line.step)
    why_not = ask(facts) if ask else ""
    if why_not:
        return False, why_not
    if line.removed:
        return False, "removed in the file; its gates stay"
    return True, "stage 0 comes first in every tier" if line.tier is None else f"the tier that ends is {line.tier}"


def _row(line: Line, facts: Facts, step: Step | None, applicable: bool, reason: str) -> OpenedStep:
    return OpenedStep(
        step=line.step,
        line=line.line,
        section=line.section,
        text=named(line.text, facts),
        role=line.role,
        major=step.major if step else 1,
        applicable=applicable,
        reason=reason,
        after=tuple(sorted(step.after)) if step else (StepId("confirm-termination"),),
        gives=step.gives if step else "",
        by_hand=line.by_hand,
        removed=line.removed,
    )


def named(text: str, facts: Facts) -> str:
    """A line of the checklist with the names filled in."""
    return text.replace("%provider%", facts.provider.name).replace("%customer%", facts.customer.name)


_TRACES = frozenset(
    {
        Kind.SIGN_IN_METHOD,
        Kind.APP_REGISTRATION,
        Kind.TRUST,
        Kind.CONSENT,
        Kind.ACCESS_POLICY,
        Kind.NAMED_LOCATION,
        Kind.NOTICE_CONTACT,
        Kind.PARTNER_LINK,
    }
)
"""What lies in the customer's directory and its settings, and is needed for as long as we work there."""

_CARDS = frozenset({Kind.PORTAL_USER, Kind.BRANCH, Kind.CONTACT_PERSON, Kind.ASSET})
"""How our own portal and service desk know a customer."""


def kept(facts: Facts) -> frozenset[Kind]:
    """Kinds of ours that stay by agreement, and so are not residue."""
    kinds: set[Kind] = set()
    if facts.remaining is Tier.CSP:
        kinds |= {Kind.DELEGATION, Kind.DELEGATION_DEFINITION, Kind.ROLE_ASSIGNMENT, Kind.SERVICE_PRINCIPAL}
        kinds |= {Kind.DIRECTORY_GROUP, Kind.DIRECTORY_ROLE, *_TRACES}
        kinds |= {Kind.COMMITMENT, Kind.RELATIONSHIP, Kind.GDAP, *_CARDS}
    if facts.tail:
        kinds |= {Kind.COMMITMENT, Kind.RELATIONSHIP, *_CARDS}
    if not facts.all_leave:
        kinds |= {Kind.USER, Kind.GUEST, Kind.SERVICE_PRINCIPAL, Kind.ROLE_ASSIGNMENT}
        kinds |= {Kind.DIRECTORY_GROUP, Kind.DIRECTORY_ROLE, *_TRACES}
        kinds |= {Kind.RELATIONSHIP, Kind.GDAP, *_CARDS}
    return frozenset(kinds)


_PEOPLE = frozenset({"user", "guest"})
"""Holders whose accounts go when everything leaves, and their roles with them."""


def stays(item: Item, facts: Facts) -> bool:
    """True when this thing of ours stays by agreement."""
    if item.kind is Kind.CONTACT_PERSON and item.fact("operator") == "ours":
        return True
    if item.kind is Kind.DIRECTORY_ROLE and item.fact("principalKind") in _PEOPLE and facts.all_leave:
        return False
    if item.kind is Kind.ARTICLE and (facts.remaining is Tier.CSP or facts.tail):
        return item.fact("charge") == "consumption"
    return item.kind in kept(facts)
