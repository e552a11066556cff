"""A termination that the customer takes back: the two events of it."""

from dataclasses import dataclass

from sendoff.model.people import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalAsked:
    """Somebody says that the customer takes the termination back; nothing changes until a second person says so."""

    reason: str
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """The termination was withdrawn: what is open ends, and what was done is put back by a step of its own."""

    reason: str
    asked_by: PersonId
    signature: str = ""
