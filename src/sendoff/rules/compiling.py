"""Template -> Runbook: every line made runnable or named, in an order that breaks no hazard."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sendoff.model.errors import Refused
from sendoff.model.people import PersonId, Role
from sendoff.model.runbook import Line, Runbook
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.model.template import Box, BoxKind, Diagnostic, Level, Template, Tier
from sendoff.rules.understanding import error, repair

Checklist = Mapping[Tier | None, Sequence[StepId]]
"""Which steps each tier's section has on our own checklist; None is stage 0."""

SECTIONS: Mapping[Tier | None, str] = {
    None: "Stage 0",
    Tier.FULL_STACK: "Full Stack offboarding",
    Tier.PREMIUM: "Premium offboarding",
    Tier.CSP: "CSP offboarding",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`first` comes before `then`, by this row of the list of hazards. A row that `moves` is mended, not refused."""

    hazard: str
    first: str
    then: str
    why: str
    moves: bool = False


_LOST = "what is deleted before its export is lost"
_LAST_KEY = "Azure Lighthouse is the key for it, and the last user of a key comes before its removal"
_LOCKED_OUT = "with our accounts gone and no other administrator the customer is locked out of the tenant"
_STALE = "secrets are exported first, so that what is handed over is what was exported"
_ALARM = "a probe removed before its sensors are gone raises an alarm for each of them"
_STILL_NEEDED = "these may still need our accounts, which go last but for Azure Lighthouse"

HAZARDS: tuple[Row, ...] = (
    Row(hazard="H8", first="export-resources", then="remove-policies", why=_LOST),
    Row(hazard="H8", first="export-resources", then="remove-resources", why=_LOST),
    Row(hazard="H1", first="export-resources", then="remove-lighthouse", why=_LAST_KEY),
    Row(hazard="H1", first="migration-details", then="remove-lighthouse", why=_LAST_KEY),
    Row(hazard="H1", first="remove-policies", then="remove-lighthouse", why=_LAST_KEY),
    Row(hazard="H1", first="remove-resources", then="remove-lighthouse", why=_LAST_KEY),
    Row(hazard="H2", first="create-administrator", then="remove-accounts", why=_LOCKED_OUT),
    Row(hazard="H7", first="export-secrets", then="hand-over-secrets", why=_STALE),
    Row(hazard="H17", first="remove-from-prtg", then="remove-prtg-probe", why=_ALARM),
    Row(hazard="H3", first="hand-over-secrets", then="remove-accounts", why=_STILL_NEEDED, moves=True),
    Row(hazard="H3", first="remove-policies", then="remove-accounts", why=_STILL_NEEDED, moves=True),
    Row(hazard="H3", first="remove-resources", then="remove-accounts", why=_STILL_NEEDED, moves=True),
)


def compile_runbook(
    template: Template, *, steps: Sequence[Step], checklist: Checklist, by_hand: Mapping[int, PersonId]
) -> Runbook:
    """The runbook, or Refused with every unknown line and every broken hazard.

    `by_hand` names, per line that no step knows, the person who accepts it as done by hand. The lines cover all tiers;
    a field is a fact and no line. Lines of our checklist that the file lacks come as removed, at their place.
    """
    said = findings(template, steps=steps, checklist=checklist, by_hand=by_hand)
    errors = [one for one in said if one.level is Level.ERROR]
    if errors:
        told = "\n".join(f"  line {one.line}: {one.message}" for one in errors)
        raise Refused(f"{template.source}: the checklist cannot be run yet\n{told}")
    order([step.id for step in steps], steps=steps)
    return Runbook(
        template=template.digest,
        name=template.front.name,
        version=template.front.version,
        title=template.front.title,
        labels=template.front.labels,
        lines=_with_removed(_lines(template, steps, by_hand), steps, checklist),
        repairs=tuple(one for one in said if one.level is Level.REPAIR),
    )


def findings(
    template: Template, *, steps: Sequence[Step], checklist: Checklist, by_hand: Mapping[int, PersonId]
) -> tuple[Diagnostic, ...]:
    """Everything said in reading that still holds, and what compiling adds to it, by line."""
    unknown = {box.line for box in template.boxes if box.step is None}
    read = [
        one for one in template.diagnostics if not (one.level is Level.ERROR and one.line in by_hand.keys() & unknown)
    ]
    strange = [
        error(line, "accepted as done by hand, but this is not a line that no step knows")
        for line in sorted(by_hand.keys() - unknown)
    ]
    added = (*strange, *_accepted(template, by_hand), *_ordered(template, steps), *_lacking(template, checklist))
    return tuple(sorted(dict.fromkeys((*read, *added)), key=lambda one: one.line))


def order(ids: Sequence[StepId], *, steps: Sequence[Step]) -> tuple[StepId, ...]:
    """The ids so that each comes after what it waits for, else in the order given. Refused names a circle.

    An id that no step has, such as a line done by hand, waits for nothing.
    """
    waits = {step.id: step.after for step in steps}
    left = list(dict.fromkeys(ids))
    done: list[StepId] = []
    while left:
        ready = next((one for one in left if not waits.get(one, frozenset()) & set(left)), None)
        if ready is None:
            raise Refused(f"the steps wait for each other in a circle: {' -> '.join(_circle(left, waits))}")
        left.remove(ready)
        done.append(ready)
    return tuple(done)


def _circle(left: Sequence[StepId], waits: Mapping[StepId, frozenset[StepId]]) -> tuple[StepId, ...]:
    """One circle among steps of which each waits for another, in the order in which they wait."""
    trail = [left[0]]
    while True:
        ahead = min(waits[trail[-1]] & set(left))
        if ahead in trail:
            return (*trail[trail.index(ahead) :], ahead)
        trail.append(ahead)


def _work(template: Template, tier: Tier | None) -> list[Box]:
    """The known steps that a case of this tier meets, in the order of the text."""
    return [
        box
        for box in template.boxes
        if box.step and box.kind is not BoxKind.FIELD and (box.tier is None or box.tier is tier)
    ]


def _accepted(template: Template, by_hand: Mapping[int, PersonId]) -> Iterator[Diagnostic]:
    for box in template.boxes:
        if box.step is None and box.line in by_hand:
            given = "" if box.role else f"; it names no role, so it is given to {Role.CSM}"
            yield repair(box.line, f"“{box.text}” is done by hand, accepted by {by_hand[box.line]}{given}")


def _ordered(template: Template, steps: Sequence[Step]) -> Iterator[Diagnostic]:
    """What is wrong with the order of the lines within each tier: refused where it is a hazard, else mended."""
    known = {step.id: step for step in steps}
    tiers = tuple(dict.fromkeys(box.tier for box in template.boxes if box.tier)) or (None,)
    for tier in tiers:
        boxes = _work(template, tier)
        yield from _twice(boxes)
        firsts = _firsts(boxes)
        for index, box in enumerate(firsts):
            late = [other for other in firsts[index + 1 :] if box.step and other.step in known[box.step].after]
            yield from _broken(box, firsts[index + 1 :])
            yield from _moved(box, late)


def _firsts(boxes: Sequence[Box]) -> list[Box]:
    """One box a step: a second one is refused, and the order is judged by the first."""
    first: dict[StepId | None, Box] = {}
    for box in boxes:
        first.setdefault(box.step, box)
    return list(first.values())


def _twice(boxes: Sequence[Box]) -> Iterator[Diagnostic]:
    first = {box.step: box for box in _firsts(boxes)}
    for box in boxes:
        before = first[box.step]
        if before is not box:
            yield error(
                box.line, f"“{box.text}” is the same step ({box.step}) as line {before.line}: delete one of them"
            )


def _broken(box: Box, later: Sequence[Box]) -> Iterator[Diagnostic]:
    """The hazards that the text itself asks for: its author must put these lines right."""
    for row in HAZARDS:
        for other in later:
            if not row.moves and (row.first, row.then) == (other.step, box.step):
                yield error(
                    box.line,
                    f"{row.hazard}: “{box.text}” stands before line {other.line} “{other.text}”: {row.why}; "
                    f"move line {box.line} below line {other.line}",
                )


def _moved(box: Box, late: Sequence[Box]) -> Iterator[Diagnostic]:
    """Lines that wait for a later one: the order of the text is not run as it stands, and that is said."""
    refused = {(row.first, row.then) for row in HAZARDS if not row.moves}
    late = [other for other in late if (other.step, box.step) not in refused]
    if late:
        whys = dict.fromkeys(_why(other, box) for other in late)
        lines = " and ".join(f"line {other.line} “{other.text}”" for other in late)
        yield repair(box.line, f"“{box.text}” runs after {lines}, because {'; '.join(whys)}")


def _why(first: Box, then: Box) -> str:
    rows = (row for row in HAZARDS if (row.first, row.then) == (first.step, then.step))
    return next((f"{row.why} ({row.hazard})" for row in rows), f"{then.step} waits for {first.step} in every case")


def _absent(present: set[StepId | None], checklist: Checklist, tier: Tier | None) -> tuple[StepId, ...]:
    return tuple(step for step in checklist.get(tier, ()) if step not in present)


def _lacking(template: Template, checklist: Checklist) -> Iterator[Diagnostic]:
    for tier in checklist:
        gone = _absent({box.step for box in _work(template, tier)}, checklist, tier)
        if gone and template.boxes:
            named = "the whole section" if len(gone) == len(checklist[tier]) else ", ".join(gone)
            yield repair(0, f"{SECTIONS[tier]}: not in the file, kept as removed with its gates: {named}")


def _lines(template: Template, steps: Sequence[Step], by_hand: Mapping[int, PersonId]) -> list[Line]:
    known = {step.id: step for step in steps}
    lines = []
    for box in template.boxes:
        if box.step is None and box.line in by_hand:
            by_line = StepId(f"by-hand-{box.line}")
            lines.append(_line(box, by_line, box.role or Role.CSM, by_hand=True))
        elif box.step and box.kind is not BoxKind.FIELD:
            lines.append(_line(box, box.step, box.role or known[box.step].role))
    return lines


def _line(box: Box, step: StepId, role: Role, *, by_hand: bool = False) -> Line:
    return Line(
        step=step,
        line=box.line,
        section=box.section,
        tier=box.tier,
        role=role,
        text=box.text,
        by_hand=by_hand,
    )


def _with_removed(lines: Sequence[Line], steps: Sequence[Step], checklist: Checklist) -> tuple[Line, ...]:
    """The lines with those that the file lacks, each behind the one it follows on our checklist."""
    known = {step.id: step for step in steps}
    whole = list(lines)
    for tier, wanted in checklist.items():
        for place, step in enumerate(wanted):
            if not any(line.step == step and line.tier in (None, tier) for line in whole):
                line = _removed(known[step], tier, whole)
                whole.insert(_place(whole, tier, wanted[:place]), line)
    return tuple(whole)


def _removed(step: Step, tier: Tier | None, lines: Sequence[Line]) -> Line:
    section = next((line.section for line in lines if line.tier is tier), SECTIONS[tier])
    return Line(step=step.id, line=0, section=section, tier=tier, role=step.role, text=step.line, removed=True)


def _place(lines: Sequence[Line], tier: Tier | None, before: Sequence[StepId]) -> int:
    """Behind the nearest line before it on our checklist; else at the head of its section; else at the end."""
    at = {line.step: index for index, line in enumerate(lines) if line.tier is tier}
    nearest = next((at[step] for step in reversed(before) if step in at), None)
    if nearest is not None:
        return nearest + 1
    if tier is None:
        return 0
    return min(at.values(), default=len(lines))
