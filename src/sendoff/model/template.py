"""The checklist text as given, versioned, and what was understood of it."""

from dataclasses import dataclass, field
from enum import StrEnum

from sendoff.model.digest import Digest
from sendoff.model.people import Role
from sendoff.model.state import StepId


class Tier(StrEnum):
    """The service tiers a customer can have; each ends with its own section of the checklist."""

    FULL_STACK = "full-stack"
    PREMIUM = "premium"
    CSP = "csp"


class BoxKind(StrEnum):
    """What a box asks for."""

    STEP = "step"
    """Work that somebody does."""
    FIELD = "field"
    """A fact that somebody fills in."""
    GATE = "gate"
    """Something that must be true before anything else may start."""


class Level(StrEnum):
    """How bad a diagnostic is: an error refuses the runbook, a warning is listed, a repair was made and is listed."""

    ERROR = "error"
    WARNING = "warning"
    REPAIR = "repair"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One thing to say about the text; `line` counts from 1, 0 means the whole file."""

    line: int
    level: Level
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """The YAML head of a GitHub issue template; `version` is read from `about`."""

    name: str = ""
    version: str = ""
    title: str = ""
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One task-list item. `path` is the trail of headings above it, `ordinal` its place under them (from 0)."""

    line: int
    section: str
    path: tuple[str, ...]
    ordinal: int
    depth: int
    ticked: bool
    raw: str
    """The item's text as written, without the box."""
    role: Role | None
    text: str
    """The item's text without the role in front."""
    kind: BoxKind
    tier: Tier | None
    step: StepId | None
    """The one step this line was matched to; None when no step knows it."""
    fact: str = ""
    """For a field: the name of the fact it asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A checklist text with what was understood of it."""

    source: str
    """Where it came from, for messages only."""
    digest: Digest
    text: bytes
    front: FrontMatter
    boxes: tuple[Box, ...]
    diagnostics: tuple[Diagnostic, ...] = field(default=())

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """What refuses this template."""
        return tuple(said for said in self.diagnostics if said.level is Level.ERROR)
