"""CSM: have the customer make a second administrator of their own; the first step when they have fewer than two."""

from sendoff.model.inventory import Kind, System, Verb
from sendoff.model.key import Key
from sendoff.model.people import Role
from sendoff.model.plan import Action
from sendoff.model.situation import Proposal, Situation
from sendoff.model.state import StepId
from sendoff.model.step import Step
from sendoff.rules.administrators import ENOUGH, own_administrators
from sendoff.rules.sending import sent

_ID = StepId("make-administrators")


def plan(now: Situation) -> Proposal:
    """Ask them, and look until two of their own are administrators who can sign in with MFA (H2)."""
    if len(own_administrators(now.inventory.items)) >= ENOUGH:
        return Proposal()
    letters = tuple(sent(now, _ID, letter) for letter in now.letters)
    return Proposal(actions=(*letters, _second(now)))


def _second(now: Situation) -> Action:
    return Action(
        step=_ID,
        system=System.ENTRA,
        verb=Verb.CREATE,
        kind=Kind.ADMINISTRATOR,
        target="second-administrator",
        name="a second administrator of the customer's own",
        scope=now.facts.customer.tenant,
        key=Key.PERSON,
        why="the customer makes them in the Microsoft Entra admin centre",
        rank=1,
    )


MAKE_ADMINISTRATORS = Step(
    id=_ID,
    line="Have the customer make a second administrator of their own",
    role=Role.CSM,
    systems=frozenset({System.ENTRA, System.OFFICE}),
    looks_at=frozenset({Kind.ADMINISTRATOR}),
    after=frozenset({StepId("notice")}),
    letters=("administrators",),
    plan=plan,
    on_checklist=False,
)
