"""People, roles and parties."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

PersonId = NewType("PersonId", str)
"""A random id; the name behind it can be erased without breaking a chain."""


class Role(StrEnum):
    """The roles on the checklist, spelled as the checklist spells them."""

    CSM = "CSM"
    ENGINEER = "Engineer"
    PRACTICE_LEAD = "Practice Lead Managed Services"


class Party(StrEnum):
    """The three sides of a leaving."""

    US = "us"
    CUSTOMER = "customer"
    NEW_MSP = "new MSP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A human being of the MSP, however many logins they have."""

    id: PersonId
    name: str
    roles: frozenset[Role]
    logins: frozenset[str]
    mail: str = ""
    ssh_key: str = ""
    """The public half, one line as in authorized_keys; decisions against real systems carry its signature."""


ROBOT = PersonId("robot")
"""The worker: it acts on decisions of people and never takes one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody at the customer or at the new supplier."""

    name: str
    mail: str
    role: str = ""
    phone: str = ""
    signatory: bool = False
    """May sign for the customer, and was known to us as such before the notice."""
