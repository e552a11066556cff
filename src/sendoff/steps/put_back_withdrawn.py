"""Engineer: put back what was done before the termination was withdrawn; not on the checklist.

Added by the withdrawal itself. Accounts are enabled or restored, policies, budgets and diagnostic settings are made
anew under their own ids from their before-images, and a look proves each.
"""

from sendoff.model.inventory import Kind, System
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.situation import Proposal, Situation
from sendoff.model.step import Step
from sendoff.rules.withdrawing import ACCOUNTS, PUTS_BACK, REMADE, putting_back


def plan(now: Situation) -> Proposal:
    """What we did, by our own journal, where a hand of ours can put it back; what is as it was is left alone."""
    return putting_back(now, PUTS_BACK)


PUT_BACK_WITHDRAWN = Step(
    id=PUTS_BACK,
    line="Put back what was done before the termination was withdrawn",
    role=Role.ENGINEER,
    systems=frozenset({System.AZURE, System.ENTRA}),
    looks_at=frozenset({*REMADE, *ACCOUNTS, Kind.GROUP}),
    needs=frozenset({Key.APP, Key.LIGHTHOUSE}),
    undoes=True,
    plan=plan,
    on_checklist=False,
)
