"""From the lines of a manifest to rows of the record: each is of this customer, of a known kind, and has a real id.

A row of the record is the strongest sign that a thing is ours, and what is ours may be removed. So nothing is guessed:
a row that is not wholly understood stops the whole manifest.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sendoff.model.errors import BadInput
from sendoff.model.facts import Destination, Recorded, ScopeRow
from sendoff.model.inventory import Kind, System
from sendoff.rules.manifest import Line, complain

_GUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_UNDER = rf"/subscriptions/{_GUID}(?:/[^/]+)*"
_ABOVE = rf"(?:{_UNDER}|/providers/microsoft\.management/managementgroups/[^/]+)"
"""Where policies and rights may be: they come down from a management group too."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SUBSCRIPTION = re.compile(rf"/subscriptions/({_GUID})(?:/|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The system of a kind, and what its ids look like, in lower case and in words."""

    system: System
    like: str
    said: str


def _azure(tail: str, said: str, above: str = _UNDER) -> Form:
    return Form(system=System.AZURE, like=above + tail, said=f"an Azure id that ends in {said}")


_RESOURCE = rf"/subscriptions/{_GUID}/resourcegroups/[^/]+/providers/[^/]+(?:/[^/]+/[^/]+)+"
_RULES, _RIGHTS = r"/providers/microsoft\.authorization", "/providers/Microsoft.Authorization"
_DELEGATED, _SECURITY = r"/providers/microsoft\.managedservices", r"/providers/microsoft\.security"
_ID = Form(system=System.ENTRA, like=_GUID, said="an object id: 8-4-4-4-12 hex digits")
_NUMBER = "[1-9][0-9]*"
FORMS: Mapping[Kind, Form] = {
    Kind.RESOURCE: Form(system=System.AZURE, like=_RESOURCE, said="the whole Azure id of a resource in a group"),
    Kind.GROUP: Form(
        system=System.AZURE,
        like=rf"/subscriptions/{_GUID}/resourcegroups/[^/]+",
        said="/subscriptions/.../resourceGroups/NAME",
    ),
    Kind.POLICY_DEFINITION: _azure(rf"{_RULES}/policydefinitions/[^/]+", f"{_RIGHTS}/policyDefinitions/NAME", _ABOVE),
    Kind.POLICY_SET: _azure(rf"{_RULES}/policysetdefinitions/[^/]+", f"{_RIGHTS}/policySetDefinitions/NAME", _ABOVE),
    Kind.POLICY_ASSIGNMENT: _azure(rf"{_RULES}/policyassignments/[^/]+", f"{_RIGHTS}/policyAssignments/NAME", _ABOVE),
    Kind.POLICY_EXEMPTION: _azure(rf"{_RULES}/policyexemptions/[^/]+", f"{_RIGHTS}/policyExemptions/NAME", _ABOVE),
    Kind.ROLE_ASSIGNMENT: _azure(rf"{_RULES}/roleassignments/{_GUID}", f"{_RIGHTS}/roleAssignments/ID", _ABOVE),
    Kind.LOCK: _azure(rf"{_RULES}/locks/[^/]+", f"{_RIGHTS}/locks/NAME"),
    Kind.DIAGNOSTIC_SETTING: _azure(
        r"/providers/microsoft\.insights/diagnosticsettings/[^/]+",
        "/providers/Microsoft.Insights/diagnosticSettings/NAME",
    ),
    Kind.BUDGET: _azure(
        r"/providers/microsoft\.consumption/budgets/[^/]+", "/providers/Microsoft.Consumption/budgets/NAME"
    ),
    Kind.DELEGATION: _azure(rf"{_DELEGATED}/registrationassignments/{_GUID}", "registrationAssignments/ID"),
    Kind.DELEGATION_DEFINITION: _azure(rf"{_DELEGATED}/registrationdefinitions/{_GUID}", "registrationDefinitions/ID"),
    Kind.DEFENDER_PLAN: _azure(rf"{_SECURITY}/pricings/[^/]+", "/providers/Microsoft.Security/pricings/PLAN"),
    Kind.SECURITY_CONTACT: _azure(rf"{_SECURITY}/securitycontacts/default", "securityContacts/default"),
    Kind.TAG: Form(system=System.AZURE, like=_UNDER, said="the Azure id of what carries the tag"),
    Kind.USER: _ID,
    Kind.GUEST: _ID,
    Kind.SERVICE_PRINCIPAL: _ID,
    Kind.DIRECTORY_GROUP: _ID,
    Kind.DIRECTORY_ROLE: Form(
        system=System.ENTRA, like=r"[\w-]{16,128}", said="the id of an assignment, as Graph gives it"
    ),
    Kind.GDAP: Form(system=System.ENTRA, like=f"{_GUID}-{_GUID}", said="two ids of hex digits with - between"),
    Kind.PRTG_GROUP: Form(system=System.PRTG, like=_NUMBER, said="a number, as PRTG counts its objects"),
    Kind.PRTG_DEVICE: Form(system=System.PRTG, like=_NUMBER, said="a number, as PRTG counts its objects"),
    Kind.PRTG_PROBE: Form(system=System.PRTG, like=_NUMBER, said="a number, as PRTG counts its objects"),
    Kind.PRTG_SENSOR: Form(system=System.PRTG, like=_NUMBER, said="a number, as PRTG counts its objects"),
    Kind.SECRET: Form(system=System.PASSWORDSTATE, like=_NUMBER, said="the number of the password"),
    Kind.SECRET_LIST: Form(system=System.PASSWORDSTATE, like=_NUMBER, said="the number of the password list"),
}
"""What onboarding makes or sets at a customer."""
SET = frozenset({Kind.DEFENDER_PLAN, Kind.TAG, Kind.SECURITY_CONTACT})
"""Kinds that are set rather than made; only they have something that stood there before."""
_TIERS = ("Free", "Standard")


def record_of(lines: Sequence[Line], tenant: str, scope: Sequence[ScopeRow]) -> tuple[Recorded, ...]:
    """The rows, in their order. BadInput with every line that is another customer's, twice there, or no row at all."""
    found: list[Recorded] = []
    wrong: list[str] = []
    first: dict[tuple[Kind, str], str] = {}
    for line in lines:
        try:
            row = _row(line, tenant, scope)
        except BadInput as no:
            wrong.append(str(no))
            continue
        before = first.setdefault((row.kind, row.id.lower()), line.where)
        if before != line.where:
            wrong.append(f"{line.where}: {row.kind} {row.id} stands already in {before}: keep one of them")
        found.append(row)
    complain(wrong)
    return tuple(found)


def added(record: Sequence[Recorded], rows: Sequence[Recorded]) -> tuple[Recorded, ...]:
    """The rows that the record does not hold yet. BadInput when it says something else of one of them: what is
    written there is never overwritten."""
    held = {(one.kind, one.id.lower()): one for one in record}
    wrong = [
        f"{row.kind} {row.id}: the record says {_words(old)}, the manifest {_words(row)}; find out which is right, and "
        "correct that one by hand"
        for row in rows
        if (old := held.get((row.kind, row.id.lower()))) is not None and not _says_no_other(old, row)
    ]
    complain(wrong)
    return tuple(row for row in rows if (row.kind, row.id.lower()) not in held)


def _says_no_other(old: Recorded, row: Recorded) -> bool:
    """A row that was typed without day or name is the same row."""
    same_day = old.on is None or row.on is None or old.on == row.on
    return old.before == row.before and same_day and (not old.by or not row.by or old.by == row.by)


def _words(row: Recorded) -> str:
    return f"before {row.before!r}, on {row.on or 'no day'}, by {row.by or 'nobody'}"


def _row(line: Line, tenant: str, scope: Sequence[ScopeRow]) -> Recorded:
    told = {name: value for name, value in line.told.items() if value}
    for name, value in told.items():
        if not value.isprintable():
            raise BadInput(f"{name} holds a character that cannot be printed: type it anew", where=line.where)
    _of_this_customer(told.get("tenant", ""), tenant, line.where)
    kind = _kind(told.get("kind", ""), line.where)
    form = FORMS[kind]
    if told.get("system", form.system) != form.system:
        raise BadInput(f"a {kind} is in {form.system}, not in {told['system']!r}", where=line.where)
    ident = told.get("id", "")
    # Split first: a dot or two between slashes would lead to another object than it seems.
    parts = ident.removeprefix("/").split("/")
    if not re.fullmatch(form.like, ident.lower()) or {".", ".."} & set(parts) or re.search(r"[?#%\\]", ident):
        raise BadInput(f"{ident!r} is no id of a {kind}: it is {form.said}", where=line.where)
    _in_scope(ident, scope, line.where)
    before = _before(kind, told.get("before", ""), line.where)
    day = _day(told.get("on", ""), line.where)
    return Recorded(system=form.system, kind=kind, id=ident, before=before, on=day, by=told.get("by", ""))


def _of_this_customer(told: str, tenant: str, where: str) -> None:
    if not told:
        raise BadInput("no tenant: without it nobody can tell whose row this is", where=where)
    if told.lower() != tenant.lower():
        raise BadInput(f"tenant {told} is not this customer's, which is {tenant}: another customer's row", where=where)


def _kind(told: str, where: str) -> Kind:
    known = {str(kind): kind for kind in FORMS}
    if told.lower() not in known:
        raise BadInput(f"{told!r} is no kind that onboarding makes or sets; those are: {', '.join(known)}", where=where)
    return known[told.lower()]


def _in_scope(ident: str, scope: Sequence[ScopeRow], where: str) -> None:
    """A subscription in the id is one that this customer has, and that is under our care."""
    for subscription in _subscriptions(ident):
        row = next((one for one in scope if one.system is System.AZURE and one.id.lower() == subscription), None)
        if row is None:
            raise BadInput(
                f"subscription {subscription} is not in the scope table of this customer: another customer's row, or "
                "add it to the scope first",
                where=where,
            )
        if row.destination is Destination.OUTSIDE:
            raise BadInput(f"{row.name} ({row.id}) is outside our care: nothing of ours can be in it", where=where)


def _subscriptions(ident: str) -> Iterator[str]:
    return (one.group(1) for one in _SUBSCRIPTION.finditer(ident.lower()))


def _before(kind: Kind, told: str, where: str) -> str:
    if told and kind not in SET:
        kinds = ", ".join(sorted(SET))
        raise BadInput(f"a {kind} is made, so nothing stood there before; only these are set: {kinds}", where=where)
    if kind is Kind.DEFENDER_PLAN and told not in _TIERS:
        raise BadInput(f"before is the tier before us, {' or '.join(_TIERS)}, not {told!r}", where=where)
    return told


def _day(told: str, where: str) -> date | None:
    if not told:
        return None
    # 03/04/2024 is a day in March to one reader and a day in April to the next.
    try:
        if _DAY.fullmatch(told):
            return date.fromisoformat(told)
    except ValueError:
        pass
    raise BadInput(f"{told!r} is no day: write it as 2024-03-31", where=where)
