"""Item -> Box: what one line of the checklist asks, of whom, in which tier, and which step knows it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sendoff.model.people import Role
from sendoff.model.proof import ProofKind
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.model.template import Box, BoxKind, Diagnostic, Level, Tier
from sendoff.rules import wording

LONGEST_TEXT = 1000
"""Letters of one line that are read for sense; the rest is kept as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading above a box."""

    level: int
    line: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A box as the parser found it, before anybody asks what it means."""

    line: int
    path: tuple[Heading, ...]
    depth: int
    ticked: bool
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sense:
    """What a line says apart from where it stands."""

    role: Role | None
    text: str
    kind: BoxKind
    step: StepId | None
    fact: str = ""
    said: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The steps, ready to be asked."""

    steps: dict[StepId, Step]
    wordings: wording.Lexicon[StepId]
    notice: StepId | None
    """The step that the notice ends; it also asks for the facts."""


def error(line: int, message: str) -> Diagnostic:
    """What refuses the runbook."""
    return Diagnostic(line=line, level=Level.ERROR, message=message)


def warning(line: int, message: str) -> Diagnostic:
    """What a person should see."""
    return Diagnostic(line=line, level=Level.WARNING, message=message)


def repair(line: int, message: str) -> Diagnostic:
    """What was put right, and how."""
    return Diagnostic(line=line, level=Level.REPAIR, message=message)


def understood(items: Sequence[Item], steps: Sequence[Step]) -> tuple[tuple[Box, ...], tuple[Diagnostic, ...]]:
    """The boxes, and what there is to say about their words and sections."""
    known = _known(steps)
    count: Counter[tuple[str, ...]] = Counter()
    boxes: list[Box] = []
    said: list[Diagnostic] = [
        line for path in dict.fromkeys(item.path for item in items) for line in _section_said(path)
    ]
    for item in items:
        sense = _sense(item, known)
        box = _box(item, sense)
        boxes.append(replace(box, ordinal=count[box.path]))
        count[box.path] += 1
        said.extend(sense.said)
    return tuple(boxes), tuple(dict.fromkeys(said))


def _known(steps: Sequence[Step]) -> _Known:
    return _Known(
        steps={step.id: step for step in steps},
        wordings=wording.Lexicon((said, step.id) for step in steps for said in (step.line, *step.aliases)),
        notice=next((step.id for step in steps if step.gives == ProofKind.NOTICE), None),
    )


def _box(item: Item, sense: _Sense) -> Box:
    titles = tuple(wording.plain_text(heading.title) for heading in item.path)
    return Box(
        line=item.line,
        section=titles[-1] if titles else "",
        path=titles,
        ordinal=0,
        depth=item.depth,
        ticked=item.ticked,
        raw=item.raw,
        role=sense.role,
        text=sense.text,
        kind=sense.kind,
        tier=_tier(item.path),
        step=sense.step,
        fact=sense.fact,
    )


def _tier(path: Sequence[Heading]) -> Tier | None:
    return next((tier for heading in reversed(path) if (tier := wording.tier_of(heading.title).what)), None)


def _role_above(path: Sequence[Heading]) -> Role | None:
    return next((role for heading in reversed(path) if (role := wording.role_of(heading.title).what)), None)


def _section_said(path: Sequence[Heading]) -> Iterator[Diagnostic]:
    """A tier that was spelled wrong, or a section that names none."""
    for heading in path:
        tier = wording.tier_of(heading.title)
        if tier.what and tier.repaired:
            yield repair(heading.line, f"the section “{heading.title}” was read as the tier {tier.repaired}")
    lead = any(wording.is_stage_zero(one.title) or wording.is_for_all(one.title) for one in path)
    if path and not lead and not _tier(path):
        title = path[-1].title
        yield warning(path[-1].line, f"the section “{title}” names no tier we know: its lines count in every tier")


def _sense(item: Item, known: _Known) -> _Sense:
    spoken = wording.spoken(wording.plain_text(item.raw[:LONGEST_TEXT]))
    role = spoken.role.what or (None if spoken.who else _role_above(item.path))
    said = tuple(_role_said(item.line, spoken))
    if not wording.squeezed(spoken.text):
        told = error(item.line, "the box has no text: write what is to be done, or delete the line")
        return _Sense(role=role, text=spoken.text, kind=BoxKind.STEP, step=None, said=(*said, told))
    field = None if known.wordings.exact(spoken.text) else wording.field_of(spoken.text)
    if field:
        return _field_sense(item.line, role, spoken.text, field, known.notice, said)
    return _step_sense(item.line, role, spoken.text, known, said)


def _role_said(line: int, spoken: wording.Spoken) -> Iterator[Diagnostic]:
    if spoken.who and not spoken.role.what:
        names = ", ".join(Role)
        yield warning(line, f"nobody knows the role “{spoken.who}”; the roles are {names}")
    elif spoken.role.repaired:
        yield repair(line, f"the role “{spoken.who}” was read as {spoken.role.what}")


def _field_sense(
    line: int,
    role: Role | None,
    text: str,
    field: wording.Found[str],
    notice: StepId | None,
    said: tuple[Diagnostic, ...],
) -> _Sense:
    if not field.what or not notice:
        told = error(line, f"no fact is known for the field “{text}”: mend its wording or accept it as done by hand")
        return _Sense(role=role, text=text, kind=BoxKind.FIELD, step=None, said=(*said, told))
    if field.repaired:
        said = (*said, repair(line, f"“{text}” was read as the field “{field.repaired}”"))
    return _Sense(role=role, text=text, kind=BoxKind.FIELD, step=notice, fact=field.what, said=said)


def _step_sense(line: int, role: Role | None, text: str, known: _Known, said: tuple[Diagnostic, ...]) -> _Sense:
    found = known.wordings.read(text)
    if not found.what:
        told = error(line, _unknown(text, found.torn))
        return _Sense(role=role, text=text, kind=BoxKind.STEP, step=None, said=(*said, told))
    if found.repaired:
        said = (*said, repair(line, f"“{text}” was read as “{found.repaired}” ({found.what})"))
    usual = known.steps[found.what].role
    if role and role is not usual:
        said = (
            *said,
            warning(line, f"the file gives {found.what} to {role}, our list to {usual}; the file is followed"),
        )
    kind = BoxKind.GATE if found.what == known.notice else BoxKind.STEP
    return _Sense(role=role, text=text, kind=kind, step=found.what, said=said)


def _unknown(text: str, torn: Sequence[StepId]) -> str:
    could_be = f" (it could be {' or '.join(sorted(torn))})" if torn else ""
    return f"no step knows “{text}”{could_be}: mend its wording or accept it as done by hand"
