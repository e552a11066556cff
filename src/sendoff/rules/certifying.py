"""Case, last look and doors -> what a certificate says. It never claims more than was read."""

from collections.abc import Mapping, Sequence

from sendoff.model.case import Case, Standing
from sendoff.model.certificate import PREDICATE, REHEARSAL, STATEMENT, Address, Door, Handed, Line, Predicate, Result
from sendoff.model.digest import Json, plain
from sendoff.model.inventory import Inventory, Kind, System, Whose
from sendoff.model.key import Key
from sendoff.model.people import PersonId
from sendoff.model.runbook import OpenedStep
from sendoff.model.situation import Owned
from sendoff.model.state import SETTLED, State, StepId
from sendoff.model.verdict import Coverage
from sendoff.rules.checking import checker
from sendoff.rules.choosing import stays
from sendoff.rules.judging import BINS, is_residue

Names = Mapping[PersonId, str]
GRADES = {
    State.DONE: "verified",
    State.ATTESTED: "attested",
    State.NOT_APPLICABLE: "not applicable",
    State.WAIVED: "waived",
    State.PASSED_ON: "goes on",
}


def not_settled(case: Case) -> tuple[str, ...]:
    """Steps that keep a case open, each with its state."""
    return tuple(f"{one.step} is {one.state}" for one in case.steps.values() if one.state not in SETTLED)


def coverage(
    case: Case, seen: Inventory, owned: Sequence[Owned], used: Mapping[tuple[System, Kind], frozenset[Key]]
) -> tuple[Coverage, ...]:
    """The matrix scope x kind x key x outcome of the last look. `used` holds the keys that removed things."""
    left: dict[tuple[str, str, str], int] = {}
    for one in owned:
        if is_residue(case, one):
            place = (one.item.system, one.item.kind, one.item.scope)
            left[place] = left.get(place, 0) + 1
    rows = [
        Coverage(
            system=cell.system,
            kind=cell.kind,
            scope=cell.scope,
            key=cell.key,
            outcome="read",
            left=left.get((cell.system, cell.kind, cell.scope), 0),
            same_identity=cell.key in used.get((cell.system, cell.kind), frozenset()),
        )
        for cell in seen.read
    ]
    rows += [
        Coverage(
            system=spot.cell.system, kind=spot.cell.kind, scope=spot.cell.scope, key=spot.cell.key, outcome=spot.reason
        )
        for spot in seen.blind
    ]
    return tuple(sorted(rows, key=lambda row: (row.system, row.kind, row.scope)))


def unreached(case: Case, seen: Inventory) -> tuple[str, ...]:
    """Kinds of which onboarding recorded things and that no cell of the last look reads: said, never passed over."""
    reached = {cell.kind for cell in (*seen.read, *(spot.cell for spot in seen.blind))}
    missed: dict[tuple[System, Kind], int] = {}
    for row in case.facts.record:
        if row.kind not in reached:
            missed[row.system, row.kind] = missed.get((row.system, row.kind), 0) + 1
    return tuple(
        f"{count} of kind {kind} in {system} that onboarding recorded"
        for (system, kind), count in sorted(missed.items())
    )


def inside_machines(case: Case, seen: Inventory) -> tuple[str, ...]:
    """H48: what no list of a vendor shows. It is no exception, since nobody meant to look there; it is printed."""
    what = "local accounts, agents and scheduled tasks"
    if not any(cell.kind is Kind.INSIDE_MACHINE for cell in seen.read):
        return (f"inside machines: not looked; {what} of {case.facts.provider.name} may be there",)
    known = sum(row.kind is Kind.INSIDE_MACHINE for row in case.facts.record)
    return (f"inside machines: not looked, but for {known} that the record names; {what} may be in the others",)


def elsewhere(case: Case) -> tuple[str, ...]:
    """What no key of ours opens and may still point to us: said, and a person's line where the checklist has one (H28,
    H16)."""
    us = case.facts.provider.name
    asked = case.standing(StepId("look-into-mailboxes"))
    by_them = "; a person asked: see that line" if asked is not None and asked.state is State.ATTESTED else ""
    said = [f"mailboxes: not looked; rules and forwarding to addresses of {us} may be in them{by_them}"]
    probe = case.standing(StepId("remove-prtg-probe"))
    if probe is not None and probe.planned:
        said.append(f"firewalls: not looked; a rule that let the probe reach {us} may be in them")
    return tuple(said)


def agreed(case: Case, owned: Sequence[Owned]) -> tuple[str, ...]:
    """What of ours is still there and stays by agreement, counted by kind: it is no residue, and it is not nothing."""
    found: dict[tuple[System, Kind], int] = {}
    for one in owned:
        # The card of our own operator lies in the customer's branch by chance: it is no way to the customer.
        card = one.item.fact("operator") == "ours"
        if one.provenance.whose is Whose.OURS and stays(one.item, case.facts) and not card:
            place = (one.item.system, one.item.kind)
            found[place] = found.get(place, 0) + 1
    return tuple(f"{count} of kind {kind} in {system}" for (system, kind), count in sorted(found.items()))


def restorable(owned: Sequence[Owned]) -> tuple[str, ...]:
    """F11: what of ours is deleted and can still be restored, each with its last day."""
    bins = [one.item for one in owned if one.item.kind in BINS and one.provenance.whose is Whose.OURS]
    return tuple(
        f"{one.name} ({one.fact('was')}): deleted, restorable until {one.fact('until')}"
        for one in sorted(bins, key=lambda one: one.ref)
    )


def with_us(owned: Sequence[Owned]) -> tuple[str, ...]:
    """What of the customer lies in our own subscriptions: never removed by us, and a person's to hand over."""
    rows = [one for one in owned if one.item.kind is Kind.HOUSE_THING]
    return tuple(
        f"{one.item.name}: {one.provenance.reasons[0]}; a person hands it over"
        for one in sorted(rows, key=lambda one: one.item.ref)
    )


def result(
    case: Case,
    rows: Sequence[Coverage],
    doors: Sequence[Door],
    not_looked: Sequence[str],
    staying: Sequence[str] = (),
    holds: Sequence[str] = (),
) -> tuple[Result, list[str]]:
    """How the case ended, and every exception in words."""
    exceptions = [f"not looked: {one}" for one in not_looked]
    exceptions += [f"stays by agreement: {one}" for one in staying]
    exceptions += [f"not removed: {one}" for one in holds]
    exceptions += [f"our key {door.key} was not tried: {door.said}" for door in doors if door.outcome == "not tried"]
    exceptions += [
        f"not read: {row.kind} in {row.system} {row.scope}: {row.outcome}" for row in rows if row.outcome != "read"
    ]
    exceptions += [f"{row.left} of ours left: {row.kind} in {row.system} {row.scope}" for row in rows if row.left]
    exceptions += [f"waived until {one.until}: {one.text}" for one in case.steps.values() if one.state is State.WAIVED]
    exceptions += [
        f"goes on in tail case {case.facts.tail} until {one.until}: {one.text}"
        for one in case.steps.values()
        if one.state is State.PASSED_ON
    ]
    ajar = [
        f"our key {door.key} is {door.outcome}: {door.said}" for door in doors if door.outcome in ("open", "unknown")
    ]
    left = any(row.left for row in rows)
    if ajar or left or any(one.state is State.WAIVED for one in case.steps.values()):
        return Result.LIMITED, exceptions + ajar
    return (Result.EXCEPTIONS if exceptions else Result.CLEAN), exceptions


def sentence(case: Case, outcome: Result, rehearsal: bool) -> str:
    """The plain answer, first."""
    who, us = case.facts.customer.name, case.facts.provider.name
    if case.facts.tail_of:
        who = f"The CSP part of {who}"
    start = "REHEARSAL, nothing real was touched: " if rehearsal else ""
    if outcome is Result.WITHDRAWN:
        return (
            f"{start}{who} stays with {us}: the termination was withdrawn ({case.withdrawn}). What {us} had done was "
            "put back and seen as it was, but for the exceptions that are listed."
        )
    if outcome is Result.CLEAN:
        return (
            f"{start}{who} has left {us}; everything we meant to look at was read, and nothing of {us} is left there."
        )
    if outcome is Result.EXCEPTIONS:
        return f"{start}{who} has left {us}; beyond the exceptions that are listed, nothing of {us} was found."
    return f"{start}{who} has left {us}, but this certificate is LIMITED: read the exceptions before you rely on it."


def lines(case: Case, names: Names) -> tuple[Line, ...]:
    """Every line of the tier that ends, with who did it and how it is known."""
    return tuple(_line(one, names, checker(case, one)) for one in case.steps.values())


def _line(one: Standing, names: Names, checked: PersonId | None) -> Line:
    verdicts = ", ".join(f"{count} {name}" for name, count in one.verdicts)
    by = one.by or one.proposer
    second = one.second or (one.approval.by if one.approval else None)
    second = checked if one.state is State.ATTESTED and checked is not None else second
    return Line(
        step=one.step,
        line=one.line,
        text=one.text,
        role=str(one.role),
        state=str(one.state),
        grade=GRADES.get(one.state, "open"),
        how=verdicts if one.state is State.DONE and verdicts else one.reason,
        by=names.get(by, by) if by else "",
        second=names.get(second, second) if second else "",
        until=one.until.isoformat() if one.until else "",
        evidence=one.evidence,
        added=one.added,
    )


def other_lines(rows: Sequence[OpenedStep]) -> tuple[Line, ...]:
    """The lines of the tiers that did not end."""
    return tuple(
        Line(
            step=row.step,
            line=row.line,
            text=row.text,
            role=str(row.role),
            state="not applicable",
            grade="not applicable",
            how=row.reason,
            by="",
        )
        for row in rows
    )


def handed(case: Case) -> Handed | None:
    """What was handed over."""
    parcel = case.parcel
    if parcel is None:
        return None
    return Handed(
        parcel=parcel.digest,
        manifest=parcel.manifest,
        recipient=parcel.recipient,
        vault=parcel.vault,
        inside=parcel.inside,
        withheld=parcel.withheld,
        rotate=parcel.inside,
        erased=parcel.inside if _erased(case) else 0,
    )


def _erased(case: Case) -> bool:
    """True when a look found our vault without the customer's secrets."""
    standing = case.standing(StepId("erase-secrets"))
    return standing is not None and standing.state is State.DONE


def statement(predicate: Predicate) -> Json:
    """The in-toto Statement v1 about the journal, the parcel and the exports."""
    subjects: list[Json] = [{"name": "journal head", "digest": {"sha256": predicate.head.removeprefix("sha256:")}}]
    if predicate.handed_over is not None:
        parcel = predicate.handed_over.parcel.removeprefix("sha256:")
        subjects.append({"name": "parcel", "digest": {"sha256": parcel}})
    return {
        "_type": STATEMENT,
        "subject": subjects,
        "predicateType": REHEARSAL if predicate.rehearsal else PREDICATE,
        "predicate": plain(predicate),
    }


def addresses(known: Mapping[System, str], case: Case) -> tuple[Address, ...]:
    """Each system with its address and the tenant it was reached in."""
    tenants = {System.AZURE: case.facts.customer.tenant, System.ENTRA: case.facts.customer.tenant}
    tenants[System.OFFICE] = case.facts.provider.tenant
    return tuple(
        Address(system=str(system), address=address, tenant=tenants.get(system, ""))
        for system, address in sorted(known.items())
    )
