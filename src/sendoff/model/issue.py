"""The issue that mirrors a case on GitHub: a view of it, and never its truth."""

from dataclasses import dataclass

from sendoff.model.state import StepId


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueStyle:
    """How issues are made: the repository `owner/name`, the labels, and whether the title names the customer."""

    repository: str
    labels: tuple[str, ...] = ()
    name_customer: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueLine:
    """One line as it should stand: ticked or not, and what the comment on it says; empty for no comment."""

    step: StepId
    ticked: bool
    comment: str
