"""Words -> sense: what a role, tier, field or step may be called, and when two wordings are the same."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sendoff.model.people import Role
from sendoff.model.template import Tier

T = TypeVar("T")

ROLES: dict[Role, tuple[str, ...]] = {
    Role.CSM: ("CSM", "CSMs", "Customer Success Manager", "Customer Success Managers", "Customer Success"),
    Role.ENGINEER: ("Engineer", "Engineers", "Eng", "Engineering", "Managed Services Engineer"),
    Role.PRACTICE_LEAD: ("Practice Lead Managed Services", "Practice Lead", "PL", "PLMS", "Practice Lead MS"),
}
TIERS: dict[Tier, tuple[str, ...]] = {
    Tier.FULL_STACK: ("Full Stack", "Fullstack", "Full-Stack"),
    Tier.PREMIUM: ("Premium",),
    Tier.CSP: ("CSP", "Cloud Solution Provider"),
}
STAGE_ZERO = ("Stage 0", "Stage zero", "Fase 0", "Fase nul", "Stap 0")
FIELDS: dict[str, tuple[str, ...]] = {
    "contract-end": ("Contract enddate", "Contract end date", "End date of the contract", "The contract ends on"),
    "ending-tier": ("Support Tier that will end", "Support tier that ends", "Tier that ends", "Ending tier"),
    "new-supplier": (
        "Customer will leave CSP of Intercept, the new supplier",
        "Customer will leave CSP of %provider%, the new supplier",
        "The customer leaves the CSP of %provider%; the new supplier",
        "New supplier",
    ),
}
_ENGLISH = "offboarding offboard exit leaving checklist steps step tier support customer customers of the for a"
_DUTCH = "vertrek uitstroom afscheid overdracht beëindiging beeindiging opzegging stappen klant klanten van de het voor"
FILLERS = frozenset((*_ENGLISH.split(), *_DUTCH.split()))
"""Words in a section heading that do not name the tier, English and Dutch."""

_ARROW = r"(?:&gt;|>|»)"
_PREFIX = re.compile(rf"^(?P<who>[^>»:&]{{1,80}}?)\s*(?P<arrow>{_ARROW}(?:\s*{_ARROW})?)\s*(?P<rest>.*)$", re.DOTALL)
_BOLD = re.compile(r"^(?:\*\*|__)(?P<who>[^*_:]{1,80}):?(?:\*\*|__):?\s*(?P<rest>.*)$", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_STRUCK = re.compile(r"^(?:~~|\*\*)(?P<inner>.*)(?:~~|\*\*)$", re.DOTALL)
_PLACEHOLDER = r"(?:\"[^\"]*\"|“[^”]*”|'[^']*'|‘[^’]*’|<[^<>]*>|\[[^\[\]]*\]|`[^`]*`|%\w+%|_{2,}|\.{3,}|…|[xX]{2,})?"
_FIELD = re.compile(rf"^(?P<label>.*?\S)\s*(?::|\bwill be(?=\s*[\"“'‘])|\bis(?=\s*[\"“]{{2}}))\s*{_PLACEHOLDER}\s*\.?$")
_FILLED = re.compile(r"^(?P<label>[^:]*?\S)\s*(?::|\bwill be\b)")
_LONGEST_WORD = 40


def plain_text(raw: str) -> str:
    """The text for people: without comments, runs of blanks and an enclosing strike-through or bold."""
    text = " ".join(_COMMENT.sub(" ", raw).split())
    struck = _STRUCK.match(text)
    return struck["inner"].strip() if struck and "**" not in struck["inner"] else text


def words(text: str) -> tuple[str, ...]:
    """The words of a text, without case and punctuation."""
    return tuple(re.findall(r"[^\W_]+", html.unescape(_COMMENT.sub(" ", text)).casefold()))


def squeezed(text: str) -> str:
    """The form in which two wordings are compared: letters and digits alone, without case."""
    return "".join(words(text))


def distance(one: str, other: str, *, most: int) -> int:
    """Letters to add, drop, change or swap with a neighbour; counting stops at `most` + 1."""
    if abs(len(one) - len(other)) > most or max(len(one), len(other)) > _LONGEST_WORD:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        here = [row]
        for column, against in enumerate(other, start=1):
            cost = min(last[column] + 1, here[-1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            here.append(cost)
        before, last = last, here
    return last[-1]


def nearly(one: Sequence[str], other: Sequence[str]) -> bool:
    """True when the words differ by small typing errors only.

    Short words and numbers must be the same, since one letter changes their sense ("not", "now"). One error is
    forgiven from five letters on and two from eight: "import" and "export" are two errors apart and must stay so.
    """
    return len(one) == len(other) and all(_alike(*pair) for pair in zip(one, other, strict=True))


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    shorter = min(len(one), len(other))
    if shorter < 5 or not (one.isalpha() and other.isalpha()):
        return False
    most = 2 if shorter >= 8 else 1
    return distance(one, other, most=most) <= most


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[T]):
    """What a wording was read as. `repaired` is the wording it nearly is; `torn` lists what it could be as well."""

    what: T | None = None
    repaired: str = ""
    torn: tuple[T, ...] = ()


class Lexicon(Generic[T]):
    """Wordings and what each of them means; built once, then only asked."""

    __slots__ = ("_exact", "_near")

    def __init__(self, entries: Iterable[tuple[str, T]]) -> None:
        self._exact: dict[str, T] = {}
        self._near: list[tuple[tuple[str, ...], str, T]] = []
        for wording, what in entries:
            self._exact.setdefault(squeezed(wording), what)
            self._near.append((words(wording), wording, what))

    def exact(self, text: str) -> T | None:
        """The meaning of this very wording."""
        return self._exact.get(squeezed(text))

    def read(self, text: str) -> Found[T]:
        """The meaning of this wording, or of the only one that differs from it by typing errors."""
        same = self.exact(text)
        if same is not None:
            return Found(what=same)
        said = words(text)
        close = {what: wording for known, wording, what in reversed(self._near) if nearly(said, known)}
        if len(close) == 1:
            [(what, wording)] = close.items()
            return Found(what=what, repaired=wording)
        return Found(torn=tuple(close))


_ROLES = Lexicon((wording, role) for role, wordings in ROLES.items() for wording in wordings)
_TIERS = Lexicon((wording, tier) for tier, wordings in TIERS.items() for wording in wordings)
_FIELDS = Lexicon((wording, fact) for fact, wordings in FIELDS.items() for wording in wordings)
_FOR_ALL = Lexicon((wording, True) for wording in ("Agents on machines", "Agents"))
_STAGE_ZERO = Lexicon((wording, True) for wording in STAGE_ZERO)


def role_of(name: str) -> Found[Role]:
    """The role that this name or heading stands for."""
    return _ROLES.read(name)


def tier_of(heading: str) -> Found[Tier]:
    """The tier that a section's heading names, once the words around it are taken off."""
    return _TIERS.read(" ".join(word for word in words(heading) if word not in FILLERS))


def is_stage_zero(heading: str) -> bool:
    """True for the heading of what comes before any tier."""
    return _STAGE_ZERO.exact(heading) is not None


def is_for_all(heading: str) -> bool:
    """True for the heading of lines that are the same in every tier."""
    return _FOR_ALL.exact(heading) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A line taken apart: who, and what. `who` is the role as written, empty when the line names none."""

    who: str
    role: Found[Role]
    text: str


def spoken(text: str) -> Spoken:
    """`Role >> text` or `**Role**: text` taken apart; a single `>` or bold counts only after a role we know."""
    arrow = _PREFIX.match(text)
    bold = _BOLD.match(text)
    if arrow:
        who, rest = arrow["who"].strip("*_~ \t"), arrow["rest"]
        role = role_of(who)
        if role.what or len(re.findall(_ARROW, arrow["arrow"])) == 2:
            return Spoken(who=who, role=role, text=rest.strip())
    elif bold and _ROLES.exact(bold["who"]):
        return Spoken(who=bold["who"], role=role_of(bold["who"]), text=bold["rest"].strip())
    return Spoken(who="", role=Found(), text=text)


def field_of(text: str) -> Found[str] | None:
    """The fact a field asks for, or None when the line is no field. A field we do not know is Found with nothing.

    A field ends in a colon or "will be" with a placeholder, empty quotes or nothing after it. One that somebody has
    already filled in is known by its label.
    """
    filled = _FILLED.match(text)
    if filled:
        known = _FIELDS.read(filled["label"])
        if known.what:
            return known
    blank = _FIELD.match(text)
    return _FIELDS.read(blank["label"]) if blank else None
