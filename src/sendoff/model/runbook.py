"""The template made runnable: known steps in the order of the text, with every line accounted for."""

from dataclasses import dataclass

from sendoff.model.digest import Digest
from sendoff.model.people import Role
from sendoff.model.state import StepId
from sendoff.model.template import Diagnostic, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the checklist as it will stand in a case."""

    step: StepId
    line: int
    """Line number in the template; 0 when the file does not have it."""
    section: str
    tier: Tier | None
    """None for stage 0, which every tier has."""
    role: Role
    text: str
    by_hand: bool = False
    """True for a line no step knows, accepted by a named person as done by hand."""
    removed: bool = False
    """True when the line belongs to the checklist but was removed in this file; its gates stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """Every line in the order of the text, and what had to be repaired or was accepted to make it runnable."""

    template: Digest
    name: str
    version: str
    title: str
    labels: tuple[str, ...]
    lines: tuple[Line, ...]
    repairs: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedStep:
    """One line of the runbook as the case was opened with it."""

    step: StepId
    line: int
    section: str
    text: str
    role: Role
    major: int
    applicable: bool
    reason: str
    """Why it applies, or why it does not."""
    after: tuple[StepId, ...] = ()
    gives: str = ""
    by_hand: bool = False
    removed: bool = False
