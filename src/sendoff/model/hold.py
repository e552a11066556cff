"""A legal hold: somebody with the right to ask for it wants things kept as they are."""

from dataclasses import dataclass
from datetime import date

ALL = "all"
"""A hold on everything of this customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHold:
    """While it is in the facts nothing that it is on is removed, by machine or by hand."""

    on: str
    """`all`; a system, such as `azure`; or a thing by the vendor's own id, with all that lies below it: a subscription,
    a resource group, a password list."""
    since: date
    """The day from which it was asked for."""
    by: str
    """Who asked for it: a court, an authority, a lawyer."""
    reason: str
    """Why, such as the number of the proceedings."""

    @property
    def said(self) -> str:
        """In words, for plans, gates and the certificate."""
        return f"legal hold by {self.by} since {self.since}: {self.reason}"
