"""The objects of a plan as a step's screen lists them: found by words, a hundred a page, what is for good on top."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query

from sendoff.model.case import Standing
from sendoff.model.plan import Action, LeftAlone, Plan

ROWS = 100
Grave = Callable[[Action], bool]
"""Whether a deed cannot be taken back."""
Came = Callable[[str], str]
"""What the second look said of a thing, by its ref; empty where it said nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of a plan is wanted: words, a verb, a system; `left` for what is left alone; which page."""

    q: Annotated[str, Query(max_length=200)] = ""
    verb: Annotated[str, Query(max_length=20)] = ""
    system: Annotated[str, Query(max_length=20)] = ""
    came: Annotated[str, Query(max_length=20)] = ""
    """What the second look said of it."""
    show: Annotated[str, Query(max_length=10)] = "acts"
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page of the objects of a plan."""

    acts: Sequence[Action]
    left: Sequence[LeftAlone]
    many: int
    all: int
    first: int
    number: int
    pages: int
    before: str
    after: str
    verbs: tuple[str, ...]
    systems: tuple[str, ...]
    verdicts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is the same at every question about a plan: its objects in their order, each with the text to search in."""

    plan: Plan
    rows: Sequence[tuple[Action, str, str]]
    """Each object with its text and its ref."""
    left: Sequence[tuple[LeftAlone, str]]
    verbs: tuple[str, ...]
    systems: tuple[str, ...]


_KEPT: dict[int, _Known] = {}
_LOCK = threading.Lock()
MOST = 8
"""Plans whose texts are kept: people page through one, and search in it."""


def _known(plan: Plan, grave: Grave) -> _Known:
    with _LOCK:
        found = _KEPT.get(id(plan))
    if found is None or found.plan is not plan:
        acts = sorted(plan.actions, key=lambda act: (not grave(act), act.rank))
        found = _Known(
            plan=plan,
            rows=[(act, _text_of(act), act.ref) for act in acts],
            left=[(one, _left_text(one)) for one in plan.left],
            verbs=tuple(sorted({str(act.verb) for act in acts})),
            systems=tuple(sorted({str(act.system) for act in acts})),
        )
        with _LOCK:
            _KEPT[id(plan)] = found
            while len(_KEPT) > MOST:
                del _KEPT[next(iter(_KEPT))]
    return found


def listed(plan: Plan, asked: Asked, grave: Grave, came: Came) -> Listed:
    """The objects that fit, what cannot be taken back on top, a hundred a page."""
    known, words = _known(plan, grave), asked.q.casefold().split()
    alone = asked.show == "left"
    acts = [] if alone else [act for act, text, ref in known.rows if _fits(act, text, words, asked, came(ref))]
    left = [one for one, text in known.left if all(word in text for word in words)] if alone else []
    chosen = len(acts) + len(left)
    pages = max(1, -(-chosen // ROWS))
    here = min(asked.number, pages)
    cut = slice((here - 1) * ROWS, here * ROWS)
    told = {"q": asked.q, "verb": asked.verb, "system": asked.system, "came": asked.came, "show": asked.show}
    return Listed(
        acts=acts[cut],
        left=left[cut],
        many=chosen,
        all=len(plan.left) if alone else len(plan.actions),
        first=(here - 1) * ROWS + 1,
        number=here,
        pages=pages,
        before=f"?{urlencode({**told, 'page': here - 1})}#objects" if here > 1 else "",
        after=f"?{urlencode({**told, 'page': here + 1})}#objects" if here < pages else "",
        verbs=known.verbs,
        systems=known.systems,
        verdicts=tuple(sorted({came(ref) for _, _, ref in known.rows} - {""})),
    )


def _fits(act: Action, text: str, words: Sequence[str], asked: Asked, came: str) -> bool:
    if asked.came and came != asked.came:
        return False
    if (asked.verb and act.verb != asked.verb) or (asked.system and act.system != asked.system):
        return False
    return all(word in text for word in words)


def _text_of(act: Action) -> str:
    return f"{act.name} {act.target} {act.kind} {act.why} {act.scope} {act.key}".casefold()


def _left_text(one: LeftAlone) -> str:
    return f"{one.item.name} {one.item.id} {one.item.kind} {one.why}".casefold()


def in_words(plan: Plan, one: Standing, grave: Grave) -> tuple[str, ...]:
    """The blast radius, and what is not covered, in sentences."""
    counted = Counter(str(act.verb) for act in plan.actions)
    said = [f"{_many(count)} to {verb}" for verb, count in counted.most_common()] or ["nothing"]
    places = len({act.scope for act in plan.actions})
    lines = [f"This plan would touch {', '.join(said)}, in {places:,} place{'' if places == 1 else 's'}."]
    final, kept = sum(map(grave, plan.actions)), sum(act.before is not None for act in plan.actions)
    if final:
        lines.append(f"{_many(final)} cannot be taken back. {kept:,} of all have a before-image that is kept.")
    hands = sum(act.by_person for act in plan.actions)
    if hands:
        lines.append(f"{_many(hands)} {_are(hands)} a person's deed in a vendor's page; we look until it is seen.")
    if one.belt:
        lines.append(f"It is over the size belt: {one.belt}. The yes must say so.")
    if plan.left:
        lines.append(f"Not covered: {_many(len(plan.left))} {_are(len(plan.left))} left alone, each with its reason.")
    return tuple(lines)


def _many(count: int) -> str:
    return f"{count:,} object{'' if count == 1 else 's'}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
