"""Where a step of a case stands, and what can happen to it."""

from enum import StrEnum
from typing import NewType

StepId = NewType("StepId", str)


class State(StrEnum):
    """Where a step stands."""

    WAITING = "waiting"
    """For steps before it."""
    READY = "ready"
    """A look and a plan can be made, or a person can do it."""
    PLANNED = "planned"
    """A plan lies ready for a second person's yes."""
    APPROVED = "approved"
    """Allowed; it begins as soon as its gates are open."""
    RUNNING = "running"
    HELD = "held"
    """Done as far as it goes; the proof must wait for a date."""
    LEFT = "left"
    """Something is not as it should be: it needs a new plan or a person."""
    STOPPED = "stopped"
    DONE = "done"
    """Verified by a look."""
    ATTESTED = "attested"
    """A person said so, with evidence; never shown as verified."""
    NOT_APPLICABLE = "not applicable"
    WAIVED = "waived"
    PASSED_ON = "passed on"
    """It goes on in a tail case, with dates of its own; settled here, and neither done nor nothing."""


class Move(StrEnum):
    """What can happen to a step; the table of what leads where is in rules/life.py."""

    UNLOCK = "unlock"
    LOCK = "lock"
    PLAN = "plan"
    APPROVE = "approve"
    REFUSE = "refuse"
    EXPIRE = "expire"
    BEGIN = "begin"
    CLEAN = "clean"
    LEAVE = "leave"
    HOLD = "hold"
    ATTEST = "attest"
    SKIP = "skip"
    WAIVE = "waive"
    STOP = "stop"
    RESUME = "resume"
    CARRY_ON = "carry on"


SETTLED = frozenset({State.DONE, State.ATTESTED, State.NOT_APPLICABLE, State.WAIVED, State.PASSED_ON})
"""States in which a step no longer holds up those after it."""
